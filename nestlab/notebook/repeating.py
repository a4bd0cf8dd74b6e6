"""Calls a function every few seconds: in a thread, or on the event loop where there are none."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

from nestlab.transport.threads import has_threads


class Repeating:
    """Calls a function every `seconds`, until `stop`; a call that is longer delays the next."""

    def __init__(self, seconds: float, call: Callable[[], object]) -> None:
        self._seconds = seconds
        self._call = call
        self._stopped = threading.Event()

    def start(self) -> Repeating:
        """Begin, and return at once."""
        if not has_threads():
            asyncio.get_running_loop().call_later(self._seconds, self._next)
        else:
            threading.Thread(target=self._run, name="nestlab-refresh", daemon=True).start()
        return self

    def stop(self) -> None:
        """Call it no more."""
        self._stopped.set()

    def _run(self) -> None:
        while not self._stopped.wait(self._seconds):
            self._call()

    def _next(self) -> None:
        if not self._stopped.is_set():
            self._call()
            self.start()
