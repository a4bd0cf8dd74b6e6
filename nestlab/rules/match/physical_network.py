"""Does the physical network of the host match the topology: adapters, bridges, uplinks?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nestlab.constants import (
    ENABLE_NESTED,
    INSTALL_HYPER_V,
    LBFO_TEAM,
    LBFO_UNSUPPORTED_FROM_BUILD,
    PRODUCT_WORKSTATION,
    VIRTUAL_SWITCH,
)
from nestlab.model.finding import Finding
from nestlab.model.origin import KeyPath
from nestlab.model.ownership import is_marked
from nestlab.model.state import NetAdapterState
from nestlab.model.topology import Switch, SwitchType
from nestlab.rules.evidence import why_unread
from nestlab.rules.host.hypervisor_detection import is_azure
from nestlab.rules.match.host_match import HostMatch
from nestlab.rules.rule import NESTLAB, Rule, Scope, detects
from nestlab.rules.topology.topology_index import SwitchPlace

NET_ADAPTER_MISSING = Rule(
    code="net-adapter-missing",
    severity="error",
    looks_at=(Scope.MATCH,),
    meaning="An External switch is bound to an adapter that the host does not have.",
    why="New-VMSwitch fails.",
    fix="Write the name of a physical adapter that Get-NetAdapter shows on the host.",
    example="Ethernet",
    source=VIRTUAL_SWITCH,
)


NET_ADAPTER_IN_USE = Rule(
    code="net-adapter-in-use",
    severity="error",
    looks_at=(Scope.MATCH,),
    meaning="An External switch is bound to an adapter that another switch of the host already uses.",
    why="A network adapter carries one External switch.",
    fix="Choose another adapter.",
    example="Intel(R) X710",
    source=VIRTUAL_SWITCH,
)


WIRELESS_UPLINK = Rule(
    code="wireless-uplink",
    severity="warning",
    looks_at=(Scope.MATCH,),
    meaning="An External switch is bound to a wireless adapter.",
    why="It carries only its own MAC address, so bridged VMs get no answer.",
    fix="Use a wired adapter, or an Internal switch with nat.",
    example="Intel(R) Wi-Fi 6",
    source=VIRTUAL_SWITCH,
)


NET_ADAPTER_DOWN = Rule(
    code="net-adapter-down",
    severity="warning",
    looks_at=(Scope.MATCH,),
    meaning="An External switch is bound to an adapter that has no link.",
    why="The VMs on it reach nothing outside the host.",
    fix="Connect its cable, or enable it.",
    example="Status Disconnected",
    source=VIRTUAL_SWITCH,
)


UPLINK_IS_A_TEAM = Rule(
    code="uplink-is-a-team",
    severity="error",
    looks_at=(Scope.MATCH,),
    meaning="An External switch is to be bound to an LBFO team.",
    why="New-VMSwitch refuses LBFO teams on Windows Server 2022 and later; Switch Embedded Teaming (SET) replaces them.",
    fix="Remove the team (Remove-NetLbfoTeam), and write the name of one of its members.",
    example="Microsoft Network Adapter Multiplexor Driver",
    source=LBFO_TEAM,
)


@detects(
    NET_ADAPTER_MISSING,
    NET_ADAPTER_IN_USE,
    WIRELESS_UPLINK,
    NET_ADAPTER_DOWN,
    UPLINK_IS_A_TEAM,
)
def net_adapter_missing(match: HostMatch) -> Iterator[Finding]:
    """An External switch on an adapter that is missing, in use, wireless or without a link."""
    if match.place.path or why_unread(match.state, "netadapter"):
        # the adapters of a nested host are the topology's own, and get their names when they are
        # made
        return
    physical = [adapter for adapter in match.state.net_adapters if not adapter.virtual]
    for place in match.place.switches:
        name = place.switch.net_adapter
        if place.switch.switch_type is not SwitchType.EXTERNAL or name is None:
            continue
        keys: KeyPath = (*place.keys, "net_adapter")
        found = next(
            (adapter for adapter in physical if adapter.name.casefold() == name.casefold()), None
        )
        if found is None:
            known = ", ".join(adapter.name for adapter in physical)
            message = f"is bound to adapter {name!r}, which the host does not have"
            hint = (
                f"Physical adapters of the host: {known}."
                if known
                else "The host has no physical adapter."
            )
            yield match.finding(NET_ADAPTER_MISSING, place.subject, keys, message, hint=hint)
        else:
            yield from _state_of(match, place, found, keys)


def _state_of(
    match: HostMatch, place: SwitchPlace, adapter: NetAdapterState, keys: KeyPath
) -> Iterator[Finding]:
    owner = next(
        (
            switch
            for switch in match.switches
            if adapter.interface_description in switch.net_adapter_interface_descriptions
        ),
        None,
    )
    if owner is not None and not is_marked(owner.notes, match.name):
        message = f"is bound to adapter {adapter.name!r}, which switch {owner.name!r} of the host already has"
        yield match.finding(
            NET_ADAPTER_IN_USE, place.subject, keys, message, evidence=adapter.interface_description
        )
    yield from _team(match, place, adapter, keys)
    if any(
        word in adapter.interface_description.casefold() for word in ("wi-fi", "wireless", "802.11")
    ):
        message = f"is bound to {adapter.name!r}, a wireless adapter: it carries only its own MAC address, so bridged VMs get no answer"
        yield match.finding(
            WIRELESS_UPLINK, place.subject, keys, message, evidence=adapter.interface_description
        )
    if adapter.status.casefold() != "up":
        message = f"is bound to adapter {adapter.name!r}, which is {adapter.status}"
        yield match.finding(
            NET_ADAPTER_DOWN, place.subject, keys, message, evidence=f"Status {adapter.status}"
        )


_TEAM_DRIVER = "microsoft network adapter multiplexor driver"


def _team(
    match: HostMatch, place: SwitchPlace, adapter: NetAdapterState, keys: KeyPath
) -> Iterator[Finding]:
    if (
        match.state.computer.build >= LBFO_UNSUPPORTED_FROM_BUILD
        and adapter.interface_description.casefold().startswith(_TEAM_DRIVER)
    ):
        yield match.finding(
            UPLINK_IS_A_TEAM,
            place.subject,
            keys,
            f"is bound to {adapter.name!r}, an LBFO team (or a network bridge): this Windows binds no switch to it",
            evidence=f"{adapter.interface_description}, build {match.state.computer.build}",
            hint="Get-NetLbfoTeam shows the team: remove it and write the name of a member, or use Switch Embedded Teaming.",
        )


BRIDGE_IN_AZURE = Rule(
    code="bridge-in-azure",
    severity="error",
    looks_at=(Scope.MATCH,),
    meaning="The topology bridges VMs to the network of an Azure VM.",
    why="Azure drops every MAC address but the VM's own, and no setting changes that.",
    fix="Use an Internal switch with nat; MAC address spoofing does not work in a public cloud.",
    example="Get-DnsClientServerAddress: Azure's own DNS server 168.63.129.16",
    source=ENABLE_NESTED,
)


@detects(BRIDGE_IN_AZURE)
def bridge_in_azure(match: HostMatch) -> Iterator[Finding]:
    """VMs on an External switch of an Azure VM, whose network drops their MAC addresses."""
    if match.place.path or not is_azure(match.state):
        return
    for place in match.place.switches:
        on_it = [
            vm.name
            for vm, _, _ in match.vms
            if any(
                _same(adapter.switch or "", place.switch.name) for adapter in vm.network_adapters
            )
        ]
        if place.switch.switch_type is SwitchType.EXTERNAL and on_it:
            message = f"would bridge {', '.join(on_it)} to the network of an Azure VM, which drops every MAC address but that VM's own"
            yield match.finding(
                BRIDGE_IN_AZURE,
                place.subject,
                (*place.keys, "switch_type"),
                message,
                evidence="Get-DnsClientServerAddress: Azure's own DNS server 168.63.129.16",
            )


DHCP_NEEDS_SERVER = Rule(
    code="dhcp-needs-server",
    severity="error",
    looks_at=(Scope.MATCH,),
    meaning="The topology serves DHCP on a Windows client.",
    why="DHCP on a Windows client: the DHCP server role exists on Windows Server only.",
    fix="Use static addresses, or let a Windows Server VM serve DHCP.",
    example="Windows 11 Pro",
    source=INSTALL_HYPER_V,
)


@detects(DHCP_NEEDS_SERVER)
def dhcp_needs_server(match: HostMatch) -> Iterator[Finding]:
    """DHCP on a Windows client: the DHCP server role exists on Windows Server only."""
    for place in match.place.switches:
        if place.switch.dhcp and match.state.computer.product_type == PRODUCT_WORKSTATION:
            message = f"serves DHCP, and {match.machine} is {match.state.computer.caption or 'a Windows client'}, which has no DHCP server role"
            yield match.finding(DHCP_NEEDS_SERVER, place.subject, (*place.keys, "dhcp"), message)


UPLINK_DIFFERS = Rule(
    code="uplink-differs",
    severity="warning",
    looks_at=(Scope.MATCH,),
    meaning="An uplink of the topology does not match the addresses of the host's adapter.",
    why="Traces then describe another network than the real one.",
    fix="Correct uplinks, or name another adapter.",
    example="Ethernet: 198.51.100.4/24",
    source=NESTLAB,
)


@detects(UPLINK_DIFFERS)
def uplink_differs(match: HostMatch) -> Iterator[Finding]:
    """An uplink that does not match the addresses of the host's adapter."""
    if match.place.path:
        return
    interfaces = {
        interface.interface_alias.casefold(): interface for interface in match.state.ip_interfaces
    }
    takers = {
        place.switch.net_adapter.casefold(): place.switch
        for place in match.place.switches
        if place.switch.net_adapter
    }
    for position, uplink in enumerate(match.index.topology.uplinks):
        interface = interfaces.get(_alias(uplink.net_adapter, takers)) or interfaces.get(
            uplink.net_adapter.casefold()
        )
        if interface is None or not interface.ip_addresses or uplink.network is None:
            continue
        if not any(address in uplink.network for address in interface.ip_addresses):
            seen = ", ".join(map(str, interface.ip_addresses))
            message = f"is said to be in {uplink.network}; the host has {seen} there"
            keys: KeyPath = ("uplinks", position, "network")
            yield match.finding(
                UPLINK_DIFFERS,
                f"uplink {uplink.net_adapter}",
                keys,
                message,
                evidence=f"{interface.interface_alias}: {seen}",
            )


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def _alias(net_adapter: str, takers: Mapping[str, Switch]) -> str:
    switch = takers.get(net_adapter.casefold())
    return switch.management_adapter.casefold() if switch else net_adapter.casefold()
