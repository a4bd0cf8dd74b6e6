"""Machines that no packet distinguishes: neighbors that differ only in their host part."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from nestlab.reachability.elements import Stack
from nestlab.reachability.endpoints import TraceEndpoint
from nestlab.reachability.tables import Tables
from nestlab.reachability.walk import routed_on_internet


class IndistinguishableGroups:
    """Groups of machines that are equivalent for every packet.

    They have the same switch, network and gateway, and the same networks, routes and NATs contain
    their addresses.
    """

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        networks = {
            address.network
            for _, interface in tables.interface_refs
            for address in interface.addresses
        }
        self.broadcasts = {int(network.broadcast_address) for network in networks}
        networks |= {route.to for stack in tables.stacks for route in stack.routes}
        networks |= {nat.prefix for stack in tables.stacks for nat in stack.nats}
        self.prefixes: dict[int, set[int]] = {}
        for network in networks:
            self.prefixes.setdefault(network.prefixlen, set()).add(int(network.network_address))
        self.next_hops = {int(i.gateway) for _, i in tables.interface_refs if i.gateway is not None}
        self.next_hops |= {int(route.via) for stack in tables.stacks for route in stack.routes}

    def key(self, end: TraceEndpoint) -> Hashable:
        """Return the group of an endpoint; the endpoint itself where no other can be equivalent."""
        stack = self.tables.stacks[end.stack] if end.stack is not None else None
        if stack is None or end.address is not None or not self._ordinary(stack):
            return end
        (interface,) = stack.interfaces
        (address,) = interface.addresses
        port = interface.port
        return (
            (port.wire, port.connected, port.vlan),
            address.network,
            interface.gateway,
            stack.routes,
            stack.answers_ping,
            routed_on_internet(int(address)),
            tuple(self._containing_prefixes(int(address))),
        )

    def _containing_prefixes(self, address: int) -> Iterator[tuple[int, int]]:
        """Yield length and network address of the prefixes that contain an address."""
        for length, starts in self.prefixes.items():
            start = _prefix_start(address, length)
            if start in starts:
                yield length, start

    def _ordinary(self, stack: Stack) -> bool:
        """Whether a stack is a running machine that only sends and receives.

        It has one interface with one address, both its address and its MAC address are unique, its
        address is not the broadcast address of a network, and it neither routes nor translates.
        """
        if stack.kind != "machine" or not stack.running or stack.nats or len(stack.interfaces) != 1:
            return False
        interface = stack.interfaces[0]
        if interface.forwarding or interface.unresolved or len(interface.addresses) != 1:
            return False
        address = int(interface.addresses[0])
        mac = interface.port.mac_address
        return (
            len(self.tables.owners[address]) == 1
            and len(self.tables.by_mac.get(mac, ())) <= 1
            and mac not in self.tables.uplink_macs
            and address not in self.next_hops
            and address not in self.broadcasts
        )


def _prefix_start(address: int, length: int) -> int:
    return address >> (32 - length) << (32 - length)
