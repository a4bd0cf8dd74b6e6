"""The session: a channel to one machine that runs cmdlets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from nestlab.model import Cmdlet, MachinePath, Outcome, Progress
from nestlab.model.credential_text import UserAndPassword
from nestlab.texts import mark

if TYPE_CHECKING:
    from concurrent.futures import Future


POWERSHELL_DIRECT_HINT = mark(
    "PowerShell Direct needs a running VM whose Windows has finished booting, and a credential of that Windows."
)
"""The hint of an error for a guest that could not be reached."""


class Cancel(Protocol):
    """The interface of `threading.Event`: when it is set, waits and runs raise `Cancelled` soon."""

    def is_set(self) -> bool:
        """Whether cancellation was requested."""
        ...

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is set or the timeout is over; return whether it is set."""
        ...


class WorkerPool(Protocol):
    """Runs tasks on several machines at the same time, and returns each as it ends.

    The tasks may use the sessions of its host.
    """

    @property
    def size(self) -> int:
        """How many tasks may run at the same time."""
        ...

    @property
    def cancel(self) -> Cancel | None:
        """What cancels the tasks: the caller's cancel, or the end of the pool."""
        ...

    def start(self, machine: MachinePath | None, work: Callable[[], Any]) -> None:
        """Submit a task for a machine; None for a task that only waits."""
        ...

    def next(self) -> tuple[MachinePath | None, Future[Any]]:
        """Wait for the next task to end, and return it. At least one has to be running."""
        ...

    def close(self) -> None:
        """Cancel the running tasks, and wait for them; `next` still returns them."""
        ...


class Session(Protocol):
    """A channel to one machine: the host, or a guest through PowerShell Direct.

    For several threads there is `worker_pool`, whose tasks may use the sessions of one host at the
    same time.
    """

    @property
    def host(self) -> str:
        """The address the session was opened with, without secrets: ``winrms://hv01``."""
        ...

    @property
    def machine(self) -> MachinePath:
        """The machine path; ``()`` is the host."""
        ...

    def run(
        self,
        *statements: Cmdlet,
        timeout: float | None = None,
        on_progress: Callable[[Progress], None] | None = None,
        cancel: Cancel | None = None,
    ) -> Outcome:
        """Run the statements in order, and return their output.

        Every cmdlet runs with ErrorAction Stop unless it has an ErrorAction. A terminating error
        raises CmdletError, and the statements after it do not run. With ``ErrorAction='Continue'``
        or ``'SilentlyContinue'``, a terminating error ends only its own statement, and a
        non-terminating one not even that; the errors under Continue are in ``Outcome.errors``.

        Raises CmdletError, AccessDenied, HostUnreachable, GuestUnreachable, SessionBroken,
        Cancelled.
        """
        ...

    def guest(self, vm_name: str, credential: str) -> Session:
        """Return a session to a VM of this machine over PowerShell Direct; `credential` is a name.

        Connects at the first run.
        """
        ...

    def keep_credential(self) -> None:
        """Keep using the credential that this guest has just refused, without asking for another.

        During its first boot, Windows refuses it until Setup has created the account.
        """
        ...

    def prepare(self, *credentials: str) -> Mapping[str, UserAndPassword]:
        """Look up the credentials with these names now, so that no later run prompts for them.

        Returns them by name; for a host that accepts every name the mapping is empty. Raises
        CredentialNotFound, with a hint on how to provide it, for the first that is not found.
        """
        ...

    def forget(self, *credentials: str) -> None:
        """Forget the credentials with these names, so that they are looked up again."""
        ...

    def wait(self, seconds: float, cancel: Cancel | None = None) -> None:
        """Wait in real time on a real host, in virtual time on a simulated host.

        Raises Cancelled.
        """
        ...

    def worker_pool(self, size: int, cancel: Cancel | None = None) -> WorkerPool:
        """Return a pool of at most `size` workers for this host and its guests.

        A simulated host whose waits take real time has one worker.
        """
        ...

    def close(self) -> None:
        """Close the channel. May be called twice."""
        ...


def error_action(statement: Cmdlet) -> str | None:
    """Return the ErrorAction parameter of a statement, or None."""
    return next(
        (
            str(value)
            for name, value in statement.parameters.items()
            if name.lower() == "erroraction"
        ),
        None,
    )


def with_error_action(statement: Cmdlet) -> Cmdlet:
    """Return the statement with an ErrorAction for each command of its pipeline.

    That is its own, or else that of the first command, or else Stop.

    >>> print(with_error_action(Cmdlet("New-VM", {"Name": "a"}, Cmdlet("Set-VM", {"Notes": "b"}))))
    New-VM -Name 'a' -ErrorAction 'Stop' | Set-VM -Notes 'b' -ErrorAction 'Stop'
    """
    return _with_error_action(statement, error_action(statement) or "Stop")


def _with_error_action(command: Cmdlet, action: str) -> Cmdlet:
    following = command.pipe_to and _with_error_action(command.pipe_to, action)
    parameters = (
        command.parameters
        if error_action(command)
        else {**command.parameters, "ErrorAction": action}
    )
    return Cmdlet(command.name, parameters, following)
