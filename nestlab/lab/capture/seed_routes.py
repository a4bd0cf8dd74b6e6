"""Static routes that a Linux guest may have, according to the rest of a capture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network
from itertools import combinations, permutations, product

from nestlab.model.topology import NetworkAdapter, Route


def possible_routes(
    adapters: Iterable[NetworkAdapter],
    networks: Iterable[IPv4Network],
    routers: Iterable[IPv4Address],
) -> Iterator[tuple[Route, ...]]:
    """Yield the static routes that a machine with these adapters may have, few before many.

    They lead to networks of the topology to which the machine is not connected, by routers in its
    own networks. Each order of the routes is tried: it changes the contents of a seed disk.
    """
    own = [adapter.ip_address for adapter in adapters if adapter.ip_address is not None]
    mine = {address.ip for address in own}
    remote = sorted(
        network
        for network in set(networks)
        if not (network.is_link_local or any(network.overlaps(each.network) for each in own))
    )
    near = [hop for hop in routers if hop not in mine and any(hop in each.network for each in own)]
    hops = list(dict.fromkeys(near))
    for number in range(1, len(remote) + 1 if hops else 1):
        for targets, via in product(combinations(remote, number), product(hops, repeat=number)):
            routes = [Route(to=to, via=hop) for to, hop in zip(targets, via, strict=True)]
            yield from permutations(routes)
