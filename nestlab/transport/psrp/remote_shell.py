"""One remote shell: a runspace pool that runs pipelines until it is replaced by a new one."""

from __future__ import annotations

import time
from collections.abc import Sequence

from nestlab.constants.commands import CLIENT_ARGUMENT
from nestlab.errors import Cancelled, HostError, SessionBroken
from nestlab.texts import mark, tr, tr_count, translate
from nestlab.transport.psrp.channel import Channel, ShellGone, Target
from nestlab.transport.psrp.clixml_values import REPLACEMENT
from nestlab.transport.psrp.create_pipeline import Statement
from nestlab.transport.psrp.pipeline import Pipeline
from nestlab.transport.psrp.runspace_pool import RunspacePool
from nestlab.transport.psrp.silence_watchdog import SilenceWatchdog
from nestlab.transport.redaction import redaction
from nestlab.transport.result import Result, RunOptions

COMMANDS_PER_SHELL = 900
"""A shell is replaced after this many commands: Windows ends one after about a thousand."""

_POLL_SECONDS = 1.0
_STOP_SECONDS = 10.0
_GONE = mark(
    "Its shell no longer exists: the host, or the process of the shell, ended or restarted."
)


class RemoteShell:
    """Runs pipelines on one host, in one runspace, for one thread.

    Opens itself for the first pipeline, and again after the connection was lost.
    """

    def __init__(self, target: Target, client: str = "") -> None:
        self._target = target
        self._client = client
        self._pool: RunspacePool | None = None
        self._channel: Channel | None = None
        self._commands = 0
        redaction.add(target.secrets())

    @property
    def clock_rate(self) -> float | None:
        """Virtual seconds per real second of a simulated host; None on any other."""
        extra = self._pool.private_data.get("NestLab") if self._pool is not None else None
        rate = extra.get("ClockRate") if isinstance(extra, dict) else None
        return float(rate) if isinstance(rate, float | int) and rate > 0 else None

    @property
    def engine(self) -> str:
        """Edition and version of the host's PowerShell: ``Core 7.6.9``.

        Empty if not known.
        """
        table = self._pool.private_data.get("PSVersionTable") if self._pool is not None else None
        if not isinstance(table, dict):
            return ""
        known = (str(table.get(name) or "") for name in ("PSEdition", "PSVersion"))
        return " ".join(filter(None, known))

    def open(self) -> None:
        """Open the runspace pool if it is not open. Raises HostError, UsageError."""
        if self._pool is not None and self._commands >= COMMANDS_PER_SHELL:
            self.close()
        if self._pool is None:
            self._open()

    def _open(self) -> None:
        channel = self._target.channel()
        pool = RunspacePool(channel, {CLIENT_ARGUMENT: self._client} if self._client else {})
        try:
            pool.open()
        except BaseException:
            channel.discard()
            raise
        self._pool, self._channel, self._commands = pool, channel, 0

    def execute(
        self, statements: Sequence[Statement], *, running: str, secrets: bool, options: RunOptions
    ) -> Result:
        """Run one pipeline; with `secrets`, exchange the session key first.

        Raises HostError and Cancelled. A pipeline that failed is a Result.
        """
        if options.cancel is not None and options.cancel.is_set():
            msg = tr("Cancelled before {running}.", running=running)
            raise Cancelled(msg)
        try:
            pipeline = self._begin(statements, running, secrets=secrets)
            self._follow(pipeline, running, options)
            self._end(pipeline)
        except Cancelled:
            raise
        except ShellGone:
            problem = self._pool_and_channel()[1].failure(translate(_GONE))
        except BaseException:
            # The state of the pipeline is unknown after any error: the next run gets a new shell.
            self.discard()
            raise
        else:
            return self._with_warnings(pipeline.final_result(), running)
        self.discard()
        raise problem

    def _with_warnings(self, result: Result, running: str) -> Result:
        """Add warnings for replaced characters and for text outside of the protocol."""
        if self._pool is None or self._channel is None:
            return result
        count = self._pool.replaced_characters()
        if count:
            result.warnings.append(
                tr_count(
                    "One character in the output of {running} cannot appear in XML and was replaced by {replacement!r}.",
                    "{count} characters in the output of {running} cannot appear in XML and were replaced by {replacement!r}.",
                    count,
                    running=running,
                    replacement=REPLACEMENT,
                )
            )
        result.warnings += self._channel.take_stray_text()
        return result

    def _begin(self, statements: Sequence[Statement], running: str, *, secrets: bool) -> Pipeline:
        try:
            return self._send(statements, running, secrets=secrets)
        except ShellGone:
            # The shell ended while it was idle, so nothing of this was run: a new one can run it.
            self.discard()
        return self._send(statements, running, secrets=secrets)

    def _send(self, statements: Sequence[Statement], running: str, *, secrets: bool) -> Pipeline:
        self.open()
        pool, channel = self._pool_and_channel()
        channel.running = running
        if secrets:
            pool.exchange_keys()
        self._commands += 1
        return pool.begin(statements)

    def _pool_and_channel(self) -> tuple[RunspacePool, Channel]:
        if self._pool is None or self._channel is None:
            raise SessionBroken(
                self._target.address,
                tr("The session to {address} is closed.", address=self._target.address),
            )
        return self._pool, self._channel

    def _follow(self, pipeline: Pipeline, running: str, options: RunOptions) -> None:
        started, reported = time.monotonic(), 0
        watched = options.cancel is not None or options.timeout is not None
        watchdog = SilenceWatchdog(self._target.address, running)
        pool, _ = self._pool_and_channel()
        while pipeline.is_running():
            pool.poll(pipeline, _POLL_SECONDS if watched else None)
            for progress in pipeline.progress[reported:]:
                if options.on_progress is not None:
                    options.on_progress(progress)
            reported = len(pipeline.progress)
            if not pipeline.is_running():
                return
            if options.cancel is not None and options.cancel.is_set():
                self._stop(pipeline)
                msg = tr(
                    "Cancelled while {running} ran on {address}.",
                    running=running,
                    address=self._target.address,
                )
                raise Cancelled(msg)
            if options.timeout is not None and time.monotonic() - started > options.timeout:
                self._stop(pipeline)
                raise self._timed_out(running, options.timeout)
            if not pipeline.answered:
                watchdog.check(pool.free_runspaces)

    def _timed_out(self, running: str, seconds: float) -> SessionBroken:
        return SessionBroken(
            self._target.address,
            tr(
                "{running} did not finish within {seconds:g} seconds on {address}; nestlab asked the host to stop it.",
                running=running,
                seconds=seconds,
                address=self._target.address,
            ),
            hint=tr("Check what it has done so far, then try again with a longer time limit."),
        )

    def _stop(self, pipeline: Pipeline) -> None:
        """Stop gracefully, in the thread that owns the session: encrypted messages are numbered."""
        pool, channel = self._pool_and_channel()
        try:
            channel.signal(pipeline.id)
            deadline = time.monotonic() + _STOP_SECONDS
            while pipeline.is_running() and time.monotonic() < deadline:
                pool.poll(pipeline, _POLL_SECONDS)
            if pipeline.is_running():
                self.discard()
            else:
                channel.end(pipeline.id)
        except (HostError, ShellGone):
            self.discard()

    def _end(self, pipeline: Pipeline) -> None:
        """Close the command: an unclosed one stays on the host until its shell ends."""
        try:
            self._pool_and_channel()[1].end(pipeline.id)
        except (HostError, ShellGone):
            # Its output has already arrived.
            self.discard()

    def discard(self) -> None:
        """Discard a shell that is broken, or in an unknown state."""
        channel, self._pool, self._channel = self._channel, None, None
        if channel is not None:
            channel.discard()

    def close(self) -> None:
        """Close the shell; a host that is not reachable ends it after its idle timeout."""
        channel, self._pool, self._channel = self._channel, None, None
        if channel is not None:
            channel.close()
