"""What is there of each seat on the hosts of a workshop."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from enum import StrEnum
from typing import Any

from nestlab.dataclass import dataclass, replace
from nestlab.model.ownership import is_marked
from nestlab.model.state import HostState
from nestlab.model.topology import VMState
from nestlab.transport.session import Cancel
from nestlab.visible import visible
from nestlab.workshop.host_survey import (
    Connect,
    SurveyedHost,
    opened_and_read,
)
from nestlab.workshop.workshop_values import Seat, Workshop


class SeatPresence(StrEnum):
    """How much of a seat's VMs and switches is on a host."""

    ABSENT = "absent"
    PARTIAL = "partial"
    COMPLETE = "complete"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class SeatState:
    """What is on a host of a seat: its VMs and switches there, and how many VMs run that should.

    `host` is empty for a seat that is on none of the hosts that answer. It is unknown whether it is
    on another where `presence` is UNKNOWN. VMs inside nested hosts are not counted.
    """

    seat: str
    host: str
    presence: SeatPresence
    vms: int = 0
    vms_wanted: int = 0
    running: int = 0
    running_wanted: int = 0
    switches: int = 0
    switches_wanted: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data."""
        counts = (
            "vms",
            "vms_wanted",
            "running",
            "running_wanted",
            "switches",
            "switches_wanted",
        )
        return {
            "seat": self.seat,
            "host": self.host,
            "presence": str(self.presence),
            **{name: getattr(self, name) for name in counts},
        }


@dataclass(frozen=True)
class WorkshopStatus:
    """What is there of each seat, one item for each seat and host that has some of it."""

    workshop: Workshop
    seats: tuple[SeatState, ...]
    silent: tuple[SurveyedHost, ...]

    @property
    def ok(self) -> bool:
        """Whether every seat is there in full, with every VM on that should be."""
        return not self.silent and all(
            seat.presence is SeatPresence.COMPLETE and seat.running == seat.running_wanted
            for seat in self.seats
        )

    def of_seats(self, names: Collection[str]) -> WorkshopStatus:
        """Return the status of the seats with these names, in lower case; without names, of all."""
        kept = (each for each in self.seats if not names or each.seat.casefold() in names)
        return replace(self, seats=tuple(kept))

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return {
            "workshop": self.workshop.name,
            "ok": self.ok,
            "seats": [seat.to_dict() for seat in self.seats],
            "silent": [
                {"host": host.address, "error": host.error.message if host.error else ""}
                for host in self.silent
            ],
        }

    def __repr__(self) -> str:
        there = sum(seat.presence is SeatPresence.COMPLETE for seat in self.seats)
        return visible(f"<WorkshopStatus {self.workshop.name}: {there} of {len(self.seats)}>")


def status(workshop: Workshop, connect: Connect, *, cancel: Cancel | None = None) -> WorkshopStatus:
    """Return what is there of each seat; raises HostError if no host answers."""
    with opened_and_read(workshop, connect, cancel=cancel) as (_, hosts):
        silent = tuple(host for host in hosts if host.state is None)
        found = [each for seat in workshop.all_seats for each in _states(seat, hosts, silent)]
    return WorkshopStatus(workshop, tuple(found), silent)


def _states(
    seat: Seat, hosts: Sequence[SurveyedHost], silent: Sequence[SurveyedHost]
) -> Iterator[SeatState]:
    there = [host for host in hosts if seat.name in host.there]
    for host in there:
        if host.state is not None:
            yield _on_host(seat, host.address, host.state)
    if not there:
        presence = SeatPresence.UNKNOWN if silent else SeatPresence.ABSENT
        yield SeatState(seat=seat.name, host="", presence=presence)


def _on_host(seat: Seat, address: str, state: HostState) -> SeatState:
    topology, hyper_v = seat.topology, state.hyper_v
    marked = hyper_v.vms_of(topology.name) if hyper_v else ()
    vms = {vm.name.casefold(): vm.state for vm in marked}
    own = [switch for switch in topology.switches if not switch.existing]
    there = {
        switch.name.casefold()
        for switch in (hyper_v.switches if hyper_v else ())
        if is_marked(switch.notes, topology.name)
    }
    wanted = [vm.name.casefold() for vm in topology.vms]
    to_run = [vm.name.casefold() for vm in topology.vms if vm.state is VMState.RUNNING]
    switches = sum(switch.name.casefold() in there for switch in own)
    found = sum(name in vms for name in wanted)
    complete = (found, switches) == (len(wanted), len(own))
    return SeatState(
        seat=seat.name,
        host=address,
        presence=SeatPresence.COMPLETE if complete else SeatPresence.PARTIAL,
        vms=found,
        vms_wanted=len(wanted),
        running=sum(vms.get(name) == "Running" for name in to_run),
        running_wanted=len(to_run),
        switches=switches,
        switches_wanted=len(own),
    )
