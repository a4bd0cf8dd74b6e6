"""Rules about NAT in a topology, and the detectors of NAT and its port forwards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network

from nestlab.constants import NAT_NETWORK, PRIVATE_NETWORKS
from nestlab.model.finding import Finding
from nestlab.model.topology import SwitchType
from nestlab.rules.free_networks import PRIVATE_RANGES, covering_network, free_network
from nestlab.rules.rule import Rule, Scope, Variant, detects
from nestlab.rules.topology.nat_networks import nat_part_of_network
from nestlab.rules.topology.places import MachinePlace, SwitchPlace
from nestlab.rules.topology.port_forward_rules import port_forward_wrong
from nestlab.rules.topology.topology_index import AddressOwner, TopologyIndex
from nestlab.texts import tr

NAT_NEEDS_INTERNAL = Rule(
    code="nat-needs-internal",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A switch that is not Internal has a NAT.",
    why="Windows translates for the network of its own adapter on an Internal switch only.",
    fix="Set switch_type: Internal and give the switch an ip_address in the internal network.",
    example="switches: [{name: A, switch_type: Private, nat: 10.0.0.0/24}]",
    source=NAT_NETWORK,
)


@detects(NAT_NEEDS_INTERNAL)
def nat_needs_internal(index: TopologyIndex) -> Iterator[Finding]:
    """A NAT on a switch that is not Internal."""
    for place in index.switches:
        if place.switch.nat and place.switch.switch_type is not SwitchType.INTERNAL:
            kind = place.switch.switch_type
            # Only an existing switch may lack its type.
            message = (
                tr(
                    "is {type} and has nat; the machine translates only for an Internal switch",
                    type=kind,
                )
                if kind
                else tr(
                    "has nat, and its switch_type is not given; the machine translates only for an Internal switch"
                )
            )
            hint = (
                None
                if kind
                else tr(
                    "Add switch_type: Internal, which describes the switch that exists; or remove nat: nestlab check and trace --host read it from the host."
                )
            )
            keys = (*place.keys, "nat")
            yield index.finding(NAT_NEEDS_INTERNAL, place.subject, keys, message, hint=hint)


NAT_WITHOUT_ADDRESS = Rule(
    code="nat-without-address",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="The machine has no address inside the network that it is to translate.",
    why="That address is the gateway of the VMs behind the NAT; without it they reach nothing.",
    fix="Add an ip_address in the internal network to the switch.",
    example="switches: [{name: A, switch_type: Internal, nat: 10.0.0.0/24}]",
    source=NAT_NETWORK,
)


@detects(NAT_WITHOUT_ADDRESS)
def nat_without_address(index: TopologyIndex) -> Iterator[Finding]:
    """A NAT without an address of the machine in the internal network: the gateway of its VMs."""
    for place in index.switches:
        switch = place.switch
        if switch.nat is None or switch.switch_type is not SwitchType.INTERNAL:
            continue
        if switch.ip_address is not None and switch.ip_address.ip in switch.nat:
            continue
        first = next(iter(switch.nat.hosts()), switch.nat.network_address)
        proposed = f"{first}/{switch.nat.prefixlen}"
        message = tr(
            "translates {nat} and has no ip_address: the VMs behind it have no gateway",
            nat=switch.nat,
        )
        hint = tr("Add ip_address: {address}.", address=proposed)
        if switch.ip_address:
            message = tr(
                "translates {nat} and has the address {address}, which is not in it: the VMs behind it have no gateway",
                nat=switch.nat,
                address=switch.ip_address,
            )
            hint = tr("Set ip_address to {address}.", address=proposed)
        keys = (*place.keys, "ip_address" if switch.ip_address else "nat")
        yield index.finding(NAT_WITHOUT_ADDRESS, place.subject, keys, message, hint=hint)


NAT_NETWORK_PUBLIC = Rule(
    code="nat-network-public",
    severity="warning",
    looks_at=(Scope.TOPOLOGY,),
    meaning="The internal network of a NAT has public addresses.",
    why="The VMs behind it, and the machine itself, can no longer reach the machines on the internet that own these addresses.",
    fix="Choose a private network: a part of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16.",
    example="switches: [{name: A, switch_type: Internal, ip_address: 8.8.8.1/24, nat: 8.8.8.0/24}]",
    source=PRIVATE_NETWORKS,
)


@detects(NAT_NETWORK_PUBLIC)
def nat_network_public(index: TopologyIndex) -> Iterator[Finding]:
    """A NAT whose internal network is public."""
    for place in index.switches:
        nat = place.switch.nat
        if nat is not None and nat.is_global:
            message = tr(
                "translates {nat}, which is a public network: the machines that own it cannot be reached",
                nat=nat,
            )
            yield index.finding(NAT_NETWORK_PUBLIC, place.subject, (*place.keys, "nat"), message)


NAT_OVERLAP = Rule(
    code="nat-overlap",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="The internal network of a NAT overlaps another network of the same machine.",
    why='New-NetNat refuses the overlap with "The parameter is incorrect."',
    fix="Choose internal networks that overlap no other network of the machine.",
    example="switches: [{name: A, switch_type: Internal, ip_address: 10.0.0.1/24, nat: 10.0.0.0/24}, {name: B, switch_type: Internal, ip_address: 10.0.0.129/25, nat: 10.0.0.128/25}]",
    source=NAT_NETWORK,
)


@detects(NAT_OVERLAP)
def nat_overlap(index: TopologyIndex) -> Iterator[Finding]:
    """A NAT whose internal network overlaps another of the machine, which New-NetNat refuses."""
    taken: set[IPv4Network] = set()
    for place in index.with_switches:
        networks = list(_networks(place, index))
        for position, (owner, network, switch) in enumerate(networks):
            if switch is None:
                continue
            free: IPv4Network | None = None
            for other_index, (other_owner, other, other_switch) in enumerate(networks):
                reported_later = (
                    other_switch is not None and other_index > position
                )  # of two NATs, the second one is reported
                if (
                    other_owner.subject == owner.subject
                    or reported_later
                    or not network.overlaps(other)
                    or _is_behind(switch, other_owner, other)
                ):
                    continue
                free = free or free_network(network, taken | index.networks)
                taken |= {free} if free else set()
                keys = (*switch.keys, "nat")
                message = tr(
                    "translates {network}, which overlaps {other} of {owner} on the same machine",
                    network=network,
                    other=other,
                    owner=other_owner.name,
                )
                yield index.finding(
                    NAT_OVERLAP,
                    switch.subject,
                    keys,
                    message,
                    hint=tr(
                        "Choose internal networks that do not overlap any other network of the machine, {network} for example.",
                        network=free,
                    )
                    if free
                    else tr(
                        "Choose internal networks that do not overlap any other network of the machine."
                    ),
                )


def _is_behind(nat: SwitchPlace, owner: AddressOwner, network: IPv4Network) -> bool:
    """Whether this is the network of another Internal switch that the same NAT translates."""
    other = owner.switch if isinstance(owner, SwitchPlace) else None
    if (
        other is None
        or other.nat is not None
        or other.switch_type is not SwitchType.INTERNAL
        or nat.switch.nat is None
    ):
        return False
    own = nat.switch.ip_address
    return network.subnet_of(nat.switch.nat) and (own is None or not own.network.overlaps(network))


def _networks(
    place: MachinePlace, index: TopologyIndex
) -> Iterator[tuple[AddressOwner, IPv4Network, SwitchPlace | None]]:
    """Yield every network of a machine with its owner, and the switch if it is that of a NAT."""
    for switch in place.switches:
        if switch.switch.nat:
            yield switch, switch.switch.nat, switch
        elif switch.switch.ip_address and switch.switch.has_management_adapter:
            yield switch, switch.switch.ip_address.network, None
    for adapter in place.adapters:
        if adapter.adapter.ip_address:
            yield adapter, adapter.adapter.ip_address.network, None
    if not place.path:
        for behind in index.uplinks:
            address = behind.uplink.ip_address
            network = address.network if address else behind.uplink.network
            if network:
                yield behind, network, None


SEVERAL_NATS = Rule(
    code="several-nats",
    severity="warning",
    looks_at=(Scope.TOPOLOGY, Scope.MATCH),
    meaning="A machine has more than one NAT.",
    why="One NAT for each machine is documented as supported. Before build 20348 the second one is refused.",
    fix="Let the switches share one NAT with a larger internal network, or put one NAT into each nested host.",
    example="switches: [{name: A, switch_type: Internal, ip_address: 10.0.0.1/24, nat: 10.0.0.0/24}, {name: B, switch_type: Internal, ip_address: 10.0.1.1/24, nat: 10.0.1.0/24}]",
    source=NAT_NETWORK,
    variants=(Variant("error", "on a machine before build 20348"),),
)


@detects(SEVERAL_NATS)
def several_nats(index: TopologyIndex) -> Iterator[Finding]:
    """More than one NAT on a machine: one is documented as supported."""
    for place in index.with_switches:
        switches = [switch for switch in place.switches if switch.switch.nat]
        for switch in switches[1:]:
            yield index.finding(
                SEVERAL_NATS,
                switch.subject,
                (*switch.keys, "nat"),
                tr(
                    "is an additional NAT of {machine}, after {switch}; one per machine is supported, and before build 20348 the second is refused",
                    machine=place.name,
                    switch=switches[0].name,
                ),
                hint=one_nat_for(index, place),
                evidence=", ".join(str(found.switch.nat) for found in switches),
            )


def one_nat_for(
    index: TopologyIndex, place: MachinePlace, others: Iterable[IPv4Network] = ()
) -> str:
    """Return the hint with the one NAT that can serve the switches of a machine that have one.

    Its network is given if it is private and overlaps no network of the file or of `others`, which
    New-NetNat would refuse.
    """
    switches = [switch for switch in place.switches if switch.switch.nat]
    shared = covering_network(each.switch.nat for each in switches if each.switch.nat)
    internal = {
        each.subject for each in place.switches if each.switch.switch_type is SwitchType.INTERNAL
    }
    own = (
        network for owner, network, _ in _networks(place, index) if owner.subject not in internal
    )
    is_private = any(shared.subnet_of(private_range) for private_range in PRIVATE_RANGES)
    if not is_private or any(shared.overlaps(network) for network in (*own, *others)):
        return tr(
            "Let the switches share one NAT: one larger internal network. Or put one NAT into each nested host."
        )
    switch = switches[0].name
    if any(each.switch.port_forwards for each in switches[1:]):
        return tr(
            "Let the switches share one NAT: nat: {network} on {switch} covers them all, without nat on the others, whose port_forwards go to {switch}. Or put one NAT into each nested host.",
            network=shared,
            switch=switch,
        )
    return tr(
        "Let the switches share one NAT: nat: {network} on {switch} covers them all, without nat on the others. Or put one NAT into each nested host.",
        network=shared,
        switch=switch,
    )


DETECTORS = (
    nat_needs_internal,
    nat_without_address,
    nat_network_public,
    nat_part_of_network,
    nat_overlap,
    several_nats,
    port_forward_wrong,
)
"""The detectors of this module, in the order of their findings."""
