"""Runs on the command line: confirmations before steps, progress, and results."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING

from nestlab.cli.console import Console
from nestlab.cli.lasting_host import ends_with_command, say_that_it_ends
from nestlab.cli.plan_text import print_step
from nestlab.errors import JournalError, UsageError
from nestlab.model import path_text
from nestlab.texts import mark, tr, tr_count, translate

if TYPE_CHECKING:
    from nestlab.apply import Event, OnEvent, StepResult
    from nestlab.cli.live_progress import LiveProgress
    from nestlab.plan import Step
    from nestlab.transport import Session

_MARKS = {
    "done": (mark("done"), "good"),
    "unchanged": (mark("unchanged"), "info"),
    "skipped": (mark("skipped"), "faint"),
    "failed": (mark("FAILED"), "error"),
}


def add_confirmation_options(parser: argparse.ArgumentParser, *, step: bool = True) -> None:
    """Add ``--yes``, and ``--step`` where single steps make sense."""
    parser.add_argument("--yes", action="store_true", help=tr("do not ask before hazardous steps"))
    if step:
        parser.add_argument(
            "--step", action="store_true", help=tr("show each step, and ask before running it")
        )


def require_terminal(options: argparse.Namespace, console: Console) -> None:
    """Refuse to start a run that may have to ask questions that cannot be answered.

    Raises UsageError.
    """
    if not console.can_ask and (not options.yes or getattr(options, "step", False)):
        message = tr(
            "This run may have to ask for confirmation, which needs a terminal and is not possible with --json. Nothing was changed."
        )
        raise UsageError(message, hint=tr("Review the plan, then add --yes (without --step)."))


def confirmation(options: argparse.Namespace, console: Console) -> Callable[[Step], bool]:
    """Return the function that asks for confirmation: before every step, hazardous ones, or none.

    ``--step`` asks before every step, ``--yes`` before none.
    """

    def confirm(step: Step) -> bool:
        if getattr(options, "step", False):
            print_step(step, console)
            return console.ask(tr("Run this step?"))
        if options.yes or str(step.hazard) == "none":
            return True
        print_step(step, console)
        return console.ask(tr("This step is hazardous. Run it?"))

    return confirm


@contextmanager
def _event_handler(console: Console) -> Iterator[OnEvent]:
    """Yield the event handler of a run: JSON lines, or progress for a terminal."""
    if console.as_json:
        yield partial(_print_json, console)
        return
    with console.live_progress() as live:
        yield _PlainProgress(console) if live is None else partial(_show, console, live)


@contextmanager
def progress(console: Console) -> Iterator[OnEvent]:
    """Yield an event handler that shows progress of a command that prints a single result.

    With ``--json`` it ignores events.
    """
    from nestlab.apply import ignore_event  # noqa: PLC0415  # keeps --help quick

    if console.as_json:
        yield ignore_event
        return
    with _event_handler(console) as on_event:
        yield on_event


def _print_json(console: Console, event: Event) -> None:
    from nestlab.apply import Replanned  # noqa: PLC0415  # keeps --help quick

    # A new plan follows each step; one that adds no steps has nothing to report.
    if not isinstance(event, Replanned) or event.added:
        console.event(event.to_dict())


def _show(console: Console, live: LiveProgress, event: Event) -> None:
    _print_notice(console, event)
    live.event(event)


def _print_notice(console: Console, event: Event) -> None:
    from nestlab.apply import (  # noqa: PLC0415  # keeps --help quick
        AddressesNotUsed,
        GuestLeftOut,
        GuestsNotKnown,
        GuestsNotUp,
        HostChanged,
        NotRestored,
        SettingsNotApplied,
    )

    if isinstance(event, HostChanged):
        console.line(_host_changed_text(event.changes))
    guests = AddressesNotUsed | GuestLeftOut | GuestsNotKnown | GuestsNotUp
    if isinstance(event, guests | NotRestored | SettingsNotApplied):
        console.line(event.text)


class _PlainProgress:
    """Progress without a terminal: one line for each activity of a step."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._printed: set[tuple[object, str]] = set()

    def __call__(self, event: Event) -> None:
        from nestlab.apply import StepProgress, Waiting  # noqa: PLC0415  # keeps --help quick

        _print_notice(self._console, event)
        if not isinstance(event, StepProgress | Waiting):
            return
        # Several machines may run steps with the same activity at the same time.
        step = event.step if isinstance(event, StepProgress) else None
        machine = f"{path_text(step.machine)}: " if step else ""
        line = f"    … {machine}{event.activity}"
        key = (step and step.id, line)
        if key not in self._printed:
            self._console.line(line)
        self._printed.add(key)


def _host_changed_text(changes: Sequence[str]) -> str:
    first = "; ".join(changes[:_MAX_CHANGES])
    if len(changes) > _MAX_CHANGES:
        return tr(
            "Changed on the host since the plan was made, without effect on the plan: {changes} and {count} more.",
            changes=first,
            count=len(changes) - _MAX_CHANGES,
        )
    return tr(
        "Changed on the host since the plan was made, without effect on the plan: {changes}.",
        changes=first,
    )


_MAX_CHANGES = 5


def report_nothing_to_run(console: Console) -> None:
    """With --json, report that no step had to run; without it, the printed plan already says so."""
    from nestlab.apply import RunFinished, RunStatus  # noqa: PLC0415  # keeps --help quick

    if console.as_json:
        console.event(RunFinished(RunStatus.DONE, 0.0).to_dict())


def run_and_print(
    start: Callable[[OnEvent], Iterable[StepResult]], console: Console, *, undo: bool = False
) -> int:
    """Start a run with an event handler, and print each result.

    After a failed step, an `undo` may still start VMs in nested hosts again, so its summary does
    not say that no further step was started. Returns the exit code: 1 where a step failed, or a
    guest that was started has no heartbeat or does not use its address.
    """
    from nestlab.apply import AddressesNotUsed, GuestsNotUp  # noqa: PLC0415  # keeps --help quick

    results: list[StepResult] = []
    not_up: list[Event] = []
    with _event_handler(console) as on_event:

        def note(event: Event) -> None:
            not_up.extend([event] if isinstance(event, AddressesNotUsed | GuestsNotUp) else [])
            on_event(event)

        for result in start(note):
            results.append(result)
            _print_result(result, console)
    console.line(_summary(results, undo=undo))
    return int(any(not result.ok for result in results) or bool(not_up))


def _summary(results: Sequence[StepResult], *, undo: bool) -> str:
    failed = sum(not result.ok for result in results)
    skipped = sum(result.status == "skipped" for result in results)
    steps = tr_count("{count} step", "{count} steps", len(results))
    if failed and undo:
        return tr("{steps}, {count} failed.", steps=steps, count=failed)
    if failed:
        return tr(
            "{steps}, {count} failed. No further step was started.", steps=steps, count=failed
        )
    if skipped:
        return tr_count(
            "{steps}, {count} of them skipped.",
            "{steps}, {count} of them skipped.",
            skipped,
            steps=steps,
        )
    return tr_count("{count} step, all succeeded.", "{count} steps, all succeeded.", len(results))


def _print_result(result: StepResult, console: Console) -> None:
    word, style = _MARKS[result.status]
    machine = path_text(result.step.machine)
    took = _seconds(result.seconds)
    console.line(f"{console.styled(translate(word), style)}: {machine}: {result.step.title}{took}")
    warnings = (
        tr("Warning of {machine}: {text}", machine=machine, text=text)
        for text in result.warnings
        if text
    )
    for text in (result.message, result.hint, *warnings):
        if text:
            console.line(indent(text, "    "))


@contextmanager
def undo_instructions(
    console: Console, session: Session, journal: Callable[[], Path | None]
) -> Iterator[None]:
    """Print how to undo the run, and how to continue it if it was interrupted."""
    try:
        yield
    except BaseException:
        again = mark("To continue: run this command again. To undo: {command}")
        _print_undo_instructions(console, session, journal(), again)
        raise
    _print_undo_instructions(console, session, journal(), mark("To undo: {command}"))


def _print_undo_instructions(
    console: Console, session: Session, path: Path | None, text: str
) -> None:
    from nestlab.apply import Journal, undo_steps  # noqa: PLC0415  # keeps --help quick

    try:
        can_undo = path is not None and path.exists() and undo_steps(Journal(path).entries())
    except JournalError:
        return  # the error that ended the run is reported separately
    if can_undo and ends_with_command(session):
        say_that_it_ends(session, console)
    elif can_undo:
        name = f'"{path}"' if " " in str(path) else path
        command = f"nestlab undo {name}"  # not shown: a command
        console.line(translate(text, command=command))


def _seconds(seconds: float) -> str:
    shown_from = 1.0  # the durations of shorter steps are not shown
    return f" ({seconds:.0f} s)" if seconds >= shown_from else ""
