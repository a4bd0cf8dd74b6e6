"""Checks of steps that change a setting of Windows: what else has come to depend on it."""

from __future__ import annotations

from nestlab.enumerations import all_of
from nestlab.errors import CmdletError
from nestlab.model import Record
from nestlab.observe.reading import text
from nestlab.observe.target_reader import TargetReader, query
from nestlab.plan import Action, MadeRoute, Refusal, Step, route_of
from nestlab.texts import tr, tr_count


def identify_windows(reader: TargetReader) -> Step | Refusal:
    """Return a step on a setting of Windows, or why it must not run.

    The DHCP server role stays where it has a scope. A route that is to be removed from the host
    has to exist. Raises what `Session.run` raises.
    """
    route = route_of(reader.step)
    if route is not None and reader.runs("Remove-NetRoute"):
        # A restricted session (JEA) allows this question only.
        found = reader.read(query("Get-NetRoute", AddressFamily="IPv4"))
        if not any(_is_route(record, route) for record in found):
            return Refusal(
                tr(
                    "there is no route to {destination} via {next_hop} any more",
                    destination=route.to,
                    next_hop=route.via,
                )
            )
    if reader.step.action is Action.INSTALL_DHCP and reader.is_undo:
        why = _why_dhcp_is_kept(reader)
        return Refusal(why, in_use=True) if why else reader.step
    return reader.step


def _is_route(record: Record, route: MadeRoute) -> bool:
    where = text(record, "DestinationPrefix"), text(record, "NextHop")
    return where == (str(route.to), str(route.via))


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
