"""Several statements in one pipeline: after a failure the rest run, but their output is lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from nestlab.simulator.endpoint.messages.client_requests import RemoteCommand
from nestlab.simulator.endpoint.messages.invocation import invocation_of
from nestlab.simulator.endpoint.psrp.pipeline_streams import PipelineWriter
from nestlab.simulator.powershell.call import CollectingSink, PowerShellError, Sink
from nestlab.simulator.powershell.session_state import Configuration
from nestlab.simulator.runspace import AccessRefused

Run = Callable[[Sequence[RemoteCommand], Sink], None]
"""Runs one statement; raises PowerShellError if it fails."""


def run_all(
    statements: Sequence[Sequence[RemoteCommand]],
    run: Run,
    writer: PipelineWriter,
    configuration: Configuration,
) -> Callable[[], None]:
    """Run the statements of a pipeline; return the function that ends it.

    The caller calls that function when the virtual time of the statements has passed. Raises
    Cancelled.

    If the first of several statements fails with a terminating error, the client receives one error
    record, the output of the second statement, and the state Completed; if a later one fails, the
    state Failed. In both cases the remaining statements still run, and their output is lost. After
    a non-terminating error with ``-ErrorAction Stop``, the state is Failed, and no further
    statement runs.
    """
    end: Callable[[], None] | None = None
    first_failed = False
    for index, statement in enumerate(statements):
        if first_failed and index > 1:
            end = end or writer.complete
        writer.call = invocation_of(statement, configuration)
        try:
            run(statement, writer if end is None else CollectingSink())
        except AccessRefused:
            raise
        except PowerShellError as problem:
            if end is None and index == 0 and len(statements) > 1 and not _was_stopped(problem):
                writer.send_first_failure(problem.record)
                first_failed = True
                continue
            end = end or partial(writer.fail, problem.record, writer.call)
            if _was_stopped(problem):
                break
    return end or writer.complete


def _was_stopped(problem: PowerShellError) -> bool:
    """Whether a non-terminating error became terminating by -ErrorAction Stop."""
    cause = problem.__cause__
    while isinstance(cause, PowerShellError):
        if not cause.terminating:
            return True
        cause = cause.__cause__
    return False
