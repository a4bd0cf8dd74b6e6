"""Sessions to the host and to its guests, opened when they are needed."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from nestlab.errors import UsageError
from nestlab.model import HOST, MachinePath, path_text
from nestlab.texts import tr
from nestlab.transport.session import Session


class Sessions:
    """The session of each machine: that of the host, and PowerShell Direct into guests.

    Threads may share it.
    """

    def __init__(self, host: Session, credentials: Mapping[MachinePath, str]) -> None:
        self._sessions: dict[MachinePath, Session] = {HOST: host}
        self._credentials = credentials
        self._lock = threading.RLock()

    def to(self, path: MachinePath) -> Session:
        """Return the session to a machine.

        Raises UsageError if a guest on the path has no credential.
        """
        with self._lock:
            if path not in self._sessions:
                if path not in self._credentials:
                    msg = tr("No credential is known for the guest {guest}", guest=path_text(path))
                    raise UsageError(
                        msg,
                        hint=tr(
                            "Name one in the topology: guest: {os: windows, credential: NAME}."
                        ),
                    )
                self._sessions[path] = self.to(path[:-1]).guest(path[-1], self._credentials[path])
            return self._sessions[path]

    def disconnect(self, path: MachinePath) -> None:
        """Close the session to a guest that stopped answering, and those to the VMs inside it."""
        with self._lock:
            for known in [
                known for known in self._sessions if known != HOST and known[: len(path)] == path
            ]:
                self._sessions.pop(known).close()

    def close(self) -> None:
        """Close the sessions to guests; the host's session stays open."""
        self.disconnect(HOST)
