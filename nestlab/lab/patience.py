"""Patience with a guest that has to shut down: it is asked again until the time is over, and never cut off meanwhile."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from typing import Any

from nestlab.apply import OnEvent, StepResult
from nestlab.errors import Cancelled
from nestlab.plan.nesting_power import SHUT_DOWN
from nestlab.transport.session import Cancel, Session

POLL_SECONDS = 5.0
SHUTDOWN_SECONDS = 300.0
"""How long Windows gives programs to save their work before it shuts down for good (Stop-VM's page: five minutes)."""

_HINT = (
    "Nothing was cut off. Log on to the VM and shut it down, then do it again; or agree that it is turned off "
    "(turn_off=True, --turn-off): what it has not saved is lost then."
)


class Patience:
    """Counts the seconds that guests have had to shut down, as the host's clock goes; also a `Cancel` for a call that hangs."""

    def __init__(self, host: Session, seconds: float, cancel: Cancel | None, tell: OnEvent) -> None:
        self._host = host
        self._limit = seconds
        self._cancel = cancel
        self._tell = tell
        self._waited = 0.0
        self.hung = False  # a guest went on shutting down until the time was over
        self._asked_at: float | None = None
        self._step: Mapping[str, Any] = {}
        self._last: Mapping[str, Any] = {}

    @property
    def is_over(self) -> bool:
        """Whether the time is over."""
        return self._waited >= self._limit

    # -- a Cancel ------------------------------------------------------------------------------------------------------

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

    # -- the run -------------------------------------------------------------------------------------------------------

    def on_event(self, event: Mapping[str, Any]) -> None:
        """Pass events on; the failure of a shutdown and the end wait until it is clear that they are final."""
        if event["event"] == "step-started":
            self._step = event
            self._asked_at = time.monotonic() if event.get("action") == SHUT_DOWN else None
        elif event["event"] == "step-finished":
            self._asked_at = None
        if event["event"] == "finished":
            self._last = event
        elif event["event"] != "step-finished" or event.get("status") != "failed":
            self._tell(event)

    def watched(self, results: Iterator[StepResult]) -> Iterator[StepResult]:
        """Yield the results; where the time was over in the middle of a shutdown, that ends them, and `hung` is true."""
        try:
            yield from results
        except Cancelled:
            if not self._hangs() or (self._cancel is not None and self._cancel.is_set()):
                self.finish()
                raise
            self._waited, self._asked_at, self.hung = self._limit, None, True

    def too_late(self) -> Cancelled:
        """Return the error of a guest that went on shutting down until the time was over."""
        title = str(self._step.get("title", "The guest"))
        self.finish()
        return Cancelled(f"{title}: it did not shut down within {self._limit:.0f} seconds", hint=_HINT)

    def attempt(self, results: Iterator[StepResult]) -> Generator[StepResult, None, StepResult | None]:
        """Yield the results that went well; return the one that failed, if any did."""
        failed = None
        for result in self.watched(results):
            if result.ok:
                yield result
            else:
                failed = result
        return failed

    def wait_a_little(self, name: str) -> None:
        """Let some time pass before the guest is asked again; raises Cancelled."""
        status = f"{self._waited:.0f} s of at most {self._limit:.0f} s"
        self._tell(
            {
                "event": "progress",
                "activity": f"Waiting for {name} to shut down",
                "status": status,
                "percent": int(100 * self._waited / self._limit),
            }
        )
        self._host.wait(POLL_SECONDS, self._cancel)
        self._waited += POLL_SECONDS

    def give_up(self, failed: StepResult) -> StepResult:
        """Tell that it failed, and return the result with the way out."""
        final = replace(failed, hint=_HINT) if failed.step.cmdlets[0].name == "Stop-VM" else failed
        self._tell(final.to_dict())
        self.finish()
        return final

    def finish(self) -> None:
        """Tell that the run is over."""
        if self._last:
            self._tell(self._last)
            self._last = {}
