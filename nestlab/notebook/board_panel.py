"""The trainer's board of a workshop: seats and stages, and help for the seat that is stuck."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from pathlib import Path

import ipywidgets

from nestlab import transport
from nestlab.html import Html, escape
from nestlab.model.files import write_atomically
from nestlab.notebook.cell_runs import stop_with_cell
from nestlab.notebook.confirm import Confirm
from nestlab.notebook.job import JobResult
from nestlab.notebook.panel import Panel, cell_styled, labelled, row
from nestlab.notebook.repeating import Repeating
from nestlab.notebook.stage_view import hints_html, report_html, seat_html
from nestlab.notebook.stage_work import check_stage, step_reporter
from nestlab.notebook.workshop_arguments import workshop_of
from nestlab.texts import tr
from nestlab.workshop import (
    LearnerStage,
    Seat,
    SeatResult,
    StageProgress,
    StageReport,
    Workshop,
    WorkshopRun,
    board,
    board_page,
    stage_named,
)
from nestlab.workshop.host_survey import Connect
from nestlab.workshop.workshop_board import STUCK_MINUTES
from nestlab.workshop.workshop_board_html import as_html


class BoardPanel(Panel):
    """How far each seat of a workshop is, and which is stuck since when; a seat can be helped.

    `workshop` is a workshop or the path of its file. `progress` is the folder with the files of the
    seats, by default `nestlab.workshop.progress_folder()`. The table is read again every
    `refresh_seconds`, until its cell is run again; 0: only when asked. *Look* and *Help* check a
    stage at a seat without a trace in its progress.
    """

    _repeating: Repeating | None = None

    def __init__(
        self,
        workshop: Workshop | str | Path,
        *,
        connect: Connect = transport.connect,
        progress: str | Path | None = None,
        stuck_minutes: float = STUCK_MINUTES,
        refresh_seconds: float = 10,
    ) -> None:
        self.workshop = workshop_of(workshop, "BoardPanel('class.yml')")  # not shown
        self._connect = connect
        self._folder = None if progress is None else Path(progress)
        self._stuck_minutes = stuck_minutes
        self.report: StageReport | None = None
        self._build_widgets()
        changing = (self.look_button, self.help_button, self.reset_button)
        super().__init__(
            [],
            disabled_while_busy=(
                self.seats,
                self.stages,
                *changing,
                self.confirm_reset.yes_button,
            ),
        )
        self.children = (
            self.table,
            row(self.refresh_button, self.page_button, self.times_button),
            row(self.seats, self.stages),
            row(*changing, self.cancel_button),
            self.confirm_reset,
            self.status,
            self.result,
        )
        self.seats.observe(lambda _change: self.attempt(self._seat_chosen), names="value")
        self.stages.observe(lambda _change: self.confirm_reset.hide(), names="value")
        self.refresh()
        self._seat_chosen()
        if refresh_seconds:
            repeated = Repeating(refresh_seconds, lambda: self.attempt(self.refresh))
            self._repeating = repeated.start()
            stop_with_cell(repeated.stop)

    def _build_widgets(self) -> None:
        self.table, self.result = ipywidgets.HTML(), ipywidgets.HTML()
        self.refresh_button = self.button(
            tr("Refresh"), tr("Read the progress of the seats again"), self.refresh
        )
        self.page_button = self.button(
            tr("Write the page"), tr("A page for a projector, in this folder"), self.write_page
        )
        self.times_button = self.button(
            tr("Write the times"),
            tr("Times of the stages as CSV, in this folder"),
            self.write_times,
        )
        self.seats = ipywidgets.Dropdown(
            options=self.workshop.seat_names, **labelled(tr("Seat"), label=50, field=180)
        )
        self.stages = ipywidgets.Dropdown(
            options=[stage.name for stage in self.workshop.stages],
            **labelled(tr("Stage"), label=50, field=260),
        )
        self.look_button = self.button(
            tr("Look"),
            tr("Check this stage at this seat; changes nothing"),
            self.look,
            style="primary",
        )
        self.help_button = self.button(
            tr("Help"), tr("All hints for this stage at this seat"), self.help
        )
        self.reset_button = self.button(
            tr("Reset"), tr("Remove the seat, and build it up to the end of this stage"), self.ask
        )
        self.confirm_reset = Confirm(
            "",
            self.button(tr("Reset now"), tr("Remove and build again"), self.reset, style="danger"),
            tr("Keep it"),
        )

    @property
    def seat(self) -> Seat:
        """The chosen seat."""
        return self.workshop.seat(self.seats.value)

    def refresh(self) -> None:
        """Read the progress of the seats again, and show it."""
        self.board = board(self.workshop, progress=self._folder, stuck_minutes=self._stuck_minutes)
        self.table.value = cell_styled(as_html(self.board))

    def write_page(self) -> None:
        """Write the board as a page for a projector, in the current folder."""
        self._write(f"{self.workshop.name}-board.html", board_page(self.board))

    def write_times(self) -> None:
        """Write how long each stage took as CSV, in the current folder."""
        self._write(f"{self.workshop.name}-times.csv", self.board.times.to_csv())

    def look(self) -> None:
        """Check the stage at the seat in the background, and show what is missing."""
        self._check(
            lambda report: f"{seat_html(self.board.seat(report.seat))}{report_html(report)}"
        )

    def help(self) -> None:
        """Check the stage at the seat in the background, and show all help there is."""
        self._check(lambda report: hints_html(report.hints))

    def ask(self) -> None:
        """Ask before the seat is removed."""
        question = tr(
            "Remove all that the seat {seat} has, with its disks, and build it up to the end of the stage {stage}?",
            seat=self.seat.name,
            stage=self.stages.value,
        )
        self.confirm_reset.ask(escape(question))

    def reset(self) -> None:
        """Remove the seat and build it up to the end of the stage, in the background."""
        self.confirm_reset.hide()
        seat, stage = self.seat, stage_named(self.workshop, self.stages.value)

        def work(cancel: threading.Event) -> Generator[SeatResult, None, None]:
            run = WorkshopRun(
                self.workshop,
                self._connect,
                seats=(seat.name,),
                stage=stage,
                progress=self._progress,
                cancel=cancel,
                on_event=step_reporter(self),
            )
            yield from run.reset()

        ended: list[SeatResult] = []
        self.start(
            tr("Removing and building again …"),
            work,
            on_event=ended.append,
            on_end=lambda result: self._show_reset(seat.name, result, ended),
        )

    def close(self) -> None:
        """Close the panel, and read nothing any more."""
        if self._repeating is not None:
            self._repeating.stop()
        super().close()

    def snapshot(self) -> Html:
        """Return the table, and the last result."""
        return Html(f"{self.table.value}{self.result.value}")

    def _progress(self, seat: Seat) -> StageProgress:
        return StageProgress.in_folder(seat, self._folder)

    def _seat_chosen(self) -> None:
        current = self.board.seat(self.seats.value).current
        self.stages.value = current or self.workshop.stages[0].name
        self.confirm_reset.hide()
        self.result.value = ""
        self.status.show("idle", "")

    def _write(self, name: str, text: str) -> None:
        write_atomically(name, text)
        self.status.show("done", tr("Written: {path}", path=Path(name).resolve()))

    def _check(self, shown: Callable[[StageReport], str]) -> None:
        progress = self._progress(self.seat)
        stage = LearnerStage(
            self.workshop, self.seat.name, self.stages.value, self._connect, progress=progress
        )

        def show(report: StageReport) -> None:
            self.report = report
            self.result.value = cell_styled(shown(report))
            self.status.show("done" if report.passed else "warning", report.verdict)

        check_stage(self, stage, show, wait=0)

    def _show_reset(self, seat: str, result: JobResult, ended: list[SeatResult]) -> None:
        failed = next((each for each in ended if not each.ok and each.message), None)
        self.refresh()
        self.result.value = ""
        if failed is not None:
            self.status.show("failed", failed.message, failed.hint)
        elif result.state == "cancelled":
            self.status.show("cancelled", tr("Cancelled. Reset it again to continue."))
        elif result.state == "done":
            self.status.show("done", tr("{seat} was reset.", seat=seat))
