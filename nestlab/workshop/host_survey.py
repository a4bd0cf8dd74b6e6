"""What the hosts of a workshop have: read once each, side by side, before seats are placed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack

from nestlab.dataclass import dataclass, field
from nestlab.errors import HostError
from nestlab.lab.lab_observation import observe_lab
from nestlab.model import HOST, Size
from nestlab.model.ownership import is_marked, owner_of
from nestlab.model.state import HostState
from nestlab.model.topology import VMState
from nestlab.rules.memory_budget import memory_budget
from nestlab.transport.session import Cancel, Session
from nestlab.transport.threads import side_by_side
from nestlab.workshop.placement import HostRoom
from nestlab.workshop.seat_durations import median_seconds, seat_seconds
from nestlab.workshop.workshop_values import Seat, Workshop

Connect = Callable[[str], Session]
"""Opens a session to the host with an address."""
Opened = Session | HostError
"""A session to a host, or why there is none."""


@dataclass(frozen=True)
class SurveyedHost:
    """One host of a workshop: its state, or why it does not answer.

    `there` are the names of the seats that are on it already, at least in part. `pending` is what
    these still need: memory and virtual processors of their VMs that do not run yet.
    `seat_seconds` is how long a seat took there, the median of the `runs` that journals have; None
    if no journal tells.
    """

    address: str
    state: HostState | None = field(default=None, repr=False)
    error: HostError | None = None
    there: tuple[str, ...] = ()
    pending: tuple[Size, int] = (Size(0), 0)
    seat_seconds: float | None = None
    runs: int = 0

    def room(self, workshop: Workshop) -> HostRoom | None:
        """Return what is left on the host; None if that is not known."""
        state = self.state
        if state is None:
            return None
        budget = memory_budget(state)
        if state.hyper_v is None or budget.unread:
            return None
        logical = sum(each.number_of_logical_processors for each in state.processors)
        memory, processors = self.pending
        running = (vm.processor_count for vm in state.hyper_v.vms if vm.state == "Running")
        return HostRoom(
            host=self.address,
            memory=Size(max(0, budget.free - memory)),
            processors=logical * workshop.limits.processor_ratio - sum(running) - processors,
            disk=_free_disk(state),
            nats=len(state.nats),
        )


def _free_disk(state: HostState) -> Size | None:
    """Return the free space where Hyper-V puts virtual hard disks; None if it is not known."""
    folder = state.hyper_v.vm_host.virtual_hard_disk_path if state.hyper_v else ""
    drive = folder[:2].casefold()
    found = (each.free_space for each in state.volumes if each.device_id.casefold() == drive)
    return next(found, None)


def survey(
    workshop: Workshop, opened: Mapping[str, Opened], *, cancel: Cancel | None = None
) -> tuple[SurveyedHost, ...]:
    """Return what the hosts have, in their order; each is read once, side by side."""
    seats = workshop.all_seats

    def read(address: str) -> SurveyedHost:
        session = opened[address]
        if isinstance(session, HostError):
            return SurveyedHost(address, error=session)
        try:
            state = observe_lab(session, seats[0].topology, cancel=cancel, depth=0)[HOST]
        except HostError as error:
            return SurveyedHost(address, error=error)
        durations = seat_seconds(session, workshop)
        there = [seat for seat in seats if is_there(seat, state)]
        return SurveyedHost(
            address,
            state,
            there=tuple(seat.name for seat in there),
            pending=_pending(there, state),
            seat_seconds=median_seconds(durations),
            runs=len(durations),
        )

    return tuple(side_by_side(read, workshop.hosts))


@contextlib.contextmanager
def opened_and_read(
    workshop: Workshop, connect: Connect, *, cancel: Cancel | None = None
) -> Iterator[tuple[Mapping[str, Opened], tuple[SurveyedHost, ...]]]:
    """Open a session to each host, and read each once; raises HostError if none answers."""
    with sessions_by_host(workshop.hosts, connect) as opened:
        hosts = survey(workshop, opened, cancel=cancel)
        errors = [host.error for host in hosts if host.error is not None]
        if errors and len(errors) == len(hosts):
            raise errors[0]
        yield opened, hosts


def seats_there(hosts: Iterable[SurveyedHost]) -> frozenset[str]:
    """Return the seats that are on a host, at least in part."""
    return frozenset(seat for host in hosts for seat in host.there)


def is_there(seat: Seat, state: HostState) -> bool:
    """Whether a host has a VM or a switch with the mark of a seat."""
    if state.hyper_v is None:
        return False
    name = seat.topology.name
    return bool(state.hyper_v.vms_of(name)) or any(
        is_marked(switch.notes, name) for switch in state.hyper_v.switches
    )


def owners_on(state: HostState) -> list[str]:
    """Return the names of the topologies whose marks are on VMs and switches of a host."""
    if state.hyper_v is None:
        return []
    notes = [vm.notes for vm in state.hyper_v.vms]
    notes += [switch.notes for switch in state.hyper_v.switches]
    return sorted(set(filter(None, map(owner_of, notes))))


def _pending(seats: Sequence[Seat], state: HostState) -> tuple[Size, int]:
    """Return the memory and the processors of VMs of these seats that do not run yet."""
    running = {
        vm.name.casefold()
        for vm in (state.hyper_v.vms if state.hyper_v else ())
        if vm.state == "Running"
    }
    still = [
        vm
        for seat in seats
        for vm in seat.topology.vms
        if vm.state is VMState.RUNNING and vm.name.casefold() not in running
    ]
    memory = sum(vm.memory_startup for vm in still)
    return Size(memory), sum(vm.processor_count for vm in still)


@contextlib.contextmanager
def sessions_by_host(addresses: Sequence[str], connect: Connect) -> Iterator[Mapping[str, Opened]]:
    """Open a session to each host, side by side, and close them; an error where one fails."""

    def session_to(address: str) -> Opened:
        try:
            return connect(address)
        except HostError as error:
            return error

    with ExitStack() as stack:
        found = dict(zip(addresses, side_by_side(session_to, addresses), strict=True))
        for session in found.values():
            if not isinstance(session, HostError):
                stack.callback(session.close)
        yield found
