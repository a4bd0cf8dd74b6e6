"""Sessions to guests of a real host: PowerShell Direct, with one constant script."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from nestlab.constants.commands import GUEST_FUNCTION, is_known_command
from nestlab.errors import (
    CmdletError,
    GuestCredentialRefused,
    GuestUnreachable,
    SessionBroken,
    StatementNotStarted,
    UsageError,
)
from nestlab.known_errors import is_refused_credential
from nestlab.model import (
    Cmdlet,
    ErrorRecord,
    MachinePath,
    Outcome,
    Progress,
    Record,
    Secret,
    path_text,
)
from nestlab.model.credential_text import UserAndPassword
from nestlab.texts import tr, translate
from nestlab.transport import credentials
from nestlab.transport.psrp.channel import DEFAULT_CONFIGURATION, Target
from nestlab.transport.psrp.clixml_writer import require_sendable
from nestlab.transport.psrp.create_pipeline import Command
from nestlab.transport.read_only import is_read_only
from nestlab.transport.result import Result, RunOptions
from nestlab.transport.scripts import guest_script
from nestlab.transport.session import (
    POWERSHELL_DIRECT_HINT,
    Cancel,
    WorkerPool,
    error_action,
)
from nestlab.transport.shell_pool import ShellPool
from nestlab.transport.statements import (
    apply_error_action,
    names_of,
    stages_with_error_action,
    with_secrets,
)
from nestlab.transport.wildcards import refuse_pattern, refuse_wildcards
from nestlab.transport.worker_pool import InlineWorkerPool, ThreadWorkerPool
from nestlab.visible import visible

GUEST_DONE = "NestLab.GuestDone"
"""Type of the script's last object: whether all statements ran, or which one failed and how."""
GUEST_REFUSED = "NestLab.GuestRefused"
"""Type of the object that names the VM which rejected its credential."""

# The properties that remoting adds to each object of a second hop.
_REMOTING_PROPERTIES = frozenset({"PSComputerName", "PSShowComputerName", "RunspaceId"})


class GuestSession:
    """A session to a VM over PowerShell Direct, one or more hops away.

    See `nestlab.transport.session.Session`.
    """

    def __init__(
        self, target: Target, shells: ShellPool, hops: tuple[tuple[str, str], ...]
    ) -> None:
        refuse_pattern(hops[-1][0])
        self._target = target
        self._shells = shells
        self._hops = hops

    @property
    def host(self) -> str:
        """The address of the host, without secrets."""
        return self._target.address

    @property
    def machine(self) -> MachinePath:
        """The machine path of the guest."""
        return tuple(vm_name for vm_name, _ in self._hops)

    def __repr__(self) -> str:
        return visible(f"<Session {self.host} {path_text(self.machine)}>")

    def _repr_html_(self) -> str:
        from nestlab.html import without_math  # noqa: PLC0415  # only notebooks need it
        from nestlab.transport.session_html import session_html  # noqa: PLC0415  # only notebooks need it

        return without_math(session_html(self))

    def run(
        self,
        *statements: Cmdlet,
        timeout: float | None = None,
        on_progress: Callable[[Progress], None] | None = None,
        cancel: Cancel | None = None,
    ) -> Outcome:
        """Run the statements in order, in one pipeline. See `nestlab.transport.session.Session`."""
        refuse_wildcards(statements)
        require_sendable(statements)
        _refuse_unknown(statements)
        options = RunOptions(timeout, on_progress, cancel)
        try:
            result = self._execute(statements, options)
        except StatementNotStarted:
            raise
        except SessionBroken:
            if timeout is not None or not all(is_read_only(statement) for statement in statements):
                raise
            result = self._execute(statements, options)
        return self._outcome(statements, result)

    def _execute(self, statements: Sequence[Cmdlet], options: RunOptions) -> Result:
        running = tr(
            "{cmdlets} in {machine}", cmdlets=names_of(statements), machine=path_text(self.machine)
        )
        with self._shells.acquire() as shell:
            return shell.execute(
                [[self._command(statements)]], running=running, secrets=True, options=options
            )

    def _command(self, statements: Iterable[Cmdlet]) -> Command:
        parameters = (
            ("VMName", list(self.machine)),
            ("Credential", [self._credential(name) for _, name in self._hops]),
            ("Statements", [self._statement(statement) for statement in statements]),
        )
        if self._target.configuration_name == DEFAULT_CONFIGURATION:
            return Command(guest_script(), parameters, is_script=True)
        # A JEA endpoint refuses scripts; its role capability has the script as a function.
        return Command(GUEST_FUNCTION, parameters)

    def _statement(self, statement: Cmdlet) -> dict[str, Any]:
        find = self._shells.credential
        pipeline = [
            {
                "Command": command.name,
                "Parameters": {
                    name: with_secrets(value, find) for name, value in command.parameters.items()
                },
            }
            for command in stages_with_error_action(statement)
        ]
        return {"Pipeline": pipeline, "OnError": error_action(statement) or "Stop"}

    def _credential(self, name: str) -> Secret:
        found = self._shells.credential(name)
        return Secret(name, found.username, found.password)

    def _outcome(self, statements: Sequence[Cmdlet], result: Result) -> Outcome:
        machine = path_text(self.machine)
        if result.terminating_error is not None:
            raise CmdletError(None, result.terminating_error, machine=machine)
        records = [_without_remoting_properties(record) for record in result.records]
        done = records.pop() if records and records[-1].type_name == GUEST_DONE else None
        if done is None:
            refused = _take_refusal(records)
            error = (
                result.errors[-1]
                if result.errors
                else ErrorRecord(tr("the guest ended the session without an error."))
            )
            if records:
                raise SessionBroken(
                    self.host,
                    tr(
                        "The session to {machine} was lost: {reason}",
                        machine=machine,
                        reason=error.message,
                    ),
                    hint=translate(POWERSHELL_DIRECT_HINT),
                )
            raise self._connection_error(error, refused)
        index = int(done["Index"])
        if index >= 0:
            apply_error_action(statements[index], _failure(done), result, self.machine)
        return Outcome(
            tuple(records), tuple(result.errors), tuple(result.warnings), tuple(result.verbose)
        )

    def _connection_error(self, error: ErrorRecord, refused_by: str) -> GuestUnreachable:
        if not refused_by and not is_refused_credential(error):
            return GuestUnreachable(
                self.host,
                tr(
                    "{machine} does not answer: {reason}",
                    machine=path_text(self.machine),
                    reason=error.message,
                ),
                hint=translate(POWERSHELL_DIRECT_HINT),
            )
        # Any VM on the path may have rejected the credential; without a marker the record names it.
        refusing = refused_by or error.target
        names = self.machine
        depth = names.index(refusing) + 1 if refusing in names else len(names)
        guest, name = path_text(names[:depth]), self._hops[depth - 1][1]
        refused = self._shells.forget(name)
        if refused:
            message = tr(
                "{guest} refuses the account {account} of the credential {name!r}: {reason}",
                guest=guest,
                account=refused.username,
                name=name,
                reason=error.message,
            )
        else:
            message = tr(
                "{guest} refuses the credential {name!r}: {reason}",
                guest=guest,
                name=name,
                reason=error.message,
            )
        hint = credentials.correction_hint(name, refused.source if refused else "")
        return GuestCredentialRefused(
            self.host,
            message,
            hint=tr("{hint} It must be a Windows account in {guest}.", hint=hint, guest=guest),
        )

    def guest(self, vm_name: str, credential: str) -> GuestSession:
        """Return a session to a VM of this guest."""
        return GuestSession(self._target, self._shells, (*self._hops, (vm_name, credential)))

    def keep_credential(self) -> None:
        """Keep using the credential that this guest has just refused; do not ask for another."""
        self._shells.restore(self._hops[-1][1])

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
        return ThreadWorkerPool(size, cancel) if size > 1 else InlineWorkerPool(cancel)

    def close(self) -> None:
        """Do nothing: the shells belong to the session to the host."""


def _take_refusal(records: list[Record]) -> str:
    """Remove the script's marker of a rejected credential, and return the VM that it names.

    Empty if there is no marker.
    """
    if not records or records[-1].type_name != GUEST_REFUSED:
        return ""
    return str(records.pop()["VMName"])


def _refuse_unknown(statements: Iterable[Cmdlet]) -> None:
    """Raise UsageError for an unknown command: the script would run any program."""
    for statement in statements:
        for command in stages_with_error_action(statement):
            if not is_known_command(command.name):
                msg = tr(
                    "{command} is not among the commands that nestlab runs in guests.",
                    command=command.name,
                )
                raise UsageError(msg, hint=tr("See nestlab.constants.commands.COMMANDS."))


def _without_remoting_properties(record: Record) -> Record:
    """Return the record without the properties that the second hop added."""
    if not _REMOTING_PROPERTIES & record.properties.keys():
        return record
    return Record(
        record.type_names,
        {
            name: value
            for name, value in record.properties.items()
            if name not in _REMOTING_PROPERTIES
        },
        record.text,
    )


def _failure(done: Record) -> ErrorRecord:
    texts = (
        str(done.get(name) or "")
        for name in ("Message", "Category", "ErrorId", "Target", "ExceptionType")
    )
    return ErrorRecord(*texts)
