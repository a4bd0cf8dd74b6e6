"""What earlier runs of `nestlab adopt` marked on a host, from their journals."""

from __future__ import annotations

from pathlib import Path

from nestlab.apply import Journal
from nestlab.errors import JournalError
from nestlab.lab.journal_folder import journals_of
from nestlab.plan import Action, SubjectKind
from nestlab.transport.session import Session

_ADOPTS = frozenset({Action.ADOPT_SWITCH, Action.ADOPT_VM})


def adopted_ids(subject: str, host: Session, own: Path | None = None) -> frozenset[str]:
    """Return the Ids of the objects that the journals of a topology on a host say were adopted.

    `own` is one more journal. One that cannot be read says nothing.
    """
    found = journals_of(host, kind=SubjectKind.TOPOLOGY, subject=subject)
    paths = dict.fromkeys(journal.path for journal in found)
    if own is not None and own.exists():
        paths[own] = None
    return frozenset(identity for path in paths for identity in _adopted_in(path))


def _adopted_in(path: Path) -> tuple[str, ...]:
    try:
        entries = Journal(path).entries()
    except (OSError, JournalError):
        return ()
    return tuple(each.step.target.id for each in entries if each.step.action in _ADOPTS)
