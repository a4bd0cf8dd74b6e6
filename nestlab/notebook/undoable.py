"""Find the journal that a panel can undo."""

from __future__ import annotations

from pathlib import Path

from nestlab.apply import Journal, undo_steps
from nestlab.errors import JournalError
from nestlab.lab import Lab, journal_folder
from nestlab.lab.undoable_journals import latest_to_undo


def undoable_journal(lab: Lab) -> Path | None:
    """Return the journal of a lab that has something to undo: its own, or the latest one."""
    try:
        path = lab.journal
        if not path or not path.exists():
            path = latest_to_undo(lab.topology.name, lab.host)
        journal_folder.record_later_destroys(path)
        return path if undo_steps(Journal(path).entries()) else None
    except JournalError:
        return None
