"""Addresses from DHCP servers of the lab: prefix and router follow from the scope.

The address is any one of the range, not necessarily the one that the server will assign.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from nestlab.model.machine_path import path_text
from nestlab.model.topology import DhcpRange, Switch, Topology
from nestlab.reachability.elements import Assumption, Interface, Port, Stack, SwitchUplink, WireKey
from nestlab.reachability.tables import Tables


@dataclass(frozen=True)
class _DhcpServer:
    """A DHCP server role on one machine, serving on one of its switches.

    The router that it hands out is its own address there.
    """

    machine: tuple[str, ...]
    port: Port
    scope: DhcpRange
    address: IPv4Interface


def with_leases(
    topology: Topology, uplinks: Sequence[SwitchUplink], stacks: Sequence[Stack]
) -> tuple[list[Stack], list[Assumption]]:
    """Return the stacks with an address for each adapter that exactly one DHCP server answers.

    The address of an adapter stays unknown if its broadcasts reach no server of the topology,
    several of them, or a physical network.
    """
    tables = Tables(uplinks, stacks)
    servers = list(_servers(topology, stacks))
    taken = {
        address.ip
        for stack in stacks
        for interface in stack.interfaces
        for address in interface.addresses
    }
    shared = {s.dhcp for _, m in topology.machines() for s in m.switches if s.is_default_switch}
    result: list[Stack] = []
    assumptions: list[Assumption] = []
    for stack in stacks:
        interfaces = []
        for interface in stack.interfaces:
            leased = (
                _leased(tables, servers, stack, interface, taken)
                if interface.unresolved and stack.running
                else None
            )
            if leased is not None:
                taken.add(leased.addresses[0].ip)
                text = _text(stack, leased, shared=leased.lease in shared)
                assumptions.append(Assumption(text=text, machine=stack.machine))
            interfaces.append(leased or interface)
        result.append(replace(stack, interfaces=tuple(interfaces)))
    return result, assumptions


def _servers(topology: Topology, stacks: Sequence[Stack]) -> Iterator[_DhcpServer]:
    running = {stack.machine: stack for stack in stacks if stack.running}
    for path, machine in topology.machines():
        for switch in machine.switches:
            port = _own_port(running[path], path, switch) if path in running else None
            if switch.dhcp is not None and switch.ip_address is not None and port is not None:
                yield _DhcpServer(path, port, switch.dhcp, switch.ip_address)


def _own_port(stack: Stack, path: tuple[str, ...], switch: Switch) -> Port | None:
    wire = WireKey(path, switch.name)
    ports = (interface.port for interface in stack.interfaces)
    return next(
        (port for port in ports if port.wire == wire and port.adapter == switch.management_adapter),
        None,
    )


def _leased(
    tables: Tables,
    servers: Sequence[_DhcpServer],
    stack: Stack,
    interface: Interface,
    taken: set[IPv4Address],
) -> Interface | None:
    heard = [
        s
        for s in servers
        if s.machine != stack.machine and tables.can_exchange_frames(interface.port, s.port)
    ]
    outside = any(wire.physical for wire, _ in tables.domain(interface.port).entered)
    if len(heard) != 1 or outside:
        return None
    (server,) = heard
    network: IPv4Network = server.address.network
    numbers = range(int(server.scope.first), int(server.scope.last) + 1)
    free = next(
        (address for number in numbers if (address := IPv4Address(number)) not in taken), None
    )
    if free is None or free not in network:
        return None
    address = IPv4Interface((free, network.prefixlen))
    return replace(
        interface,
        addresses=(address,),
        gateway=interface.gateway or server.address.ip,
        assumed=True,
        lease=server.scope,
    )


def _text(stack: Stack, interface: Interface, *, shared: bool) -> str:
    scope = interface.lease
    if shared:
        return f"{path_text(stack.machine)} gets an address of the Default Switch on {interface.name}: Windows gives that switch another network at each start, with NAT and DHCP."
    between = f"{scope.first} to {scope.last}" if scope is not None else "a scope"
    return f"{path_text(stack.machine)} gets one of the addresses {between} on {interface.name}, and {interface.gateway} as its gateway."
