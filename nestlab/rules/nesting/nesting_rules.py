"""Rules that compare the state of a VM on its host with the state inside it."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import (
    ENABLE_NESTED,
    LAB_SERVICES,
    MSLAB,
    MTU_ISSUE,
    STANDARD_MTU,
    WHAT_IS_NESTED,
    host_memory_reserve,
    nested_host_memory,
)
from nestlab.model.cmdlet import Cmdlet
from nestlab.model.finding import Finding
from nestlab.model.spelling import plain_mac
from nestlab.model.state import NetworkAdapterState
from nestlab.rules.evidence import (
    display_name,
    evidence_from,
    gigabytes,
    host_finding,
    vms_of,
    while_off,
)
from nestlab.rules.nesting.nesting_context import LARGEST_MTU, NestingContext
from nestlab.rules.rule import Rule, Scope, detects

EXTENSIONS_HIDDEN = Rule(
    code="extensions-hidden",
    severity="error",
    looks_at=(Scope.NESTING,),
    meaning="A nested host has the Hyper-V role, but its host does not expose the extensions to it.",
    why="The role does not install, or no VM starts inside.",
    fix="Expose them on the host while the VM is off. It sees them at its next start; a restart from inside is not enough.",
    example="Get-VMProcessor: ExposeVirtualizationExtensions = False",
    source=MSLAB,
)


@detects(EXTENSIONS_HIDDEN)
def hidden_extensions(nesting: NestingContext) -> Iterator[Finding]:
    """A VM with the role, or declared as a nested host, to which no extensions are exposed."""
    outer, vm, inner = nesting.outer, nesting.vm, nesting.inner
    has_role = inner.hyper_v is not None or any(
        "hyper-v" in name.casefold() for name in (*inner.features, *inner.pending_features)
    )
    if vm.expose_virtualization_extensions or not (has_role or nesting.wants_nesting):
        return
    what, then = (
        ("has the Hyper-V role", "no VM starts inside")
        if has_role
        else ("is to be a nested host", "the role does not install in it")
    )
    message = f"{what}, but its host exposes no virtualization extensions to it: {then}"
    yield host_finding(
        outer,
        EXTENSIONS_HIDDEN,
        message,
        subject=f"VM {vm.name}",
        evidence=evidence_from("Get-VMProcessor", ExposeVirtualizationExtensions=False),
        fix=while_off(
            vm,
            Cmdlet("Set-VMProcessor", {"VMName": vm.name, "ExposeVirtualizationExtensions": True}),
        ),
    )


MEMORY_INSIDE_SHORT = Rule(
    code="memory-inside-short",
    severity="warning",
    looks_at=(Scope.NESTING,),
    meaning="The VMs in a nested host need more memory than the nested host has.",
    why="The last ones fail to start.",
    fix="Give the nested host more memory while it is off, or start fewer VMs in it.",
    example="Get-VM: MemoryAssigned",
    source=WHAT_IS_NESTED,
)


@detects(MEMORY_INSIDE_SHORT)
def memory_short_inside(nesting: NestingContext) -> Iterator[Finding]:
    """The VMs inside, and Windows itself, need more memory than the nested host has."""
    outer, vm, inner = nesting.outer, nesting.vm, nesting.inner
    wanted = sum(item.memory_startup for item in vms_of(inner))
    have = vm.memory_assigned or vm.memory_startup
    reserve, needed = host_memory_reserve(have), nested_host_memory(wanted)
    if wanted + reserve <= have:
        return
    message = f"has {gigabytes(have)}; its VMs start with {gigabytes(wanted)} together, those that are off included, and its Windows needs {gigabytes(reserve)}"
    yield host_finding(
        outer,
        MEMORY_INSIDE_SHORT,
        message,
        subject=f"VM {vm.name}",
        evidence=f"{evidence_from('Get-VM', MemoryAssigned=gigabytes(have))}; inside: {evidence_from('Get-VMMemory', Startup=gigabytes(wanted))}",
        fix=while_off(
            vm,
            Cmdlet(
                "Set-VMMemory",
                {"VMName": vm.name, "DynamicMemoryEnabled": False, "StartupBytes": needed},
            ),
        ),
    )


SPOOFING_OFF = Rule(
    code="spoofing-off",
    severity="error",
    looks_at=(Scope.NESTING,),
    meaning="An External switch inside a nested host is bound to an adapter that does not allow MAC address spoofing.",
    why="The VMs inside have a link but no traffic.",
    fix="Allow it on the host, which works while the VM runs, or use NAT inside.",
    example="Get-VMNetworkAdapter: MacAddressSpoofing = Off",
    source=ENABLE_NESTED,
)


@detects(SPOOFING_OFF)
def bridging_without_spoofing(nesting: NestingContext) -> Iterator[Finding]:
    """An adapter under an External switch inside that drops frames of other MAC addresses."""
    outer, vm = nesting.outer, nesting.vm
    for adapter in _bridging(nesting):
        if adapter.mac_address_spoofing:
            continue
        message = f"carries an External switch of {vm.name} but does not allow MAC address spoofing: VMs inside have a link but no traffic"
        yield host_finding(
            outer,
            SPOOFING_OFF,
            message,
            subject=f"VM {vm.name}, adapter {adapter.name}",
            evidence=evidence_from(
                "Get-VMNetworkAdapter", MacAddressSpoofing="Off", MacAddress=adapter.mac_address
            ),
            fix=(
                Cmdlet(
                    "Set-VMNetworkAdapter",
                    {"VMName": vm.name, "Name": adapter.name, "MacAddressSpoofing": "On"},
                ),
            ),
        )


def _bridging(nesting: NestingContext) -> Iterator[NetworkAdapterState]:
    inner = nesting.inner
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
        adapter for adapter in nesting.vm.network_adapters if plain_mac(adapter.mac_address) in macs
    )


MTU_DIFFERS = Rule(
    code="mtu-differs",
    severity="warning",
    looks_at=(Scope.NESTING,),
    meaning="A guest sends larger packets than its host carries.",
    why="Small packets pass and large ones are lost.",
    fix="Use the smaller MTU inside, or the larger one on every hop.",
    example="Get-NetIPInterface: NlMtu",
    source=MTU_ISSUE,
)


@detects(MTU_DIFFERS)
def larger_mtu_inside(nesting: NestingContext) -> Iterator[Finding]:
    """An MTU in the guest that is larger than that of its host: large packets are lost."""
    host_mtus = {
        link.interface.interface_alias: link.host_interface.nl_mtu
        for link in nesting.links
        if link.host_interface
    }
    for interface in nesting.inner.ip_interfaces:
        inside, outside = (
            interface.nl_mtu,
            host_mtus.get(interface.interface_alias, nesting.largest_mtu()),
        )
        if not STANDARD_MTU < inside <= LARGEST_MTU or not 0 < outside < inside:
            continue
        message = f"sends packets of up to {inside} bytes, but its host carries only {outside}: larger ones are lost"
        alias = interface.interface_alias
        inner = evidence_from("Get-NetIPInterface", InterfaceAlias=alias, NlMtu=inside)
        yield host_finding(
            nesting.outer,
            MTU_DIFFERS,
            message,
            subject=f"VM {nesting.vm.name}",
            evidence=f"in {nesting.vm.name}: {inner}; on the host: {evidence_from('Get-NetIPInterface', NlMtu=outside)}",
            fix=(Cmdlet("Set-NetIPInterface", {"InterfaceAlias": alias, "NlMtuBytes": outside}),),
            runs_on=display_name(nesting.inner),
        )


INNER_VM_NOT_SHUT_DOWN = Rule(
    code="inner-vm-not-shut-down",
    severity="info",
    looks_at=(Scope.NESTING,),
    meaning="A VM in a nested host is saved or turned off when the nested host stops.",
    why="If the nested host starts on another processor the next time, the inner VM is damaged or does not resume.",
    fix="Let it be shut down instead. In a cloud, set processor compatibility too: Set-VMProcessor -CompatibilityForMigrationEnabled.",
    example="Get-VM: AutomaticStopAction",
    source=LAB_SERVICES,
)


@detects(INNER_VM_NOT_SHUT_DOWN)
def inner_vms_not_shut_down(nesting: NestingContext) -> Iterator[Finding]:
    """VMs that are saved or turned off when their nested host stops."""
    for inside in vms_of(nesting.inner):
        action = inside.automatic_stop_action
        if inside.state != "Running" or action in ("", "ShutDown"):
            continue
        what = "saved" if action == "Save" else "turned off"
        yield host_finding(
            nesting.outer,
            INNER_VM_NOT_SHUT_DOWN,
            f"is {what} when {nesting.vm.name} stops; if {nesting.vm.name} next starts on another processor, the VM inside is damaged or does not resume",
            subject=f"VM {nesting.vm.name}/{inside.name}",
            evidence=f"in {nesting.vm.name}: {evidence_from('Get-VM', AutomaticStopAction=action)}",
            fix=while_off(
                inside, Cmdlet("Set-VM", {"Name": inside.name, "AutomaticStopAction": "ShutDown"})
            ),
            runs_on=display_name(nesting.inner),
        )


DETECTORS = (
    hidden_extensions,
    memory_short_inside,
    bridging_without_spoofing,
    larger_mtu_inside,
    inner_vms_not_shut_down,
)
