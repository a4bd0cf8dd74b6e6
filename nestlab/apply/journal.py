"""The journal of a run: what happened to each step and what undoes it, a JSON object per line."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

from nestlab.apply import journal_file
from nestlab.apply.journal_records import (
    Header,
    InnerVMsRecord,
    JournalRecord,
    RunEndRecord,
    StepEndRecord,
    StepIdsRecord,
    StepStartRecord,
    UndoEndRecord,
    UndoStartRecord,
    from_data,
    to_line,
)
from nestlab.apply.step_result import StepState
from nestlab.dataclass import dataclass
from nestlab.errors import JournalError
from nestlab.model import MachinePath, path_text
from nestlab.plan import ConversionError, InnerVM, InnerVMs, Step, SubjectKind, by_host
from nestlab.version import __version__


@dataclass(frozen=True)
class JournalEntry:
    """One step, as the journal records it.

    `state` is RUNNING where the run ended in the middle of the step, UNDOING where an undo did.
    `finished` is whether the run completed it, whatever an undo did since; `superseded` is whether
    a later run of the same step replaced the value that it had set.
    """

    step: Step
    state: StepState = StepState.RUNNING
    finished: bool = False
    superseded: bool = False

    @property
    def undone(self) -> bool:
        """Whether there is nothing left to undo."""
        return self.state is StepState.UNDONE

    @property
    def undoing(self) -> bool:
        """Whether an undo began and did not end."""
        return self.state is StepState.UNDOING


@dataclass(frozen=True)
class Journal:
    """A journal file. `begin` creates one; to read one, pass its path."""

    path: Path

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
    ) -> Journal:
        """Write the header of a run; an existing journal of the same subject is continued.

        `identity` is the host's address in a form that does not depend on the current directory;
        for a simulated host without a state file, it includes a token of its process. Raises
        JournalError where the file cannot be written, or is not a journal of this subject on this
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
        if not same_host or past.title != header.title:
            of = f"this is a journal of {past.title}"
            if (past.title, past.host) == (header.title, header.host):
                msg = f"{self.path}: {of} on another host that also had the address {past.host}"
            else:
                msg = f"{self.path}: {of} on {past.host}, not of {header.title} on {header.host}"
            raise JournalError(msg, hint="Use another file for this run.")

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
        """Write that a run or an undo has done all that it had to."""
        self._write(RunEndRecord())

    def record_inner_vms(self, vms: InnerVMs) -> None:
        """Write which VMs in nested hosts an interrupted run has turned off."""
        self._write(InnerVMsRecord(inside=tuple(vm for inside in vms.values() for vm in inside)))

    def inner_vms(self, *, of_unfinished_run: bool = False) -> InnerVMs:
        """Return by nested host the VMs that were on inside before it was last turned off.

        With `of_unfinished_run`, only what a run or an undo that did not end has turned off.
        Raises JournalError.
        """
        found: dict[MachinePath, tuple[InnerVM, ...]] = {}
        for number, data in journal_file.read_lines(self.path):
            match self._record(number, data):
                case (
                    StepStartRecord(step=Step(inside=inside))
                    | UndoStartRecord(inside=inside)
                    | InnerVMsRecord(inside=inside)
                ):
                    found |= by_host(inside)
                case RunEndRecord() if of_unfinished_run:
                    found = {}
                case _:
                    pass
        return found

    def first_header(self) -> Header:
        """Return the first line, a header, without reading the others; raises JournalError."""
        number, data = next(journal_file.read_lines(self.path), (1, {"record": ""}))
        return self._header(self._record(number, data))

    def header(self) -> Header:
        """Return the last header; raises JournalError where there is none."""
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
        entries: list[JournalEntry] = []
        for record in self.records():
            _apply_record(entries, record)
        return tuple(entries)

    def records(self) -> tuple[JournalRecord, ...]:
        """Return what was recorded, with its times (UTC), in order; raises JournalError."""
        lines = journal_file.read_lines(self.path)
        records = [self._record(number, data) for number, data in lines]
        headers = [record for record in records if isinstance(record, Header)]
        self._header(headers[-1] if headers else None)
        return tuple(record for record in records if record is not None)

    def _header(self, record: JournalRecord | None) -> Header:
        if not isinstance(record, Header):
            msg = f"{self.path}: this is not a journal of nestlab"
            raise JournalError(msg, hint="A journal begins with a line that names its host.")
        return record

    def _record(self, number: int, data: Mapping[str, Any]) -> JournalRecord | None:
        try:
            return from_data(data)
        except ConversionError as error:
            msg = f"{self.path}:{number}: this line of the journal cannot be read: {error}"
            hint = "It was written by another version of nestlab, or changed by hand."
            raise JournalError(msg, hint=hint) from None


def _apply_record(entries: list[JournalEntry], record: JournalRecord) -> None:
    """Update the entries with what a record says."""
    match record:
        case StepStartRecord(step=step):
            _begin(entries, step)
        case StepIdsRecord() | StepEndRecord() | UndoStartRecord() | UndoEndRecord():
            # Steps are undone in reverse, so the last one that is not undone is meant.
            same = [number for number, entry in enumerate(entries) if entry.step.id == record.id]
            left = [number for number in same if not entries[number].undone] or same
            if left:
                entries[left[-1]] = _updated(entries[left[-1]], record)
        case _:
            pass


def _begin(entries: list[JournalEntry], step: Step) -> None:
    """Add a step that was started, in place of its earlier entry, or after it.

    The earlier entry is kept if its undo removes another value: an address that was .1 and is .2
    now. Undoing both, the last one first, restores the original value.
    """
    same = [entry for entry in entries if entry.step.id == step.id]
    past = next((entry for entry in reversed(same) if not entry.undone), None)
    keeps_undo = past is not None and _keeps_undo(past, step)
    added = step
    if past is not None and keeps_undo:
        if _removals(step) <= _removals(past.step):
            added = past.step
        else:
            entries[_index_of(entries, past)] = replace(past, superseded=True)
            entries.append(JournalEntry(step))
            return
    for entry in same:
        if entry.undone or entry is past or not keeps_undo:
            del entries[_index_of(entries, entry)]
    entries.append(JournalEntry(added))


def _index_of(entries: list[JournalEntry], wanted: JournalEntry) -> int:
    return next(number for number, entry in enumerate(entries) if entry is wanted)


def _removals(step: Step) -> set[str]:
    """Return the cmdlets in the undo of a step that remove something."""
    return {str(cmdlet) for cmdlet in step.undo if cmdlet.last_command.name.startswith("Remove-")}


def _updated(
    entry: JournalEntry, record: StepIdsRecord | StepEndRecord | UndoStartRecord | UndoEndRecord
) -> JournalEntry:
    match record:
        case StepIdsRecord(target=target, undo=undo):
            return replace(entry, step=replace(entry.step, target=target, undo=undo))
        case StepEndRecord(status=status):
            return replace(entry, state=status, finished=status is StepState.DONE)
        case UndoStartRecord():
            return replace(entry, state=StepState.UNDOING)
        case UndoEndRecord():
            return replace(entry, state=StepState.UNDONE)


def _keeps_undo(past: JournalEntry, step: Step) -> bool:
    """Whether a step that ran again keeps the undo of the first time, from before any change.

    An object that is created again is another object, and so is one with another Id.
    """
    same = past.step.target.id == step.target.id or not (past.step.target.id and step.target.id)
    return same and not step.creates
