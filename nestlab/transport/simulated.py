"""Sessions to a simulated host in this process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypedDict
from urllib.parse import parse_qsl

from nestlab.errors import (
    AccessDenied,
    CmdletError,
    GuestCredentialRefused,
    GuestUnreachable,
    HostUnreachable,
    SessionBroken,
    UsageError,
)
from nestlab.model import Cmdlet, ErrorRecord, MachinePath, Outcome, Progress, Record, path_text
from nestlab.model.credential_text import UserAndPassword
from nestlab.model.topology import Topology
from nestlab.simulator.behaviour.localization import LANGUAGES
from nestlab.simulator.behaviour.powershell_direct import (
    CredentialRefused,
    GuestLost,
    GuestRefused,
    guest_user,
)
from nestlab.simulator.faults import Fault
from nestlab.simulator.host import SimulatedHost
from nestlab.simulator.powershell.call import Call, PowerShellError
from nestlab.simulator.powershell.serialization import flatten
from nestlab.simulator.powershell.session_state import DEFAULT_CONFIGURATION, Configuration
from nestlab.simulator.runspace import AccessRefused, HostDown, Runspace, SessionLost
from nestlab.simulator.scenarios import DEFAULT
from nestlab.transport.host_address import option_text, read_options
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

SCHEME = "sim:"
_OPTIONS = ("state", "time_scale", "fault", "language", "configuration", "prepared_for")


class _NewHost(TypedDict):
    time_scale: float
    language: str
    prepared_for: Topology | None


def open_simulated(address: str, prepared_for: Topology | None = None) -> SimulatedSession:
    """Open ``sim:SCENARIO?state=FILE&time_scale=SECONDS&fault=KIND:CMDLET:NTH&language=es``.

    A missing state file is created. `fault` may be repeated. ``configuration=FOLDER`` opens a
    session with the session configuration and the role in this folder. A new host has what the
    topology `prepared_for`, or that of the file ``prepared_for=FILE``, expects to find there.

    Raises UnknownHost, UsageError for invalid options, StateFileError, and TopologyFileError.
    """
    scenario, _, query = address.removeprefix(SCHEME).partition("?")
    options = read_options(query, repeatable=("fault",))
    unknown = sorted(options.keys() - set(_OPTIONS))
    if unknown:
        msg = f"A simulated host has no option {unknown[0]!r}."
        hint = f"Options: {', '.join(_OPTIONS)}, as in sim:{DEFAULT}?state=lab.json."
        raise UsageError(msg, hint=hint)
    scale = _time_scale(options.get("time_scale", "0"))
    faults = [
        Fault.parse(text)
        for option, text in parse_qsl(query, keep_blank_values=True)
        if option == "fault"
    ]
    name = scenario or DEFAULT
    state = options.get("state", "")
    if "state" in options and not state:
        msg = "state= is empty."
        raise UsageError(
            msg,
            hint=f"Write {SCHEME}{name}?state=lab.json, or leave ?state= out: then no state is kept.",
        )
    language, configuration = _language(options), _configuration(options)
    if prepared_for is None and "prepared_for" in options:
        prepared_for = _topology(options["prepared_for"])
    new: _NewHost = {"time_scale": scale, "language": language, "prepared_for": prepared_for}
    host = (
        SimulatedHost.load(Path(state), scenario=name, **new)
        if state
        else SimulatedHost.from_scenario(name, **new)
    )
    if faults:
        host.inject_faults(*faults)
    return SimulatedSession(Runspace(host, configuration=configuration), _address(name, options))


def _address(name: str, options: Mapping[str, str]) -> str:
    """Return the address that opens the same host; a state file keeps its language and faults."""
    new_host = ("language", "prepared_for")
    keys = (*(("state",) if options.get("state") else new_host), "configuration")
    kept = [f"{key}={option_text(options[key])}" for key in keys if options.get(key)]
    return f"{SCHEME}{name}" + (f"?{'&'.join(kept)}" if kept else "")


def _topology(path: str) -> Topology:
    if not path:
        msg = "prepared_for= is empty."
        raise UsageError(msg, hint=f"Write {SCHEME}{DEFAULT}?prepared_for=lab.yml.")
    # Imported here: few sessions are to a host that is prepared for a file.
    from nestlab.topology_file import load  # noqa: PLC0415

    return load(path)


def _configuration(options: Mapping[str, str]) -> Configuration:
    if "configuration" not in options:
        return DEFAULT_CONFIGURATION
    if not options["configuration"]:
        msg = "configuration= is empty."
        raise UsageError(msg, hint="Give the folder that `nestlab export --to jea` has written.")
    # Imported here: few sessions have a configuration of their own.
    from nestlab.simulator.powershell.roles.session_configuration import load_configuration  # noqa: PLC0415

    return load_configuration(options["configuration"])


def _language(options: Mapping[str, str]) -> str:
    language = options.get("language", "")
    if "language" in options and language not in LANGUAGES:
        msg = f"language={language!r} is not a language of a simulated host."
        raise UsageError(msg, hint=f"Languages: {', '.join(LANGUAGES)}.")
    return language


def _time_scale(text: str) -> float:
    try:
        scale = float(text)
    except ValueError:
        scale = -1.0
    if not 0 <= scale <= 1000:  # noqa: PLR2004  # slower than a thousandth of real time is surely a typo
        msg = f"time_scale={text!r} is not a number of real seconds per simulated second from 0 to 1000."
        raise UsageError(msg, hint="0 never waits, 1 is real time.")
    return scale


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
        except SessionLost:
            message = f"The session to {self._address} was lost while {statement.name} ran."
            raise SessionBroken(
                self._address,
                message,
                hint=MAY_HAVE_TAKEN_EFFECT,
            ) from None
        except HostDown:
            raise HostUnreachable(
                self._address,
                f"The simulated host {self._address} is restarting.",
                hint="Wait, then try again.",
            ) from None
        except CredentialRefused as error:
            raise self._refusal(error.record) from None
        except GuestRefused as error:
            message = f"{path_text(self._machine)} does not answer: {error.record.message}"
            raise GuestUnreachable(self._address, message, hint=POWERSHELL_DIRECT_HINT) from None
        except GuestLost as error:
            raise SessionBroken(
                self._address,
                f"The session to {path_text(self._machine)} was lost: {error.record.message}",
            ) from None
        except AccessRefused as error:
            hint = "Use another account or another password."
            raise AccessDenied(
                self._address, f"{self._address} refuses access: {error.record.message}", hint=hint
            ) from None
        except PowerShellError as error:
            if action in (None, "Stop"):
                raise CmdletError(
                    statement, error.record, machine=path_text(self._machine)
                ) from None
            if action == "Continue":
                sink.error(error.record)

    def _refusal(self, error: ErrorRecord) -> GuestCredentialRefused:
        names = self._machine
        if error.target in names:
            depth = names.index(error.target) + 1
            guest, name = path_text(names[:depth]), self._credentials[depth - 1]
            account = f"account {self._guest_user} of the credential {name!r}"
        else:  # an Invoke-Command of the caller
            guest, account = error.target, "credential"
        message = f"{guest} refuses the {account}: {error.message}"
        hint = f"A simulated host in this process signs in to its guests as {self._guest_user}, whatever the name of the credential: the guest has no such account, or has not finished its setup."
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
