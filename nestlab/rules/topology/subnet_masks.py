"""The rule about addresses with different subnet masks on one network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from nestlab.constants import LONGEST_PREFIX_WITH_BROADCAST, SUBNET_MASKS
from nestlab.dataclass import dataclass
from nestlab.model.broadcast_domain import physical_domain
from nestlab.model.finding import Finding
from nestlab.rules.rule import Rule, Scope, detects
from nestlab.rules.topology.places import SwitchPlace, UplinkPlace
from nestlab.rules.topology.topology_index import AddressHolder, AddressOwner, TopologyIndex
from nestlab.texts import tr

SUBNET_MASK_MISMATCH = Rule(
    code="subnet-mask-mismatch",
    severity="warning",
    looks_at=(Scope.TOPOLOGY, Scope.MATCH),
    meaning="Two machines on one network have different subnet masks (prefix lengths).",
    why="Each decides by its own mask whether an address is on its network. What the longer mask leaves out is sent to a gateway, or nowhere without one, while the other machine answers directly: some addresses are reached, others are not or in one direction only.",
    fix="Give all machines of the network the same prefix length.",
    example="switches: [{name: A, switch_type: Internal, ip_address: 10.0.0.1/24}]\nvms: [{name: a, network_adapters: [{switch: A, ip_address: 10.0.0.5/25}]}]",
    source=SUBNET_MASKS,
)


@dataclass(frozen=True)
class Reference:
    """The network that an address is compared with, and its owner, as the start of a clause."""

    network: IPv4Network
    text: str


@detects(SUBNET_MASK_MISMATCH)
def subnet_mask_mismatch(index: TopologyIndex) -> Iterator[Finding]:
    """An address with another mask than one on the same network that it overlaps."""
    for holders in index.by_domain.values():
        yield from _in_domain(index, holders)


def _in_domain(index: TopologyIndex, holders: list[AddressHolder]) -> Iterator[Finding]:
    of_uplinks = list(_uplink_networks(index, holders[0]))
    lengths = {each.address.network.prefixlen for each in holders}  # usually there is only one
    if len(lengths.union(network.prefixlen for network in of_uplinks)) == 1:
        return
    networks = Counter(each.address.network for each in holders if has_network(each.address))
    for network in of_uplinks:
        networks.setdefault(network, 0)
    if len({network.prefixlen for network in networks}) == 1:
        return
    references = {own: _reference(index, holders, own, networks) for own in networks}
    for holder in holders:
        own = holder.address.network
        reference = references.get(own)
        if reference is None or reference.network == own:
            continue
        # An address that has to change itself is not compared with others.
        if references[reference.network].network == reference.network:
            yield mismatch(index, holder, reference)


def has_network(address: IPv4Interface) -> bool:
    """Whether other machines can be in the network of an address."""
    return (
        address.network.prefixlen <= LONGEST_PREFIX_WITH_BROADCAST and not address.ip.is_link_local
    )


def _uplink_networks(index: TopologyIndex, holder: AddressHolder) -> Iterator[IPv4Network]:
    """Yield the network of the uplink whose physical network an address is on."""
    for uplink in index.topology.uplinks:
        if uplink.network and physical_domain(uplink.net_adapter) == holder.domain:
            yield uplink.network


def _reference(
    index: TopologyIndex,
    holders: list[AddressHolder],
    own: IPv4Network,
    networks: Counter[IPv4Network],
) -> Reference:
    """Return the network, among a network and those that overlap it, that counts as correct.

    It is the network of an uplink or a switch, else the most frequent one.
    """
    group = {each for each in networks if each.overlaps(own)}
    for network in _uplink_networks(index, holders[0]):
        if network in group:
            return Reference(
                network, tr("the uplink of that network is in {network}", network=network)
            )
    found = [each for each in holders if each.address.network in group]
    fixed = (each for each in found if isinstance(each.owner, UplinkPlace | SwitchPlace))
    first = next(fixed, None) or max(found, key=lambda each: networks[each.address.network])
    return Reference(
        first.address.network,
        tr(
            "{owner} has {address} on the same network",
            owner=first.name,
            address=first.address,
        ),
    )


def mismatch(index: TopologyIndex, holder: AddressHolder, reference: Reference) -> Finding:
    """Return the finding of an address whose mask differs from that of a reference."""
    own, other = holder.address.network, reference.network
    if own.prefixlen > other.prefixlen:
        effect = tr(
            "with the mask of {own} it takes the rest of {other} for another network",
            own=own,
            other=other,
        )
    else:
        effect = tr(
            "with the mask of {own} it takes addresses for its own network that are outside of {other}",
            own=own,
            other=other,
        )
    message = tr(
        "has the address {address}, and {reference}: {effect}",
        address=holder.address,
        reference=reference.text,
        effect=effect,
    )
    return index.finding(
        SUBNET_MASK_MISMATCH, holder.subject, holder.keys, message, hint=_hint(index, holder, other)
    )


def _hint(index: TopologyIndex, holder: AddressHolder, other: IPv4Network) -> str:
    address = holder.address.ip
    if not _is_usable(address, other):
        return tr(
            "Give it an address in {network}, or all machines of the network the same prefix length.",
            network=other,
        )
    if index.position_of_copy(holder.keys) is not None:
        return tr("Write /{length} as its prefix length.", length=other.prefixlen)
    return tr("Write ip_address: {address}/{length}.", address=address, length=other.prefixlen)


def _is_usable(address: IPv4Address, network: IPv4Network) -> bool:
    return address in network and address not in (
        network.network_address,
        network.broadcast_address,
    )


def mask_of_gateway(index: TopologyIndex, owner: AddressOwner, gateway: IPv4Address) -> str:
    """Return, as part of a sentence, the prefix length that puts a gateway into the network.

    It is the prefix length of the machine that has the gateway's address; empty if that does not
    explain the mismatch.
    """
    own = index.by_owner.get(owner.keys)
    there = index.by_address.get((own.domain, int(gateway))) if own is not None else None
    if own is None or there is None or not _is_usable(own.address.ip, there.address.network):
        return ""
    length = there.address.network.prefixlen
    return tr(
        "{owner} has {address}, so write {own}/{length}",
        owner=there.name,
        address=there.address,
        own=own.address.ip,
        length=length,
    )


DETECTORS = (subnet_mask_mismatch,)
