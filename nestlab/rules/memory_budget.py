"""The memory of a machine and of the nested hosts inside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from nestlab.constants import NESTED_MEMORY_MINIMUM, host_memory_reserve
from nestlab.dataclass import dataclass
from nestlab.model.machine_path import HOST, MachinePath
from nestlab.model.size import Size
from nestlab.model.state import HostState
from nestlab.rules.evidence import display_name, gigabytes, vms_are_known, vms_of
from nestlab.texts import tr, tr_count
from nestlab.visible import visible


@dataclass(frozen=True, kw_only=True)
class MemoryBudget:
    """The memory of one machine and of the nested hosts inside it. Sizes in bytes.

    `reserved` is for the machine's own Windows, `assigned` is what its VMs use now, `free` what is
    left for more. If `unread` names something that could not be read, none of these is known.
    """

    machine: MachinePath
    name: str
    total: Size
    reserved: Size
    assigned: Size
    vms: tuple[tuple[str, Size], ...] = ()
    inside: tuple[MemoryBudget, ...] = ()
    unread: str = ""

    @property
    def free(self) -> Size:
        """What is left for VMs; 0 if more is assigned than the machine has."""
        return Size(max(0, self.total - self.reserved - self.assigned))

    def fit(self, memory: int = NESTED_MEMORY_MINIMUM) -> int:
        """Return how many more VMs with this much memory would start here.

        >>> total, reserved = Size.parse("64GB"), Size.parse("2GB")
        >>> budget = MemoryBudget(
        ...     machine=(), name="HV01", total=total, reserved=reserved, assigned=Size(0)
        ... )
        >>> budget.fit(8 << 30)
        7
        """
        return self.free // memory

    def lines(self, depth: int = 0) -> Iterator[str]:
        """Yield the budget as text, one line per machine, nested hosts indented."""
        text = (
            tr("not known, {command} could not be read", command=self.unread)
            if self.unread
            else self._sums()
        )
        yield f"{'  ' * depth}L{len(self.machine)} {self.name}: {text}"
        for budget in self.inside:
            yield from budget.lines(depth + 1)

    def _sums(self) -> str:
        given = tr_count(
            "{memory} given to {count} running VM",
            "{memory} given to {count} running VMs",
            len(self.vms),
            memory=gigabytes(self.assigned),
        )
        return tr(
            "{total}, {reserved} for its own Windows, {given}, {free} free",
            total=gigabytes(self.total),
            reserved=gigabytes(self.reserved),
            given=given,
            free=gigabytes(self.free),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data, sizes in bytes."""
        return {
            "machine": "/".join(self.machine) or "host",
            "name": self.name,
            "total": int(self.total),
            "reserved": int(self.reserved),
            "assigned": int(self.assigned),
            "free": int(self.free),
            "unread": self.unread,
            "vms": [{"name": name, "memory": int(memory)} for name, memory in self.vms],
            "inside": [budget.to_dict() for budget in self.inside],
        }

    def __repr__(self) -> str:
        free = tr("{free} of {total} free", free=gigabytes(self.free), total=gigabytes(self.total))
        return visible(f"<MemoryBudget {self.name}: {tr('not known') if self.unread else free}>")

    def __str__(self) -> str:
        return visible("\n".join(self.lines()))

    def _repr_html_(self) -> str:
        from nestlab.html import escape  # noqa: PLC0415  # only notebooks need it

        return f"<pre>{escape(str(self))}</pre>"


def memory_budget(
    states: Mapping[MachinePath, HostState] | HostState, machine: MachinePath = HOST
) -> MemoryBudget:
    """Return the memory of a machine, and of every observed nested host inside it, to any depth."""
    found = {states.machine: states} if isinstance(states, HostState) else states
    machine = states.machine if isinstance(states, HostState) else machine
    state = found[machine]
    vms = tuple((vm.name, vm.memory_assigned) for vm in vms_of(state) if vm.memory_assigned)
    total = state.computer.total_physical_memory
    unread = (
        "Get-CimInstance Win32_ComputerSystem"  # not shown
        if not total
        else ""
        if vms_are_known(state)
        else "Get-VM"
    )
    return MemoryBudget(
        unread=unread,
        machine=machine,
        name=display_name(state) if machine == HOST else machine[-1],
        total=total,
        reserved=host_memory_reserve(total),
        assigned=Size(sum(memory for _, memory in vms)),
        vms=vms,
        inside=tuple(
            memory_budget(found, path)
            for path in sorted(found)
            if path and path[:-1] == machine and _may_be_host(found[path])
        ),
    )


def _may_be_host(state: HostState) -> bool:
    """Whether a guest is a nested host, or may be one."""
    return state.hyper_v is not None or not vms_are_known(state)
