"""A workshop: one file for a class, with its seats, networks, hosts and stages."""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property
from ipaddress import IPv4Network

from nestlab.dataclass import dataclass, field
from nestlab.model.origin import Origin
from nestlab.model.plain import Declared
from nestlab.model.size import Size
from nestlab.model.topology import Check, Topology
from nestlab.texts import tr_count
from nestlab.visible import visible
from nestlab.workshop.seat_topologies import SeatCopies, seat_names


@dataclass(frozen=True, kw_only=True)
class SeatList(Declared):
    """How many seats there are, how many spare ones, and the names of the first."""

    count: int
    spare: int = 0
    names: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """The number of seats with the spare ones."""
        return self.count + self.spare


@dataclass(frozen=True, kw_only=True)
class SeatQuota(Declared):
    """The most that a seat is to take of its host; None: no limit."""

    memory: Size | None = None
    processors: int | None = None
    disk: Size | None = None


@dataclass(frozen=True, kw_only=True)
class HostLimits(Declared):
    """What `nestlab workshop` uses of one host at a time.

    `seats_at_once` seats are built at the same time, each with `workers` machines at a time, so
    that a run needs `seats_at_once * workers` shells at most. WinRM allows 30 shells per user by
    default (MaxShellsPerUser of winrm/config/winrs). `processor_ratio` is the most virtual
    processors for each logical processor; Hyper-V itself has no limit for that.
    """

    seats_at_once: int = 4
    workers: int = 4
    processor_ratio: int = 8


class FaultKind(StrEnum):
    """What a fault changes: of a VM and its adapters, or of a switch (NAT and DHCP)."""

    SPOOFING = "spoofing"
    GATEWAY = "gateway"
    ADDRESS = "address"
    DNS = "dns"
    VLAN = "vlan"
    DISCONNECTED = "disconnected"
    MEMORY = "memory"
    EXTENSIONS = "extensions"
    POWER = "power"
    FIREWALL = "firewall"
    NAT = "nat"
    DHCP = "dhcp"


@dataclass(frozen=True, kw_only=True)
class StageFault(Declared):
    """A fault that is planted at the end of a stage, at a VM or a switch of the topology."""

    kind: FaultKind
    at: str


@dataclass(frozen=True, kw_only=True)
class WorkshopStage(Declared):
    """A stage: a cut of the topology, with its checks.

    `until` names what of the topology is there at its end, in addition to what earlier stages have.
    `text` or `notebook` is what the learner reads, `hint` the author's help. `fault` is
    what `nestlab workshop plant` breaks, for the learner to find.
    """

    name: str
    notebook: str | None = None
    text: str | None = None
    until: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    hint: str | None = None
    fault: StageFault | None = None


@dataclass(frozen=True)
class Seat:
    """One learner's copy of the topology; `number` counts the seats, or the spare ones, from 1."""

    name: str
    number: int
    is_spare: bool
    workshop: Workshop = field(repr=False, compare=False)

    @cached_property
    def topology(self) -> Topology:
        """The topology of the seat."""
        return self.copy(self.workshop.base)

    def copy(self, topology: Topology) -> Topology:
        """Return the seat's copy of the topology, or of a part of it."""
        copies = self.workshop.copies
        return copies.copy(topology, self.name, self.number, is_spare=self.is_spare)


@dataclass(frozen=True, kw_only=True)
class Workshop(Declared):
    """A workshop, as its file declares it.

    `topology` is the path of the topology file as written; `base` is what that file has. `ports`
    are the host's ports for port forwards, of which each seat gets its own.
    """

    name: str
    description: str = ""
    topology: str
    seats: SeatList
    networks: tuple[IPv4Network, ...]
    ports: range = range(20000, 30000)
    hosts: tuple[str, ...] = ()
    quota: SeatQuota = field(default_factory=SeatQuota)
    limits: HostLimits = field(default_factory=HostLimits)
    stages: tuple[WorkshopStage, ...] = ()
    base: Topology = field(default=Topology(name="none"), repr=False, compare=False)
    origin: Origin | None = field(default=None, repr=False, compare=False)

    @property
    def seat_names(self) -> tuple[str, ...]:
        """The names of the seats, then those of the spare ones."""
        return tuple(seat_names(self.seats.names, self.seats.count, self.seats.spare))

    @cached_property
    def all_seats(self) -> tuple[Seat, ...]:
        """The seats, then the spare ones, each with its topology."""
        count = self.seats.count
        return tuple(
            Seat(name, number if number <= count else number - count, number > count, self)
            for number, name in enumerate(self.seat_names, 1)
        )

    @cached_property
    def copies(self) -> SeatCopies:
        """What makes the copies of the topology for the seats."""
        return SeatCopies.of(self.name, self.networks, self.ports, self.base)

    def seat(self, name: str) -> Seat:
        """Return the seat with a name, in any case; raises KeyError if there is none."""
        folded = name.casefold()
        for seat in self.all_seats:
            if seat.name.casefold() == folded:
                return seat
        raise KeyError(name)

    def __repr__(self) -> str:
        seats = tr_count("{count} seat", "{count} seats", self.seats.count)
        hosts = tr_count("{count} host", "{count} hosts", len(self.hosts))
        return visible(f"<Workshop {self.name}: {seats}, {hosts}>")
