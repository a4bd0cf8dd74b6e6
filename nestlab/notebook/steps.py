"""The steps of a plan as a list in the page: state, title, machine, reason, cmdlets."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anywidget
import traitlets

_STATIC = Path(__file__).parent / "static"


class StepList(anywidget.AnyWidget):
    """The steps of a plan. States are waiting, running, done, failed, skipped and undone; notes are free text by id."""

    _esm = _STATIC / "steps.js"
    _css = _STATIC / "steps.css"
    label = traitlets.Unicode("Steps of the plan").tag(sync=True)
    empty = traitlets.Unicode("").tag(sync=True)
    steps: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    states = traitlets.Dict().tag(sync=True)
    notes = traitlets.Dict().tag(sync=True)

    def show(self, steps: Sequence[dict[str, Any]], *, empty: str = "") -> None:
        """Show these steps (a plan's ``to_dict()["steps"]``), all waiting."""
        with self.hold_sync():
            self.empty, self.states, self.notes = empty, {}, {}
            self.steps = list(steps)

    def add(self, steps: Sequence[dict[str, Any]]) -> None:
        """Put further steps behind the ones shown; those of a known id stay as they are."""
        known = {step["id"] for step in self.steps}
        new = [step for step in steps if step["id"] not in known]
        if new:
            self.steps = [*self.steps, *new]

    def mark(self, step_id: str, state: str, note: str = "") -> None:
        """Set the state of one step, and a note under it."""
        with self.hold_sync():
            self.states = {**self.states, step_id: state}
            self.notes = {**self.notes, step_id: note}
