"""The stages of a workshop at a learner's seat: check, hint, solve and restore."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Collection, Generator, Iterator
from pathlib import Path
from typing import Any

import ipywidgets

from nestlab import transport
from nestlab.errors import FileNotWritten
from nestlab.html import Html, escape
from nestlab.notebook.confirm import Confirm
from nestlab.notebook.job import JobResult
from nestlab.notebook.panel import Panel, cell_styled, labelled, row
from nestlab.notebook.stage_view import hints_html, newer_topology_html, report_html, stages_html
from nestlab.notebook.stage_work import check_stage, step_reporter
from nestlab.notebook.workshop_arguments import workshop_of
from nestlab.texts import tr
from nestlab.workshop import LearnerStage, StageReport, Workshop, WorkshopStage
from nestlab.workshop.host_survey import Connect
from nestlab.workshop.named_parts import seat_of, stage_of
from nestlab.workshop.seat_events import SeatResult
from nestlab.workshop.stage_progress import StageProgress

_Change = Callable[..., Iterator[SeatResult]]


class StagePanel(Panel):
    """The stages of a workshop at one seat, each with a button to check, help, solve and restore.

    `workshop` is a workshop or the path of its file. What is done and when, and how many hints were
    shown, is kept in a file, `progress`: by default that of the seat in the folder of the progress.
    It opens at `stage`, by default at the first that is not done.
    """

    def __init__(
        self,
        workshop: Workshop | str | Path,
        seat: str,
        *,
        stage: str | None = None,
        connect: Connect = transport.connect,
        progress: str | Path | None = None,
    ) -> None:
        self.workshop = workshop_of(workshop, "StagePanel('class.yml', 'ada')")  # not shown
        self.seat = seat_of(self.workshop, seat)
        self._connect = connect
        self.progress = StageProgress(self.seat, progress)
        self.report: StageReport | None = None
        self._is_updating = False
        first = self._first_left() if stage is None else stage_of(self.workshop, stage)
        self._build_widgets(first)
        buttons = (
            self.check_button,
            self.hint_button,
            self.solve_button,
            self.restore_button,
            self.plant_button,
            self.confirm_restore.yes_button,
        )
        super().__init__([], disabled_while_busy=(self.stages, *buttons))
        self.children = (
            self.news,
            row(self.stages),
            self.task,
            row(*buttons[:5], self.cancel_button),
            self.confirm_restore,
            self.status,
            self.result,
        )
        self.stages.observe(self._changed, names="value")
        self._chosen()

    def _build_widgets(self, first: WorkshopStage) -> None:
        self.stages = ipywidgets.Dropdown(
            options=self._options(),
            value=first.name,
            **labelled(tr("Stage"), label=50, field=320),
        )
        self.news, self.task, self.result = (ipywidgets.HTML() for _ in range(3))
        self.check_button = self.button(
            tr("Check"),
            tr("Whether the stage is done; changes nothing"),
            self.check,
            style="primary",
        )
        self.hint_button = self.button(
            tr("Hint"), tr("The next level of help for this stage"), self.hint
        )
        self.solve_button = self.button(
            tr("Solve"), tr("Build the seat up to the end of this stage"), self.solve
        )
        self.restore_button = self.button(
            tr("Restore"), tr("Remove the seat, and build it up to the end of this stage"), self.ask
        )
        self.plant_button = self.button(
            tr("Plant the fault"), tr("Break what this stage lets you find"), self.plant
        )
        self.confirm_restore = Confirm(
            tr("Remove all that the seat has, with its disks, and build it again?"),
            self.button(tr("Restore now"), tr("Remove and build again"), self.restore),
            tr("Keep it"),
        )

    @property
    def stage(self) -> WorkshopStage:
        """The chosen stage."""
        return next(each for each in self.workshop.stages if each.name == self.stages.value)

    def check(self) -> None:
        """Check the stage in the background, and show what is missing."""
        self._check(self._show_report)

    def hint(self) -> None:
        """Check the stage in the background, and show one more level of help."""
        self._check(self._show_hints)

    def solve(self) -> None:
        """Build the seat up to the end of the stage, in the background, then check it."""
        self._change(self._learner_stage().solve, tr("Building …"))

    def ask(self) -> None:
        """Ask before the seat is removed."""
        self.confirm_restore.ask()

    def restore(self) -> None:
        """Remove the seat and build it up to the end of the stage, then check it."""
        self.confirm_restore.hide()
        self._change(self._learner_stage().restore, tr("Removing and building again …"))

    def plant(self) -> None:
        """Plant the fault of the stage, in the background."""
        self._change(self._learner_stage().plant, tr("Planting the fault …"))

    def unavailable(self) -> Collection[ipywidgets.Widget]:
        """Return the button for a fault where the stage has none."""
        return () if self.stage.fault else (self.plant_button,)

    def snapshot(self) -> Html:
        """Return the stages with what is done, and the last result."""
        done = {each.name for each in self.workshop.stages if self.progress.is_done(each)}
        table = stages_html(self.workshop.stages, done)
        return Html(f"{self.news.value}{table}{self.task.value}{self.result.value}")

    def _learner_stage(self) -> LearnerStage:
        return LearnerStage(
            self.workshop,
            self.seat.name,
            self.stage.name,
            self._connect,
            progress=self.progress,
        )

    def _check(self, show: Callable[[StageReport], None]) -> None:
        check_stage(self, self._learner_stage(), show)

    def _change(self, change: _Change, text: str) -> None:
        stage = self._learner_stage()

        def work(cancel: threading.Event) -> Generator[SeatResult, None, StageReport]:
            yield from change(cancel=cancel, on_event=step_reporter(self))
            return stage.check(cancel=cancel)

        def end(result: JobResult) -> None:
            if result.state == "cancelled":
                self.status.show("cancelled", tr("Cancelled. The same button continues."))
            elif result.state == "done" and not failed:
                self._show_report(result.value)
            elif failed:
                self.status.show("failed", failed[0].message, failed[0].hint)
            self._update_options()

        failed: list[SeatResult] = []

        def note(result: SeatResult) -> None:
            if not result.ok and result.message:
                failed.append(result)

        self.start(text, work, on_event=note, on_end=end)

    def _show_report(self, report: StageReport) -> None:
        self.report = report
        self.result.value = cell_styled(report_html(report))
        self._show_verdict(report)

    def _show_hints(self, report: StageReport) -> None:
        self.report = report
        hints = report.hints
        shown = min(self.progress.hints(self.stage) + 1, len(hints))
        self.result.value = cell_styled(hints_html(hints[:shown]))
        if hints:
            self.progress.mark_hints(self.stage, shown)
        self._show_verdict(report, is_try=False)

    def _show_verdict(self, report: StageReport, *, is_try: bool = True) -> None:
        if is_try or report.passed:
            self.progress.note(self.stage, report)
        self._update_options()
        if report.passed:
            left = self._first_left()
            more = tr("Next: {stage}", stage=left.name) if left is not self.stage else ""
            done = self.progress.is_done(left)
            self.status.show("done", report.verdict, tr("All stages are done.") if done else more)
        else:
            self.status.show("warning", report.verdict)
        self._name_hint_button()

    def _changed(self, _change: Any) -> None:
        if not self._is_updating:
            self.attempt(self._chosen)

    def _chosen(self) -> None:
        self.report = None
        self.confirm_restore.hide()
        text = self.stage.text or self.stage.notebook or ""
        self.task.value = cell_styled(f"<p>{escape(text)}</p>") if text else ""
        self.result.value = ""
        self.news.value = cell_styled(newer_topology_html(self.seat))
        self.news.layout.display = "" if self.news.value else "none"
        self.plant_button.layout.display = "" if self.stage.fault else "none"
        self.progress.reload()
        done = self.progress.is_done(self.stage)
        self.status.show("idle", tr("This stage was done already.") if done else "")
        if not done:
            with contextlib.suppress(FileNotWritten):  # said by the next check
                self.progress.mark_opened(self.stage)
        self._name_hint_button()
        self.update_enabled()

    def _name_hint_button(self) -> None:
        more = self.progress.hints(self.stage) > 0
        self.hint_button.description = tr("Next hint") if more else tr("Hint")

    def _first_left(self) -> WorkshopStage:
        """Return the first stage that is not done; the last if all are."""
        stages = self.workshop.stages
        left = (each for each in stages if not self.progress.is_done(each))
        return next(left, stages[-1])

    def _update_options(self) -> None:
        """Show what is done; new options make a dropdown choose the first one for a moment."""
        chosen, self._is_updating = self.stages.value, True
        try:
            self.stages.options = self._options()
            self.stages.value = chosen
        finally:
            self._is_updating = False

    def _options(self) -> list[tuple[str, str]]:
        return [
            (f"{number}. {each.name}{' ✓' if self.progress.is_done(each) else ''}", each.name)
            for number, each in enumerate(self.workshop.stages, 1)
        ]
