"""What the journals of a topology's runs show: what their undo needs, the routes they added."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from functools import lru_cache, partial
from pathlib import Path

from nestlab.apply import Journal, JournalEntry, StepState, undo_steps
from nestlab.dataclass import replace
from nestlab.errors import JournalError
from nestlab.lab.journal_folder import journals_of, topology_journals
from nestlab.lab.lab_planner import LabPlanner
from nestlab.plan import (
    Action,
    MadeEntry,
    MadeRoute,
    NewDisk,
    SubjectKind,
    UndoNeed,
    made_entries,
    made_routes,
    new_disks,
    undo_needs,
)
from nestlab.transport.session import Session

_CACHED_JOURNALS = 256
"""How many journals are cached: during a run, only its own journal changes."""


def with_past_runs(planner: LabPlanner, host: Session, own: Path | None = None) -> LabPlanner:
    """Return a planner that reads the journals of its topology on a host where it needs them.

    `own` is a journal outside of the folder.
    """
    past = (planner.topology.name, host, own)
    return replace(
        planner,
        read_undo_needs=partial(needs_of_topology, *past),
        read_new_disks=partial(new_disks_of_topology, *past),
        read_made_routes=partial(routes_of_topology, *past),
        read_made_entries=partial(entries_of_topology, *past),
    )


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
    does a journal that cannot be read. Each is with the other topologies whose journals show it:
    removed by hand, it was added again by one of them, or by this one.
    """
    found = _made_routes(reversed(topology_journals(subject, host, own)))
    if not found:
        return ()
    of_others = _routes_of_others(subject, host)
    return tuple(replace(route, other_labs=tuple(of_others.get(str(route), ()))) for route in found)


def _made_routes(paths: Iterable[Path]) -> tuple[MadeRoute, ...]:
    """Return the routes that finished steps of these journals, by age, added, and none removed."""
    entries = _entries_of(paths)
    return made_routes(
        (entry.step, entry.time) for entry in entries if entry.finished and not entry.undone
    )


def _routes_of_others(subject: str, host: Session) -> dict[str, list[str]]:
    """Return the names of the other topologies whose journals show a route, by the route's text."""
    by_subject: dict[str, list[Path]] = {}
    for journal in reversed(journals_of(host, kind=SubjectKind.TOPOLOGY)):
        name = journal.header().subject
        if name != subject:
            by_subject.setdefault(name, []).append(journal.path)
    found: dict[str, list[str]] = {}
    for name, paths in sorted(by_subject.items()):
        for route in _made_routes(paths):
            found.setdefault(str(route), []).append(name)
    return found


def entries_of_topology(
    subject: str, host: Session, own: Path | None = None
) -> tuple[MadeEntry, ...]:
    """Return what a topology's steps added to DHCP scopes, NATs and adapters and nothing removed.

    `own` is a journal outside of the folder. A step that a run did not end may have added it too,
    but the VM that it was to remove may still be there. What undo or destroy took back does not
    count, nor does a journal that cannot be read.
    """
    entries = _entries_of(reversed(topology_journals(subject, host, own)))
    return made_entries(entry.step for entry in entries if _may_have_made(entry))


def _may_have_made(entry: JournalEntry) -> bool:
    if entry.state is StepState.RUNNING:
        return entry.step.action is not Action.REMOVE_VM
    return entry.finished and not entry.undone


def entries_made_here(subject: str, host: Session) -> tuple[MadeEntry, ...] | None:
    """Return `entries_of_topology`; None if no journal is here, or one of them cannot be read."""
    paths = topology_journals(subject, host)
    try:
        for path in paths:
            Journal(path).entries()
    except JournalError:
        return None
    return entries_of_topology(subject, host) if paths else None


def new_disks_of_topology(
    subject: str, host: Session, own: Path | None = None
) -> tuple[NewDisk, ...]:
    """Return the disks that a topology's runs created for VMs that they did not create any more.

    `own` is a journal outside of the folder. A disk that undo or destroy deleted does not count.
    """
    entries = _entries_of(reversed(topology_journals(subject, host, own)))
    deleted = (Action.CREATE_DISK, StepState.UNDONE)
    return new_disks(
        (entry.step, entry.finished)
        for entry in entries
        if (entry.step.action, entry.state) != deleted
    )


def _entries_of(paths: Iterable[Path]) -> Iterator[JournalEntry]:
    """Yield the steps of journals, in their order; none of one that cannot be read."""
    for path in paths:
        with contextlib.suppress(JournalError):
            yield from Journal(path).entries()
