"""The lines sent to the client; lines in quick succession are written together."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import BinaryIO

from nestlab.simulator.endpoint.stdio.client_packets import data_lines

_BODIES_AT_ONCE = 40 * 1024
"""Bytes of objects whose lines are written at once.

In base64, with their headers, they fill a pipe of 64 KiB. If a client does not read, its pipelines
block.
"""

_DELAY_SECONDS = 0.01
"""How long a line waits for further lines.

Without a wait, the writing thread would wake for the first line after each write."""


class OutputLines:
    """Writes lines in order, from any thread.

    Each write wakes the client, which then competes with the server for processors: a listing of
    300 VMs has two thousand lines.
    """

    def __init__(self, stream: BinaryIO, on_disconnect: Callable[[], None]) -> None:
        self._stream = stream
        self._on_disconnect = on_disconnect
        self._lock = threading.Lock()
        self._fragments: list[bytes] = []
        self._size = 0
        self._due = threading.Event()
        self._closed = False
        threading.Thread(target=self._run, name="stdout", daemon=True).start()

    def write(self, line: bytes) -> None:
        """Write a line now, after all lines that were added before."""
        with self._lock:
            self._flush(line)

    def add(self, beginning: bytes, head: bytes, body: bytes) -> None:
        """Queue the line of a fragment, to be written together with lines that follow at once.

        Args:
            beginning: What `data_head` returns.
            head: The headers of the fragment; for speed, only its body counts as bytes to write.
            body: The rest of the fragment.
        """
        with self._lock:
            is_first = not self._fragments
            self._fragments += (beginning, head, body)
            self._size += len(body)
            if self._size >= _BODIES_AT_ONCE:
                self._flush()
            elif is_first:
                self._due.set()

    def flush(self) -> None:
        """Write all lines that were added."""
        with self._lock:
            if self._fragments:
                self._flush()

    def close(self) -> None:
        """Stop writing, without waiting for a client that does not read."""
        self._closed = True
        self._due.set()

    def _run(self) -> None:
        while not self._closed:
            self._due.wait()
            time.sleep(_DELAY_SECONDS)
            self.flush()

    def _flush(self, line: bytes = b"") -> None:
        """Write the lines of all fragments that were added, then another one."""
        self._due.clear()
        lines = data_lines(self._fragments)
        lines.append(line)
        left = memoryview(b"".join(lines))
        self._fragments, self._size = [], 0
        try:
            while left:
                left = left[self._stream.write(left) :]
        except (OSError, ValueError):  # the client has disconnected, or the server has ended
            self._on_disconnect()
