"""DHCP leases: adapters without an address get one from a server that their broadcasts reach.

A server knows who has an address only by its own leases: its conflict detection is off unless
ConflictDetectionAttempts is set
(https://learn.microsoft.com/previous-versions/windows/desktop/dhcpserverpsprov/dhcpserversetting).
The client tests an offered address by ARP, declines one that is in use, and is offered the next one
(https://learn.microsoft.com/previous-versions/windows/it-pro/windows-2000-server/cc961397(v=technet.10)).
A declined address is a bad lease, which the server does not offer for ten minutes
(https://learn.microsoft.com/previous-versions/windows/desktop/dhcpserverpsprov/getbybadleases-ps-dhcpserverv4lease).
That a server offers the lowest address first is an inference.
A reserved address is leased only to its client, which gets no other
(https://learn.microsoft.com/powershell/module/dhcpserver/add-dhcpserverv4reservation); it may be
outside the range (https://support.microsoft.com/kb/196066). A client is known by the identifier
that it sends (RFC 2131, 4.2), so a reservation for a MAC address is for no client that sends
another identifier. That systemd-networkd does not look at the MAC address either holds before
systemd 254 (https://github.com/systemd/systemd/pull/27313).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

from nestlab.dataclass import dataclass
from nestlab.model import path_text
from nestlab.simulator.behaviour.network.default_switch import dhcp_scope, host_interface
from nestlab.simulator.behaviour.network.ip_stack import DEFAULT_ROUTE, has_ipv4
from nestlab.simulator.state.machine import Machine, World
from nestlab.simulator.state.networking import DhcpScope, NetAdapter, NetIPAddress, NetRoute

BAD_LEASE_SECONDS = 600.0


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


def renew_lease(machine: Machine, adapter: NetAdapter) -> None:
    """Renew the lease of an adapter whose link came up again (RFC 2131, 3.2 and 4.4.2).

    The client asks for its address again: a server that it reaches and that serves the address
    confirms it, with the options that the scope has now; another one refuses it, and the client
    asks for a new address. Without an answer, it keeps what it has.
    """
    from nestlab.simulator.behaviour.network.world_network import world_network  # noqa: PLC0415  # as above

    world = machine.world
    current = [each.address for each in adapter.ip.addresses if each.origin == "Dhcp"]
    if not current or not adapter.link or id(machine) not in world_network(world).paths:
        return
    up = [each for _, _, each in world.host.machines() if each.ready_at <= world.clock.now]
    servers = [server for each in up if each is not machine for server in _servers(each)]
    for server in servers:
        if _in_reach(world, machine, adapter, server):
            adapter.ip.release()
            if _confirms(server, current[0], sent_client_id(adapter)):
                _set_lease(adapter, server, current[0])
            return


def _confirms(server: _Server, address: str, client: str) -> bool:
    """Whether a server lets a client keep an address: it serves it, and to no other client."""
    scope = server.scope
    own = [each.address for each in scope.reservations if each.client_id == client]
    reserved = {each.address for each in scope.reservations}
    if own or address in reserved:
        return address in own
    return IPv4Address(scope.start) <= IPv4Address(address) <= IPv4Address(scope.end)


def client_id(mac_address: str) -> str:
    """Return the client identifier of a MAC address as the server shows it.

    >>> client_id("00155D0A0102")
    '00-15-5d-0a-01-02'
    """
    return "-".join(re.findall("..", re.sub("[^0-9a-f]", "", mac_address.lower())))


def sent_client_id(adapter: NetAdapter) -> str:
    """Return the client identifier that an adapter sends, as the server shows it.

    That is the MAC address, or 255, four bytes for the adapter and a DUID (RFC 4361, 6.1) with the
    enterprise number of systemd. That the bytes come from the MAC address is invented.
    """
    mac = client_id(adapter.mac_address)
    if not adapter.ip.sends_duid:
        return mac
    digest = hashlib.sha256(mac.encode()).hexdigest()
    return client_id(f"ff{digest[:8]}00020000ab11{digest[8:24]}")


def _servers(machine: Machine) -> Iterator[_Server]:
    is_windows = machine.operating_system.family == "windows"
    shared = host_interface(machine)
    if shared is not None:
        yield _Server(machine, str(shared.ip), dhcp_scope(shared))
    if (
        (is_windows and machine.features.get("DHCP") != "Installed")
        or machine.services.get("DHCPServer") == "Stopped"
        or (machine.domain and not machine.dhcp_authorized)
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
    for server in servers:
        in_reach = {} if server.machine is machine else _in_reach(world, machine, adapter, server)
        if in_reach:
            in_reach |= _of_other_adapters(machine, adapter)
        client = sent_client_id(adapter)
        offered = _accepted_address(world, server, in_reach, client) if in_reach else None
        if offered is None:
            continue
        _set_lease(adapter, server, offered)
        return


def _of_other_adapters(machine: Machine, adapter: NetAdapter) -> dict[str, str]:
    """Return the addresses of the machine's other adapters, each with its origin.

    Each adapter is a client of its own: no two get one address.
    """
    others = (each for each in machine.adapters if each is not adapter)
    return {entry.address: entry.origin for each in others for entry in each.ip.addresses}


def _set_lease(adapter: NetAdapter, server: _Server, address: str) -> None:
    """Set an address, with the options that the scope or its server has now."""
    options = server.machine.dhcp_options
    adapter.ip.addresses = [NetIPAddress(address, server.network.prefixlen, "Dhcp")]
    routers = server.scope.router or options.get("3", [])
    adapter.ip.routes += [NetRoute(DEFAULT_ROUTE, router, dhcp=True) for router in routers[:1]]
    adapter.ip.leased_dns_servers = list(server.scope.dns_servers or options.get("6", []))


def _in_reach(
    world: World, machine: Machine, adapter: NetAdapter, server: _Server
) -> dict[str, str]:
    """Return the addresses that the broadcasts of an adapter reach, each with its origin.

    Empty if they do not reach the server. The adapter has no address before and after; meanwhile it
    has one that no machine uses, and the other adapters of the machine have none, so that nothing
    is sent through them.
    """
    from nestlab.reachability.endpoints import resolve  # noqa: PLC0415  # as above
    from nestlab.reachability.tracing import attempt  # noqa: PLC0415
    from nestlab.simulator.behaviour.network.addresses_in_reach import origins_in_reach  # noqa: PLC0415
    from nestlab.simulator.behaviour.network.world_network import world_network  # noqa: PLC0415

    unused = _unused_address(world, server)
    if unused is None:
        return {}
    # An offer arrives if and only if a machine with such an address could reach the server: the
    # same rules for wires, VLANs and MAC addresses apply.
    own = [(each.ip, each.ip.addresses) for each in machine.adapters]
    for each in machine.adapters:
        each.ip.addresses = []
    adapter.ip.addresses = [NetIPAddress(unused, server.network.prefixlen, "Dhcp")]
    try:
        simulated_network = world_network(world)
        start = resolve(simulated_network.network, path_text(simulated_network.path_of(machine)))
        drop, _ = attempt(
            simulated_network.network, start, resolve(simulated_network.network, server.address)
        )
        return origins_in_reach(simulated_network, machine, adapter) if drop is None else {}
    finally:
        for settings, addresses in own:
            settings.addresses = addresses


def _offered(scope: DhcpScope, client: str) -> Iterator[str]:
    """Yield the addresses that a server offers a client: that reserved for it, or the free ones."""
    own = [each.address for each in scope.reservations if each.client_id == client]
    if own:
        yield from own
        return
    reserved = {each.address for each in scope.reservations}
    first, last = int(IPv4Address(scope.start)), int(IPv4Address(scope.end))
    offered = map(str, map(IPv4Address, range(first, last + 1)))
    yield from (address for address in offered if address not in reserved)


def _unused_address(world: World, server: _Server) -> str | None:
    """Return an address of the server's network that no machine has, on any network."""
    used = {
        IPv4Address(entry.address)
        for _, _, machine in world.host.machines()
        for adapter in machine.adapters
        for entry in adapter.ip.addresses
    }
    return next((str(address) for address in server.network.hosts() if address not in used), None)


def _accepted_address(
    world: World, server: _Server, in_reach: dict[str, str], client: str
) -> str | None:
    """Return the first offered address that the client accepts; None if the server has none left.

    `in_reach` are the addresses on the client's network, each with its origin.
    """
    now, scope = world.clock.now, server.scope
    for address in _offered(scope, client):
        is_bad = scope.declined.get(address, now) > now
        if is_bad or address == server.address or in_reach.get(address) == "Dhcp":
            continue  # the server does not offer it
        if address not in in_reach:
            return address
        scope.declined[address] = now + BAD_LEASE_SECONDS
    return None
