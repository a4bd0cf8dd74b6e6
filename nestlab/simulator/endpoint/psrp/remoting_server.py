"""The remoting server of one client: a runspace pool and its pipelines, over any transport."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

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
from nestlab.simulator.endpoint.psrp.server_pool import Pool, Unreadable
from nestlab.simulator.runspace import AccessRefused, HostDown

_LOG = logging.getLogger("nestlab.simulator.endpoint")
_NO_INPUT = "The simulated host takes no objects piped in by the client."
_NO_METADATA = "The simulated host does not describe its commands this way; run Get-Command."
_FAILED_INSIDE = "The simulated host failed inside; its log says more."


class Runner(Protocol):
    """Runs the commands of one pipeline and ends the writer; raises HostDown and AccessRefused."""

    def __call__(
        self, commands: list[Any], writer: PipelineWriter, cancel: threading.Event, client: str
    ) -> None:
        """Run to the end."""
        ...


class Outlet(Protocol):
    """What carries the server's messages to its client; called with the server's lock held."""

    def put(self, pipeline_id: UUID | None, data: bytes) -> None:
        """Take fragments of a pipeline, or of the pool."""
        ...

    def finish(self, pipeline_id: UUID) -> None:
        """Take note that nothing more comes of a pipeline."""
        ...

    def refuse(self, pipeline_id: UUID, problem: ErrorRecord) -> None:
        """Take note that the host does not let the client's account in."""
        ...

    def lose(self, problem: HostDown) -> None:
        """Take note that the host went away under the client, or its session did."""
        ...


@dataclass
class _Running:
    pipeline: ServerPipeline
    cancel: threading.Event = field(default_factory=threading.Event)
    begun: bool = False
    done: bool = False
    thread: threading.Thread | None = None


class RemotingServer:
    """Serves one runspace pool.

    All of its state is guarded by `lock`, which pipelines take to write. `end` it when its client
    has gone.
    """

    def __init__(self, outlet: Outlet, run: Runner, private_data: dict[str, Any]) -> None:
        self.lock = threading.Condition(threading.RLock())
        self._outlet = outlet
        self._run = run
        self._pipelines: dict[UUID, _Running] = {}
        self._pool = Pool(self._emit, private_data)
        self._greeted = False

    @property
    def client(self) -> str:
        """Who works with this pool and others, as nestlab says of itself; empty for other clients.

        Such a client waits by the host's clock.
        """
        return str((self._pool.application_arguments or {}).get(CLIENT_ARGUMENT, ""))

    def feed(self, data: bytes) -> None:
        """Take fragments of the client. Raises BadFragment, and what psrpcore raises."""
        with self.lock:
            try:
                for event in self._pool.feed(data):
                    self._answer(event)
            except Unreadable:
                _LOG.warning(
                    "a client of the pool %s sent a value that .NET does not read: it gets no answer",
                    self._pool.runspace_pool_id,
                )

    def create(self, pipeline_id: UUID) -> None:
        """Open a pipeline; its commands come with `feed`."""
        with self.lock:
            self._pipelines[pipeline_id] = _Running(ServerPipeline(self._pool, pipeline_id))

    def stop(self, pipeline_id: UUID) -> None:
        """Stop a pipeline, which then says so, where it runs."""
        with self.lock:
            if pipeline_id in self._pipelines:
                self._pipelines[pipeline_id].cancel.set()

    def close(self, pipeline_id: UUID) -> None:
        """Stop a pipeline and forget it, where there is one."""
        with self.lock:
            running = self._pipelines.pop(pipeline_id, None)
            if running is not None:
                running.cancel.set()
                self._pool.pipeline_table.pop(pipeline_id, None)

    def reconnect(self, data: bytes) -> None:
        """Take what another client of the same user says first to this pool."""
        with self.lock:
            self._pool.state = RunspacePoolState.Disconnected
            self._pool.connect()
            self.feed(data)

    def say_closed(self) -> None:
        """Tell the client that the pool closes, and that it is closed."""
        with self.lock:
            self._pool.say_closed()

    def end(self) -> list[threading.Thread]:
        """Stop and forget everything; return the threads that may still be at it."""
        with self.lock:
            threads = [item.thread for item in self._pipelines.values() if item.thread is not None]
            for running in self._pipelines.values():
                running.cancel.set()
            self._pipelines.clear()
            self._pool.end()
            return threads

    def _emit(self, pipeline_id: UUID | None, data: bytes) -> None:
        with self.lock:
            if pipeline_id is None or pipeline_id in self._pipelines:
                self._outlet.put(pipeline_id, data)

    def _answer(self, event: Any) -> None:
        match event:
            case CreatePipelineEvent():
                self._begin(event.pipeline_id, event.pipeline)
            case GetCommandMetadataEvent():
                self._refuse_metadata(event.pipeline_id)
            case SetMaxRunspacesEvent() | SetMinRunspacesEvent() | ResetRunspaceStateEvent():
                self._pool.runspace_availability_response(event.ci, response=True)
            case GetAvailableRunspacesEvent():
                running = sum(item.begun and not item.done for item in self._pipelines.values())
                self._pool.runspace_availability_response(
                    event.ci, response=max(self._pool.max_runspaces - running, 0)
                )

    def _begin(self, pipeline_id: UUID, pipeline: Any) -> None:
        running = self._pipelines.get(pipeline_id)
        if running is None:
            return
        running.begun = True
        running.thread = threading.Thread(
            target=self._work,
            args=(pipeline_id, running, pipeline),
            name=f"pipeline {pipeline_id}",
            daemon=True,
        )
        running.thread.start()

    def _refuse_metadata(self, pipeline_id: UUID) -> None:
        running = self._pipelines.get(pipeline_id)
        if running is None:
            return
        PipelineWriter(self._pool, running.pipeline, self.lock).fail(
            ErrorRecord(_NO_METADATA, "NotImplemented", "GetCommandMetadata")
        )
        self._finish(pipeline_id, running)

    def _work(self, pipeline_id: UUID, running: _Running, pipeline: Any) -> None:
        options = int(pipeline.remote_stream_options)
        writer = PipelineWriter(self._pool, running.pipeline, self.lock, options=options)
        if not self._greeted:
            self._greeted = True
            writer.greet()
        try:
            if pipeline.no_input:
                self._run(pipeline.commands, writer, running.cancel, self.client)
            else:
                writer.fail(ErrorRecord(_NO_INPUT, "InvalidOperation", "InputStreamNotSupported"))
        except HostDown as problem:
            with self.lock:
                self._outlet.lose(problem)
        except AccessRefused as problem:
            with self.lock:
                running.done = True
                self._outlet.refuse(pipeline_id, problem.record)
            return
        except Exception:  # noqa: BLE001  # the client must hear of it; a thread that dies would leave it waiting
            _LOG.exception("a pipeline failed inside the simulator")
            writer.fail(ErrorRecord(_FAILED_INSIDE, "NotSpecified", "SimulatorFailed"))
        self._finish(pipeline_id, running)

    def _finish(self, pipeline_id: UUID, running: _Running) -> None:
        with self.lock:
            running.done = True
            if self._pipelines.get(pipeline_id) is running:
                self._outlet.finish(pipeline_id)
