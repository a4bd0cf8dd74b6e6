"""Checks that a plan is still valid: planning again from the current states gives the same plan.

This finds every change that affects the plan, and no other change makes the plan stale.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from nestlab.dataclass import fields, replace
from nestlab.errors import NestlabError, PlanRefused, StalePlan
from nestlab.model import MachinePath
from nestlab.model.state import HostState
from nestlab.plan.conversion import to_plain
from nestlab.plan.host_changes import HostChange, host_changes
from nestlab.plan.plan import Plan
from nestlab.plan.step import Deferred
from nestlab.texts import tr

_MAX_LISTED = 5  # changes and differences that are listed

Replan = Callable[[Mapping[MachinePath, HostState]], Plan]


def replanned(
    plan: Plan, states: Mapping[MachinePath, HostState], replan: Replan
) -> tuple[Plan, tuple[str, ...]]:
    """Return the same plan, made again from these states, and a sentence for each other change.

    The two plans have the same steps, and machines that have begun to answer since then are still
    deferred.
    `replan` plans again. Raises StalePlan, which says what has changed, where the two differ.
    """
    before = plan.states or plan.state_digests
    if not before:
        return plan, ()  # made without a host, so it depends on nothing
    changes = host_changes(before, states)
    try:
        now = replan({path: states[path] for path in before if path in states})
    except NestlabError as error:
        raise StalePlan(_sentences(changes, [*_reasons(error)])) from None
    if not _are_equal(now, plan):
        raise StalePlan(
            _sentences(changes, [*_differences(plan, now)], _differing_texts(plan, now))
        )
    return now, tuple(map(str, changes))


def _are_equal(one: Plan, other: Plan) -> bool:
    """Whether two plans do the same, apart from wording and boot times."""
    one, other = _comparable(one, other), _comparable(other, one)
    # A file stores every sequence as a list.
    return one == other or _plain_parts(one) == _plain_parts(other)


def _comparable(plan: Plan, other: Plan) -> Plan:
    """Return a plan without texts; items without a step have only texts, in one language."""
    plan = _without_texts(plan)
    if plan.language == other.language:
        return plan
    return replace(plan, unchanged=(), remainder=(), out_of_reach=())


def _without_texts(plan: Plan) -> Plan:
    """Return a plan without its titles and reasons, which another version may word differently."""
    return replace(
        plan,
        steps=tuple(replace(step, title="", why="", existing_disks=()) for step in plan.steps),
        deferred=tuple(map(_without_advice, plan.deferred)),
        unchanged=tuple(replace(item, why="") for item in plan.unchanged),
        out_of_reach=tuple(
            replace(item, why="", differs=False, is_off=False) for item in plan.out_of_reach
        ),
    )


def _without_advice(item: Deferred) -> Deferred:
    return replace(item, why="", advice="", refused_advice="", is_running=False, booted_at=None)


def _plain_parts(plan: Plan) -> dict[str, Any]:
    return {
        field.name: to_plain(getattr(plan, field.name)) for field in fields(plan) if field.compare
    }


def _reasons(error: NestlabError) -> Iterator[str]:
    if isinstance(error, PlanRefused):
        yield from (
            f"{finding.subject_text}: {finding.message}" for finding in error.findings.errors
        )
    else:
        yield error.message


def _differences(plan: Plan, now: Plan) -> Iterator[str]:
    old, new = ({step.id: step for step in each.steps} for each in (plan, now))
    before, after = _comparable(plan, now), _comparable(now, plan)
    kept = {step.id for step in after.steps if step in before.steps}
    yield from (
        tr("no longer needed: {title}", title=step.title)
        for step in plan.steps
        if step.id not in new
    )
    yield from (
        tr("now needed: {title}", title=step.title) for step in now.steps if step.id not in old
    )
    yield from (
        tr("changed: {title} ({why})", title=step.title, why=step.why)
        for step in now.steps
        if step.id in old and step.id not in kept
    )
    yield from _differences_of_fields(before, after)


def _differences_of_fields(before: Plan, after: Plan) -> Iterator[str]:
    for field in fields(before):
        was, is_now = getattr(before, field.name), getattr(after, field.name)
        if not field.compare or field.name in ("steps", "deferred") or was == is_now:
            continue
        if isinstance(is_now, tuple):
            yield from (
                tr("changed: {object}", object=_subject(item))
                for item in dict.fromkeys([*was, *is_now])
                if (item in was) != (item in is_now)
            )
        else:
            yield tr(
                "its {property} is {is_now}, not {was}", property=field.name, is_now=is_now, was=was
            )


def _subject(item: Any) -> str:
    return str(getattr(item, "subject", item))


def _differing_texts(plan: Plan, now: Plan) -> str:
    """Return all texts of the items that only one of the plans has."""
    old, new = (
        {
            repr(item): item
            for part in _plain_parts(each).values()
            if isinstance(part, tuple)
            for item in part
        }
        for each in (plan, now)
    )
    return "\n".join(
        _strings([item for text, item in {**old, **new}.items() if (text in old) != (text in new)])
    )


def _strings(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, Mapping | list | tuple):
        for item in data.values() if isinstance(data, Mapping) else data:
            yield from _strings(item)


def _sentences(
    changes: Sequence[HostChange], differences: Sequence[str], texts: str = ""
) -> list[str]:
    """Return the changes of what the plans name (or all if they name none), and the differences."""
    named_texts = "\n".join([texts, *differences]).casefold()
    concerned = [
        change for change in changes if not change.name or change.name.casefold() in named_texts
    ] or list(changes)
    texts_of = ([*dict.fromkeys(map(str, concerned))], [*dict.fromkeys(differences)])
    return [line for lines in texts_of for line in _first(lines)]


def _first(texts: Sequence[str]) -> list[str]:
    left = len(texts) - _MAX_LISTED
    more = [tr("and {count} more", count=left)] if left > 0 else []
    return [*texts[:_MAX_LISTED], *more]
