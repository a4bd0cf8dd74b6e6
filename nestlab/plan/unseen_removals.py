"""Entries that others added since a plan was made: the plan made again in its run keeps them."""

from __future__ import annotations

from collections.abc import Collection

from nestlab.dataclass import replace
from nestlab.plan.kinds import Action
from nestlab.plan.made_entries import entries_added
from nestlab.plan.plan import Plan
from nestlab.plan.step import Step

_REMOVALS = frozenset({Action.REMOVE_PORT_FORWARD, Action.REMOVE_RESERVATION})


def without_unseen_removals(plan: Plan, again: Plan, seen: Collection[str]) -> Plan:
    """Return a plan that a run of `plan` made again, without what the user has not seen.

    What `plan` did not name, and no run made, is not removed: others added it since. The other new
    steps on the same DHCP scope or NAT, which may conflict with it, are left out as well.
    `seen` are the ids of the steps that plans of this run had before. A machine that `plan` defers
    was not read for it; consent to disconnect others includes what they added.
    """
    if plan.disconnect_others:
        return again
    deferred = {item.machine for item in plan.deferred}
    new = [step for step in again.steps if step.id not in seen and not _is_inside(step, deferred)]
    kept = {_place(step) for step in new if _removes_of_others(step, plan)}
    if not kept:
        return again
    left_out = {step.id for step in new if _place(step) in kept}
    return replace(again, steps=tuple(s for s in again.steps if s.id not in left_out))


def _is_inside(step: Step, machines: Collection[tuple[str, ...]]) -> bool:
    return any(step.machine[: len(path)] == path for path in machines)


def _place(step: Step) -> tuple[object, ...]:
    return step.machine, step.target.kind, step.target.name.casefold()


def _removes_of_others(step: Step, plan: Plan) -> bool:
    """Whether a step removes an entry that no run made; its undo adds the entry again."""
    restored = {entry for each in step.undo for entry in entries_added(step.machine, each)}
    return step.action in _REMOVALS and bool(restored - {*plan.made_entries})
