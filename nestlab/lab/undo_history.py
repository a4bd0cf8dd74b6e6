"""What the journals of a topology's runs show: what their undo needs, the routes they added."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from nestlab.apply import Journal, undo_steps
from nestlab.errors import JournalError
from nestlab.lab.journal_folder import topology_journals
from nestlab.plan import MadeRoute, Step, UndoNeed, made_routes, undo_needs
from nestlab.transport.session import Session

_CACHED_JOURNALS = 256
"""How many journals are cached: during a run, only its own journal changes."""


def needs_of_topology(subject: str, host: Session, own: Path | None = None) -> tuple[UndoNeed, ...]:
    """Return what the undo of a topology's journals on a host needs.

    `own` is a journal outside of the folder. A journal that cannot be read cannot be undone either,
    so it needs nothing.
    """
    paths = topology_journals(subject, host, own)
    return tuple(need for path in paths for need in _needs_of_journal(path))


def _needs_of_journal(path: Path) -> tuple[UndoNeed, ...]:
    try:
        status = path.stat()
        return _read(path, status.st_size, status.st_mtime_ns)
    except (OSError, JournalError):
        return ()


@lru_cache(_CACHED_JOURNALS)
def _read(path: Path, _size: int, _modified: int) -> tuple[UndoNeed, ...]:
    steps = undo_steps(Journal(path).entries())
    return tuple(need for step in steps for need in undo_needs(step, path.name))


def routes_of_topology(
    subject: str, host: Session, own: Path | None = None
) -> tuple[MadeRoute, ...]:
    """Return the routes of the host that a topology's finished steps added and nothing removed.

    `own` is a journal outside of the folder. What undo or destroy took back does not count, nor
    does a journal that cannot be read.
    """
    paths = topology_journals(subject, host, own)
    return made_routes(step for path in reversed(paths) for step in _lasting_steps(path))


def _lasting_steps(path: Path) -> Iterator[Step]:
    with contextlib.suppress(JournalError):
        for entry in Journal(path).entries():
            if entry.finished and not entry.undone:
                yield entry.step
