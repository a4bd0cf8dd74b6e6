"""Static routes of the host, compared with the networks that it has."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

from nestlab.constants import NEW_ROUTE
from nestlab.model.cmdlet import Cmdlet
from nestlab.model.finding import Finding
from nestlab.model.ownership import is_marked
from nestlab.model.spelling import same_name
from nestlab.model.state import (
    IPInterfaceState,
    disabled_adapters,
    expected_management_alias,
    management_alias,
)
from nestlab.model.topology import SwitchType
from nestlab.rules.evidence import evidence_from
from nestlab.rules.match.host_match import HostMatch
from nestlab.rules.rule import Rule, Scope, Variant, detects
from nestlab.rules.topology.route_rules import (
    NEXT_HOP_OUTSIDE_NETWORKS,
    next_hop_texts,
    routes_outside,
)
from nestlab.texts import tr


@detects(NEXT_HOP_OUTSIDE_NETWORKS)
def next_hop_outside_networks_of_host(match: HostMatch) -> Iterator[Finding]:
    """A static route of the host whose next hop is in no network that it has or gets."""
    if match.place.path or not match.place.machine.routes or _some_are_disabled(match):
        return
    networks = [*_declared(match), *_observed(match)]
    dhcp_may_add = any(
        place.switch.switch_type is SwitchType.INTERNAL and place.switch.ip_address is None
        for place in match.own_switches
    )
    for keys, route in routes_outside(match.place, networks):
        message, hint, evidence = next_hop_texts(
            match.place, route, networks, dhcp_may_add=dhcp_may_add
        )
        rule = NEXT_HOP_OUTSIDE_NETWORKS.at("warning" if dhcp_may_add else "error")
        yield match.finding(rule, match.place.subject, keys, message, hint=hint, evidence=evidence)


def _some_are_disabled(match: HostMatch) -> bool:
    """Whether the host's adapter on an existing switch is disabled: its networks are not known."""
    return any(
        disabled_adapters(match.state, found[0])
        for _, found in match.existing_switches
        if len(found) == 1
    )


def _declared(match: HostMatch) -> Iterator[IPv4Network]:
    for place in match.own_switches:
        if place.switch.ip_address and place.switch.has_management_adapter:
            yield place.switch.ip_address.network


def _observed(match: HostMatch) -> Iterator[IPv4Network]:
    """Yield the networks of the host that remain when the file is applied."""
    changing = _changing_interfaces(match)
    for interface in match.state.ip_interfaces:
        if interface.interface_alias.casefold() not in changing:
            yield from (own.network for own in interface.ip_addresses if not own.ip.is_link_local)


def _changing_interfaces(match: HostMatch) -> set[str]:
    """Return the case-folded names of the interfaces that lose or change their addresses."""
    own = {place.switch.name.casefold() for place in match.own_switches}
    named = [
        place.switch.name
        for place in match.own_switches
        if place.switch.switch_type is not SwitchType.EXTERNAL
        and (place.switch.ip_address or not place.switch.has_management_adapter)
    ]
    left = [
        switch.name
        for switch in match.switches
        if is_marked(switch.notes, match.topology_name) and switch.name.casefold() not in own
    ]
    taken = {
        adapter.name.casefold()
        for place in match.own_switches
        if not place.switch.has_management_adapter
        for adapter in match.state.net_adapters
        if any(same_name(name, adapter.name) for name in place.switch.net_adapters)
    }
    aliases = (expected_management_alias(match.state, name) for name in (*named, *left))
    return {alias.casefold() for alias in aliases} | taken


ROUTE_CONFLICT = Rule(
    code="route-conflict",
    severity="error",
    looks_at=(Scope.MATCH,),
    meaning="The machine has a route to the destination of a route of the file already, via another next hop, and no run of the topology added it.",
    why="Windows then has two routes to one destination, and sends what belongs to one of them the other way.",
    fix="Leave the route out of the file, or remove the other one if nothing needs it.",
    example="Get-NetRoute: DestinationPrefix = 10.99.0.0/24, NextHop = 10.66.0.9",
    source=NEW_ROUTE,
    variants=(Variant("warning", "if the machine has the route of the file already"),),
)


@detects(ROUTE_CONFLICT)
def route_conflict(match: HostMatch) -> Iterator[Finding]:
    """A route of a machine to the destination of one in the file, via another next hop.

    The states lack those that a plan replaces.
    """
    declared = {(route.to, route.via) for route in match.place.machine.routes}
    existing = {each for interface in match.state.ip_interfaces for each in interface.routes}
    for number, route in enumerate(match.place.machine.routes):
        for interface in _interfaces(match):
            for to, via in interface.routes:
                if to == route.to and (to, via) not in declared:
                    is_there = (route.to, route.via) in existing
                    rule = ROUTE_CONFLICT.at("warning" if is_there else "error")
                    yield _conflict(match, rule, number, interface, via)


def _interfaces(match: HostMatch) -> Iterator[IPInterfaceState]:
    """Yield the interfaces of a machine that may keep routes which no run added.

    The adapters of a guest that are on no switch of the file are all the topology's.
    """
    own = {
        (management_alias(match.state, place.switch.name, each.name) or each.alias).casefold()
        for place in match.own_switches
        for each in place.switch.all_management_adapters
    }
    for interface in match.state.ip_interfaces:
        if not match.place.path or interface.interface_alias.casefold() in own:
            yield interface


def _conflict(
    match: HostMatch, rule: Rule, number: int, interface: IPInterfaceState, via: IPv4Address
) -> Finding:
    route = match.place.machine.routes[number]
    message = tr(
        "has a route to {destination} via {next_hop}, and {machine} has one via {other} on {adapter}, which no run of {topology} added",
        destination=route.to,
        next_hop=route.via,
        machine=match.machine_name,
        other=via,
        adapter=interface.interface_alias,
        topology=match.topology_name,
    )
    where = {"DestinationPrefix": str(route.to), "NextHop": str(via)}
    return match.finding(
        rule,
        match.place.subject,
        (*match.place.keys, "routes", number),
        message,
        hint=tr(
            "Leave the route out of the file; or, if nothing needs the other one, remove that: {cmdlet}.",
            cmdlet=Cmdlet("Remove-NetRoute", where),
        ),
        evidence=evidence_from("Get-NetRoute", **where),
    )


DETECTORS = (next_hop_outside_networks_of_host, route_conflict)
