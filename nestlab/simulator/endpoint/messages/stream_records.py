"""The messages of a pipeline besides output and errors, as CLIXML: warnings, progress, states."""

from __future__ import annotations

from nestlab.model import ErrorRecord, Progress
from nestlab.simulator.endpoint.messages.error_records import error_member_xml
from nestlab.simulator.endpoint.messages.invocation import Invocation, iterations_xml
from nestlab.simulator.endpoint.messages.numbered_xml import (
    RefIds,
    flag_xml,
    null_xml,
    number_xml,
    text_xml,
)
from nestlab.simulator.endpoint.messages.object_xml import encoded


def state_xml(state: int, error: ErrorRecord | None = None, call: Invocation | None = None) -> str:
    """Return the state of a pipeline, and the error that ended it (MS-PSRP 2.2.2.21)."""
    refs = RefIds()
    beginning = refs.open()
    problem = (
        error_member_xml(
            refs, "ExceptionAsErrorRecord", error, call or Invocation(), extended=False
        )
        if error is not None
        else ""
    )
    return f'{beginning}<MS><I32 N="PipelineState">{state}</I32>{problem}</MS></Obj>'


def informational_xml(kind: str, text: str, call: Invocation, *, extended: bool) -> str:
    """Return a record of the warning, verbose or debug stream (MS-PSRP 2.2.2.22 to 24).

    `kind` is ``Warning``, ``Verbose`` or ``Debug``.
    """
    refs = RefIds()
    types = (
        f"System.Management.Automation.{kind}Record",
        "System.Management.Automation.InformationalRecord",
        "System.Object",
    )
    iterations = "InformationalRecord_PipelineIterationInfo"
    return (
        f"{refs.open(types=types)}<ToString>{encoded(text)}</ToString><MS>"
        f"{text_xml('InformationalRecord_Message', text)}"
        f"{flag_xml('InformationalRecord_SerializeInvocationInfo', on=extended)}"
        f"{call.extended_xml(refs) if extended else ''}"
        f"{iterations_xml(refs, iterations) if extended else null_xml(iterations)}</MS></Obj>"
    )


def progress_xml(progress: Progress, *, completed: bool = False) -> str:
    """Return a progress record, or the last one of its activity (MS-PSRP 2.2.2.25).

    In PowerShell the status is never empty.
    """
    refs = RefIds()
    status, percent = (
        (" ", -1) if completed else (progress.status or " ", progress.percent_complete)
    )
    beginning = refs.open()
    kind = ("Completed", 1) if completed else ("Processing", 0)
    return (
        f"{beginning}<MS>{text_xml('Activity', progress.activity)}{number_xml('ActivityId', progress.activity_id)}"
        f"{text_xml('StatusDescription', status)}{null_xml('CurrentOperation')}"
        f"{number_xml('ParentActivityId', progress.parent_activity_id)}{number_xml('PercentComplete', percent)}"
        f"{refs.enum('Type', 'ProgressRecordType', *kind)}{number_xml('SecondsRemaining', -1)}</MS></Obj>"
    )
