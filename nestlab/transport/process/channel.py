"""Remoting over the standard streams of one child process."""

from __future__ import annotations

import time
import weakref
from collections import defaultdict, deque
from collections.abc import Sequence
from typing import NoReturn, Protocol
from uuid import UUID

from nestlab.errors import HostError
from nestlab.texts import tr
from nestlab.transport.process.child import Child, Ended
from nestlab.transport.process.exit_messages import silence
from nestlab.transport.process.packets import (
    POOL,
    DamagedLine,
    ServerPacket,
    control_line,
    data_line,
)
from nestlab.transport.process.process_exit import ProcessExit
from nestlab.transport.process.starting import PrestartedProcess, start_process
from nestlab.transport.psrp.channel import ShellGone
from nestlab.transport.psrp.fragments import MESSAGE_LIMIT
from nestlab.transport.redaction import redaction

RESPONSE_SECONDS = 20
"""How long one wait for a response lasts; it is repeated while a pipeline runs."""

ACKNOWLEDGE_SECONDS = 60
"""How long the server may take to acknowledge a line, without the time that the computer sleeps."""

_FRAGMENT_SIZE = 32_768
_CLOSE_SECONDS = 3.0
_STRAY_LINES = 20
_STRAY_LENGTH = 400
_STRAY_LIMIT = 100_000
_DATA = "Data"


class ProcessTarget(Protocol):
    """A host behind a child process: its address, command line and errors."""

    @property
    def address(self) -> str:
        """The address, as `connect` takes it."""
        ...

    @property
    def command(self) -> Sequence[str]:
        """The arguments of the command line."""
        ...

    @property
    def opening_seconds(self) -> float:
        """How many seconds the server may take to open the session."""
        ...

    @property
    def prestarted(self) -> PrestartedProcess:
        """The process for the first session, if it was started in advance."""
        ...

    def not_started(self, error: OSError) -> HostError:
        """Return the error for a program that cannot be started."""
        ...

    def explain(self, process_exit: ProcessExit) -> HostError:
        """Return the error for a child that ended, or was killed."""
        ...


class ProcessChannel:
    """Carries fragments to one child. See `nestlab.transport.psrp.channel.Channel`."""

    def __init__(self, target: ProcessTarget) -> None:
        self.running = ""
        self._target = target
        self._child: Child | None = None
        self._inboxes: defaultdict[UUID, list[bytes]] = defaultdict(list)
        self._open: set[UUID] = set()
        self._buffered_bytes = 0
        self._awaited_reply = ""
        self._has_answered = False
        self._ended: Ended | None = None
        self._stray_lines: deque[str] = deque(maxlen=_STRAY_LINES)
        self._stray_count = 0

    @property
    def fragment_size(self) -> int:
        """The fragment size that PowerShell itself uses."""
        return _FRAGMENT_SIZE

    @property
    def opening_seconds(self) -> float:
        """How many seconds the server may take to open the pool."""
        return self._target.opening_seconds

    @property
    def process_id(self) -> int | None:
        """The id of the child's process; None before it is started."""
        return self._child.process_id if self._child is not None else None

    def open(self, pool: UUID, fragments: Sequence[bytes]) -> None:  # noqa: ARG002  # over standard streams the pool's id is always zeros
        """Start the child, and send the messages that open the pool."""
        try:
            process = self._target.prestarted.take() or start_process(self._target.command)
        except OSError as error:
            problem = self._target.not_started(error)
        else:
            self._child = child = Child(process)
            # A session that is garbage-collected without being closed kills its child.
            self._finalizer = weakref.finalize(self, child.kill)
            for fragment in fragments:
                self._write(_DATA, data_line(POOL, [fragment]))
            return
        raise problem

    def use_protocol(self, version: str) -> None:
        """Do nothing: no behaviour depends on the version."""

    def begin(self, pipeline: UUID, fragments: Sequence[bytes]) -> None:
        """Begin a pipeline, which runs once its last fragment has arrived."""
        try:
            self._process_pending()
            self._write("Command", control_line("Command", pipeline))
            self._open.add(pipeline)
            for fragment in fragments[:-1]:
                self._write(_DATA, data_line(pipeline, [fragment]))
            self._await_acknowledgement()
        except HostError:
            if self._ended is None:
                raise
            raise ShellGone from None
        self._write(_DATA, data_line(pipeline, fragments[-1:]))

    def send(self, fragments: Sequence[bytes]) -> None:
        """Send fragments to the pool."""
        try:
            self._process_pending()
            for fragment in fragments:
                self._write(_DATA, data_line(POOL, [fragment]))
        except HostError:
            if self._ended is None:
                raise
            raise ShellGone from None

    def receive(self, pipeline: UUID | None, seconds: float | None) -> Sequence[bytes]:
        """Return the fragments that have arrived, or wait for the next."""
        inbox = self._inboxes[pipeline or POOL]
        deadline = time.monotonic() + (RESPONSE_SECONDS if seconds is None else seconds)
        while not inbox:
            left = deadline - time.monotonic()
            self._process_events(max(left, 0.0))
            if left <= 0:
                break
        found = tuple(inbox)
        self._buffered_bytes -= sum(map(len, found))
        inbox.clear()
        return found

    def signal(self, pipeline: UUID) -> None:
        """Send the signal that stops a pipeline."""
        self._write("Signal", control_line("Signal", pipeline))

    def end(self, pipeline: UUID) -> None:
        """Close a pipeline; before the next line is sent, its acknowledgement is awaited."""
        self._write("Close", control_line("Close", pipeline))
        self._open.discard(pipeline)
        self._buffered_bytes -= sum(map(len, self._inboxes.pop(pipeline, ())))

    def take_stray_text(self) -> list[str]:
        """Return, once, the text that the child wrote outside of packets."""
        notes = [
            tr(
                "{address} wrote text that is not PowerShell remoting: {line}",
                address=self._target.address,
                line=line,
            )
            for line in self._stray_lines
        ]
        self._stray_lines.clear()
        return notes

    def failure(self, cause: str) -> HostError:
        """Return the error for a session that was lost, or could not be opened, for this reason."""
        return self._problem(cause)

    def close(self) -> None:
        """Close the pipelines, the session and the child's input.

        Kills the child if it does not end.
        """
        child = self._child
        if child is None:
            return
        try:
            for pipeline in tuple(self._open):
                self.end(pipeline)
            self._write("Close", control_line("Close", POOL))
            self._await_acknowledgement(_CLOSE_SECONDS)
        except HostError:
            child.kill()
        else:
            child.close(_CLOSE_SECONDS)
        self._finalizer.detach()
        self._child = None

    def discard(self) -> None:
        """Kill the child, and with it any pipeline that runs."""
        child, self._child = self._child, None
        if child is not None:
            self._finalizer.detach()
            child.kill()

    def _process_pending(self) -> None:
        """Process the events that have arrived since the last pipeline, such as the child's end."""
        while self._process_events(0.0):
            pass

    def _write(self, kind: str, line: bytes) -> None:
        self._await_acknowledgement()
        if self._child is None or self._ended is not None:
            self._fail()
        self._awaited_reply = f"{kind}Ack"
        self._child.write(line)

    def _await_acknowledgement(self, seconds: float | None = None) -> None:
        """Wait until the last line is acknowledged.

        Waits of one second are counted, so that time in which the computer sleeps does not count.
        """
        seconds = ACKNOWLEDGE_SECONDS if seconds is None else seconds
        left = seconds
        while self._awaited_reply:
            if self._process_events(min(left, 1.0)):
                continue
            left -= 1.0
            if left <= 0:
                self._fail(silence(seconds, has_answered=self._has_answered))

    def _process_events(self, seconds: float) -> bool:
        """Process the next events; return whether anything arrived, even part of a line.

        Raises HostError once the child has ended.
        """
        if self._ended is not None or self._child is None:
            self._fail()
        events = self._child.next(seconds)
        for event in events or ():
            match event:
                case Ended():
                    self._ended = event
                case ServerPacket(kind="Data"):
                    self._buffer(event)
                case ServerPacket():
                    self._has_answered = True
                    if event.kind == self._awaited_reply:
                        self._awaited_reply = ""
                case DamagedLine():
                    self._fail(redaction.clean(event.problem))
                case str():
                    self._keep_stray_text(event)
        return events is not None

    def _buffer(self, packet: ServerPacket) -> None:
        if packet.target not in self._open and packet.target != POOL:
            return  # late output of a pipeline that was stopped
        self._inboxes[packet.target] += packet.pieces
        self._buffered_bytes += sum(map(len, packet.pieces))
        if self._buffered_bytes > MESSAGE_LIMIT:
            self._fail(
                tr(
                    "It sent more than {limit} MB of output that was not requested.",
                    limit=MESSAGE_LIMIT >> 20,
                )
            )

    def _keep_stray_text(self, text: str) -> None:
        self._stray_lines.append(redaction.clean(text[:_STRAY_LENGTH]))
        self._stray_count += 1
        if self._stray_count > _STRAY_LIMIT:
            self._fail(tr("It keeps writing text that is not PowerShell remoting."))

    def _fail(self, cause: str = "") -> NoReturn:
        raise self._problem(cause)

    def _problem(self, cause: str) -> HostError:
        child, ended = self._child, self._ended
        return self._target.explain(
            ProcessExit(
                running=self.running,
                problem=cause or (ended.problem if ended is not None else ""),
                exit_code=child.exit_code() if child is not None and ended is not None else None,
                errors=redaction.clean(child.standard_error()) if child is not None else "",
                text="\n".join(self._stray_lines),
            )
        )
