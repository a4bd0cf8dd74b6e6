"""Patience with a guest that has to shut down: it is asked again until the time is over, and never cut off meanwhile."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from nestlab.apply import OnEvent, StepResult
from nestlab.errors import Cancelled
from nestlab.plan import Action, Step
from nestlab.transport.session import Cancel, Session

POLL_SECONDS = 5.0
SHUTDOWN_SECONDS = 300.0
"""How long Windows gives programs to save their work before it shuts down for good (Stop-VM's page: five minutes)."""

_HINT = (
    "Nothing was cut off. Log on to the VM and shut it down, then do it again; or agree that it is turned off "
    "(the panel and the command line ask; turn_off=True, --turn-off): what it has not saved is lost then."
)


class ShutdownRetry:
    """Counts the seconds that guests have had to shut down, as the host's clock goes; also a `Cancel` for a call that hangs."""

    def __init__(self, host: Session, seconds: float, cancel: Cancel | None, tell: OnEvent) -> None:
        self._host = host
        self._limit = seconds
        self._cancel = cancel
        self._tell = tell
        self._waited = 0.0
        self._vm = ""  # the guest that is asked to shut down; each has the whole time for itself
        self._asked_at: float | None = None
        self._step_id = ""
        self._last: Mapping[str, Any] = {}

    def is_over(self, vm: str) -> bool:
        """Whether this guest has had its time."""
        self._turn_to(vm)
        return self._waited >= self._limit

    def _turn_to(self, vm: str) -> None:
        if vm != self._vm:
            self._vm, self._waited = vm, 0.0

    # -- a Cancel
    # ------------------------------------------------------------------------------------------------------

    def is_set(self) -> bool:
        """Whether somebody cancelled, or the guest has been shutting down for too long."""
        return (self._cancel is not None and self._cancel.is_set()) or self._hangs()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is set, or until the time is over; return whether it is set."""
        end = None if timeout is None else time.monotonic() + timeout
        while not self.is_set():
            left = 0.1 if end is None else min(0.1, end - time.monotonic())
            if left <= 0:
                return False
            time.sleep(left)
        return True

    def _hangs(self) -> bool:
        return self._asked_at is not None and time.monotonic() - self._asked_at > self._limit

    # -- the run
    # -------------------------------------------------------------------------------------------------------

    def on_event(self, event: Mapping[str, Any]) -> None:
        """Pass events on; the failure of a shutdown and the end wait until it is clear that they are final."""
        if event["event"] == "step-started":
            self._asked_at = None
            if event.get("action") == Action.SHUT_DOWN_VM:
                self._ask(event)
        elif event["event"] == "step-finished":
            self._asked_at = None
        if event["event"] == "finished":
            self._last = event
        elif event["event"] != "step-finished" or event.get("status") != "failed":
            self._tell(event)

    def _ask(self, event: Mapping[str, Any]) -> None:
        self._turn_to(str(event["id"]).removeprefix(f"{event['machine']}:{Action.SHUT_DOWN_VM}:"))
        self._step_id, self._asked_at = event["id"], time.monotonic()

    def attempt(
        self, results: Iterator[StepResult], steps: Iterable[Step] = ()
    ) -> Generator[StepResult, None, StepResult | None]:
        """Yield the results that went well; return the one that failed: also where a guest was still shutting down when its time was over."""
        failed = None
        try:
            for result in results:
                if result.ok:
                    yield result
                else:
                    failed = result
        except Cancelled:
            if not self._hangs() or (self._cancel is not None and self._cancel.is_set()):
                self.finish()
                raise
            self._waited, self._asked_at = self._limit, None
            step = next(step for step in steps if step.id == self._step_id)
            failed = StepResult(
                step=step,
                status="failed",
                message=f"{self._vm} did not shut down within {self._limit:.0f} seconds.",
            )
        return failed

    def wait_a_little(self) -> None:
        """Let some time pass before the guest that `is_over` was asked about is asked again; raises Cancelled."""
        status = f"{self._waited:.0f} s of at most {self._limit:.0f} s"
        self._tell(
            {
                "event": "progress",
                "activity": f"Waiting for {self._vm} to shut down",
                "status": status,
                "percent": int(100 * self._waited / self._limit),
            }
        )
        self._host.wait(POLL_SECONDS, self._cancel)
        self._waited += POLL_SECONDS

    def give_up(self, failed: StepResult, hint: str = _HINT) -> StepResult:
        """Tell that it failed, and return the result with the way out."""
        final = (
            replace(failed, hint=hint) if failed.step.cmdlets[0].act.name == "Stop-VM" else failed
        )
        self._tell(final.to_dict())
        self.finish()
        return final

    def finish(self) -> None:
        """Tell that the run is over."""
        if self._last:
            self._tell(self._last)
            self._last = {}
