"""Static routes of the host, compared with the networks that it has."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network

from nestlab.model.finding import Finding
from nestlab.model.ownership import is_marked
from nestlab.model.spelling import same_name
from nestlab.model.state import expected_management_alias
from nestlab.model.topology import SwitchType
from nestlab.rules.match.host_match import HostMatch
from nestlab.rules.rule import detects
from nestlab.rules.topology.route_rules import (
    NEXT_HOP_OUTSIDE_NETWORKS,
    next_hop_texts,
    routes_outside,
)


@detects(NEXT_HOP_OUTSIDE_NETWORKS)
def next_hop_outside_networks_of_host(match: HostMatch) -> Iterator[Finding]:
    """A static route of the host whose next hop is in no network that it has or gets."""
    if match.place.path or not match.place.machine.routes:
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


DETECTORS = (next_hop_outside_networks_of_host,)
