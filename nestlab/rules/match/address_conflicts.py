"""Networks of the topology that overlap networks of the host."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Interface, IPv4Network

from nestlab.constants import NAT_NETWORK
from nestlab.model.finding import Finding
from nestlab.model.origin import KeyPath
from nestlab.model.ownership import is_marked
from nestlab.model.state import (
    IPInterfaceState,
    SwitchState,
    expected_management_alias,
    management_alias,
)
from nestlab.model.topology import SwitchType
from nestlab.rules.match.host_match import HostMatch, is_network
from nestlab.rules.rule import Rule, Scope, Variant, detects
from nestlab.rules.topology.places import SwitchPlace
from nestlab.texts import tr


def proposed_network(match: HostMatch, place: SwitchPlace) -> str:
    """Return the end of a sentence that proposes a free network for a switch; empty without one."""
    found = match.proposed_networks.get(place.keys)
    return tr(", {network} for example", network=found) if found else ""


ADDRESS_OVERLAP = Rule(
    code="address-overlap",
    severity="error",
    looks_at=(Scope.MATCH,),
    meaning="A network of the topology overlaps a network of the host.",
    why="New-NetNat or New-NetIPAddress is refused, or packets leave through the wrong adapter.",
    fix="Choose a network that the machine does not have.",
    example="vEthernet (Corp): 192.168.100.7/25",
    source=NAT_NETWORK,
    variants=(Variant("warning", "if the host would accept it"),),
)


ROUTE_OVERLAP = Rule(
    code="route-overlap",
    severity="warning",
    looks_at=(Scope.MATCH,),
    meaning="A network of the topology overlaps a route of the host.",
    why="What is behind that route can no longer be reached from the host.",
    fix="Choose another network if something behind that route is needed.",
    example="Get-NetRoute: 192.168.0.0/16",
    source=NAT_NETWORK,
)


@detects(ADDRESS_OVERLAP, ROUTE_OVERLAP)
def address_overlap(match: HostMatch) -> Iterator[Finding]:
    """A network of the topology that the machine already uses, or has a route to."""
    own_interfaces = _interfaces_of_own_switches(match)
    for place in match.own_switches:
        switch = place.switch
        wanted = switch.nat or (switch.ip_address.network if switch.ip_address else None)
        if wanted is None or (switch.switch_type is not SwitchType.INTERNAL and not switch.nat):
            continue  # an External switch belongs to the physical network that it is connected to
        for interface in match.state.ip_interfaces:
            if interface.interface_alias.casefold() in own_interfaces:
                continue
            held = next((a for a in interface.ip_addresses if a.network.overlaps(wanted)), None)
            if held is not None:
                yield _address_taken(match, place, wanted, interface, held)
            elif route := _overlapping_route(interface, wanted):
                yield _route_taken(match, place, wanted, interface, route)


def _address_taken(
    match: HostMatch,
    place: SwitchPlace,
    wanted: IPv4Network,
    interface: IPInterfaceState,
    held: IPv4Interface,
) -> Finding:
    # New-NetNat accepts a prefix that covers another Internal switch, which is then inside, too.
    inside = _is_internal(match, interface) and held.network.subnet_of(wanted)
    own = place.switch.ip_address
    same = own is not None and own.ip == held.ip
    refused = same or (place.switch.nat is not None and not inside)
    then = tr("packets may leave by the wrong one")
    if refused:
        then = tr("{cmdlet} would be refused", cmdlet="New-NetIPAddress" if same else "New-NetNat")
    alias = interface.interface_alias
    message = tr(
        "uses {wanted}, which overlaps {held} of {alias!r} on {machine}: {effect}",
        wanted=wanted,
        held=held,
        alias=alias,
        machine=match.machine_name,
        effect=then,
    )
    hint = tr(
        "Choose a network that the machine does not have{proposal}.",
        proposal=proposed_network(match, place),
    )
    evidence = f"{alias}: {', '.join(map(str, interface.ip_addresses))}"
    rule = ADDRESS_OVERLAP.at("error" if refused else "warning")
    return match.finding(rule, place.subject, _keys(place), message, hint=hint, evidence=evidence)


def _route_taken(
    match: HostMatch,
    place: SwitchPlace,
    wanted: IPv4Network,
    interface: IPInterfaceState,
    route: IPv4Network,
) -> Finding:
    message = tr(
        "uses {wanted}, which overlaps the route to {route} over {alias!r} on {machine}",
        wanted=wanted,
        route=route,
        alias=interface.interface_alias,
        machine=match.machine_name,
    )
    hint = tr(
        "Choose another network{proposal}, if something behind that route is needed.",
        proposal=proposed_network(match, place),
    )
    evidence = f"Get-NetRoute: {route}"
    return match.finding(
        ROUTE_OVERLAP, place.subject, _keys(place), message, hint=hint, evidence=evidence
    )


def _keys(place: SwitchPlace) -> KeyPath:
    return (*place.keys, "nat" if place.switch.nat else "ip_address")


def _overlapping_route(interface: IPInterfaceState, wanted: IPv4Network) -> IPv4Network | None:
    for to, _ in interface.routes:
        if is_network(to) and to.overlaps(wanted):
            return to
    return None


def _interfaces_of_own_switches(match: HostMatch) -> set[str]:
    """Return the case-folded names of the interfaces of the switches with this topology's mark.

    They are the names that Windows has for them now, which Rename-NetAdapter changes
    (https://learn.microsoft.com/powershell/module/netadapter/rename-netadapter).
    """
    return {
        expected_management_alias(match.state, switch.name).casefold()
        for switch in match.switches
        if is_marked(switch.notes, match.topology_name)
    }


def networks_of_others(match: HostMatch) -> Iterator[IPv4Network]:
    """Yield the networks of the machine's adapters that are not on switches of this topology."""
    own = _interfaces_of_own_switches(match)
    for interface in match.state.ip_interfaces:
        if interface.interface_alias.casefold() not in own:
            yield from (address.network for address in interface.ip_addresses)


def _is_internal(match: HostMatch, interface: IPInterfaceState) -> bool:
    """Whether an adapter is the machine's own on an Internal switch."""
    internal = {
        alias.casefold()
        for switch in match.switches
        if switch.switch_type == "Internal"
        for alias in _own_aliases(match, switch)
    }
    return interface.interface_alias.casefold() in internal


def _own_aliases(match: HostMatch, switch: SwitchState) -> Iterator[str]:
    """Yield the names in Windows of the machine's own adapters on a switch."""
    yield expected_management_alias(match.state, switch.name)
    for adapter in match.hyper_v.management_adapters if match.hyper_v else ():
        if adapter.switch_id == switch.id:
            alias = management_alias(match.state, switch.name, adapter.name)
            yield from (alias,) if alias else ()


DETECTORS = (address_overlap,)
