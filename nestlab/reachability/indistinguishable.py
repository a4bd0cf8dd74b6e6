"""Machines that are equivalent for every packet: neighbours with different host addresses."""

from __future__ import annotations

from collections.abc import Hashable

from nestlab.reachability.elements import Stack
from nestlab.reachability.endpoints import TraceEndpoint
from nestlab.reachability.tables import Tables


class IndistinguishableGroups:
    """Groups of machines that are equivalent for every packet.

    They have the same switch, network and gateway, and are in the same prefixes of all routes.
    """

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        networks = {
            address.network for _, interface in tables.places() for address in interface.addresses
        }
        networks |= {route.to for stack in tables.stacks for route in stack.routes}
        networks |= {nat.prefix for stack in tables.stacks for nat in stack.nats}
        self.prefixes: dict[int, set[int]] = {}
        for network in networks:
            self.prefixes.setdefault(network.prefixlen, set()).add(int(network.network_address))
        self.asked_for = {int(i.gateway) for _, i in tables.places() if i.gateway is not None}
        self.asked_for |= {int(route.via) for stack in tables.stacks for route in stack.routes}

    def key(self, end: TraceEndpoint) -> Hashable:
        """Return the group of an endpoint; one of its own where anything about it is special."""
        stack = self.tables.stacks[end.stack] if end.stack is not None else None
        if stack is None or end.address is not None or not self._ordinary(stack):
            return end
        (interface,) = stack.interfaces
        (address,) = interface.addresses
        number = int(address.ip)
        within = tuple(
            (length, start)
            for length in self.prefixes
            if (start := _start(number, length)) in self.prefixes[length]
        )
        port = interface.port
        place = (port.wire, port.connected, port.vlan)
        return (
            place,
            address.network,
            interface.gateway,
            stack.routes,
            stack.answers_ping,
            address.ip.is_global,
            within,
        )

    def _ordinary(self, stack: Stack) -> bool:
        """Whether it is a running machine with one unique address that is not a next hop."""
        if stack.kind != "machine" or not stack.running or stack.nats or len(stack.interfaces) != 1:
            return False
        interface = stack.interfaces[0]
        if interface.forwarding or interface.unresolved or len(interface.addresses) != 1:
            return False
        address = int(interface.addresses[0].ip)
        mac = interface.port.mac_address
        return (
            len(self.tables.owners[address]) == 1
            and len(self.tables.by_mac.get(mac, ())) <= 1
            and mac not in self.tables.uplink_macs
            and address not in self.asked_for
        )


def _start(address: int, length: int) -> int:
    return address >> (32 - length) << (32 - length)
