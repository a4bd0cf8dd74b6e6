"""Static addresses that a DHCP client on the same network has leased already.

Windows tests a new address by ARP before it uses it; one for which another machine answers has the
state Duplicate in Get-NetIPAddress (https://learn.microsoft.com/windows-hardware/drivers/network/nl-dad-state),
and is not used. A client tests what a server offers and declines a duplicate, so a leased address
had no other owner at that time: the static one came later. That Windows uses the static address as
soon as the lease is released, and not only after its next start, is a simplification.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nestlab.dataclass import replace
from nestlab.model import MachinePath
from nestlab.reachability import Elements, Interface, Port, Stack
from nestlab.reachability.tables import Tables

AddressPlace = tuple[MachinePath, str, str]
"""The machine path, the name of an adapter, and an address that it has."""


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


def _clients(parts: Elements, origins: Mapping[AddressPlace, str]) -> Iterator[tuple[Port, str]]:
    """Yield the ports of the adapters with a lease, each with its address."""
    for stack in parts.stacks:
        for interface in stack.interfaces:
            for address in interface.addresses:
                if origins.get((stack.machine, interface.name, str(address.ip))) == "Dhcp":
                    yield interface.port, str(address.ip)
