"""The steps of a plan as a list widget: state, title, machine, reason and cmdlets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import traitlets

from nestlab.dataclass import dataclass, field
from nestlab.enumerations import beginning
from nestlab.html import Html, escape
from nestlab.notebook.javascript import joined
from nestlab.notebook.page_texts import STEPS, TranslatedWidget
from nestlab.texts import mark, tr, translate

_STATIC = Path(__file__).parent / "static"
_ENDED = frozenset({"done", "failed", "unchanged", "skipped", "stopped", "waited"})
_MARKS = {
    "waiting": "○",
    "running": "⟳",
    "done": "✓",
    "failed": "✗",
    "unchanged": "–",
    "skipped": "–",
    "stopped": "■",
    "waited": "✓",
}
_HAZARDS = {
    "stops-vm": mark("stops the VM"),
    "restarts-vm": mark("restarts the VM"),
    "may-cut-connection": mark("may cut the connection"),
    "deletes-data": mark("deletes data"),
}
_EFFECTS = {"restart": mark("restarts the VM"), "recreate": mark("recreates the VM")}


@dataclass(frozen=True)
class StepRows:
    """What a step list shows: the steps as plain data, and by id their states and notes."""

    steps: tuple[Mapping[str, Any], ...] = ()
    states: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)


class StepList(TranslatedWidget):
    """The steps of a plan.

    States are waiting, running, done, failed, unchanged, skipped, stopped and waited; notes are
    free text by id.
    """

    PAGE_TEXTS = STEPS
    _esm = joined(_STATIC / "steps.js")
    _css = _STATIC / "steps.css"
    label = traitlets.Unicode().tag(sync=True)
    empty = traitlets.Unicode("").tag(sync=True)
    steps: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    states = traitlets.Dict().tag(sync=True)
    notes = traitlets.Dict().tag(sync=True)

    @traitlets.default("label")
    def _label(self) -> str:
        return tr("Steps of the plan")

    def show(self, steps: Sequence[dict[str, Any]], *, empty: str = "") -> None:
        """Show these steps (a plan's ``to_dict()["steps"]``), all waiting."""
        with self.hold_sync():
            self.empty, self.states, self.notes = empty, {}, {}
            self.steps = [*map(_shown, steps)]

    def show_remaining(self, steps: Sequence[dict[str, Any]], *, empty: str = "") -> None:
        """Show the steps that are left after those that have ended.

        A step that failed and is planned again stays in its place.
        """
        failed = {step_id for step_id, state in self.states.items() if state == "failed"}
        steps = [*map(_shown, steps)]
        wanted = {step["id"] for step in steps}
        ended = [
            step
            for step in self.steps
            if self.states.get(step["id"]) in _ENDED
            and (step["id"] in failed or step["id"] not in wanted)
        ]
        kept = {step["id"] for step in ended}
        with self.hold_sync():
            self.empty = empty
            self.states = {
                step_id: state for step_id, state in self.states.items() if step_id in kept
            }
            self.notes = {step_id: note for step_id, note in self.notes.items() if step_id in kept}
            self.steps = [*ended, *(step for step in steps if step["id"] not in kept)]

    def add(self, steps: Sequence[dict[str, Any]]) -> None:
        """Add steps after those that have begun; known ids stay where they are."""
        known = {step["id"] for step in self.steps}
        new = [_shown(step) for step in steps if step["id"] not in known]
        if new:
            begun = [step for step in self.steps if step["id"] in self.states]
            self.steps = [
                *begun,
                *new,
                *(step for step in self.steps if step["id"] not in self.states),
            ]

    def mark(self, step_id: str, state: str, note: str = "") -> None:
        """Set the state of one step, and a note under it."""
        with self.hold_sync():
            self.states = {**self.states, step_id: state}
            self.notes = {**self.notes, step_id: note}

    def rows(self) -> StepRows:
        """Return an immutable copy of what is shown."""
        return StepRows(tuple(self.steps), dict(self.states), dict(self.notes))


def _shown(step: dict[str, Any]) -> dict[str, Any]:
    """Return a step whose reason is a sentence."""
    return {**step, "why": beginning(step.get("why", ""), step.get("title", ""))}


def steps_html(rows: StepRows) -> Html:
    """Return the list as a static HTML table, with the cmdlets collapsed."""
    if not rows.steps:
        return Html("")
    body = "".join(
        _row(step, rows.states.get(step["id"], "waiting"), rows.notes.get(step["id"], ""))
        for step in rows.steps
    )
    head = "".join(
        f"<th style='text-align:left'>{name}</th>" for name in ("", tr("step"), tr("machine"))
    )
    return Html(f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>")


def _row(step: Mapping[str, Any], state: str, note: str) -> str:
    words = _effects(step)
    hazard = f" <span>⚠ {words}</span>" if words else ""
    parts = [
        f"<b>{escape(step['title'])}</b>{hazard}",
        escape(step.get("why", "")),
        escape(note).replace("\n", "<br>"),
    ]
    text = "<br>".join(part for part in parts if part)
    cell = "style='text-align:left;vertical-align:top'"
    return f"<tr><td {cell}>{_MARKS[state]}</td><td {cell}>{text}{_fold(step)}</td><td {cell}>{escape(step.get('machine', ''))}</td></tr>"


def _effects(step: Mapping[str, Any]) -> str:
    hazard, effect = step.get("hazard"), step.get("effect")
    already_said = effect == "restart" and hazard in {"stops-vm", "restarts-vm"}
    return ", ".join(
        filter(
            None,
            (
                translate(_HAZARDS.get(hazard or "", "")),
                "" if already_said else translate(_EFFECTS.get(effect or "", "")),
            ),
        )
    )


def _fold(step: Mapping[str, Any]) -> str:
    cmdlets = step.get("cmdlets") or ()
    if not cmdlets:
        return ""
    text = escape("\n".join(cmdlets))
    return f"<details><summary>PowerShell</summary><pre style='white-space:pre-wrap'>{text}</pre></details>"
