"""Texts of findings about gateways: several of one machine, or one outside the network."""

from __future__ import annotations

from ipaddress import IPv4Network

from nestlab.rules.topology.topology_index import DefaultGateway
from nestlab.texts import mark, tr, translate

_TWO_GATEWAYS = {
    (False, False): mark(
        "has the gateway {gateway}, and {other} of the same machine has {other_gateway}: the lower metric wins"
    ),
    (False, True): mark(
        "has the gateway {gateway}, and {other} of the same machine gets the gateway {other_gateway} from DHCP: the lower metric wins"
    ),
    (True, False): mark(
        "gets the gateway {gateway} from DHCP, and {other} of the same machine has {other_gateway}: the lower metric wins"
    ),
    (True, True): mark(
        "gets the gateway {gateway} from DHCP, and {other} of the same machine gets the gateway {other_gateway} from DHCP: the lower metric wins"
    ),
}
"""The messages by whether DHCP gives the gateway, and the other one."""

REMOVE_DHCP = mark(
    "Keep one gateway for each machine: remove gateway where the other comes from DHCP, or give that adapter an ip_address instead of dhcp. To keep both, set interface_metric on both."
)


def in_its_network(network: IPv4Network, mask: str) -> str:
    """Return the hint for a gateway outside the network; `mask` is that of `mask_of_gateway`."""
    if mask:
        return tr(
            "Choose a gateway in {network}, or correct the address or its prefix length: {mask}.",
            network=network,
            mask=mask,
        )
    return tr(
        "Choose a gateway in {network}, or correct the address or its prefix length.",
        network=network,
    )


def two_gateways(found: DefaultGateway, known: DefaultGateway) -> str:
    """Return the message about a second gateway of a machine."""
    return translate(
        _TWO_GATEWAYS[found.by_dhcp, known.by_dhcp],
        gateway=found.address,
        other=known.owner.name,
        other_gateway=known.address,
    )
