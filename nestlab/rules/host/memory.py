"""Rules about room: memory, processors and disk for nested hosts; the memory budget, and how many more would fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nestlab.constants import (
    DISK_SPACE_MINIMUM,
    HOST_MEMORY_RESERVE,
    NESTED_MEMORY_MINIMUM,
    REQUIREMENTS,
    SERVER_HARDWARE,
)
from nestlab.model.finding import Finding
from nestlab.model.machine_path import HOST, MachinePath
from nestlab.model.size import Size
from nestlab.model.state import HostState
from nestlab.rules.evidence import (
    computer_name,
    gigabytes,
    read,
    said,
    unread_about,
    vms_are_known,
    vms_of,
)
from nestlab.visible import visible


def memory_is_enough(state: HostState) -> Iterator[Finding]:
    """A nested host wants 4 GB beside what runs already."""
    total = state.computer.total_physical_memory
    if not total:
        error = f"Get-CimInstance Win32_ComputerSystem: {unread_about(state, 'computersystem', 'ciminstance') or 'no answer'}"
        yield said(
            state,
            "memory-not-known",
            "warning",
            "the memory of the host is not known: it could not be read",
            evidence=error,
            source=REQUIREMENTS,
        )
        return
    assigned = sum(vm.memory_assigned for vm in vms_of(state))
    free = Size(max(0, total - HOST_MEMORY_RESERVE - assigned))  # as the memory budget counts
    evidence = f"{read('Get-CimInstance Win32_ComputerSystem', TotalPhysicalMemory=gigabytes(total))}; {read('Get-VM', MemoryAssigned=gigabytes(assigned))}"
    rule = f"{gigabytes(NESTED_MEMORY_MINIMUM)} for a nested host, beside {gigabytes(HOST_MEMORY_RESERVE)} for the host's own Windows"
    if total < NESTED_MEMORY_MINIMUM:
        message = f"the host has {gigabytes(total)} of memory; Hyper-V asks for {gigabytes(NESTED_MEMORY_MINIMUM)}"
        yield said(
            state,
            "memory-low",
            "error",
            message,
            hint="Add memory.",
            evidence=evidence,
            rule=rule,
            source=REQUIREMENTS,
        )
    elif not vms_are_known(state):
        message = f"the host has {gigabytes(total)} of memory; how much of it VMs hold is not known"
        evidence = f"{read('Get-CimInstance Win32_ComputerSystem', TotalPhysicalMemory=gigabytes(total))}; {read('Get-VM', MemoryAssigned='not known')}"
        yield said(
            state,
            "memory-left-not-known",
            "warning",
            message,
            evidence=evidence,
            rule=rule,
            source=REQUIREMENTS,
        )
    elif free < NESTED_MEMORY_MINIMUM:
        message = f"{gigabytes(free)} of memory are left; a nested host wants {gigabytes(NESTED_MEMORY_MINIMUM)}"
        hint = "Stop VMs that are not needed."
        yield said(
            state,
            "memory-little-left",
            "warning",
            message,
            hint=hint,
            evidence=evidence,
            rule=rule,
            source=REQUIREMENTS,
        )
    else:
        message = f"{gigabytes(free)} of memory are left for more VMs"
        yield said(
            state, "memory-left", "info", message, evidence=evidence, rule=rule, source=REQUIREMENTS
        )


def memory_to_start_again(state: HostState, wanted: Mapping[str, int]) -> Iterator[Finding]:
    """VMs that are shut down for a change have to find their memory (bytes by name) when they start again.

    Says only what certainly fails: memory of other VMs that is dynamic can shrink, and the host's
    own Windows gives way.
    """
    total = state.computer.total_physical_memory
    held = sum(
        vm.memory_assigned
        for vm in vms_of(state)
        if vm.name not in wanted and not vm.dynamic_memory_enabled
    )
    needed = sum(wanted.values())
    if not total or needed <= total - held:
        return
    message = f"{' and '.join(wanted)} would not start again with {gigabytes(needed)} of memory: {gigabytes(max(0, total - held))} are there"
    evidence = f"{read('Get-CimInstance Win32_ComputerSystem', TotalPhysicalMemory=gigabytes(total))}; {read('Get-VM', MemoryAssigned=gigabytes(held))}"
    hint = "Ask for less memory, or stop other VMs first."
    yield said(
        state,
        "vm-would-not-start-again",
        "error",
        message,
        hint=hint,
        evidence=evidence,
        source=REQUIREMENTS,
    )


def logical_processors(state: HostState) -> Iterator[Finding]:
    """How many logical processors there are to share."""
    count = sum(processor.number_of_logical_processors for processor in state.processors)
    if not count:
        message = "how many logical processors there are is not known"
        evidence = read("Get-CimInstance Win32_Processor", NumberOfLogicalProcessors="not known")
        yield said(
            state,
            "logical-processors-not-known",
            "info",
            message,
            evidence=evidence,
            source=REQUIREMENTS,
        )
    else:
        cores = sum(processor.number_of_cores for processor in state.processors)
        given = sum(vm.processor_count for vm in vms_of(state) if vm.state == "Running")
        evidence = read(
            "Get-CimInstance Win32_Processor",
            NumberOfLogicalProcessors=count,
            NumberOfCores=cores or "not known",
        )
        given_out = (
            f", {given} virtual ones of running VMs on them"
            if vms_are_known(state)
            else "; how many virtual ones run on them is not known"
        )
        message = f"{count} logical processors{given_out}"
        yield said(
            state, "logical-processors", "info", message, evidence=evidence, source=REQUIREMENTS
        )


def disk_space_is_left(state: HostState) -> Iterator[Finding]:
    """New disks grow on the drive of the host's path for virtual hard disks."""
    path = state.hyper_v.vm_host.virtual_hard_disk_path if state.hyper_v else ""
    volume = next(
        (item for item in state.volumes if path.casefold().startswith(item.device_id.casefold())),
        None,
    )
    if state.hyper_v is None:
        return
    if volume is None:
        message = "how much disk space is left for new virtual hard disks is not known"
        evidence = f"{read('Get-VMHost', VirtualHardDiskPath=path)}; {read('Get-CimInstance Win32_LogicalDisk', FreeSpace='not known')}"
        yield said(
            state,
            "disk-space-not-known",
            "info",
            message,
            evidence=evidence,
            source=SERVER_HARDWARE,
        )
        return
    evidence = f"{read('Get-VMHost', VirtualHardDiskPath=path)}; {read('Get-CimInstance Win32_LogicalDisk', FreeSpace=gigabytes(volume.free_space))}"
    rule = f"an installed Windows Server takes {gigabytes(DISK_SPACE_MINIMUM)}"
    message = f"{gigabytes(volume.free_space)} are free on {volume.device_id}, where new virtual hard disks go"
    if volume.free_space < DISK_SPACE_MINIMUM:
        hint = "Make room, or move the path: Set-VMHost -VirtualHardDiskPath."
        yield said(
            state,
            "disk-space-low",
            "warning",
            message,
            hint=hint,
            evidence=evidence,
            rule=rule,
            source=SERVER_HARDWARE,
        )
    else:
        yield said(
            state,
            "disk-space-left",
            "info",
            message,
            evidence=evidence,
            rule=rule,
            source=SERVER_HARDWARE,
        )


@dataclass(frozen=True, kw_only=True)
class MemoryBudget:
    """The memory of one machine and of the nested hosts inside it. Sizes in bytes.

    `reserved` is what the machine's own Windows needs, `assigned` what its VMs hold now, `free`
    what is left for more. `unread` names what could not be read: then nothing of it is known.
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
        """What is left for VMs; 0 where more is given out than there is."""
        return Size(max(0, self.total - self.reserved - self.assigned))

    def fit(self, memory: int = NESTED_MEMORY_MINIMUM) -> int:
        """Return how many more VMs with this much memory would start here.

        >>> MemoryBudget(machine=(), name="HV01", total=Size.parse("64GB"), reserved=Size.parse("2GB"), assigned=Size(0)).fit(8 << 30)
        7
        """
        return self.free // memory

    def lines(self, depth: int = 0) -> Iterator[str]:
        """Yield the budget as text, one line a machine, those inside indented."""
        given = f"{gigabytes(self.assigned)} given to {len(self.vms)} running VM{'' if len(self.vms) == 1 else 's'}"
        own = f"{gigabytes(self.reserved)} for its own Windows"
        sums = f"{gigabytes(self.total)}, {own}, {given}, {gigabytes(self.free)} free"
        yield f"{'  ' * depth}L{depth} {self.name}: {f'not known, {self.unread} could not be read' if self.unread else sums}"
        for budget in self.inside:
            yield from budget.lines(depth + 1)

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
        known = f"{gigabytes(self.free)} of {gigabytes(self.total)} free"
        return visible(f"<MemoryBudget {self.name}: {'not known' if self.unread else known}>")

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
        "Get-CimInstance Win32_ComputerSystem"
        if not total
        else ""
        if vms_are_known(state)
        else "Get-VM"
    )
    return MemoryBudget(
        unread=unread,
        machine=machine,
        name=computer_name(state) if machine == HOST else machine[-1],
        total=total,
        reserved=Size(min(total, HOST_MEMORY_RESERVE)),
        assigned=Size(sum(memory for _, memory in vms)),
        vms=vms,
        inside=tuple(
            memory_budget(found, path)
            for path in sorted(found)
            if path[:-1] == machine and path != machine and path
        ),
    )


@dataclass(frozen=True, kw_only=True)
class WhatIf:
    """How many nested hosts of one kind fit into the memory of a machine beside what runs there, and what each of them carries.

    It counts memory and nothing else: whether a nested host starts there at all, the verdict of the
    report says.
    """

    count: int
    memory_each: Size
    vms_inside: int
    memory_inside: Size
    carries: int  # how many VMs with `memory_inside` one such nested host has room for
    free_after: Size
    unread: str = ""

    @property
    def ok(self) -> bool:
        """Whether at least one fits, and carries the VMs that it should."""
        return self.count > 0 and self.carries >= self.vms_inside

    def __str__(self) -> str:
        each = gigabytes(self.memory_each)
        if self.unread:
            return visible(
                f"how many nested hosts with {each} fit is not known: {self.unread} could not be read"
            )
        if not self.count:
            return visible(
                f"by memory alone, no nested host with {each} fits: {gigabytes(self.free_after)} are free"
            )
        fit = "1 nested host" if self.count == 1 else f"{self.count} nested hosts"
        room = "it has room" if self.count == 1 else "each has room"
        vms = (
            "no VM" if not self.carries else "1 VM" if self.carries == 1 else f"{self.carries} VMs"
        )
        short = "" if self.carries >= self.vms_inside else f": too little for {self.vms_inside}"
        hosts = f"by memory alone, {fit} with {each} fit{'s' if self.count == 1 else ''}, {gigabytes(self.free_after)} stay free"
        return visible(f"{hosts}; {room} for {vms} with {gigabytes(self.memory_inside)}{short}")

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data, sizes in bytes."""
        names = ("count", "memory_each", "vms_inside", "memory_inside", "carries", "free_after")
        return {**{name: int(getattr(self, name)) for name in names}, "unread": self.unread}


def what_if(
    budget: MemoryBudget, *, memory_each: int, vms_inside: int = 0, memory_inside: int = 1 << 30
) -> WhatIf:
    """Return how many nested hosts with `memory_each` bytes fit, each to carry `vms_inside` VMs with `memory_inside` bytes.

    >>> host = MemoryBudget(machine=(), name="HV01", total=Size.parse("64GB"), reserved=Size.parse("2GB"), assigned=Size.parse("4GB"))
    >>> print(what_if(host, memory_each=8 << 30, vms_inside=3, memory_inside=2 << 30))
    by memory alone, 7 nested hosts with 8 GB fit, 2 GB stay free; each has room for 3 VMs with 2 GB
    """
    count = 0 if budget.unread else budget.fit(memory_each)
    carries = max(0, memory_each - HOST_MEMORY_RESERVE) // memory_inside
    return WhatIf(
        count=count,
        memory_each=Size(memory_each),
        vms_inside=vms_inside,
        memory_inside=Size(memory_inside),
        carries=carries,
        free_after=Size(budget.free - count * memory_each),
        unread=budget.unread,
    )
