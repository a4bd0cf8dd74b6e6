"""Find the journal that a panel can undo."""

from __future__ import annotations

from pathlib import Path

from nestlab.apply import Journal, undo_steps
from nestlab.errors import JournalError
from nestlab.lab import Lab, journal_folder
from nestlab.lab.undoable_journals import latest_to_undo, steps_not_restored


def undoable_journal(lab: Lab) -> Path | None:
    """Return the journal of a lab that has something to undo: its own, or the latest one.

    None if a later run cannot be undone.
    """
    own = lab.journal
    try:
        if own is not None and own.exists():
            if _has_something_to_undo(own):
                return own
            if steps_not_restored(Journal(own)):
                return None
        path = latest_to_undo(lab.topology.name, lab.host)
        return path if _has_something_to_undo(path) else None
    except JournalError:
        return None


def _has_something_to_undo(path: Path) -> bool:
    journal_folder.record_later_destroys(path)
    return bool(undo_steps(Journal(path).entries()))
