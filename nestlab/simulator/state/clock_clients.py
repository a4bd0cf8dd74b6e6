"""The clients of a virtual clock: how they hold it, and how their waits are cancelled."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol

GRACE = 5.0
"""Real seconds that a client of this process may pause between two calls.

After that, time advances without it.
"""


class CancelFlag(Protocol):
    """The part of `threading.Event` that a cancellation needs."""

    def is_set(self) -> bool:
        """Whether cancellation was requested."""
        ...

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the flag is set or the timeout is over; return whether it is set."""
        ...


class OtherClients(Protocol):
    """The clients of the same host in other processes."""

    poll: float
    grace: float  # real seconds that a process may pause before time passes without it

    def join(self, now: float) -> None:
        """Announce that this process is busy, at this time of its clock."""
        ...

    def agree(self, now: float, wake: float) -> float:
        """Announce a wait until `wake`; return the time that all processes agree on."""
        ...

    def leave(self) -> None:
        """Announce that this process is no longer busy or waiting."""
        ...

    def is_alone(self) -> bool:
        """Whether no other process is active; the caller has locked the state file."""
        ...


class Hold:
    """A client's hold on the clock: virtual time does not pass while the client is busy.

    A client counts as busy for `grace` real seconds after its last call, so that a crashed client
    is ignored after that. When a call of the client begins to wait, time is still held for `pause`
    real seconds: a client with several connections may be about to make another call.
    """

    def __init__(
        self, on_release: Callable[[Hold], None], grace: float, thread: int | None
    ) -> None:
        self.grace = grace
        self.pause = 0.0
        self.thread = thread  # the thread whose waits are this client's; None for a remote client
        self.until = 0.0
        self._on_release = on_release
        self.touch()

    def touch(self) -> None:
        """Mark the client as busy (a client of this process: in this thread)."""
        if self.thread is not None:
            self.thread = threading.get_ident()
        self.until = time.monotonic() + self.grace

    def wait(self) -> None:
        """Mark the client as waiting."""
        self.until = time.monotonic() + self.pause

    def release(self) -> None:
        """Let time pass without this client from now on. May be called twice."""
        self._on_release(self)
