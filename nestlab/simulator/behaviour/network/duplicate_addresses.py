"""Static addresses that another machine on the same network has already.

Windows tests a new address by ARP before it uses it; one for which another machine answers has the
state Duplicate in Get-NetIPAddress (https://learn.microsoft.com/windows-hardware/drivers/network/nl-dad-state),
and is not used. A client tests what a server offers and declines a duplicate, so a leased address
had no other owner at that time: the static one came later. Of two static addresses, it is inferred
that the duplicate is the one that was set later, or whose machine started later; Linux does not
test, and uses its own in any case. That Windows uses a duplicate as soon as the other one is gone,
and not only after its next start, is a simplification.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from nestlab.dataclass import replace
from nestlab.model import MachinePath
from nestlab.reachability import Elements, Interface, Port, Stack
from nestlab.reachability.tables import Tables

AddressPlace = tuple[MachinePath, str, str]
"""The machine path, the name of an adapter, and an address that it has."""

_Claim = tuple[bool, float]


def without_duplicates(parts: Elements, origins: Mapping[AddressPlace, str]) -> Elements:
    """Return the elements without static addresses that a machine on the same network leases."""
    leased = {address for (_, _, address), origin in origins.items() if origin == "Dhcp"}
    static = {address for (_, _, address), origin in origins.items() if origin != "Dhcp"}
    if not leased & static:
        return parts
    tables, clients = Tables(parts.uplinks, parts.stacks), list(_clients(parts, origins))

    def is_duplicate(stack: Stack, interface: Interface, address: str) -> bool:
        return origins.get((stack.machine, interface.name, address), "Dhcp") != "Dhcp" and any(
            address == leased and tables.can_exchange_frames(port, interface.port)
            for port, leased in clients
        )

    def used(stack: Stack, interface: Interface) -> Interface:
        addresses = (
            each for each in interface.addresses if not is_duplicate(stack, interface, str(each.ip))
        )
        return replace(interface, addresses=tuple(addresses))

    stacks = tuple(
        replace(stack, interfaces=tuple(used(stack, each) for each in stack.interfaces))
        for stack in parts.stacks
    )
    return replace(parts, stacks=stacks)


def without_later_ones(parts: Elements, claims: Mapping[AddressPlace, _Claim]) -> Elements:
    """Return the elements without static addresses that another machine on the network had first.

    `claims` say, for each static address, whether another machine had it when it was set, and the
    virtual time at which its own machine started.
    """
    counts = Counter(address for _, _, address in claims)
    shared = {address for address, count in counts.items() if count > 1}
    if not shared:
        return parts
    owners: defaultdict[str, list[tuple[_Claim, int, Stack, Interface]]] = defaultdict(list)
    for number, stack in enumerate(parts.stacks):
        for interface in stack.interfaces if stack.running else ():
            for text in (str(address.ip) for address in interface.addresses):
                claim = claims.get((stack.machine, interface.name, text))
                if claim is not None and text in shared:
                    owners[text].append((claim, number, stack, interface))
    tables = Tables(parts.uplinks, parts.stacks)
    later = {
        (stack.machine, interface.name, address)
        for address, found in owners.items()
        for stack, interface in _later(tables, found)
    }

    def used(stack: Stack, interface: Interface) -> Interface:
        key = stack.machine, interface.name
        kept = (each for each in interface.addresses if (*key, str(each.ip)) not in later)
        return replace(interface, addresses=tuple(kept))

    stacks = tuple(
        replace(stack, interfaces=tuple(used(stack, each) for each in stack.interfaces))
        for stack in parts.stacks
    )
    return replace(parts, stacks=stacks)


def _later(
    tables: Tables, owners: list[tuple[_Claim, int, Stack, Interface]]
) -> Iterator[tuple[Stack, Interface]]:
    """Yield the owners of an address that find another owner when they test it."""
    kept: list[tuple[Stack, Interface]] = []
    for _, _, stack, interface in sorted(owners, key=lambda owner: owner[:2]):
        is_duplicate = stack.os == "windows" and any(
            other is not stack and tables.can_exchange_frames(interface.port, its.port)
            for other, its in kept
        )
        if is_duplicate:
            yield stack, interface
        else:
            kept.append((stack, interface))


def _clients(parts: Elements, origins: Mapping[AddressPlace, str]) -> Iterator[tuple[Port, str]]:
    """Yield the ports of the adapters with a lease, each with its address."""
    for stack in parts.stacks:
        for interface in stack.interfaces:
            for address in interface.addresses:
                if origins.get((stack.machine, interface.name, str(address.ip))) == "Dhcp":
                    yield interface.port, str(address.ip)
