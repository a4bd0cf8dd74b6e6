"""Undoing a journal: its steps in reverse, with the values that were remembered."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from nestlab.apply.context import Run
from nestlab.apply.interrupted_undo import Interrupted, resume_undo
from nestlab.apply.journal import Journal, JournalEntry
from nestlab.apply.sessions import Sessions
from nestlab.apply.step_execution import execute
from nestlab.apply.step_result import StepResult, failure
from nestlab.errors import Cancelled, GuestUnreachable, HostError, SessionBroken
from nestlab.model import MachinePath
from nestlab.model.state import HostState
from nestlab.plan import Refusal, Step, ThingKind


def undo_steps(entries: tuple[JournalEntry, ...]) -> tuple[Step, ...]:
    """Return what undoes a journal, last step first.

    Steps inside a VM that the journal created, and changes of it, go with the VM: only its removal
    is undone.
    """
    open_entries = [entry for entry in entries if not entry.undone and entry.step.undo]
    created = {
        _vm_path(entry.step)
        for entry in entries
        if entry.step.creates and entry.step.thing.kind == ThingKind.VM
    }
    return tuple(
        replace(entry.step, cmdlets=entry.step.undo, title=f"Undo: {entry.step.title}")
        for entry in reversed(open_entries)
        if not _goes_with(entry.step, created)
    )


def _vm_path(step: Step) -> MachinePath:
    return (*step.machine, step.thing.name)


def _goes_with(step: Step, created: set[MachinePath]) -> bool:
    inside = any(step.machine[: len(path)] == path for path in created)
    return inside or (
        step.thing.kind == ThingKind.VM and not step.creates and _vm_path(step) in created
    )


Look = Callable[[MachinePath], HostState | None]
"""Observes one machine; None where it does not answer."""


def undo_journal(journal: Journal, run: Run, look: Look) -> Iterator[StepResult]:
    """Undo what a journal remembers; yield one result a step, and stop after the first that failed.

    Only what carries the mark of the journal's topology is touched, and what somebody asked for by
    name. What is gone already is passed over. Raises Cancelled, JournalError.
    """
    entries = journal.entries()
    unfinished = {entry.step.id for entry in entries if not entry.finished}
    undo_interrupted = {entry.step.id for entry in entries if entry.undoing}
    sessions = Sessions(run.session, journal.credentials())
    undoing = _Undoing(journal, run, sessions, look)
    began, status = time.monotonic(), "failed"
    steps = undo_steps(entries)
    try:
        undoing.keep(steps)
        for number, step in enumerate(steps, 1):
            _stop_where_cancelled(step, run)
            run.on_event(
                {"event": "step-started", **step.to_dict(), "number": number, "of": len(steps)}
            )
            interrupted = Interrupted(
                unfinished=step.id in unfinished, undo_interrupted=step.id in undo_interrupted
            )
            result, done_with = undoing.one(step, interrupted)
            run.on_event(result.to_dict())
            if done_with:
                journal.undone(step, result.status)
            yield result
            if not result.ok:
                return
        status = "done"
    except (Cancelled, GeneratorExit):
        status = "cancelled"
        raise
    finally:
        sessions.close()
        run.on_event(
            {"event": "finished", "status": status, "seconds": round(time.monotonic() - began, 3)}
        )


def _stop_where_cancelled(step: Step, run: Run) -> None:
    if run.cancel is not None and run.cancel.is_set():
        message = f"Stopped before: {step.title}"
        raise Cancelled(message, hint="Undo again to go on.")


@dataclass
class _Undoing:
    """What one undo needs for each of its steps.

    `kept` are the switches that others are connected to: they stay.
    """

    journal: Journal
    run: Run
    sessions: Sessions
    look: Look
    kept: set[tuple[MachinePath, str]] = field(default_factory=set)

    def keep(self, steps: tuple[Step, ...]) -> None:
        """Find the switches that would go and have to stay: with them stays all that serves them."""
        for step in steps:
            found = (
                self._identified(step)
                if step.creates and step.thing.kind == ThingKind.SWITCH
                else None
            )
            if isinstance(found, Refusal) and found.in_use:
                self.kept.add((step.machine, step.thing.name.casefold()))

    def one(self, step: Step, interrupted: Interrupted) -> tuple[StepResult, bool]:
        """Undo one step; return its result, and whether the journal is done with it: what others use now can go later."""
        if step.thing.switch and (step.machine, step.thing.switch.casefold()) in self.kept:
            message = (
                f"kept: it serves the switch {step.thing.switch}, which others are connected to"
            )
            return StepResult(step=step, status="skipped", message=message), False
        try:
            found = self._identified(step)
        except HostError as error:
            return failure(
                step, error, 0.0, "Nothing was changed by this step. Undo again to go on."
            ), False
        if isinstance(found, Refusal):
            if not (any(interrupted) and _is_between(step)):
                return StepResult(step=step, status="skipped", message=found.why), not found.in_use
            found = step
        self.journal.undoing(step)
        run = replace(self.run, identify=lambda step, _to: step)
        result = (
            resume_undo(found, self.sessions, run, interrupted, self.look(step.machine))
            if any(interrupted)
            else execute(found, self.sessions, run)
        )
        return result, result.ok

    def _identified(self, step: Step) -> Step | Refusal:
        """Return what a step acts on now; a guest that does not answer keeps what is in it.

        Raises what a host's session raises.
        """
        try:
            return self.run.identify(step, self.sessions.to)
        except (GuestUnreachable, SessionBroken):
            if not step.machine:
                raise
            return Refusal("the machine does not answer")


def _is_between(step: Step) -> bool:
    # A NAT's prefix only changes where it is removed and recreated, and it ended between the two.
    return step.thing.kind == ThingKind.NAT and not step.creates
