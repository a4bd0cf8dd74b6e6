"""Worker pools: work on several machines at the same time."""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from nestlab.model import MachinePath
from nestlab.transport.session import Cancel

if TYPE_CHECKING:
    from concurrent.futures import Future

_POLL_SECONDS = 0.5


def run_now(work: Callable[[], Any]) -> Future[Any]:
    """Run the task in this thread, and return its result or error as a finished future.

    KeyboardInterrupt and SystemExit are raised at once.
    """
    from concurrent.futures import Future  # noqa: PLC0415  # with logging, as slow as 30 modules

    future: Future[Any] = Future()
    try:
        future.set_result(work())
    except Exception as error:  # noqa: BLE001  # it is raised when the result is taken
        future.set_exception(error)
    return future


class InlineWorkerPool:
    """A pool of one worker, which runs each task in the thread that submits it.

    See `nestlab.transport.session.WorkerPool`.
    """

    size = 1

    def __init__(self, cancel: Cancel | None) -> None:
        self.cancel = cancel
        self._done: deque[tuple[MachinePath | None, Future[Any]]] = deque()

    def start(self, machine: MachinePath | None, work: Callable[[], Any]) -> None:
        """Run the task, and keep its result."""
        self._done.append((machine, run_now(work)))

    def next(self) -> tuple[MachinePath | None, Future[Any]]:
        """Return the oldest result."""
        return self._done.popleft()

    def close(self) -> None:
        """Do nothing: each task has ended when `start` returns."""


class ThreadWorkerPool:
    """A pool of threads. See `nestlab.transport.session.WorkerPool`."""

    def __init__(self, size: int, cancel: Cancel | None) -> None:
        self.size = size
        self._stop = threading.Event()
        self.cancel: Cancel = AnyCancel(cancel, self._stop) if cancel is not None else self._stop
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  # as above

        self._threads = ThreadPoolExecutor(size + 1, thread_name_prefix="nestlab-worker")
        self._ended: queue.SimpleQueue[tuple[MachinePath | None, Future[Any]]] = queue.SimpleQueue()

    def start(self, machine: MachinePath | None, work: Callable[[], Any]) -> None:
        """Submit the task to a thread."""
        self._threads.submit(work).add_done_callback(
            lambda future: self._ended.put((machine, future))
        )

    def next(self) -> tuple[MachinePath | None, Future[Any]]:
        """Wait for the task that ends next."""
        while True:
            try:
                return self._ended.get(
                    timeout=_POLL_SECONDS
                )  # with a timeout, because Ctrl-C does not interrupt an endless wait on Windows
            except queue.Empty:
                continue

    def close(self) -> None:
        """Cancel the running tasks, and wait for them."""
        self._stop.set()
        self._threads.shutdown(wait=True)


class AnyCancel:
    """A cancel that is set when one of two is."""

    def __init__(self, given: Cancel, own: Cancel) -> None:
        self._given = given
        self._own = own

    def is_set(self) -> bool:
        """Whether one of the two is set."""
        return self._own.is_set() or self._given.is_set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until one of the two is set; false after `timeout` seconds."""
        end = None if timeout is None else time.monotonic() + timeout
        while not self.is_set():
            left = _POLL_SECONDS if end is None else min(_POLL_SECONDS, end - time.monotonic())
            if left <= 0:
                return False
            self._given.wait(left)
        return True
