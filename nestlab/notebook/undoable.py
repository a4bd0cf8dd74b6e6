"""Find the journal that a panel can undo."""

from __future__ import annotations

from pathlib import Path

from nestlab.apply import Journal, undo_steps
from nestlab.errors import JournalError
from nestlab.lab import Lab, journal_folder


def undoable_journal(lab: Lab) -> Path | None:
    """Return the journal of a lab that has something to undo: its own, or the latest one."""
    try:
        path = lab.journal
        if not path or not path.exists():
            path = journal_folder.latest(lab.topology.name, lab.host)
        journal_folder.record_later_destroys(path)
        return path if undo_steps(Journal(path).entries()) else None
    except JournalError:
        return None
