"""One queue of seats for each host, all in one process; a failed seat stops no other."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from nestlab.apply import Event, OnEvent, StepResult, StepState
from nestlab.dataclass import dataclass
from nestlab.errors import Cancelled, NestlabError
from nestlab.transport.session import Cancel, Session
from nestlab.transport.threads import has_threads
from nestlab.transport.worker_pool import AnyCancel
from nestlab.workshop.seat_events import (
    OnSeatEvent,
    SeatEvent,
    SeatResult,
    SeatStarted,
    SeatStatus,
)
from nestlab.workshop.workshop_values import Seat

_POLL_SECONDS = 0.5
SeatWork = Callable[[Seat, Session, OnEvent, Cancel], Iterator[StepResult]]
"""Runs the steps of a seat on a host; yields a result per step."""


def until_failure(results: Iterator[StepResult]) -> Generator[StepResult, None, bool]:
    """Yield results up to the first of a step that failed; return whether none did."""
    for result in results:
        yield result
        if not result.ok:
            return False
    return True


@dataclass(frozen=True)
class HostQueues:
    """Runs work for seats: side by side on the hosts, `at_once` seats at a time on each of them."""

    sessions: Mapping[str, Session]
    at_once: int
    on_event: OnSeatEvent
    cancel: Cancel | None = None

    def run(self, seats: Iterable[tuple[Seat, str]], work: SeatWork) -> Iterator[SeatResult]:
        """Yield how each seat ended, as they end; the seats of a host begin in their order.

        After `cancel` is set, no seat begins, and those that have not begun are reported as
        cancelled. If the caller stops, or an error is unexpected, the others are cancelled too.
        """
        stop = threading.Event()
        run = _QueuedRun(self, work, stop)
        if not has_threads():
            yield from run.in_turn(seats)
            return
        with ExitStack() as stack:
            pools: dict[str, ThreadPoolExecutor] = {}
            waiting = 0
            try:
                for seat, host in seats:
                    if host not in pools:
                        pools[host] = ThreadPoolExecutor(self.at_once, f"nestlab-{host}")
                        stack.enter_context(pools[host])
                    pools[host].submit(run.one, seat, host)
                    waiting += 1
                for _ in range(waiting):
                    yield run.next()
            finally:
                stop.set()


class _QueuedRun:
    """A run of the queues: what the threads of the hosts share."""

    def __init__(self, queues: HostQueues, work: SeatWork, stop: threading.Event) -> None:
        self._queues = queues
        self._work = work
        self._cancel: Cancel = stop if queues.cancel is None else AnyCancel(queues.cancel, stop)
        self._lock = threading.Lock()
        self._ended: queue.SimpleQueue[SeatResult | BaseException] = queue.SimpleQueue()

    def next(self) -> SeatResult:
        """Wait for the seat that ends next; raises an unexpected error of a seat."""
        while True:
            try:
                # With a timeout, because Ctrl-C does not interrupt an endless wait on Windows.
                found = self._ended.get(timeout=_POLL_SECONDS)
            except queue.Empty:
                continue
            if isinstance(found, BaseException):
                raise found
            return found

    def in_turn(self, seats: Iterable[tuple[Seat, str]]) -> Iterator[SeatResult]:
        """Run the work for each seat in this thread, one after the other."""
        for seat, host in seats:
            yield self._result(seat, host)

    def one(self, seat: Seat, host: str) -> None:
        """Run the work for a seat, in a thread of its host."""
        try:
            self._ended.put(self._result(seat, host))
        except BaseException as error:  # noqa: BLE001  # raised in the thread of the caller
            self._ended.put(error)

    def _result(self, seat: Seat, host: str) -> SeatResult:
        if self._cancel.is_set():
            return SeatResult(seat=seat.name, host=host, status=SeatStatus.CANCELLED)
        began = time.monotonic()
        self._report(SeatStarted(seat.name, host))
        done = 0
        status, message, hint = SeatStatus.DONE, "", ""

        def report(event: Event) -> None:
            self._report(SeatEvent(seat.name, host, event))

        try:
            for result in self._work(seat, self._queues.sessions[host], report, self._cancel):
                done += result.status is StepState.DONE
                if not result.ok:
                    message = f"{result.step.title}: {result.message}"
                    status, hint = SeatStatus.FAILED, result.hint
        except NestlabError as error:
            stopped = isinstance(error, Cancelled)
            status = SeatStatus.CANCELLED if stopped else SeatStatus.FAILED
            message, hint = error.message, error.hint
        return SeatResult(
            seat=seat.name,
            host=host,
            status=status,
            steps=done,
            seconds=time.monotonic() - began,
            message=message,
            hint=hint,
        )

    def _report(self, event: SeatStarted | SeatEvent) -> None:
        with self._lock:
            self._queues.on_event(event)
