"""The lines sent to the client; lines in quick succession are written together."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import BinaryIO

_PIPE_CAPACITY = 64 * 1024
"""Bytes that are written at once: the capacity of a pipe.

If a client does not read, its pipelines block."""

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
        self._pieces: list[bytes] = []
        self._size = 0
        self._due = threading.Event()
        self._closed = False
        threading.Thread(target=self._run, name="stdout", daemon=True).start()

    def write(self, line: bytes) -> None:
        """Write a line now, after all lines that were added before."""
        with self._lock:
            self._pieces.append(line)
            self._flush()

    def add(self, head: bytes, data: bytes, rest: bytes) -> None:
        """Queue a line, given in pieces, to be written together with lines that follow at once."""
        with self._lock:
            is_first = not self._pieces
            self._pieces += (head, data, rest)
            self._size += len(head) + len(data) + len(rest)
            if self._size >= _PIPE_CAPACITY:
                self._flush()
            elif is_first:
                self._due.set()

    def flush(self) -> None:
        """Write all lines that were added."""
        with self._lock:
            if self._pieces:
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

    def _flush(self) -> None:
        self._due.clear()
        left = memoryview(b"".join(self._pieces))
        self._pieces, self._size = [], 0
        try:
            while left:
                left = left[self._stream.write(left) :]
        except (OSError, ValueError):  # the client has disconnected, or the server has ended
            self._on_disconnect()
