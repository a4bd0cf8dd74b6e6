"""Lookup tables of a network: owners of addresses, routes, and broadcast domains.

Addresses are plain integers here: a matrix of a thousand VMs looks them up millions of times.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Network
from typing import NamedTuple

from nestlab.reachability.elements import Interface, Port, Stack, SwitchUplink, WireKey
from nestlab.reachability.ports import (
    native,
    native_segment,
    rules_blocking_down,
    rules_blocking_up,
    tag_down,
    tag_up,
)

Node = tuple[WireKey, int]
"""A wire and the VLAN of a frame on it; 0 is untagged."""


class Hop(NamedTuple):
    """A selected route: interface number, address to resolve on it, prefix that decided."""

    interface: int
    neighbor: int
    network: IPv4Network


class Entry(NamedTuple):
    """An entry of a routing table. `neighbor` None: the destination is directly connected."""

    first: int
    last: int
    network: IPv4Network
    metric: int
    interface: int
    neighbor: int | None


class Place(NamedTuple):
    """An interface of a stack, both by index."""

    stack: int
    interface: int


@dataclass(frozen=True)
class Domain:
    """The nodes that frames of a sender reach, each with the node and uplink before it."""

    entered: dict[Node, tuple[Node, SwitchUplink] | None]

    def __contains__(self, node: object) -> bool:
        return node in self.entered

    def path(self, node: Node) -> list[tuple[Node, SwitchUplink | None]]:
        """Return the nodes up to `node` in order, each with the uplink it was entered by."""
        result: list[tuple[Node, SwitchUplink | None]] = []
        current: Node | None = node
        while current is not None:
            entry = self.entered[current]
            result.append((current, entry[1] if entry else None))
            current = entry[0] if entry else None
        return result[::-1]


class Tables:
    """The lookup tables of a walk.

    Derived from uplinks and stacks; results about frames are cached.
    """

    def __init__(self, uplinks: Sequence[SwitchUplink], stacks: Sequence[Stack]) -> None:
        self.stacks = tuple(stacks)
        self.links: dict[WireKey, list[tuple[SwitchUplink, bool]]] = defaultdict(
            list
        )  # with True: the wire is the lower one
        self.own = tuple(
            frozenset(int(a.ip) for i in stack.interfaces for a in i.addresses) for stack in stacks
        )
        """The addresses of each stack."""
        self.unresolved = tuple(
            tuple(n for n, interface in enumerate(stack.interfaces) if interface.unresolved)
            for stack in stacks
        )
        """The interfaces of each stack that may have an unknown address or gateway."""
        self.leases = tuple(
            {
                interface.lease
                for stack in stacks
                for interface in stack.interfaces
                if interface.lease is not None
            }
        )
        """The scopes from which machines get an unknown address."""
        self.upward: dict[WireKey, list[SwitchUplink]] = defaultdict(list)
        for uplink in uplinks:
            self.upward[uplink.below].append(uplink)
            self.links[uplink.below].append((uplink, True))
            self.links[uplink.above].append((uplink, False))
        self.owners: dict[int, list[Place]] = defaultdict(list)
        self.by_mac: dict[str, list[Place]] = defaultdict(list)
        for place, interface in self.places():
            for address in interface.addresses:
                self.owners[int(address.ip)].append(place)
            if interface.port.mac_address and interface.port.live:
                self.by_mac[interface.port.mac_address].append(place)
        self.vlans = frozenset(native(interface.port) for _, interface in self.places()) | {0}
        """The VLANs of all adapters; 0 is untagged."""
        self.uplink_macs = frozenset(
            port.mac_address for uplink in uplinks for port in uplink.ports if port is not None
        )
        self._domains: dict[tuple[Node, str | None], Domain] = {}
        self._routes: dict[int, tuple[tuple[Entry, ...], tuple[Entry, ...]]] = {}

    def places(self) -> Iterator[tuple[Place, Interface]]:
        """Yield every interface with its place."""
        for number, stack in enumerate(self.stacks):
            for index, interface in enumerate(stack.interfaces):
                yield Place(number, index), interface

    def interface(self, place: Place) -> Interface:
        """Return the interface at a place."""
        return self.stacks[place.stack].interfaces[place.interface]

    def domain(self, port: Port) -> Domain:
        """Return the nodes that frames sent at a port reach, by its VLAN and MAC address."""
        node = native_segment(port)
        if node is None:
            return Domain({})
        # For the spoofing rule there are two kinds of senders: with the MAC of an uplink adapter,
        # and with any other.
        mac = port.mac_address if port.mac_address in self.uplink_macs else None
        key = (node, mac)
        if key not in self._domains:
            self._domains[key] = self._spread(node, mac)
        return self._domains[key]

    def _spread(self, start: Node, mac: str | None) -> Domain:
        entered: dict[Node, tuple[Node, SwitchUplink] | None] = {start: None}
        waiting = [start]
        for node in waiting:  # appended to during the loop
            for uplink, upward in self.links.get(node[0], ()):
                broken = rules_blocking_up if upward else rules_blocking_down
                if any(broken(port, node[1], mac) for port in uplink.ports):
                    continue
                tag = (tag_up if upward else tag_down)(uplink.port, node[1])
                after = (uplink.above if upward else uplink.below, tag)
                if after not in entered:
                    entered[after] = (node, uplink)
                    waiting.append(after)
        return Domain(entered)

    def may_be_leased(self, address: int) -> bool:
        """Whether some machine may get this address from a DHCP server of the lab."""
        return any(int(lease.first) <= address <= int(lease.last) for lease in self.leases)

    def unresolved_in_reach(self, port: Port, besides: int) -> Place | None:
        """Return an interface of another stack, reachable from a port, with an unknown address."""
        places = (
            Place(number, index)
            for number, indices in enumerate(self.unresolved)
            for index in indices
            if number != besides
        )
        return next(
            (
                place
                for place in places
                if self.can_exchange_frames(port, self.interface(place).port)
            ),
            None,
        )

    @cached_property
    def unknown_switches(self) -> tuple[Place, ...]:
        """The adapters on existing switches that may be connected to other networks."""
        return tuple(place for place, interface in self.places() if interface.unknown_switch)

    def may_lead_elsewhere(self, port: Port) -> Place | None:
        """Return a reachable adapter whose existing switch may be connected to other networks."""
        return next(
            (
                place
                for place in self.unknown_switches
                if self.can_exchange_frames(port, self.interface(place).port)
            ),
            None,
        )

    def can_exchange_frames(self, one: Port, other: Port) -> bool:
        """Whether an ARP request of one reaches the other, and the reply returns."""
        return native_segment(other) in self.domain(one) and native_segment(one) in self.domain(
            other
        )

    def route(
        self, stack: int, destination: int, *, only: int | None = None, disconnected: bool = False
    ) -> Hop | None:
        """Return the route to a destination: longest prefix, then metric, then order.

        Adapters without a live port have no routes; with `disconnected` only theirs are considered.
        """
        if stack not in self._routes:
            self._routes[stack] = (
                tuple(_entries(self.stacks[stack], live=True)),
                tuple(_entries(self.stacks[stack], live=False)),
            )
        for entry in self._routes[stack][disconnected]:
            if entry.first <= destination <= entry.last and (
                only is None or entry.interface == only
            ):
                return Hop(
                    entry.interface,
                    destination if entry.neighbor is None else entry.neighbor,
                    entry.network,
                )
        return None


def _entries(stack: Stack, *, live: bool) -> list[Entry]:
    entries: list[Entry] = []
    for index, interface in enumerate(stack.interfaces):
        if interface.port.live is not live or not interface.addresses:
            continue
        entries += (
            _entry(address.network, interface.metric, index, None)
            for address in interface.addresses
        )
        if interface.gateway is not None:
            entries.append(
                _entry(IPv4Network("0.0.0.0/0"), interface.metric, index, int(interface.gateway))
            )
        for route in stack.routes:
            if any(route.via in address.network for address in interface.addresses):
                entries.append(_entry(route.to, interface.metric, index, int(route.via)))
    return sorted(
        entries,
        key=lambda entry: (-entry.network.prefixlen, entry.metric, entry.neighbor is not None),
    )


def _entry(network: IPv4Network, metric: int, interface: int, neighbor: int | None) -> Entry:
    return Entry(
        int(network.network_address),
        int(network.broadcast_address),
        network,
        metric,
        interface,
        neighbor,
    )
