"""Sessions to the host and to the guests in it, opened when they are needed."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from nestlab.errors import UsageError
from nestlab.model import HOST, MachinePath, path_text
from nestlab.transport.session import Session


class Sessions:
    """The way to each machine: the host's session, and PowerShell Direct from there inwards.

    For several threads.
    """

    def __init__(self, host: Session, credentials: Mapping[MachinePath, str]) -> None:
        self._sessions: dict[MachinePath, Session] = {HOST: host}
        self._credentials = credentials
        self._lock = threading.RLock()

    def to(self, path: MachinePath) -> Session:
        """Return the session to a machine; raises UsageError where a guest on the way names no credential."""
        with self._lock:
            if path not in self._sessions:
                if path not in self._credentials:
                    msg = f"{path_text(path)} names no credential"
                    raise UsageError(
                        msg,
                        hint="Name one in the topology: guest: {os: windows, credential: NAME}.",
                    )
                self._sessions[path] = self.to(path[:-1]).guest(path[-1], self._credentials[path])
            return self._sessions[path]

    def forget(self, path: MachinePath) -> None:
        """Close the sessions to a guest that went away, and to those inside it."""
        with self._lock:
            for known in [
                known for known in self._sessions if known != HOST and known[: len(path)] == path
            ]:
                self._sessions.pop(known).close()

    def close(self) -> None:
        """Close the sessions to guests. The host's belongs to who opened it."""
        self.forget(HOST)
