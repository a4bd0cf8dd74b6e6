"""The rule about several DHCP servers that answer the same clients."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from nestlab.constants import DHCP_OFFERS
from nestlab.model.broadcast_domain import BroadcastDomain
from nestlab.model.finding import Finding
from nestlab.model.machine_path import path_text
from nestlab.rules.rule import Rule, Scope, Variant, detects
from nestlab.rules.topology.places import DhcpServerPlace
from nestlab.rules.topology.stopped_vms import stopped_vms
from nestlab.rules.topology.topology_index import TopologyIndex
from nestlab.texts import tr

SEVERAL_DHCP_SERVERS = Rule(
    code="several-dhcp-servers",
    severity="warning",
    looks_at=(Scope.TOPOLOGY,),
    meaning="Two DHCP servers of the topology are on one segment.",
    why="A client takes one of the offers that it gets, usually the first. Servers do not know of each other's leases, and each gives the network, router and DNS servers of its own scope.",
    fix="Remove one of the two scopes. Or let both give the same network, router and DNS servers, with ranges that have no address in common.",
    example="switches: [{name: A, switch_type: Internal, ip_address: 10.0.0.1/24, dhcp: {range: 10.0.0.100-10.0.0.149, router: 10.0.0.1}}]\nvms: [{name: dc, guest: {os: windows, credential: lab}, disk: {path: 'D:\\dc.vhdx'}, network_adapters: [{switch: A, ip_address: 10.0.0.2/24, dhcp_server: {range: 10.0.0.150-10.0.0.199}}]}]",
    source=DHCP_OFFERS,
    variants=(
        Variant("error", "if their ranges have an address in common: both may lease it"),
        Variant("info", "if they give the same network, router and DNS servers"),
    ),
)


@detects(SEVERAL_DHCP_SERVERS)
def several_dhcp_servers(index: TopologyIndex) -> Iterator[Finding]:
    """A second DHCP server of the file on a segment; one in a VM that is off does not answer."""
    off = stopped_vms(index) if index.dhcp_servers else {}
    by_domain: dict[BroadcastDomain, list[DhcpServerPlace]] = defaultdict(list)
    for place in index.dhcp_servers:
        answers = path_text(place.machine).casefold() not in off
        if place.domain is not None and place.address is not None and answers:
            by_domain[place.domain].append(place)
    for servers in by_domain.values():
        first = servers[0]
        for place in servers[1:]:
            if place.machine != first.machine:
                yield _finding(index, first, place)


def _finding(index: TopologyIndex, first: DhcpServerPlace, second: DhcpServerPlace) -> Finding:
    hint = None
    if first.scope.first <= second.scope.last and second.scope.first <= first.scope.last:
        rule = SEVERAL_DHCP_SERVERS.at("error")
        message = tr(
            "serves DHCP on the segment of {other}, which leases addresses of the same range",
            other=first.name,
        )
    elif _given_by(first) == _given_by(second):
        rule = SEVERAL_DHCP_SERVERS.at("info")
        message = tr(
            "serves DHCP on the segment of {other}, which gives the same network, router and DNS servers: a client gets its address from either",
            other=first.name,
        )
        hint = tr(
            "If the two are meant to share the network, leave it so. Otherwise remove one of the two scopes."
        )
    else:
        rule = SEVERAL_DHCP_SERVERS
        message = tr(
            "serves DHCP on the segment of {other}, which gives another network, router or DNS servers: which of the two a client gets is not known",
            other=first.name,
        )
    return index.finding(rule, second.subject, second.keys, message, hint=hint)


def _given_by(place: DhcpServerPlace) -> tuple[object, ...]:
    """Return what a client gets besides its address."""
    network = place.address.network if place.address else None
    return network, place.server.router, place.scope.dns_servers


DETECTORS = (several_dhcp_servers,)
"""The detectors of this module, in the order of their findings."""
