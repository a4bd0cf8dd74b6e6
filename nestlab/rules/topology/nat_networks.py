"""The rule about a NAT that translates only a part of its switch's network."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import NAT_NETWORK
from nestlab.model.finding import Finding
from nestlab.model.topology import SwitchType
from nestlab.rules.rule import Rule, Scope, detects
from nestlab.rules.topology.topology_index import TopologyIndex
from nestlab.texts import tr

NAT_PART_OF_NETWORK = Rule(
    code="nat-part-of-network",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A NAT translates only a part of the network of its switch's ip_address.",
    why='New-NetNat refuses a prefix that overlaps a network of the machine without covering it: "The parameter is incorrect." Where the NAT exists with another prefix, changing it removes that NAT first.',
    fix="Write the whole network as nat, or give ip_address the prefix length of nat.",
    example="switches: [{name: A, switch_type: Internal, ip_address: 10.0.0.1/24, nat: 10.0.0.0/28}]",
    source=NAT_NETWORK,
)


@detects(NAT_PART_OF_NETWORK)
def nat_part_of_network(index: TopologyIndex) -> Iterator[Finding]:
    """A NAT that contains the address of its switch, and not the whole network of that address.

    That New-NetNat refuses a prefix which overlaps an address of the host is from Microsoft's
    replies in MicrosoftDocs/Virtualization-Documentation#361. An existing switch has its NAT
    already.
    """
    for place in index.switches:
        nat, address = place.switch.nat, place.switch.ip_address
        if place.switch.existing or place.switch.switch_type is not SwitchType.INTERNAL:
            continue
        if nat is None or address is None or address.ip not in nat:
            continue
        if address.network.subnet_of(nat):
            continue
        message = tr(
            "translates {network}, which is only a part of {own}, the network of its address {address}; the machine refuses such a NAT",
            network=nat,
            own=address.network,
            address=address.ip,
        )
        hint = tr(
            "Write nat: {own}. If the smaller network is meant, write ip_address: {address}, and the same prefix length for the VMs.",
            own=address.network,
            address=f"{address.ip}/{nat.prefixlen}",
        )
        keys = (*place.keys, "nat")
        yield index.finding(NAT_PART_OF_NETWORK, place.subject, keys, message, hint=hint)
