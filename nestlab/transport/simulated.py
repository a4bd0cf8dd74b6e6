"""Sessions to a simulated host in this process."""

from __future__ import annotations

from collections.abc import Callable

from nestlab.errors import (
    AccessDenied,
    CmdletError,
    GuestCredentialRefused,
    GuestUnreachable,
    HostError,
    HostUnreachable,
    SessionBroken,
)
from nestlab.model import Cmdlet, ErrorRecord, MachinePath, Outcome, Progress, Record, path_text
from nestlab.model.credential_text import UserAndPassword
from nestlab.simulator.behaviour.powershell_direct import (
    CredentialRefused,
    GuestLost,
    GuestRefused,
    guest_user,
)
from nestlab.simulator.host import SimulatedHost
from nestlab.simulator.powershell.call import Call, PowerShellError
from nestlab.simulator.powershell.serialization import flatten
from nestlab.simulator.runspace import AccessRefused, HostDown, Runspace, SessionLost
from nestlab.texts import tr, translate
from nestlab.transport.psrp.channel import MAY_HAVE_TAKEN_EFFECT
from nestlab.transport.psrp.clixml_writer import require_sendable
from nestlab.transport.session import (
    POWERSHELL_DIRECT_HINT,
    Cancel,
    WorkerPool,
    error_action,
    with_error_action,
)
from nestlab.transport.statements import groups, with_account
from nestlab.transport.virtual_time import VirtualTimeWorkerPool
from nestlab.transport.wildcards import refuse_pattern, refuse_wildcards
from nestlab.transport.worker_pool import InlineWorkerPool
from nestlab.visible import visible

_CONNECTION_ERRORS = (HostDown, CredentialRefused, GuestRefused, GuestLost, AccessRefused)


class SimulatedSession:
    """A session to a simulated host, or to a guest of it.

    See `nestlab.transport.session.Session`.
    """

    def __init__(
        self,
        runspace: Runspace,
        address: str,
        machine: MachinePath = (),
        credentials: tuple[str, ...] = (),
    ) -> None:
        self._runspace = runspace
        self._address = address
        self._machine = machine
        self._guest_user = guest_user(runspace.host.machine)
        self._credentials = credentials  # the credential name of each machine on the path

    @property
    def simulated_host(self) -> SimulatedHost:
        """The simulated host behind this session."""
        return self._runspace.host

    @property
    def host(self) -> str:
        """The address the session was opened with."""
        return self._address

    @property
    def machine(self) -> MachinePath:
        """The machine path."""
        return self._machine

    def __repr__(self) -> str:
        return visible(f"<Session {self._address} {path_text(self._machine)}>")

    def _repr_html_(self) -> str:
        from nestlab.html import without_math  # noqa: PLC0415  # only notebooks need it
        from nestlab.transport.session_html import session_html  # noqa: PLC0415  # only notebooks need it

        return without_math(session_html(self))

    def run(
        self,
        *statements: Cmdlet,
        timeout: float | None = None,  # noqa: ARG002  # nothing here waits in real time for another machine
        on_progress: Callable[[Progress], None] | None = None,
        cancel: Cancel | None = None,
    ) -> Outcome:
        """Run the statements in order. See `nestlab.transport.session.Session`."""
        require_sendable(statements)
        refuse_wildcards(statements)
        sink = _Streams(on_progress)
        host = self._runspace.host
        for group in groups(statements):
            with host.call(cancel):
                for statement in group.statements:
                    self._run_one(statement, sink, cancel)
        return Outcome(
            tuple(sink.records), tuple(sink.errors), tuple(sink.warnings), tuple(sink.verbose_lines)
        )

    def _run_one(self, statement: Cmdlet, sink: _Streams, cancel: Cancel | None) -> None:
        action = error_action(statement)
        call = Call.from_cmdlet(with_account(with_error_action(statement), self._guest_user))
        try:
            self._runspace.invoke([call], sink, cancel)
        except _CONNECTION_ERRORS as error:
            raise self._connection_error(error, statement.name) from None
        except PowerShellError as error:
            if action in (None, "Stop"):
                raise CmdletError(
                    statement, error.record, machine=path_text(self._machine)
                ) from None
            if action == "Continue":
                sink.error(error.record)

    def _connection_error(self, error: Exception, running: str) -> HostError:
        """Return the error for a host or a guest that does not answer, or refuses access."""
        address, machine = self._address, path_text(self._machine)
        match error:
            case CredentialRefused():
                return self._refusal(error.record)
            case GuestRefused():
                message = tr(
                    "{machine} does not answer: {reason}",
                    machine=machine,
                    reason=error.record.message,
                )
                return GuestUnreachable(address, message, hint=translate(POWERSHELL_DIRECT_HINT))
            case GuestLost():
                message = tr(
                    "The session to {machine} was lost: {reason}",
                    machine=machine,
                    reason=error.record.message,
                )
                return SessionBroken(address, message)
            case AccessRefused():
                message = tr(
                    "{address} refuses access: {reason}",
                    address=address,
                    reason=error.record.message,
                )
                hint = tr("Use another account or another password.")
                return AccessDenied(address, message, hint=hint)
            case SessionLost():
                message = tr(
                    "The session to {address} was lost while {running} ran.",
                    address=address,
                    running=running,
                )
                return SessionBroken(address, message, hint=translate(MAY_HAVE_TAKEN_EFFECT))
        message = tr("The simulated host {address} is restarting.", address=address)
        return HostUnreachable(address, message, hint=tr("Wait, then try again."))

    def _refusal(self, error: ErrorRecord) -> GuestCredentialRefused:
        names = self._machine
        if error.target in names:
            depth = names.index(error.target) + 1
            guest, name = path_text(names[:depth]), self._credentials[depth - 1]
            message = tr(
                "{guest} refuses the account {account} of the credential {name!r}: {reason}",
                guest=guest,
                account=self._guest_user,
                name=name,
                reason=error.message,
            )
        else:  # an Invoke-Command of the caller
            message = tr(
                "{guest} refuses the credential: {reason}",
                guest=error.target,
                reason=error.message,
            )
        hint = tr(
            "A simulated host in this process signs in to its guests as {account}, whatever the name of the credential: the guest has no such account, or has not finished its setup.",
            account=self._guest_user,
        )
        return GuestCredentialRefused(self._address, message, hint=hint)

    def guest(self, vm_name: str, credential: str) -> SimulatedSession:
        """Return a session to a VM of this machine; connects at the first run."""
        refuse_pattern(vm_name)
        runspace = self._runspace.guest(vm_name, self._guest_user, None)
        names = (*self._credentials, credential)
        return SimulatedSession(runspace, self._address, (*self._machine, vm_name), names)

    def keep_credential(self) -> None:
        """Do nothing: a simulated host accepts every credential name."""

    def prepare(self, *credentials: str) -> dict[str, UserAndPassword]:  # noqa: ARG002  # as above
        """Return nothing: a simulated host accepts every credential name."""
        return {}

    def forget(self, *credentials: str) -> None:
        """Do nothing: a simulated host accepts every credential name."""

    def wait(self, seconds: float, cancel: Cancel | None = None) -> None:
        """Wait in virtual time; raises Cancelled."""
        self._runspace.host.wait(seconds, cancel)

    def worker_pool(self, size: int, cancel: Cancel | None = None) -> WorkerPool:
        """Return a worker pool in virtual time; if waits take real time, it has one worker."""
        host = self._runspace.host
        return (
            VirtualTimeWorkerPool(host, size, cancel)
            if host.clock.time_scale == 0
            else InlineWorkerPool(cancel)
        )

    def close(self) -> None:
        """Do nothing: there is nothing to release."""


class _Streams:
    """Collects the output of a run, and passes progress to the caller."""

    def __init__(self, on_progress: Callable[[Progress], None] | None) -> None:
        self.records: list[Record] = []
        self.errors: list[ErrorRecord] = []
        self.warnings: list[str] = []
        self.verbose_lines: list[str] = []
        self._on_progress = on_progress

    def output(self, record: Record) -> None:
        self.records.append(flatten(record))

    def error(self, record: ErrorRecord) -> None:
        self.errors.append(record)

    def warning(self, text: str) -> None:
        self.warnings.append(text)

    def verbose(self, text: str) -> None:
        self.verbose_lines.append(text)

    def progress(self, progress: Progress) -> None:
        if self._on_progress is not None:
            self._on_progress(progress)
