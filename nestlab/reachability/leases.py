"""Addresses from DHCP servers of the lab: prefix and router follow from the scope.

The address is an example from the range, not necessarily the one that the server will assign.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from nestlab.dataclass import dataclass, replace
from nestlab.model.machine_path import path_text
from nestlab.model.topology import DhcpRange, DhcpServer, Switch, Topology, dhcp_servers
from nestlab.reachability.elements import (
    Assumption,
    Interface,
    Port,
    Stack,
    SwitchUplink,
    WireKey,
    with_interfaces,
)
from nestlab.reachability.tables import Tables
from nestlab.texts import tr


@dataclass(frozen=True)
class _DhcpServer:
    """A DHCP server on one machine, and the port at which it gets the requests of clients."""

    machine: tuple[str, ...]
    port: Port
    scope: DhcpRange
    address: IPv4Interface
    router: IPv4Address | None

    def reserved_for(self, mac_address: str) -> IPv4Address | None:
        """Return the address reserved for a MAC address; None if there is none."""
        reserved = (r for r in self.scope.reservations if r.mac_address == mac_address)
        return next((each.ip_address for each in reserved if mac_address), None)


def with_leases(
    topology: Topology, uplinks: Sequence[SwitchUplink], stacks: Sequence[Stack]
) -> tuple[list[Stack], list[Assumption]]:
    """Return the stacks with an address for each adapter that reaches exactly one DHCP server.

    The address of an adapter stays unknown if its broadcasts reach no server of the topology,
    several of them, or a physical network.
    """
    tables = Tables(uplinks, stacks)
    servers = list(_servers(topology, stacks))
    taken = {
        int(address)
        for stack in stacks
        for interface in stack.interfaces
        for address in interface.addresses
    }
    default_switch_scopes = {
        s.dhcp for _, m in topology.hosts() for s in m.switches if s.is_default_switch
    }
    assumptions: list[Assumption] = []

    def with_lease(stack: Stack, interface: Interface) -> Interface:
        if interface.undeclared or not (interface.unresolved and stack.running):
            return interface
        leased = _leased(tables, servers, stack, interface, taken)
        if leased is None:
            return interface
        taken.add(int(leased.addresses[0]))
        of_default_switch = leased.dhcp_scope in default_switch_scopes - {None}
        text = _assumption_text(stack, leased, default_switch=of_default_switch)
        assumptions.append(Assumption(text=text, machine=stack.machine))
        return leased

    return [with_interfaces(stack, with_lease) for stack in stacks], assumptions


def _servers(topology: Topology, stacks: Sequence[Stack]) -> Iterator[_DhcpServer]:
    running = {stack.machine: stack for stack in stacks if stack.running}
    for path, machine in topology.machines():
        for server in dhcp_servers(machine) if path in running else ():
            if server.ip_address is None:
                continue
            port = _port(running[path], path, server)
            if port is not None:
                address, router = server.ip_address, server.router
                yield _DhcpServer(path, port, server.scope, address, router)


def _port(stack: Stack, path: tuple[str, ...], server: DhcpServer) -> Port | None:
    """Return the port of the address that a scope is served from.

    A nested host's switch that is bound to the adapter of a scope moves its address.
    """
    if isinstance(server.on, Switch):
        return _management_port(stack, path, server.on)
    own = (each for each in stack.interfaces if server.ip_address in each.addresses)
    return next((each.port for each in own), None)


def _management_port(stack: Stack, path: tuple[str, ...], switch: Switch) -> Port | None:
    wire = WireKey(path, switch.name)
    ports = (interface.port for interface in stack.interfaces)
    return next(
        (port for port in ports if port.wire == wire and port.adapter == switch.management_alias),
        None,
    )


def _leased(
    tables: Tables,
    servers: Sequence[_DhcpServer],
    stack: Stack,
    interface: Interface,
    taken: Collection[int],
) -> Interface | None:
    """Return an interface with a free address from the only reachable server; None if not known."""
    reachable = [
        s
        for s in servers
        if s.machine != stack.machine and tables.can_exchange_frames(interface.port, s.port)
    ]
    on_physical = any(wire.physical for wire, _ in tables.domain(interface.port).entered)
    if len(reachable) != 1 or on_physical:
        return None
    (server,) = reachable
    network: IPv4Network = server.address.network
    reserved = server.reserved_for(interface.port.mac_address)
    free = reserved or _free_address(server.scope, taken)
    if free is None or free not in network:
        return None
    address = IPv4Interface((free, network.prefixlen))
    return replace(
        interface,
        addresses=(address,),
        gateway=interface.gateway or server.router,
        assumed=True,
        dhcp_scope=None if reserved else server.scope,
    )


def _free_address(scope: DhcpRange, taken: Collection[int]) -> IPv4Address | None:
    """Return the first address that is neither in `taken` (integers) nor reserved."""
    numbers = range(int(scope.first), int(scope.last) + 1)
    reserved = {int(each.ip_address) for each in scope.reservations}
    free = (number for number in numbers if number not in taken and number not in reserved)
    return next((IPv4Address(number) for number in free), None)


def _assumption_text(stack: Stack, interface: Interface, *, default_switch: bool) -> str:
    machine, scope = path_text(stack.machine), interface.dhcp_scope
    if default_switch:
        return tr(
            "{machine} gets an address of the Default Switch on {interface}: Windows gives that switch another network each time the host starts, with NAT and DHCP.",
            machine=machine,
            interface=interface.name,
        )
    if interface.gateway is None:
        return _without_gateway(machine, interface)
    if scope is None:
        return tr(
            "{machine} gets the reserved address {address} on {interface}, and {gateway} as its gateway.",
            machine=machine,
            address=interface.addresses[0].ip,
            interface=interface.name,
            gateway=interface.gateway,
        )
    return tr(
        "{machine} gets one of the addresses {first} to {last} on {interface}, and {gateway} as its gateway.",
        machine=machine,
        first=scope.first,
        last=scope.last,
        interface=interface.name,
        gateway=interface.gateway,
    )


def _without_gateway(machine: str, interface: Interface) -> str:
    scope = interface.dhcp_scope
    if scope is None:
        return tr(
            "{machine} gets the reserved address {address} on {interface}, and no gateway.",
            machine=machine,
            address=interface.addresses[0].ip,
            interface=interface.name,
        )
    return tr(
        "{machine} gets one of the addresses {first} to {last} on {interface}, and no gateway.",
        machine=machine,
        first=scope.first,
        last=scope.last,
        interface=interface.name,
    )
