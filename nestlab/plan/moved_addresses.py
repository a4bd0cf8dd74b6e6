"""The address of the file that Windows moves to a physical adapter when its switch changes.

With the last adapter of the machine on an External switch, its settings move back to the adapter
that the switch had (taken_adapters). There the address has to be removed before it is set again:
New-NetIPAddress refuses one that the machine has on any adapter.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Interface

from nestlab.dataclass import dataclass, replace
from nestlab.model import HOST, Cmdlet
from nestlab.model.state import IPInterfaceState, is_management_adapter
from nestlab.plan.address_cmdlets import (
    DEFAULT_ROUTE,
    remove_address,
    remove_default_route,
    restored_addresses,
)
from nestlab.plan.interfaces import PlannedInterface
from nestlab.plan.kinds import TargetKind
from nestlab.plan.made_entries import address_entry, route_entry
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.taken_adapters import released_adapters
from nestlab.texts import tr


@dataclass(frozen=True)
class MovedAddress:
    """An adapter that has the address which a step sets on another one, or will have it by then.

    With `is_predicted`, a step on the switch comes before.
    """

    interface: IPInterfaceState
    address: IPv4Interface
    is_predicted: bool
    has_gateway: bool

    @property
    def clause(self) -> str:
        """A clause for the reason of the step."""
        alias = self.interface.interface_alias
        if self.is_predicted:
            return tr(
                "; Windows moves {address} to {adapter} when the switch changes, and it is removed there",
                address=self.address,
                adapter=alias,
            )
        return tr(
            "; {adapter} has {address} since the switch changed, and it is removed there",
            address=self.address,
            adapter=alias,
        )

    @property
    def removals(self) -> Iterator[Cmdlet]:
        """The cmdlets that remove it, with a gateway that is set on the other adapter as well."""
        alias = self.interface.interface_alias
        yield remove_address(alias, self.address)
        if self.has_gateway and self.interface.gateway:
            yield remove_default_route(alias, self.interface.gateway)

    @property
    def restored(self) -> Iterator[Cmdlet]:
        """The cmdlets that set it there again."""
        gateway = self.interface.gateway if self.has_gateway else None
        yield from restored_addresses(self.interface.interface_alias, [self.address], gateway)


def moved_addresses(
    machine: PlannedMachine, interface: PlannedInterface, address: IPv4Interface
) -> list[MovedAddress]:
    """Return the physical adapters that have an address which is set on an adapter of a switch.

    Those of the host that have it already count only if a run of the topology set it.
    """
    if interface.target.kind is not TargetKind.ADDRESS:
        return []
    found = [(each, True) for each in released_adapters(machine)]
    if _is_made(machine, address):
        found += [(each, False) for each in _physical(machine)]
    gateway = interface.gateway
    sets_it = gateway is not None and _made_gateway(machine, gateway)
    return [
        MovedAddress(each, held, is_predicted, sets_it and each.gateway == gateway)
        for each, is_predicted in found
        for held in each.ip_addresses
        if held.ip == address.ip
    ]


def without_moved_addresses(
    machine: PlannedMachine, interfaces: tuple[IPInterfaceState, ...]
) -> tuple[IPInterfaceState, ...]:
    """Return the interfaces of a machine without addresses that a plan removes as moved ones."""
    wanted = {
        switch.ip_address.ip
        for switch in machine.own_switches
        if switch.ip_address and machine.switch(switch.name)
    }
    moved = {
        (each.interface_alias, held)
        for each in (_physical(machine) if wanted else ())
        for held in each.ip_addresses
        if held.ip in wanted and _is_made(machine, held)
    }
    return tuple(
        replace(
            each,
            ip_addresses=tuple(
                held for held in each.ip_addresses if (each.interface_alias, held) not in moved
            ),
        )
        for each in interfaces
    )


def _is_made(machine: PlannedMachine, address: IPv4Interface) -> bool:
    """Whether a physical adapter of the host has an address that a run of the topology set."""
    holds = (held.ip for each in _physical(machine) for held in each.ip_addresses)
    if address.ip not in holds:
        return False
    return address_entry(machine.path, address.ip) in machine.read_made_entries()


def _made_gateway(machine: PlannedMachine, gateway: IPv4Address) -> bool:
    entry = route_entry(machine.path, DEFAULT_ROUTE, gateway)
    return entry in machine.read_made_entries()


def _physical(machine: PlannedMachine) -> list[IPInterfaceState]:
    """Return the interfaces of the host's physical adapters; those of a guest are in the file."""
    names = {each.name for each in machine.state.net_adapters if not is_management_adapter(each)}
    return [
        each
        for each in (machine.state.ip_interfaces if machine.path == HOST else ())
        if each.interface_alias in names
    ]
