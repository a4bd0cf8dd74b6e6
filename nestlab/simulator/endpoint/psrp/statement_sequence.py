"""Several statements in one pipeline: a failure ends the answers of the others, not the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from psrpcore import Command

from nestlab.simulator.endpoint.psrp.invocation import invocation_of
from nestlab.simulator.endpoint.psrp.pipeline_streams import PipelineWriter
from nestlab.simulator.powershell.call import Collected, PowerShellError, Sink
from nestlab.simulator.powershell.session_state import Configuration
from nestlab.simulator.runspace import AccessRefused

Run = Callable[[Sequence[Command], Sink], None]
"""Runs one statement; raises PowerShellError where it fails."""


def run_all(
    statements: Sequence[Sequence[Command]],
    run: Run,
    writer: PipelineWriter,
    configuration: Configuration,
) -> Callable[[], None]:
    """Run the statements of a pipeline; return what ends it, to be called when its time has passed.

    Raises Cancelled.

    Where the first of several fails by a terminating error, the client gets one error record, the
    answer of the second, and Completed; where a later one fails, Failed. Either way the rest runs
    on, and its answers are lost. An error that ended nothing but for ``-ErrorAction Stop`` is
    Failed, and nothing runs on.
    """
    end: Callable[[], None] | None = None
    buried = False
    for index, statement in enumerate(statements):
        if buried and index > 1:
            end = end or writer.complete
        writer.call = invocation_of(statement, configuration)
        try:
            run(statement, writer if end is None else Collected())
        except AccessRefused:
            raise
        except PowerShellError as problem:
            if end is None and index == 0 and len(statements) > 1 and not _was_stopped(problem):
                writer.buried(problem.record)
                buried = True
                continue
            end = end or partial(writer.fail, problem.record, writer.call)
            if _was_stopped(problem):
                break
    return end or writer.complete


def _was_stopped(problem: PowerShellError) -> bool:
    """Whether an error would have ended nothing, were it not for -ErrorAction Stop."""
    cause = problem.__cause__
    while isinstance(cause, PowerShellError):
        if not cause.terminating:
            return True
        cause = cause.__cause__
    return False
