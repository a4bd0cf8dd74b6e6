"""The steps of a journal, each with its state, from the records about it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from nestlab.apply.destroyed import is_removed
from nestlab.apply.journal_records import (
    DestroyRecord,
    JournalRecord,
    StepEndRecord,
    StepIdsRecord,
    StepStartRecord,
    UndoEndRecord,
    UndoStartRecord,
)
from nestlab.apply.step_result import StepState
from nestlab.dataclass import dataclass, replace
from nestlab.plan import Step


@dataclass(frozen=True)
class JournalEntry:
    """One step, as the journal records it.

    `state` is RUNNING where the run ended in the middle of the step, UNDOING where an undo did.
    `finished` is whether the run completed it, even if it was undone since; `superseded` is whether
    a later run of the same step replaced the value that it had set. `time` is when it was started
    last (UTC).
    """

    step: Step
    state: StepState = StepState.RUNNING
    finished: bool = False
    superseded: bool = False
    time: datetime | None = None

    @property
    def undone(self) -> bool:
        """Whether there is nothing left to undo."""
        return self.state is StepState.UNDONE

    @property
    def undoing(self) -> bool:
        """Whether an undo began and did not end."""
        return self.state is StepState.UNDOING


def entries_of(records: Iterable[JournalRecord]) -> tuple[JournalEntry, ...]:
    """Return the steps that were started, in order.

    A step that ran again is listed once, where it ran last; one that set another value is listed
    again.
    """
    entries: list[JournalEntry] = []
    for record in records:
        _apply_record(entries, record)
    return tuple(entries)


def _apply_record(entries: list[JournalEntry], record: JournalRecord) -> None:
    """Update the entries with what a record says."""
    match record:
        case StepStartRecord(step=step, time=time):
            _begin(entries, step, time)
        case StepIdsRecord() | StepEndRecord() | UndoStartRecord() | UndoEndRecord():
            # Steps are undone in reverse, so this is about the last one that is not undone.
            same = [number for number, entry in enumerate(entries) if entry.step.id == record.id]
            left = [number for number in same if not entries[number].undone] or same
            if left:
                entries[left[-1]] = _updated(entries[left[-1]], record)
        case DestroyRecord(removed=removed, is_complete=is_complete):
            if is_complete:
                created = (entry.step for entry in entries if entry.step.creates)
                removed += tuple(step.target for step in created if not step.machine)
            entries[:] = [
                replace(entry, state=StepState.UNDONE) if is_removed(entry.step, removed) else entry
                for entry in entries
            ]
        case _:
            pass


def _begin(entries: list[JournalEntry], step: Step, time: datetime | None) -> None:
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
            entries.append(JournalEntry(step, time=time))
            return
    for entry in same:
        if entry.undone or entry is past or not keeps_undo:
            del entries[_index_of(entries, entry)]
    entries.append(JournalEntry(added, time=time))


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
    """Whether a step that ran again keeps the undo of its first run, recorded before any change.

    An object that is created again is another object, and so is one with another Id.
    """
    same = past.step.target.id == step.target.id or not (past.step.target.id and step.target.id)
    return same and not step.creates
