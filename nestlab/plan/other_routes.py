"""Routes that the file does not have, on adapters of the topology: removed, or kept for others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address, IPv4Network

from nestlab.dataclass import replace
from nestlab.model import Cmdlet, SwitchParameter
from nestlab.model.spelling import same_name
from nestlab.model.topology import Route
from nestlab.plan.address_entries import entries_on, route_text
from nestlab.plan.guest_entries import GuestEntries, entries_of_guest
from nestlab.plan.interfaces import PlannedInterface
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.made_entries import route_entry
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.step import Planned, Step, StepTarget
from nestlab.texts import tr


def other_routes(
    machine: PlannedMachine,
    interfaces: list[PlannedInterface],
    towards: Mapping[Route, str | None],
) -> Iterator[Planned]:
    """Yield the removal of routes that the file does not have, on adapters of the topology.

    A default gateway does not count as a route. A route of the file that is on another adapter is
    moved. One that VMs of others may use, and that no run made, is kept.
    """
    wanted = {(route.to, route.via): alias for route, alias in towards.items()}
    for interface in interfaces:
        for to, via in () if interface.shared else interface.current.routes:
            alias = wanted.get((to, via), "")
            if to.prefixlen == 0 or alias is None or same_name(alias, interface.alias):
                continue
            if alias:
                why = tr("{next_hop} is in a network of {adapter}", next_hop=via, adapter=alias)
                yield _removal(machine, interface, to, via, why)
            else:
                taken = any(to == route.to for route in towards)
                yield _undeclared(machine, interface, to, via, taken=taken)


def _undeclared(
    machine: PlannedMachine,
    interface: PlannedInterface,
    to: IPv4Network,
    via: IPv4Address,
    *,
    taken: bool,
) -> Planned:
    """Return the removal of a route that the file does not have, or why it is kept.

    `taken`: the file has a route to the same network. Then this one is kept for VMs of others only.
    """
    entry, entries = route_entry(machine.path, to, via), entries_on(machine, interface)
    if entries is None and machine.as_vm is not None and machine.wanted.forwards:
        entries = entries_of_guest(machine, interface.label)
    why = tr("the file has no such route for {machine}", machine=machine.name)
    if entries is None:
        return _removal(machine, interface, to, via, why)
    if entries.keeps(entry, replaced=taken):
        return entries.kept(route_text(to, via, interface.alias))
    step = _removal(machine, interface, to, via, why + entries.of_no_run(entry))
    fields = entries.removal(entry)
    if isinstance(entries, GuestEntries):
        return replace(step, hazard=fields["hazard"])
    return replace(step, target=replace(step.target, switch=entries.switch), **fields)


def _removal(
    machine: PlannedMachine,
    interface: PlannedInterface,
    to: IPv4Network,
    via: IPv4Address,
    why: str,
) -> Step:
    alias = interface.alias
    where = {"DestinationPrefix": str(to), "InterfaceAlias": alias, "NextHop": str(via)}
    return machine.step(
        Action.REMOVE_ROUTE,
        f"{to}/{interface.label}",
        tr("Remove the route to {destination} via {next_hop}", destination=to, next_hop=via),
        why,
        Cmdlet("Remove-NetRoute", {**where, "Confirm": SwitchParameter.OFF}),
        target=StepTarget(TargetKind.WINDOWS, alias),
        undo=(Cmdlet("New-NetRoute", where),),
    )
