"""Running a plan: step by step, wave after wave, until nothing is deferred."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field

from nestlab.apply.journal import Journal
from nestlab.apply.patience import RETRIES, RETRY_SECONDS, may_come
from nestlab.apply.results import OnEvent, StepResult, failure
from nestlab.apply.sessions import Sessions
from nestlab.apply.waiting import Waiting
from nestlab.errors import Cancelled, CmdletError, HostError, SessionBroken, StalePlan
from nestlab.model import Cmdlet, ErrorRecord, MachinePath, Outcome, Progress
from nestlab.model.state import HostState
from nestlab.plan import Deferred, Hazard, Plan, Step, drift
from nestlab.rules import explain
from nestlab.transport.session import Cancel, Session

States = Mapping[MachinePath, HostState]
FRESH_SECONDS = 30.0
"""How long an observation is trusted. Who thinks longer before the next step gets a new look at the machines first."""

RECONNECT_SECONDS = 5.0
_RECONNECTS = 24
_RESTARTS = frozenset({"Restart-Computer", "Stop-Computer"})


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run: where it runs, how it looks at the machines, how it plans what comes next, and who is told.

    `confirm` is asked before each step, where it is given; false ends the run with Cancelled.
    """

    session: Session
    observe: Callable[[], States]
    replan: Callable[[States], Plan]
    journal: Journal | None = None
    cancel: Cancel | None = None
    on_event: OnEvent = field(default=lambda _event: None)
    confirm: Callable[[Step], bool] | None = None


def run_plan(plan: Plan, run: Run) -> Iterator[StepResult]:
    """Apply a plan, and what it deferred; yield one result a step, and stop after the first that failed.

    Raises StalePlan where the machines changed since the plan was made, Cancelled, GuestUnreachable for a guest that
    never answers, JournalError. Whatever ends it, a second run goes on where this one stopped.
    """
    changes = drift(plan.states, run.observe())
    if changes:
        raise StalePlan(changes)
    began = time.monotonic()
    status = "failed"
    sessions = Sessions(run.session, plan.credentials)
    try:
        status = yield from _waves(plan, run, sessions)
    except (Cancelled, GeneratorExit):
        status = "cancelled"
        raise
    finally:
        sessions.close()
        run.on_event({"event": "finished", "status": status, "seconds": round(time.monotonic() - began, 3)})


def _waves(plan: Plan, run: Run, sessions: Sessions) -> Generator[StepResult, None, str]:
    """Yield the results of one wave after another; return what became of the run."""
    waiting = Waiting(sessions, run.on_event, run.cancel)
    while True:
        wave = _Wave(plan, run, sessions)
        for result in wave.results():
            yield result
            if not result.ok:
                return "failed"
        following = run.replan(run.observe())
        for result in wave.without_effect(following):
            yield result
            return "failed"
        if following.complete:
            return "done"
        if plan.steps:
            waiting.went_on()
        if not following.steps:
            waiting.until_one_answers(_first(following.deferred))
            following = run.replan(run.observe())
        plan = following


def _first(deferred: tuple[Deferred, ...]) -> list[Deferred]:
    """Return the machines that nothing else holds up: those inside them have to wait anyway."""
    paths = {item.machine for item in deferred}
    return [item for item in deferred if not any(item.machine[:depth] in paths for depth in range(1, len(item.machine)))]


class _Wave:
    """The steps of one plan, one after the other."""

    def __init__(self, plan: Plan, run: Run, sessions: Sessions) -> None:
        self._plan = plan
        self._run = run
        self._sessions = sessions
        self._looked = time.monotonic()
        self._wanted = {step.id for step in plan.steps}
        self._done: list[Step] = []

    def results(self) -> Iterator[StepResult]:
        for number, step in enumerate(self._plan.steps, 1):
            self._ask(step)
            if self._no_longer_wanted(step):
                yield self._tell(
                    StepResult(step=step, status="already-so", message="a new look at the machines says that it is not needed now")
                )
                continue
            self._run.on_event({"event": "step-started", **step.to_dict(), "number": number, "of": len(self._plan.steps)})
            yield self._tell(self._execute(step))

    def without_effect(self, following: Plan) -> Iterator[StepResult]:
        """Yield a failure where a step that was done is wanted again: the host said nothing, and it is not so."""
        again = {step.id for step in following.steps}
        for step in self._done:
            if step.id in again:
                message = f"{step.title}: the host reported no error, and yet it did not take effect"
                hint = "Look at the machine: does something else change it? Then apply again."
                yield self._tell(StepResult(step=step, status="failed", message=message, hint=hint))
                return

    def _ask(self, step: Step) -> None:
        cancel = self._run.cancel
        if (cancel is not None and cancel.is_set()) or (self._run.confirm is not None and not self._run.confirm(step)):
            message = f"Stopped before: {step.title}"
            raise Cancelled(message, hint="Nothing after this was touched. Apply again to go on, or undo.")

    def _no_longer_wanted(self, step: Step) -> bool:
        if time.monotonic() - self._looked > FRESH_SECONDS:
            self._wanted = {wanted.id for wanted in self._run.replan(self._run.observe()).steps}
            self._looked = time.monotonic()
        return step.id not in self._wanted

    def _tell(self, result: StepResult) -> StepResult:
        if self._run.journal is not None and result.status != "already-so":
            self._run.journal.finished(result.step, result.status, result.message)
        self._run.on_event(result.to_dict())
        return result

    def _execute(self, step: Step) -> StepResult:
        if self._run.journal is not None:
            self._run.journal.started(step)
        began = time.monotonic()
        try:
            result = attempt(step, self._sessions, self._run, began)
        except HostError as error:
            result = self._after_loss(step, error, began)
        if result.status == "done":
            self._done.append(step)
        return result

    def _after_loss(self, step: Step, error: HostError, began: float) -> StepResult:
        """Return what became of a step in which the connection was lost.

        An External switch takes the address of its adapter over, and sessions through it end and come back: where the
        step says that this can happen, the host is asked for a while whether it has taken effect.
        """
        if step.hazard is Hazard.MAY_CUT_CONNECTION:
            for _ in range(_RECONNECTS):
                self._run.session.wait(RECONNECT_SECONDS, self._run.cancel)
                with contextlib.suppress(HostError):
                    if step.id in {wanted.id for wanted in self._run.replan(self._run.observe()).steps}:
                        break
                    warning = f"The connection was lost and came back: {error.message}"
                    return StepResult(step=step, status="done", seconds=time.monotonic() - began, warnings=(warning,))
        return failure(step, error, time.monotonic() - began, _LOST)


def execute(step: Step, sessions: Sessions, run: Run) -> StepResult:
    """Run a step and return what became of it, a lost connection included; raises Cancelled."""
    began = time.monotonic()
    try:
        return attempt(step, sessions, run, began)
    except HostError as error:
        return failure(step, error, time.monotonic() - began, _LOST)


def attempt(step: Step, sessions: Sessions, run: Run, began: float) -> StepResult:
    """Run the cmdlets of a step on its machine; raises Cancelled, and HostError where the connection is lost."""

    def on_progress(progress: Progress) -> None:
        percent = progress.percent_complete
        run.on_event({"event": "progress", "id": step.id, "activity": progress.activity, "status": progress.status, "percent": percent})

    restarts = any(cmdlet.name in _RESTARTS for cmdlet in step.cmdlets)
    try:
        outcome = _patiently(step, sessions, run, on_progress)
    except CmdletError as error:
        return failure(step, error, time.monotonic() - began, _way_out(error.record))
    except SessionBroken:
        # A machine that restarts takes the session with it.
        if not restarts:
            raise
        outcome = Outcome()
    if restarts:
        sessions.forget(step.machine)
    said = _errors(outcome.errors, step.cmdlets)
    seconds = time.monotonic() - began
    if said:
        return StepResult(step=step, status="failed", seconds=seconds, message=said[0].message, hint=_way_out(said[0]))
    return StepResult(step=step, status="done", seconds=seconds, warnings=outcome.warnings)


def _patiently(step: Step, sessions: Sessions, run: Run, on_progress: Callable[[Progress], None]) -> Outcome:
    for _ in range(RETRIES):
        try:
            return sessions.to(step.machine).run(*step.cmdlets, on_progress=on_progress, cancel=run.cancel)
        except CmdletError as error:
            if not may_come(step, error.record):
                raise
            on_progress(Progress("Trying again: it may appear in a moment", error.record.message))
            run.session.wait(RETRY_SECONDS, run.cancel)
    return sessions.to(step.machine).run(*step.cmdlets, on_progress=on_progress, cancel=run.cancel)


def _errors(errors: tuple[ErrorRecord, ...], cmdlets: tuple[Cmdlet, ...]) -> tuple[ErrorRecord, ...]:
    """Return the errors that count: a cmdlet that asks to go on after errors has said that its own do not."""
    return () if any("ErrorAction" in cmdlet.parameters for cmdlet in cmdlets) else errors


def _way_out(record: ErrorRecord) -> str:
    """Return what an error means, what to look at first, and what mends it."""
    known = explain(record)
    if known is None:
        return "Nothing after this step was touched. Look at the machine, then apply again: what is done already is not done twice."
    return known.advice


_LOST = "The step may or may not have taken effect. Apply again: what is done already is not done twice."
