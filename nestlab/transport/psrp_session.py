"""Sessions to real hosts: typed pipelines over PowerShell remoting."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from nestlab.errors import SessionBroken, StatementNotStarted
from nestlab.model import HOST, Cmdlet, MachinePath, Outcome, Progress, path_text
from nestlab.model.credential_text import UserAndPassword
from nestlab.transport.psrp.channel import Target
from nestlab.transport.psrp.clixml_writer import require_sendable
from nestlab.transport.result import Result, RunOptions
from nestlab.transport.session import Cancel, WorkerPool
from nestlab.transport.shell_pool import ShellPool
from nestlab.transport.statements import (
    Group,
    ReadGroup,
    append_output,
    apply_error_action,
    groups,
    has_secrets,
    names_later_command,
    names_of,
    to_commands,
)
from nestlab.transport.wildcards import refuse_wildcards
from nestlab.visible import visible

if TYPE_CHECKING:
    from nestlab.transport.guest_session import GuestSession


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
        """The machine path of the host."""
        return HOST

    @property
    def engine(self) -> str:
        """Edition and version of the host's PowerShell, ``Desktop 5.1.20348.1``.

        Empty if not known.
        """
        return self._shells.engine

    def __repr__(self) -> str:
        return visible(f"<Session {self.host} {path_text(self.machine)}>")

    def _repr_html_(self) -> str:
        from nestlab.html import without_math  # noqa: PLC0415  # only notebooks need it
        from nestlab.transport.session_html import session_html  # noqa: PLC0415  # only notebooks need it

        return without_math(session_html(self, self.engine))

    def open(self) -> None:
        """Connect and log on now, not at the first run."""
        with self._shells.acquire():
            return

    def run(
        self,
        *statements: Cmdlet,
        timeout: float | None = None,
        on_progress: Callable[[Progress], None] | None = None,
        cancel: Cancel | None = None,
    ) -> Outcome:
        """Run the statements in order; consecutive ones that only read share a pipeline."""
        refuse_wildcards(statements)
        require_sendable(statements)
        options = RunOptions(timeout, on_progress, cancel)
        total = Result()
        for group in groups(statements):
            self._run_group(group, options, total)
        return Outcome(
            tuple(total.records),
            tuple(total.errors),
            tuple(total.warnings),
            tuple(total.verbose),
        )

    def _run_group(self, group: Group, options: RunOptions, total: Result) -> None:
        result = self._execute(group, options)
        if (
            isinstance(group, ReadGroup)
            and len(group.statements) > 1
            and not self._is_complete(group, result, options)
        ):
            # The host does not say which statement failed, and output may be lost. A statement may
            # still run in its shell.
            self._shells.discard_free()
            for statement in group.statements:
                self._run_group(ReadGroup((statement,)), options, total)
            return
        append_output(total, result)
        if result.terminating_error is not None:
            apply_error_action(group.statements[0], result.terminating_error, total, self.machine)

    def _is_complete(self, group: ReadGroup, result: Result, options: RunOptions) -> bool:
        """Whether the result has the output of all statements.

        After a terminating error of the first statement, a host runs only the second, and reports
        Completed: the output of the others is missing. That did not happen if the id of the error
        names a later command. Otherwise the first statement is run again, alone: the result is
        complete if it succeeds, and if its output came before the error.
        """
        if result.terminating_error is not None:
            return False
        if result.records_before_error is None:
            return True
        if not result.records_before_error:
            return False
        if names_later_command(result.errors[0], group.statements):
            return True
        repeated = self._execute(ReadGroup(group.statements[:1]), options)
        if repeated.terminating_error is not None or repeated.errors or not repeated.records:
            return False
        before = result.records[: result.records_before_error]
        return [record.type_names for record in repeated.records] == [
            record.type_names for record in before[: len(repeated.records)]
        ]

    def _execute(self, group: Group, options: RunOptions) -> Result:
        """Run the statements in one pipeline; again if the session was lost and they only read."""
        try:
            return self._execute_once(group, options)
        except StatementNotStarted:
            raise
        except SessionBroken:
            if options.timeout is not None or not isinstance(group, ReadGroup):
                raise
        return self._execute_once(group, options)

    def _execute_once(self, group: Group, options: RunOptions) -> Result:
        statements = group.statements
        with self._shells.acquire() as shell:
            message = to_commands(statements, self._shells.credential)
            return shell.execute(
                message,
                running=names_of(statements),
                secrets=has_secrets(statements),
                options=options,
            )

    def guest(self, vm_name: str, credential: str) -> GuestSession:
        """Return a session to a VM of this host over PowerShell Direct."""
        from nestlab.transport.guest_session import GuestSession  # noqa: PLC0415  # not every session enters guests

        return GuestSession(self._target, self._shells, ((vm_name, credential),))

    def keep_credential(self) -> None:
        """Do nothing: the account of a host is not a guest's."""

    def prepare(self, *credentials: str) -> dict[str, UserAndPassword]:
        """Look up the credentials with these names now: keyring, environment, prompt."""
        return {name: self._shells.credential(name) for name in credentials}

    def forget(self, *credentials: str) -> None:
        """Forget the credentials with these names, so that they are looked up again."""
        for name in credentials:
            self._shells.forget(name)

    def wait(self, seconds: float, cancel: Cancel | None = None) -> None:
        """Wait in real time, or in the virtual time of a simulated host.

        Raises Cancelled.
        """
        self._shells.wait(seconds, cancel)

    def worker_pool(self, size: int, cancel: Cancel | None = None) -> WorkerPool:
        """Return a pool of threads, each with a shell of its own; one worker needs no thread."""
        from nestlab.transport.worker_pool import InlineWorkerPool, ThreadWorkerPool  # noqa: PLC0415  # as above

        return ThreadWorkerPool(size, cancel) if size > 1 else InlineWorkerPool(cancel)

    def close(self) -> None:
        """Close the shells, which the sessions to guests use as well."""
        self._shells.close()
