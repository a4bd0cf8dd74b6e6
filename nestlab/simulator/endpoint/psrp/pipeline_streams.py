"""The streams of one pipeline, which are sent as PSRP messages."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from nestlab.dataclass import replace
from nestlab.model import ErrorRecord, Progress, Record
from nestlab.simulator.endpoint.messages import stream_records as records
from nestlab.simulator.endpoint.messages.error_records import error_xml
from nestlab.simulator.endpoint.messages.invocation import Invocation
from nestlab.simulator.endpoint.messages.object_xml import record_message
from nestlab.simulator.endpoint.messages.remoting_types import PSInvocationState, RemotingDataType
from nestlab.simulator.endpoint.psrp.server_pool import MessageSender

_STOPPED = ErrorRecord(
    "The pipeline has been stopped.",
    "OperationStopped",
    "PipelineStopped",
    "",
    "System.Management.Automation.PipelineStoppedException",
)
_PARENT_ERROR = "System.Management.Automation.ParentContainsErrorRecordException"
_FIRST_USE = Progress("Preparing modules for first use.")
# RemoteStreamOptions: the streams whose records are to include invocation info.
_ERROR_INFO, _WARNING_INFO, _VERBOSE_INFO = 1, 2, 8


class PipelineWriter:
    """Writes the streams of one pipeline to its client; the sink of the commands that run in it."""

    def __init__(
        self, sender: MessageSender, lock: AbstractContextManager[Any], *, options: int = 0
    ) -> None:
        # The pool numbers the messages of all its pipelines, and is not thread-safe. The lock is
        # taken for each record, so it is a plain Lock, at a third of the cost of a Condition.
        self._lock = lock
        self._sender = sender
        # Windows never sends the state Running.
        self._state = PSInvocationState.RUNNING
        self._options = options
        self._activities: dict[int, Progress] = {}
        self.call = Invocation()
        """The invocation of the running command, which its records include."""

    def send_first_use(self) -> None:
        """Send the progress record that Windows PowerShell 5.1 writes at the first command."""
        self._write(
            RemotingDataType.PROGRESS_RECORD, records.progress_xml(_FIRST_USE, completed=True)
        )

    def output(self, record: Record) -> None:
        """Send one object."""
        message = record_message(record)
        with self._lock:
            if self._state is PSInvocationState.RUNNING:
                self._sender.send(RemotingDataType.PIPELINE_OUTPUT, message)

    def error(self, record: ErrorRecord) -> None:
        """Send one error that does not end the pipeline."""
        info = bool(self._options & _ERROR_INFO)
        self._write(RemotingDataType.ERROR_RECORD, error_xml(record, self.call, extended=info))

    def send_first_failure(self, record: ErrorRecord) -> None:
        """Send the terminating error of the first of several statements.

        The pipeline continues, and the error is sent as a non-terminating one.
        """
        sent = replace(record, exception_type=_PARENT_ERROR)
        self._write(RemotingDataType.ERROR_RECORD, error_xml(sent, Invocation()))

    def warning(self, text: str) -> None:
        """Send one warning."""
        info = bool(self._options & _WARNING_INFO)
        xml = records.informational_xml
        self._write(RemotingDataType.WARNING_RECORD, xml("Warning", text, self.call, extended=info))

    def verbose(self, text: str) -> None:
        """Send one verbose line."""
        info = bool(self._options & _VERBOSE_INFO)
        xml = records.informational_xml
        self._write(RemotingDataType.VERBOSE_RECORD, xml("Verbose", text, self.call, extended=info))

    def progress(self, progress: Progress) -> None:
        """Send one progress record.

        The completed record of an activity is sent at the end of its statement.
        """
        self._activities[progress.activity_id] = progress
        self._write(RemotingDataType.PROGRESS_RECORD, records.progress_xml(progress))

    def end_activities(self) -> None:
        """Send the completed record of each activity."""
        for progress in self._activities.values():
            xml = records.progress_xml(progress, completed=True)
            self._write(RemotingDataType.PROGRESS_RECORD, xml)
        self._activities.clear()

    def complete(self) -> None:
        """End the pipeline with the state Completed."""
        self._end(PSInvocationState.COMPLETED)

    def fail(self, record: ErrorRecord, call: Invocation | None = None) -> None:
        """End the pipeline with the state Failed, because of a terminating error."""
        self._end(PSInvocationState.FAILED, record, call)

    def stop(self) -> None:
        """End the pipeline with the state Stopped, as its client requested."""
        self._end(PSInvocationState.STOPPED, _STOPPED)

    def _end(
        self,
        state: PSInvocationState,
        error: ErrorRecord | None = None,
        call: Invocation | None = None,
    ) -> None:
        with self._lock:
            self.end_activities()
            self._write(RemotingDataType.PIPELINE_STATE, records.state_xml(int(state), error, call))
            if self._state is PSInvocationState.RUNNING:
                self._state = state

    def _write(self, kind: RemotingDataType, xml: str) -> None:
        """Send a message while the pipeline runs.

        Clients do not expect messages after the final state.
        """
        with self._lock:
            if self._state is PSInvocationState.RUNNING:
                self._sender.send(kind, xml)
