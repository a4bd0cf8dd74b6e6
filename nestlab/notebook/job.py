"""Background jobs: a thread, or an asyncio task where Python has no threads.

Pyodide, the Python for browsers, cannot start threads (`its documentation
<https://pyodide.org/en/stable/usage/wasm-constraints.html>`_, "Included but not working modules").
There the task and the code that waits for the end advance the same work in turn.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Generator
from inspect import GEN_CLOSED, GEN_RUNNING, getgeneratorstate
from typing import Any, Literal

from nestlab.dataclass import dataclass
from nestlab.errors import Cancelled, NestlabError
from nestlab.texts import tr
from nestlab.transport.threads import has_threads
from nestlab.visible import visible

State = Literal["running", "done", "failed", "cancelled"]
Work = Callable[[threading.Event], Generator[Any, None, Any]]


@dataclass(frozen=True)
class JobResult:
    """How a job ended: its state, the value that it returned, and the error if it failed."""

    state: State
    value: Any = None
    error: BaseException | None = None

    @property
    def message(self) -> str:
        """The error as one message for the user; empty if there is none."""
        if self.error is None:
            return ""
        if isinstance(self.error, NestlabError):
            return str(self.error)
        return tr(
            "Unexpected error ({type}): {error}", type=type(self.error).__name__, error=self.error
        )


class Job:
    """One long-running job: reports events, can be cancelled, ends exactly once.

    `work` is called with a cancel event and yields events; `on_event` is called with each of them,
    and `on_end` with the `JobResult`. Both are called from the worker, one at a time, and never
    after the end.
    """

    def __init__(
        self, work: Work, *, on_event: Callable[[Any], None], on_end: Callable[[JobResult], None]
    ) -> None:
        self._work = work
        self._on_event = on_event
        self._on_end = on_end
        self._cancel = threading.Event()
        self._ended = threading.Event()
        self._value: Any = None
        self._steps = self._advance()
        self.result: JobResult | None = None

    def __repr__(self) -> str:
        return visible(f"<Job {self.state}>")

    @property
    def state(self) -> State:
        """running, done, failed or cancelled."""
        return self.result.state if self.result else "running"

    def start(self) -> Job:
        """Start the job, and return at once."""
        if not has_threads():
            self._task = asyncio.get_running_loop().create_task(self._run_async())
        else:
            threading.Thread(target=self._run, name="nestlab-job", daemon=True).start()
        return self

    def cancel(self) -> None:
        """Request that it stops; it ends as soon as the current step allows."""
        self._cancel.set()

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the end, and return whether it has ended; blocks the calling thread.

        Without threads, the work is done here, event by event; `timeout` (seconds) is checked
        between events. A callback of the job itself does not wait.
        """
        if has_threads():
            return self._ended.wait(timeout)
        end = None if timeout is None else time.monotonic() + timeout
        while not self._ended.is_set() and getgeneratorstate(self._steps) != GEN_RUNNING:
            if end is not None and time.monotonic() >= end:
                break
            next(self._steps, None)
        return self._ended.is_set()

    def _events(self) -> Generator[Any, None, None]:
        """Yield the events of the work, and keep its return value for the result."""
        self._value = yield from self._work(self._cancel)

    def _run(self) -> None:
        for _ in self._steps:
            pass

    async def _run_async(self) -> None:
        while getgeneratorstate(self._steps) != GEN_CLOSED:
            # In a browser tab, a wait in the work lets this task run again (stack switching).
            if getgeneratorstate(self._steps) != GEN_RUNNING:
                next(self._steps, None)
            await asyncio.sleep(0)

    def _advance(self) -> Generator[None, None, None]:
        """Do the work and report it, up to the end; yields after each event."""
        result = JobResult("done")
        try:
            for event in self._events():
                self._on_event(event)
                yield
            result = JobResult("cancelled" if self._cancel.is_set() else "done", self._value)
        except Cancelled:
            result = JobResult("cancelled")
        except GeneratorExit:  # the task is not resumed, because the kernel ends
            raise
        except BaseException as error:  # noqa: BLE001  # every error of a worker is shown in the panel
            result = JobResult("failed", error=error)
        self._finish(result)

    def _finish(self, result: JobResult) -> None:
        self.result = result
        try:
            self._on_end(result)
        finally:
            self._ended.set()
