"""What the panels of a stage do in the background: check it at a seat, and say which step runs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator

from nestlab.apply import StepStarted
from nestlab.notebook.job import JobResult
from nestlab.notebook.panel import Panel
from nestlab.texts import tr
from nestlab.workshop import LearnerStage, SeatEvent, SeatStarted, StageReport
from nestlab.workshop.learner_stage import SETTLE_SECONDS


def check_stage(
    panel: Panel,
    stage: LearnerStage,
    show: Callable[[StageReport], None],
    *,
    wait: float = SETTLE_SECONDS,
) -> None:
    """Check a stage as the job of a panel, and show its report."""

    def work(cancel: threading.Event) -> Generator[str, None, StageReport]:
        yield "checking"
        return stage.check(wait=wait, cancel=cancel)

    def end(result: JobResult) -> None:
        if result.state == "done":
            show(result.value)
        elif result.state == "cancelled":
            panel.status.show("cancelled", tr("Cancelled."))

    panel.start(tr("Checking …"), work, on_event=lambda _event: None, on_end=end)


def step_reporter(panel: Panel) -> Callable[[SeatStarted | SeatEvent], None]:
    """Return what shows, as the status of a panel, which step of a seat runs."""

    def report(event: SeatStarted | SeatEvent) -> None:
        if isinstance(event, SeatEvent) and isinstance(event.event, StepStarted):
            panel.status.text = event.event.step.title

    return report
