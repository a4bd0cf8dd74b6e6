"""The fewest changes of port settings that let two adapters exchange frames."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from itertools import count
from typing import NamedTuple

from nestlab.model.topology import Vlan
from nestlab.model.vlan_ids import merged_vlans
from nestlab.reachability.elements import Port, SwitchUplink, WireKey
from nestlab.reachability.ports import (
    PortRule,
    native_segment,
    rules_blocking_down,
    rules_blocking_up,
    tag_down,
    tag_up,
    untagged_vlan,
)
from nestlab.reachability.tables import Segment, Tables

_TIE_BREAK = 0.001  # among changes of equal cost, those nearer to one end are preferred


class BlockingRule(NamedTuple):
    """A rule that blocks at a port; for a VLAN, with the setting that lets the frame pass."""

    rule: PortRule
    port: Port
    vlan: Vlan | None = None


class _Step(NamedTuple):
    cost: float
    after: Segment
    blocking: tuple[BlockingRule, ...]


def minimal_changes(
    tables: Tables, requester: Port, target: Port, *, at_requester: bool = False
) -> tuple[BlockingRule, ...] | None:
    """Return the rules that block on the path that needs the fewest changes, in its order.

    Empty if no rule blocks; None if no path of wires joins the two adapters. `requester` is
    the port of the machine that sends the ARP request; of changes with equal cost, the one at the
    target is preferred, or the one `at_requester`.
    """
    tie_break = -_TIE_BREAK if at_requester else _TIE_BREAK
    starts = list(_starts(tables, requester, tie_break))
    down = _downlinks(tables, target)
    order = count()
    waiting: list[tuple[float, int, Segment, tuple[BlockingRule, ...]]] = [
        (s.cost, next(order), s.after, s.blocking) for s in starts
    ]
    heapq.heapify(waiting)
    done: set[Segment] = set()
    best: tuple[float, tuple[BlockingRule, ...]] | None = None
    while waiting:
        cost, _, segment, blocking = heapq.heappop(waiting)
        if best is not None and cost >= best[0]:
            break
        if segment in done:
            continue
        done.add(segment)
        last = _arrival(target, segment)
        if last is not None and (best is None or cost + len(last) < best[0]):
            best = (cost + len(last), (*blocking, *last))
        for step in _crossings(tables, down, segment, requester, target):
            heapq.heappush(
                waiting,
                (cost + step.cost, next(order), step.after, (*blocking, *step.blocking)),
            )
    return best[1] if best is not None else None


def _starts(tables: Tables, requester: Port, tie_break: float) -> Iterator[_Step]:
    segment = native_segment(requester)
    if segment is None:
        return
    yield _Step(0, segment, ())
    if not requester.fixed:
        for vlan in tables.vlans - {segment[1]}:
            yield _Step(
                1 + tie_break,
                (segment[0], vlan),
                (BlockingRule(PortRule.VLAN, requester, _single_vlan(vlan)),),
            )


def _arrival(target: Port, segment: Segment) -> tuple[BlockingRule, ...] | None:
    """Return the rules of the target's port that block a frame at this segment.

    None if the port is on another wire.
    """
    if target.wire != segment[0]:
        return None
    disconnected = () if target.connected else (BlockingRule(PortRule.DISCONNECTED, target),)
    if untagged_vlan(target) == segment[1]:
        return disconnected
    return (
        None
        if target.fixed
        else (*disconnected, BlockingRule(PortRule.VLAN, target, _single_vlan(segment[1])))
    )


def _downlinks(tables: Tables, target: Port) -> dict[WireKey, list[SwitchUplink]]:
    """Return the uplinks that lead down to the target's wire, by the wire above."""
    down: dict[WireKey, list[SwitchUplink]] = {}
    waiting = [target.wire] if target.wire is not None else []
    for wire in waiting:  # appended to during the loop
        for uplink in tables.upward.get(wire, ()):
            down.setdefault(uplink.above, []).append(uplink)
            if uplink.above not in waiting:
                waiting.append(uplink.above)
    return down


def _crossings(
    tables: Tables,
    down: dict[WireKey, list[SwitchUplink]],
    segment: Segment,
    requester: Port,
    target: Port,
) -> Iterator[_Step]:
    for uplink in tables.upward.get(segment[0], ()):
        yield from _up(tables, uplink, segment[1], requester.mac_address)
    for uplink in down.get(segment[0], ()):
        yield from _down(uplink, segment[1], target.mac_address)


def _up(tables: Tables, uplink: SwitchUplink, tag: int, mac: str) -> Iterator[_Step]:
    port = uplink.port
    if port is None:
        yield _Step(0, (uplink.above, tag), ())
        return
    members = [port, *uplink.others]
    changes = tuple(
        BlockingRule(rule, member, _trunk_with(member, tag) if rule is PortRule.VLAN else None)
        for member in members
        for rule in rules_blocking_up(member, tag, mac)
    )
    yield _Step(len(changes), (uplink.above, tag_up(port, tag)), changes)
    if tag == 0:
        for vlan in tables.vlans - {untagged_vlan(port)}:
            yield _Step(
                len(changes) + 1 + _TIE_BREAK,
                (uplink.above, vlan),
                (
                    *changes,
                    *(BlockingRule(PortRule.VLAN, each, _single_vlan(vlan)) for each in members),
                ),
            )


def _down(uplink: SwitchUplink, vlan: int, answering_mac: str) -> Iterator[_Step]:
    port = uplink.port
    if port is None:
        yield _Step(0, (uplink.below, vlan), ())
        return
    # A broadcast always passes down; the reply has to pass up with the MAC of the target.
    members = [port, *uplink.others]
    answer = tuple(
        BlockingRule(rule, member)
        for member in members
        for rule in rules_blocking_up(member, 0, answering_mac)
        if rule is PortRule.SPOOFING
    )
    found = [
        (rule, member) for member in members for rule in rules_blocking_down(member, vlan, None)
    ]
    disconnected = tuple(
        BlockingRule(rule, member) for rule, member in found if rule is not PortRule.VLAN
    )
    if all(rule is not PortRule.VLAN for rule, _ in found):
        yield _Step(
            len(disconnected) + len(answer),
            (uplink.below, tag_down(port, vlan)),
            (*disconnected, *answer),
        )
        return
    for wanted, tag in ((_single_vlan(vlan), 0), (_trunk_with(port, vlan), vlan)):
        changes = (
            *disconnected,
            *(BlockingRule(PortRule.VLAN, member, wanted) for member in members),
            *answer,
        )
        yield _Step(len(changes), (uplink.below, tag), changes)


def _single_vlan(vlan: int) -> Vlan:
    """Return the setting for one VLAN; for 0, an empty setting, which is untagged."""
    return Vlan(access=vlan) if vlan else Vlan()


def _trunk_with(port: Port, vlan: int) -> Vlan:
    present = port.vlan.trunk if port.vlan is not None and port.vlan.access is None else ()
    return Vlan(
        trunk=merged_vlans((*present, vlan) if vlan else present), native=untagged_vlan(port)
    )
