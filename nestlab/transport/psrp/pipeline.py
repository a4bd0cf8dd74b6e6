"""One pipeline in a runspace pool: begun with a message of our own, followed to its last one."""

from __future__ import annotations

import base64
import uuid
from typing import Any, cast

from pypsrp.complex_objects import PSInvocationState
from pypsrp.exceptions import WSManFaultError
from pypsrp.messages import MessageType
from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.wsman import NAMESPACES

from nestlab.model import ErrorRecord, Progress
from nestlab.transport.psrp.messages import Messages, State
from nestlab.transport.result import Result

# Windows' plugin knows exactly this spelling as "stop"; any other code, pypsrp's own too, closes
# the command without stopping it.
_STOP_SIGNAL = "powershell/signal/crtl_c"
TIMED_OUT = 2150858793
"""The fault that ends a question to which the host has nothing to say yet."""

_MAY_RUN = frozenset({PSInvocationState.RUNNING, PSInvocationState.STOPPING})


class Pipeline(PowerShell):
    """Gathers what a pipeline says. pypsrp finds it in its pool by its id, and knows from it which command to ask for."""

    def __init__(self, pool: RunspacePool) -> None:
        super().__init__(pool)
        self.result = Result()
        self.progress: list[Progress] = []
        self.answered = False
        """Whether any message of it arrived."""

    def is_running(self) -> bool:
        """Whether its last state has not come yet."""
        return self.state in _MAY_RUN

    def begin(self, message: str) -> None:
        """Send the message that begins it."""
        pool = self.runspace_pool
        fragments = cast("Messages", pool._fragmenter).cut(  # noqa: SLF001  # pypsrp has no door for a message of one's own
            MessageType.CREATE_PIPELINE, message, uuid.UUID(pool.id), uuid.UUID(self.id)
        )
        pool.pipelines[self.id] = self
        first, *rest = fragments
        response = pool.shell.command(
            "", arguments=[base64.b64encode(first).decode()], command_id=self.id
        )
        found = response.find("rsp:CommandResponse/rsp:CommandId", NAMESPACES)
        self._command_id = (found.text if found is not None else None) or self.id
        self.state = PSInvocationState.RUNNING
        for fragment in rest:
            pool.shell.send("stdin", fragment, command_id=self._command_id)

    def poll(self, seconds: int | None) -> None:
        """Wait for what it says, at most so many seconds (without, as long as the host keeps a question), and gather it."""
        try:
            responses = self.runspace_pool._receive(self.id, timeout=seconds)  # noqa: SLF001  # what poll_invoke does, and keeps the order
        except WSManFaultError as error:
            if error.code != TIMED_OUT:
                raise
            return
        for kind, value in responses:
            self.answered = True
            if kind == MessageType.PIPELINE_OUTPUT:
                self.result.records.append(value.data.data)
            elif kind == MessageType.ERROR_RECORD and self.result.before_error is None:
                self.result.before_error = len(self.result.records)

    def signal_stop(self) -> None:
        """Ask the host to stop it; its last state comes by `poll`."""
        self.runspace_pool.shell.signal(_STOP_SIGNAL, self._command_id or self.id)

    def ended(self) -> Result:
        """Return what it gave, after its last state."""
        if self.state == PSInvocationState.FAILED and self.result.failed is None:
            self.result.failed = ErrorRecord("The pipeline failed without an error record.")
        return self.result

    def _process_error_record(self, message: Any) -> None:
        self.result.errors.append(message.data)

    def _process_warning_record(self, message: Any) -> None:
        self.result.warnings.append(message.data)

    def _process_verbose_record(self, message: Any) -> None:
        self.result.verbose.append(message.data)

    def _process_progress_record(self, message: Any) -> None:
        if message.data is not None:
            self.progress.append(message.data)

    def _process_pipeline_state(self, message: Any) -> None:
        state: State = message.data
        self.state = state.state
        if state.state != PSInvocationState.COMPLETED and state.error_record is not None:
            self.result.failed = state.error_record
        elif state.error_record is not None:
            self.result.errors.append(state.error_record)
