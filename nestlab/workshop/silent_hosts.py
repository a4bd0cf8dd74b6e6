"""Seats on hosts that do not answer, as the journals of this user tell."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from nestlab.apply import Journal
from nestlab.errors import JournalError
from nestlab.lab import journal_folder
from nestlab.workshop.host_survey import SurveyedHost
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
    there = {name for host in hosts for name in host.there}
    left = {seat.topology.name.casefold(): seat.name for seat in seats if seat.name not in there}
    found: dict[str, str] = {}
    for journal in journal_folder.all_journals() if silent and left else ():
        name, identity = _of(journal)
        seat = left.pop(name, None)
        if seat is not None and identity in silent and not _is_removed(journal):
            found[seat] = silent[identity]
    return found


def _of(journal: Journal) -> tuple[str, str]:
    try:
        header = journal.first_header()
    except JournalError:
        return "", ""
    return header.subject.casefold(), header.identity


def _is_removed(journal: Journal) -> bool:
    try:
        return bool(journal.destroys())
    except JournalError:
        return False
