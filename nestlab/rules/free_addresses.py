"""Free addresses and free ranges of a network, to propose instead of those in use."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network
from typing import NamedTuple

from nestlab.constants import LONGEST_PREFIX_WITH_BROADCAST


class AddressRange(NamedTuple):
    """Consecutive addresses, both ends included.

    >>> print(AddressRange(IPv4Address("10.0.0.100"), IPv4Address("10.0.0.109")))
    10.0.0.100-10.0.0.109
    """

    first: IPv4Address
    last: IPv4Address

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"

    @property
    def size(self) -> int:
        """How many addresses it has."""
        return int(self.last) - int(self.first) + 1

    def has(self, address: IPv4Address) -> bool:
        """Whether an address is one of them."""
        return self.first <= address <= self.last


Taken = IPv4Address | AddressRange
"""What is not free: an address, or a range of them."""


def host_addresses(network: IPv4Network) -> AddressRange:
    """Return the addresses that machines of a network can have."""
    if network.prefixlen > LONGEST_PREFIX_WITH_BROADCAST:
        return AddressRange(network[0], network[-1])
    return AddressRange(network[1], network[-2])


def without_overlaps(ranges: Iterable[AddressRange]) -> list[AddressRange]:
    """Return disjoint ranges with the same addresses, in order.

    >>> one = AddressRange(IPv4Address("10.0.0.5"), IPv4Address("10.0.0.9"))
    >>> other = AddressRange(IPv4Address("10.0.0.1"), IPv4Address("10.0.0.6"))
    >>> print(*without_overlaps([one, other]))
    10.0.0.1-10.0.0.9
    """
    found: list[AddressRange] = []
    for each in sorted(ranges):
        if found and each.first <= found[-1].last:
            found[-1] = AddressRange(found[-1].first, max(found[-1].last, each.last))
        else:
            found.append(each)
    return found


def free_ranges(within: AddressRange, taken: Iterable[Taken]) -> Iterator[AddressRange]:
    """Yield the ranges of addresses that are not taken, in order.

    >>> within = AddressRange(IPv4Address("10.0.0.1"), IPv4Address("10.0.0.9"))
    >>> other = AddressRange(IPv4Address("10.0.0.8"), IPv4Address("10.0.0.20"))
    >>> print(*free_ranges(within, [IPv4Address("10.0.0.1"), IPv4Address("10.0.0.5"), other]))
    10.0.0.2-10.0.0.4 10.0.0.6-10.0.0.7
    """
    start, end = int(within.first), int(within.last)
    ranges = (
        each if isinstance(each, AddressRange) else AddressRange(each, each) for each in taken
    )
    for each in without_overlaps(ranges):
        before = min(int(each.first) - 1, end)
        if start <= before:
            yield AddressRange(IPv4Address(start), IPv4Address(before))
        start = max(start, int(each.last) + 1)
    if start <= end:
        yield AddressRange(IPv4Address(start), within.last)


def free_range(
    network: IPv4Network, near: AddressRange, taken: Collection[Taken], count: int
) -> AddressRange | None:
    """Return a range of a network in which no address is taken, with at least `count` of them.

    It is the largest free part of `near` if that is large enough; otherwise a range that begins in
    `near`; otherwise any range of the network. None if no range of the network is large enough.

    >>> lan, taken = IPv4Network("10.0.0.0/24"), [IPv4Address("10.0.0.102")]
    >>> near = AddressRange(IPv4Address("10.0.0.100"), IPv4Address("10.0.0.109"))
    >>> print(free_range(lan, near, taken, 3))
    10.0.0.103-10.0.0.109
    >>> print(free_range(lan, near, taken, 20))
    10.0.0.103-10.0.0.122
    """
    parts = sorted(free_ranges(near, taken), key=lambda part: part.size, reverse=True)
    if parts and parts[0].size >= count:
        return parts[0]
    found = list(free_ranges(host_addresses(network), taken))
    starts = [part.first for part in parts] + [each.first for each in found]
    for start in starts:
        for each in found:
            if each.has(start) and int(each.last) - int(start) + 1 >= count:
                return AddressRange(start, IPv4Address(int(start) + count - 1))
    return None
