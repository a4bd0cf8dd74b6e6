"""Rules about the next hops of static routes in a topology."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network

from nestlab.constants import NEW_ROUTE
from nestlab.model.broadcast_domain import BroadcastDomain, physical_domain
from nestlab.model.finding import Finding
from nestlab.model.origin import KeyPath
from nestlab.model.topology import Route, SwitchType
from nestlab.rules.rule import Rule, Scope, Variant, detects
from nestlab.rules.topology.places import MachinePlace
from nestlab.rules.topology.topology_index import TopologyIndex
from nestlab.texts import tr

NEXT_HOP_OUTSIDE_NETWORKS = Rule(
    code="next-hop-outside-networks",
    severity="error",
    looks_at=(Scope.TOPOLOGY, Scope.MATCH),
    meaning="The next hop of a static route is in no network of its machine.",
    why="A route belongs to the adapter that is on the network of its next hop. Without such an adapter the route cannot be set, and an existing route is lost with its adapter.",
    fix="Give an adapter of the machine an address in the network of the next hop, or correct the next hop.",
    example="switches: [{name: A, switch_type: Private}]\nvms: [{name: router, network_adapters: [{switch: A, ip_address: 10.0.0.1/24}], routes: [{to: 10.1.0.0/16, via: 10.9.0.2}]}]",
    source=NEW_ROUTE,
    variants=(
        Variant(
            "warning",
            "if an adapter of the machine has no address in the file: DHCP may give it one in that network",
        ),
    ),
)


@detects(NEXT_HOP_OUTSIDE_NETWORKS)
def next_hop_outside_networks(index: TopologyIndex) -> Iterator[Finding]:
    """A static route of a VM whose next hop is in no network of that VM.

    The networks of the host are known where it was observed.
    """
    for place in index.machines:
        if place.path and place.machine.routes:
            networks, dhcp_may_add = _networks(index, place)
            for keys, route in routes_outside(place, networks):
                message, hint, evidence = next_hop_texts(
                    place, route, networks, dhcp_may_add=dhcp_may_add
                )
                rule = NEXT_HOP_OUTSIDE_NETWORKS.at("warning" if dhcp_may_add else "error")
                yield index.finding(
                    rule, place.subject, keys, message, hint=hint, evidence=evidence
                )


def routes_outside(
    place: MachinePlace, networks: Sequence[IPv4Network]
) -> Iterator[tuple[KeyPath, Route]]:
    """Yield the routes of a machine whose next hop is in none of the networks, with their keys."""
    for position, route in enumerate(place.machine.routes):
        if not any(route.via in network for network in networks):
            yield (*place.keys, "routes", position), route


def next_hop_texts(
    place: MachinePlace, route: Route, networks: Sequence[IPv4Network], *, dhcp_may_add: bool
) -> tuple[str, str, str]:
    """Return message, hint and evidence for a next hop that is in none of a machine's networks.

    With `dhcp_may_add`, DHCP may give the machine another network that contains it.
    """
    message = tr(
        "has a route to {destination} via {next_hop}, which is in no network of {machine}",
        destination=route.to,
        next_hop=route.via,
        machine=place.name,
    )
    if dhcp_may_add:
        message = tr(
            "has a route to {destination} via {next_hop}, which is in no network of {machine}; it is set on an adapter that gets its address from DHCP",
            destination=route.to,
            next_hop=route.via,
            machine=place.name,
        )
    hint = tr(
        "Give an adapter of {machine} an address in the network of {next_hop}, or correct via.",
        machine=place.name,
        next_hop=route.via,
    )
    known = ", ".join(dict.fromkeys(map(str, networks)))
    evidence = tr("networks of {machine}: none", machine=place.name)
    if known:
        evidence = tr("networks of {machine}: {networks}", machine=place.name, networks=known)

    return message, hint, evidence


def _networks(index: TopologyIndex, place: MachinePlace) -> tuple[list[IPv4Network], bool]:
    """Return the networks that a VM has or may get from DHCP, and whether DHCP may give others."""
    networks, by_dhcp = [], list[BroadcastDomain | None]()
    for own in place.switches:
        switch = own.switch
        if switch.existing or (switch.switch_type is SwitchType.INTERNAL and not switch.ip_address):
            by_dhcp.append(index.own_domain(own))
        elif switch.ip_address and switch.has_management_adapter:
            networks.append(switch.ip_address.network)
    for adapter in place.adapters:
        if index.is_address_replaced(adapter):
            continue
        if adapter.adapter.ip_address:
            networks.append(adapter.adapter.ip_address.network)
        else:
            by_dhcp.append(index.domain(adapter))
    networks += [found for domain in by_dhcp if domain for found in _networks_on(index, domain)]
    return networks, bool(by_dhcp)


def _networks_on(index: TopologyIndex, domain: BroadcastDomain) -> Iterator[IPv4Network]:
    """Yield the networks that the file has in a broadcast domain."""
    yield from (holder.address.network for holder in index.by_domain.get(domain, ()))
    for uplink in index.topology.uplinks:
        if domain.untagged == physical_domain(uplink.net_adapter) and uplink.network:
            yield uplink.network


DETECTORS = (next_hop_outside_networks,)
