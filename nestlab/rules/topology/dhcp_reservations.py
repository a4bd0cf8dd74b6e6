"""Rules about what a DHCP scope gives its clients: the router, and reserved addresses."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

from nestlab.constants import DHCP_OPTIONS, DHCP_RESERVATION_LIMITS, DHCP_RESERVATIONS
from nestlab.dataclass import dataclass, replace
from nestlab.model.finding import Finding
from nestlab.model.origin import KeyPath
from nestlab.model.spelling import hyphenated_mac
from nestlab.model.topology import DhcpReservation
from nestlab.rules.rule import Rule, Scope, Variant, detects
from nestlab.rules.topology.dhcp_networks import DhcpNetwork, ValidDhcpServer, served_networks
from nestlab.rules.topology.places import AdapterPlace
from nestlab.rules.topology.topology_index import TopologyIndex
from nestlab.texts import tr

DHCP_ROUTER_WRONG = Rule(
    code="dhcp-router-wrong",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="The router of a DHCP scope is not in the network of its clients, or no machine there has its address.",
    why="Clients send what leaves their network to the router. They reach no address outside of it, and nothing answers for one that no machine has.",
    fix="Write the address of a machine on the switch that forwards, or remove router: clients then get the machine's own address on the switch.",
    example="switches: [{name: A, switch_type: Internal, ip_address: 10.0.0.1/24, dhcp: {range: 10.0.0.100-10.0.0.200, router: 10.0.9.1}}]",
    source=DHCP_OPTIONS,
    variants=(Variant("warning", "if it is in the network, and no machine has the address"),),
)

DHCP_RESERVATION_WRONG = Rule(
    code="dhcp-reservation-wrong",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A DHCP reservation has an address outside the network of its scope, or one that a machine has already, or its address or MAC address has another reservation.",
    why="The DHCP server refuses it, or the client gets an address that another machine uses.",
    fix="Reserve a free address of the network, and one address for each MAC address. It may be outside the range.",
    example="switches: [{name: A, switch_type: Internal, ip_address: 10.0.0.1/24, dhcp: {range: 10.0.0.100-10.0.0.200, reservations: [{ip_address: 10.0.9.50, mac_address: 00-15-5D-00-00-50}]}}]\nvms: [{name: a, network_adapters: [{switch: A, dhcp: true, mac_address: 00-15-5D-00-00-50}]}]",
    source=DHCP_RESERVATION_LIMITS,
)

DHCP_RESERVATION_UNUSED = Rule(
    code="dhcp-reservation-unused",
    severity="info",
    looks_at=(Scope.TOPOLOGY,),
    meaning="No adapter of the topology on the network of a DHCP scope asks for the address that the scope reserves.",
    why="The address is leased to no other client. A machine that is not in the file may have the MAC address.",
    fix="Write mac_address and dhcp: true on the adapter that is to have the address, or remove the reservation. If another machine has the MAC address, leave it so.",
    example="switches: [{name: A, switch_type: Internal, ip_address: 10.0.0.1/24, dhcp: {range: 10.0.0.100-10.0.0.200, reservations: [{ip_address: 10.0.0.50, mac_address: 00-15-5D-00-00-50}]}}]",
    source=DHCP_RESERVATIONS,
)


@detects(DHCP_ROUTER_WRONG)
def dhcp_router_wrong(index: TopologyIndex) -> Iterator[Finding]:
    """A router outside the network of its scope, or whose address no machine there has."""
    for network, server in _servers(index):
        router = server.place.scope.router
        if router is None:
            continue
        keys = (*server.place.keys, "router")
        if router not in server.address.network:
            message = tr(
                "gives its DHCP clients the router {router}, which is not in their network {network}",
                router=router,
                network=server.address.network,
            )
            hint = _in_network(server)
            yield index.finding(DHCP_ROUTER_WRONG, server.place.subject, keys, message, hint=hint)
        elif not _has_machine(network, router):
            message = tr(
                "gives its DHCP clients the router {router}, which no machine on its network has",
                router=router,
            )
            hint = _with_machine(server)
            rule = DHCP_ROUTER_WRONG.at("warning")
            yield index.finding(rule, server.place.subject, keys, message, hint=hint)


def _in_network(server: ValidDhcpServer) -> str:
    """Return the hint about a router outside the network of its scope."""
    network, own = server.address.network, _router_by_default(server)
    if own is None:
        return tr(
            "Write the address of a machine in {network} that forwards, or remove router: clients then get none.",
            network=network,
        )
    return tr(
        "Write the address of a machine in {network} that forwards, or remove router: clients then get {address}.",
        network=network,
        address=own,
    )


def _with_machine(server: ValidDhcpServer) -> str:
    """Return the hint about a router that no machine is."""
    own = _router_by_default(server)
    if own is None:
        return tr(
            "Give the machine that forwards this address, or remove router: clients then get none."
        )
    return tr(
        "Give the machine that forwards this address, or remove router: clients then get {address}.",
        address=own,
    )


def _router_by_default(server: ValidDhcpServer) -> IPv4Address | None:
    without = replace(server.place.scope, router=None)
    return replace(server.place.server, scope=without).router


def _servers(index: TopologyIndex) -> Iterator[tuple[DhcpNetwork, ValidDhcpServer]]:
    for network in served_networks(index):
        for server in network.servers:
            yield network, server


def _has_machine(network: DhcpNetwork, router: IPv4Address) -> bool:
    """Whether a machine of the file has an address, or a machine outside the file may have it."""
    index, domain = network.index, network.domain
    return index.is_open(domain) or (domain, int(router)) in index.by_address


@detects(DHCP_RESERVATION_WRONG)
def dhcp_reservation_wrong(index: TopologyIndex) -> Iterator[Finding]:
    """A reservation that the server refuses, or whose address another machine has."""
    for network, server in _servers(index):
        for place in _reservations(server):
            found = _taken(network, server, place)
            if found is not None:
                key, message, hint = found
                keys = (*place.keys, key)
                subject = server.place.subject
                yield index.finding(DHCP_RESERVATION_WRONG, subject, keys, message, hint=hint)


@dataclass(frozen=True)
class _Place:
    """A reservation, its keys in the file, and the earlier ones in the same scope."""

    reserved: DhcpReservation
    keys: KeyPath
    before: tuple[DhcpReservation, ...]

    @property
    def mac(self) -> str:
        """Its MAC address as it is shown."""
        return hyphenated_mac(self.reserved.mac_address)


def _reservations(server: ValidDhcpServer) -> Iterator[_Place]:
    listed = server.place.scope.reservations
    for number, reserved in enumerate(listed):
        keys = (*server.place.keys, "reservations", number)
        yield _Place(reserved, keys, listed[:number])


def _taken(
    network: DhcpNetwork, server: ValidDhcpServer, place: _Place
) -> tuple[str, str, str] | None:
    """Return the key, the message and the hint of a reservation; None if nothing is wrong."""
    address, own = place.reserved.ip_address, server.address
    if address not in own.network or not _is_host_address(address, own.network):
        message = tr(
            "reserves {address} for {mac}, which is not an address for a machine of its network {network}",
            address=address,
            mac=place.mac,
            network=own.network,
        )
        hint = tr(
            "Reserve an address of {network}; it may be outside the range.", network=own.network
        )
        return "ip_address", message, hint
    same_mac = (each for each in place.before if each.mac_address == place.reserved.mac_address)
    other = next(same_mac, None)
    if other is not None:
        message = tr(
            "reserves {address} for {mac}, which has {other} reserved already",
            address=address,
            mac=place.mac,
            other=other.ip_address,
        )
        return "mac_address", message, tr("Remove one of the two reservations.")
    if any(each.ip_address == address for each in place.before):
        message = tr(
            "reserves {address} for {mac}, and for another MAC address as well",
            address=address,
            mac=place.mac,
        )
        return "ip_address", message, tr("Reserve another address for one of the two.")
    holder = network.index.by_address.get((network.domain, int(address)))
    if holder is None or _is_client(holder.owner, place):
        return None
    message = tr(
        "reserves {address} for {mac}, and {holder} has this address",
        address=address,
        mac=place.mac,
        holder=holder.name,
    )
    return "ip_address", message, tr("Reserve another address, which no machine has.")


def _is_host_address(address: IPv4Address, network: IPv4Network) -> bool:
    return address not in (network.network_address, network.broadcast_address)


def _is_client(owner: object, place: _Place) -> bool:
    return (
        isinstance(owner, AdapterPlace) and owner.adapter.mac_address == place.reserved.mac_address
    )


@detects(DHCP_RESERVATION_UNUSED)
def dhcp_reservation_unused(index: TopologyIndex) -> Iterator[Finding]:
    """A reservation for a MAC address that no adapter on the network of the scope has.

    A reservation for an adapter with a static address is not used either.
    """
    for network, server in _servers(index):
        clients = {place.adapter.mac_address: place for place in network.adapters}
        for place in _reservations(server):
            client = clients.get(place.reserved.mac_address)
            if client is not None and not client.adapter.ip_address:
                continue
            message = (
                tr(
                    "reserves {address} for {mac}, which no adapter on its network has in the file",
                    address=place.reserved.ip_address,
                    mac=place.mac,
                )
                if client is None
                else tr(
                    "reserves {address} for {mac}, and {adapter} with this MAC address has a static address",
                    address=place.reserved.ip_address,
                    mac=place.mac,
                    adapter=client.name,
                )
            )
            keys, subject = (*place.keys, "mac_address"), server.place.subject
            yield index.finding(DHCP_RESERVATION_UNUSED, subject, keys, message)


DETECTORS = (dhcp_router_wrong, dhcp_reservation_wrong, dhcp_reservation_unused)
"""The detectors of this module, in the order of their findings."""
