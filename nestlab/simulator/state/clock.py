"""The virtual clock of a simulated host, shared by several clients."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from nestlab.dataclass import dataclass
from nestlab.errors import Cancelled
from nestlab.simulator.state.clock_clients import GRACE, CancelFlag, Hold, OtherClients

INITIAL_TIME = datetime(2026, 1, 5, 9, 0, tzinfo=UTC).timestamp()
"""Initial time of a new simulated host, in seconds since 1970."""


_SLICE = 0.5  # real seconds: on Windows, Ctrl-C does not interrupt an endless wait
_CANCEL_SLICE = 0.05  # real seconds between two checks for cancellation


@dataclass
class _Waiter:
    wake: float
    thread: int


class _ThreadState(threading.local):
    """The thread-local state of a clock: own time, cancellation, and a callback."""

    now: float | None = None
    # Whether it is the own time of a call: when the call ends, its client waits for that time.
    is_call: bool = False
    cancel: CancelFlag | None = None
    before_wait: Callable[[], None] | None = None  # called before time passes; may raise


class Clock:
    """A clock of virtual seconds.

    Nothing waits in real time unless `time_scale` (real seconds for each virtual second) is above
    0.

    Time advances when all clients wait: to the earliest moment that one of them waits for. It
    never goes back. Code inside `own_time` has its own time: its effects are immediate, and the
    caller waits afterwards until that time has passed for all clients.

    >>> clock = Clock()
    >>> clock.advance(45)
    >>> clock.now - INITIAL_TIME
    45.0
    """

    def __init__(self, now: float = INITIAL_TIME, *, time_scale: float = 0.0) -> None:
        self.time_scale = time_scale
        self.rate = 0.0  # virtual seconds for each real second while no client holds the clock
        self.others: OtherClients | None = None
        self._now = now
        self._own = _ThreadState()
        self._now_lock = threading.Lock()
        self._changed = threading.Condition()
        self._holds: set[Hold] = set()
        self._waiters: list[_Waiter] = []
        # The real and the virtual time up to which real time has been followed.
        self._followed_at, self._followed_until = time.monotonic(), now

    @property
    def now(self) -> float:
        """The current time: inside `own_time` the thread's own, else the common time."""
        return self._now if self._own.now is None else self._own.now

    @property
    def common_time(self) -> float:
        """The common time of all clients; the own time of a thread may be later."""
        return self._now

    @property
    def time(self) -> datetime:
        """The current time as a date and time in UTC."""
        return datetime.fromtimestamp(self.now, UTC)

    @contextlib.contextmanager
    def own_time(self, *, call: bool = False) -> Iterator[Callable[[], float]]:
        """Give this thread its own time within the block.

        Yields a function that returns this time, even after the end of the block. A nested
        `own_time` uses the time of the outer one. `call` says that the block is a call, whose
        time `commit_own_time` may make common early.
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
    def has_own_time(self) -> bool:
        """Whether this thread has its own time now."""
        return self._own.now is not None

    @contextlib.contextmanager
    def cancelled_by(self, cancel: CancelFlag | None) -> Iterator[None]:
        """Let `cancel` interrupt waits of this thread."""
        before, self._own.cancel = self._own.cancel, cancel
        try:
            yield
        finally:
            self._own.cancel = before

    @contextlib.contextmanager
    def calling_before_waits(self, callback: Callable[[], None]) -> Iterator[None]:
        """Call `callback` whenever time is about to pass in this thread."""
        before, self._own.before_wait = self._own.before_wait, callback
        try:
            yield
        finally:
            self._own.before_wait = before

    def advance(self, seconds: float, cancel: CancelFlag | None = None) -> None:
        """Let virtual time pass; raises Cancelled, before or while waiting."""
        if self._own.before_wait is not None:
            self._own.before_wait()
        flag, moment = cancel or self._own.cancel, self.now + max(seconds, 0.0)
        if self._own.now is None:
            self.pass_until(moment, flag)
        elif self.time_scale > 0:
            self._wait_in_real_time(moment, flag)
        else:
            _raise_if_cancelled(flag)
            self._own.now = moment

    def pass_until(
        self, moment: float, cancel: CancelFlag | None = None, hold: Hold | None = None
    ) -> None:
        """Wait until all clients have reached this time; raises Cancelled.

        If the waiting client is remote, `hold` is its hold on the clock.
        """
        if self.time_scale > 0:
            self._wait_in_real_time(moment, cancel)
            return
        _raise_if_cancelled(cancel)
        if moment <= self._now:
            return
        with self._changed:
            self._wait(_Waiter(moment, threading.get_ident()), cancel, hold)

    def _wait_in_real_time(self, moment: float, cancel: CancelFlag | None) -> None:
        start, real_start = self.now, time.monotonic()
        seconds = max(moment - start, 0.0) * self.time_scale
        try:
            if cancel is None:
                time.sleep(seconds)
            elif cancel.wait(seconds) if seconds > 0 else cancel.is_set():
                moment = min(moment, start + (time.monotonic() - real_start) / self.time_scale)
                _raise_if_cancelled(cancel)
        finally:
            self.catch_up(moment)
            if self._own.now is not None:
                self._own.now = max(self._own.now, moment)

    def _wait(self, waiter: _Waiter, cancel: CancelFlag | None, hold: Hold | None) -> None:
        holds = (
            [hold]
            if hold is not None
            else [own for own in self._holds if own.thread == waiter.thread]
        )
        self._waiters.append(waiter)
        for own in holds:
            own.wait()
        try:
            self._advance_if_all_wait()
            while self._now < waiter.wake:
                _raise_if_cancelled(cancel)
                self._changed.wait(self._next_check(cancel))
                self._advance_if_all_wait()
        finally:
            self._waiters.remove(waiter)
            for own in holds:
                own.touch()
            self._changed.notify_all()  # clients that wait for this one see that it is busy
        self._leave_if_idle()

    def _advance_if_all_wait(self) -> None:
        """Advance the time to the earliest wake-up, if every client waits."""
        wakes = [waiter.wake for waiter in self._waiters]
        if not wakes or self._busy_holds() or min(wakes) <= self._now:
            return
        self.catch_up(
            min(wakes) if self.others is None else self.others.agree(self._now, min(wakes))
        )
        if self._now >= min(wakes):
            self._changed.notify_all()

    def _busy_holds(self) -> list[Hold]:
        """Return the holds of the clients that are busy."""
        real, waiting = time.monotonic(), {waiter.thread for waiter in self._waiters}
        return [hold for hold in self._holds if hold.until > real and hold.thread not in waiting]

    def _next_check(self, cancel: CancelFlag | None) -> float:
        """Return the real seconds until the next check: at most the grace of a busy client."""
        real = time.monotonic()
        limits = [
            _SLICE if cancel is None else _CANCEL_SLICE,
            *(hold.until - real for hold in self._busy_holds()),
        ]
        if self.others is not None:
            limits.append(self.others.poll)
        return max(min(limits), 0.0)

    def catch_up(self, moment: float) -> None:
        """Advance the common time to this moment, unless it is later already."""
        with self._now_lock:
            self._now = max(self._now, moment)

    def commit_own_time(self) -> None:
        """Make the time of a call common at once, if there is no other client.

        The caller has locked the world.
        """
        own = self._own
        if (
            own.now is None
            or not own.is_call
            or self.time_scale > 0
            or not self._changed.acquire(blocking=False)
        ):
            return
        try:
            mine = threading.get_ident()
            if (
                not self._waiters
                and all(hold.thread == mine for hold in self._holds)
                and (self.others is None or self.others.is_alone())
            ):
                self.catch_up(own.now)
        finally:
            self._changed.release()

    def follow_real_time(self) -> None:
        """Advance the time, at `rate`, for the real time during which no client held the clock."""
        with self._changed:
            real = time.monotonic()
            held = max((hold.until for hold in self._holds), default=0.0)
            # Real waits have advanced the time already.
            begin = self._followed_until if self.time_scale > 0 else self._now
            self.catch_up(begin + max(real - max(self._followed_at, held), 0.0) * self.rate)
            self._followed_at, self._followed_until = real, self._now
            self._changed.notify_all()

    def hold(self, *, grace: float = GRACE, remote: bool = False) -> Hold:
        """Register a client: this thread, or a remote client."""
        hold = Hold(self._release, grace, None if remote else threading.get_ident())
        self.follow_real_time()
        with self._changed:
            self._holds.add(hold)
            if self.others is not None:
                self.others.join(self._now)
        return hold

    def _release(self, hold: Hold) -> None:
        """Unregister a client."""
        self.follow_real_time()
        with self._changed:
            self._holds.discard(hold)
            self._advance_if_all_wait()
            self._leave_if_idle()

    def _leave_if_idle(self) -> None:
        if self.others is not None and not self._holds and not self._waiters:
            self.others.leave()


def _raise_if_cancelled(cancel: CancelFlag | None) -> None:
    if cancel is not None and cancel.is_set():
        msg = "Cancelled while waiting."
        raise Cancelled(msg)


def utc_time(seconds: float) -> datetime:
    """Return a time of the virtual clock, in seconds since 1970, as a date and time in UTC."""
    return datetime.fromtimestamp(seconds, UTC)
