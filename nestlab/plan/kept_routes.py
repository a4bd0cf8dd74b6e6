"""The routes of the host that destroy keeps, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from nestlab.model import Cmdlet
from nestlab.model.state import NEW_ROUTE_METRIC
from nestlab.plan.made_routes import MadeRoute, ReadMadeRoutes
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.route_removals import (
    alias_afterwards,
    lasting_adapters,
    lasting_interfaces,
    why_made_route_is_kept,
)
from nestlab.plan.step import Unchanged
from nestlab.plan.switch_removal import KeptSwitches
from nestlab.texts import tr


def kept_routes(
    kept: KeptSwitches, removed: Collection[str], read_made_routes: ReadMadeRoutes
) -> Iterator[Unchanged]:
    """Yield the routes that stay, of the file and of earlier runs, each with the reason.

    `removed` has the texts of the routes that steps remove. A route on a disabled adapter is listed
    too: Windows does not show whether it exists.
    """
    machine = kept.machine
    found = _by_text(kept, read_made_routes)
    for text, route in found.items():
        if text in removed:
            continue
        subject = tr("route to {destination}", destination=route.to)
        for interface in lasting_interfaces(machine, kept):
            if (route.to, route.via) in interface.routes:
                adapter = alias_afterwards(machine, kept, interface.interface_alias)
                metric = interface.route_metric(route.to, route.via)
                yield Unchanged(subject, _why_kept(machine, route, adapter, metric))
        if machine.is_disabled(route.alias) and route.alias in lasting_adapters(machine, kept):
            why = tr(
                "it is not known while the adapter {adapter} is Disabled: enable it, and destroy again",
                adapter=route.alias,
            )
            yield Unchanged(subject, why)


def _by_text(kept: KeptSwitches, read_made_routes: ReadMadeRoutes) -> dict[str, MadeRoute]:
    """Return the routes of the file and those that runs added, by their texts.

    A route of the file that no run added has no adapter. Journals are read if the machine may have
    routes.
    """
    machine = kept.machine
    declared = (MadeRoute(route.to, route.via, "") for route in machine.wanted.routes)
    found = {str(route): route for route in declared}
    has_routes = any(each.routes for each in lasting_interfaces(machine, kept))
    may_have = has_routes or any(each.is_disabled for each in machine.state.net_adapters)
    return found | {str(route): route for route in (read_made_routes() if may_have else ())}


def _why_kept(machine: PlannedMachine, route: MadeRoute, adapter: str, metric: int) -> str:
    where = {"DestinationPrefix": str(route.to), "NextHop": str(route.via)}
    cmdlet = Cmdlet("Remove-NetRoute", where)
    if metric != NEW_ROUTE_METRIC:
        return tr(
            "it is kept, via {next_hop} on {adapter}: its metric is {metric}, and nestlab adds routes with {own}; {cmdlet} removes it",
            next_hop=route.via,
            adapter=adapter,
            metric=metric,
            own=NEW_ROUTE_METRIC,
            cmdlet=cmdlet,
        )
    why = why_made_route_is_kept(machine, route)
    return tr(
        "it is kept, via {next_hop} on {adapter}: {why}; {cmdlet} removes it",
        next_hop=route.via,
        adapter=adapter,
        why=why or tr("no journal here shows that the lab added it"),
        cmdlet=cmdlet,
    )
