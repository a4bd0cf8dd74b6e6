"""Rules about the physical network of the host: bridges, DHCP, uplinks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nestlab.constants import (
    ENABLE_NESTED,
    INSTALL_HYPER_V,
    PRODUCT_WORKSTATION,
)
from nestlab.model.finding import Finding
from nestlab.model.origin import KeyPath
from nestlab.model.spelling import same_name
from nestlab.model.state import expected_management_alias
from nestlab.model.topology import Switch, SwitchType
from nestlab.rules.host.hypervisor_detection import is_azure
from nestlab.rules.match.host_match import HostMatch
from nestlab.rules.rule import NESTLAB, Rule, Scope, detects
from nestlab.texts import tr

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
    bridges = {
        place.subject
        for place, found in match.existing_switches
        if any(switch.switch_type == "External" for switch in found)
    }
    for place in match.place.switches:
        on_it = [
            vm.name
            for vm, _, _ in match.vms
            if any(
                same_name(adapter.switch or "", place.switch.name)
                for adapter in vm.network_adapters
            )
        ]
        external = place.switch.switch_type is SwitchType.EXTERNAL or place.subject in bridges
        if external and on_it:
            message = tr(
                "would bridge {vms} to the network of an Azure VM, which drops every MAC address but that VM's own",
                vms=", ".join(on_it),
            )
            keys = (*place.keys, "switch_type")
            yield match.finding(
                BRIDGE_IN_AZURE,
                place.subject,
                keys,
                message,
                evidence=tr("Get-DnsClientServerAddress: Azure's own DNS server 168.63.129.16"),
            )


DHCP_NEEDS_SERVER = Rule(
    code="dhcp-needs-server",
    severity="error",
    looks_at=(Scope.MATCH,),
    meaning="The topology serves DHCP on a Windows client.",
    why="The DHCP server role exists on Windows Server only.",
    fix="Use static addresses, or let a Windows Server VM serve DHCP.",
    example="Windows 11 Pro",
    source=INSTALL_HYPER_V,
)


@detects(DHCP_NEEDS_SERVER)
def dhcp_needs_server(match: HostMatch) -> Iterator[Finding]:
    """DHCP on a Windows client: the DHCP server role exists on Windows Server only."""
    for place in match.own_switches:
        if place.switch.dhcp and match.state.computer.product_type == PRODUCT_WORKSTATION:
            message = tr(
                "serves DHCP, and {machine} is {system}, which has no DHCP server role",
                machine=match.machine_name,
                system=match.state.computer.caption or tr("a Windows client"),
            )
            yield match.finding(DHCP_NEEDS_SERVER, place.subject, (*place.keys, "dhcp"), message)


UPLINK_DIFFERS = Rule(
    code="uplink-differs",
    severity="warning",
    looks_at=(Scope.MATCH,),
    meaning="An uplink of the topology does not match the addresses of the host's adapter.",
    why="Traces then describe a network that differs from the real one.",
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
    bound_switches = {
        name.casefold(): place.switch
        for place in match.place.switches
        for name in place.switch.net_adapters
    }
    for position, uplink in enumerate(match.index.topology.uplinks):
        alias = _alias(match, uplink.net_adapter, bound_switches)
        interface = interfaces.get(alias) or interfaces.get(uplink.net_adapter.casefold())
        if interface is None or not interface.ip_addresses or uplink.network is None:
            continue
        if not any(address in uplink.network for address in interface.ip_addresses):
            seen = ", ".join(map(str, interface.ip_addresses))
            message = tr(
                "is declared in {network}; the host has {addresses} there",
                network=uplink.network,
                addresses=seen,
            )
            keys: KeyPath = ("uplinks", position, "network")
            yield match.finding(
                UPLINK_DIFFERS,
                f"uplink {uplink.net_adapter}",
                keys,
                message,
                evidence=f"{interface.interface_alias}: {seen}",
            )


def _alias(match: HostMatch, net_adapter: str, bound_switches: Mapping[str, Switch]) -> str:
    """Return the case-folded name of the adapter that has the addresses of a physical one."""
    switch = bound_switches.get(net_adapter.casefold())
    name = expected_management_alias(match.state, switch.name) if switch else net_adapter
    return name.casefold()


DETECTORS = (bridge_in_azure, dhcp_needs_server, uplink_differs)
