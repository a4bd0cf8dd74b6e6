"""Routes of the host that runs of a topology added.

A route of Windows has no name and no notes, so nothing on the host says who added it. The journals
of the topology do: New-NetRoute fails where the route exists, so the one of a finished step is its.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from ipaddress import IPv4Address, IPv4Network

from nestlab.dataclass import dataclass, replace
from nestlab.model import HOST
from nestlab.plan.kinds import Action
from nestlab.plan.step import Step


@dataclass(frozen=True)
class MadeRoute:
    """A route of the host: where it goes, its next hop, and the adapter that it was added to.

    `time` is when the step that added it was started (UTC); `other_labs` are the topologies whose
    journals show it as well.
    """

    to: IPv4Network
    via: IPv4Address
    alias: str
    time: datetime | None = None
    other_labs: tuple[str, ...] = ()

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


def made_routes(steps: Iterable[tuple[Step, datetime | None]]) -> tuple[MadeRoute, ...]:
    """Return the routes that steps added and none of the later ones removed.

    Each step is with the time when it was started.
    """
    found: dict[str, MadeRoute] = {}
    for step, time in steps:
        route = route_of(step)
        if route is not None and step.action is Action.ADD_ROUTE:
            found[str(route)] = replace(route, time=time)
        elif route is not None:
            found.pop(str(route), None)
    return tuple(found.values())
