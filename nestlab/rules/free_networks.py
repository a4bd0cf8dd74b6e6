"""Unused networks, to propose instead of one that is taken."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network, collapse_addresses

# Private networks (RFC 1918), those least used by other software first: Docker and the Default
# Switch use 172.16.0.0/12.
PRIVATE_RANGES = tuple(
    IPv4Network(text) for text in ("192.168.0.0/16", "10.0.0.0/8", "172.16.0.0/12")
)


def free_network(wanted: IPv4Network, taken: Iterable[IPv4Network]) -> IPv4Network | None:
    """Return a network of the wanted size that overlaps none of the taken ones.

    The search goes upward from the wanted one.

    >>> print(free_network(IPv4Network("192.168.100.0/24"), [IPv4Network("192.168.100.0/23")]))
    192.168.102.0/24
    """
    used = list(collapse_addresses(taken))
    own = next(
        (private_range for private_range in PRIVATE_RANGES if wanted.subnet_of(private_range)), None
    )
    for private_range in dict.fromkeys((own, *PRIVATE_RANGES)):
        if private_range is None or private_range.prefixlen > wanted.prefixlen:
            continue
        start = (
            wanted
            if private_range == own
            else IPv4Network((private_range.network_address, wanted.prefixlen))
        )
        found = _next_free(start, private_range, used)
        if found is not None:
            return found
    return None


def _next_free(
    start: IPv4Network, private_range: IPv4Network, used: list[IPv4Network]
) -> IPv4Network | None:
    size, first = start.num_addresses, int(start.network_address)
    while first <= int(private_range.broadcast_address):
        candidate = IPv4Network((first, start.prefixlen))
        clash = max(
            (int(other.broadcast_address) for other in used if other.overlaps(candidate)),
            default=-1,
        )
        if clash < 0:
            return candidate
        first = (
            -(-(clash + 1) // size) * size
        )  # the first network of this size after the one that overlaps
    return None


def covering_network(networks: Iterable[IPv4Network]) -> IPv4Network:
    """Return the smallest network that covers all of them.

    >>> print(covering_network([IPv4Network("192.168.100.0/24"), IPv4Network("192.168.101.0/24")]))
    192.168.100.0/23
    """
    known = list(networks)
    cover = known[0]
    while not all(network.subnet_of(cover) for network in known):
        cover = cover.supernet()
    return cover
