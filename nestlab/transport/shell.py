"""One remote shell: a runspace pool over pypsrp that runs pipelines, is kept fresh, and is given back."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from pypsrp.complex_objects import PSInvocationState
from pypsrp.exceptions import WinRMError, WSManFaultError
from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.wsman import SelectorSet, WSMan
from requests.exceptions import RequestException

from nestlab.errors import Cancelled, SessionBroken
from nestlab.model import ErrorRecord, Progress, Record
from nestlab.transport.explanations import Attempt
from nestlab.transport.failures import call
from nestlab.transport.line import Line
from nestlab.transport.redaction import install, redaction
from nestlab.transport.session import Cancel
from nestlab.transport.target import Target
from nestlab.transport.wire import RecordReader

COMMANDS_PER_SHELL = 900
"""A shell is renewed after so many commands: Windows ends one after about a thousand."""

_UNKNOWN_SHELL = 2150858843
_POLL_SECONDS = 1
_STOP_SECONDS = 10.0
_FAREWELL_SECONDS = 2
# Windows' plugin knows exactly this spelling as "stop"; any other code, pypsrp's own too, closes the command without a word.
_STOP_SIGNAL = "powershell/signal/crtl_c"
_LOG = logging.getLogger("nestlab.transport")
_CATEGORIES = [
    "NotSpecified",
    "OpenError",
    "CloseError",
    "DeviceError",
    "DeadlockDetected",
    "InvalidArgument",
    "InvalidData",
    "InvalidOperation",
    "InvalidResult",
    "InvalidType",
    "MetadataError",
    "NotImplemented",
    "NotInstalled",
    "ObjectNotFound",
    "OperationStopped",
    "OperationTimeout",
    "SyntaxError",
    "ParserError",
    "PermissionDenied",
    "ResourceBusy",
    "ResourceExists",
    "ResourceUnavailable",
    "ReadError",
    "WriteError",
    "FromStdErr",
    "SecurityError",
    "ProtocolError",
    "ConnectionError",
    "AuthenticationError",
    "LimitsExceeded",
    "QuotaExceeded",
    "NotEnabled",
]


@dataclass
class Result:
    """What one pipeline gave; `failed` is the error that ended it."""

    records: list[Record] = field(default_factory=list)
    errors: list[ErrorRecord] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    verbose: list[str] = field(default_factory=list)
    failed: ErrorRecord | None = None


@dataclass(frozen=True)
class Watch:
    """How a run is watched: its time limit, who hears of its progress, who may cancel it."""

    timeout: float | None = None
    on_progress: Callable[[Progress], None] | None = None
    cancel: Cancel | None = None


class RemoteShell:
    """Runs pipelines on one host, in one runspace, for one thread. Opens itself at the first, and again after a break."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._pool: RunspacePool | None = None
        self._line: Line | None = None
        self._commands = 0
        redaction.add(target.secrets())

    @property
    def clock_rate(self) -> float:
        """Virtual seconds in a real one, where the host is simulated; 1 on any other."""
        data = self._pool.application_private_data if self._pool is not None else None
        extra = data.data.get("NestLab") if data is not None and isinstance(data.data, dict) else None
        rate = extra.get("ClockRate") if isinstance(extra, dict) else None
        return float(rate) if isinstance(rate, float | int) and rate > 0 else 1.0

    def open(self) -> None:
        """Open the runspace pool, if it is not."""
        if self._pool is not None and self._commands >= COMMANDS_PER_SHELL:
            self.close()
        if self._pool is None:
            call(self._open, self._target.attempt())

    def _open(self) -> None:
        wsman: Any = WSMan(self._target.server, **self._target.wsman_options())
        if self._target.auth == "certificate":
            wsman.transport.session = wsman.transport._build_session()  # noqa: SLF001  # before requests looks into .netrc
            # A .netrc entry for this host would replace the header that says "by certificate".
            wsman.transport.session.trust_env = False
        line = Line(wsman.transport)
        wsman.transport = line
        install()
        pool = RunspacePool(wsman, configuration_name=self._target.configuration_name)
        reader = RecordReader()
        pool._serializer = pool._fragmenter.serializer = reader  # noqa: SLF001  # pypsrp has no door for a serializer of one's own
        try:
            pool.open()
        except (WinRMError, RequestException):
            wsman.close()
            raise
        self._pool, self._line, self._commands = pool, line, 0

    def execute(self, fill: Callable[[PowerShell], None], *, running: str, secrets: bool, watch: Watch) -> Result:
        """Run one pipeline, which `fill` describes; `secrets` says that the session key is needed first.

        Raises what `failures.call` makes of the libraries' errors, and Cancelled. A pipeline that failed is a Result.
        """
        if watch.cancel is not None and watch.cancel.is_set():
            msg = f"Cancelled before {running}."
            raise Cancelled(msg)
        try:
            pipeline = self._begin(fill, self._target.attempt(running), secrets=secrets)
            self._follow(pipeline, running, watch)
            self._end(pipeline)
        except Cancelled:
            raise
        except BaseException:
            # Whatever it was, the state of the pipeline is unknown now: the next run gets a fresh shell.
            self.abandon()
            raise
        return _result(pipeline)

    def _begin(self, fill: Callable[[PowerShell], None], attempt: Attempt, *, secrets: bool) -> PowerShell:
        pipeline = call(lambda: self._send_unless_gone(fill, secrets=secrets), attempt)
        if pipeline is None:
            self.abandon()
            pipeline = call(lambda: self._send(fill, secrets=secrets), attempt)
        return cast("PowerShell", pipeline)

    def _send_unless_gone(self, fill: Callable[[PowerShell], None], *, secrets: bool) -> PowerShell | None:
        try:
            return self._send(fill, secrets=secrets)
        except WSManFaultError as error:
            if error.code != _UNKNOWN_SHELL:
                raise
            # The shell went while nobody used it, so nothing of this was run: a new one can begin it.
            return None

    def _send(self, fill: Callable[[PowerShell], None], *, secrets: bool) -> PowerShell:
        self.open()
        pool = self._opened()
        if secrets:
            pool.exchange_keys()
        pipeline = PowerShell(pool)
        fill(pipeline)
        self._commands += 1
        pipeline.begin_invoke()
        return pipeline

    def _opened(self) -> RunspacePool:
        if self._pool is None:
            raise SessionBroken(self._target.address, f"The session to {self._target.address} is closed.")
        return self._pool

    def _follow(self, pipeline: PowerShell, running: str, watch: Watch) -> None:
        started, told = time.monotonic(), 0
        attempt = self._target.attempt(running)
        watched = watch.cancel is not None or watch.timeout is not None
        while pipeline.state == PSInvocationState.RUNNING:
            call(lambda: pipeline.poll_invoke(timeout=_POLL_SECONDS if watched else None), attempt)
            progress = pipeline.streams.progress
            for record in progress[told:]:
                if watch.on_progress is not None:
                    watch.on_progress(
                        Progress(record.activity or "", (record.description or "").strip(), int(record.percent_complete or 0))
                    )
            told = len(progress)
            if pipeline.state != PSInvocationState.RUNNING:
                return
            if watch.cancel is not None and watch.cancel.is_set():
                self._stop(pipeline)
                msg = f"Cancelled while {running} ran on {self._target.address}."
                raise Cancelled(msg)
            if watch.timeout is not None and time.monotonic() - started > watch.timeout:
                self._stop(pipeline)
                message = f"{running} did not finish within {watch.timeout:g} seconds on {self._target.address}; it was stopped."
                raise SessionBroken(self._target.address, message, hint="Look at what it did so far, then try again with more time.")

    def _stop(self, pipeline: PowerShell) -> None:
        """Stop gracefully, in the thread that owns the session: from another one the sealed messages would get out of step."""
        pool = self._opened()
        try:
            pool.shell.signal(_STOP_SIGNAL, pipeline._command_id or pipeline.id)  # noqa: SLF001  # pypsrp.stop() sends the wrong code
            deadline = time.monotonic() + _STOP_SECONDS
            while pipeline.state == PSInvocationState.RUNNING and time.monotonic() < deadline:
                pipeline.poll_invoke(timeout=_POLL_SECONDS)
            pipeline.close()
        except (WinRMError, RequestException):
            self.abandon()

    def _end(self, pipeline: PowerShell) -> None:
        """Give the command back: unclosed ones stay on the host until the shell goes."""
        try:
            pipeline.close()
        except (WinRMError, RequestException):
            # What it gave is here already.
            self.abandon()

    def abandon(self) -> None:
        """Give a broken shell up, telling the host if it still listens."""
        pool, self._pool = self._pool, None
        if pool is None or self._line is None:
            return
        selectors = SelectorSet()
        selectors.add_option("ShellId", pool.id)
        with contextlib.suppress(Exception):
            self._line.renew()
            pool.connection.delete(pool.shell.resource_uri, selector_set=selectors, timeout=_FAREWELL_SECONDS)
        with contextlib.suppress(Exception):
            pool.connection.close()

    def close(self) -> None:
        """Give the shell back; a host that does not listen any more ends it after its idle time."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        try:
            pool.close()
        except (WinRMError, RequestException) as error:
            _LOG.debug("the shell on %s could not be closed: %s", self._target.address, type(error).__name__)
        pool.connection.close()


def _result(pipeline: PowerShell) -> Result:
    streams = pipeline.streams
    errors = [_error(item) for item in streams.error]
    failed = errors.pop() if pipeline.state != PSInvocationState.COMPLETED and errors else None
    if pipeline.state == PSInvocationState.FAILED and failed is None:
        failed = ErrorRecord("The pipeline failed without saying why.")
    return Result(
        records=[record for record in pipeline.output if record is not None],
        errors=errors,
        warnings=[str(item.message) for item in streams.warning],
        verbose=[str(item.message) for item in streams.verbose],
        failed=failed,
    )


def _error(record: Any) -> ErrorRecord:
    exception = record.exception
    properties = getattr(exception, "adapted_properties", {})
    message = (
        record.details_message
        or properties.get("Message")
        or (str(exception) if exception is not None else "")
        or "An error without words."
    )
    types = getattr(exception, "types", None) or [""]
    number = int(record.category or 0)
    return ErrorRecord(
        message=str(message),
        category=_CATEGORIES[number] if 0 <= number < len(_CATEGORIES) else "NotSpecified",
        fully_qualified_error_id=record.fq_error or "",
        target=record.target_name or (record.target_object if isinstance(record.target_object, str) else ""),
        exception_type=str(types[0]).removeprefix("Deserialized."),
    )
