"""Lookup tables of a network: owners of addresses, routes, and broadcast domains.

Addresses are plain integers here: a matrix of a thousand VMs looks them up millions of times.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from ipaddress import IPv4Network
from typing import NamedTuple

from nestlab.dataclass import dataclass
from nestlab.model.topology import DhcpRange
from nestlab.reachability.elements import Interface, Port, Stack, SwitchUplink, WireKey
from nestlab.reachability.ports import (
    native_segment,
    rules_blocking_down,
    rules_blocking_up,
    tag_down,
    tag_up,
    untagged_vlan,
)

Segment = tuple[WireKey, int]
"""A wire and the VLAN of the frames on it; 0 is untagged."""


class NextHop(NamedTuple):
    """A selected route: interface index, address to resolve there with ARP, and matching prefix."""

    interface: int
    neighbor: int
    network: IPv4Network


class RouteEntry(NamedTuple):
    """An entry of a routing table. `neighbor` None: the destination is directly connected."""

    first: int
    last: int
    network: IPv4Network
    metric: int
    interface: int
    neighbor: int | None


class InterfaceRef(NamedTuple):
    """Identifies an interface: the index of its stack, and its own index in that stack."""

    stack: int
    interface: int


@dataclass(frozen=True)
class ReachableSegments:
    """The segments that frames of a sender reach, each with the segment and uplink before it."""

    entered: dict[Segment, tuple[Segment, SwitchUplink] | None]

    def __contains__(self, segment: object) -> bool:
        return segment in self.entered

    def path(self, segment: Segment) -> list[tuple[Segment, SwitchUplink | None]]:
        """Return the segments up to `segment` in order, each with the uplink it was entered by."""
        result: list[tuple[Segment, SwitchUplink | None]] = []
        current: Segment | None = segment
        while current is not None:
            entry = self.entered[current]
            result.append((current, entry[1] if entry else None))
            current = entry[0] if entry else None
        return result[::-1]


class Tables:
    """The lookup tables of a walk.

    They are derived from uplinks and stacks when they are first needed, and cached.
    """

    def __init__(self, uplinks: Sequence[SwitchUplink], stacks: Sequence[Stack]) -> None:
        self.stacks = tuple(stacks)
        self._index_uplinks(uplinks)
        self.uplink_macs = frozenset(
            port.mac_address for uplink in uplinks for port in uplink.ports if port is not None
        )
        self._domains: dict[tuple[Segment, str | None], ReachableSegments] = {}
        self._routes: dict[int, tuple[tuple[RouteEntry, ...], tuple[RouteEntry, ...]]] = {}

    def _index_uplinks(self, uplinks: Sequence[SwitchUplink]) -> None:
        self.links: dict[WireKey, list[tuple[SwitchUplink, bool]]] = defaultdict(list)
        """The uplinks of each wire; True if the wire is the lower end of the uplink."""
        self.upward: dict[WireKey, list[SwitchUplink]] = defaultdict(list)
        """The uplinks of each wire that lead up from it."""
        for uplink in uplinks:
            self.upward[uplink.below].append(uplink)
            self.links[uplink.below].append((uplink, True))
            self.links[uplink.above].append((uplink, False))

    @cached_property
    def disabled(self) -> tuple[InterfaceRef, ...]:
        """The adapters that are disabled in Windows on running machines."""
        found = (ref for ref, each in self.interface_refs if each.disabled)
        return tuple(ref for ref in found if self.stacks[ref.stack].running)

    @cached_property
    def interface_refs(self) -> tuple[tuple[InterfaceRef, Interface], ...]:
        """Every interface of every stack, each with its reference."""
        return tuple(
            [
                (InterfaceRef(number, index), interface)
                for number, stack in enumerate(self.stacks)
                for index, interface in enumerate(stack.interfaces)
            ]
        )

    @cached_property
    def own_addresses(self) -> tuple[frozenset[int], ...]:
        """The addresses of each stack."""
        return tuple(
            [
                frozenset([int(a) for i in stack.interfaces for a in i.addresses])
                for stack in self.stacks
            ]
        )

    @cached_property
    def unresolved(self) -> tuple[tuple[int, ...], ...]:
        """By stack: the indices of interfaces that may have an unknown address or gateway."""
        return tuple(
            [
                tuple([n for n, interface in enumerate(stack.interfaces) if interface.unresolved])
                for stack in self.stacks
            ]
        )

    @cached_property
    def dhcp_scopes(self) -> tuple[DhcpRange, ...]:
        """The DHCP scopes of the lab from which adapters get an address."""
        scopes = {interface.dhcp_scope for _, interface in self.interface_refs}
        return tuple(scope for scope in scopes if scope is not None)

    @cached_property
    def vlans(self) -> frozenset[int]:
        """The VLANs of all adapters; 0 is untagged."""
        return frozenset([0, *(untagged_vlan(each.port) for _, each in self.interface_refs)])

    @cached_property
    def owners(self) -> Mapping[int, Sequence[InterfaceRef]]:
        """The interfaces that have an address, by the address."""
        found: dict[int, list[InterfaceRef]] = defaultdict(list)
        for ref, interface in self.interface_refs:
            for address in interface.addresses:
                found[int(address)].append(ref)
        return found

    @cached_property
    def by_mac(self) -> Mapping[str, Sequence[InterfaceRef]]:
        """The connected interfaces that have a MAC address, by that address."""
        found: dict[str, list[InterfaceRef]] = defaultdict(list)
        for ref, interface in self.interface_refs:
            if interface.port.mac_address and interface.port.live:
                found[interface.port.mac_address].append(ref)
        return found

    def interface(self, ref: InterfaceRef) -> Interface:
        """Return the interface that a reference identifies."""
        return self.stacks[ref.stack].interfaces[ref.interface]

    def domain(self, port: Port) -> ReachableSegments:
        """Return the segments that frames sent at a port reach, by its VLAN and MAC address."""
        segment = native_segment(port)
        if segment is None:
            return ReachableSegments({})
        # For the spoofing rule there are two kinds of senders: with the MAC of an uplink adapter,
        # and with any other.
        mac = port.mac_address if port.mac_address in self.uplink_macs else None
        key = (segment, mac)
        if key not in self._domains:
            self._domains[key] = self._flood(segment, mac)
        return self._domains[key]

    def _flood(self, start: Segment, mac: str | None) -> ReachableSegments:
        entered: dict[Segment, tuple[Segment, SwitchUplink] | None] = {start: None}
        waiting = [start]
        for segment in waiting:  # appended to during the loop
            for uplink, upward in self.links.get(segment[0], ()):
                rules_blocking = rules_blocking_up if upward else rules_blocking_down
                if any(rules_blocking(port, segment[1], mac) for port in uplink.ports):
                    continue
                tag = (tag_up if upward else tag_down)(uplink.port, segment[1])
                after = (uplink.above if upward else uplink.below, tag)
                if after not in entered:
                    entered[after] = (segment, uplink)
                    waiting.append(after)
        return ReachableSegments(entered)

    def may_be_leased(self, address: int) -> bool:
        """Whether some machine may get this address from a DHCP server of the lab."""
        return any(int(lease.first) <= address <= int(lease.last) for lease in self.dhcp_scopes)

    def unresolved_in_reach(self, port: Port, excluded_stack: int) -> InterfaceRef | None:
        """Return a reachable interface of another stack whose address or gateway is not known."""
        refs = (
            InterfaceRef(number, index)
            for number, indices in enumerate(self.unresolved)
            for index in indices
            if number != excluded_stack
        )
        return next(
            (ref for ref in refs if self.can_exchange_frames(port, self.interface(ref).port)),
            None,
        )

    @cached_property
    def interfaces_on_unknown_switches(self) -> tuple[InterfaceRef, ...]:
        """The interfaces on existing switches whose other connections are not known."""
        return tuple(ref for ref, interface in self.interface_refs if interface.unknown_switch)

    def reachable_on_unknown_switch(self, port: Port) -> InterfaceRef | None:
        """Return a reachable interface whose existing switch may lead to other networks."""
        return next(
            (
                ref
                for ref in self.interfaces_on_unknown_switches
                if self.can_exchange_frames(port, self.interface(ref).port)
            ),
            None,
        )

    def can_exchange_frames(self, one: Port, other: Port) -> bool:
        """Whether an ARP request of one reaches the other, and the reply returns."""
        return native_segment(other) in self.domain(one) and native_segment(one) in self.domain(
            other
        )

    def route(
        self,
        stack: int,
        destination: int,
        *,
        only_interface: int | None = None,
        disconnected: bool = False,
    ) -> NextHop | None:
        """Return the route to a destination: longest prefix, metric, directly connected, order.

        With `disconnected`, only the routes of disconnected adapters are considered, else only
        those of connected ones; with `only_interface`, only the routes of that interface.
        """
        for entry in self._routing_table(stack, disconnected=disconnected):
            if not entry.first <= destination <= entry.last:
                continue
            if only_interface is None or entry.interface == only_interface:
                neighbor = destination if entry.neighbor is None else entry.neighbor
                return NextHop(entry.interface, neighbor, entry.network)
        return None

    def _routing_table(self, stack: int, *, disconnected: bool) -> tuple[RouteEntry, ...]:
        if stack not in self._routes:
            self._routes[stack] = (
                tuple(_entries(self.stacks[stack], live=True)),
                tuple(_entries(self.stacks[stack], live=False)),
            )
        return self._routes[stack][disconnected]


def _entries(stack: Stack, *, live: bool) -> list[RouteEntry]:
    entries: list[RouteEntry] = []
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


def _entry(network: IPv4Network, metric: int, interface: int, neighbor: int | None) -> RouteEntry:
    return RouteEntry(
        int(network.network_address),
        int(network.broadcast_address),
        network,
        metric,
        interface,
        neighbor,
    )
