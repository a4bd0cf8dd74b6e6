"""Workers of a simulated host in this process, in its virtual time."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from nestlab.model import MachinePath
from nestlab.simulator.host import SimulatedHost
from nestlab.transport.session import Cancel
from nestlab.transport.worker_pool import run_now

if TYPE_CHECKING:
    from concurrent.futures import Future


class VirtualTimeWorkerPool:
    """A worker pool in virtual time. See `nestlab.transport.session.WorkerPool`.

    Each task runs when it is submitted, in the thread of the caller and on a clock of its own, so
    that all tasks start at the same virtual time. The clock of the host advances as tasks are
    returned: two concurrent waits of five minutes take five. The same tasks always end in the same
    order. Until the pool is closed, no time passes while its thread works.
    """

    def __init__(self, host: SimulatedHost, size: int, cancel: Cancel | None) -> None:
        self.size = size
        self.cancel = cancel
        self._host = host
        self._hold = host.clock.hold()
        self._count = 0
        self._ends: list[tuple[float, int, MachinePath | None, Future[Any]]] = []

    def start(self, machine: MachinePath | None, work: Callable[[], Any]) -> None:
        """Run the task, and keep the virtual time at which it ends."""
        self._hold.touch()
        with self._host.clock.own_time() as reached:
            future = run_now(work)
        self._count += 1
        heapq.heappush(self._ends, (reached(), self._count, machine, future))

    def next(self) -> tuple[MachinePath | None, Future[Any]]:
        """Advance time to the end of the next task, and return it.

        If several end at the same time, the one that was submitted first is returned.
        """
        ended, _, machine, future = heapq.heappop(self._ends)
        self._host.clock.pass_until(ended)
        self._hold.touch()
        return machine, future

    def close(self) -> None:
        """Advance time until all tasks have ended."""
        self._host.clock.pass_until(max((ended for ended, *_ in self._ends), default=0.0))
        self._host.save_time()
        self._hold.release()
