"""Waiting for a first word: a host that took a message and could not read it says nothing, ever."""

from __future__ import annotations

import time
from collections.abc import Callable

from nestlab.errors import SessionBroken, StatementNotStarted

UNANSWERED_SECONDS = 30.0
"""How long a pipeline may say nothing before the pool is asked, and between two questions."""

_QUESTIONS = 3


class FirstAnswer:
    """Looks after one pipeline of which no message has come yet."""

    def __init__(self, address: str, running: str) -> None:
        self._address = address
        self._running = running
        self._asks_at = time.monotonic() + UNANSWERED_SECONDS
        self._unanswered = 0
        self._was_free = False

    def look(self, free_runspaces: Callable[[], int | None]) -> None:
        """Ask, when it is time, whether the pool has a runspace that works.

        What works may be silent as long as it likes.

        Raises StatementNotStarted where none does, SessionBroken where the pool does not
        answer, either.
        """
        if time.monotonic() < self._asks_at:
            return
        self._asks_at = time.monotonic() + UNANSWERED_SECONDS
        free = free_runspaces()
        if free is None:
            self._unanswered += 1
            if self._unanswered < _QUESTIONS:
                return
            message = f"{self._address} took {self._running} and says nothing any more."
            raise SessionBroken(
                self._address,
                message,
                hint="It may or may not have taken effect: look, then go on.",
            )
        if free and not self._was_free:
            # It may have ended at this moment: its last words come with the next poll, or never.
            self._was_free, self._asks_at = True, time.monotonic()
        elif free:
            message = f"{self._running} never began on {self._address}: the host took the message, and nothing runs there."
            hint = "It could not read a value among the parameters. Nothing was done; look at the values."
            raise StatementNotStarted(self._address, message, hint=hint)
        else:
            self._unanswered, self._was_free = 0, False
