"""The virtual clock of a simulated host."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from nestlab.errors import Cancelled

FIRST_MOMENT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC).timestamp()
"""Where the clock of a new simulated host stands, in seconds since 1970."""


class CancelFlag(Protocol):
    """What `threading.Event` offers."""

    def is_set(self) -> bool:
        """Whether it was asked to stop."""
        ...

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is set, or until the time is over; return whether it is set."""
        ...


@dataclass
class Clock:
    """Virtual seconds. Nothing waits in real time unless `time_scale` (real seconds a virtual second) is above 0.

    >>> clock = Clock()
    >>> clock.advance(45)
    >>> clock.now - FIRST_MOMENT
    45.0
    """

    now: float = FIRST_MOMENT
    time_scale: float = 0.0
    cancel: CancelFlag | None = field(default=None, repr=False, compare=False)
    watch: Callable[[], None] | None = field(default=None, repr=False, compare=False)  # called before time passes; may raise

    def advance(self, seconds: float, cancel: CancelFlag | None = None) -> None:
        """Let virtual time pass; raises Cancelled where it was asked to stop, before or meanwhile."""
        if self.watch is not None:
            self.watch()
        began = time.monotonic()
        try:
            self.wait(seconds, cancel)
        except Cancelled:
            if self.time_scale > 0:
                self.now += min(max(seconds, 0.0), (time.monotonic() - began) / self.time_scale)
            raise
        self.now += max(seconds, 0.0)

    def wait(self, seconds: float, cancel: CancelFlag | None = None) -> None:
        """Wait in real time for as long as so many virtual seconds take; raises Cancelled. Virtual time stands still."""
        flag = cancel or self.cancel
        real = seconds * self.time_scale
        if flag is not None and (flag.wait(real) if real > 0 else flag.is_set()):
            msg = "Cancelled while waiting."
            raise Cancelled(msg)
        if flag is None and real > 0:
            time.sleep(real)

    @property
    def time(self) -> datetime:
        """The moment the clock stands at."""
        return datetime.fromtimestamp(self.now, UTC)
