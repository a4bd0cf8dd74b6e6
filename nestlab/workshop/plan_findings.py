"""Findings of the plan of a workshop: its quota, its hosts, seats that are elsewhere, conflicts."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.dataclass import dataclass, replace
from nestlab.errors import HostError
from nestlab.lab.lab_planner import LabPlanner
from nestlab.model import HOST, Finding
from nestlab.model.ownership import lab_of_name
from nestlab.model.state import HostState
from nestlab.rules.evidence import gigabytes
from nestlab.texts import tr
from nestlab.workshop.host_survey import SurveyedHost, owners_on
from nestlab.workshop.placement import Placement, SeatNeeds
from nestlab.workshop.workshop_values import Workshop

OVER_QUOTA = "seat-over-quota"
HOST_SILENT = "workshop-host-silent"
ON_TWO_HOSTS = "seat-on-two-hosts"
NOT_IN_FILE = "seat-not-in-file"


@dataclass(frozen=True)
class SeatConflict:
    """An error that the topology of a seat has on the host that it is placed on."""

    seat: str
    host: str
    finding: Finding


def quota_findings(workshop: Workshop, needs: SeatNeeds) -> Iterator[Finding]:
    """Yield a warning for each limit of the quota that a seat is above."""
    quota = workshop.quota
    hint = tr("Raise the quota, or make the topology smaller.")

    def finding(key: str, message: str) -> Finding:
        place = workshop.origin.locate(("quota", key)) if workshop.origin else ""
        return Finding(OVER_QUOTA, "warning", f"quota.{key}", message, hint, location=place)

    if quota.memory is not None and needs.memory > quota.memory:
        yield finding(
            "memory",
            tr(
                "the VMs of a seat start with {needed} of memory, and the quota is {quota}",
                needed=gigabytes(needs.memory),
                quota=gigabytes(quota.memory),
            ),
        )
    if quota.processors is not None and needs.processors > quota.processors:
        yield finding(
            "processors",
            tr(
                "the VMs of a seat have {needed} virtual processors, and the quota is {quota}",
                needed=needs.processors,
                quota=quota.processors,
            ),
        )


def host_findings(hosts: tuple[SurveyedHost, ...]) -> Iterator[Finding]:
    """Yield an error for each host that does not answer, and each seat that is on two hosts."""
    for host in hosts:
        if isinstance(host.error, HostError):
            message, hint = host.error.message, host.error.hint
            yield Finding(HOST_SILENT, "error", host.address, message, hint)
    first: dict[str, str] = {}
    for host in hosts:
        for seat in host.there:
            if seat in first:
                message = tr(
                    "is on {first} and on {second}", first=first[seat], second=host.address
                )
                hint = tr(
                    "nestlab workshop down FILE --seat {seat} removes it from both; then run up again.",
                    seat=seat,
                )
                yield Finding(ON_TWO_HOSTS, "error", seat, message, hint)
            first.setdefault(seat, host.address)


def left_seats(workshop: Workshop, hosts: tuple[SurveyedHost, ...]) -> Iterator[Finding]:
    """Yield a warning for each seat of the workshop on a host that the file does not name."""
    for host in hosts:
        for lab in owners_on(host.state) if host.state is not None else ():
            seat = _unknown_seat(workshop, lab)
            if not seat or _is_of_another_workshop(lab, workshop, host.state):
                continue
            message = tr(
                "The file has no seat of this name, and {host} has objects of {lab}.",
                host=host.address,
                lab=lab,
            )
            hint = tr(
                "Was the seat renamed? With its old name in the file, its learner continues, and nestlab workshop down FILE --seat {seat} removes it.",
                seat=seat,
            )
            yield Finding(NOT_IN_FILE, "warning", seat, message, hint)


def _unknown_seat(workshop: Workshop, lab: str) -> str:
    """Return the seat with this topology; empty for one of the file, and for another lab."""
    prefix = f"{workshop.name}-"
    known = {seat.topology.name.casefold() for seat in workshop.all_seats}
    is_unknown = lab.casefold().startswith(prefix.casefold()) and lab.casefold() not in known
    return lab[len(prefix) :] if is_unknown else ""


def _is_of_another_workshop(lab: str, workshop: Workshop, state: HostState | None) -> bool:
    """Whether a topology has NATs on a host, all outside of the networks of the workshop."""
    inside = [
        any(nat.internal_prefix.overlaps(network) for network in workshop.networks)
        for nat in (state.nats if state is not None else ())
        if (lab_of_name(nat.name) or "").casefold() == lab.casefold()
    ]
    return bool(inside) and not any(inside)


def conflicts_of(
    workshop: Workshop, hosts: tuple[SurveyedHost, ...], placement: Placement
) -> Iterator[SeatConflict]:
    """Yield the errors that seats have on the hosts that they are placed on."""
    states = {host.address: host.state for host in hosts}
    for seat in workshop.all_seats:
        address = placement.hosts.get(seat.name)
        state = states.get(address) if address is not None else None
        if address is None or state is None:
            continue
        for finding in LabPlanner(seat.topology).fit_findings({HOST: state}).errors:
            found = replace(finding, location="")
            yield SeatConflict(seat.name, address, _of_renamed(workshop, found, state))


def _of_renamed(workshop: Workshop, finding: Finding, state: HostState) -> Finding:
    """Return a finding about what a seat of another name left, with what to do about that."""
    for lab in filter(None, (lab_of_name(nat.name) for nat in state.nats)):
        seat = _unknown_seat(workshop, lab)
        if not seat or lab not in finding.message:
            continue
        hint = tr(
            "The host still has {lab} of this workshop: was the seat renamed? Give it its old name, run nestlab workshop down FILE --seat {seat}, then rename it.",
            lab=lab,
            seat=seat,
        )
        return replace(finding, hint=hint, fix=())
    return finding
