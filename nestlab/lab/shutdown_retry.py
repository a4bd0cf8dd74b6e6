"""Decides whether a guest's shutdown is retried.

Counts the guest's waiting time up to a limit, and holds back failures that may not be final.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Generator, Iterator

from nestlab.apply import (
    Event,
    Journal,
    OnEvent,
    RunFinished,
    StepFinished,
    StepResult,
    StepStarted,
    StepState,
    Waiting,
    WaitKind,
)
from nestlab.dataclass import replace
from nestlab.errors import Cancelled, CmdletError, HostError
from nestlab.model import Cmdlet
from nestlab.plan import Action, Step
from nestlab.plan.nesting_power import POWER_TO_RESTORE
from nestlab.texts import mark, tr, translate
from nestlab.transport.session import Cancel, Session

POLL_SECONDS = 5.0
SHUTDOWN_SECONDS = 300.0
"""How long Windows lets programs save their work before a shutdown is forced: five minutes
(the page of Stop-VM)."""

_HINT = mark(
    "The VM was not turned off. Sign in to it and shut it down, then try again; or allow it to be turned off (the panel and the command line ask; turn_off=True, --turn-off): unsaved data in the guest is lost."
)


class ShutdownRetry:
    """Limits the time that guests have to shut down.

    Waits between attempts are measured on the host's clock; a call that hangs, in real time.

    It is passed to a run as its `cancel`, which ends a call that hangs, and as its `on_event`,
    which holds back events that a later attempt may supersede.
    """

    def __init__(
        self, host: Session, seconds: float, cancel: Cancel | None, on_event: OnEvent
    ) -> None:
        self._host = host
        self._limit = seconds
        self._cancel = cancel
        self._report = on_event
        self._waited = 0.0
        self._vm = ""  # the guest that is asked to shut down; the limit applies to each
        self._shutdown_step: Step | None = None
        self._shutdown_started_at: float | None = None
        self._end: RunFinished | None = None

    def has_timed_out(self, vm: str) -> bool:
        """Whether the time limit of this guest has passed."""
        self._select(vm)
        return self._waited >= self._limit

    def _select(self, vm: str) -> None:
        if vm != self._vm:
            self._vm, self._waited = vm, 0.0

    def is_set(self) -> bool:
        """Whether the run was cancelled, or the guest has been shutting down for too long."""
        return (self._cancel is not None and self._cancel.is_set()) or self._call_timed_out()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is set, at most `timeout` seconds; return whether it is set."""
        end = None if timeout is None else time.monotonic() + timeout
        while not self.is_set():
            left = 0.1 if end is None else min(0.1, end - time.monotonic())
            if left <= 0:
                return False
            time.sleep(left)
        return True

    def _call_timed_out(self) -> bool:
        return (
            self._shutdown_started_at is not None
            and time.monotonic() - self._shutdown_started_at > self._limit
        )

    def on_event(self, event: Event) -> None:
        """Pass events on, except a failure and the end of the run: they may not be final."""
        match event:
            case StepStarted(step=step):
                self._shutdown_started_at = None
                if step.action == Action.SHUT_DOWN_VM:
                    self._select(step.target.name)
                    self._shutdown_step, self._shutdown_started_at = step, time.monotonic()
            case StepFinished(result=result):
                self._shutdown_started_at = None
                if not result.ok:
                    return
            case RunFinished():
                self._end = event
                return
            case _:
                pass
        self._report(event)

    def attempt(
        self, results: Iterator[StepResult]
    ) -> Generator[StepResult, None, StepResult | None]:
        """Yield the results of steps that succeeded; return that of the one that failed.

        A guest that was still shutting down at its time limit counts as a failure.
        """
        failed = None
        try:
            for result in results:
                if result.ok:
                    yield result
                else:
                    failed = result
        except Cancelled:
            cancelled = self._cancel is not None and self._cancel.is_set()
            if cancelled or self._shutdown_step is None or not self._call_timed_out():
                self.finish()
                raise
            self._waited, self._shutdown_started_at = self._limit, None
            message = tr(
                "{vm} did not shut down within {limit:.0f} seconds.", vm=self._vm, limit=self._limit
            )
            failed = StepResult(step=self._shutdown_step, status=StepState.FAILED, message=message)
        return failed

    def record_vm_still_on(self, stop: Step, journal: Journal | None) -> None:
        """Record that a VM is still on after its shutdown failed: nestlab has not stopped it.

        If its owner stops it later, no other change starts it again. If the host does not answer,
        this is not known, and nothing is recorded.
        """
        if journal is None:
            return
        with contextlib.suppress(HostError, CmdletError):
            found = self._host.run(Cmdlet("Get-VM", {"Id": stop.target.id}))
            if any(str(record["State"]) in POWER_TO_RESTORE for record in found):
                journal.record_undo_end(stop, StepState.DONE)

    def wait_before_retry(self, failed: StepResult) -> None:
        """Wait before the guest is asked again, and report why it failed; raises Cancelled."""
        activity = tr("Waiting for {vm} to shut down", vm=self._vm)
        names = (self._vm,)
        kind, reason = WaitKind.SHUTDOWN, failed.message
        self._report(Waiting(activity, self._waited, self._limit, kind, names, reason))
        self._host.wait(POLL_SECONDS, self._cancel)
        self._waited += POLL_SECONDS

    def fail(self, failed: StepResult, hint: str = _HINT) -> StepResult:
        """Report the failure as final, and return it with what to do."""
        final = replace(failed, hint=translate(hint)) if stops_vm(failed.step) else failed
        self._report(StepFinished(final))
        self.finish()
        return final

    def finish(self) -> None:
        """Report the end of the run."""
        if self._end is not None:
            self._report(self._end)
            self._end = None


def stops_vm(step: Step) -> bool:
    """Whether a step, or an undo step, shuts a VM down."""
    return step.cmdlets[0].last_command.name == "Stop-VM"


def confirm_once(confirm: Callable[[Step], bool] | None) -> Callable[[Step], bool]:
    """Return `confirm`, wrapped so that it is called only once for a step that is retried."""
    agreed: set[str] = set()

    def ask(step: Step) -> bool:
        if step.id not in agreed and (confirm is None or confirm(step)):
            agreed.add(step.id)
        return step.id in agreed

    return ask
