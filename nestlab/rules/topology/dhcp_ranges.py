"""Rules about the addresses of a DHCP range: other owners of one, and whether they suffice."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from nestlab.constants import DHCP_AUTHORIZATION, DHCP_CONFLICTS, LINK_LOCAL_ADDRESSES
from nestlab.enumerations import all_of
from nestlab.model.finding import Finding
from nestlab.rules.free_addresses import AddressRange, free_ranges
from nestlab.rules.rule import Rule, Scope, Variant, detects
from nestlab.rules.topology.dhcp_networks import DhcpNetwork, ValidDhcpServer, served_networks
from nestlab.rules.topology.topology_index import TopologyIndex
from nestlab.texts import tr, tr_count

ADDRESS_IN_DHCP_RANGE = Rule(
    code="address-in-dhcp-range",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A machine has a static address that a DHCP server on its network leases to others.",
    why="A Windows DHCP server does not check whether an address is in use before it leases it: its conflict detection is off by default. A client that finds the address in use declines it, and the server offers the next one. Where the owner of the static address starts after that client, Windows disables the static address as a duplicate.",
    fix="Give the machine an address outside the range, or shorten the range so that it ends before the address or begins after it.",
    example="switches: [{name: A, switch_type: Internal, ip_address: 10.0.0.1/24, dhcp: {range: 10.0.0.100-10.0.0.200}}]\nvms: [{name: a, network_adapters: [{switch: A, ip_address: 10.0.0.100/24}]}, {name: b, network_adapters: [{switch: A, dhcp: true}]}]",
    source=DHCP_CONFLICTS,
    variants=(
        Variant(
            "warning",
            "if fewer machines of the topology are on that network than the range has addresses before this one",
        ),
    ),
)

DHCP_RANGE_TOO_SMALL = Rule(
    code="dhcp-range-too-small",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="More adapters of running VMs get an address by DHCP than the ranges on their network have free addresses.",
    why="The last clients get none. Each of them gives itself an address of 169.254.0.0/16 and reaches nothing.",
    fix="Widen the range, or give some of the VMs an ip_address outside it.",
    example="switches: [{name: A, switch_type: Internal, ip_address: 10.0.0.1/24, dhcp: {range: 10.0.0.100-10.0.0.100}}]\nvms: [{name: a, network_adapters: [{switch: A, dhcp: true}]}, {name: b, network_adapters: [{switch: A, dhcp: true}]}]",
    source=LINK_LOCAL_ADDRESSES,
    variants=(
        Variant(
            "warning",
            "if the ranges suffice for the adapters with dhcp: true, but not also for those without an address, which use DHCP by default",
        ),
    ),
)

DHCP_ON_PHYSICAL_NETWORK = Rule(
    code="dhcp-on-physical-network",
    severity="warning",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A DHCP server of the topology is on a physical network, behind an External switch.",
    why="It answers every client on that network, not only the VMs of the lab: the computers of others get addresses and options of the lab, and two servers that lease one range give an address twice. Windows on its own does not prevent it: a server in a workgroup stops only where it detects one that Active Directory has authorized.",
    fix="Put the VMs on an Internal switch with dhcp and nat; or remove dhcp, and let the server of the physical network answer them.",
    example="switches: [{name: A, switch_type: External, net_adapter: Ethernet, ip_address: 10.0.0.1/24, dhcp: {range: 10.0.0.100-10.0.0.200}}]",
    source=DHCP_AUTHORIZATION,
)


@detects(ADDRESS_IN_DHCP_RANGE)
def address_in_dhcp_range(index: TopologyIndex) -> Iterator[Finding]:
    """A static address, or that of a gateway, inside a DHCP range of its network.

    Which addresses a server leases first is not documented; it is inferred that they are the
    lowest.
    """
    for network in served_networks(index):
        for server in network.servers:
            yield from _static_addresses(network, server)
            for uplink, gateway in network.uplink_gateways:
                if server.leased.has(gateway):
                    keys = server.place.keys
                    message = tr(
                        "leases {leased}, which contains {gateway}, the gateway of uplink {uplink}",
                        leased=server.leased,
                        gateway=gateway,
                        uplink=uplink,
                    )
                    yield index.finding(
                        _rule(network, server, gateway),
                        server.place.subject,
                        keys,
                        message,
                        hint=_shorter(network, server),
                    )


def _static_addresses(network: DhcpNetwork, server: ValidDhcpServer) -> Iterator[Finding]:
    index, copies = network.index, set()
    for holder in network.holders:
        address, copy = holder.address.ip, index.position_of_copy(holder.keys)
        if not server.leased.has(address) or (copy is not None and copy in copies):
            continue
        copies.add(copy)
        # Other owners of addresses on a physical network are not known.
        is_known = copy is None and not network.domain.physical
        free = network.free_addresses.get(holder.keys) if is_known else None
        other = (
            tr("Give it {address}, which is free, or change the range.", address=free)
            if free
            else ""
        )
        message = tr(
            "has the static address {address}, which {switch} leases by DHCP ({leased}) to other machines on the same network",
            address=address,
            switch=server.place.name,
            leased=server.leased,
        )
        yield index.finding(
            _rule(network, server, address),
            holder.subject,
            holder.keys,
            message,
            hint=" ".join(filter(None, (other, _shorter(network, server)))),
        )


def _rule(network: DhcpNetwork, server: ValidDhcpServer, address: IPv4Address) -> Rule:
    """Return the error if a client is expected to get the address, else the warning.

    Each new guest asks for an address before nestlab sets a static one in it.
    """
    before = AddressRange(server.leased.first, address)
    asking = len(network.adapters)
    reached = sum(part.size for part in free_ranges(before, network.taken)) < asking
    return (
        ADDRESS_IN_DHCP_RANGE
        if network.clients and reached
        else ADDRESS_IN_DHCP_RANGE.at("warning")
    )


def _shorter(network: DhcpNetwork, server: ValidDhcpServer) -> str:
    """Return the hint with a range in which every address is free."""
    found = network.proposed_ranges.get(server.place.keys)
    if found is None:
        return tr(
            "Make the network larger: {network} has no range with an address for each client.",
            network=server.address.network,
        )
    return tr(
        "A range without static addresses is {key}: {{range: {range}}}.",
        key=server.place.server.key,
        range=found,
    )


@detects(DHCP_RANGE_TOO_SMALL)
def dhcp_range_too_small(index: TopologyIndex) -> Iterator[Finding]:
    """Fewer addresses to lease than clients, on networks that cannot have another server."""
    for network in served_networks(index):
        domain, clients = network.domain, len(network.running_clients)
        if index.is_open(domain):
            continue
        free, asking = network.free, clients + len(network.clients_by_default)
        if asking <= free or not clients:
            continue
        server = network.servers[-1]
        rule = DHCP_RANGE_TOO_SMALL if clients > free else DHCP_RANGE_TOO_SMALL.at("warning")
        needed = clients if clients > free else asking
        yield index.finding(
            rule,
            server.place.subject,
            server.place.keys,
            _too_small(network, free, clients, asking - clients),
            hint=_wider(network, server, needed),
        )


def _too_small(network: DhcpNetwork, free: int, clients: int, others: int) -> str:
    ranges = all_of([str(server.leased) for server in network.servers])
    leases = tr_count(
        "leases {ranges}, of which {count} is free",
        "leases {ranges}, of which {count} are free",
        free,
        ranges=ranges,
    )
    asking = tr_count(
        "{count} adapter gets an address by DHCP on its network",
        "{count} adapters get an address by DHCP on its network",
        clients,
    )
    if clients > free:
        return f"{leases}; {asking}"
    unset = tr_count(
        "{count} without an address asks for one by default",
        "{count} without an address ask for one by default",
        others,
    )
    return tr("{leases}; {asking}, and {others}", leases=leases, asking=asking, others=unset)


def _wider(network: DhcpNetwork, server: ValidDhcpServer, needed: int) -> str:
    found = network.proposed_ranges.get(server.place.keys)
    if found is None:
        return tr(
            "Make the network larger: {network} has no range of {count} free addresses.",
            network=server.address.network,
            count=needed,
        )
    return tr(
        "Write {key}: {{range: {range}}}, or give some of the VMs an ip_address outside the range.",
        key=server.place.server.key,
        range=found,
    )


@detects(DHCP_ON_PHYSICAL_NETWORK)
def dhcp_on_physical_network(index: TopologyIndex) -> Iterator[Finding]:
    """A DHCP range on a switch that is part of a physical network, also through nested hosts."""
    for network in served_networks(index):
        for server in network.servers if network.domain.physical else ():
            message = tr("serves DHCP on a physical network, where it answers other clients, too")
            keys = server.place.keys
            yield index.finding(DHCP_ON_PHYSICAL_NETWORK, server.place.subject, keys, message)


DETECTORS = (dhcp_on_physical_network, address_in_dhcp_range, dhcp_range_too_small)
"""The detectors of this module, in the order of their findings."""
