"""One shell: a PowerShell runspace pool with its pipelines, as WS-Management sees it."""

from __future__ import annotations

import base64
import binascii
import logging
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from psrpcore import (
    CreatePipelineEvent,
    GetAvailableRunspacesEvent,
    GetCommandMetadataEvent,
    ResetRunspaceStateEvent,
    ServerPipeline,
    SetMaxRunspacesEvent,
    SetMinRunspacesEvent,
)
from psrpcore.types import RunspacePoolState

from nestlab.constants.commands import CLIENT_ARGUMENT
from nestlab.model import ErrorRecord
from nestlab.simulator.endpoint.psrp.pipeline_streams import PipelineWriter
from nestlab.simulator.endpoint.psrp.runspace_pool import Pool, Unreadable
from nestlab.simulator.endpoint.winrm.outbox import Outbox
from nestlab.simulator.endpoint.winrm.soap import WsmanFault, unknown_shell
from nestlab.simulator.runspace import AccessRefused, SessionLost

_LOG = logging.getLogger("nestlab.simulator.endpoint")
# Windows' plugin knows exactly this spelling; any other code closes the command without a word
# (WSManPlugin.cs).
GRACEFUL_STOP = "powershell/signal/crtl_c"
_ACCESS_DENIED = 5  # ERROR_ACCESS_DENIED
MAX_COMMANDS = 1_000
"""Commands that may stand open in one shell: each one that its client never closed stays until the shell goes."""


class Runner(Protocol):
    """Runs the commands of one pipeline and ends the writer, whatever happens; but raises SessionLost and AccessRefused."""

    def __call__(
        self, commands: list[Any], writer: PipelineWriter, cancel: threading.Event, client: str
    ) -> None:
        """Run to the end."""
        ...


@dataclass
class _Command:
    pipeline: ServerPipeline
    outbox: Outbox
    cancel: threading.Event = field(default_factory=threading.Event)
    begun: bool = False


class Shell:
    """A shell of one user.

    All of its state is guarded by one condition, which its Receives wait on.
    """

    def __init__(
        self,
        shell_id: str,
        owner: str,
        configuration: str,
        *,
        idle_timeout: float,
        max_commands: int,
        private_data: dict[str, Any],
        run: Runner,
    ) -> None:
        self.id = shell_id
        self.owner = owner
        self.configuration = configuration
        self.idle_timeout = idle_timeout
        self.max_commands = max_commands
        self.connected = True
        self.created = self.used = time.monotonic()
        self._run = run
        self._condition = threading.Condition(threading.RLock())
        self._outbox = Outbox(self._condition)
        self._commands: dict[str, _Command] = {}
        self._pool = Pool(self._emit, private_data)
        self.gone = False
        self._greeted = False

    @property
    def client(self) -> str:
        """Who works with this shell and others, as nestlab says of itself: it waits by the host's clock. Empty for any other client."""
        return str((self._pool.application_arguments or {}).get(CLIENT_ARGUMENT, ""))

    def feed(self, text: str, command_id: str = "") -> None:
        """Take base64 fragments from the client, for the pool or for a command."""
        with self._condition:
            if command_id:
                self._command(command_id)
            try:
                for event in self._pool.feed(base64.b64decode(text, validate=True)):
                    self._answer(event)
            except Unreadable:
                _LOG.warning(
                    "a client of shell %s sent a value that .NET does not read: it gets no answer",
                    self.id,
                )
            except binascii.Error:
                raise WsmanFault(87, "w:InvalidParameter", "The parameter is incorrect.") from None

    def command(self, command_id: str, text: str) -> None:
        """Begin a command with its first fragments."""
        with self._condition:
            if len(self._commands) >= self.max_commands:
                reason = "This user has exceeded the maximum number of concurrent operations allowed in this shell. Close existing operations."
                raise WsmanFault(
                    2150859174,
                    "w:QuotaLimit",
                    f"The WS-Management service cannot process the request. {reason}",
                )
            pipeline = ServerPipeline(self._pool, uuid.UUID(command_id))
            self._commands[command_id.upper()] = _Command(pipeline, Outbox(self._condition))
            self.feed(text, command_id)

    def receive(
        self, command_id: str, message_id: str, budget: int, timeout: float
    ) -> tuple[list[bytes], bool]:
        """Wait for output of the pool, or of a command; return base64 texts and whether the command is done."""
        with self._condition:
            if not command_id:
                return self._outbox.take(message_id, budget, timeout)
            outbox = self._command(command_id).outbox
            if outbox.drained and outbox.repeated(message_id) is None:
                # An empty "Done" would make the client ask for ever: it waits for a state that came
                # and went.
                raise unknown_shell(self.id)
            return outbox.take(message_id, budget, timeout)

    def signal(self, command_id: str, code: str) -> None:
        """Stop a command gracefully, or close it."""
        with self._condition:
            command = self._command(command_id)
            command.cancel.set()
            if code == GRACEFUL_STOP:
                return
            del self._commands[command_id.upper()]
            self._pool.pipeline_table.pop(command.pipeline.pipeline_id, None)
            command.outbox.close(unknown_shell(self.id))

    def disconnect(self) -> None:
        """Let the client go; pipelines go on."""
        with self._condition:
            self.connected = False
            for outbox in self._outboxes():
                outbox.close(
                    WsmanFault(2150859197, "w:Disconnected", "The shell was disconnected.")
                )

    def reconnect(self) -> None:
        """Take the same client back."""
        with self._condition:
            self.connected = True
            for outbox in self._outboxes():
                outbox.closed = None

    def connect(self, text: str) -> bytes:
        """Take another client of the same user; return its first two messages, the others come with the next Receive."""
        with self._condition:
            self.reconnect()
            self._pool.state = RunspacePoolState.Disconnected
            self._pool.connect()
            kept, self._outbox = self._outbox, Outbox(self._condition)
            kept.close(unknown_shell(self.id))
            first: list[bytes] = []
            # SessionCapability and RunspacePoolInitData belong into the answer; a client that finds
            # more there never looks again.
            self._first_words = lambda data: (
                first.append(data) if len(first) < _WORDS_OF_CONNECT else self._outbox.put(data)
            )
            try:
                self.feed(text)
            finally:
                self._first_words = None
            return base64.b64encode(b"".join(first))

    def attach(self, command_id: str) -> None:
        """Let a client that connected fetch the output of a command that went on; raises WsmanFault where there is none."""
        with self._condition:
            self._command(command_id)

    def close(self, problem: WsmanFault) -> None:
        """End everything; waits end with `problem`."""
        with self._condition:
            self.gone = True
            for command in self._commands.values():
                command.cancel.set()
            for outbox in self._outboxes():
                outbox.close(problem)
            self._commands.clear()
            self._pool.end()

    def command_ids(self) -> list[str]:
        """Return the ids of the commands that stand."""
        with self._condition:
            return list(self._commands)

    _first_words: Callable[[bytes], None] | None = None

    def _outboxes(self) -> list[Outbox]:
        return [self._outbox, *(command.outbox for command in self._commands.values())]

    def _command(self, command_id: str) -> _Command:
        command = self._commands.get(command_id.upper())
        if command is None or self.gone:
            raise unknown_shell(self.id)
        return command

    def _emit(self, pipeline_id: uuid.UUID | None, data: bytes) -> None:
        with self._condition:
            if pipeline_id is None:
                (self._first_words or self._outbox.put)(data)
            elif command := self._commands.get(str(pipeline_id).upper()):
                command.outbox.put(data)

    def _answer(self, event: Any) -> None:
        match event:
            case CreatePipelineEvent():
                command = self._command(str(event.pipeline_id))
                command.begun = True
                arguments = (command, event.pipeline)
                threading.Thread(
                    target=self._work,
                    args=arguments,
                    name=f"pipeline {event.pipeline_id}",
                    daemon=True,
                ).start()
            case GetCommandMetadataEvent():
                self._refuse_metadata(self._command(str(event.pipeline_id)))
            case SetMaxRunspacesEvent() | SetMinRunspacesEvent() | ResetRunspaceStateEvent():
                self._pool.runspace_availability_response(event.ci, response=True)
            case GetAvailableRunspacesEvent():
                running = sum(
                    command.begun and not command.outbox.done for command in self._commands.values()
                )
                self._pool.runspace_availability_response(
                    event.ci, response=max(self._pool.max_runspaces - running, 0)
                )

    def _refuse_metadata(self, command: _Command) -> None:
        text = "The simulated host does not describe its commands this way; run Get-Command."
        PipelineWriter(self._pool, command.pipeline, self._condition).fail(
            ErrorRecord(text, "NotImplemented", "GetCommandMetadata")
        )
        command.outbox.finish()

    def _work(self, command: _Command, pipeline: Any) -> None:
        writer = PipelineWriter(
            self._pool,
            command.pipeline,
            self._condition,
            options=int(pipeline.remote_stream_options),
        )
        if not self._greeted:
            self._greeted = True
            writer.greet()
        try:
            if pipeline.no_input:
                self._run(pipeline.commands, writer, command.cancel, self.client)
            else:
                text = "The simulated host takes no objects piped in by the client."
                writer.fail(ErrorRecord(text, "InvalidOperation", "InputStreamNotSupported"))
        except SessionLost:
            self.close(unknown_shell(self.id))
        except AccessRefused as problem:
            with self._condition:
                command.outbox.close(
                    WsmanFault(_ACCESS_DENIED, "w:AccessDenied", problem.record.message)
                )
            return
        except Exception:  # noqa: BLE001  # the client must hear of it; a thread that dies would leave it waiting
            _LOG.exception("a pipeline failed inside the simulator")
            writer.fail(
                ErrorRecord(
                    "The simulated host failed inside; its log says more.",
                    "NotSpecified",
                    "SimulatorFailed",
                )
            )
        with self._condition:
            command.outbox.finish()


_WORDS_OF_CONNECT = 2
