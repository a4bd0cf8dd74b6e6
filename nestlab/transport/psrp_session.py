"""Sessions to real hosts: typed pipelines over PowerShell remoting."""

from __future__ import annotations

from collections.abc import Callable

from nestlab.errors import SessionBroken, StatementNotStarted
from nestlab.model import HOST, Cmdlet, MachinePath, Outcome, Progress, path_text
from nestlab.transport.guest_session import GuestSession
from nestlab.transport.psrp.channel import Target
from nestlab.transport.psrp.clixml_writer import require_sendable
from nestlab.transport.result import Result, Watch
from nestlab.transport.session import Cancel, WorkerPool
from nestlab.transport.shell_pool import ShellPool
from nestlab.transport.statements import (
    Group,
    Reads,
    extend,
    groups,
    has_secrets,
    is_of_later,
    names_of,
    on_the_wire,
    settle,
)
from nestlab.transport.wildcards import refuse_wildcards
from nestlab.transport.worker_pool import InlineWorkerPool, ThreadWorkerPool
from nestlab.visible import visible


def open_session(target: Target) -> PsrpSession:
    """Return a session to the host, logged on. Raises HostUnreachable, AccessDenied, UsageError."""
    session = PsrpSession(target)
    session.open()
    return session


class PsrpSession:
    """A session to a host over PowerShell remoting. See `nestlab.transport.session.Session`."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._shells = ShellPool(target)

    @property
    def host(self) -> str:
        """The address the session was opened with, without secrets."""
        return self._target.address

    @property
    def machine(self) -> MachinePath:
        """The machine it leads to: the host."""
        return HOST

    @property
    def engine(self) -> str:
        """Edition and version of the host's PowerShell, ``Desktop 5.1.20348.1``.

        Empty if not known.
        """
        return self._shells.engine

    def __repr__(self) -> str:
        return visible(f"<Session {self.host} {path_text(self.machine)}>")

    def open(self) -> None:
        """Connect and log on now; `run` does it otherwise."""
        with self._shells.acquire():
            return

    def run(
        self,
        *statements: Cmdlet,
        timeout: float | None = None,
        on_progress: Callable[[Progress], None] | None = None,
        cancel: Cancel | None = None,
    ) -> Outcome:
        """Run the statements in order; see the protocol. Those that only read share a pipeline."""
        refuse_wildcards(statements)
        require_sendable(statements)
        watch = Watch(timeout, on_progress, cancel)
        gathered = Result()
        for group in groups(statements):
            self._run_group(group, watch, gathered)
        return Outcome(
            tuple(gathered.records),
            tuple(gathered.errors),
            tuple(gathered.warnings),
            tuple(gathered.verbose),
        )

    def _run_group(self, group: Group, watch: Watch, gathered: Result) -> None:
        result = self._execute(group, watch)
        if (
            isinstance(group, Reads)
            and len(group.statements) > 1
            and not self._is_whole(group, result, watch)
        ):
            # Which statement failed is not said, and answers may be lost; what failed may still run
            # in its shell.
            self._shells.empty()
            for statement in group.statements:
                self._run_group(Reads((statement,)), watch, gathered)
            return
        extend(gathered, result)
        if result.failed is not None:
            settle(group.statements[0], result.failed, gathered, self.machine)

    def _is_whole(self, group: Reads, result: Result, watch: Watch) -> bool:
        """Whether the answers of all statements are there.

        Where the first one fails terminally, a host says Completed after one error and the answer
        of the second; those of the others never come. An error whose id names another command is
        not that. Any other: the first is asked again, alone, and where it answers without an error,
        and what it answers came before the first error, it was not that either.
        """
        if result.failed is not None:
            return False
        if result.before_error is None or is_of_later(result.errors[0], group.statements):
            return True
        if not result.before_error:
            return False
        again = self._execute(Reads(group.statements[:1]), watch)
        if again.failed is not None or again.errors or not again.records:
            return False
        before = result.records[: result.before_error]
        return [record.type_names for record in again.records] == [
            record.type_names for record in before[: len(again.records)]
        ]

    def _execute(self, group: Group, watch: Watch) -> Result:
        try:
            return self._once(group, watch)
        except StatementNotStarted:
            raise
        except SessionBroken:
            if watch.timeout is not None or not isinstance(group, Reads):
                raise
        return self._once(group, watch)

    def _once(self, group: Group, watch: Watch) -> Result:
        statements = group.statements
        with self._shells.acquire() as shell:
            message = on_the_wire(statements)
            return shell.execute(
                message, running=names_of(statements), secrets=has_secrets(statements), watch=watch
            )

    def guest(self, vm_name: str, credential: str) -> GuestSession:
        """Return a session to a VM of this host over PowerShell Direct."""
        return GuestSession(self._target, self._shells, ((vm_name, credential),))

    def prepare(self, *credentials: str) -> None:
        """Find the credentials of these names now: keyring, environment, prompt."""
        for name in credentials:
            self._shells.credential(name)

    def wait(self, seconds: float, cancel: Cancel | None = None) -> None:
        """Let time pass: real seconds, or those of a simulated host's own clock.

        Raises Cancelled.
        """
        self._shells.wait(seconds, cancel)

    def worker_pool(self, size: int, cancel: Cancel | None = None) -> WorkerPool:
        """Return a pool of threads, each with a shell of its own; one worker needs no thread."""
        return ThreadWorkerPool(size, cancel) if size > 1 else InlineWorkerPool(cancel)

    def close(self) -> None:
        """Close the shells, which the guests' sessions use too."""
        self._shells.close()
