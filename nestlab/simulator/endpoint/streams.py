"""The streams of one pipeline: what commands write, as PSRP messages."""

from __future__ import annotations

import threading
from collections.abc import Callable

from psrpcore import ServerPipeline
from psrpcore.types import ErrorCategory, ErrorCategoryInfo, NETException, PSInvocationState, PSRPMessageType
from psrpcore.types import ErrorRecord as WireErrorRecord

from nestlab.model import ErrorRecord, Progress, Record
from nestlab.simulator.endpoint.clixml import record_xml
from nestlab.simulator.endpoint.psrp import Pool


class PipelineWriter:
    """Writes the streams of one pipeline to its client; the sink of the commands that run in it."""

    def __init__(self, pool: Pool, pipeline: ServerPipeline, lock: threading.Condition) -> None:
        # psrpcore's pool counts messages of all its pipelines and knows no threads.
        self._lock = lock
        self._pool = pool
        self._pipeline = pipeline
        self._id = pipeline.pipeline_id
        # Windows never reports Running; psrpcore's start() would.
        pipeline.state = PSInvocationState.Running

    def output(self, record: Record) -> None:
        """Send one object."""
        xml = record_xml(record)
        self._write(lambda: self._pool.send_xml(PSRPMessageType.PipelineOutput, xml, self._id))

    def error(self, record: ErrorRecord) -> None:
        """Send one error that does not end the pipeline."""
        message = _wire_error(record)
        self._write(lambda: self._pipeline.prepare_message(message, message_type=PSRPMessageType.ErrorRecord))

    def warning(self, text: str) -> None:
        """Send one warning."""
        self._write(lambda: self._pipeline.write_warning(text))

    def verbose(self, text: str) -> None:
        """Send one verbose line."""
        self._write(lambda: self._pipeline.write_verbose(text))

    def progress(self, progress: Progress) -> None:
        """Send one progress record; PowerShell has no empty status."""
        status, percent = progress.status or " ", progress.percent_complete
        self._write(lambda: self._pipeline.write_progress(progress.activity, 0, status, percent_complete=percent))

    def complete(self) -> None:
        """End the pipeline well."""
        self._write(self._pipeline.complete)

    def fail(self, record: ErrorRecord) -> None:
        """End the pipeline by a terminating error."""
        # psrpcore has no public way to fail a pipeline.
        self._write(lambda: self._pipeline._change_state(PSInvocationState.Failed, _wire_error(record)))  # noqa: SLF001

    def stop(self) -> None:
        """End the pipeline because its client asked."""
        self._write(self._pipeline.stop)

    def _write(self, act: Callable[[], None]) -> None:
        """Do it while the pipeline runs: what is written after its last state would confuse the client."""
        with self._lock:
            if self._pipeline.state == PSInvocationState.Running:
                act()


def _wire_error(record: ErrorRecord) -> WireErrorRecord:
    exception = NETException(Message=record.message, HResult=-2146233087)
    if record.exception_type:
        exception.PSObject.type_names = [record.exception_type, *exception.PSObject.type_names]
    info = ErrorCategoryInfo(
        Category=_CATEGORIES.get(record.category, ErrorCategory.NotSpecified),
        Reason=record.exception_type.rsplit(".", 1)[-1],
        TargetName=record.target,
        TargetType="String" if record.target else "",
    )
    return WireErrorRecord(
        Exception=exception,
        CategoryInfo=info,
        TargetObject=record.target or None,
        FullyQualifiedErrorId=record.fully_qualified_error_id,
    )


_CATEGORIES = {category.name: category for category in ErrorCategory}
