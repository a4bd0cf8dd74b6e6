"""Rules about the memory of a host."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nestlab.constants import NESTED_MEMORY_MINIMUM, REQUIREMENTS, host_memory_reserve
from nestlab.dataclass import dataclass
from nestlab.enumerations import all_of
from nestlab.model.finding import Finding
from nestlab.model.size import Size
from nestlab.model.state import HostState
from nestlab.rules.evidence import (
    evidence_from,
    gigabytes,
    host_finding,
    vms_are_known,
    vms_of,
    why_unread,
)
from nestlab.rules.rule import NOTHING_TO_DO, Rule, Scope, detects
from nestlab.texts import tr, tr_count

MEMORY_NOT_KNOWN = Rule(
    code="memory-not-known",
    severity="warning",
    looks_at=(Scope.HOST,),
    meaning="The memory of the host could not be read.",
    why="How many nested hosts fit depends on it.",
    fix="Run `nestlab check` with an account that can read Win32_ComputerSystem.",
    example="Get-CimInstance Win32_ComputerSystem: Access is denied.",
    source=REQUIREMENTS,
)


MEMORY_LOW = Rule(
    code="memory-low",
    severity="error",
    looks_at=(Scope.HOST,),
    meaning="The host has less memory than Hyper-V requires.",
    why="Hyper-V requires 4 GB.",
    fix="Add memory.",
    example="TotalPhysicalMemory = 3 GB",
    source=REQUIREMENTS,
)


MEMORY_LEFT_NOT_KNOWN = Rule(
    code="memory-left-not-known",
    severity="warning",
    looks_at=(Scope.HOST,),
    meaning="It is not known how much memory the VMs of the host use.",
    why="How many nested hosts fit depends on it.",
    fix="Run `nestlab check` with an account that can run Get-VM.",
    example="Get-VM: MemoryAssigned = not known",
    source=REQUIREMENTS,
)


MEMORY_LITTLE_LEFT = Rule(
    code="memory-little-left",
    severity="warning",
    looks_at=(Scope.HOST,),
    meaning="Too little memory is left for another nested host.",
    why="A nested host needs 4 GB in addition to what runs already.",
    fix="Stop VMs that are not needed.",
    example="Get-VM: MemoryAssigned = 62 GB",
    source=REQUIREMENTS,
)


MEMORY_LEFT = Rule(
    code="memory-left",
    severity="info",
    looks_at=(Scope.HOST,),
    meaning="Memory is left for more VMs.",
    why="A nested host needs 4 GB in addition to what runs already.",
    fix=NOTHING_TO_DO,
    example="Get-VM: MemoryAssigned = 0 GB",
    source=REQUIREMENTS,
)


@detects(
    MEMORY_NOT_KNOWN,
    MEMORY_LOW,
    MEMORY_LEFT_NOT_KNOWN,
    MEMORY_LITTLE_LEFT,
    MEMORY_LEFT,
    group="Memory",
)
def memory_for_nesting(state: HostState) -> Iterator[Finding]:
    """Memory for a nested host: 4 GB in addition to what runs already."""
    total = state.computer.total_physical_memory
    computer = "Get-CimInstance Win32_ComputerSystem"  # not shown
    if not total:
        error = why_unread(state, "computersystem", "ciminstance") or tr("no answer")
        message = tr("the memory of the host is not known: it could not be read")
        yield host_finding(state, MEMORY_NOT_KNOWN, message, evidence=f"{computer}: {error}")
        return
    rule, message = _memory_left(state, total)
    known = rule is not MEMORY_LEFT_NOT_KNOWN
    assigned = (
        gigabytes(sum(vm.memory_assigned for vm in vms_of(state))) if known else tr("not known")
    )
    memory = evidence_from(computer, TotalPhysicalMemory=gigabytes(total))
    evidence = f"{memory}; {evidence_from('Get-VM', MemoryAssigned=assigned)}"
    requirement = tr(
        "{minimum} for a nested host, in addition to {reserve} for the host's own Windows",
        minimum=gigabytes(NESTED_MEMORY_MINIMUM),
        reserve=gigabytes(host_memory_reserve(total)),
    )
    yield host_finding(state, rule, message, evidence=evidence, requirement=requirement)


def _memory_left(state: HostState, total: int) -> tuple[Rule, str]:
    assigned = sum(vm.memory_assigned for vm in vms_of(state))
    free = Size(
        max(0, total - host_memory_reserve(total) - assigned)
    )  # counted as in the memory budget
    memory, left, minimum = map(gigabytes, (total, free, NESTED_MEMORY_MINIMUM))
    if total < NESTED_MEMORY_MINIMUM:
        return MEMORY_LOW, tr(
            "the host has {memory} of memory; Hyper-V requires {minimum}",
            memory=memory,
            minimum=minimum,
        )
    if not vms_are_known(state):
        return MEMORY_LEFT_NOT_KNOWN, tr(
            "the host has {memory} of memory; it is not known how much of it VMs use", memory=memory
        )
    if free < NESTED_MEMORY_MINIMUM:
        return MEMORY_LITTLE_LEFT, tr(
            "{memory} of memory are left; a nested host needs {minimum}",
            memory=left,
            minimum=minimum,
        )
    return MEMORY_LEFT, tr("{memory} of memory are left for more VMs", memory=left)


VM_WOULD_NOT_START_AGAIN = Rule(
    code="vm-would-not-start-again",
    severity="error",
    looks_at=(Scope.HOST,),
    meaning="VMs that must be shut down for a change would not get their memory when they start again.",
    why="The memory of the host, without what other VMs hold, is less than they need.",
    fix="Ask for less memory, or stop other VMs first.",
    example="memory_startup beyond the memory of the host",
    source=REQUIREMENTS,
)


@dataclass(frozen=True)
class VMRestart:
    """VMs that are shut down for a change, with the bytes that each needs to start again."""

    state: HostState
    needed: Mapping[str, int]


@detects(VM_WOULD_NOT_START_AGAIN)
def memory_for_restart(restart: VMRestart) -> Iterator[Finding]:
    """VMs for which too little memory would be left when they start again after a change.

    Only what is certain to fail is reported: the dynamic memory of other VMs can shrink.
    """
    state, memory_of = restart.state, restart.needed
    total = state.computer.total_physical_memory
    held = sum(
        vm.memory_assigned
        for vm in vms_of(state)
        if vm.name not in memory_of and not vm.dynamic_memory_enabled
    )
    needed, left = sum(memory_of.values()), total - host_memory_reserve(total) - held
    if not total or needed <= left:
        return
    message = tr_count(
        "{vms} would not start again with {memory} of memory: {available} are available",
        "{vms} would not start again with {memory} of memory: {available} are available",
        len(memory_of),
        vms=all_of(list(memory_of)),
        memory=gigabytes(needed),
        available=gigabytes(max(0, left)),
    )
    evidence = f"{evidence_from('Get-CimInstance Win32_ComputerSystem', TotalPhysicalMemory=gigabytes(total))}; {evidence_from('Get-VM', MemoryAssigned=gigabytes(held))}"
    yield host_finding(state, VM_WOULD_NOT_START_AGAIN, message, evidence=evidence)
