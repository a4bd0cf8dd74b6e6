"""Rules about addresses in a topology."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Interface

from nestlab.constants import (
    LONGEST_PREFIX_WITH_BROADCAST,
    NEW_IP_ADDRESS,
    NEW_ROUTE,
    VIRTUAL_SWITCH,
)
from nestlab.model.finding import Finding
from nestlab.model.machine_path import MachinePath
from nestlab.model.topology import SwitchType
from nestlab.rules.rule import Rule, Scope, detects
from nestlab.rules.topology.places import placeholder_hint
from nestlab.rules.topology.topology_index import AddressHolder, AddressOwner, TopologyIndex
from nestlab.texts import tr

_NOT_UNICAST = frozenset({127, *range(224, 240)})
"""The first octets of loopback and multicast addresses: RFC 1122, 3.2.1.3, and RFC 5771, 3."""

DUPLICATE_ADDRESS = Rule(
    code="duplicate-address",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="Two adapters on one network, or of one machine, have the same IP address.",
    why="On one network, Windows detects the duplicate and disables the second address, so one of the two machines loses its connection. On one machine, New-NetIPAddress refuses the second one.",
    fix="Give each adapter its own address.",
    example="switches: [{name: A, switch_type: Internal, ip_address: 10.0.0.1/24}]\nvms: [{name: a, network_adapters: [{switch: A, ip_address: 10.0.0.1/24}]}]",
    source=NEW_IP_ADDRESS,
)


@detects(DUPLICATE_ADDRESS)
def duplicate_address(index: TopologyIndex) -> Iterator[Finding]:
    """The same address twice in one broadcast domain: Windows disables the second one."""
    for holders in index.by_domain.values():
        first: dict[int, AddressHolder] = {}
        copies: set[tuple[int, int]] = set()
        for holder in holders:
            known = first.setdefault(holder.number, holder)
            if known is holder:
                continue
            place = index.position_of_copy(holder.keys)
            if place is None or place not in copies:
                message = tr(
                    "has the address {address} of {other}, on the same network",
                    address=holder.address.ip,
                    other=known.name,
                )
                yield index.finding(
                    DUPLICATE_ADDRESS,
                    holder.subject,
                    holder.keys,
                    message,
                    hint=_hint_of_copy(index, holder) if place else None,
                )
                copies |= {place} if place else set()
    yield from _twice_on_one_machine(index)


def _hint_of_copy(index: TopologyIndex, holder: AddressHolder) -> str:
    """Return the address of the holder with a placeholder in it, as hint."""
    network, _, last = str(holder.address.ip).rpartition(".")
    name, length = index.variable_of_copy(holder.keys), holder.address.network.prefixlen
    return placeholder_hint(f"{network}.{{{name}+{last}}}/{length}")


def _twice_on_one_machine(index: TopologyIndex) -> Iterator[Finding]:
    first: dict[tuple[MachinePath, int], AddressHolder] = {}
    is_repeated = len({holder.number for holder in index.holders}) < len(index.holders)
    for holder in index.holders if is_repeated else ():
        known = first.setdefault((holder.machine, holder.number), holder)
        if known is not holder and known.domain != holder.domain:
            yield index.finding(
                DUPLICATE_ADDRESS,
                holder.subject,
                holder.keys,
                tr(
                    "has the address {address} of {other}, on the same machine",
                    address=holder.address.ip,
                    other=known.name,
                ),
            )


ADDRESS_NOT_USABLE = Rule(
    code="address-not-usable",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="An adapter has an address that no adapter can use.",
    why="The network address, the broadcast address, loopback and multicast addresses are refused by New-NetIPAddress or do not work.",
    fix="Choose a host address inside the network.",
    example="switches: [{name: A, switch_type: Internal, ip_address: 10.0.0.0/24}]",
    source=NEW_IP_ADDRESS,
)


@detects(ADDRESS_NOT_USABLE)
def address_not_usable(index: TopologyIndex) -> Iterator[Finding]:
    """Network, broadcast, multicast and loopback addresses, which no adapter can have."""
    for owner, address, _ in interfaces(index):
        message = _unusable(address)
        if message:
            yield index.finding(
                ADDRESS_NOT_USABLE,
                owner.subject,
                (*owner.keys, "ip_address"),
                message,
            )


def _unusable(address: IPv4Interface) -> str:
    """Return the message about an address that no adapter can have; empty for any other."""
    number, network = int(address), address.network
    if number >> 24 in _NOT_UNICAST or number == 0:
        return tr(
            "has the address {address}, which is not a valid address for an adapter",
            address=address,
        )
    host_bits = (1 << (32 - network.prefixlen)) - 1
    if network.prefixlen <= LONGEST_PREFIX_WITH_BROADCAST:
        if number & host_bits == 0:
            return tr(
                "has the address {address}, which is the network {network} itself",
                address=address,
                network=network,
            )
        if number & host_bits == host_bits:
            return tr(
                "has the address {address}, which is the broadcast address of {network}",
                address=address,
                network=network,
            )
    return ""


ADDRESS_WITHOUT_ADAPTER = Rule(
    code="address-without-adapter",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A switch has an address for the machine itself, but the machine has no adapter on it.",
    why="A Private switch, and an External one with allow_management_os: false, have no management adapter that could take the address.",
    fix="Make the switch Internal, or remove ip_address.",
    example="switches: [{name: A, switch_type: Private, ip_address: 10.0.0.1/24}]",
    source=VIRTUAL_SWITCH,
)


@detects(ADDRESS_WITHOUT_ADAPTER)
def address_without_adapter(index: TopologyIndex) -> Iterator[Finding]:
    """An address for the machine's own adapter on a switch on which it has none."""
    for place in index.switches:
        switch = place.switch
        if switch.ip_address and not switch.has_management_adapter:
            message = (
                tr(
                    "is Private, so the machine has no adapter on it that could have {address}",
                    address=switch.ip_address,
                )
                if switch.switch_type is SwitchType.PRIVATE
                else tr(
                    "is External with allow_management_os: false, so the machine has no adapter on it that could have {address}",
                    address=switch.ip_address,
                )
            )
            yield index.finding(
                ADDRESS_WITHOUT_ADAPTER,
                place.subject,
                (*place.keys, "ip_address"),
                message,
            )


DUPLICATE_ROUTE = Rule(
    code="duplicate-route",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A machine has the same route twice.",
    why="New-NetRoute refuses a route that exists.",
    fix="Remove one of the two.",
    example="switches: [{name: A, switch_type: Internal, ip_address: 10.0.0.1/24}]\nroutes: [{to: 10.1.0.0/16, via: 10.0.0.2}, {to: 10.1.0.0/16, via: 10.0.0.2}]",
    source=NEW_ROUTE,
)


@detects(DUPLICATE_ROUTE)
def duplicate_route(index: TopologyIndex) -> Iterator[Finding]:
    """The same destination and next hop twice: New-NetRoute refuses the second one."""
    for place in index.machines:
        seen = set()
        for position, route in enumerate(place.machine.routes):
            if route in seen:
                yield index.finding(
                    DUPLICATE_ROUTE,
                    place.subject if place.path else "the host",  # not shown
                    (*place.keys, "routes", position),
                    tr("has the route to {to} via {via} twice", to=route.to, via=route.via),
                )
            seen.add(route)


def interfaces(
    index: TopologyIndex,
) -> Iterator[tuple[AddressOwner, IPv4Interface, IPv4Address | None]]:
    """Yield everything that has an address, connected or not, with the address and the gateway."""
    for behind in index.uplinks:
        if behind.uplink.ip_address:
            yield behind, behind.uplink.ip_address, behind.uplink.gateway
    for switch in index.switches:
        if switch.switch.ip_address:
            yield switch, switch.switch.ip_address, switch.switch.gateway
    for own in index.management_adapters:
        if own.adapter.ip_address:
            yield own, own.adapter.ip_address, own.adapter.gateway
    for place in index.adapters:
        if place.adapter.ip_address:
            yield place, place.adapter.ip_address, place.adapter.gateway


DETECTORS = (duplicate_address, address_not_usable, address_without_adapter, duplicate_route)
