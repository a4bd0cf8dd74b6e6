"""Statements that run in a guest, as nestlab's script does over PowerShell Direct."""

from __future__ import annotations

import threading
from uuid import uuid4

from nestlab.dataclass import replace
from nestlab.model import ErrorRecord, Progress, Record
from nestlab.simulator.behaviour.powershell_direct import CredentialRefused, GuestLost, GuestRefused
from nestlab.simulator.endpoint.psrp.statements import GuestRun
from nestlab.simulator.powershell.call import PowerShellError, Sink
from nestlab.simulator.powershell.objects import is_scalar
from nestlab.simulator.powershell.serialization import flatten
from nestlab.simulator.runspace import Runspace

GUEST_DONE = "NestLab.GuestDone"
"""Type name of the last object of a guest run, which says whether all statements have run."""

GUEST_REFUSED = "NestLab.GuestRefused"
"""Type name of the object that follows the error of a refused credential."""

_CUSTOM_OBJECT = "System.Management.Automation.PSCustomObject"
_REMOTE = "System.Management.Automation.RemoteException"


class _GuestWriter:
    """Converts objects to what the second hop returns: deserialized, with the guest's name."""

    def __init__(self, writer: Sink, guest: str) -> None:
        self._writer = writer
        self._guest = guest
        self._runspace_id = uuid4()

    def output(self, record: Record) -> None:
        # A plain value keeps its type; like any object, it gets the note properties.
        names = (
            record.type_names
            if is_scalar(record)
            else tuple(f"Deserialized.{name}" for name in record.type_names)
        )
        remote = {
            "PSComputerName": self._guest,
            "RunspaceId": self._runspace_id,
            "PSShowComputerName": True,
        }
        flat = flatten(record)
        self._writer.output(Record(names, {**flat.properties, **remote}, flat.text))

    def error(self, record: ErrorRecord) -> None:
        self._writer.error(record)

    def warning(self, text: str) -> None:
        self._writer.warning(text)

    def verbose(self, text: str) -> None:
        self._writer.verbose(text)

    def progress(self, progress: Progress) -> None:
        self._writer.progress(progress)


def run_in_guest(runspace: Runspace, run: GuestRun, writer: Sink, cancel: threading.Event) -> None:
    """Run the statements of a guest run; write their output, and a last object with the result."""
    for vm_name, credential in run.hops:
        runspace = runspace.guest(vm_name, credential.username, credential.value)
    sink = _GuestWriter(writer, run.hops[-1][0])
    try:
        runspace.invoke([], sink, cancel)
        failed = _run_statements(runspace, run, sink, cancel)
    except (GuestRefused, GuestLost) as problem:
        # If no session to the guest can be opened, or it is lost, Invoke-Command writes a
        # non-terminating error; the last object is not written.
        _report(problem, len(runspace.hops), sink, writer)
        return
    writer.output(_done_record(failed))


def _report(
    problem: GuestRefused | GuestLost, hop_count: int, sink: _GuestWriter, writer: Sink
) -> None:
    """Write the error as it arrives over the hops, and the marker of a refused credential."""
    record = problem.record
    if hop_count > 1:
        record = replace(record, exception_type=_REMOTE)
    writer.error(record)
    if isinstance(problem, CredentialRefused):
        marker = Record((GUEST_REFUSED, _CUSTOM_OBJECT), {"VMName": record.target})
        (writer if hop_count == 1 else sink).output(
            marker
        )  # the VM of the first hop runs on the host itself


def _run_statements(
    runspace: Runspace, run: GuestRun, sink: _GuestWriter, cancel: threading.Event
) -> tuple[int, ErrorRecord] | None:
    for index, statement in enumerate(run.statements):
        try:
            runspace.invoke([statement.call], sink, cancel)
        except (GuestRefused, GuestLost):
            raise
        except PowerShellError as problem:
            if statement.on_error == "Stop":
                return index, problem.record
            if statement.on_error == "Continue":
                sink.error(problem.record)
    return None


def _done_record(failed: tuple[int, ErrorRecord] | None) -> Record:
    index, record = failed or (-1, ErrorRecord(""))
    properties = {
        "Index": index,
        "Message": record.message,
        "Category": record.category if failed else "",
        "ErrorId": record.fully_qualified_error_id,
        "Target": record.target,
        "ExceptionType": record.exception_type,
    }
    names = (
        f"Deserialized.{GUEST_DONE}",
        "Deserialized.System.Management.Automation.PSCustomObject",
    )
    return Record(names, properties)
