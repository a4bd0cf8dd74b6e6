"""The plan of a workshop: which seat goes to which host, what does not fit, when it is ready."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from math import ceil
from typing import Any

from nestlab.constants import NESTED_MEMORY_MINIMUM
from nestlab.dataclass import dataclass, field, replace
from nestlab.errors import PlanRefused
from nestlab.model import Finding, Findings, Size
from nestlab.rules import validate
from nestlab.texts import tr, tr_count
from nestlab.transport.session import Cancel
from nestlab.visible import visible
from nestlab.workshop.host_survey import (
    Connect,
    SurveyedHost,
    opened_and_read,
    seats_there,
)
from nestlab.workshop.placement import HostRoom, Placement, SeatNeeds, most_memory_each, place
from nestlab.workshop.plan_findings import (
    HOST_SILENT,
    NOT_IN_FILE,
    ON_TWO_HOSTS,
    OVER_QUOTA,
    SeatConflict,
    conflicts_of,
    host_findings,
    left_seats,
    quota_findings,
)
from nestlab.workshop.silent_hosts import seats_on_silent
from nestlab.workshop.workshop_values import Workshop


@dataclass(frozen=True)
class WorkshopPlan:
    """Where the seats of a workshop go, and what prevents it.

    `on_silent` are the seats that were built on a host that does not answer, with that host: they
    are placed on no other. `findings` are about the file, its topology and the quota; `conflicts`
    about single seats on their hosts. `ok` is true if every seat has a host and nothing is an
    error.
    """

    workshop: Workshop
    needs: SeatNeeds
    hosts: tuple[SurveyedHost, ...]
    rooms: tuple[HostRoom, ...] = field(repr=False)
    """What each host has before seats are placed; hosts of which that is not known are missing."""
    placement: Placement
    findings: Findings
    conflicts: tuple[SeatConflict, ...]
    on_silent: Mapping[str, str]

    @property
    def ok(self) -> bool:
        """Whether every seat has a host, and nothing is an error."""
        return not self.placement.left_out and self.findings.ok and not self.conflicts

    @property
    def quota_findings(self) -> tuple[Finding, ...]:
        """The findings about the quota: `up` refuses where there is one."""
        return tuple(each for each in self.findings if each.code == OVER_QUOTA)

    @property
    def left_seats(self) -> tuple[Finding, ...]:
        """The findings about seats on hosts that the file does not name, such as renamed ones."""
        return tuple(each for each in self.findings if each.code == NOT_IN_FILE)

    def seats_on(self, host: str) -> tuple[str, ...]:
        """Return the seats that are placed on a host, in order."""
        return tuple(seat for seat, other in self.placement.hosts.items() if other == host)

    def minutes(self, host: SurveyedHost) -> float | None:
        """Return the estimated minutes until the seats of a host are ready; None if not known.

        Seats are built in rounds of `limits.seats_at_once`, each as long as the median seat of the
        journals of this host, or else of all hosts. Seats that exist already count as ready.
        """
        known = [each.seat_seconds for each in self.hosts if each.seat_seconds is not None]
        seconds = host.seat_seconds
        if seconds is None and known:
            seconds = sum(known) / len(known)
        to_build = len(set(self.seats_on(host.address)) - set(host.there))
        if not to_build:
            return 0.0
        if seconds is None:
            return None
        return ceil(to_build / self.workshop.limits.seats_at_once) * seconds / 60

    @cached_property
    def most_memory_each(self) -> Size | None:
        """The memory with which every seat would fit.

        None if memory is not what is missing, or it would be less than nested hosts need.
        """
        known = seats_there(self.hosts) | self.on_silent.keys()
        seats = sum(1 for seat in self.workshop.all_seats if seat.name not in known)
        nested = sum(1 for vm in self.workshop.base.vms if vm.nested is not None)
        most = most_memory_each(seats, self.needs, self.rooms)
        return None if most is None or most < nested * NESTED_MEMORY_MINIMUM else most

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data, sizes in bytes."""
        hosts = self.placement.hosts
        there = seats_there(self.hosts)
        most = self.most_memory_each if self.placement.left_out else None
        return {
            "workshop": self.workshop.name,
            "ok": self.ok,
            "needs": _needs_data(self.needs),
            "seats": [
                {
                    "name": seat.name,
                    "spare": seat.is_spare,
                    "topology": seat.topology.name,
                    "host": hosts.get(seat.name),
                    "there": seat.name in there,
                }
                for seat in self.workshop.all_seats
            ],
            "hosts": [self._host_data(host) for host in self.hosts],
            "left_out": list(self.placement.left_out),
            "on_silent": dict(self.on_silent),
            "fits": {
                "seats": len(hosts),
                "memory_each": None if most is None else int(most),
            },
            **self.findings.to_dict(),
            "conflicts": [
                {"seat": each.seat, "host": each.host, **each.finding.to_dict()}
                for each in self.conflicts
            ],
        }

    def _host_data(self, host: SurveyedHost) -> dict[str, Any]:
        left = next((room for room in self.placement.rooms if room.host == host.address), None)
        minutes = self.minutes(host)
        return {
            "host": host.address,
            "error": host.error.message if host.error else "",
            "seats": list(self.seats_on(host.address)),
            "memory_left": None if left is None else int(left.memory),
            "processors_left": None if left is None else left.processors,
            "disk_left": None if left is None or left.disk is None else int(left.disk),
            "nats": None if left is None else left.nats,
            "minutes": None if minutes is None else round(minutes, 1),
            "runs_measured": host.runs,
        }

    def __repr__(self) -> str:
        return visible(f"<WorkshopPlan {self.workshop.name}: {self._counted()}>")

    def _counted(self) -> str:
        placed, left = len(self.placement.hosts), len(self.placement.left_out)
        seats = tr_count("{count} seat placed", "{count} seats placed", placed)
        return f"{seats}, {tr('{count} left out', count=left)}"

    def _repr_html_(self) -> str:
        from nestlab.html import headline, table, without_math  # noqa: PLC0415  # only notebooks need it

        hosts = {**self.on_silent, **self.placement.hosts}
        rows = [(seat.name, hosts.get(seat.name, "✗")) for seat in self.workshop.all_seats]
        mark = "✗" if self.placement.left_out else "✓"
        top = headline(mark, f"{self.workshop.name}: {self._counted()}.")
        return without_math(top, table((tr("seat"), tr("host")), rows))


def _needs_data(needs: SeatNeeds) -> dict[str, Any]:
    return {
        "memory": int(needs.memory),
        "processors": needs.processors,
        "disk": None if needs.disk is None else int(needs.disk),
        "nats": needs.nats,
        "vms": needs.vms,
        "all_vms": needs.all_vms,
    }


def plan(workshop: Workshop, connect: Connect, *, cancel: Cancel | None = None) -> WorkshopPlan:
    """Return the plan of a workshop; each host is read once, and nothing is changed.

    `connect` opens a session to the host with an address. A host that does not answer gets no seat,
    and is an error in the plan; if none answers, the error of the first one is raised.
    """
    with opened_and_read(workshop, connect, cancel=cancel) as (_, hosts):
        return planned(workshop, hosts)


def planned(workshop: Workshop, hosts: tuple[SurveyedHost, ...]) -> WorkshopPlan:
    """Return the plan of a workshop on hosts that were read."""
    needs = SeatNeeds.of(workshop.base, workshop.quota.disk)
    rooms = tuple(filter(None, (host.room(workshop) for host in hosts)))
    there = {seat: host.address for host in reversed(hosts) for seat in host.there}
    on_silent = seats_on_silent(workshop.all_seats, hosts)
    names = [seat.name for seat in workshop.all_seats if seat.name not in on_silent]
    placement = place(names, needs, rooms, there)
    found = [each for each in validate(workshop.base) if each.severity != "info"]
    found += quota_findings(workshop, needs)
    found += host_findings(hosts)
    found += left_seats(workshop, hosts)
    conflicts = tuple(conflicts_of(workshop, hosts, placement))
    return WorkshopPlan(
        workshop, needs, hosts, rooms, placement, Findings(found), conflicts, on_silent
    )


def require_allowed(found: WorkshopPlan) -> None:
    """Raise PlanRefused where a seat is above the quota, or the topology has errors."""
    of_hosts = (HOST_SILENT, ON_TWO_HOSTS)
    blocking = [each for each in found.findings.errors if each.code not in of_hosts]
    blocking += [replace(each, severity="error") for each in found.quota_findings]
    if blocking:
        raise PlanRefused(Findings(blocking))
