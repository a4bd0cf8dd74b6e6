"""The range of a DHCP scope that a Linux guest serves, found by the digest of its seed disk.

Nothing on a host reports the range, and there are tens of thousands of possible ones. The text
that the digest is made of has both of its numbers once, so only these are exchanged.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network
from itertools import product

from nestlab.dataclass import dataclass, replace
from nestlab.model.state import VirtualMachineState
from nestlab.model.topology import VM
from nestlab.plan.cloud_init import DIGEST_LENGTH, digested_text
from nestlab.plan.seed_disks import attached_digests, attached_macs

_DIGITS = range(1, 6)
"""The numbers of digits of an offset and of a size that are tried: up to 99,999 addresses."""


@dataclass(frozen=True)
class PoolEnds:
    """The addresses of a network, counted from it, between which a range starts and ends."""

    network: IPv4Network
    first: range
    last: range

    def __len__(self) -> int:
        """Return the number of ranges, or a little more."""
        return len(self.first) * len(self.last)

    def sizes(self, offset: int, digits: int) -> range:
        """Return the sizes with this many digits of the ranges that start at an offset."""
        least = max(10 ** (digits - 1), self.last.start - offset + 1)
        return range(least, min(10**digits, self.last.stop - offset + 1))

    def offsets(self, digits: int) -> range:
        """Return the offsets with this many digits."""
        return range(max(10 ** (digits - 1), self.first.start), min(10**digits, self.first.stop))

    def address(self, offset: int) -> IPv4Address:
        """Return the address with an offset."""
        return self.network.network_address + offset


def vm_with_matching_pool(
    vm: VM, adapter: str, current: VirtualMachineState, ends: PoolEnds
) -> VM | None:
    """Return a VM with the range of the scope on one adapter for which its seed disk was written.

    The adapter has the other settings of its scope; that is the only scope of the VM. None if no
    range between `ends` gives the digest in the name of a seed disk that is attached.
    """
    digests, macs = attached_digests(current), attached_macs(vm, current)
    if not digests or macs is None:
        return None
    for digits in product(_DIGITS, _DIGITS):
        example = next(_ranges(ends, *digits), None)
        if example is None:
            continue
        text = digested_text(_with_range(vm, adapter, ends, *example), macs)
        for offset, size in _matching(text, ends, digits, digests):
            return _with_range(vm, adapter, ends, offset, size)
    return None


def _ranges(ends: PoolEnds, offset_digits: int, size_digits: int) -> Iterator[tuple[int, int]]:
    """Yield the offset and the size of each range with this many digits."""
    for offset in ends.offsets(offset_digits):
        for size in ends.sizes(offset, size_digits):
            yield offset, size


def _with_range(vm: VM, adapter: str, ends: PoolEnds, offset: int, size: int) -> VM:
    first, last = ends.address(offset), ends.address(offset + size - 1)
    adapters = (
        replace(each, dhcp_server=replace(each.dhcp_server, first=first, last=last))
        if each.name == adapter and each.dhcp_server is not None
        else each
        for each in vm.network_adapters
    )
    return replace(vm, network_adapters=tuple(adapters))


def _matching(
    text: str, ends: PoolEnds, digits: tuple[int, int], digests: frozenset[str]
) -> Iterator[tuple[int, int]]:
    """Yield the offset and the size of each range whose text has one of the digests.

    YAML breaks lines by their length, so the text is that of a range with as many digits.
    """
    start, _, rest = text.partition("PoolOffset=")
    middle, _, end = rest[digits[0] :].partition("PoolSize=")
    begun = hashlib.sha256(f"{start}PoolOffset=".encode())
    after, tail = f"{middle}PoolSize=".encode(), end[digits[1] :].encode()
    for offset in ends.offsets(digits[0]):
        with_offset = begun.copy()
        with_offset.update(b"%d%b" % (offset, after))
        for size in ends.sizes(offset, digits[1]):
            whole = with_offset.copy()
            whole.update(b"%d%b" % (size, tail))
            if whole.hexdigest()[:DIGEST_LENGTH] in digests:
                yield offset, size
