"""Routes of the host that runs of a topology added, on adapters that a destroy leaves.

A route of Windows has no name and no notes, so nothing on the host says who added it. The journals
of the topology do: New-NetRoute fails where the route exists, so the one of a finished step is its.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network

from nestlab.dataclass import dataclass
from nestlab.model import HOST, Cmdlet, SwitchParameter
from nestlab.model.spelling import same_name
from nestlab.model.state import IPInterfaceState, expected_management_alias, management_alias
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.step import Step, StepTarget
from nestlab.plan.switch_removal import KeptSwitches, removed_switches
from nestlab.texts import tr


@dataclass(frozen=True)
class MadeRoute:
    """A route of the host: where it goes, its next hop, and the adapter that it was added to."""

    to: IPv4Network
    via: IPv4Address
    alias: str

    def __str__(self) -> str:
        return f"{self.to} via {self.via}"  # not shown


ReadMadeRoutes = Callable[[], Collection[MadeRoute]]
"""Reads the routes that runs of a topology added to its host and did not remove again."""


def route_of(step: Step) -> MadeRoute | None:
    """Return the route of the host that a step adds or removes; None for any other step."""
    if step.machine != HOST or step.action not in (Action.ADD_ROUTE, Action.REMOVE_ROUTE):
        return None
    values = step.cmdlets[0].parameters
    to, via = IPv4Network(str(values["DestinationPrefix"])), IPv4Address(str(values["NextHop"]))
    return MadeRoute(to, via, str(values["InterfaceAlias"]))


def made_routes(steps: Iterable[Step]) -> tuple[MadeRoute, ...]:
    """Return the routes that steps added and none of the later ones removed."""
    found: dict[str, MadeRoute] = {}
    for step in steps:
        route = route_of(step)
        if route is not None and step.action is Action.ADD_ROUTE:
            found[str(route)] = route
        elif route is not None:
            found.pop(str(route), None)
    return tuple(found.values())


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
        having = [each for each in interfaces if (route.to, route.via) in each.routes]
        same = [each for each in having if same_name(each.interface_alias, route.alias)]
        if len(same or having) == 1:
            yield _removal(machine, route, (same or having)[0].interface_alias)


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
        f"{route.to}/{alias}",
        tr(
            "Remove the route to {destination} via {next_hop}",
            destination=route.to,
            next_hop=route.via,
        ),
        tr("a run of {topology} added it, as its journal shows", topology=machine.topology),
        Cmdlet("Remove-NetRoute", {**where, "Confirm": SwitchParameter.OFF}),
        target=StepTarget(TargetKind.WINDOWS, alias, str(route)),
    )
