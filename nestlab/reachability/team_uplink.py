"""The uplink of an External switch on one adapter, or on a team of several."""

from __future__ import annotations

from collections.abc import Sequence

from nestlab.reachability.elements import Port, SwitchUplink, WireKey


def uplink_through(below: WireKey, ports: Sequence[Port]) -> SwitchUplink | None:
    """Return the uplink of a switch through these ports; None if no port is on a wire.

    Members of a team that are not connected are left out, unless none is connected. So are members
    on another wire than the first one: the finding `team-spans-networks` reports them.
    """
    live = [port for port in ports if port.live] or [port for port in ports if port.wire]
    if not live or live[0].wire is None:
        return None
    first = live[0]
    others = tuple(port for port in live[1:] if port.wire == first.wire)
    return SwitchUplink(below=below, above=live[0].wire, port=first, others=others)
