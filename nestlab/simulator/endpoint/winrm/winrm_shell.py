"""A shell of WS-Management: a runspace pool whose messages are buffered for Receive requests."""

from __future__ import annotations

import base64
import binascii
import time
from typing import Any
from uuid import UUID

from nestlab.model import ErrorRecord
from nestlab.simulator.endpoint.psrp.defragmenter import BadFragment
from nestlab.simulator.endpoint.psrp.remoting_server import RemotingServer, Runner
from nestlab.simulator.endpoint.psrp.server_pool import Emit
from nestlab.simulator.endpoint.winrm.outbox import Outbox
from nestlab.simulator.endpoint.winrm.soap import WsmanFault, unknown_shell
from nestlab.simulator.runspace import HostDown, SessionLost

# The plugin of Windows only recognizes this spelling; any other code closes the command without a
# response (WSManPlugin.cs).
GRACEFUL_STOP = "powershell/signal/crtl_c"
_ACCESS_DENIED = 5  # ERROR_ACCESS_DENIED
MAX_COMMANDS = 1_000
"""Maximum number of open commands in one shell; a command is open until its client closes it."""

_CONNECT_MESSAGES = 2
_TOO_MANY_COMMANDS = "This user has exceeded the maximum number of concurrent operations allowed in this shell. Close existing operations."


class Shell:
    """A shell of one user. All of its state is guarded by its server's lock."""

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
        self.created = self.last_used = time.monotonic()
        self.is_closed = False
        self._server = RemotingServer(self, run, private_data)
        self._outbox = Outbox(self._server.lock)
        self._commands: dict[UUID, Outbox] = {}
        self._first_messages: list[bytes] | None = None

    @property
    def client(self) -> str:
        """The id of the client that owns this shell; see `RemotingServer.client`."""
        return self._server.client

    def feed(self, text: str, command_id: str = "") -> None:
        """Process Base64 fragments from the client, for the pool or for a command."""
        with self._server.lock:
            if command_id:
                self._command(command_id)
            try:
                self._server.feed(_decoded(text))
            except BadFragment:
                raise _invalid_parameter() from None

    def command(self, command_id: str, text: str) -> None:
        """Begin a command with its first fragments."""
        with self._server.lock:
            if len(self._commands) >= self.max_commands:
                raise WsmanFault(
                    2150859174,
                    "w:QuotaLimit",
                    f"The WS-Management service cannot process the request. {_TOO_MANY_COMMANDS}",
                )
            pipeline_id = _uuid(command_id)
            if pipeline_id is None:
                raise _invalid_parameter()
            self._commands[pipeline_id] = Outbox(self._server.lock)
            self._server.create(pipeline_id)
            self.feed(text, command_id)

    def receive(
        self, command_id: str, message_id: str, budget: int, timeout: float
    ) -> tuple[list[bytes], bool]:
        """Wait for output of the pool, or of a command.

        Returns Base64 strings, and whether the command is done.
        """
        with self._server.lock:
            if not command_id:
                return self._outbox.take(message_id, budget, timeout)
            outbox = self._command(command_id)
            if outbox.drained and outbox.repeated(message_id) is None:
                # After another "Done" without output, the client would repeat its Receive forever,
                # because it waits for a state that has already been sent.
                raise unknown_shell(self.id)
            return outbox.take(message_id, budget, timeout)

    def signal(self, command_id: str, code: str) -> None:
        """Stop a command gracefully, or close it."""
        with self._server.lock:
            outbox, pipeline_id = self._command(command_id), UUID(command_id)
            if code == GRACEFUL_STOP:
                self._server.stop(pipeline_id)
                return
            self._server.close(pipeline_id)
            del self._commands[pipeline_id]
            outbox.close(unknown_shell(self.id))

    def disconnect(self) -> None:
        """Disconnect the client; pipelines continue to run."""
        with self._server.lock:
            self.connected = False
            for outbox in self._outboxes():
                outbox.close(
                    WsmanFault(2150859197, "w:Disconnected", "The shell was disconnected.")
                )

    def reconnect(self) -> None:
        """Reconnect the same client."""
        with self._server.lock:
            self.connected = True
            for outbox in self._outboxes():
                outbox.closed = None

    def connect(self, text: str) -> bytes:
        """Connect another client of the same user, and return the first two messages for it.

        SessionCapability and RunspacePoolInitData belong in the response, the others in the
        response to the next Receive: a client ignores further messages here.
        """
        with self._server.lock:
            self.reconnect()
            old_outbox, self._outbox = self._outbox, Outbox(self._server.lock)
            old_outbox.close(unknown_shell(self.id))
            self._first_messages = []
            try:
                self._server.reconnect(_decoded(text))
                return base64.b64encode(b"".join(self._first_messages))
            finally:
                self._first_messages = None

    def attach(self, command_id: str) -> None:
        """Let a newly connected client receive the output of a running command.

        Raises WsmanFault if the command does not exist.
        """
        with self._server.lock:
            self._command(command_id)

    def close(self, problem: WsmanFault) -> None:
        """Close the shell and its commands; waits end with `problem`."""
        with self._server.lock:
            self.is_closed = True
            for outbox in self._outboxes():
                outbox.close(problem)
            self._commands.clear()
            self._server.end()

    def command_ids(self) -> list[str]:
        """Return the ids of the commands that are open."""
        with self._server.lock:
            return [str(pipeline_id).upper() for pipeline_id in self._commands]

    # -- ServerTransport, called by the remoting server

    def put(self, head: bytes, body: bytes) -> None:
        """Buffer a fragment of the pool for a Receive."""
        data, first = head + body, self._first_messages
        if first is not None and len(first) < _CONNECT_MESSAGES:
            first.append(data)
        else:
            self._outbox.put(data)

    def output_of(self, pipeline_id: UUID) -> Emit:
        """Return the function that buffers the fragments of a command for a Receive."""
        # Output of a command that has been closed in the meantime is discarded.
        outbox = self._commands.get(pipeline_id) or Outbox(self._server.lock)
        return lambda head, body: outbox.put(head + body)

    def finish(self, pipeline_id: UUID) -> None:
        """Mark the output of a command as complete."""
        if pipeline_id in self._commands:
            self._commands[pipeline_id].finish()

    def report_refusal(self, pipeline_id: UUID, problem: ErrorRecord) -> None:
        """End the waits for a command with "access denied"."""
        if pipeline_id in self._commands:
            fault = WsmanFault(_ACCESS_DENIED, "w:AccessDenied", problem.message)
            self._commands[pipeline_id].close(fault)

    def report_loss(self, problem: HostDown) -> None:
        """Close the shell if its session is lost; `Service.responds_to` handles a restart."""
        if isinstance(problem, SessionLost):
            self.close(unknown_shell(self.id))

    def _outboxes(self) -> list[Outbox]:
        return [self._outbox, *self._commands.values()]

    def _command(self, command_id: str) -> Outbox:
        pipeline_id = _uuid(command_id)
        if pipeline_id is None or pipeline_id not in self._commands or self.is_closed:
            raise unknown_shell(self.id)
        return self._commands[pipeline_id]


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise _invalid_parameter() from None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _invalid_parameter() -> WsmanFault:
    return WsmanFault(87, "w:InvalidParameter", "The parameter is incorrect.")
