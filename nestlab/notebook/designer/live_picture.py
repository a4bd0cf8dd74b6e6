"""The designer's picture with the states of its parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets

from nestlab.apply import Event, StepResult
from nestlab.notebook.designer.file_view import FileView
from nestlab.notebook.designer.live_states import LiveStates
from nestlab.plan import Plan

if TYPE_CHECKING:
    from nestlab.lab import DriftFindings
    from nestlab.notebook.plan_view import PlanView


class LivePicture(FileView):
    """A picture whose parts have colors and signs: planned, running, done, failed, drifted."""

    states = traitlets.Dict(
        help="The states of parts, by their ids.",  # not shown
    ).tag(sync=True)

    def __init__(self, **options: Any) -> None:
        self._live = LiveStates()
        super().__init__(**options)

    def follow(self, panel: PlanView) -> None:
        """Show the states of what a `PlanPanel` plans and applies, now and from now on."""
        panel.watch(self.show_progress)

    def show_progress(self, news: Plan | Event | StepResult) -> None:
        """Show the states after a plan was made, or after an event or a result of a run.

        Without a panel: ``designer.show_progress(plan)``, and for the run
        ``lab.apply(plan, on_event=designer.show_progress)`` with each of its results.
        """
        self._live = self._live.after(news)
        self.states = self._live.parts()

    def show_drift(self, drift: DriftFindings) -> None:
        """Show which parts differ from the host, as `nestlab.drift` found, and nothing else."""
        self._live = self._live.with_drift(drift.differences)
        self.states = self._live.parts()
