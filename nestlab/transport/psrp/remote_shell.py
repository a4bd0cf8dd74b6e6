"""One remote shell: a runspace pool over pypsrp that runs pipelines, is kept fresh, and is given back."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Sequence
from typing import Any, cast

from pypsrp.exceptions import WinRMError, WSManFaultError
from pypsrp.powershell import RunspacePool
from pypsrp.wsman import SelectorSet, WSMan
from requests.exceptions import RequestException

from nestlab.constants.commands import CLIENT_ARGUMENT
from nestlab.errors import Cancelled, SessionBroken
from nestlab.transport.psrp.clixml_values import REPLACEMENT
from nestlab.transport.psrp.create_pipeline import Statement, create_pipeline
from nestlab.transport.psrp.first_answer import FirstAnswer
from nestlab.transport.psrp.messages import Messages
from nestlab.transport.psrp.pipeline import TIMED_OUT, Pipeline
from nestlab.transport.redaction import install, redaction
from nestlab.transport.result import Result, Watch
from nestlab.transport.winrm.connection import Connection
from nestlab.transport.winrm.explanations import Attempt
from nestlab.transport.winrm.failures import call
from nestlab.transport.winrm.target import Target

COMMANDS_PER_SHELL = 900
"""A shell is renewed after so many commands: Windows ends one after about a thousand."""

_UNKNOWN_SHELL = 2150858843
_POLL_SECONDS = 1
_STOP_SECONDS = 10.0
_DELETE_TIMEOUT = 2
_LOG = logging.getLogger("nestlab.transport")


class RemoteShell:
    """Runs pipelines on one host, in one runspace, for one thread.

    Opens itself at the first, and again after a break.
    """

    def __init__(self, target: Target, client: str = "") -> None:
        self._target = target
        self._client = client
        self._pool: RunspacePool | None = None
        self._connection: Connection | None = None
        self._messages: Messages | None = None
        self._commands = 0
        redaction.add(target.secrets())

    @property
    def clock_rate(self) -> float | None:
        """Virtual seconds in a real one, where the host is simulated; None on any other."""
        data = self._pool.application_private_data if self._pool is not None else None
        extra = (
            data.data.get("NestLab") if data is not None and isinstance(data.data, dict) else None
        )
        rate = extra.get("ClockRate") if isinstance(extra, dict) else None
        return float(rate) if isinstance(rate, float | int) and rate > 0 else None

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
        connection = Connection(wsman.transport)
        wsman.transport = connection
        install()
        pool = RunspacePool(wsman, configuration_name=self._target.configuration_name)
        messages = Messages(wsman.max_payload_size, pool._serializer)  # noqa: SLF001  # it encrypts; see below
        pool._fragmenter = messages  # noqa: SLF001  # pypsrp has no door for a reader of one's own
        try:
            pool.open({CLIENT_ARGUMENT: self._client} if self._client else None)
        except (WinRMError, RequestException):
            wsman.close()
            raise
        self._pool, self._connection, self._messages, self._commands = pool, connection, messages, 0

    def execute(
        self, statements: Sequence[Statement], *, running: str, secrets: bool, watch: Watch
    ) -> Result:
        """Run one pipeline; `secrets` says that the session key is needed first.

        Raises what `failures.call` makes of the libraries' errors, and Cancelled. A pipeline that
        failed is a Result.
        """
        if watch.cancel is not None and watch.cancel.is_set():
            msg = f"Cancelled before {running}."
            raise Cancelled(msg)
        try:
            pipeline = self._begin(statements, self._target.attempt(running), secrets=secrets)
            self._follow(pipeline, running, watch)
            self._end(pipeline)
        except Cancelled:
            raise
        except BaseException:
            # Whatever it was, the state of the pipeline is unknown now: the next run gets a fresh
            # shell.
            self.discard()
            raise
        return self._with_replacements(pipeline.ended(), running)

    def _with_replacements(self, result: Result, running: str) -> Result:
        if self._messages is not None and self._messages.replaced:
            count, self._messages.replaced = self._messages.replaced, 0
            characters = f"{count} characters" if count > 1 else "One character"
            result.warnings.append(
                f"{characters} in the answer to {running}, which no XML may have, became {REPLACEMENT!r}."
            )
        return result

    def _begin(
        self, statements: Sequence[Statement], attempt: Attempt, *, secrets: bool
    ) -> Pipeline:
        pipeline = call(lambda: self._send_unless_gone(statements, secrets=secrets), attempt)
        if pipeline is None:
            self.discard()
            pipeline = call(lambda: self._send(statements, secrets=secrets), attempt)
        return cast("Pipeline", pipeline)

    def _send_unless_gone(
        self, statements: Sequence[Statement], *, secrets: bool
    ) -> Pipeline | None:
        try:
            return self._send(statements, secrets=secrets)
        except WSManFaultError as error:
            if error.code != _UNKNOWN_SHELL:
                raise
            # The shell went while it was not used, so nothing of this was run: a new one can begin
            # it.
            return None

    def _send(self, statements: Sequence[Statement], *, secrets: bool) -> Pipeline:
        self.open()
        pool = self._opened()
        if secrets:
            pool.exchange_keys()
        message = create_pipeline(statements, pool._serializer._serialize_secure_string)  # noqa: SLF001  # its cipher has no other door
        pipeline = Pipeline(pool)
        self._commands += 1
        pipeline.begin(message)
        return pipeline

    def _opened(self) -> RunspacePool:
        if self._pool is None:
            raise SessionBroken(
                self._target.address, f"The session to {self._target.address} is closed."
            )
        return self._pool

    def _follow(self, pipeline: Pipeline, running: str, watch: Watch) -> None:
        started, told = time.monotonic(), 0
        attempt = self._target.attempt(running)
        watched = watch.cancel is not None or watch.timeout is not None
        first_answer = FirstAnswer(self._target.address, running)
        while pipeline.is_running():
            call(lambda: pipeline.poll(_POLL_SECONDS if watched else None), attempt)
            for progress in pipeline.progress[told:]:
                if watch.on_progress is not None:
                    watch.on_progress(progress)
            told = len(pipeline.progress)
            if not pipeline.is_running():
                return
            if watch.cancel is not None and watch.cancel.is_set():
                self._stop(pipeline)
                msg = f"Cancelled while {running} ran on {self._target.address}."
                raise Cancelled(msg)
            if watch.timeout is not None and time.monotonic() - started > watch.timeout:
                self._stop(pipeline)
                message = f"{running} did not finish within {watch.timeout:g} seconds on {self._target.address}; it was stopped."
                raise SessionBroken(
                    self._target.address,
                    message,
                    hint="Look at what it did so far, then try again with more time.",
                )
            if not pipeline.answered:
                first_answer.look(self._free_runspaces)

    def _free_runspaces(self) -> int | None:
        """Ask the pool how many runspaces have nothing to do; None where it does not say so, either."""
        try:
            return int(self._opened().get_available_runspaces())
        except WSManFaultError as error:
            if error.code == TIMED_OUT:
                return None
            raise

    def _stop(self, pipeline: Pipeline) -> None:
        """Stop gracefully, in the thread that owns the session: from another one the sealed messages would get out of step."""
        try:
            pipeline.signal_stop()
            deadline = time.monotonic() + _STOP_SECONDS
            while pipeline.is_running() and time.monotonic() < deadline:
                pipeline.poll(_POLL_SECONDS)
            pipeline.close()
        except (WinRMError, RequestException):
            self.discard()

    def _end(self, pipeline: Pipeline) -> None:
        """Give the command back: unclosed ones stay on the host until the shell goes."""
        try:
            pipeline.close()
        except (WinRMError, RequestException):
            # What it gave is here already.
            self.discard()

    def discard(self) -> None:
        """Discard a broken shell, and tell the host if it still listens."""
        pool, self._pool = self._pool, None
        if pool is None or self._connection is None:
            return
        selectors = SelectorSet()
        selectors.add_option("ShellId", pool.id)
        with contextlib.suppress(Exception):
            self._connection.renew()
            pool.connection.delete(
                pool.shell.resource_uri, selector_set=selectors, timeout=_DELETE_TIMEOUT
            )
        with contextlib.suppress(Exception):
            pool.connection.close()

    def close(self) -> None:
        """Close the shell; a host that does not listen any more ends it after its idle time."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        try:
            pool.close()
        except (WinRMError, RequestException) as error:
            _LOG.debug(
                "the shell on %s could not be closed: %s",
                self._target.address,
                type(error).__name__,
            )
        pool.connection.close()
