"""The clients of a virtual clock: how they hold it, and how a wait of theirs is cancelled."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol

GRACE = 5.0
"""Real seconds that a client of this process may think between two calls before time passes without it."""


class CancelFlag(Protocol):
    """What `threading.Event` offers."""

    def is_set(self) -> bool:
        """Whether it was asked to stop."""
        ...

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is set, or until the time is over; return whether it is set."""
        ...


class OtherClients(Protocol):
    """The clients of the same host in other processes."""

    poll: float
    grace: float  # real seconds that a process may think before time passes without it

    def join(self, now: float) -> None:
        """Say that this process has begun to work, at this moment of its clock."""
        ...

    def agree(self, now: float, wake: float) -> float:
        """Say that this process waits until `wake`, and return how far time has come with the consent of all."""
        ...

    def leave(self) -> None:
        """Say that this process neither works nor waits any more."""
        ...

    def is_alone(self) -> bool:
        """Whether no other process works or waits; asked by who holds the state file."""
        ...


class Hold:
    """The say of one client: time does not pass while it works, for `grace` real seconds after its last call.

    A client that died or went away is passed over after that. `pause` is how long the clock still
    stands when a call of the client begins to wait: a client with several connections may be about
    to begin another call.
    """

    def __init__(self, released: Callable[[Hold], None], grace: float, thread: int | None) -> None:
        self.grace = grace
        self.pause = 0.0
        self.thread = thread  # whose waits are this client's; None for a client elsewhere
        self.until = 0.0
        self._released = released
        self.touch()

    def touch(self) -> None:
        """Say that the client is at work; one of this process, in this thread."""
        if self.thread is not None:
            self.thread = threading.get_ident()
        self.until = time.monotonic() + self.grace

    def rest(self) -> None:
        """Say that a call of the client waits."""
        self.until = time.monotonic() + self.pause

    def release(self) -> None:
        """Let time pass without this client from now on. May be called twice."""
        self._released(self)
