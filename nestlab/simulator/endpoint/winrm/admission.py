"""Limits on clients that have not signed in: connections, time, bytes, and wrong passwords."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from nestlab.dataclass import dataclass, field

MAX_CONNECTIONS = 300
"""Maximum number of concurrent connections: the default MaxConnections of the WinRM service."""

SIGN_IN_SECONDS = 30.0
"""How long a connection may take until its first request is signed in."""

MAX_HEADERS = 64 * 1024
"""Maximum bytes of the headers of one request; a Kerberos token with many groups is large."""

DRAIN_SIZE = 16 * 1024
"""Bytes of an unauthenticated body that are read and discarded at a time."""

_FREE_ATTEMPTS = 3
_FIRST_DELAY = 0.1
_LONGEST_DELAY = 5.0
_DECAY_SECONDS = 60.0


@dataclass
class ClientConnection:
    """One open connection, and whether its client has signed in."""

    sock: socket.socket
    since: float = field(default_factory=time.monotonic)
    signed_in: bool = False


class Admission:
    """Counts the connections of an endpoint, and ends those that do not sign in."""

    def __init__(
        self, maximum: int = MAX_CONNECTIONS, sign_in_seconds: float = SIGN_IN_SECONDS
    ) -> None:
        self._maximum = maximum
        self._sign_in_seconds = sign_in_seconds
        self._lock = threading.Lock()
        self._connections: dict[socket.socket, ClientConnection] = {}

    @property
    def connections(self) -> int:
        """The number of open connections."""
        with self._lock:
            return len(self._connections)

    def admit(self, sock: socket.socket) -> bool:
        """Register a connection and return True; False if too many are open."""
        with self._lock:
            if len(self._connections) >= self._maximum:
                return False
            self._connections[sock] = ClientConnection(sock)
            return True

    def replace(self, sock: socket.socket, by: socket.socket) -> None:
        """Replace the socket of a connection by the TLS socket that wraps it."""
        with self._lock:
            connection = self._connections.pop(sock)
            connection.sock = by
            self._connections[by] = connection

    def remove(self, sock: socket.socket) -> None:
        """Remove a connection. May be called twice."""
        with self._lock:
            self._connections.pop(sock, None)

    def connection(self, sock: socket.socket) -> ClientConnection:
        """Return the open connection with this socket."""
        with self._lock:
            return self._connections[sock]

    def sockets(self) -> list[socket.socket]:
        """Return the sockets of all connections."""
        with self._lock:
            return list(self._connections)

    def overdue(self) -> list[socket.socket]:
        """Return the sockets of the connections that have taken too long to sign in."""
        limit = time.monotonic() - self._sign_in_seconds
        with self._lock:
            return [
                connection.sock
                for connection in self._connections.values()
                if not connection.signed_in and connection.since < limit
            ]


class LogonThrottle:
    """Delays the responses to wrong passwords, longer each time, and one at a time.

    A correct password is never delayed.
    """

    def __init__(self) -> None:
        self._queue = threading.Lock()
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._wrong = 0.0
        self._counted = time.monotonic()

    def wait_after_failure(self) -> None:
        """Count a wrong password, and wait for the delay that follows from their number."""
        with self._lock:
            now = time.monotonic()
            self._wrong = max(self._wrong - (now - self._counted) / _DECAY_SECONDS, 0.0) + 1
            self._counted, seconds = now, delay(int(self._wrong))
        if seconds:
            with self._queue:
                self._ended.wait(seconds)

    def end(self) -> None:
        """End all waits."""
        self._ended.set()


def delay(wrong: int) -> float:
    """Return the delay in seconds of the response to this number of wrong passwords.

    >>> [delay(wrong) for wrong in (1, 3, 4, 5, 6, 10, 1000)]
    [0.0, 0.0, 0.1, 0.2, 0.4, 5.0, 5.0]
    """
    if wrong <= _FREE_ATTEMPTS:
        return 0.0
    return float(min(_FIRST_DELAY * 2 ** min(wrong - _FREE_ATTEMPTS - 1, 10), _LONGEST_DELAY))


class BoundedHeaders:
    """A reader that raises LineTooLong if the headers of a request exceed `MAX_HEADERS` bytes."""

    def __init__(self, reader: BinaryIO) -> None:
        self._reader = reader
        self._left: int | None = None

    @contextmanager
    def headers(self) -> Iterator[None]:
        """Limit the bytes that are read until the block ends."""
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
        """Return that many bytes; fewer at the end of the stream."""
        return self._reader.read(size)

    @property
    def closed(self) -> bool:
        """Whether it is closed."""
        return self._reader.closed

    def close(self) -> None:
        """Close it."""
        self._reader.close()
