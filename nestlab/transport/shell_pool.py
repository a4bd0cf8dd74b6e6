"""The shells of one host: lent to one run at a time, kept for the next; and the credentials of its guests."""

from __future__ import annotations

import contextlib
import threading
import uuid
from collections.abc import Iterator

from nestlab.errors import HostError, HostUnreachable
from nestlab.model import Cmdlet
from nestlab.transport import credentials
from nestlab.transport.credentials import Credential
from nestlab.transport.psrp.remote_shell import RemoteShell
from nestlab.transport.redaction import redaction
from nestlab.transport.result import Watch
from nestlab.transport.session import Cancel
from nestlab.transport.statements import on_the_wire, wait
from nestlab.transport.winrm.target import Target


class ShellStock:
    """Lends a shell for each run, to the host's session and to those of its guests alike.

    A run leaves nothing behind in its shell, so any will do: there are as many as runs at one time,
    whatever the number of guests. A host allows thirty a user; where it has no more, a run waits
    until another ends.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self._change = threading.Condition()
        self._free: list[RemoteShell] = []
        self._lent = 0
        self._credentials: dict[str, Credential] = {}
        self._client = uuid.uuid4().hex
        self._clock_rate: float | None = None

    @contextlib.contextmanager
    def lend(self) -> Iterator[RemoteShell]:
        """Lend an open shell until the block ends; raises what opening one raises."""
        shell = self._open_one()
        try:
            self._clock_rate = shell.clock_rate
            yield shell
        finally:
            self._give_back(shell)

    def _open_one(self) -> RemoteShell:
        """Return an open shell: a free one, a new one, or where the host allows no more the next that is given back."""
        while True:
            with self._change:
                shell = self._free.pop() if self._free else RemoteShell(self._target, self._client)
                self._lent += 1
            try:
                shell.open()
            except HostUnreachable:
                self._give_back(None)
                with self._change:
                    if not self._lent and not self._free:
                        raise
                    self._change.wait_for(lambda: self._free or not self._lent)
            except BaseException:
                self._give_back(None)
                raise
            else:
                return shell

    def _give_back(self, shell: RemoteShell | None) -> None:
        """Take a shell back; None for one that could not be opened."""
        with self._change:
            self._lent -= 1
            self._free += [shell] if shell is not None else []
            self._change.notify_all()

    def wait(self, seconds: float, cancel: Cancel | None) -> None:
        """Let time pass: real seconds, or those of a simulated host, whose time passes when all of its clients wait. Raises Cancelled."""
        if self._clock_rate is None:
            wait(seconds, cancel)
            return
        sleep = Cmdlet("Start-Sleep", {"Milliseconds": round(seconds * 1000)})
        try:
            with self.lend() as shell:
                shell.execute(
                    on_the_wire([sleep]),
                    running=sleep.name,
                    secrets=False,
                    watch=Watch(cancel=cancel),
                )
        except HostError:
            # It restarts, or cannot be reached for another reason: its clock goes on by itself
            # then.
            wait(seconds / self._clock_rate, cancel)

    def credential(self, name: str) -> Credential:
        """Return the credential of this name; looked up, or asked for, once.

        Raises AccessDenied.
        """
        if name not in self._credentials:
            self._credentials[name] = credentials.find(name, host=self._target.address)
            redaction.add([self._credentials[name].password])
        return self._credentials[name]

    def forget(self, name: str) -> Credential:
        """Return a credential that a guest has refused, and look it up anew, or ask again, the next time."""
        return self._credentials.pop(name, Credential("its account", ""))

    def empty(self) -> None:
        """Give up the shells that nobody uses: something may still run there whose pipeline has ended. The next runs get fresh ones."""
        with self._change:
            shells, self._free = self._free, []
        for shell in shells:
            shell.abandon()

    def close(self) -> None:
        """Give the shells back. A later run opens new ones."""
        with self._change:
            shells, self._free = self._free, []
        for shell in shells:
            shell.close()
