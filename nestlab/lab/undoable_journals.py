"""The journal that undo uses by default: that of the newest run, never an earlier one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from nestlab.apply import DestroyRecord, Header, Journal, irreversible_steps
from nestlab.apply.journal_records import RunEndRecord, UndoStartRecord
from nestlab.errors import JournalError
from nestlab.lab.journal_folder import has_something_to_undo, journals_of, latest
from nestlab.plan import Step, SubjectKind
from nestlab.texts import tr
from nestlab.transport.session import Session


def newest_to_undo(journals: Iterable[Journal]) -> Journal | None:
    """Return the newest journal that can be undone; None if none can.

    `journals` are newest first. Raises JournalError if a later run of the same subject on the same
    host cannot be undone, or if the newest failed and has nothing to undo: undoing an earlier one
    in its place would remove what both have built, or what the user did not mean.
    """
    later: dict[tuple[str, str, str], JournalError] = {}
    seen: set[tuple[str, str, str]] = set()
    for journal in journals:
        key = _subject(journal.first_header())
        if has_something_to_undo(journal):
            if key in later:
                raise _with_earlier_run(later[key], journal)
            return journal
        if key not in later and steps_not_restored(journal):
            later[key] = _cannot_be_undone(journal)
        elif key not in seen and _failed_without_effect(journal):
            later[key] = _nothing_to_undo(journal)
        seen.add(key)
    return None


def latest_to_undo(
    subject: str, host: Session, *, kind: SubjectKind = SubjectKind.TOPOLOGY
) -> Path:
    """Return the path of the journal of the newest run of a subject on a host that can be undone.

    If none can be undone, the newest journal. Raises JournalError if there is no journal, or for
    the reason that `newest_to_undo` gives.
    """
    newest = latest(subject, host, kind=kind)
    found = newest_to_undo(journals_of(host, kind=kind, subject=subject))
    return (found or newest).path


def steps_not_restored(journal: Journal) -> Sequence[Step]:
    """Return the steps of a run that undo cannot restore, if it has no others; raises JournalError.

    Empty for a run that was undone in part, or whose topology was destroyed.
    """
    entries = journal.entries()
    if has_something_to_undo(journal) or journal.destroyed_at() is not None:
        return ()
    return () if any(entry.undone for entry in entries) else irreversible_steps(entries)


def _subject(header: Header) -> tuple[str, str, str]:
    return str(header.kind), header.subject, header.identity or header.host


def _failed_without_effect(journal: Journal) -> bool:
    """Whether a run did not come to its end, and neither an undo nor a destroy followed it."""
    ends = (RunEndRecord, UndoStartRecord, DestroyRecord)
    return not any(isinstance(record, ends) for record in journal.records())


def _cannot_be_undone(later: Journal) -> JournalError:
    steps = "; ".join(step.title for step in steps_not_restored(later))
    header = later.first_header()
    message = tr(
        "The newest run of {title} on {host} cannot be undone: {steps} ({path})",
        title=header.title,
        host=header.host,
        steps=steps,
        path=later.path,
    )
    return JournalError(message)


def _nothing_to_undo(newest: Journal) -> JournalError:
    header = newest.first_header()
    message = tr(
        "The newest run of {title} on {host} failed or was stopped, and has nothing to undo ({path})",
        title=header.title,
        host=header.host,
        path=newest.path,
    )
    return JournalError(message)


def _with_earlier_run(error: JournalError, earlier: Journal) -> JournalError:
    """Return the error about the newest run with the way to undo an earlier one."""
    return JournalError(
        error.message,
        hint=tr(
            "To undo the earlier run, with what it created, name its journal: nestlab undo {path}.",
            path=earlier.path,
        ),
    )
