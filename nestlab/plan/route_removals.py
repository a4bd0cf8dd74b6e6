"""Removing routes that runs of a topology added, from adapters of the host that remain."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from ipaddress import IPv4Network

from nestlab.dataclass import replace
from nestlab.enumerations import all_of
from nestlab.model import HOST, Cmdlet, SwitchParameter
from nestlab.model.spelling import same_name
from nestlab.model.state import (
    NEW_ROUTE_METRIC,
    IPInterfaceState,
    expected_management_alias,
    management_alias,
)
from nestlab.model.topology import Route
from nestlab.plan.interfaces import all_interfaces
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.made_routes import MadeRoute, ReadMadeRoutes, route_of
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.step import Step, StepTarget
from nestlab.plan.switch_removal import KeptSwitches, removed_switches
from nestlab.texts import tr, tr_count

_WHERE = ("DestinationPrefix", "InterfaceAlias", "NextHop")


def lasting_interfaces(machine: PlannedMachine, kept: KeptSwitches) -> list[IPInterfaceState]:
    """Return the interfaces that the machine still has after switches were removed.

    The settings of an External switch's adapter move back to the adapter below it.
    """
    lasting = lasting_adapters(machine, kept)
    return [each for each in machine.state.ip_interfaces if each.interface_alias in lasting]


def lasting_adapters(machine: PlannedMachine, kept: KeptSwitches) -> set[str]:
    """Return the names of the adapters of Windows that remain, also of disabled ones."""
    gone = {
        management_alias(machine.state, switch.name, adapter.name)
        for switch in removed_switches(kept)
        if switch.switch_type != "External"
        for adapter in machine.hyper_v.management_adapters
        if adapter.switch_id == switch.id
    }
    names = {each.interface_alias for each in machine.state.ip_interfaces}
    return {*names, *(each.name for each in machine.state.net_adapters)} - gone


def alias_afterwards(machine: PlannedMachine, kept: KeptSwitches, alias: str) -> str:
    """Return the name of the adapter that has the settings of `alias` after the removals."""
    for switch in removed_switches(kept):
        if switch.switch_type != "External":
            continue
        below = next(
            (
                adapter.name
                for adapter in machine.state.net_adapters
                if adapter.interface_description in switch.net_adapter_interface_descriptions
            ),
            "",
        )
        if below and same_name(alias, expected_management_alias(machine.state, switch.name)):
            return below
    return alias


def route_removals(
    machine: PlannedMachine, kept: KeptSwitches, read: ReadMadeRoutes
) -> Iterator[Step]:
    """Yield the removal of each route of an earlier run on an adapter that remains."""
    interfaces = [each for each in lasting_interfaces(machine, kept) if _has_routes(each)]
    for route in made_routes_on(machine, interfaces, read):
        yield _removal(machine, route, route.alias)


def made_routes_on(
    machine: PlannedMachine, interfaces: Collection[IPInterfaceState], read: ReadMadeRoutes
) -> Iterator[MadeRoute]:
    """Yield the routes that runs added and these interfaces have, each with its adapter now."""
    for route in read() if interfaces else ():
        alias = _adapter_of(route, interfaces)
        if alias and not why_made_route_is_kept(machine, route):
            yield replace(route, alias=alias)


def why_made_route_is_kept(machine: PlannedMachine, route: MadeRoute) -> str:
    """Return why a route may not be the one that the run in the journal added; else empty."""
    installed = machine.state.computer.install_date
    if route.other_labs:
        return tr_count(
            "a run of {labs} added it as well, as its journal shows",
            "runs of {labs} added it as well, as their journals show",
            len(route.other_labs),
            labs=all_of(route.other_labs),
        )
    if installed and route.time and route.time < installed:
        return tr(
            "Windows of {machine} was installed or upgraded on {date}, after the run of {topology} that added one like it",
            machine=machine.name,
            date=f"{installed:%Y-%m-%d}",
            topology=machine.topology,
        )
    return ""


def left_over_routes(machine: PlannedMachine, kept: KeptSwitches) -> Iterator[Step]:
    """Yield the removal, with undo, of each route that journals show and the file no longer has.

    Other steps remove routes on adapters of the topology, and routes whose next hop in the file is
    another one.
    """
    if machine.path != HOST:
        return
    declared = {route.to for route in machine.wanted.routes}
    own = {each.alias.casefold() for each in all_interfaces(machine) if not each.shared}
    for step in route_removals(machine, kept, machine.read_made_routes):
        route = route_of(step)
        if route is not None and route.to not in declared and route.alias.casefold() not in own:
            yield _with_undo(step)


def replaced_routes(
    machine: PlannedMachine, routes: Iterable[Route], interfaces: Iterable[IPInterfaceState]
) -> Iterator[Step]:
    """Yield the removal, with undo, of routes of the host whose next hop the file has changed.

    On `interfaces`, nestlab removes only routes that journals show. Here these are the ones with
    the same destination as one of `routes`, which are in the file.
    """
    declared = {(route.to, route.via) for route in machine.wanted.routes}
    hops: dict[IPv4Network, list[str]] = {}
    for route in routes:
        hops.setdefault(route.to, []).append(str(route.via))
    here = [
        replace(each, routes=tuple(r for r in each.routes if r[0] in hops and r not in declared))
        for each in interfaces
    ]
    having = [each for each in here if each.routes]
    for made in made_routes_on(machine, having, machine.read_made_routes):
        why = tr(
            "{who_added_it}; the file has it via {next_hop}",
            who_added_it=_who_added(machine, made),
            next_hop=", ".join(hops[made.to]),
        )
        yield _with_undo(replace(_removal(machine, made, made.alias), why=why))


def _adapter_of(route: MadeRoute, interfaces: Iterable[IPInterfaceState]) -> str:
    """Return the adapter with a route: the recorded one, or the only other one; empty if none is.

    A route that does not have the metric of a new route is not the one that was added.
    """
    having = [
        each
        for each in interfaces
        if (route.to, route.via) in each.routes
        and each.route_metric(route.to, route.via) == NEW_ROUTE_METRIC
    ]
    same = [each for each in having if same_name(each.interface_alias, route.alias)]
    return (same or having)[0].interface_alias if len(same or having) == 1 else ""


def _who_added(machine: PlannedMachine, route: MadeRoute) -> str:
    if route.time is None:
        return tr("a run of {topology} added it, as its journal shows", topology=machine.topology)
    return tr(
        "a run of {topology} added it, as its journal of {date} shows",
        topology=machine.topology,
        date=f"{route.time:%Y-%m-%d}",
    )


def _with_undo(removal: Step) -> Step:
    where = {key: removal.cmdlets[0].parameters[key] for key in _WHERE}
    return replace(removal, undo=(Cmdlet("New-NetRoute", where),))


def _has_routes(interface: IPInterfaceState) -> bool:
    return any(to.prefixlen for to, _ in interface.routes)


def _removal(machine: PlannedMachine, route: MadeRoute, alias: str) -> Step:
    where = {
        "DestinationPrefix": str(route.to),
        "InterfaceAlias": alias,
        "NextHop": str(route.via),
    }
    return machine.step(
        Action.REMOVE_ROUTE,
        f"{route}/{alias}",
        tr(
            "Remove the route to {destination} via {next_hop}",
            destination=route.to,
            next_hop=route.via,
        ),
        tr(
            "{who_added_it}; no journal here shows that another lab has it",
            who_added_it=_who_added(machine, route),
        ),
        Cmdlet("Remove-NetRoute", {**where, "Confirm": SwitchParameter.OFF}),
        target=StepTarget(TargetKind.WINDOWS, alias, str(route)),
    )
