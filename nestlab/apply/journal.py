"""The journal of a run: what happened to each step and what undoes it, a JSON object per line."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any

from nestlab.apply import journal_file
from nestlab.apply.earlier_steps import with_ended_services
from nestlab.apply.journal_entries import JournalEntry, entries_of
from nestlab.apply.journal_records import (
    DestroyRecord,
    Header,
    InnerVMsRecord,
    JournalRecord,
    RunEndRecord,
    StepEndRecord,
    StepIdsRecord,
    StepStartRecord,
    UndoEndRecord,
    UndoStartRecord,
    WaitRecord,
    from_data,
    to_line,
)
from nestlab.apply.step_result import StepResult, StepState
from nestlab.dataclass import dataclass
from nestlab.errors import JournalError
from nestlab.model import MachinePath, path_text
from nestlab.plan import InnerVM, InnerVMs, Step, SubjectKind, TargetKind, vms_by_host
from nestlab.plan.conversion import ConversionError
from nestlab.texts import tr
from nestlab.version import __version__


@dataclass(frozen=True)
class Journal:
    """A journal file. `begin` creates one; to read one, pass its path."""

    path: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", Path(self.path))  # a text is fine as well

    @classmethod
    def begin(
        cls,
        path: str | Path,
        *,
        subject: str,
        host: str,
        credentials: Mapping[MachinePath, str],
        kind: SubjectKind = SubjectKind.TOPOLOGY,
        identity: str = "",
        destroys: int = 0,
    ) -> Journal:
        """Write the header of a run; an existing journal of the same subject is continued.

        `identity` is the host's address in a form that does not depend on the current directory;
        for a simulated host without a state file, it includes a token of its process. Raises
        JournalError if the file cannot be written, or is not a journal of this subject on this
        host.
        """
        journal = cls(Path(path))
        header = Header(
            subject=subject,
            kind=kind,
            host=host,
            identity=identity or host,
            credentials={path_text(machine): name for machine, name in credentials.items()},
            version=__version__,
            destroys=destroys,
        )
        journal_file.repair(journal.path)
        if journal.path.exists() and journal.path.stat().st_size:
            journal._require_same(header, by_identity=bool(identity))
        journal._write(header)
        return journal

    def _require_same(self, header: Header, *, by_identity: bool) -> None:
        past = self.header()
        same_host = (
            past.identity == header.identity
            if by_identity and past.identity
            else past.host == header.host
        )
        same_subject = (past.kind, past.subject) == (header.kind, header.subject)
        if not same_host or not same_subject:
            if same_subject and past.host == header.host:
                msg = tr(
                    "{path}: this is a journal of {title} on another host that also had the address {host}",
                    path=self.path,
                    title=past.title,
                    host=past.host,
                )
            else:
                msg = tr(
                    "{path}: this is a journal of {past} on {past_host}, not of {title} on {host}",
                    path=self.path,
                    past=past.title,
                    past_host=past.host,
                    title=header.title,
                    host=header.host,
                )
            raise JournalError(msg, hint=tr("Use another file for this run."))

    def _write(self, record: JournalRecord) -> None:
        journal_file.append_line(self.path, to_line(record))

    def locked(self) -> AbstractContextManager[None]:
        """Lock this journal; raises JournalError if another run has locked it."""
        return journal_file.locked(self.path)

    def record_start(self, step: Step) -> None:
        """Write that a step is about to run, with what undoes it."""
        self._write(StepStartRecord(step=step))

    def record_end(self, step: Step, status: StepState, message: str = "") -> None:
        """Write how a step ended."""
        self._write(StepEndRecord(id=step.id, status=status, message=message))

    def record_result(self, result: StepResult) -> None:
        """Write how a step of a run ended; a failed one that restored itself is undone."""
        self.record_end(result.step, result.status, result.message)
        if result.restored:
            self.record_undo_end(result.step, StepState.DONE)

    def record_ids(self, step: Step) -> None:
        """Write the Ids of the objects that a step created or found by name, for its undo."""
        self._write(StepIdsRecord(id=step.id, target=step.target, undo=step.undo))

    def record_undo_start(self, step: Step, inside: tuple[InnerVM, ...] = ()) -> None:
        """Write that a step is about to be undone, and which VMs in a nested host stop with it."""
        self._write(UndoStartRecord(id=step.id, inside=inside))

    def record_undo_end(self, step: Step, status: StepState) -> None:
        """Write that a step has been undone, or does not need to be."""
        self._write(UndoEndRecord(id=step.id, status=status))

    def record_run_end(self) -> None:
        """Write that a run or an undo is complete."""
        self._write(RunEndRecord())

    def record_wait(self, kind: str, name: str, seconds: float) -> None:
        """Record how long the run has waited for a guest."""
        self._write(WaitRecord(kind=kind, name=name, seconds=seconds))

    def record_inner_vms(self, vms: InnerVMs) -> None:
        """Write which VMs in nested hosts an interrupted run has turned off."""
        self._write(InnerVMsRecord(inside=tuple(vm for inside in vms.values() for vm in inside)))

    def record_destroy(self, record: DestroyRecord) -> None:
        """Write which objects of the host a destroy of the topology has removed."""
        self._write(record)

    def destroyed_at(self) -> datetime | None:
        """Return when a destroy last removed something of this journal; raises JournalError."""
        times = [record.time for record in self.destroys()]
        return times[-1] if times else None

    def destroys(self) -> tuple[DestroyRecord, ...]:
        """Return the records of earlier destroys of the topology, in order; raises JournalError."""
        return tuple(record for record in self.records() if isinstance(record, DestroyRecord))

    def inner_vms(self, *, of_unfinished_run: bool = False) -> InnerVMs:
        """Return the VMs that were on in each nested host when it was last turned off.

        `of_unfinished_run`: only those that an interrupted run turned off. Raises JournalError.
        """
        found: dict[MachinePath, tuple[InnerVM, ...]] = {}
        for number, data in journal_file.read_lines(self.path):
            match self._record(number, data):
                case (
                    StepStartRecord(step=Step(inside=inside))
                    | UndoStartRecord(inside=inside)
                    | InnerVMsRecord(inside=inside)
                ):
                    found |= vms_by_host(inside)
                case RunEndRecord() if of_unfinished_run:
                    found = {}
                case DestroyRecord(removed=removed):
                    gone = {target.name for target in removed if target.kind == TargetKind.VM}
                    found = {path: vms for path, vms in found.items() if path[0] not in gone}
                case _:
                    pass
        return found

    def _repr_html_(self) -> str:
        from nestlab.html import rich_html  # noqa: PLC0415  # only notebooks need it

        return rich_html(__name__, self)

    def first_header(self) -> Header:
        """Return the first line, a header, without reading the others; raises JournalError."""
        number, data = next(journal_file.read_lines(self.path), (1, {"record": ""}))
        return self._header(self._record(number, data))

    def header(self) -> Header:
        """Return the last header; raises JournalError if there is none."""
        found = None
        for number, data in journal_file.read_lines(self.path):
            if data["record"] == Header.RECORD:
                found = self._record(number, data)
        return self._header(found)

    def entries(self) -> tuple[JournalEntry, ...]:
        """Return the steps that were started, in order.

        A step that ran again is listed once, where it ran last; one that set another value is
        listed again. Raises JournalError.
        """
        return entries_of(self.records())

    def records(self) -> tuple[JournalRecord, ...]:
        """Return what was recorded, with its times (UTC), in order; raises JournalError."""
        lines = with_ended_services(journal_file.read_lines(self.path))
        records = [self._record(number, data) for number, data in lines]
        headers = [record for record in records if isinstance(record, Header)]
        self._header(headers[-1] if headers else None)
        return tuple(record for record in records if record is not None)

    def _header(self, record: JournalRecord | None) -> Header:
        if not isinstance(record, Header):
            msg = tr("{path}: this is not a journal of nestlab", path=self.path)
            raise JournalError(msg, hint=tr("A journal begins with a line that names its host."))
        return record

    def _record(self, number: int, data: Mapping[str, Any]) -> JournalRecord | None:
        try:
            return from_data(data)
        except ConversionError as error:
            msg = tr(
                "{path}:{number}: this line of the journal cannot be read: {error}",
                path=self.path,
                number=number,
                error=error,
            )
            hint = tr("It was written by another version of nestlab, or changed by hand.")
            raise JournalError(msg, hint=hint) from None
