"""Removing routes that runs of a topology added, from adapters of the host that remain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network

from nestlab.dataclass import replace
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
from nestlab.texts import tr

_WHERE = ("DestinationPrefix", "InterfaceAlias", "NextHop")


def lasting_interfaces(machine: PlannedMachine, kept: KeptSwitches) -> list[IPInterfaceState]:
    """Return the interfaces that the machine still has without the switches that are removed.

    What is set on the adapter of an External switch moves back to the adapter below it.
    """
    gone = {
        management_alias(machine.state, switch.name, adapter.name)
        for switch in removed_switches(kept)
        if switch.switch_type != "External"
        for adapter in machine.hyper_v.management_adapters
        if adapter.switch_id == switch.id
    }
    return [each for each in machine.state.ip_interfaces if each.interface_alias not in gone]


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
    """Yield the removal of each route that the journals show on an adapter that remains."""
    interfaces = [each for each in lasting_interfaces(machine, kept) if _has_routes(each)]
    for route in read() if interfaces else ():
        if alias := _adapter_of(route, interfaces):
            yield _removal(machine, route, alias)


def left_over_routes(machine: PlannedMachine, kept: KeptSwitches) -> Iterator[Step]:
    """Yield the removal, with undo, of each route that journals show and the file no longer has.

    Other steps remove routes on adapters of the topology, and those that the file has with another
    next hop.
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

    They are on `interfaces`, whose routes nestlab leaves alone: of those that lead where one of
    `routes` of the file does, the ones that journals show.
    """
    declared = {(route.to, route.via) for route in machine.wanted.routes}
    hops: dict[IPv4Network, list[str]] = {}
    for route in routes:
        hops.setdefault(route.to, []).append(str(route.via))
    here = [
        replace(each, routes=tuple(r for r in each.routes if r[0] in hops and r not in declared))
        for each in interfaces
    ]
    for made in machine.read_made_routes() if any(each.routes for each in here) else ():
        if alias := _adapter_of(made, here):
            why = tr(
                "a run of {topology} added it, as its journal shows, and the file has it via {next_hop}",
                topology=machine.topology,
                next_hop=", ".join(hops[made.to]),
            )
            yield _with_undo(replace(_removal(machine, made, alias), why=why))


def _adapter_of(route: MadeRoute, interfaces: Iterable[IPInterfaceState]) -> str:
    """Return the adapter that a route is on: its own, or the only one; empty if none is.

    One with another metric than that of a new route is not the one that was added.
    """
    having = [
        each
        for each in interfaces
        if (route.to, route.via) in each.routes
        and each.route_metric(route.to, route.via) == NEW_ROUTE_METRIC
    ]
    same = [each for each in having if same_name(each.interface_alias, route.alias)]
    return (same or having)[0].interface_alias if len(same or having) == 1 else ""


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
        tr("a run of {topology} added it, as its journal shows", topology=machine.topology),
        Cmdlet("Remove-NetRoute", {**where, "Confirm": SwitchParameter.OFF}),
        target=StepTarget(TargetKind.WINDOWS, alias, str(route)),
    )
