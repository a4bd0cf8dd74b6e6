"""Rules about levels: what the host says of a VM beside what the nested host in it says of itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations

from nestlab.constants import (
    ENABLE_NESTED,
    HOST_MEMORY_RESERVE,
    LAB_SERVICES,
    MSLAB,
    MTU_FORUM,
    ORDINARY_MTU,
    SET_ADAPTER,
    WHAT_IS_NESTED,
)
from nestlab.model.cmdlet import Cmdlet, SwitchParameter
from nestlab.model.finding import Finding, Findings
from nestlab.model.machine_path import MachinePath, path_text
from nestlab.model.size import Size
from nestlab.model.state import HostState, NetworkAdapterState
from nestlab.model.topology import VM, Topology
from nestlab.rules.evidence import computer_name, gigabytes, read, said, vms_of, while_off
from nestlab.rules.nesting.guest_network import (
    default_switch_has_no_static_addresses,
    guest_has_a_gateway,
    guest_has_a_lease,
    guest_has_a_name_server,
)
from nestlab.rules.nesting.nesting_context import LONGEST_MTU, Level, plain_mac

States = Mapping[MachinePath, HostState]


def level_findings(states: States, topology: Topology | None = None) -> Findings:
    """Return what two neighbouring levels show only together: hidden extensions, memory, bridging, addresses, MAC addresses, MTU.

    With a topology also what stands in the way of the nested hosts that it wants.
    """
    found = [
        finding
        for level in _levels(states, topology)
        for rule in LEVEL_RULES
        for finding in rule(level)
    ]
    return Findings([*found, *mac_address_pools_differ(states)])


def _levels(states: States, topology: Topology | None) -> Iterator[Level]:
    wanted = (
        {
            path
            for path, machine in topology.machines()
            if isinstance(machine, VM) and machine.nested is not None
        }
        if topology
        else set()
    )
    for path, inner in states.items():
        outer = states.get(path[:-1]) if path else None
        vm = (
            next((vm for vm in vms_of(outer) if vm.name.casefold() == path[-1].casefold()), None)
            if outer
            else None
        )
        if outer is not None and vm is not None:
            yield Level(outer, vm, inner, path in wanted)


def extensions_are_exposed(level: Level) -> Iterator[Finding]:
    """A machine that has the role, or is to get it, and whose host keeps the extensions: the role or the VMs in it are refused."""
    outer, vm, inner = level.outer, level.vm, level.inner
    has_role = inner.hyper_v is not None or any(
        "hyper-v" in name.casefold() for name in (*inner.features, *inner.pending_features)
    )
    if vm.expose_virtualization_extensions or not (has_role or level.nests):
        return
    what, then = (
        ("has the Hyper-V role", "no VM starts inside")
        if has_role
        else ("is to be a nested host", "the role does not install in it")
    )
    message = f"{what}, and its host exposes no virtualization extensions to it: {then}"
    yield said(
        outer,
        "extensions-hidden",
        "error",
        message,
        subject=f"VM {vm.name}",
        hint="Expose them while it is off: it sees them from its next start, and a restart from inside is none. The cmdlets run on the host, not in the VM.",
        evidence=read("Get-VMProcessor", ExposeVirtualizationExtensions=False),
        source=MSLAB,
        fix=while_off(
            vm,
            Cmdlet("Set-VMProcessor", {"VMName": vm.name, "ExposeVirtualizationExtensions": True}),
        ),
    )


def memory_fits_inside(level: Level) -> Iterator[Finding]:
    """The VMs inside and Windows itself have to fit into the memory of the nested host."""
    outer, vm, inner = level.outer, level.vm, level.inner
    wanted = sum(item.memory_startup for item in vms_of(inner))
    have = vm.memory_assigned or vm.memory_startup
    if wanted + HOST_MEMORY_RESERVE <= have:
        return
    needed = Size(wanted + HOST_MEMORY_RESERVE)
    message = f"has {gigabytes(have)}; its VMs start with {gigabytes(wanted)} together, and its Windows wants {gigabytes(HOST_MEMORY_RESERVE)}"
    yield said(
        outer,
        "memory-inside-short",
        "warning",
        message,
        subject=f"VM {vm.name}",
        hint="Give it more memory, which takes a shutdown: memory of a running nested host cannot change. Or start fewer VMs in it.",
        evidence=f"{read('Get-VM', MemoryAssigned=gigabytes(have))}; inside: {read('Get-VMMemory', Startup=gigabytes(wanted))}",
        source=WHAT_IS_NESTED,
        fix=while_off(
            vm,
            Cmdlet(
                "Set-VMMemory",
                {"VMName": vm.name, "DynamicMemoryEnabled": False, "StartupBytes": needed},
            ),
        ),
    )


def bridging_adapters_allow_spoofing(level: Level) -> Iterator[Finding]:
    """Each adapter that an External switch inside rides on has to let frames of other MAC addresses pass."""
    outer, vm = level.outer, level.vm
    for adapter in _bridging(level):
        if adapter.mac_address_spoofing:
            continue
        message = f"carries an External switch of {vm.name} and does not allow MAC address spoofing: VMs inside have link and no traffic"
        yield said(
            outer,
            "spoofing-off",
            "error",
            message,
            subject=f"VM {vm.name}, adapter {adapter.name}",
            hint="Allow it on the host; it changes while the VM runs. Or use NAT inside.",
            evidence=read(
                "Get-VMNetworkAdapter", MacAddressSpoofing="Off", MacAddress=adapter.mac_address
            ),
            source=ENABLE_NESTED,
            fix=(
                Cmdlet(
                    "Set-VMNetworkAdapter",
                    {"VMName": vm.name, "Name": adapter.name, "MacAddressSpoofing": "On"},
                ),
            ),
        )


def _bridging(level: Level) -> Iterator[NetworkAdapterState]:
    inner = level.inner
    switches = inner.hyper_v.switches if inner.hyper_v else ()
    taken = {
        text
        for switch in switches
        if switch.switch_type == "External"
        for text in switch.net_adapter_interface_descriptions
    }
    macs = {
        plain_mac(adapter.mac_address)
        for adapter in inner.net_adapters
        if adapter.interface_description in taken
    }
    yield from (
        adapter for adapter in level.vm.network_adapters if plain_mac(adapter.mac_address) in macs
    )


def mtu_is_the_same(level: Level) -> Iterator[Finding]:
    """Jumbo frames have to be on every hop, or on none."""
    beside = {
        link.interface.interface_alias: link.beside.nl_mtu for link in level.links if link.beside
    }
    for interface in level.inner.ip_interfaces:
        inside, outside = (
            interface.nl_mtu,
            beside.get(interface.interface_alias, level.largest_packet()),
        )
        if not ORDINARY_MTU < inside <= LONGEST_MTU or not 0 < outside < inside:
            continue
        message = f"sends packets of up to {inside} bytes, its host of {outside}: large ones hang"
        alias = interface.interface_alias
        inner = read("Get-NetIPInterface", InterfaceAlias=alias, NlMtu=inside)
        yield said(
            level.outer,
            "mtu-differs",
            "warning",
            message,
            subject=f"VM {level.vm.name}",
            hint="Use the smaller MTU inside, or the larger one on every hop.",
            evidence=f"in {level.vm.name}: {inner}; on the host: {read('Get-NetIPInterface', NlMtu=outside)}",
            source=MTU_FORUM,
            fix=(Cmdlet("Set-NetIPInterface", {"InterfaceAlias": alias, "NlMtuBytes": outside}),),
            runs_on=computer_name(level.inner),
        )


def inner_vms_are_shut_down_first(level: Level) -> Iterator[Finding]:
    """A nested host that stops takes its VMs with it: saved or cut off, they may not come back on the next processor."""
    for inside in vms_of(level.inner):
        action = inside.automatic_stop_action
        if inside.state != "Running" or action in ("", "ShutDown"):
            continue
        what = "saved" if action == "Save" else "cut off"
        yield said(
            level.outer,
            "inner-vm-not-shut-down",
            "info",
            f"is {what} when {level.vm.name} stops; where that starts on another processor the next time, it is damaged or does not resume",
            subject=f"VM {level.vm.name}/{inside.name}",
            hint="Let it be shut down instead. In a cloud, set processor compatibility too: Set-VMProcessor -CompatibilityForMigrationEnabled.",
            evidence=f"in {level.vm.name}: {read('Get-VM', AutomaticStopAction=action)}",
            source=LAB_SERVICES,
            fix=while_off(
                inside, Cmdlet("Set-VM", {"Name": inside.name, "AutomaticStopAction": "ShutDown"})
            ),
            runs_on=computer_name(level.inner),
        )


LEVEL_RULES: tuple[Callable[[Level], Iterator[Finding]], ...] = (
    extensions_are_exposed,
    memory_fits_inside,
    bridging_adapters_allow_spoofing,
    guest_has_a_lease,
    guest_has_a_gateway,
    guest_has_a_name_server,
    default_switch_has_no_static_addresses,
    mtu_is_the_same,
    inner_vms_are_shut_down_first,
)


def mac_address_pools_differ(states: States) -> Iterator[Finding]:
    """Machines that were cloned hand out the same MAC addresses, and their VMs lose packets at random."""
    hosts = [
        state
        for state in states.values()
        if state.hyper_v is not None and state.hyper_v.vm_host.mac_address_minimum
    ]
    for one, other in combinations(hosts, 2):
        first, second = _pool(one), _pool(other)
        if first[0] <= second[1] and second[0] <= first[1]:
            start = (
                max(range_end for state in hosts for range_end in _pool(state)) & ~0xFF
            ) + 0x100
            limits = {
                "MacAddressMinimum": f"{start:012X}",
                "MacAddressMaximum": f"{start + 0xFF:012X}",
            }
            message = f"hands out the same MAC addresses as {computer_name(one)}: VMs of both lose packets at random"
            yield said(
                other,
                "mac-pools-overlap",
                "warning",
                message,
                subject=path_text(other.machine),
                hint="Give it a range of its own, before its VMs get their addresses.",
                evidence=read(
                    "Get-VMHost",
                    MacAddressMinimum=f"{second[0]:012X}",
                    MacAddressMaximum=f"{second[1]:012X}",
                ),
                source=SET_ADAPTER,
                fix=(Cmdlet("Set-VMHost", {**limits, "Confirm": SwitchParameter.OFF}),),
            )


def _pool(state: HostState) -> tuple[int, int]:
    host = state.hyper_v.vm_host if state.hyper_v else None
    return (
        (int(host.mac_address_minimum, 16), int(host.mac_address_maximum, 16)) if host else (0, 0)
    )
