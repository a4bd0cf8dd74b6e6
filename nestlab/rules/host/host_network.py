"""Rules about the network of a host: Default Switch, adapters, MAC addresses, MTU."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from nestlab.constants import (
    AZURE_WIRE_SERVER,
    MTU_ISSUE,
    NAT_NETWORK,
    NETWORK_PLAN,
    PRODUCT_WORKSTATION,
    SET_ADAPTER,
    STANDARD_MTU,
    VIRTUAL_SWITCH,
)
from nestlab.model.cmdlet import Cmdlet
from nestlab.model.finding import Finding
from nestlab.model.state import HostState
from nestlab.rules.evidence import evidence_from, host_finding, vms_of
from nestlab.rules.host.hypervisor_detection import is_azure
from nestlab.rules.rule import NOTHING_TO_DO, Rule, Scope, detects
from nestlab.texts import tr

_WIRELESS = 9  # NdisPhysicalMedium


DEFAULT_SWITCH = Rule(
    code="default-switch",
    severity="info",
    looks_at=(Scope.HOST,),
    meaning="The host has the Default Switch of Windows clients.",
    why="Its addresses change at every restart, and it can be neither modified nor removed.",
    fix="For static addresses, create an Internal switch with a NAT.",
    example="Get-VMSwitch: Name = Default Switch",
    source=NAT_NETWORK,
)


@detects(DEFAULT_SWITCH, group="Network")
def default_switch(state: HostState) -> Iterator[Finding]:
    """The Default Switch of Windows clients, whose network changes at every start."""
    for switch in state.hyper_v.switches if state.hyper_v else ():
        named_like_it = (
            switch.name == "Default Switch"  # not shown
            and state.computer.product_type == PRODUCT_WORKSTATION
        )
        if switch.is_default_switch or named_like_it:
            message = tr(
                "the Default Switch changes its addresses at every restart and cannot be modified or removed"
            )
            evidence = evidence_from("Get-VMSwitch", Name=switch.name, Id=switch.id)
            yield host_finding(
                state, DEFAULT_SWITCH, message, subject=f"switch {switch.name}", evidence=evidence
            )


ADAPTERS_WIRED = Rule(
    code="adapters-wired",
    severity="info",
    looks_at=(Scope.HOST,),
    meaning="No physical adapter of the host is wireless.",
    why="VMs inside nested hosts can be bridged over wired adapters only.",
    fix=NOTHING_TO_DO,
    example="Get-NetAdapter: NdisPhysicalMedium = 14 (Ethernet)",
    source=VIRTUAL_SWITCH,
)


ADAPTER_WIRELESS = Rule(
    code="adapter-wireless",
    severity="warning",
    looks_at=(Scope.HOST,),
    meaning="A physical adapter of the host is wireless.",
    why="It carries frames of its own MAC address only, so VMs inside nested hosts cannot be bridged over it.",
    fix="Give the nested hosts an Internal switch with NAT, or use a wired adapter.",
    example="NdisPhysicalMedium = 9 (Native 802.11)",
    source=VIRTUAL_SWITCH,
)


@detects(ADAPTERS_WIRED, ADAPTER_WIRELESS, group="Network")
def wireless_adapters(state: HostState) -> Iterator[Finding]:
    """Whether physical adapters are wireless: VMs in nested hosts cannot be bridged over those."""
    physical = [adapter for adapter in state.net_adapters if not adapter.virtual]
    wireless = [a for a in physical if a.ndis_physical_medium == _WIRELESS]
    if physical and not wireless:
        media = ", ".join(f"{item.ndis_physical_medium} ({item.name})" for item in physical)
        evidence = evidence_from("Get-NetAdapter", NdisPhysicalMedium=media)
        message = tr("no physical adapter is wireless")
        yield host_finding(state, ADAPTERS_WIRED, message, evidence=evidence)
    for adapter in wireless:
        message = tr(
            "is wireless: it carries frames of its own MAC address only, so L2 VMs cannot be bridged over it"
        )
        evidence = evidence_from(
            "Get-NetAdapter",
            Name=adapter.name,
            NdisPhysicalMedium=f"{_WIRELESS} (Native 802.11)",
            Status=adapter.status,
        )
        subject = f"adapter {adapter.name}"
        yield host_finding(state, ADAPTER_WIRELESS, message, subject=subject, evidence=evidence)


NAT_ONLY = Rule(
    code="nat-only",
    severity="warning",
    looks_at=(Scope.HOST,),
    meaning="VMs on this host reach other networks through NAT only.",
    why="Azure's network drops frames of any other MAC address than this VM's own.",
    fix="Use an Internal switch with New-NetNat; an External switch carries nothing for the VMs.",
    example="Get-DnsClientServerAddress: ServerAddresses = 168.63.129.16",
    source=AZURE_WIRE_SERVER,
)


@detects(NAT_ONLY, group="Network")
def nat_only(state: HostState) -> Iterator[Finding]:
    """A host in Azure, whose network drops frames of other MAC addresses: VMs need NAT."""
    if is_azure(state) and state.hyper_v is not None:
        message = tr(
            "VMs here reach other networks through NAT only: Azure's network drops frames of any other MAC address than this VM's own"
        )
        evidence = evidence_from("Get-DnsClientServerAddress", ServerAddresses="168.63.129.16")
        yield host_finding(state, NAT_ONLY, message, evidence=evidence)


MAC_ADDRESS_POOL = Rule(
    code="mac-address-pool",
    severity="info",
    looks_at=(Scope.HOST,),
    meaning="The range from which Hyper-V takes dynamic MAC addresses.",
    why="A clone of this machine has the same range, so its VMs get the same addresses.",
    fix="Before cloning a nested host, give each clone its own range with Set-VMHost -MacAddressMinimum '<first>' -MacAddressMaximum '<last>'.",
    example="Get-VMHost: MacAddressMinimum = 00155D000A00, MacAddressMaximum = 00155D000AFF",
    source=NETWORK_PLAN,
)


MAC_ADDRESS_POOL_NOT_KNOWN = Rule(
    code="mac-address-pool-not-known",
    severity="info",
    looks_at=(Scope.HOST,),
    meaning="The range of dynamic MAC addresses is not known.",
    why="Clones of a machine have the same range, so their VMs get the same addresses.",
    fix="Run `nestlab check` with an account that can run Get-VMHost.",
    example="Get-VMHost: MacAddressMinimum = nothing, MacAddressMaximum = nothing",
    source=NETWORK_PLAN,
)


DUPLICATE_MAC_ADDRESS = Rule(
    code="duplicate-mac-on-host",
    severity="warning",
    looks_at=(Scope.HOST,),
    meaning="Several adapters have the same MAC address.",
    why="Switches deliver frames to the port that used the address last, so traffic is lost at random.",
    fix="Give one of them another address while its VM is off: Set-VMNetworkAdapter -DynamicMacAddress.",
    example="Get-VMNetworkAdapter: MacAddress = 00155D000A01",
    source=SET_ADAPTER,
    formerly=("mac-address-twice", "duplicate-mac-address"),
)


@detects(MAC_ADDRESS_POOL, MAC_ADDRESS_POOL_NOT_KNOWN, DUPLICATE_MAC_ADDRESS, group="Network")
def mac_address_pool(state: HostState) -> Iterator[Finding]:
    """The range of dynamic MAC addresses, which clones of a machine share, and duplicates."""
    host = state.hyper_v.vm_host if state.hyper_v else None
    if host is None:
        return
    first, last = host.mac_address_minimum, host.mac_address_maximum
    evidence = evidence_from("Get-VMHost", MacAddressMinimum=first, MacAddressMaximum=last)
    if not first or not last:
        message = tr("it is not known from which pool dynamic MAC addresses come")
        yield host_finding(state, MAC_ADDRESS_POOL_NOT_KNOWN, message, evidence=evidence)
        return
    macs = _mac_addresses(state)
    twice = sorted(mac for mac, count in macs.items() if count > 1)
    if twice:
        addresses = ", ".join(twice)
        message = tr(
            "several adapters have the MAC address {addresses}: their traffic is lost at random",
            addresses=addresses,
        )
        shown = evidence_from("Get-VMNetworkAdapter", MacAddress=addresses)
        yield host_finding(state, DUPLICATE_MAC_ADDRESS, message, evidence=shown)
    size = int(last, 16) - int(first, 16) + 1
    message = tr(
        "a range of {size} dynamic MAC addresses, of which the VMs' adapters have {used}; a clone of this machine hands out the same ones",
        size=size,
        used=len(macs),
    )
    where = tr("each of the clones")
    yield host_finding(state, MAC_ADDRESS_POOL, message, evidence=evidence, runs_on=where)


def _mac_addresses(state: HostState) -> Counter[str]:
    adapters = (adapter for vm in vms_of(state) for adapter in vm.network_adapters)
    return Counter(a.mac_address.upper() for a in adapters if a.mac_address.strip("0"))


JUMBO_MTU = Rule(
    code="jumbo-mtu",
    severity="warning",
    looks_at=(Scope.HOST,),
    meaning="An adapter of the host has an MTU above 1500 bytes.",
    why="Unless every hop down to the inner VMs has the same MTU, large packets are lost while pings work.",
    fix="Use 1500 everywhere, or the larger MTU on every hop.",
    example="Get-NetIPInterface: InterfaceAlias = Ethernet, NlMtu = 9014",
    source=MTU_ISSUE,
)


@detects(JUMBO_MTU, group="Network")
def jumbo_frames(state: HostState) -> Iterator[Finding]:
    """An MTU above 1500: large packets are lost unless every hop has it."""
    for interface in state.ip_interfaces:
        alias, mtu = interface.interface_alias, interface.nl_mtu
        if STANDARD_MTU < mtu < 1 << 16:
            smaller = {"InterfaceAlias": alias, "NlMtuBytes": STANDARD_MTU}
            yield host_finding(
                state,
                JUMBO_MTU,
                tr(
                    "has an MTU of {mtu}: unless every hop down to the L2 VMs has it, large packets are lost",
                    mtu=mtu,
                ),
                subject=f"adapter {alias}",
                evidence=evidence_from("Get-NetIPInterface", InterfaceAlias=alias, NlMtu=mtu),
                requirement=tr("{mtu} bytes unless all hops agree", mtu=STANDARD_MTU),
                fix=(Cmdlet("Set-NetIPInterface", smaller),),
            )
