"""Checks that a setting of Windows may still be changed, right before a step changes it."""

from __future__ import annotations

from nestlab.dataclass import replace
from nestlab.enumerations import all_of
from nestlab.errors import CmdletError
from nestlab.model import Outcome, Record
from nestlab.model.state import NEW_ROUTE_METRIC
from nestlab.observe.adapter_alias import changes_route, on_present_alias
from nestlab.observe.entries_of_others import with_entries
from nestlab.observe.networks import route_metric
from nestlab.observe.reading import text
from nestlab.observe.router_identity import why_forwarding_is_kept
from nestlab.observe.target_reader import TargetReader, query
from nestlab.plan import Action, MadeRoute, Refusal, Step, route_of
from nestlab.texts import tr, tr_count


def identify_windows(reader: TargetReader) -> Step | Refusal:
    """Return a step on a setting of Windows, or why it must not run.

    The DHCP server role is kept if it has a scope. A route that is to be removed must exist; if it
    is removed because a run added it, it must also have the metric of a new route. Raises the
    errors of `Session.run`.
    """
    if why := why_forwarding_is_kept(reader):
        return Refusal(why, in_use=True)
    route, answer = route_of(reader.step), Outcome()
    if changes_route(reader.step):
        # A restricted session (JEA) allows this query only.
        answer = reader.read(query("Get-NetRoute", AddressFamily="IPv4"))
        reader = replace(reader, step=on_present_alias(reader.step, answer))
    if route is not None and reader.runs("Remove-NetRoute"):
        metrics = [route_metric(record) for record in answer if _is_route(record, route)]
        if not metrics:
            return Refusal(
                tr(
                    "there is no route to {destination} via {next_hop} any more",
                    destination=route.to,
                    next_hop=route.via,
                )
            )
        # The undo of adding it, or the removal of a route in a journal: such a target has an id.
        is_made = reader.step.action is Action.ADD_ROUTE or reader.step.target.id
        if is_made and NEW_ROUTE_METRIC not in metrics:
            return Refusal(_why_route_is_kept(route, metrics[0]), in_use=True)
    is_role = reader.step.action is Action.INSTALL_DHCP and reader.step.target.name == "DHCP"
    if is_role and reader.is_undo:
        why = _why_dhcp_is_kept(reader)
        return Refusal(why, in_use=True) if why else reader.step
    return with_entries(reader)


def _is_route(record: Record, route: MadeRoute) -> bool:
    where = text(record, "DestinationPrefix"), text(record, "NextHop")
    return where == (str(route.to), str(route.via))


def _why_route_is_kept(route: MadeRoute, metric: int) -> str:
    return tr(
        "kept: the route to {destination} via {next_hop} has the metric {metric}, and nestlab adds routes with {own}",
        destination=route.to,
        next_hop=route.via,
        metric=metric,
        own=NEW_ROUTE_METRIC,
    )


def _why_dhcp_is_kept(reader: TargetReader) -> str:
    """Return which scopes keep the DHCP server role; empty without any, or without the role."""
    try:
        scopes = reader.read(query("Get-DhcpServerv4Scope")).of_type("DhcpServerv4Scope")
    except CmdletError as error:
        if error.record.error_id.startswith("CommandNotFoundException"):
            return ""
        raise
    names = [text(record, "Name") for record in scopes]
    if not names:
        return ""
    return tr_count(
        "kept: it serves the DHCP scope {names}",
        "kept: it serves the DHCP scopes {names}",
        len(names),
        names=all_of(names),
    )
