"""A plan as HTML: what it amounts to in one line, then its steps in a table."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.enumerations import beginning
from nestlab.html import Html, code, escape, folded, headline, table
from nestlab.model import path_text
from nestlab.plan.plan import Plan, warning_text
from nestlab.plan.step import Hazard, Step
from nestlab.texts import tr, tr_count

_SHOWN = 20  # steps that are shown without a click
_Row = tuple[object, object, object]


def as_html(plan: Plan) -> Html:
    """Return the number of steps and their hazards, then each step with its reason and cmdlets."""
    if plan.is_empty:
        top = headline("✓", plan.nothing_to_do_text)
    else:
        top = headline("", f"{plan.summary}.", *_hazards(plan))
    steps: list[_Row] = [
        (n, _cell(step), path_text(step.runs_on)) for n, step in enumerate(plan.steps, 1)
    ]
    shown, more = steps[:_SHOWN], steps[_SHOWN:]
    later = list(_later(plan))
    parts = [_table(shown if more else shown + later)] if steps or later else []
    if more:
        title = tr_count("{count} more step", "{count} more steps", len(more))
        parts.append(folded(title, _table(more)))
        parts += [_table(later)] if later else []
    return Html("".join((top, *parts)))


def _hazards(plan: Plan) -> Iterator[str]:
    """Yield what the hazardous steps do, in one line."""
    if hazardous := plan.hazardous_steps:
        kinds = "; ".join(dict.fromkeys(str(step.hazard) for step in hazardous))
        yield "⚠ " + tr_count(
            "{count} step needs attention: {hazards}",
            "{count} steps need attention: {hazards}",
            len(hazardous),
            hazards=kinds,
        )


def _table(rows: list[_Row]) -> Html:
    return table((tr("step"), tr("what, why, and its cmdlets"), tr("machine")), rows)


def _later(plan: Plan) -> Iterator[_Row]:
    """Yield the rows after the steps: what is planned later, out of reach, left over; warnings."""
    for item in plan.deferred:
        yield tr("deferred"), item.why, path_text(item.machine)
    for beyond in plan.out_of_reach:
        text = f"{'; '.join(beyond.values)} ({beyond.why})"
        yield beyond.label.lower(), text, path_text(beyond.machine)
    for left in plan.remainder:
        text = ": ".join(filter(None, (left.subject, ", ".join(left.holds))))
        yield tr("left over"), text, path_text(left.machine)
    for warning in plan.warnings:
        yield tr("warning"), warning_text(warning), ""


def _cell(step: Step) -> Html:
    hazard = "" if step.hazard is Hazard.NONE else f" ⚠ {escape(step.hazard)}"
    effect = f" ({escape(step.effect_text)})" if step.effect_text else ""
    title = f"<b>{escape(step.title)}</b>{hazard}{effect}"
    return Html(
        "<br>".join([title, escape(beginning(step.why, step.title)), *map(code, step.lines)])
    )
