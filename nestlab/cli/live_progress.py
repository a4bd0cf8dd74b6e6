"""The progress of a run at a terminal: a row per machine that runs a step."""

from __future__ import annotations

from typing import Self, TextIO

from rich.console import Console as RichConsole
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Column

from nestlab.apply import Event, StepFinished, StepProgress, StepStarted, Waiting
from nestlab.model import path_text
from nestlab.visible import visible

_WAITING = "(waiting)"


class LiveProgress:
    """Rows that follow the events of a run; a context manager that clears them at its end.

    Text from hosts is shown with its control characters made visible, and not as rich's markup.
    """

    def __init__(self, out: TextIO, *, width: int | None = None) -> None:
        self._console = RichConsole(
            file=out, width=width, force_terminal=True, markup=False, emoji=False, highlight=False
        )
        elided = Column(no_wrap=True, overflow="ellipsis")
        self._progress = Progress(
            TextColumn("{task.fields[machine]}", style="bold", markup=False, table_column=elided),
            TextColumn("{task.description}", markup=False, table_column=elided),
            BarColumn(bar_width=20),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._rows: dict[str, TaskID] = {}
        self._titles: dict[str, str] = {}

    def __enter__(self) -> Self:
        self.resume()
        return self

    def __exit__(self, *_error: object) -> None:
        self.pause()

    def pause(self) -> None:
        """Clear the rows, so that a question can be asked."""
        self._progress.stop()

    def resume(self) -> None:
        """Show the rows again."""
        self._progress.start()

    def write(self, text: str) -> None:
        """Write text above the rows, unchanged."""
        self._console.out(text, end="", highlight=False)

    def event(self, event: Event) -> None:
        """Update the rows for an event of a run."""
        match event:
            case StepStarted(step=step, number=number, of=of):
                self._remove(_WAITING)
                machine = path_text(step.machine)
                self._titles[machine] = f"{number}/{of}  {step.title}"
                self._show(machine, self._titles[machine])
            case StepProgress(step=step):
                self._show_progress(path_text(step.machine), event)
            case Waiting():
                self._show_progress(_WAITING, event)
            case StepFinished(result=result):
                self._remove(path_text(result.step.machine))
            case _:
                pass

    def _show_progress(self, machine: str, event: StepProgress | Waiting) -> None:
        parts = (self._titles.get(machine, ""), event.activity, event.status)
        self._show(machine, "  ".join(filter(None, parts)), percent=event.percent)

    def _show(self, machine: str, text: str, *, percent: int = -1) -> None:
        description, completed = visible(text), max(percent, 0)
        total = 100 if percent >= 0 else None
        if machine in self._rows:
            row = self._rows[machine]
            self._progress.update(row, description=description, completed=completed, total=total)
            return
        name = "" if machine == _WAITING else visible(machine)
        self._rows[machine] = self._progress.add_task(
            description, completed=completed, total=total, machine=name
        )

    def _remove(self, machine: str) -> None:
        row = self._rows.pop(machine, None)
        if row is not None:
            self._progress.remove_task(row)
