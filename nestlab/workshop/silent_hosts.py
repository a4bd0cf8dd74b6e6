"""Seats on hosts that do not answer, as the journals of this user tell."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from nestlab.apply import Journal
from nestlab.errors import JournalError
from nestlab.lab import journal_folder
from nestlab.workshop.host_survey import SurveyedHost, seats_there
from nestlab.workshop.seat_durations import first_header
from nestlab.workshop.workshop_values import Seat


def seats_on_silent(seats: Collection[Seat], hosts: Sequence[SurveyedHost]) -> Mapping[str, str]:
    """Return the seats whose newest journal is of a host that does not answer, with that host.

    A seat that is on a host that answers is not on the other, and one that was removed from it is
    on none.
    """
    silent = {
        journal_folder.absolute_address(host.address): host.address
        for host in hosts
        if host.state is None
    }
    there = seats_there(hosts)
    left = {seat.topology.name.casefold(): seat.name for seat in seats if seat.name not in there}
    found: dict[str, str] = {}
    for journal in journal_folder.all_journals() if silent and left else ():
        header = first_header(journal)
        if header is None:
            continue
        seat = left.pop(header.subject.casefold(), None)
        if seat is not None and header.identity in silent and not _is_removed(journal):
            found[seat] = silent[header.identity]
    return found


def _is_removed(journal: Journal) -> bool:
    try:
        return bool(journal.destroys())
    except JournalError:
        return False
