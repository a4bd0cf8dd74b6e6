"""The events of a run, in a step list and a status line."""

from __future__ import annotations

from collections.abc import Callable

from nestlab.apply import (
    AddressesNotUsed,
    Event,
    GuestLeftOut,
    GuestsNotKnown,
    GuestsNotUp,
    HostChanged,
    RunFinished,
    RunStatus,
    SettingsNotApplied,
    StepProgress,
    StepResult,
    StepStarted,
    Waiting,
    WaitKind,
)
from nestlab.lab.expected_run import ExpectedRun
from nestlab.notebook.panel_labels import with_panel_labels
from nestlab.notebook.status import StatusLine
from nestlab.notebook.steps import StepList
from nestlab.texts import mark, tr, translate

SEE_FAILED_STEP = mark("See the failed step for the cause and the fix.")
_SHOWN_FROM = 1.0  # seconds; the duration of shorter steps is not shown

_TITLES = {
    SettingsNotApplied: ("settings-not-applied", mark("Settings that were not set")),
    AddressesNotUsed: ("addresses-not-used", mark("Addresses that are not in use")),
}


class RunProgress:
    """Marks steps as they run and end.

    Waiting for guests is not a step of the plan, and is shown as a separate line.
    """

    def __init__(
        self,
        steps: StepList,
        status: StatusLine,
        tell: Callable[[Event | StepResult], None] = lambda _: None,
    ) -> None:
        self._steps = steps
        self._status = status
        self._tell = tell
        self._position = ""
        self._running: str | None = None
        self._waits = 0
        self._waited = 0.0  # seconds, in the current wait
        self._waiting_for: tuple[WaitKind, tuple[str, ...]] | None = None
        self._past_waits: dict[tuple[WaitKind, str], int] = {}
        self._done = 0
        self._total: int | None = None
        self._expected = ExpectedRun()

    def expect(self, expected: ExpectedRun, done: int, total: int | None) -> None:
        """Set what a run is expected to do: of `total` steps, as far as known, `done` are applied.

        It is called before each run.
        """
        self._expected, self._done, self._total = expected, done, total

    def event(self, event: Event) -> None:
        """Handle an event of a run."""
        self._tell(event)
        match event:
            case StepStarted():
                self._started(event)
            case StepProgress():
                text = f"{event.activity} {event.status}".strip()
                percent = max(0, event.percent)
                self._status.show("running", self._position, text, value=percent, total=100)
            case Waiting():
                self._wait(event)
            case HostChanged(changes=changes):
                title = tr(
                    "Changed on the host since the plan was made, without effect on the plan"
                )
                self._note("host-changed", title, "\n".join(changes))
            case GuestsNotUp(machines=machines):
                self._end_wait("stopped")
                title = tr("No heartbeat from {machines}", machines=", ".join(machines))
                self._note("guests-not-up", title, event.text)
            case GuestLeftOut(machine=machine):
                self._note(
                    f"left-out-{machine}",
                    tr("Left out: {machine}", machine=machine),
                    event.text,
                    "failed",
                )
            case GuestsNotKnown(machines=machines):
                title = tr("Not waited for: {machines}", machines=", ".join(machines))
                self._note("guests-not-known", title, event.text)
            case SettingsNotApplied() | AddressesNotUsed():
                self._end_wait()
                name, title = _TITLES[type(event)]
                self._note(name, translate(title), event.text)
            case RunFinished(status=status):
                self._end_wait("waited" if status == RunStatus.DONE else "stopped")
            case _:
                pass

    def _note(self, name: str, title: str, text: str, status: str = "skipped") -> None:
        """Add a line about the run to the list of steps."""
        self._steps.add([{"id": name, "title": title, "why": "", "machine": "", "cmdlets": []}])
        self._steps.mark(name, status, text)

    def finished(self, result: StepResult) -> None:
        """Mark a step with its result."""
        self._tell(result)
        self._end_wait()
        self._done += result.ok
        took = f"{result.seconds:.0f} s" if result.seconds >= _SHOWN_FROM else ""
        note = "\n".join(
            text for text in (result.message, result.hint, *result.warnings, took) if text
        )
        self._steps.add([result.step.to_dict()])
        self._steps.mark(result.step.id, result.status.value, with_panel_labels(note))
        self._running = None

    def stop(self) -> None:
        """Mark the running step or wait as stopped: the run ended before it did."""
        self._end_wait("stopped")
        if self._running is not None:
            self._steps.mark(self._running, "stopped")
            self._running = None

    def _started(self, event: StepStarted) -> None:
        self._end_wait()
        self._running = event.step.id
        self._steps.add([event.to_dict()])
        self._steps.mark(event.step.id, "running")
        title = event.step.title
        if self._total is None:
            self._position = tr(
                "Step {number} of {of}: {title}", number=event.number, of=event.of, title=title
            )
            self._status.show("running", self._position, value=event.number - 1, total=event.of)
            return
        number, total = self._done + 1, max(self._total, self._done + 1)
        self._position = tr(
            "Step {number} of about {of}: {title}", number=number, of=total, title=title
        )
        self._status.show("running", self._position, value=self._done, total=total)

    def _wait(self, event: Waiting) -> None:
        line = {"title": event.activity, "why": "", "machine": "", "cmdlets": []}
        if self._running is None or not self._running.startswith("wait "):
            self._waits += 1
            self._running = f"wait {self._waits}"
        expected = self._seconds(event)
        text = wait_text(event, expected, simulated=self._expected.is_simulated)
        note = "\n".join(filter(None, (text, event.reason)))
        self._steps.add([{"id": self._running, **line}])
        self._steps.mark(self._running, "running", note)
        self._waited = event.seconds
        hint = " ".join(filter(None, (note, self._overall())))
        value = 0 if expected is None else round(min(event.seconds, expected))
        total = 0 if expected is None else round(expected)
        self._status.show("running", event.activity, hint, value=value, total=total)

    def _seconds(self, event: Waiting) -> float | None:
        """Return how long this wait is expected to take; None if not known."""
        self._waiting_for = (event.kind, event.names)
        before = {name: self._past_waits.get((event.kind, name), 0) for name in event.names}
        return self._expected.seconds(event.kind, before)

    def _overall(self) -> str:
        """Return how many steps of the run are done; empty if their number is not known."""
        if self._total is None:
            return ""
        return tr("{done} of about {total} steps done.", done=self._done, total=self._total)

    def _end_wait(self, state: str = "waited") -> None:
        if self._waiting_for is not None:
            kind, names = self._waiting_for
            self._past_waits |= {
                (kind, each): self._past_waits.get((kind, each), 0) + 1 for each in names
            }
            self._waiting_for = None
        if self._running is not None and self._running.startswith("wait "):
            self._steps.mark(
                self._running, state, tr("waited {seconds:.0f} s", seconds=self._waited)
            )
            self._running = None


def wait_text(event: Waiting, expected: float | None, *, simulated: bool = False) -> str:
    """Return how long a run has waited, and how long that is expected to take, if it is known."""
    if expected is None:
        return tr(
            "{seconds:.0f} s so far. How long it takes is not known from an earlier run; the limit is {limit:.0f} s.",
            seconds=event.seconds,
            limit=event.limit,
        )
    if event.seconds > expected:
        return tr(
            "{seconds:.0f} s so far, longer than the {expected:.0f} s expected; the limit is {limit:.0f} s.",
            seconds=event.seconds,
            expected=expected,
            limit=event.limit,
        )
    if simulated:
        return tr(
            "{seconds:.0f} s of about {expected:.0f} s.", seconds=event.seconds, expected=expected
        )
    return tr(
        "{seconds:.0f} s of about {expected:.0f} s, as in an earlier run.",
        seconds=event.seconds,
        expected=expected,
    )
