"""Seats on hosts that do not answer, as the journals of this user tell."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from nestlab.apply import Journal
from nestlab.errors import JournalError
from nestlab.lab import journal_folder
from nestlab.transport.host_address import read_address
from nestlab.transport.process.ssh import SshTarget
from nestlab.transport.winrm.target import PORTS, WinrmTarget
from nestlab.workshop.host_survey import SurveyedHost, seats_there
from nestlab.workshop.seat_durations import first_header
from nestlab.workshop.workshop_values import Seat


def seats_on_silent(seats: Collection[Seat], hosts: Sequence[SurveyedHost]) -> Mapping[str, str]:
    """Return the seats whose newest journal is of a host that does not answer, with that host.

    A seat that is on a host that answers is not on the other, and one that was removed from it is
    on none.
    """
    silent = {identity_of(host.address): host.address for host in hosts if host.state is None}
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


def identity_of(address: str) -> str:
    """Return what journals have as the identity of the host with an address, without a session.

    >>> identity_of("winrms://HV01:5986/?ca=ca.pem"), identity_of("ssh://ada@hv01?subsystem=lab")
    ('winrms://hv01', 'ssh://ada@hv01')
    """
    scheme = address.partition(":")[0].lower()
    if scheme in PORTS:
        parts = read_address(address, hint="", paths=("/wsman",))
        port = parts.port or PORTS[scheme]
        address = WinrmTarget(parts.server, port, scheme == "winrms").address
    elif scheme == "ssh":
        parts = read_address(address, hint="")
        address = SshTarget(parts.server, parts.port, parts.account).address
    return journal_folder.absolute_address(address)


def _is_removed(journal: Journal) -> bool:
    try:
        return any(record.is_complete for record in journal.destroys())
    except JournalError:
        return False
