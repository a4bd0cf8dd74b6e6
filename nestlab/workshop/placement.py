"""Placement of seats on hosts by memory, processors and disk space: pure, without a session."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from nestlab.constants.limits import MEMORY_STEP
from nestlab.dataclass import dataclass, field, replace
from nestlab.model import Size
from nestlab.model.topology import Topology, VMState


@dataclass(frozen=True, kw_only=True)
class SeatNeeds:
    """What a seat needs of its host. `disk` is None where the workshop file does not say."""

    memory: Size
    processors: int
    disk: Size | None
    nats: int
    vms: int
    all_vms: int

    @classmethod
    def of(cls, topology: Topology, disk: Size | None) -> SeatNeeds:
        """Return what the VMs of the host need that the file starts, and how many NATs there are.

        `all_vms` are the VMs at every level; those in nested hosts share the memory of these.
        """
        running = [vm for vm in topology.vms if vm.state is VMState.RUNNING]
        return cls(
            memory=Size(sum(vm.memory_startup for vm in running)),
            processors=sum(vm.processor_count for vm in running),
            disk=disk,
            nats=sum(1 for switch in topology.switches if switch.nat and not switch.existing),
            vms=len(topology.vms),
            all_vms=sum(1 for _ in topology.machines()) - 1,
        )


@dataclass(frozen=True, kw_only=True)
class HostRoom:
    """What is left on a host. `disk` is None where the free space is not known.

    `processors` are the virtual processors that may still be used, by the ratio of the file.
    """

    host: str
    memory: Size
    processors: int
    disk: Size | None
    nats: int = 0

    def lacks(self, needs: SeatNeeds) -> tuple[Resource, ...]:
        """Return what there is too little of for one more seat."""
        found = []
        if needs.memory > self.memory:
            found.append(Resource.MEMORY)
        if needs.processors > self.processors:
            found.append(Resource.PROCESSORS)
        if needs.disk is not None and self.disk is not None and needs.disk > self.disk:
            found.append(Resource.DISK)
        return tuple(found)

    def after(self, needs: SeatNeeds) -> HostRoom:
        """Return what is left with one more seat."""
        disk = self.disk
        if disk is not None and needs.disk is not None:
            disk = Size(disk - needs.disk)
        return replace(
            self,
            memory=Size(self.memory - needs.memory),
            processors=self.processors - needs.processors,
            disk=disk,
            nats=self.nats + needs.nats,
        )


class Resource(StrEnum):
    """What a host may have too little of."""

    MEMORY = "memory"
    PROCESSORS = "processors"
    DISK = "disk"


@dataclass(frozen=True)
class Placement:
    """The host of each seat, by the seat's name; `left_out` are the seats that fit on none."""

    hosts: Mapping[str, str]
    left_out: tuple[str, ...]
    rooms: tuple[HostRoom, ...] = field(repr=False)
    """What is left on each host then."""


def place(
    seats: Sequence[str], needs: SeatNeeds, rooms: Iterable[HostRoom], there: Mapping[str, str]
) -> Placement:
    """Place seats, in order, each on the host with the most memory left of those with room.

    `there` has the host of each seat that exists already, at least in part: it stays, and the rooms
    are without what it uses.
    """
    left = {room.host: room for room in rooms}
    found: dict[str, str] = {}
    out: list[str] = []
    for seat in seats:
        if seat in there:
            found[seat] = there[seat]
            continue
        fitting = [room for room in left.values() if not room.lacks(needs)]
        if not fitting:
            out.append(seat)
            continue
        best = max(fitting, key=lambda room: room.memory)
        left[best.host] = best.after(needs)
        found[seat] = best.host
    return Placement(found, tuple(out), tuple(left.values()))


def most_memory_each(seats: int, needs: SeatNeeds, rooms: Sequence[HostRoom]) -> Size | None:
    """Return the most memory that each of so many seats can start with; None if that is none.

    Only memory is lowered: where processors or disk space do not suffice either, it is None.

    >>> room = HostRoom(host="a", memory=Size.parse("10GB"), processors=99, disk=None)
    >>> needs = SeatNeeds(
    ...     memory=Size.parse("4GB"), processors=2, disk=None, nats=1, vms=1, all_vms=1
    ... )
    >>> most_memory_each(4, needs, [room])
    Size('2560MB')
    """
    names = [str(number) for number in range(seats)]
    low, high = 0, needs.memory // MEMORY_STEP
    while low < high:
        middle = (low + high + 1) // 2
        smaller = replace(needs, memory=Size(middle * MEMORY_STEP))
        if place(names, smaller, rooms, {}).left_out:
            high = middle - 1
        else:
            low = middle
    return Size(low * MEMORY_STEP) if low else None
