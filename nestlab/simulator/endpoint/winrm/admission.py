"""Limits before sign-in: connections, time, bytes, and guesses of passwords."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO

MAX_CONNECTIONS = 300
"""Connections at a time: Windows' own MaxConnections of the WinRM service."""

SIGN_IN_SECONDS = 30.0
"""How long a connection may take until its first request is signed in."""

MAX_HEADERS = 64 * 1024
"""Bytes of the headers of one request; a Kerberos token of many groups needs most of it."""

DRAIN = 16 * 1024

_FREE_GUESSES = 3
_FIRST_DELAY = 0.1
_LONGEST_DELAY = 5.0
_FORGIVEN_SECONDS = 60.0


@dataclass
class Visit:
    """One connection."""

    line: socket.socket
    since: float = field(default_factory=time.monotonic)
    signed_in: bool = False


class Admission:
    """Counts the connections of an endpoint, and ends those that do not sign in."""

    def __init__(
        self, most: int = MAX_CONNECTIONS, sign_in_seconds: float = SIGN_IN_SECONDS
    ) -> None:
        self._most = most
        self._sign_in_seconds = sign_in_seconds
        self._lock = threading.Lock()
        self._visits: dict[socket.socket, Visit] = {}

    @property
    def connections(self) -> int:
        """How many connections are open."""
        with self._lock:
            return len(self._visits)

    def admit(self, line: socket.socket) -> bool:
        """Take a connection in, unless there are too many."""
        with self._lock:
            if len(self._visits) >= self._most:
                return False
            self._visits[line] = Visit(line)
            return True

    def replace(self, line: socket.socket, by: socket.socket) -> None:
        """Take note that a connection continues over another socket: that of its TLS."""
        with self._lock:
            visit = self._visits.pop(line)
            visit.line = by
            self._visits[by] = visit

    def leave(self, line: socket.socket) -> None:
        """Forget a connection. May be called twice."""
        with self._lock:
            self._visits.pop(line, None)

    def visit(self, line: socket.socket) -> Visit:
        """Return what is known of an open connection."""
        with self._lock:
            return self._visits[line]

    def lines(self) -> list[socket.socket]:
        """Return the sockets of all connections."""
        with self._lock:
            return list(self._visits)

    def overdue(self) -> list[socket.socket]:
        """Return the sockets of the connections that have taken too long to sign in."""
        limit = time.monotonic() - self._sign_in_seconds
        with self._lock:
            return [
                visit.line
                for visit in self._visits.values()
                if not visit.signed_in and visit.since < limit
            ]


class Penalty:
    """What wrong passwords cost: the answer comes later each time, one after another.

    Who knows the password never waits.
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._wrong = 0.0
        self._counted = time.monotonic()

    def pay(self) -> None:
        """Count a wrong password, and wait for as long as it costs."""
        with self._lock:
            now = time.monotonic()
            self._wrong = max(self._wrong - (now - self._counted) / _FORGIVEN_SECONDS, 0.0) + 1
            self._counted, seconds = now, delay(int(self._wrong))
        if seconds:
            with self._turn:
                self._ended.wait(seconds)

    def end(self) -> None:
        """End all waits."""
        self._ended.set()


def delay(wrong: int) -> float:
    """Return the seconds that the answer to so many wrong passwords is held back.

    >>> [delay(wrong) for wrong in (1, 3, 4, 5, 6, 10, 1000)]
    [0.0, 0.0, 0.1, 0.2, 0.4, 5.0, 5.0]
    """
    if wrong <= _FREE_GUESSES:
        return 0.0
    return float(min(_FIRST_DELAY * 2 ** min(wrong - _FREE_GUESSES - 1, 10), _LONGEST_DELAY))


class BoundedHeaders:
    """A reader of at most `MAX_HEADERS` bytes of headers a request; raises LineTooLong beyond."""

    def __init__(self, reader: BinaryIO) -> None:
        self._reader = reader
        self._left: int | None = None

    @contextmanager
    def headers(self) -> Iterator[None]:
        """Count what is read until the block ends."""
        self._left = MAX_HEADERS
        try:
            yield
        finally:
            self._left = None

    def readline(self, size: int = -1) -> bytes:
        """Return the next line."""
        line = self._reader.readline(size if self._left is None else min(size, self._left + 1))
        if self._left is not None:
            self._left -= len(line)
            if self._left < 0:
                kind = "headers"
                raise http.client.LineTooLong(kind)
        return line

    def read(self, size: int = -1) -> bytes:
        """Return so many bytes, or what there is until the end."""
        return self._reader.read(size)

    @property
    def closed(self) -> bool:
        """Whether it is closed."""
        return self._reader.closed

    def close(self) -> None:
        """Close it."""
        self._reader.close()
