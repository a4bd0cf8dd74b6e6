"""Causes that the walk of a packet does not show: link-local addresses and disabled adapters."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.reachability.endpoints import TraceEndpoint
from nestlab.reachability.link_local import may_reach_by_link_local
from nestlab.reachability.outcome import Drop, Reason
from nestlab.reachability.tables import InterfaceRef, Tables
from nestlab.texts import tr

_AT_NETWORK_LAYER = (Reason.NO_ADDRESS, Reason.NO_ROUTE, Reason.NEIGHBOR_UNREACHABLE)


def with_other_causes(tables: Tables, start: TraceEndpoint, end: TraceEndpoint, drop: Drop) -> Drop:
    """Return a drop with possible causes that are not on the walk of its packet.

    It is undetermined if both ends have link-local addresses. Its explanation names the disabled
    adapters that may have caused it.
    """
    return _naming_disabled(tables, start, end, _or_by_link_local(tables, start, end, drop))


def _or_by_link_local(tables: Tables, start: TraceEndpoint, end: TraceEndpoint, drop: Drop) -> Drop:
    """Return the drop; undetermined if both ends have link-local addresses."""
    named = end.address is None and drop.status == "unreachable"
    if not named or start.stack is None or end.stack is None or drop.reason is Reason.ECHO_BLOCKED:
        return drop
    why = may_reach_by_link_local(tables, start.stack, end.stack)
    if not why:
        return drop
    return drop._replace(status="undetermined", explanation=f"{drop.explanation} {why}")


def _naming_disabled(tables: Tables, start: TraceEndpoint, end: TraceEndpoint, drop: Drop) -> Drop:
    """Return a drop whose explanation names the disabled adapters that may have caused it.

    Windows shows no addresses of a disabled adapter, so the drop by itself says that a machine has
    no address or no route, or that no machine answers. Source:
    https://learn.microsoft.com/powershell/module/netadapter/disable-netadapter
    """
    if not tables.disabled or drop.reason not in _AT_NETWORK_LAYER:
        return drop
    causes = (
        tr(
            "The network adapter {adapter} is Disabled on {machine}: Enable-NetAdapter enables it.",
            adapter=tables.interface(ref).name,
            machine=tables.stacks[ref.stack].label,
        )
        for ref in dict.fromkeys(_causes(tables, start, end, drop))
    )
    return drop._replace(explanation=" ".join((drop.explanation, *causes)))


def _causes(
    tables: Tables, start: TraceEndpoint, end: TraceEndpoint, drop: Drop
) -> Iterator[InterfaceRef]:
    """Yield the disabled adapters that may be the cause, those of the two ends first.

    These are the adapters of a machine that has no route, those of an endpoint that has no address,
    those on the same network as the other endpoint, and those on a network with no answer.
    """
    if drop.reason is Reason.NO_ROUTE and drop.interface is not None:
        yield from (ref for ref in tables.disabled if ref.stack == drop.interface.stack)
    ends = {start.stack: end.stack, end.stack: start.stack}
    for ref in tables.disabled:
        stack, other = tables.stacks[ref.stack], ends.get(ref.stack)
        has_address = any(each.addresses for each in stack.interfaces)
        if ref.stack in ends and (not has_address or _shares_network(tables, ref, other)):
            yield ref
    if drop.interface is None or drop.reason is not Reason.NEIGHBOR_UNREACHABLE:
        return
    for ref in tables.disabled:
        if ref.stack != drop.interface.stack and _exchange_frames(tables, ref, drop.interface):
            yield ref


def _shares_network(tables: Tables, ref: InterfaceRef, other: int | None) -> bool:
    """Whether an adapter is on the same network as a machine."""
    return other is not None and any(
        _exchange_frames(tables, ref, InterfaceRef(other, index))
        for index in range(len(tables.stacks[other].interfaces))
    )


def _exchange_frames(tables: Tables, one: InterfaceRef, other: InterfaceRef) -> bool:
    return tables.can_exchange_frames(tables.interface(one).port, tables.interface(other).port)
