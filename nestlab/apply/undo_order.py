"""Which steps of a journal are undone, in which order, and which cannot be undone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nestlab.apply.journal_entries import JournalEntry
from nestlab.model import MachinePath
from nestlab.plan import Action, Step, TargetKind


def undo_steps(entries: tuple[JournalEntry, ...]) -> tuple[Step, ...]:
    """Return the steps that undo a journal, the last one first.

    Steps inside a VM that the journal created, and changes of that VM, are not undone one by one:
    undoing its creation removes it.
    """
    return tuple(step for _, step in undoable(entries))


def irreversible_steps(entries: tuple[JournalEntry, ...]) -> tuple[Step, ...]:
    """Return the finished steps of a journal whose effect nothing recorded can restore.

    An example is the removal of a VM that was then recreated. Steps inside a VM that the journal
    created are left out: their effect is removed with the VM.
    """
    created = _created_vms(entries)
    return tuple(
        entry.step
        for entry in entries
        if entry.finished
        and not entry.step.undo
        and entry.step.action not in _NOTHING_TO_RESTORE
        and (entry.step.action is Action.REMOVE_VM or not _is_removed_with(entry.step, created))
    )


_NOTHING_TO_RESTORE = frozenset({Action.MARK_VM, Action.RESTART})


def _created_vms(entries: tuple[JournalEntry, ...]) -> set[MachinePath]:
    return {_vm_path(entry.step) for entry in entries if creates(entry.step, TargetKind.VM)}


def undoable(entries: tuple[JournalEntry, ...]) -> tuple[tuple[JournalEntry, Step], ...]:
    """Return the entries that are undone, the last one first, each with the step that undoes it."""
    created = _created_vms(entries)
    found = (
        (entry, entry.step.undo_step)
        for entry in reversed(entries)
        if not entry.undone and entry.step.undo and not _is_removed_with(entry.step, created)
    )
    return tuple(_disks_after_their_vms([*found]))


def _disks_after_their_vms(
    found: Sequence[tuple[JournalEntry, Step]],
) -> Iterator[tuple[JournalEntry, Step]]:
    """Yield the undo steps in order, but delete a disk only after the VM that uses it is removed.

    A run that was interrupted may have left a VM for which the next run created a disk.
    """
    left = {_vm_path(step) for _, step in found if creates(step, TargetKind.VM)}
    waiting: dict[MachinePath, list[tuple[JournalEntry, Step]]] = {}
    for entry, step in found:
        owner = (*step.machine, step.subject)
        if creates(step, TargetKind.DISK) and owner in left:
            waiting.setdefault(owner, []).append((entry, step))
            continue
        yield entry, step
        if creates(step, TargetKind.VM):
            left.discard(_vm_path(step))
            yield from waiting.pop(_vm_path(step), ())


def creates(step: Step, kind: TargetKind) -> bool:
    """Whether a step creates an object of this kind, so that its undo removes it."""
    return step.creates and step.target.kind == kind


def _vm_path(step: Step) -> MachinePath:
    return (*step.machine, step.target.name)


def _is_removed_with(step: Step, created: set[MachinePath]) -> bool:
    if any(step.machine[: len(path)] == path for path in created):
        return True
    changes_vm = step.target.kind == TargetKind.VM and not step.creates
    return changes_vm and _vm_path(step) in created
