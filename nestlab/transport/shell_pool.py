"""The shells of one host, each used by one run at a time, and the credentials of its guests."""

from __future__ import annotations

import contextlib
import threading
import time
import uuid
from collections.abc import Iterator

from nestlab.errors import Cancelled, HostError, HostUnreachable
from nestlab.model import Cmdlet
from nestlab.texts import tr
from nestlab.transport import credentials
from nestlab.transport.credentials import Credential
from nestlab.transport.psrp.channel import Target
from nestlab.transport.psrp.remote_shell import RemoteShell
from nestlab.transport.redaction import redaction
from nestlab.transport.result import RunOptions
from nestlab.transport.session import Cancel
from nestlab.transport.statements import to_commands


class ShellPool:
    """Provides a shell for each run, in the session to the host or in one to a guest.

    A run leaves nothing behind in its shell, so runs share them: there are as many as concurrent
    runs, however many guests there are. A host allows thirty per user; if no more can be opened,
    a run waits until another one ends.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self._changed = threading.Condition()
        self._free: list[RemoteShell] = []
        self._acquired = 0
        self._credentials: dict[str, Credential] = {}
        self._forgotten: dict[str, Credential] = {}
        self._client = uuid.uuid4().hex
        self._clock_rate: float | None = None
        self.engine = ""
        """Edition and version of the host's PowerShell; empty before a shell was opened."""

    @contextlib.contextmanager
    def acquire(self) -> Iterator[RemoteShell]:
        """Yield an open shell, and release it at the end of the block.

        Raises HostError and UsageError if no shell can be opened.
        """
        shell = self._open_shell()
        try:
            self._clock_rate, self.engine = shell.clock_rate, shell.engine
            yield shell
        finally:
            self._release(shell)

    def _open_shell(self) -> RemoteShell:
        """Return an open shell: a free one, a new one, or the next one that is released."""
        while True:
            with self._changed:
                shell = self._free.pop() if self._free else RemoteShell(self._target, self._client)
                self._acquired += 1
            try:
                shell.open()
            except HostUnreachable:
                self._release(None)
                with self._changed:
                    if not self._acquired and not self._free:
                        raise
                    self._changed.wait_for(lambda: self._free or not self._acquired)
            except BaseException:
                self._release(None)
                raise
            else:
                return shell

    def _release(self, shell: RemoteShell | None) -> None:
        """Release a shell; None means that it could not be opened."""
        with self._changed:
            self._acquired -= 1
            self._free += [shell] if shell is not None else []
            self._changed.notify_all()

    def wait(self, seconds: float, cancel: Cancel | None) -> None:
        """Wait in real time, or in the virtual time of a simulated host. Raises Cancelled.

        That clock advances when all clients of the host wait.
        """
        if self._clock_rate is None:
            wait(seconds, cancel)
            return
        sleep = Cmdlet("Start-Sleep", {"Milliseconds": round(seconds * 1000)})
        try:
            with self.acquire() as shell:
                shell.execute(
                    to_commands([sleep], self.credential),
                    running=sleep.name,
                    secrets=False,
                    options=RunOptions(cancel=cancel),
                )
        except HostError:
            # The host restarts or is unreachable. Its clock advances by itself then.
            wait(seconds / self._clock_rate, cancel)

    def credential(self, name: str) -> Credential:
        """Return the credential with this name, which is looked up or prompted for once.

        Raises CredentialNotFound.
        """
        if name not in self._credentials:
            self._credentials[name] = credentials.find(name, host=self._target.address)
            redaction.add([self._credentials[name].password])
        return self._credentials[name]

    def forget(self, name: str) -> Credential | None:
        """Forget a credential, such as one that a guest rejected; return it, or None if unknown."""
        known = self._credentials.pop(name, None)
        if known is not None:
            self._forgotten[name] = known
        return known

    def restore(self, name: str) -> None:
        """Restore the credential with this name, if `forget` removed it."""
        if name in self._forgotten:
            self._credentials.setdefault(name, self._forgotten.pop(name))

    def discard_free(self) -> None:
        """Discard the free shells, because a statement may still run in one of them."""
        with self._changed:
            shells, self._free = self._free, []
        for shell in shells:
            shell.discard()

    def close(self) -> None:
        """Close the free shells. A later run opens new ones."""
        with self._changed:
            shells, self._free = self._free, []
        for shell in shells:
            shell.close()


def wait(seconds: float, cancel: Cancel | None) -> None:
    """Wait in real time; raises Cancelled."""
    if cancel is None:
        time.sleep(seconds)
    elif cancel.wait(seconds):
        msg = tr("Cancelled while waiting.")
        raise Cancelled(msg)
