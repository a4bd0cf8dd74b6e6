"""The shells of one host: lent to one run at a time, kept for the next; and the credentials of its guests."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from nestlab.transport import credentials
from nestlab.transport.credentials import Credential
from nestlab.transport.redaction import redaction
from nestlab.transport.shell import RemoteShell
from nestlab.transport.target import Target


class ShellStock:
    """Lends a shell for each run, to the host's session and to those of its guests alike.

    A run leaves nothing behind in its shell, so any will do: there are as many as runs at one time, whatever the number of
    guests. A host allows thirty a user.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self._lock = threading.Lock()
        self._free: list[RemoteShell] = []
        self._credentials: dict[str, Credential] = {}
        self.clock_rate = 1.0

    @contextlib.contextmanager
    def lend(self) -> Iterator[RemoteShell]:
        """Lend an open shell until the block ends; raises what opening one raises."""
        with self._lock:
            shell = self._free.pop() if self._free else RemoteShell(self._target)
        try:
            shell.open()
            self.clock_rate = shell.clock_rate
            yield shell
        finally:
            with self._lock:
                self._free.append(shell)

    def credential(self, name: str) -> Credential:
        """Return the credential of this name; looked up, or asked for, once. Raises AccessDenied."""
        if name not in self._credentials:
            self._credentials[name] = credentials.find(name, host=self._target.address)
            redaction.add([self._credentials[name].password])
        return self._credentials[name]

    def forget(self, name: str) -> Credential:
        """Return a credential that a guest has refused, and look it up anew, or ask again, the next time."""
        return self._credentials.pop(name, Credential("its account", ""))

    def close(self) -> None:
        """Give the shells back. A later run opens new ones."""
        with self._lock:
            shells, self._free = self._free, []
        for shell in shells:
            shell.close()
