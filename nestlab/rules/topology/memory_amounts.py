"""The rule about the amounts of memory that Hyper-V accepts."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import (
    GENERATION_1_MEMORY_MAXIMUM,
    GENERATION_2_MEMORY_MAXIMUM,
    MEMORY_ALIGNMENT,
    MEMORY_MINIMUM,
    MEMORY_STEP,
)
from nestlab.model.finding import Finding
from nestlab.model.size import Size
from nestlab.model.topology import VM
from nestlab.rules.rule import Rule, Scope, detects
from nestlab.rules.topology.topology_index import TopologyIndex
from nestlab.texts import tr

MEMORY_NOT_POSSIBLE = Rule(
    code="memory-not-possible",
    severity="error",
    looks_at=(Scope.TOPOLOGY, Scope.MATCH),
    meaning="Hyper-V does not accept this amount of memory.",
    why="Memory must be a multiple of 2 MB, at least 32 MB, and at most 1 TB in generation 1 and 240 TB in generation 2 (12 TB before Windows Server 2025); Set-VMMemory refuses anything else.",
    fix="Round the value to a multiple of 2MB, at least 32MB and at most what the generation supports.",
    example="vms: [{name: a, memory_startup: 1073741825}]",
    source=MEMORY_ALIGNMENT,
)


def memory_values(vm: VM) -> dict[tuple[str, ...], Size]:
    """Return the amounts of memory of a VM in the file, by their keys."""
    values: dict[tuple[str, ...], Size] = {("memory_startup",): vm.memory_startup}
    if vm.dynamic_memory:
        values["dynamic_memory", "minimum"] = vm.dynamic_memory.minimum
        values["dynamic_memory", "maximum"] = vm.dynamic_memory.maximum
    return values


@detects(MEMORY_NOT_POSSIBLE)
def memory_not_possible(index: TopologyIndex) -> Iterator[Finding]:
    """Memory that is not a multiple of 2 MB, below 32 MB, or above the limit of the generation."""
    for place, vm in index.vms:
        is_first_generation = vm.generation == 1
        maximum = (
            GENERATION_1_MEMORY_MAXIMUM if is_first_generation else GENERATION_2_MEMORY_MAXIMUM
        )
        for keys, value in memory_values(vm).items():
            below = value // MEMORY_STEP * MEMORY_STEP
            if value < MEMORY_MINIMUM:
                minimum = Size(MEMORY_MINIMUM)
                message = tr(
                    "has {key} {value}; a VM has at least {minimum}",
                    key=keys[-1],
                    value=value,
                    minimum=minimum,
                )
                hint = tr("Set it to {minimum} or more.", minimum=minimum)
            elif value > maximum:
                message = tr(
                    "has {key} {value}; a VM of generation {generation} has at most {maximum}",
                    key=keys[-1],
                    value=value,
                    generation=vm.generation,
                    maximum=maximum,
                )
                hint = tr("Set it to {maximum} or less.", maximum=maximum)
            elif value != below:
                message = tr(
                    "has {key} {value}, which is not a multiple of 2MB", key=keys[-1], value=value
                )
                hint = tr(
                    "Set {lower} or {higher}: Hyper-V refuses anything between.",
                    lower=Size(below),
                    higher=Size(below + MEMORY_STEP),
                )
            else:
                continue
            at = (*place.keys, *keys)
            yield index.finding(MEMORY_NOT_POSSIBLE, place.subject, at, message, hint=hint)
