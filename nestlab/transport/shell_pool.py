"""The shells of one host, used by one run at a time, and its guests' credentials."""

from __future__ import annotations

import contextlib
import threading
import uuid
from collections.abc import Iterator

from nestlab.errors import HostError, HostUnreachable
from nestlab.model import Cmdlet
from nestlab.transport import credentials
from nestlab.transport.credentials import Credential
from nestlab.transport.psrp.channel import Target
from nestlab.transport.psrp.remote_shell import RemoteShell
from nestlab.transport.redaction import redaction
from nestlab.transport.result import Watch
from nestlab.transport.session import Cancel
from nestlab.transport.statements import on_the_wire, wait


class ShellPool:
    """Gives a shell to each run of the host's session and of its guests' sessions.

    A run leaves nothing behind in its shell, so any will do: there are as many as runs at one time,
    whatever the number of guests. A host allows thirty a user; where it has no more, a run waits
    until another ends.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self._changed = threading.Condition()
        self._free: list[RemoteShell] = []
        self._acquired = 0
        self._credentials: dict[str, Credential] = {}
        self._client = uuid.uuid4().hex
        self._clock_rate: float | None = None
        self.engine = ""
        """Edition and version of the PowerShell that answers, once one was asked."""

    @contextlib.contextmanager
    def acquire(self) -> Iterator[RemoteShell]:
        """Yield an open shell until the block ends; raises what opening one raises."""
        shell = self._open_shell()
        try:
            self._clock_rate, self.engine = shell.clock_rate, shell.engine
            yield shell
        finally:
            self._release(shell)

    def _open_shell(self) -> RemoteShell:
        """Return an open shell: a free one, a new one, or else the next one that is released."""
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
        """Release a shell; None for one that could not be opened."""
        with self._changed:
            self._acquired -= 1
            self._free += [shell] if shell is not None else []
            self._changed.notify_all()

    def wait(self, seconds: float, cancel: Cancel | None) -> None:
        """Let time pass: real seconds, or those of a simulated host. Raises Cancelled.

        Its time passes when all of its clients wait.
        """
        if self._clock_rate is None:
            wait(seconds, cancel)
            return
        sleep = Cmdlet("Start-Sleep", {"Milliseconds": round(seconds * 1000)})
        try:
            with self.acquire() as shell:
                shell.execute(
                    on_the_wire([sleep]),
                    running=sleep.name,
                    secrets=False,
                    watch=Watch(cancel=cancel),
                )
        except HostError:
            # It restarts, or cannot be reached for another reason: its clock continues by itself
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
        """Return a credential that a guest has refused; it is looked up again the next time."""
        return self._credentials.pop(name, Credential("its account", ""))

    def empty(self) -> None:
        """Discard the free shells: something may still run there whose pipeline has ended."""
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
