"""Detects a pipeline that never starts: a host does not respond to a message it cannot read."""

from __future__ import annotations

import time
from collections.abc import Callable

from nestlab.errors import SessionBroken, StatementNotStarted
from nestlab.texts import tr, translate
from nestlab.transport.psrp.channel import MAY_HAVE_TAKEN_EFFECT

UNANSWERED_SECONDS = 30.0
"""How long a pipeline may be silent before its pool is queried, and how long between queries."""

_REQUESTS = 3


class SilenceWatchdog:
    """Watches one pipeline until its first message arrives."""

    def __init__(self, address: str, running: str) -> None:
        self._address = address
        self._running = running
        self._next_request = time.monotonic() + UNANSWERED_SECONDS
        self._unanswered = 0
        self._was_free = False

    def check(self, free_runspaces: Callable[[], int | None]) -> None:
        """Ask the pool, at intervals, whether its runspace is busy.

        A pipeline that runs may be silent for any length of time.

        Raises StatementNotStarted if no runspace is busy, SessionBroken if the pool does not
        respond.
        """
        if time.monotonic() < self._next_request:
            return
        self._next_request = time.monotonic() + UNANSWERED_SECONDS
        free = free_runspaces()
        if free is None:
            self._unanswered += 1
            if self._unanswered < _REQUESTS:
                return
            message = tr(
                "{address} accepted {running} and then stopped answering.",
                address=self._address,
                running=self._running,
            )
            raise SessionBroken(
                self._address,
                message,
                hint=translate(MAY_HAVE_TAKEN_EFFECT),
            )
        if free and not self._was_free:
            # It may have ended just now. Its last message then arrives with the next poll.
            self._was_free, self._next_request = True, time.monotonic()
        elif free:
            message = tr(
                "{running} never started on {address}: the host accepted the message, and nothing runs there.",
                running=self._running,
                address=self._address,
            )
            hint = tr(
                "It could not read the value of a parameter. Nothing was changed; check the values."
            )
            raise StatementNotStarted(self._address, message, hint=hint)
        else:
            self._unanswered, self._was_free = 0, False
