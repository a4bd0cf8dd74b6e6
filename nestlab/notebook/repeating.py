"""Calls a function every few seconds: in a thread, or on the event loop where there are none."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable

from nestlab.transport.threads import has_threads


class Repeating:
    """Calls a function every `seconds`, until `stop`; a call that is longer delays the next.

    An error of a call is logged, and it is called again.
    """

    def __init__(
        self, seconds: float, call: Callable[[], object], *, name: str = "nestlab-refresh"
    ) -> None:
        self._seconds = seconds
        self._call = call
        self._name = name
        self._stopped = threading.Event()
        self._woken = threading.Event()

    def start(self) -> Repeating:
        """Begin, and return at once."""
        if not has_threads():
            asyncio.get_running_loop().call_later(self._seconds, self._next)
        else:
            threading.Thread(target=self._run, name=self._name, daemon=True).start()
        return self

    def stop(self) -> None:
        """Call it no more."""
        self._stopped.set()
        self._woken.set()

    def wake(self) -> None:
        """Call it at once, where it is called in a thread."""
        self._woken.set()

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._woken.wait(self._seconds)
            self._woken.clear()
            self._call_once()

    def _next(self) -> None:
        if not self._stopped.is_set():
            self._call_once()
            self.start()

    def _call_once(self) -> None:
        if self._stopped.is_set():
            return
        try:
            self._call()
        except Exception:
            logging.getLogger(__name__).exception(self._name)
