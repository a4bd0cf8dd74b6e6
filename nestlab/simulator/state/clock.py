"""The virtual clock of a simulated host, which several clients share."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from nestlab.errors import Cancelled
from nestlab.simulator.state.clock_clients import GRACE, CancelFlag, Hold, OtherClients

FIRST_MOMENT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC).timestamp()
"""Where the clock of a new simulated host stands, in seconds since 1970."""


_SLICE = 0.5  # real seconds: on Windows Ctrl-C does not end an endless wait
_CANCEL_SLICE = 0.05  # real seconds between two looks at a cancel


@dataclass
class _Parked:
    wake: float
    thread: int


class _Own(threading.local):
    """What a thread has for itself: its time inside an invocation, and who may stop or watch it."""

    now: float | None = None
    is_call: bool = False  # the time is that of one call, for which its client waits at the end
    cancel: CancelFlag | None = None
    watch: Callable[[], None] | None = None  # called before time passes; may raise


class Clock:
    """Virtual seconds.

    Nothing waits in real time unless `time_scale` (real seconds a virtual second) is above 0.

    Time passes when all clients wait: it moves on to the moment at which the first of them goes on.
    It never goes back. What runs inside `alone` has a time of its own: it takes effect at once, and
    whoever asked for it waits afterwards until its time has passed for all.

    >>> clock = Clock()
    >>> clock.advance(45)
    >>> clock.now - FIRST_MOMENT
    45.0
    """

    def __init__(self, now: float = FIRST_MOMENT, *, time_scale: float = 0.0) -> None:
        self.time_scale = time_scale
        self.rate = 0.0  # virtual seconds in a real one, while no client holds the clock
        self.others: OtherClients | None = None
        self._now = now
        self._own = _Own()
        self._value = threading.Lock()
        self._change = threading.Condition()
        self._holds: set[Hold] = set()
        self._parked: list[_Parked] = []
        self._flowed, self._flowed_to = time.monotonic(), now

    # -- reading
    # -------------------------------------------------------------------------------------------------------

    @property
    def now(self) -> float:
        """The moment it is: for what runs inside `alone` its own, else that of all."""
        return self._now if self._own.now is None else self._own.now

    @property
    def common(self) -> float:
        """The moment that all clients have reached, whatever runs ahead of it."""
        return self._now

    @property
    def time(self) -> datetime:
        """The moment the clock stands at."""
        return datetime.fromtimestamp(self.now, UTC)

    # -- time of one's own
    # ---------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def alone(self, *, call: bool = False) -> Iterator[Callable[[], float]]:
        """Let this thread have a time of its own from now on; gives what returns it, also after the end.

        Inside another `alone` it is the time of that one.
        """
        own = self._own
        if own.now is not None:
            yield lambda: self.now
            return
        own.now, own.is_call = self._now, call
        reached: float | None = None
        try:
            yield lambda: self.now if reached is None else reached
        finally:
            reached, own.now, own.is_call = own.now, None, False

    @property
    def is_alone(self) -> bool:
        """Whether this thread has a time of its own now."""
        return self._own.now is not None

    @contextlib.contextmanager
    def cancelled_by(self, cancel: CancelFlag | None) -> Iterator[None]:
        """Let `cancel` stop the time of this thread."""
        before, self._own.cancel = self._own.cancel, cancel
        try:
            yield
        finally:
            self._own.cancel = before

    @contextlib.contextmanager
    def watched_by(self, watch: Callable[[], None]) -> Iterator[None]:
        """Call `watch` whenever time is about to pass in this thread."""
        before, self._own.watch = self._own.watch, watch
        try:
            yield
        finally:
            self._own.watch = before

    # -- passing
    # -------------------------------------------------------------------------------------------------------

    def advance(self, seconds: float, cancel: CancelFlag | None = None) -> None:
        """Let virtual time pass; raises Cancelled where it was asked to stop, before or meanwhile."""
        if self._own.watch is not None:
            self._own.watch()
        flag, moment = cancel or self._own.cancel, self.now + max(seconds, 0.0)
        if self._own.now is None:
            self.pass_until(moment, flag)
        elif self.time_scale > 0:
            self._really(moment, flag)
        else:
            _stop_where_set(flag)
            self._own.now = moment

    def pass_until(
        self, moment: float, cancel: CancelFlag | None = None, hold: Hold | None = None
    ) -> None:
        """Wait until all clients have come to this moment; raises Cancelled.

        `hold` is of a client elsewhere that waits.
        """
        if self.time_scale > 0:
            self._really(moment, cancel)
            return
        _stop_where_set(cancel)
        if moment <= self._now:
            return
        with self._change:
            self._park(_Parked(moment, threading.get_ident()), cancel, hold)

    def _really(self, moment: float, cancel: CancelFlag | None) -> None:
        """Wait in real time."""
        first, began = self.now, time.monotonic()
        seconds = max(moment - first, 0.0) * self.time_scale
        try:
            if cancel is None:
                time.sleep(seconds)
            elif cancel.wait(seconds) if seconds > 0 else cancel.is_set():
                moment = min(moment, first + (time.monotonic() - began) / self.time_scale)
                _stop_where_set(cancel)
        finally:
            self.catch_up(moment)
            if self._own.now is not None:
                self._own.now = max(self._own.now, moment)

    def _park(self, parked: _Parked, cancel: CancelFlag | None, hold: Hold | None) -> None:
        holds = (
            [hold]
            if hold is not None
            else [own for own in self._holds if own.thread == parked.thread]
        )
        self._parked.append(parked)
        for own in holds:
            own.rest()
        try:
            self._move()
            while self._now < parked.wake:
                _stop_where_set(cancel)
                self._change.wait(self._patience(cancel))
                self._move()
        finally:
            self._parked.remove(parked)
            for own in holds:
                own.touch()
            self._change.notify_all()  # whoever waits for this one sees that it is at work
        self._leave_where_idle()

    def _move(self) -> None:
        """Let time pass where every client waits: to the moment at which the first goes on."""
        wakes = [parked.wake for parked in self._parked]
        if not wakes or self._holding() or min(wakes) <= self._now:
            return
        self.catch_up(
            min(wakes) if self.others is None else self.others.agree(self._now, min(wakes))
        )
        if self._now >= min(wakes):
            self._change.notify_all()

    def _holding(self) -> list[Hold]:
        """Return the holds of those that are at work."""
        real, waiting = time.monotonic(), {parked.thread for parked in self._parked}
        return [hold for hold in self._holds if hold.until > real and hold.thread not in waiting]

    def _patience(self, cancel: CancelFlag | None) -> float:
        """Return after how many real seconds to look again: when the first who is at work has had its grace, at the latest."""
        real = time.monotonic()
        limits = [
            _SLICE if cancel is None else _CANCEL_SLICE,
            *(hold.until - real for hold in self._holding()),
        ]
        if self.others is not None:
            limits.append(self.others.poll)
        return max(min(limits), 0.0)

    def catch_up(self, moment: float) -> None:
        """Let it be at least this moment for all."""
        with self._value:
            self._now = max(self._now, moment)

    def settle(self) -> None:
        """Let the time that a call has taken pass for all at once, where there is nobody else; asked by who holds the world."""
        own = self._own
        if (
            own.now is None
            or not own.is_call
            or self.time_scale > 0
            or not self._change.acquire(blocking=False)
        ):
            return
        try:
            mine = threading.get_ident()
            if (
                not self._parked
                and all(hold.thread == mine for hold in self._holds)
                and (self.others is None or self.others.is_alone())
            ):
                self.catch_up(own.now)
        finally:
            self._change.release()

    def flow(self) -> None:
        """Let as much time pass as real time since the last look in which no client held the clock, at `rate`."""
        with self._change:
            real = time.monotonic()
            held = max((hold.until for hold in self._holds), default=0.0)
            # Where waits are real they have let time pass already.
            begin = self._flowed_to if self.time_scale > 0 else self._now
            self.catch_up(begin + max(real - max(self._flowed, held), 0.0) * self.rate)
            self._flowed, self._flowed_to = real, self._now
            self._change.notify_all()

    # -- clients
    # -------------------------------------------------------------------------------------------------------

    def hold(self, *, grace: float = GRACE, elsewhere: bool = False) -> Hold:
        """Return the say of a new client: of this thread, or of one that is connected from elsewhere."""
        hold = Hold(self._release, grace, None if elsewhere else threading.get_ident())
        self.flow()
        with self._change:
            self._holds.add(hold)
            if self.others is not None:
                self.others.join(self._now)
        return hold

    def _release(self, hold: Hold) -> None:
        """Take the say of a client back."""
        self.flow()
        with self._change:
            self._holds.discard(hold)
            self._move()
            self._leave_where_idle()

    def _leave_where_idle(self) -> None:
        if self.others is not None and not self._holds and not self._parked:
            self.others.leave()


def _stop_where_set(cancel: CancelFlag | None) -> None:
    if cancel is not None and cancel.is_set():
        msg = "Cancelled while waiting."
        raise Cancelled(msg)


def moment(seconds: float) -> datetime:
    """Return a moment of the virtual clock."""
    return datetime.fromtimestamp(seconds, UTC)
