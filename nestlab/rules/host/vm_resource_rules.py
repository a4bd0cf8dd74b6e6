"""Rules about the memory and the processors of a VM that is a nested host, or could be one."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import (
    NESTED_MEMORY_MINIMUM,
    OLD_GUEST_PROCESSORS_MAXIMUM,
    REQUIREMENTS,
    SCALABILITY,
    WHAT_IS_NESTED,
)
from nestlab.model.cmdlet import Cmdlet
from nestlab.model.finding import Finding
from nestlab.model.size import Size
from nestlab.rules.evidence import evidence_from, while_off
from nestlab.rules.host.vm_on_host import VMOnHost
from nestlab.rules.rule import Rule, Scope, Variant, detects
from nestlab.texts import tr

VM_DYNAMIC_MEMORY = Rule(
    code="vm-dynamic-memory",
    severity="warning",
    looks_at=(Scope.VM,),
    meaning="A VM uses dynamic memory.",
    why="While Hyper-V runs inside, its memory does not change: it keeps what it had at the start.",
    fix="Turn dynamic memory off for a nested host, while it is off.",
    example="Get-VMMemory: DynamicMemoryEnabled = True",
    source=WHAT_IS_NESTED,
    variants=(Variant("info", "while the VM does not expose the extensions"),),
)


VM_MEMORY_LOW = Rule(
    code="vm-memory-low",
    severity="warning",
    looks_at=(Scope.VM,),
    meaning="A VM starts with less memory than Hyper-V inside it requires.",
    why="Hyper-V requires 4 GB.",
    fix="Increase its startup memory while it is off.",
    example="Startup = 2GB",
    source=REQUIREMENTS,
    variants=(Variant("info", "while the VM does not expose the extensions"),),
)


VM_MEMORY_FIXED = Rule(
    code="vm-memory-fixed",
    severity="info",
    looks_at=(Scope.VM,),
    meaning="The memory of a running nested host cannot be changed.",
    why="While Hyper-V runs inside, memory can be neither dynamic nor resized.",
    fix="Shut it down, run Set-VMMemory, and start it again.",
    example="Get-VMMemory: DynamicMemoryEnabled = False, Startup = 8GB",
    source=WHAT_IS_NESTED,
)


@detects(
    VM_DYNAMIC_MEMORY, VM_MEMORY_LOW, VM_MEMORY_FIXED, reads=("Get-VMProcessor", "Get-VMMemory")
)
def vm_memory(on_host: VMOnHost) -> Iterator[Finding]:
    """Dynamic memory, and less memory than Hyper-V requires."""
    vm = on_host.vm
    static = {
        "VMName": vm.name,
        "DynamicMemoryEnabled": False,
        "StartupBytes": Size(max(vm.memory_startup, NESTED_MEMORY_MINIMUM)),
    }
    fix = while_off(vm, Cmdlet("Set-VMMemory", static))
    evidence = evidence_from(
        "Get-VMMemory", DynamicMemoryEnabled=vm.dynamic_memory_enabled, Startup=vm.memory_startup
    )
    if vm.dynamic_memory_enabled:
        evidence += f", Minimum = {vm.memory_minimum}, Maximum = {vm.memory_maximum}"
        yield _dynamic(on_host, evidence, fix)
    elif vm.expose_virtualization_extensions and vm.state != "Off":
        message = tr("its memory can be neither dynamic nor resized while Hyper-V runs inside")
        yield on_host.finding(VM_MEMORY_FIXED, message, evidence=evidence)
    if vm.memory_startup < NESTED_MEMORY_MINIMUM:
        yield _low(on_host, evidence, fix)


def _dynamic(on_host: VMOnHost, evidence: str, fix: tuple[Cmdlet, ...]) -> Finding:
    message = tr("has dynamic memory; while Hyper-V runs inside, its memory does not change")
    requirement = tr(
        "static memory; sources disagree: documentation of the 2015 previews said that the VM does not boot, the current page that the memory does not change"
    )
    rule = VM_DYNAMIC_MEMORY.at(on_host.severity)
    return on_host.finding(rule, message, evidence=evidence, requirement=requirement, fix=fix)


def _low(on_host: VMOnHost, evidence: str, fix: tuple[Cmdlet, ...]) -> Finding:
    message = tr(
        "starts with {memory} of memory; Hyper-V inside requires {minimum}",
        memory=on_host.vm.memory_startup,
        minimum=NESTED_MEMORY_MINIMUM,
    )
    requirement = tr("Startup {size} or more", size=NESTED_MEMORY_MINIMUM)
    rule = VM_MEMORY_LOW.at(on_host.severity)
    return on_host.finding(rule, message, evidence=evidence, requirement=requirement, fix=fix)


VM_PROCESSORS = Rule(
    code="vm-processors",
    severity="warning",
    looks_at=(Scope.VM,),
    meaning="A VM has more virtual processors than its host has logical ones, or than an older nested host supports.",
    why="It does not start, or Windows Server 2019 and older inside do not use them.",
    fix="Reduce the number of virtual processors while it is off.",
    example="Get-VMProcessor: Count = 64",
    source=SCALABILITY,
    variants=(Variant("info", "while the VM does not expose the extensions"),),
)


@detects(VM_PROCESSORS, reads=("Get-VMProcessor",))
def virtual_processors(on_host: VMOnHost) -> Iterator[Finding]:
    """More virtual processors than the host has, or than an older Windows inside supports."""
    vm, maximum = on_host.vm, OLD_GUEST_PROCESSORS_MAXIMUM
    logical = sum(p.number_of_logical_processors for p in on_host.state.processors)
    requirement = ""
    if logical and vm.processor_count > logical:
        message = tr(
            "has {count} virtual processors; the host has {logical} logical ones, so it does not start",
            count=vm.processor_count,
            logical=logical,
        )
        maximum, requirement = logical, tr("at most {count}", count=logical)
    elif vm.processor_count > maximum:
        message = tr(
            "has {count} virtual processors; with Windows Server 2019 or older inside, at most {maximum} are used",
            count=vm.processor_count,
            maximum=maximum,
        )
    else:
        return
    rule, evidence = (
        VM_PROCESSORS.at(on_host.severity),
        evidence_from("Get-VMProcessor", Count=vm.processor_count),
    )
    fix = while_off(vm, Cmdlet("Set-VMProcessor", {"VMName": vm.name, "Count": maximum}))
    yield on_host.finding(rule, message, evidence=evidence, requirement=requirement, fix=fix)
