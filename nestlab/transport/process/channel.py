"""Remoting over the standard streams of one child process."""

from __future__ import annotations

import time
import weakref
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn, Protocol
from uuid import UUID

from nestlab.errors import HostError
from nestlab.transport.process.child import Child, EarlyChild, Ended
from nestlab.transport.process.packets import POOL, ServerPacket, data_line, order_line
from nestlab.transport.psrp.channel import ShellGone
from nestlab.transport.psrp.fragments import MESSAGE_LIMIT
from nestlab.transport.redaction import redaction

ANSWER_SECONDS = 20
"""How long one wait for an answer lasts, where nothing else ends it; it may be repeated."""

ACKNOWLEDGE_SECONDS = 60
"""How long the other end may take to acknowledge a line, counted while this computer is awake."""

_FRAGMENT_SIZE = 32_768
_CLOSE_SECONDS = 3.0
_NOTES = 20
_NOTE_LENGTH = 400
_NOTED_LIMIT = 100_000
_DATA = "Data"


@dataclass(frozen=True)
class ProcessExit:
    """How a child ended, or why it was ended: what error messages are made of."""

    running: str
    problem: str = ""
    exit_code: int | None = None
    errors: str = ""
    text: str = ""


class ProcessTarget(Protocol):
    """A host behind a child process: which, and what its failures mean."""

    @property
    def address(self) -> str:
        """The address, as `connect` takes it."""
        ...

    @property
    def command(self) -> Sequence[str]:
        """The words of the command line."""
        ...

    @property
    def opening_seconds(self) -> float:
        """How long the other end may take until the session is open."""
        ...

    @property
    def early(self) -> EarlyChild:
        """The child for the first session, where it was started before."""
        ...

    def not_started(self, error: OSError) -> HostError:
        """Return what it means that the program cannot be started."""
        ...

    def explain(self, ending: ProcessExit) -> HostError:
        """Return what it means that the child ended, or had to be ended."""
        ...


class ProcessChannel:
    """Carries fragments to one child. See `nestlab.transport.psrp.channel.Channel`."""

    def __init__(self, target: ProcessTarget) -> None:
        self.running = ""
        self._target = target
        self._child: Child | None = None
        self._inboxes: defaultdict[UUID, deque[bytes]] = defaultdict(deque)
        self._open: set[UUID] = set()
        self._held = 0
        self._awaited = ""
        self._ended: Ended | None = None
        self._notes: deque[str] = deque(maxlen=_NOTES)
        self._noted = 0

    @property
    def fragment_size(self) -> int:
        """What PowerShell itself uses."""
        return _FRAGMENT_SIZE

    @property
    def opening_seconds(self) -> float:
        """How long the other end may take."""
        return self._target.opening_seconds

    @property
    def process_id(self) -> int | None:
        """The number of the child's process, once it was started."""
        return self._child.process_id if self._child is not None else None

    def open(self, pool: UUID, fragments: Sequence[bytes]) -> None:  # noqa: ARG002  # the pool of a child has the id of zeros here
        """Start the child, and send what opens the pool."""
        try:
            child = self._target.early.take() or Child(self._target.command)
        except OSError as error:
            problem = self._target.not_started(error)
        else:
            self._child = child
            # A session that was never closed takes its child with it.
            self._finalizer = weakref.finalize(self, child.kill)
            for fragment in fragments:
                self._write(_DATA, data_line(POOL, [fragment]))
            return
        raise problem

    def negotiated(self, protocol: str) -> None:
        """Nothing depends on the version."""

    def begin(self, pipeline: UUID, fragments: Sequence[bytes]) -> None:
        """Begin a pipeline. It runs once its last fragment has arrived, and not before."""
        try:
            self._look()
            self._write("Command", order_line("Command", pipeline))
            self._open.add(pipeline)
            for fragment in fragments[:-1]:
                self._write(_DATA, data_line(pipeline, [fragment]))
            self._settle()
        except HostError:
            if self._ended is None:
                raise
            raise ShellGone from None
        self._write(_DATA, data_line(pipeline, fragments[-1:]))

    def send(self, fragments: Sequence[bytes]) -> None:
        """Send fragments to the pool."""
        try:
            self._look()
            for fragment in fragments:
                self._write(_DATA, data_line(POOL, [fragment]))
        except HostError:
            if self._ended is None:
                raise
            raise ShellGone from None

    def receive(self, pipeline: UUID | None, seconds: float | None) -> bytes:
        """Return the fragments that are there, or wait for the next."""
        inbox = self._inboxes[pipeline or POOL]
        deadline = time.monotonic() + (ANSWER_SECONDS if seconds is None else seconds)
        while not inbox:
            left = deadline - time.monotonic()
            self._take(max(left, 0.0))
            if left <= 0:
                break
        found = b"".join(inbox)
        self._held -= len(found)
        inbox.clear()
        return found

    def signal(self, pipeline: UUID) -> None:
        """Send what stops a pipeline."""
        self._write("Signal", order_line("Signal", pipeline))

    def end(self, pipeline: UUID) -> None:
        """Close a pipeline; the answer is waited for before the next line."""
        self._write("Close", order_line("Close", pipeline))
        self._open.discard(pipeline)
        self._held -= sum(map(len, self._inboxes.pop(pipeline, ())))

    def take_notes(self) -> list[str]:
        """Return, once, the text that the child wrote between packets."""
        notes = [
            f"Text that is not remoting came from {self._target.address}: {note}"
            for note in self._notes
        ]
        self._notes.clear()
        return notes

    def failure(self, cause: str) -> HostError:
        """Return the error for a session that was lost, or not opened, for this cause."""
        return self._problem(cause)

    def close(self) -> None:
        """Close the pipelines, then the session, then the child's input.

        End it where that does not.
        """
        child = self._child
        if child is None:
            return
        try:
            for pipeline in tuple(self._open):
                self.end(pipeline)
            self._write("Close", order_line("Close", POOL))
            self._settle(_CLOSE_SECONDS)
        except HostError:
            child.kill()
        else:
            child.close(_CLOSE_SECONDS)
        self._finalizer.detach()
        self._child = None

    def discard(self) -> None:
        """End the child now: what still runs in it ends with it."""
        child, self._child = self._child, None
        if child is not None:
            self._finalizer.detach()
            child.kill()

    def _look(self) -> None:
        """Take what came since the last run, above all that the child has ended."""
        while self._take(0.0):
            pass

    def _write(self, kind: str, line: bytes) -> None:
        self._settle()
        if self._child is None or self._ended is not None:
            self._fail()
        self._awaited = f"{kind}Ack"
        self._child.write(line)

    def _settle(self, seconds: float | None = None) -> None:
        """Wait until the last line is acknowledged.

        Whole seconds are counted, not time: a computer that slept has not waited.
        """
        seconds = ACKNOWLEDGE_SECONDS if seconds is None else seconds
        left = seconds
        while self._awaited:
            if self._take(min(left, 1.0)):
                continue
            left -= 1.0
            if left <= 0:
                awaited = f"It has not acknowledged a line for {seconds:g} seconds: it does not read any more."
                self._fail(awaited)

    def _take(self, seconds: float) -> bool:
        """Take what comes next; return whether something came. Raises HostError behind the end."""
        if self._ended is not None or self._child is None:
            self._fail()
        events = self._child.next(seconds)
        for event in events:
            match event:
                case Ended():
                    self._ended = event
                case ServerPacket(kind="Data"):
                    self._keep(event)
                case ServerPacket():
                    if event.kind == self._awaited:
                        self._awaited = ""
                case str():
                    self._note(event)
        return bool(events)

    def _keep(self, packet: ServerPacket) -> None:
        if packet.target not in self._open and packet.target != POOL:
            return  # the last of a pipeline that was stopped
        self._inboxes[packet.target].append(packet.data)
        self._held += len(packet.data)
        if self._held > MESSAGE_LIMIT:
            self._fail(f"It sent more than {MESSAGE_LIMIT >> 20} MB that were not asked for.")

    def _note(self, text: str) -> None:
        self._notes.append(redaction.clean(text[:_NOTE_LENGTH]))
        self._noted += 1
        if self._noted > _NOTED_LIMIT:
            self._fail("It writes text that is not remoting, without an end.")

    def _fail(self, cause: str = "") -> NoReturn:
        raise self._problem(cause)

    def _problem(self, cause: str) -> HostError:
        child, ended = self._child, self._ended
        return self._target.explain(
            ProcessExit(
                running=self.running,
                problem=cause or (ended.problem if ended is not None else ""),
                exit_code=child.exit_code() if child is not None and ended is not None else None,
                errors=redaction.clean(child.errors()) if child is not None else "",
                text="\n".join(self._notes),
            )
        )
