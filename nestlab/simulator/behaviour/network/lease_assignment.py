"""DHCP leases: adapters without an address get one from a server that their broadcasts reach."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from nestlab.dataclass import dataclass
from nestlab.model import path_text
from nestlab.simulator.behaviour.network.default_switch import dhcp_scope, host_interface
from nestlab.simulator.behaviour.network.ip_stack import DEFAULT_ROUTE, has_ipv4
from nestlab.simulator.state.machine import Machine, World
from nestlab.simulator.state.networking import DhcpScope, NetAdapter, NetIPAddress, NetRoute


@dataclass
class _Server:
    machine: Machine
    address: str
    scope: DhcpScope

    @property
    def network(self) -> IPv4Network:
        return IPv4Network(f"{self.scope.scope_id}/{self.scope.subnet_mask}")


def assign_leases(world: World) -> None:
    """Assign a lease to every adapter that uses DHCP and has no address, if a server answers."""
    if not any(True for machine in world.dhcp_servers.values() for _ in _servers(machine)):
        return  # there is no server, so the guests need not be searched
    machines = [
        machine for _, _, machine in world.host.machines() if machine.ready_at <= world.clock.now
    ]
    servers = [server for machine in machines for server in _servers(machine)]
    if not servers:
        return
    from nestlab.simulator.behaviour.network.world_network import world_network  # noqa: PLC0415  # imports the reachability layer, which hosts without DHCP do not need

    # The system of a VM that is off, or did not boot, requests no lease.
    up = world_network(world).paths
    for machine in [machine for machine in machines if id(machine) in up]:
        for adapter in machine.adapters:
            if has_ipv4(adapter) and adapter.link and adapter.ip.dhcp and not adapter.ip.addresses:
                _request_lease(world, machine, adapter, servers)


def _servers(machine: Machine) -> Iterator[_Server]:
    shared = host_interface(machine)
    if shared is not None:
        yield _Server(machine, str(shared.ip), dhcp_scope(shared))
    if (
        machine.features.get("DHCP") != "Installed"
        or machine.services.get("DHCPServer") == "Stopped"
    ):
        return
    own = [
        address
        for adapter in machine.adapters
        if has_ipv4(adapter)
        for address in adapter.ip.addresses
    ]
    for scope in machine.dhcp_scopes:
        network = IPv4Network(f"{scope.scope_id}/{scope.subnet_mask}")
        address = next(
            (entry.address for entry in own if IPv4Address(entry.address) in network), None
        )
        if scope.state == "Active" and address is not None:
            yield _Server(machine, address, scope)


def _request_lease(
    world: World, machine: Machine, adapter: NetAdapter, servers: list[_Server]
) -> None:
    from nestlab.reachability.endpoints import resolve  # noqa: PLC0415  # as above
    from nestlab.reachability.tracing import attempt  # noqa: PLC0415
    from nestlab.simulator.behaviour.network.world_network import world_network  # noqa: PLC0415

    for server in servers:
        offered = _free_address(world, server)
        if server.machine is machine or offered is None:
            continue
        # An offer arrives if and only if a machine with that address could reach the server: the
        # same rules for wires, VLANs and MAC addresses apply.
        adapter.ip.addresses = [NetIPAddress(offered, server.network.prefixlen, "Dhcp")]
        wiring = world_network(world)
        start = resolve(wiring.network, path_text(wiring.path_of(machine)))
        drop, _ = attempt(wiring.network, start, resolve(wiring.network, server.address))
        if drop is None:
            routers = server.scope.router or server.machine.dhcp_options.get("3", [])
            adapter.ip.routes += [
                NetRoute(DEFAULT_ROUTE, router, dhcp=True) for router in routers[:1]
            ]
            adapter.ip.dns_servers = adapter.ip.dns_servers or list(
                server.scope.dns_servers or server.machine.dhcp_options.get("6", [])
            )
            return
        adapter.ip.addresses = []


def _free_address(world: World, server: _Server) -> str | None:
    used = {
        IPv4Interface(f"{entry.address}/{entry.prefix_length}").ip
        for _, _, machine in world.host.machines()
        for adapter in machine.adapters
        for entry in adapter.ip.addresses
    }
    first, last = int(IPv4Address(server.scope.start)), int(IPv4Address(server.scope.end))
    return next(
        (
            str(IPv4Address(number))
            for number in range(first, last + 1)
            if IPv4Address(number) not in used
        ),
        None,
    )
