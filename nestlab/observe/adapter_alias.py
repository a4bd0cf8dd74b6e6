"""The name that the adapter of a step has by now in Windows, which Rename-NetAdapter changes."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network

from nestlab.dataclass import replace
from nestlab.model import Cmdlet, Record
from nestlab.model.spelling import same_name
from nestlab.observe.reading import text
from nestlab.plan import Step

_ON_LINK = "0.0.0.0"  # noqa: S104  # the next hop of the network of an adapter's own address
_ROUTES = ("New-NetRoute", "Remove-NetRoute")


def on_alias(step: Step, alias: str) -> Step:
    """Return a step with the present name of its adapter."""

    def renamed(cmdlet: Cmdlet) -> Cmdlet:
        given = str(cmdlet.parameters.get("InterfaceAlias", ""))
        is_target = same_name(given, step.target.name)
        return cmdlet.with_parameters(InterfaceAlias=alias) if is_target else cmdlet

    return replace(
        step,
        target=replace(step.target, name=alias),
        cmdlets=tuple(map(renamed, step.cmdlets)),
        undo=tuple(map(renamed, step.undo)),
    )


def changes_route(step: Step) -> bool:
    """Whether a step adds or removes routes."""
    return any(cmdlet.name in _ROUTES for cmdlet in step.cmdlets)


def on_present_alias(step: Step, routes: Iterable[Record]) -> Step:
    """Return a step with routes under the present name of its adapter.

    `routes` are those of the machine, among them the on-link route of each address. Where no
    adapter has the name of the step, it is the only one that has the route, or is on the network of
    its next hop.
    """
    found = [*routes]
    names = {text(each, "InterfaceAlias").casefold() for each in found}
    if step.target.name.casefold() in names:
        return step
    cmdlets = [each for each in step.cmdlets if each.name in _ROUTES]
    aliases = {alias for each in cmdlets for alias in _aliases(each, found)}
    return on_alias(step, aliases.pop()) if len(aliases) == 1 else step


def _aliases(cmdlet: Cmdlet, routes: Iterable[Record]) -> set[str]:
    """Return the adapters that have the route of a cmdlet, or where it is added, may have it."""
    to, via = str(cmdlet.parameters["DestinationPrefix"]), str(cmdlet.parameters["NextHop"])
    adds = cmdlet.name == "New-NetRoute"
    return {
        text(each, "InterfaceAlias")
        for each in routes
        if (_is_on_network(each, via) if adds else _goes(each) == (to, via))
    }


def _goes(route: Record) -> tuple[str, str]:
    return text(route, "DestinationPrefix"), text(route, "NextHop")


def _is_on_network(route: Record, via: str) -> bool:
    to, next_hop = _goes(route)
    network = IPv4Network(to, strict=False)
    return next_hop == _ON_LINK and network.prefixlen > 0 and IPv4Address(via) in network
