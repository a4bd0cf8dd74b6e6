"""The output of a shell or a command, buffered until its client receives it."""

from __future__ import annotations

import base64
import threading
import time
from collections import deque

from nestlab.simulator.endpoint.psrp.server_pool import FRAGMENT_SIZE
from nestlab.simulator.endpoint.winrm.soap import WsmanFault, timed_out

_EXTRA_WAIT = 0.01
"""Seconds to wait for more output, so that a few responses contain a thousand small records."""


class Outbox:
    """Buffers the fragments for Receive requests.

    The newest Receive gets the data: a client whose read timed out repeats the Receive with the
    same MessageID on another connection, and the response to the older one would go to a closed
    socket. The last response is sent again for the same MessageID.
    """

    def __init__(self, condition: threading.Condition) -> None:
        self._condition = condition
        self._chunks: deque[bytes] = deque()
        self._size = 0
        self._newest_receive = 0
        self._last: tuple[str, list[bytes], bool] | None = None
        self.done = False
        self.closed: WsmanFault | None = None

    @property
    def drained(self) -> bool:
        """Whether all output was received and there will be no more."""
        return self.done and not self._chunks

    def put(self, data: bytes) -> None:
        """Add fragments; the caller holds the condition."""
        self._chunks.append(data)
        self._size += len(data)
        self._condition.notify_all()

    def finish(self) -> None:
        """Mark the output as complete; the caller holds the condition."""
        self.done = True
        self._condition.notify_all()

    def close(self, problem: WsmanFault) -> None:
        """End every wait with this fault; the caller holds the condition."""
        self.closed = problem
        self._condition.notify_all()

    def repeated(self, message_id: str) -> tuple[list[bytes], bool] | None:
        """Return the last response if it was to this MessageID, else None."""
        if self._last is not None and self._last[0] == message_id:
            return self._last[1], self._last[2]
        return None

    def take(self, message_id: str, budget: int, timeout: float) -> tuple[list[bytes], bool]:
        """Wait for data; return it as Base64 strings, and whether it is the last.

        At most `budget` bytes of data are returned. Raises WsmanFault after the timeout. The caller
        holds the condition.
        """
        if (before := self.repeated(message_id)) is not None:
            return before
        self._newest_receive += 1
        this_receive = self._newest_receive
        self._condition.notify_all()
        self._wait(this_receive, time.monotonic() + timeout)
        if not self.done and self._size < budget:
            self._condition.wait(_EXTRA_WAIT)
        if this_receive != self._newest_receive:
            raise timed_out()
        texts = self._pack(budget)
        self._last = (message_id, texts, self.drained)
        return texts, self.drained

    def _wait(self, this_receive: int, deadline: float) -> None:
        while not self._chunks and not self.done:
            if self.closed is not None:
                raise self.closed
            left = deadline - time.monotonic()
            if this_receive != self._newest_receive or left <= 0:
                raise timed_out()
            self._condition.wait(left)

    def _pack(self, budget: int) -> list[bytes]:
        texts: list[bytes] = []
        block = bytearray()
        while self._chunks and budget >= len(self._chunks[0]):
            chunk = self._chunks.popleft()
            self._size -= len(chunk)
            budget -= len(chunk)
            if block and len(block) + len(chunk) > FRAGMENT_SIZE:
                texts.append(base64.b64encode(block))
                block = bytearray()
            block += chunk
        if block:
            texts.append(base64.b64encode(block))
        return texts
