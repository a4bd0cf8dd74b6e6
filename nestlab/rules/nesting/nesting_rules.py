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
from nestlab.texts import tr

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
    message = (
        tr(
            "has the Hyper-V role, but its host exposes no virtualization extensions to it: no VM starts inside"
        )
        if has_role
        else tr(
            "is to be a nested host, but its host exposes no virtualization extensions to it: the role does not install in it"
        )
    )
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
    message = tr(
        "has {memory}; its VMs start with {inside} together, those that are off included, and its Windows needs {reserve}",
        memory=gigabytes(have),
        inside=gigabytes(wanted),
        reserve=gigabytes(reserve),
    )
    assigned = evidence_from("Get-VM", MemoryAssigned=gigabytes(have))
    startup = evidence_from("Get-VMMemory", Startup=gigabytes(wanted))
    yield host_finding(
        outer,
        MEMORY_INSIDE_SHORT,
        message,
        subject=f"VM {vm.name}",
        evidence=tr("{evidence}; inside: {inside}", evidence=assigned, inside=startup),
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
        message = tr(
            "carries an External switch of {vm} but does not allow MAC address spoofing: VMs inside have a link but no traffic",
            vm=vm.name,
        )
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
        message = tr(
            "sends packets of up to {mtu} bytes, but its host carries only {host_mtu}: larger ones are lost",
            mtu=inside,
            host_mtu=outside,
        )
        alias = interface.interface_alias
        inner = evidence_from("Get-NetIPInterface", InterfaceAlias=alias, NlMtu=inside)
        on_host = evidence_from("Get-NetIPInterface", NlMtu=outside)
        yield host_finding(
            nesting.outer,
            MTU_DIFFERS,
            message,
            subject=f"VM {nesting.vm.name}",
            evidence=tr(
                "in {vm}: {evidence}; on the host: {on_host}",
                vm=nesting.vm.name,
                evidence=inner,
                on_host=on_host,
            ),
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
        vm, stopped = nesting.vm.name, evidence_from("Get-VM", AutomaticStopAction=action)
        message = (
            tr(
                "is saved when {vm} stops; if {vm} next starts on another processor, the VM inside is damaged or does not resume",
                vm=vm,
            )
            if action == "Save"
            else tr(
                "is turned off when {vm} stops; if {vm} next starts on another processor, the VM inside is damaged or does not resume",
                vm=vm,
            )
        )
        yield host_finding(
            nesting.outer,
            INNER_VM_NOT_SHUT_DOWN,
            message,
            subject=f"VM {vm}/{inside.name}",
            evidence=tr("in {vm}: {evidence}", vm=vm, evidence=stopped),
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
