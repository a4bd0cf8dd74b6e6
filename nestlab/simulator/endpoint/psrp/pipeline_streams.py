"""The streams of one pipeline: what commands write, as PSRP messages."""

from __future__ import annotations

import threading
from dataclasses import replace

from psrpcore import ServerPipeline
from psrpcore.types import PSInvocationState, PSRPMessageType

from nestlab.model import ErrorRecord, Progress, Record
from nestlab.simulator.endpoint.psrp import stream_records as records
from nestlab.simulator.endpoint.psrp.error_records import error_xml
from nestlab.simulator.endpoint.psrp.invocation import Invocation
from nestlab.simulator.endpoint.psrp.object_xml import record_xml
from nestlab.simulator.endpoint.psrp.server_pool import Pool

_STOPPED = ErrorRecord(
    "The pipeline has been stopped.",
    "OperationStopped",
    "PipelineStopped",
    "",
    "System.Management.Automation.PipelineStoppedException",
)
_BURIED = "System.Management.Automation.ParentContainsErrorRecordException"
_FIRST_USE = Progress("Preparing modules for first use.")
# RemoteStreamOptions: which streams' records the client wants the invocation info in.
_ERROR_INFO, _WARNING_INFO, _VERBOSE_INFO = 1, 2, 8


class PipelineWriter:
    """Writes the streams of one pipeline to its client; the sink of the commands that run in it."""

    def __init__(
        self, pool: Pool, pipeline: ServerPipeline, lock: threading.Condition, *, options: int = 0
    ) -> None:
        # psrpcore's pool counts messages of all its pipelines and knows no threads.
        self._lock = lock
        self._pool = pool
        self._pipeline = pipeline
        self._options = options
        self._activities: dict[int, Progress] = {}
        self.call = Invocation()
        """How the command that runs was called, which its records tell."""
        # Windows never reports Running; psrpcore's start() would.
        pipeline.state = PSInvocationState.Running

    def greet(self) -> None:
        """Write what the first command of a fresh runspace of Windows PowerShell 5.1 writes."""
        self._write(
            PSRPMessageType.ProgressRecord, records.progress_xml(_FIRST_USE, completed=True)
        )

    def output(self, record: Record) -> None:
        """Send one object."""
        self._write(PSRPMessageType.PipelineOutput, record_xml(record))

    def error(self, record: ErrorRecord) -> None:
        """Send one error that does not end the pipeline."""
        info = bool(self._options & _ERROR_INFO)
        self._write(PSRPMessageType.ErrorRecord, error_xml(record, self.call, extended=info))

    def buried(self, record: ErrorRecord) -> None:
        """Send the error that ended the first of several statements.

        The pipeline continues, and the error is sent like one that ended nothing.
        """
        told = replace(record, exception_type=_BURIED)
        self._write(PSRPMessageType.ErrorRecord, error_xml(told, Invocation()))

    def warning(self, text: str) -> None:
        """Send one warning."""
        info = bool(self._options & _WARNING_INFO)
        xml = records.informational_xml
        self._write(PSRPMessageType.WarningRecord, xml("Warning", text, self.call, extended=info))

    def verbose(self, text: str) -> None:
        """Send one verbose line."""
        info = bool(self._options & _VERBOSE_INFO)
        xml = records.informational_xml
        self._write(PSRPMessageType.VerboseRecord, xml("Verbose", text, self.call, extended=info))

    def progress(self, progress: Progress) -> None:
        """Send one progress record.

        The last one of its activity comes with the end of its statement.
        """
        self._activities[progress.activity_id] = progress
        self._write(PSRPMessageType.ProgressRecord, records.progress_xml(progress))

    def end_activities(self) -> None:
        """Say of each activity that it is over."""
        for progress in self._activities.values():
            xml = records.progress_xml(progress, completed=True)
            self._write(PSRPMessageType.ProgressRecord, xml)
        self._activities.clear()

    def complete(self) -> None:
        """End the pipeline well."""
        self._end(PSInvocationState.Completed)

    def fail(self, record: ErrorRecord, call: Invocation | None = None) -> None:
        """End the pipeline by a terminating error of a command."""
        self._end(PSInvocationState.Failed, record, call)

    def stop(self) -> None:
        """End the pipeline because its client asked."""
        self._end(PSInvocationState.Stopped, _STOPPED)

    def _end(
        self,
        state: PSInvocationState,
        error: ErrorRecord | None = None,
        call: Invocation | None = None,
    ) -> None:
        with self._lock:
            self.end_activities()
            self._write(PSRPMessageType.PipelineState, records.state_xml(int(state), error, call))
            if self._pipeline.state == PSInvocationState.Running:
                self._pipeline.state = state

    def _write(self, kind: PSRPMessageType, xml: str) -> None:
        """Send a message while the pipeline runs.

        What is written after its last state would confuse the client.
        """
        with self._lock:
            if self._pipeline.state == PSInvocationState.Running:
                self._pool.send_xml(kind, xml, self._pipeline.pipeline_id)
