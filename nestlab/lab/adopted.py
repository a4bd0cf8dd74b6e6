"""What earlier runs of `nestlab adopt` marked on a host, from their journals."""

from __future__ import annotations

from pathlib import Path

from nestlab.apply import Journal
from nestlab.errors import JournalError
from nestlab.lab.journal_folder import topology_journals
from nestlab.plan import Action
from nestlab.transport.session import Session

_ADOPTS = frozenset({Action.ADOPT_SWITCH, Action.ADOPT_VM})


def adopted_ids(subject: str, host: Session, own: Path | None = None) -> frozenset[str]:
    """Return the Ids of the objects that the journals of a topology on a host say were adopted.

    `own` is a journal outside of the folder. Journals that cannot be read are left out.
    """
    paths = topology_journals(subject, host, own)
    return frozenset(identity for path in paths for identity in _adopted_in(path))


def _adopted_in(path: Path) -> tuple[str, ...]:
    try:
        entries = Journal(path).entries()
    except (OSError, JournalError):
        return ()
    return tuple(each.step.target.id for each in entries if each.step.action in _ADOPTS)
