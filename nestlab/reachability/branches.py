"""Equivalent branches of a network: nested hosts that differ in names and networks only.

A branch is a VM of the host with everything inside it. Two branches are equivalent if renaming
turns one into the other, and nothing outside distinguishes them. The result of a walk between
machines of some branches then holds for the machines in the same positions of equivalent branches.

Only wires, MAC addresses, IP addresses and prefixes that appear in a single branch are renamed. All
others keep their names, and so does a prefix that contains an address of another machine.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Any, NamedTuple

from nestlab.dataclass import dataclass, field, fields, is_dataclass
from nestlab.reachability.elements import Stack, SwitchUplink, WireKey
from nestlab.reachability.endpoints import TraceEndpoint
from nestlab.reachability.network import Network
from nestlab.reachability.walk import routed_on_internet

_OUTSIDE = ""  # for what is in no branch or in several; no VM has an empty name
_LABELS = frozenset({"machine", "name", "adapter", "vm"})  # fields that are used for texts only


class BranchPosition(NamedTuple):
    """The branch of an endpoint, and its place in every equivalent branch.

    An endpoint that cannot be exchanged has a unique place.
    """

    branch: str
    place: Hashable


class _Name(NamedTuple):
    """A renamable value: a wire, a MAC, an address (a number), or a prefix (number, length)."""

    kind: str  # wire | mac | address | prefix
    value: Any


@dataclass
class _Branch:
    """The elements of one branch: its stacks by their numbers, and the uplinks of its switches."""

    stacks: dict[int, Stack] = field(default_factory=dict)
    uplinks: list[SwitchUplink] = field(default_factory=list)

    def described(self, rename: Callable[[_Name], Hashable]) -> Hashable:
        """Return everything in the branch that a trace can depend on, with all names replaced."""
        return _renamed((*self.stacks.values(), *self.uplinks), rename)


def branch_positions(
    network: Network, ends: Sequence[TraceEndpoint], skipped: Collection[int]
) -> tuple[BranchPosition, ...]:
    """Return the positions of endpoints in their branches, in the order of the endpoints.

    `skipped` are stacks that are indistinguishable from the stack of an endpoint: no walk between
    the endpoints visits them.
    """
    branches = _split(network, skipped)
    name_branches = _NameBranches(
        branches, [end.address for end in ends if end.address is not None]
    )
    structures: dict[Hashable, int] = {}
    places: dict[int, BranchPosition] = {}
    for name, branch in branches.items():
        if name != _OUTSIDE and _exchangeable(network, name, branch, name_branches):
            structure = structures.setdefault(
                name_branches.structure(name, branch), len(structures)
            )
            places |= {
                stack: BranchPosition(name, (structure, position))
                for position, stack in enumerate(branch.stacks)
            }
    return tuple(_position(network, end, places) for end in ends)


def _position(
    network: Network, end: TraceEndpoint, places: dict[int, BranchPosition]
) -> BranchPosition:
    if end.stack is None:
        return BranchPosition(_OUTSIDE, end)
    if end.address is None and end.stack in places:
        return places[end.stack]
    return BranchPosition(_branch_of(network.stacks[end.stack]), end)


def _branch_of(stack: Stack) -> str:
    return stack.machine[0] if stack.kind == "machine" and stack.machine else _OUTSIDE


def _split(network: Network, skipped: Collection[int]) -> dict[str, _Branch]:
    branches: dict[str, _Branch] = defaultdict(_Branch)
    for number, stack in enumerate(network.stacks):
        if number not in skipped:
            branches[_branch_of(stack)].stacks[number] = stack
    for uplink in network.uplinks:
        branches[uplink.below.machine[0] if uplink.below.machine else _OUTSIDE].uplinks.append(
            uplink
        )
    return branches


def _exchangeable(
    network: Network, name: str, branch: _Branch, name_branches: _NameBranches
) -> bool:
    """Whether a branch may be exchanged with an equivalent one.

    It may not if one of its addresses belongs to a second machine that its frames could reach:
    which of the two answers depends on the order of the branches.
    """
    closed = all(name_branches.of(_Name("wire", uplink.above)) == name for uplink in branch.uplinks)
    for number, stack in branch.stacks.items():
        for interface in stack.interfaces:
            wire = interface.port.wire
            inside = wire is None or (closed and name_branches.of(_Name("wire", wire)) == name)
            for address in () if inside else interface.addresses:
                if any(ref.stack != number for ref in network.tables.owners[int(address)]):
                    return False
    return True


class _NameBranches:
    """The branch that each name appears in; `_OUTSIDE` if it appears in several.

    Args:
        branches: All elements of the network, including those outside of branches.
        target_addresses: Addresses that are endpoints of walks.
    """

    def __init__(self, branches: dict[str, _Branch], target_addresses: Sequence[int]) -> None:
        self._branches: dict[_Name, str] = {
            _Name("address", address): _OUTSIDE for address in target_addresses
        }
        for branch_name, branch in branches.items():
            branch.described(lambda name, own=branch_name: self._add(name, own))  # type: ignore[misc]
        # By prefix length: the network addresses of the prefixes.
        self._prefix_starts: dict[int, set[int]] = defaultdict(set)
        for kind, value in self._branches:
            if kind == "prefix":
                self._prefix_starts[value[1]].add(value[0])
        for name, branch_name in list(self._branches.items()):
            for prefix in self._containing_prefixes(name):
                self._add(prefix, branch_name)

    def _add(self, name: _Name, branch_name: str) -> None:
        if self._branches.setdefault(name, branch_name) != branch_name:
            self._branches[name] = _OUTSIDE

    def _containing_prefixes(self, name: _Name) -> Iterator[_Name]:
        """Yield the prefixes that contain an address."""
        if name.kind == "address":
            for length, starts in self._prefix_starts.items():
                first = name.value >> (32 - length) << (32 - length)
                if first in starts:
                    yield _Name("prefix", (first, length))

    def of(self, name: _Name) -> str:
        """Return the name of the branch that a name appears in."""
        return self._branches[name]

    def structure(self, branch_name: str, branch: _Branch) -> Hashable:
        """Return the structure of a branch, which is equal for equivalent branches."""
        known: dict[_Name, int] = {}

        def number(name: _Name) -> Hashable:
            return (
                known.setdefault(name, len(known)) if self._branches[name] == branch_name else name
            )

        def rename(name: _Name) -> Hashable:
            if self._branches[name] != branch_name:
                return name
            if name.kind == "address":
                return (
                    number(name),
                    routed_on_internet(name.value),
                    tuple(
                        (number(prefix), _is_broadcast(name.value, prefix))
                        for prefix in self._containing_prefixes(name)
                    ),
                )
            return (number(name), name.value[1]) if name.kind == "prefix" else number(name)

        return branch.described(rename)


def _is_broadcast(address: int, prefix: _Name) -> bool:
    first, length = prefix.value
    return bool(address == first + (1 << (32 - length)) - 1)


def _renamed(value: object, rename: Callable[[_Name], Hashable], field_name: str = "") -> Hashable:
    """Return an element of a network without its labels, and with its names replaced.

    Unknown fields are returned unchanged.
    """
    if field_name == "mac_address":
        return rename(_Name("mac", value))
    if isinstance(value, WireKey):
        return rename(_Name("wire", value))
    if isinstance(value, IPv4Interface):
        return _renamed(value.ip, rename), _renamed(value.network, rename)
    if isinstance(value, IPv4Address):
        return rename(_Name("address", int(value)))
    if isinstance(value, IPv4Network):
        return rename(_Name("prefix", (int(value.network_address), value.prefixlen)))
    if isinstance(value, tuple):
        return tuple(_renamed(each, rename) for each in value)
    if is_dataclass(value):
        return tuple(
            _renamed(getattr(value, each.name), rename, each.name)
            for each in fields(value)
            if each.name not in _LABELS
        )
    return value  # the parts of a network are frozen
