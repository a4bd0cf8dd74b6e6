"""One pipeline in a runspace pool: its state and its output."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from nestlab.model import ErrorRecord, Progress
from nestlab.texts import tr
from nestlab.transport.psrp.message_types import MessageType, PipelineState
from nestlab.transport.psrp.messages import State
from nestlab.transport.result import Result

_MAY_RUN = frozenset({PipelineState.RUNNING, PipelineState.STOPPING})


class Pipeline:
    """Collects the messages of a pipeline."""

    def __init__(self) -> None:
        self.id = uuid.uuid4()
        self.result = Result()
        self.progress: list[Progress] = []
        self._answered = False
        self._state: int = PipelineState.RUNNING
        self._handlers: Mapping[int, Callable[[Any], None]] = {
            MessageType.PIPELINE_OUTPUT: self.result.records.append,
            MessageType.ERROR_RECORD: self._take_error,
            MessageType.WARNING_RECORD: self.result.warnings.append,
            MessageType.VERBOSE_RECORD: self.result.verbose.append,
            MessageType.PROGRESS_RECORD: self._take_progress,
            MessageType.PIPELINE_STATE: self._take_state,
        }

    @property
    def answered(self) -> bool:
        """Whether any message of it has arrived."""
        return self._answered or bool(self.result.records)

    def is_running(self) -> bool:
        """Whether its final state has not arrived yet."""
        return self._state in _MAY_RUN

    def take(self, kind: int, value: Any) -> None:
        """Process one message."""
        self._answered = True
        handler = self._handlers.get(kind)
        if handler is not None:
            handler(value)

    def final_result(self) -> Result:
        """Return its result, after its final state."""
        if self._state == PipelineState.FAILED and self.result.terminating_error is None:
            self.result.terminating_error = ErrorRecord(
                tr("The pipeline failed without an error record.")
            )
        return self.result

    def _take_error(self, error: ErrorRecord) -> None:
        if self.result.records_before_error is None:
            self.result.records_before_error = len(self.result.records)
        self.result.errors.append(error)

    def _take_progress(self, progress: Progress | None) -> None:
        if progress is not None:
            self.progress.append(progress)

    def _take_state(self, state: State) -> None:
        self._state = state.state
        if state.state != PipelineState.COMPLETED and state.error_record is not None:
            self.result.terminating_error = state.error_record
        elif state.error_record is not None:
            self.result.errors.append(state.error_record)
