"""The host that a seat is on, or that it would be built on."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from nestlab.errors import HostError, UsageError
from nestlab.lab.lab_observation import observe_lab
from nestlab.model import HOST
from nestlab.texts import tr
from nestlab.transport.session import Cancel, Session
from nestlab.workshop.host_survey import Connect, is_there, sessions_by_host, survey
from nestlab.workshop.workshop_plan import planned
from nestlab.workshop.workshop_values import Seat


@contextlib.contextmanager
def seat_session(
    seat: Seat, connect: Connect, *, cancel: Cancel | None = None
) -> Iterator[Session]:
    """Open a session to the host that a seat is on, or would be built on, and close it.

    Raises HostError if a host does not answer and the seat is on none that does, UsageError if no
    host has room for it.
    """
    workshop = seat.workshop
    with sessions_by_host(workshop.hosts, connect) as opened:
        silent: list[HostError] = []
        for session in opened.values():
            if isinstance(session, HostError):
                silent.append(session)
                continue
            try:
                states = observe_lab(session, seat.topology, cancel=cancel, depth=0, scope="own")
            except HostError as error:
                silent.append(error)
                continue
            if is_there(seat, states[HOST]):
                yield session
                return
        if silent:
            raise silent[0]
        placed = planned(workshop, survey(workshop, opened, cancel=cancel)).placement.hosts
        found = opened.get(placed.get(seat.name, ""))
        if found is None or isinstance(found, HostError):
            message = tr("No host has room for the seat {seat}.", seat=seat.name)
            hint = tr("nestlab workshop plan says what there is too little of.")
            raise UsageError(message, hint=hint)
        yield found
