"""Rules about the memory and the processors of VMs in a topology."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import (
    ENABLE_NESTED,
    GENERATION_1_PROCESSORS_MAXIMUM,
    HOST_RESERVE,
    NESTED_MEMORY_MINIMUM,
    REQUIREMENTS,
    SCALABILITY,
    SET_MEMORY,
    WHAT_IS_NESTED,
    host_memory_reserve,
    nested_host_memory,
)
from nestlab.model.finding import Finding
from nestlab.model.size import Size
from nestlab.model.topology import VM, VMState
from nestlab.rules.rule import Rule, Scope, Variant, detects
from nestlab.rules.topology.memory_amounts import memory_not_possible
from nestlab.rules.topology.topology_index import TopologyIndex
from nestlab.texts import tr

PROCESSORS_NOT_ENOUGH = Rule(
    code="processors-not-enough",
    severity="error",
    looks_at=(Scope.TOPOLOGY, Scope.MATCH),
    meaning="A VM has more virtual processors than its machine has logical processors, or than an older nested host supports.",
    why="Hyper-V does not start a VM with more than its machine has; Windows Server 2019 and older inside use no more than they support. For a VM inside a nested host, the virtual processors of the nested host are the logical ones.",
    fix="Reduce processor_count of the VM, or give its machine more processors.",
    example="vms: [{name: HV1, processor_count: 2, memory_startup: 8GB, guest: {os: windows, credential: lab}, nested: {vms: [{name: a, processor_count: 4, memory_startup: 1GB}]}}]",
    source=SCALABILITY,
    variants=(
        Variant(
            "warning",
            "for a nested host with more than Windows Server 2019 supports",
            ENABLE_NESTED,
        ),
    ),
)


@detects(PROCESSORS_NOT_ENOUGH)
def processors_not_enough(index: TopologyIndex) -> Iterator[Finding]:
    """A VM with more virtual processors than its nested host has: it does not start."""
    for place, vm in index.nested_hosts:
        for position, inner in enumerate(vm.vms):
            if inner.processor_count > vm.processor_count:
                yield index.finding(
                    PROCESSORS_NOT_ENOUGH,
                    f"{place.subject}/{inner.name}",
                    (*place.keys, "nested", "vms", position, "processor_count"),
                    tr(
                        "has {count} virtual processors; its nested host {vm} has {available}",
                        count=inner.processor_count,
                        vm=place.subject,
                        available=vm.processor_count,
                    ),
                    hint=tr(
                        "Give {vm} a processor_count of {count}, or this VM one of at most {available}.",
                        vm=place.subject,
                        count=inner.processor_count,
                        available=vm.processor_count,
                    ),
                )


DYNAMIC_MEMORY_RANGE = Rule(
    code="dynamic-memory-range",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="The startup memory of a VM is outside the range of its dynamic memory.",
    why="Set-VMMemory accepts dynamic memory only if the startup memory lies between minimum and maximum.",
    fix="Set minimum to at most memory_startup, and maximum to at least memory_startup.",
    example="vms: [{name: a, memory_startup: 1GB, dynamic_memory: {minimum: 2GB, maximum: 4GB}}]",
    source=SET_MEMORY,
)


@detects(DYNAMIC_MEMORY_RANGE)
def dynamic_memory_range(index: TopologyIndex) -> Iterator[Finding]:
    """Startup memory outside the range of the VM's dynamic memory."""
    for place, vm in index.vms:
        memory = vm.dynamic_memory
        if memory is not None and not memory.minimum <= vm.memory_startup <= memory.maximum:
            yield index.finding(
                DYNAMIC_MEMORY_RANGE,
                place.subject,
                (*place.keys, "dynamic_memory"),
                tr(
                    "starts with {memory}, which is not between {minimum} and {maximum} of its dynamic memory",
                    memory=vm.memory_startup,
                    minimum=memory.minimum,
                    maximum=memory.maximum,
                ),
            )


NESTED_MEMORY_LOW = Rule(
    code="nested-memory-low",
    severity="warning",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A nested host starts with less memory than Hyper-V requires.",
    why="The Hyper-V role requires 4 GB; with less, the VMs inside fail to start or the guest pages heavily.",
    fix="Set memory_startup to at least 4GB, or to what its running VMs and its own Windows need together, if that is more.",
    example="vms: [{name: HV1, memory_startup: 2GB, guest: {os: windows, credential: lab}, nested: {}}]",
    source=REQUIREMENTS,
)


@detects(NESTED_MEMORY_LOW)
def nested_memory_low(index: TopologyIndex) -> Iterator[Finding]:
    """A nested host with less than the 4 GB that Hyper-V requires."""
    for place, vm in index.nested_hosts:
        if vm.memory_startup < NESTED_MEMORY_MINIMUM:
            needed = _memory(_running(vm))
            hint = tr("Set memory_startup to {memory} or more.", memory=nested_host_memory(needed))
            if needed:
                hint = tr(
                    "Set memory_startup to {memory} or more: its running VMs need {needed}, and a host with Hyper-V {minimum} or more in all.",
                    memory=nested_host_memory(needed),
                    needed=needed,
                    minimum=NESTED_MEMORY_MINIMUM,
                )
            keys = (*place.keys, "memory_startup")
            message = tr(
                "is a nested host with {memory} of memory; Hyper-V requires {minimum} in all",
                memory=vm.memory_startup,
                minimum=NESTED_MEMORY_MINIMUM,
            )
            yield index.finding(NESTED_MEMORY_LOW, place.subject, keys, message, hint=hint)


NESTED_DYNAMIC_MEMORY = Rule(
    code="nested-dynamic-memory",
    severity="warning",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A nested host uses dynamic memory.",
    why="While Hyper-V runs in a VM, its memory does not change: it keeps what it had when its hypervisor started.",
    fix="Remove dynamic_memory and set memory_startup to what the nested host needs with its VMs.",
    example="vms: [{name: HV1, memory_startup: 8GB, dynamic_memory: {minimum: 2GB, maximum: 8GB}, guest: {os: windows, credential: lab}, nested: {}}]",
    source=WHAT_IS_NESTED,
)


@detects(NESTED_DYNAMIC_MEMORY)
def nested_dynamic_memory(index: TopologyIndex) -> Iterator[Finding]:
    """A nested host with dynamic memory, which has no effect while Hyper-V runs inside."""
    for place, vm in index.nested_hosts:
        if vm.dynamic_memory:
            yield index.finding(
                NESTED_DYNAMIC_MEMORY,
                place.subject,
                (*place.keys, "dynamic_memory"),
                tr(
                    "is a nested host with dynamic memory; its memory stays as it was when its hypervisor started"
                ),
                evidence=tr(
                    "{minimum} to {maximum}, {memory} at start",
                    minimum=vm.dynamic_memory.minimum,
                    maximum=vm.dynamic_memory.maximum,
                    memory=vm.memory_startup,
                ),
            )


MEMORY_OVERCOMMITTED = Rule(
    code="memory-overcommitted",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="The running VMs of a nested host need more memory than the nested host has.",
    why="A nested host keeps part of its memory for its own Windows, about 1 GB and 1/64 of the memory. Its VMs start one after the other until the rest is used up; then the next one fails to start (0x8007000E).",
    fix="Increase memory_startup of the nested host, reduce that of its VMs, or leave some of them Off.",
    example="vms: [{name: HV1, memory_startup: 8GB, guest: {os: windows, credential: lab}, nested: {vms: [{name: a, memory_startup: 6GB}, {name: b, memory_startup: 6GB}]}}]",
    source=HOST_RESERVE,
)


def _running(nested_host: VM) -> list[VM]:
    return [inner for inner in nested_host.vms if inner.state is VMState.RUNNING]


def _memory(vms: list[VM]) -> Size:
    return Size(sum([vm.memory_startup for vm in vms]))


@detects(MEMORY_OVERCOMMITTED)
def memory_overcommitted(index: TopologyIndex) -> Iterator[Finding]:
    """VMs that together need more memory than their nested host has."""
    for place, vm in index.nested_hosts:
        running = _running(vm)
        needed = _memory(running)
        reserve = host_memory_reserve(vm.memory_startup)
        if running and needed + reserve > vm.memory_startup:
            keys = (*place.keys, "memory_startup")
            message = tr(
                "has {memory} of memory; its running VMs need {needed}, and {reserve} are kept for its own Windows",
                memory=vm.memory_startup,
                needed=needed,
                reserve=reserve,
            )
            hint = tr(
                "Set memory_startup of {vm} to {memory} or more, or reduce that of its VMs, or leave some of them Off.",
                vm=place.subject,
                memory=nested_host_memory(needed),
            )
            yield index.finding(
                MEMORY_OVERCOMMITTED,
                place.subject,
                keys,
                message,
                hint=hint,
                evidence=" + ".join(f"{inner.name} {inner.memory_startup}" for inner in running),
            )


TOO_MANY_PROCESSORS = Rule(
    code="too-many-processors",
    severity="error",
    looks_at=(Scope.TOPOLOGY, Scope.MATCH),
    meaning="A VM has more virtual processors than its generation supports.",
    why="Generation 1 supports 64, generation 2 supports 2048 (240 before Windows Server 2025); Set-VMProcessor refuses more.",
    fix="Reduce processor_count, or set generation: 2.",
    example="vms: [{name: a, generation: 1, processor_count: 128}]",
    source=SCALABILITY,
)


@detects(TOO_MANY_PROCESSORS)
def too_many_processors(index: TopologyIndex) -> Iterator[Finding]:
    """More virtual processors than generation 1 supports: Set-VMProcessor refuses them."""
    maximum = GENERATION_1_PROCESSORS_MAXIMUM
    for place, vm in index.vms:
        if vm.generation == 1 and vm.processor_count > maximum:
            keys = (*place.keys, "processor_count")
            message = tr(
                "has {count} virtual processors; a VM of generation 1 has at most {maximum}",
                count=vm.processor_count,
                maximum=maximum,
            )
            yield index.finding(
                TOO_MANY_PROCESSORS,
                place.subject,
                keys,
                message,
                hint=" ".join(
                    (
                        tr(
                            "Set processor_count to at most {maximum}, or set generation: 2.",
                            maximum=maximum,
                        ),
                        place.generation_hint,
                    )
                ),
            )


DETECTORS = (
    memory_not_possible,
    too_many_processors,
    nested_memory_low,
    nested_dynamic_memory,
    memory_overcommitted,
    processors_not_enough,
    dynamic_memory_range,
)
