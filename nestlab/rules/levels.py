"""Rules about levels: what the host says of a VM beside what the nested host in it says of itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations

from nestlab.model.cmdlet import Cmdlet, Switch
from nestlab.model.finding import Finding, Findings
from nestlab.model.machine import MachinePath, path_text
from nestlab.model.size import Size
from nestlab.model.state import HostState, NetworkAdapterState, VirtualMachineState
from nestlab.rules.facts import ENABLE_NESTED, HOST_MEMORY_RESERVE, MSLAB, MTU_FORUM, SET_ADAPTER, WHAT_IS_NESTED
from nestlab.rules.reporting import computer_name, gigabytes, read, said, vms_of

States = Mapping[MachinePath, HostState]
Level = tuple[HostState, VirtualMachineState, HostState]
"""A host, one of its VMs, and the nested host in it."""


def level_findings(states: States) -> Findings:
    """Return what two neighbouring levels show only together: hidden extensions, memory, bridging, MAC addresses, MTU."""
    found = [finding for level in _levels(states) for rule in LEVEL_RULES for finding in rule(*level)]
    return Findings([*found, *mac_address_pools_differ(states)])


def _levels(states: States) -> Iterator[Level]:
    for path, inner in states.items():
        outer = states.get(path[:-1]) if path else None
        vm = next((vm for vm in vms_of(outer) if vm.name.casefold() == path[-1].casefold()), None) if outer else None
        if outer is not None and vm is not None:
            yield outer, vm, inner


def extensions_are_exposed(outer: HostState, vm: VirtualMachineState, inner: HostState) -> Iterator[Finding]:
    """A VM with the role and without the extensions: nothing starts in it."""
    wants = inner.hyper_v is not None or any("hyper-v" in name.casefold() for name in (*inner.features, *inner.pending_features))
    if not wants or vm.expose_virtualization_extensions:
        return
    message = "has the Hyper-V role, and its host exposes no virtualization extensions to it: no VM starts inside"
    yield said(
        outer,
        "extensions-hidden",
        "error",
        message,
        subject=f"VM {vm.name}",
        hint="Expose them while it is off. The cmdlets run on the host, not in the VM.",
        evidence=read("Get-VMProcessor", ExposeVirtualizationExtensions=False),
        source=MSLAB,
        fix=(
            Cmdlet("Stop-VM", {"Name": vm.name}),
            Cmdlet("Set-VMProcessor", {"VMName": vm.name, "ExposeVirtualizationExtensions": True}),
            Cmdlet("Start-VM", {"Name": vm.name}),
        ),
    )


def memory_fits_inside(outer: HostState, vm: VirtualMachineState, inner: HostState) -> Iterator[Finding]:
    """The VMs inside and Windows itself have to fit into the memory of the nested host."""
    wanted = sum(item.memory_startup for item in vms_of(inner))
    have = vm.memory_assigned or vm.memory_startup
    if wanted + HOST_MEMORY_RESERVE <= have:
        return
    needed = Size(wanted + HOST_MEMORY_RESERVE)
    message = (
        f"has {gigabytes(have)}; its VMs start with {gigabytes(wanted)} together, and its Windows wants {gigabytes(HOST_MEMORY_RESERVE)}"
    )
    yield said(
        outer,
        "memory-inside-short",
        "warning",
        message,
        subject=f"VM {vm.name}",
        hint="Give it more memory, which takes a shutdown: memory of a running nested host cannot change. Or start fewer VMs in it.",
        evidence=f"{read('Get-VM', MemoryAssigned=gigabytes(have))}; inside: {read('Get-VMMemory', Startup=gigabytes(wanted))}",
        source=WHAT_IS_NESTED,
        fix=(
            Cmdlet("Stop-VM", {"Name": vm.name}),
            Cmdlet("Set-VMMemory", {"VMName": vm.name, "DynamicMemoryEnabled": False, "StartupBytes": needed}),
            Cmdlet("Start-VM", {"Name": vm.name}),
        ),
    )


def bridging_adapters_allow_spoofing(outer: HostState, vm: VirtualMachineState, inner: HostState) -> Iterator[Finding]:
    """Each adapter that an External switch inside rides on has to let frames of other MAC addresses pass."""
    for adapter in _bridging(vm, inner):
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
            evidence=read("Get-VMNetworkAdapter", MacAddressSpoofing="Off", MacAddress=adapter.mac_address),
            source=ENABLE_NESTED,
            fix=(Cmdlet("Set-VMNetworkAdapter", {"VMName": vm.name, "Name": adapter.name, "MacAddressSpoofing": "On"}),),
        )


def _bridging(vm: VirtualMachineState, inner: HostState) -> Iterator[NetworkAdapterState]:
    switches = inner.hyper_v.switches if inner.hyper_v else ()
    taken = {text for switch in switches if switch.switch_type == "External" for text in switch.net_adapter_interface_descriptions}
    macs = {_plain(adapter.mac_address) for adapter in inner.net_adapters if adapter.interface_description in taken}
    yield from (adapter for adapter in vm.network_adapters if _plain(adapter.mac_address) in macs)


def _plain(mac: str) -> str:
    return mac.replace("-", "").replace(":", "").upper()


def mtu_is_the_same(outer: HostState, vm: VirtualMachineState, inner: HostState) -> Iterator[Finding]:
    """Jumbo frames have to be on every hop, or on none."""
    sizes = {state.machine: max((i.nl_mtu for i in state.ip_interfaces if i.nl_mtu < 1 << 16), default=0) for state in (outer, inner)}
    inside, outside = sizes[inner.machine], sizes[outer.machine]
    if inside > outside > 0:
        message = f"sends packets of up to {inside} bytes, its host of {outside}: large ones hang"
        evidence = f"in {vm.name}: {read('Get-NetIPInterface', NlMtu=inside)}; on the host: {read('Get-NetIPInterface', NlMtu=outside)}"
        jumbo = [interface for interface in inner.ip_interfaces if interface.nl_mtu == inside]
        fix = tuple(Cmdlet("Set-NetIPInterface", {"InterfaceAlias": i.interface_alias, "NlMtuBytes": outside}) for i in jumbo)
        where = computer_name(inner)
        yield said(
            outer, "mtu-differs", "warning", message, subject=f"VM {vm.name}", evidence=evidence, source=MTU_FORUM, fix=fix, runs_on=where
        )


LEVEL_RULES: tuple[Callable[[HostState, VirtualMachineState, HostState], Iterator[Finding]], ...] = (
    extensions_are_exposed,
    memory_fits_inside,
    bridging_adapters_allow_spoofing,
    mtu_is_the_same,
)


def mac_address_pools_differ(states: States) -> Iterator[Finding]:
    """Machines that were cloned hand out the same MAC addresses, and their VMs lose packets at random."""
    hosts = [state for state in states.values() if state.hyper_v is not None and state.hyper_v.vm_host.mac_address_minimum]
    for one, other in combinations(hosts, 2):
        first, second = _pool(one), _pool(other)
        if first[0] <= second[1] and second[0] <= first[1]:
            start = (max(range_end for state in hosts for range_end in _pool(state)) & ~0xFF) + 0x100
            limits = {"MacAddressMinimum": f"{start:012X}", "MacAddressMaximum": f"{start + 0xFF:012X}"}
            message = f"hands out the same MAC addresses as {computer_name(one)}: VMs of both lose packets at random"
            yield said(
                other,
                "mac-pools-overlap",
                "warning",
                message,
                subject=path_text(other.machine),
                hint="Give it a range of its own, before its VMs get their addresses.",
                evidence=read("Get-VMHost", MacAddressMinimum=f"{second[0]:012X}", MacAddressMaximum=f"{second[1]:012X}"),
                source=SET_ADAPTER,
                fix=(Cmdlet("Set-VMHost", {**limits, "Confirm": Switch.OFF}),),
            )


def _pool(state: HostState) -> tuple[int, int]:
    host = state.hyper_v.vm_host if state.hyper_v else None
    return (int(host.mac_address_minimum, 16), int(host.mac_address_maximum, 16)) if host else (0, 0)
