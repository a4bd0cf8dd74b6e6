"""The session: a channel to one machine that runs cmdlets."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Protocol

from nestlab.model import Cmdlet, MachinePath, Outcome, Progress


class Cancel(Protocol):
    """What `threading.Event` offers: when it is set, waits and runs end soon with `Cancelled`."""

    def is_set(self) -> bool:
        """Whether it was asked to stop."""
        ...

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is set, or until the time is over; return whether it is set."""
        ...


class WorkerPool(Protocol):
    """Does tasks on several machines at the same time, and returns each as it ends.

    The tasks may use the sessions of its host.
    """

    @property
    def size(self) -> int:
        """How many tasks may run at one time."""
        ...

    @property
    def cancel(self) -> Cancel | None:
        """What the tasks have to listen to: the caller's cancel, and the end of the pool."""
        ...

    def start(self, machine: MachinePath | None, work: Callable[[], Any]) -> None:
        """Submit a task for a machine; None is a task that only waits."""
        ...

    def next(self) -> tuple[MachinePath | None, Future[Any]]:
        """Return the task that ends next. At least one has to be running."""
        ...

    def close(self) -> None:
        """Stop the tasks that run, and return when they have stopped; `next` still returns them."""
        ...


class Session(Protocol):
    """A channel to one machine: the host, or a guest through PowerShell Direct.

    To work in several threads, ask for a `worker_pool`: its tasks may run on the sessions of one
    host at the same time.
    """

    @property
    def host(self) -> str:
        """The address the session was opened with, without secrets: ``winrms://hv01``."""
        ...

    @property
    def machine(self) -> MachinePath:
        """The machine it leads to; ``()`` is the host."""
        ...

    def run(
        self,
        *statements: Cmdlet,
        timeout: float | None = None,
        on_progress: Callable[[Progress], None] | None = None,
        cancel: Cancel | None = None,
    ) -> Outcome:
        """Run the statements in order, as one pipeline invocation, and return all they gave.

        Every cmdlet runs with ErrorAction Stop unless it names its own. A terminating error raises
        CmdletError and the statements after it do not run; errors of a statement with
        ``ErrorAction='Continue'`` or ``'SilentlyContinue'`` end only that statement; Continue's are
        in ``Outcome.errors``.

        Raises CmdletError, AccessDenied, HostUnreachable, GuestUnreachable, SessionBroken,
        Cancelled.
        """
        ...

    def guest(self, vm_name: str, credential: str) -> Session:
        """Return a session to a VM of this machine over PowerShell Direct; `credential` is a NAME.

        Connects at the first run.
        """
        ...

    def prepare(self, *credentials: str) -> None:
        """Find the credentials of these names now, once for this host, so that no later run asks.

        Raises AccessDenied, with the ways to provide it, where there is none.
        """
        ...

    def wait(self, seconds: float, cancel: Cancel | None = None) -> None:
        """Let time pass: real seconds on a real host, virtual ones on a simulated host.

        Raises Cancelled.
        """
        ...

    def worker_pool(self, size: int, cancel: Cancel | None = None) -> WorkerPool:
        """Return a pool of at most so many workers for this host and its guests.

        On some hosts, one.
        """
        ...

    def close(self) -> None:
        """Close the channel. May be called twice."""
        ...


def error_action(statement: Cmdlet) -> str | None:
    """Return the error action that the statement names, or None."""
    return next(
        (
            str(value)
            for name, value in statement.parameters.items()
            if name.lower() == "erroraction"
        ),
        None,
    )


def with_error_action(statement: Cmdlet) -> Cmdlet:
    """Return the statement with an error action at each command of its pipe.

    That is its own, else that of the first, else Stop.

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
