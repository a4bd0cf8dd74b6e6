"""The remoting server of one client: a runspace pool and its pipelines, over any transport."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from nestlab.constants.commands import CLIENT_ARGUMENT
from nestlab.dataclass import dataclass, field
from nestlab.model import ErrorRecord
from nestlab.simulator.endpoint.messages.client_requests import (
    MetadataRequest,
    PipelineRequest,
    PoolRequest,
    RemoteCommand,
    RunspacesRequest,
)
from nestlab.simulator.endpoint.psrp.pipeline_streams import PipelineWriter
from nestlab.simulator.endpoint.psrp.server_pool import Emit, MessageSender, Pool, UnreadableMessage
from nestlab.simulator.runspace import AccessRefused, HostDown

if TYPE_CHECKING:
    import logging

_NO_INPUT = "The simulated host does not accept pipeline input from the client."
_NO_METADATA = "The simulated host does not support command metadata requests. Run Get-Command."
_INTERNAL_ERROR = "The simulated host failed with an internal error. Its log has the traceback."


class Runner(Protocol):
    """Runs the statements of a pipeline and ends it; raises HostDown and AccessRefused."""

    def __call__(
        self,
        statements: Sequence[Sequence[RemoteCommand]],
        writer: PipelineWriter,
        cancel: threading.Event,
        client: str,
    ) -> None:
        """Run to the end."""
        ...


class ServerTransport(Protocol):
    """Carries the server's messages to its client; called with the server's lock held."""

    def put(self, head: bytes, body: bytes) -> None:
        """Send a fragment of the pool, in two parts."""
        ...

    def output_of(self, pipeline_id: UUID) -> Emit:
        """Return the function that sends the fragments of a pipeline."""
        ...

    def finish(self, pipeline_id: UUID) -> None:
        """End the output of a pipeline."""
        ...

    def report_refusal(self, pipeline_id: UUID, problem: ErrorRecord) -> None:
        """Report that the host refuses the client's account."""
        ...

    def report_loss(self, problem: HostDown) -> None:
        """Report that the host went down, or that the session was lost."""
        ...


@dataclass
class _RunningPipeline:
    cancel: threading.Event = field(default_factory=threading.Event)
    begun: bool = False
    done: bool = False
    closed: bool = False
    thread: threading.Thread | None = None


class RemotingServer:
    """Serves one runspace pool.

    All of its state is guarded by `lock`, which pipelines take to write. Call `end` when the client
    has disconnected.
    """

    def __init__(
        self, transport: ServerTransport, run: Runner, private_data: dict[str, Any]
    ) -> None:
        self._mutex = threading.RLock()
        self.lock = threading.Condition(self._mutex)
        self._transport = transport
        self._run = run
        self._pipelines: dict[UUID, _RunningPipeline] = {}
        self._pool = Pool(transport.put, private_data)
        self._first_use_sent = False

    @property
    def client(self) -> str:
        """The id that a client of nestlab sends for all its pools; empty for other clients.

        A client with an id waits by the host's clock.
        """
        return str(self._pool.client_arguments.get(CLIENT_ARGUMENT, ""))

    def feed(self, data: bytes) -> None:
        """Process fragments of the client. Raises BadFragment."""
        with self.lock:
            try:
                for request in self._pool.feed(data):
                    self._handle(request)
            except UnreadableMessage:
                _log().warning(
                    "A client of pool %s sent a value that .NET cannot read. It gets no response.",
                    self._pool.id,
                )

    def create(self, pipeline_id: UUID) -> None:
        """Register a pipeline; `feed` receives its commands."""
        with self.lock:
            self._pipelines[pipeline_id] = _RunningPipeline()

    def stop(self, pipeline_id: UUID) -> None:
        """Stop a pipeline if it is running; it then sends the state Stopped."""
        with self.lock:
            if pipeline_id in self._pipelines:
                self._pipelines[pipeline_id].cancel.set()

    def close(self, pipeline_id: UUID) -> None:
        """Stop a pipeline and remove it; an unknown one is ignored."""
        with self.lock:
            running = self._pipelines.pop(pipeline_id, None)
            if running is not None:
                running.closed = True
                running.cancel.set()

    def reconnect(self, data: bytes) -> None:
        """Process the first messages of another client of the same user."""
        with self.lock:
            self._pool.reconnect()
            self.feed(data)

    def send_closed(self) -> None:
        """Send the states Closing and Closed of the pool to the client."""
        with self.lock:
            self._pool.send_closed()

    def end(self) -> list[threading.Thread]:
        """Stop and remove all pipelines; return the threads that may still be running."""
        with self.lock:
            threads = [item.thread for item in self._pipelines.values() if item.thread is not None]
            for running in self._pipelines.values():
                running.closed = True
                running.cancel.set()
            self._pipelines.clear()
            return threads

    def _sender(self, pipeline_id: UUID, running: _RunningPipeline) -> MessageSender:
        send = self._transport.output_of(pipeline_id)

        def emit(head: bytes, body: bytes) -> None:
            # Used with the lock held.
            if not running.closed:
                send(head, body)

        return self._pool.sender(pipeline_id, emit)

    def _handle(self, request: PoolRequest) -> None:
        match request:
            case PipelineRequest():
                self._begin(request)
            case MetadataRequest():
                self._refuse_metadata(request.pipeline_id)
            case RunspacesRequest(is_query=False):
                self._pool.respond(request, True)  # noqa: FBT003  # what the message has
            case RunspacesRequest():
                running = sum(item.begun and not item.done for item in self._pipelines.values())
                self._pool.respond(request, max(self._pool.max_runspaces - running, 0))

    def _begin(self, request: PipelineRequest) -> None:
        running = self._pipelines.get(request.pipeline_id)
        if running is None or running.begun:
            return
        running.begun = True
        running.thread = threading.Thread(
            target=self._run_pipeline,
            args=(request, running),
            name=f"pipeline {request.pipeline_id}",
            daemon=True,
        )
        running.thread.start()

    def _refuse_metadata(self, pipeline_id: UUID) -> None:
        running = self._pipelines.get(pipeline_id)
        if running is None:
            return
        PipelineWriter(self._sender(pipeline_id, running), self._mutex).fail(
            ErrorRecord(_NO_METADATA, "NotImplemented", "GetCommandMetadata")
        )
        self._finish(pipeline_id, running)

    def _run_pipeline(self, request: PipelineRequest, running: _RunningPipeline) -> None:
        pipeline_id, options = request.pipeline_id, request.stream_options
        with self.lock:
            sender = self._sender(pipeline_id, running)
        writer = PipelineWriter(sender, self._mutex, options=options)
        if not self._first_use_sent:
            self._first_use_sent = True
            writer.send_first_use()
        try:
            if request.has_input:
                writer.fail(ErrorRecord(_NO_INPUT, "InvalidOperation", "InputStreamNotSupported"))
            else:
                self._run(request.statements, writer, running.cancel, self.client)
        except HostDown as problem:
            with self.lock:
                self._transport.report_loss(problem)
        except AccessRefused as problem:
            with self.lock:
                running.done = True
                self._transport.report_refusal(pipeline_id, problem.record)
            return
        except Exception:  # noqa: BLE001  # the client must get an error; without one it would wait forever
            _log().exception("A pipeline failed with an internal error of the simulator.")
            writer.fail(ErrorRecord(_INTERNAL_ERROR, "NotSpecified", "SimulatorFailed"))
        self._finish(pipeline_id, running)

    def _finish(self, pipeline_id: UUID, running: _RunningPipeline) -> None:
        with self.lock:
            running.done = True
            if self._pipelines.get(pipeline_id) is running:
                self._transport.finish(pipeline_id)


def _log() -> logging.Logger:
    import logging  # noqa: PLC0415  # few sessions have something to log

    return logging.getLogger("nestlab.simulator.endpoint")
