"""How long a seat took to build on a host, as the journals of earlier runs show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from statistics import median

from nestlab.apply import Header, Journal
from nestlab.apply.journal_records import JournalRecord, RunEndRecord, StepStartRecord
from nestlab.errors import JournalError
from nestlab.lab import journal_folder
from nestlab.plan import Action, SubjectKind
from nestlab.transport.session import Session
from nestlab.workshop.workshop_values import Workshop

_MOST_RUNS = 50


def seat_seconds(host: Session, workshop: Workshop) -> list[float]:
    """Return the seconds of runs that created all VMs of a seat on a host, the newest first.

    The journals of the seats count, and those of the topology that they are copies of. A journal
    that cannot be read tells nothing.
    """
    names = {seat.topology.name.casefold() for seat in workshop.all_seats}
    names.add(workshop.base.name.casefold())
    vms = len(workshop.base.vms)
    found: list[float] = []
    for journal in journal_folder.journals_of(host, kind=SubjectKind.TOPOLOGY):
        header = first_header(journal)
        if header is not None and header.subject.casefold() in names:
            found += _whole_runs(_records(journal), vms)
        if len(found) >= _MOST_RUNS:
            break
    return found


def median_seconds(durations: Sequence[float]) -> float | None:
    """Return the median of durations; None if there are none."""
    return median(durations) if durations else None


def first_header(journal: Journal) -> Header | None:
    """Return the first header of a journal; None if it cannot be read."""
    try:
        return journal.first_header()
    except JournalError:
        return None


def _records(journal: Journal) -> tuple[JournalRecord, ...]:
    try:
        return journal.records()
    except JournalError:
        return ()


def _whole_runs(records: Iterable[JournalRecord], vms: int) -> Iterator[float]:
    """Yield the seconds from start to end of each complete run that created so many VMs."""
    began, created = None, 0
    for record in records:
        match record:
            case Header(time=time):
                began, created = time, 0
            case StepStartRecord(step=step):
                is_on_host = not step.machine
                created += is_on_host and step.action is Action.CREATE_VM
            case RunEndRecord(time=time) if began and time and created >= vms > 0:
                yield (time - began).total_seconds()
                began = None
            case _:
                pass
