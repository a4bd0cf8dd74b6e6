"""Addresses, gateways and routes that the file does not have, of adapters on its switches.

Those that no run of the topology made are kept while VMs of others are on the switch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Interface
from typing import Any

from nestlab.dataclass import replace
from nestlab.plan.address_cmdlets import DEFAULT_ROUTE
from nestlab.plan.address_users import (
    address_users,
    left_out,
    may_also_use,
    why_address_is_kept,
)
from nestlab.plan.entries_of_others import SwitchEntries, goes_with_it
from nestlab.plan.interfaces import PlannedInterface
from nestlab.plan.kinds import TargetKind
from nestlab.plan.made_entries import MadeEntry, address_entry, route_entry
from nestlab.plan.plan_refusals import refuse_address_in_use
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.router_addresses import windows_address_clause
from nestlab.plan.step import Hazard, Remainder
from nestlab.texts import tr


def entries_on(machine: PlannedMachine, interface: PlannedInterface) -> SwitchEntries | None:
    """Return the entries of the switch that an adapter of the topology is on; else None.

    It is None for a `shared` adapter, which keeps all settings that the file does not name.
    """
    target = interface.target
    if target.kind is not TargetKind.ADDRESS or not target.switch or interface.shared:
        return None
    return SwitchEntries(machine, target.switch)


def with_kept(machine: PlannedMachine, interface: PlannedInterface) -> PlannedInterface:
    """Return an adapter with the addresses and the gateway that are kept on it."""
    current = interface.current
    if current.dhcp or interface.shared:
        return interface
    entries = entries_on(machine, interface)
    wanted = interface.ip_address.ip if interface.ip_address else None
    others = (a for a in current.ip_addresses if a.ip != wanted and not a.ip.is_link_local)
    kept = tuple(each for each in others if _is_kept(machine, interface, each))
    gateway = None if interface.gateway else current.gateway
    keeps_gateway = (
        entries is not None
        and gateway is not None
        and entries.keeps(_gateway_entry(machine, gateway))
    )
    return replace(interface, kept=kept, keeps_gateway=keeps_gateway)


def _is_kept(machine: PlannedMachine, interface: PlannedInterface, address: IPv4Interface) -> bool:
    """Whether an address is kept that the file does not have."""
    entries, current = entries_on(machine, interface), interface.current
    # What replaces an address of the file needs a consent; without a change, it is left over.
    changes = interface.ip_address is not None and interface.ip_address not in current.ip_addresses
    if entries is not None and entries.users:
        own_kept = not changes and not machine.disconnect_others and bool(address_users(entries))
        return own_kept or entries.keeps(address_entry(machine.path, address.ip))
    return _is_further(machine, interface, address)


def _is_further(
    machine: PlannedMachine, interface: PlannedInterface, address: IPv4Interface
) -> bool:
    """Whether an address is one that no run made, beside the one of the file or of a run.

    A file has one address of an adapter, so it cannot name a further one, such as that of a
    failover cluster. The only address of an adapter is replaced by that of the file. One that
    Windows has marked as a duplicate is not in use on this machine.
    """
    if address in interface.current.duplicates:
        return False
    entries = _entries_of(machine, interface)
    if machine.disconnect_others or not entries.is_of_no_run(
        address_entry(machine.path, address.ip)
    ):
        return False
    made = machine.read_made_entries()
    addresses = interface.current.ip_addresses
    return interface.ip_address in addresses or any(
        address_entry(machine.path, each.ip) in made for each in addresses
    )


def _entries_of(machine: PlannedMachine, interface: PlannedInterface) -> SwitchEntries:
    """Return the entries of the switch of an adapter; those of a guest's adapter have none."""
    return entries_on(machine, interface) or SwitchEntries(machine, interface.target.switch)


def kept_items(machine: PlannedMachine, interface: PlannedInterface) -> Iterator[Remainder]:
    """Yield an item of a plan for each address or gateway that is kept on an adapter."""
    if not (interface.kept or interface.keeps_gateway):
        return
    entries = _entries_of(machine, interface)
    for each in interface.kept:
        subject = address_text(each, interface.alias)
        if entries.is_of_no_run(address_entry(machine.path, each.ip)):
            yield entries.kept(subject)
        else:
            why = why_address_is_kept(entries.users, entries.switch, [each])
            yield Remainder(machine.path, subject, (why,))
    if interface.keeps_gateway:
        yield entries.kept(gateway_text(interface.current.gateway, interface.alias))


def removal(
    machine: PlannedMachine,
    interface: PlannedInterface,
    addresses: Iterable[IPv4Interface],
    gateway: IPv4Address | None = None,
    *,
    added: IPv4Interface | None = None,
) -> tuple[str, dict[str, Any]]:
    """Return a clause and fields for a step that removes these from an adapter.

    The clause names those that VMs of others may use, and those that no run made; the fields are
    those of `SwitchEntries.removal`. `added` is the address that the step sets. Raises PlanRefused
    without consent, if VMs of others may use an address that it replaces.
    """
    hazard = Hazard.MAY_CUT_CONNECTION if interface.may_carry_session else Hazard.NONE
    entries = entries_on(machine, interface)
    addresses = [*addresses]
    if entries is None:
        lost = left_out(addresses, [added] if added else ())
        used = windows_address_clause(machine, interface.label, lost)
        return used + _replaced_on_shared(machine, interface, addresses), {"hazard": hazard}
    users, lost = address_users(entries), left_out(addresses, [added] if added else ())
    used = may_also_use(users, entries.switch, lost) if users and lost else ""
    if used and machine.disconnect_others:
        hazard = Hazard.MAY_CUT_CONNECTION
    elif used and added:
        refuse_address_in_use(machine, entries.switch, lost, added, users)
    made = {
        address_entry(machine.path, each.ip): address_text(each, interface.alias)
        for each in addresses
    }
    if gateway is not None:
        made[_gateway_entry(machine, gateway)] = gateway_text(gateway, interface.alias)
    of_others = [text for entry, text in made.items() if entries.is_of_no_run(entry)]
    return used + goes_with_it(machine.topology, of_others), entries.removal(*made, hazard=hazard)


def _replaced_on_shared(
    machine: PlannedMachine, interface: PlannedInterface, addresses: Iterable[IPv4Interface]
) -> str:
    """Return a clause about the addresses of others that the one of the file replaces.

    On a shared adapter, all that the file does not name stays while its address is right.
    """
    entries = SwitchEntries(machine, interface.target.switch)
    found = [
        address_text(each, interface.alias)
        for each in (addresses if interface.shared else ())
        if entries.is_of_no_run(address_entry(machine.path, each.ip))
    ]
    return goes_with_it(machine.topology, found)


def _gateway_entry(machine: PlannedMachine, gateway: IPv4Address) -> MadeEntry:
    return route_entry(machine.path, DEFAULT_ROUTE, gateway)


def address_text(address: IPv4Interface, adapter: str) -> str:
    """Return an address of an adapter as a phrase."""
    return tr("address {address} of {adapter}", address=address, adapter=adapter)


def gateway_text(gateway: object, adapter: str) -> str:
    """Return the gateway of an adapter as a phrase."""
    return tr("gateway {gateway} of {adapter}", gateway=gateway, adapter=adapter)


def route_text(to: object, via: object, adapter: str) -> str:
    """Return a route of an adapter as a phrase."""
    return tr(
        "route to {destination} via {next_hop} on {adapter}",
        destination=to,
        next_hop=via,
        adapter=adapter,
    )
