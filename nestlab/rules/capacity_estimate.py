"""An estimate of how many more nested hosts fit into the memory of a machine."""

from __future__ import annotations

from typing import Any

from nestlab.constants import host_memory_reserve
from nestlab.dataclass import dataclass
from nestlab.model.size import Size
from nestlab.rules.evidence import gigabytes
from nestlab.rules.memory_budget import MemoryBudget
from nestlab.texts import tr, tr_count
from nestlab.visible import visible


@dataclass(frozen=True, kw_only=True)
class CapacityEstimate:
    """How many nested hosts of one kind fit into the memory of a machine, and VMs into each.

    Only memory is counted. Whether a nested host can start there at all is the verdict of the
    host report.
    """

    count: int
    memory_each: Size
    vms_inside: int
    memory_inside: Size
    fits_inside: int  # how many VMs with `memory_inside` fit into one such nested host
    free_after: Size
    unread: str = ""

    @property
    def ok(self) -> bool:
        """Whether at least one fits and has room for its VMs."""
        return self.count > 0 and self.fits_inside >= self.vms_inside

    def __str__(self) -> str:
        each = gigabytes(self.memory_each)
        if self.unread:
            return visible(
                tr(
                    "it is not known how many nested hosts with {memory} fit: {command} could not be read",
                    memory=each,
                    command=self.unread,
                )
            )
        if not self.count:
            return visible(
                tr(
                    "by memory alone, no nested host with {memory} fits: {free} are free",
                    memory=each,
                    free=gigabytes(self.free_after),
                )
            )
        hosts = tr_count(
            "by memory alone, {count} nested host with {memory} fits, leaving {free} free",
            "by memory alone, {count} nested hosts with {memory} fit, leaving {free} free",
            self.count,
            memory=each,
            free=gigabytes(self.free_after),
        )
        return visible(f"{hosts}; {self._room()}")

    def _room(self) -> str:
        """Return how many VMs fit into each nested host, as text."""
        vms = (
            tr_count("{count} VM", "{count} VMs", self.fits_inside)
            if self.fits_inside
            else tr("no VM")
        )
        room = tr_count(
            "it has room for {vms} with {memory}",
            "each has room for {vms} with {memory}",
            self.count,
            vms=vms,
            memory=gigabytes(self.memory_inside),
        )
        if self.fits_inside >= self.vms_inside:
            return room
        return f"{room}: {tr('too little for {count}', count=self.vms_inside)}"

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data, sizes in bytes."""
        names = ("count", "memory_each", "vms_inside", "memory_inside", "fits_inside", "free_after")
        return {**{name: int(getattr(self, name)) for name in names}, "unread": self.unread}


def capacity_estimate(
    budget: MemoryBudget, *, memory_each: int, vms_inside: int = 0, memory_inside: int = 1 << 30
) -> CapacityEstimate:
    r"""Return how many nested hosts with `memory_each` bytes fit into a machine.

    Each is to have room for `vms_inside` VMs with `memory_inside` bytes.

    >>> total, reserved, assigned = Size.parse("64GB"), Size.parse("2GB"), Size.parse("4GB")
    >>> host = MemoryBudget(
    ...     machine=(), name="HV01", total=total, reserved=reserved, assigned=assigned
    ... )
    >>> found = capacity_estimate(host, memory_each=8 << 30, vms_inside=3, memory_inside=2 << 30)
    >>> print(*str(found).split("; "), sep="\n")
    by memory alone, 7 nested hosts with 8 GB fit, leaving 2 GB free
    each has room for 3 VMs with 2 GB
    """
    count = 0 if budget.unread else budget.fit(memory_each)
    fits_inside = (memory_each - host_memory_reserve(memory_each)) // memory_inside
    return CapacityEstimate(
        count=count,
        memory_each=Size(memory_each),
        vms_inside=vms_inside,
        memory_inside=Size(memory_inside),
        fits_inside=fits_inside,
        free_after=Size(budget.free - count * memory_each),
        unread=budget.unread,
    )
