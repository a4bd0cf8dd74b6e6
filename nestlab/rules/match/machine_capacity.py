"""Does the machine have the memory, processors and versions that the topology needs?"""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import (
    AMD_VERSION_MINIMUM,
    AMD_VERSION_UNDISPUTED,
    NESTED_VERSION_MINIMUM,
    OLD_GUEST_PROCESSORS_MAXIMUM,
    OPERATING_SYSTEM_MEMORY,
    REQUIREMENTS,
    version_of,
)
from nestlab.model.finding import Finding
from nestlab.model.machine_path import path_text
from nestlab.model.ownership import is_marked
from nestlab.model.size import Size
from nestlab.model.topology import VM, VMState
from nestlab.rules.host.configuration_versions import VERSION_DISPUTED, VERSION_NOT_SUPPORTED
from nestlab.rules.host.processor import AMD
from nestlab.rules.match.host_match import HostMatch
from nestlab.rules.rule import Rule, Scope, detects
from nestlab.rules.topology.nested_hosts import VERSION_TOO_OLD
from nestlab.rules.topology.vm_resources import PROCESSORS_NOT_ENOUGH

MEMORY_NOT_ENOUGH = Rule(
    code="memory-not-enough",
    severity="error",
    looks_at=(Scope.MATCH,),
    meaning="The running VMs of the topology need more memory than the host has left.",
    why="The last ones fail to start.",
    fix="Reduce memory_startup, leave some VMs Off, or stop other VMs.",
    example="64.0 GB in all, 62.0 GB assigned to other VMs, 512MB for Windows",
    source=REQUIREMENTS,
)


@detects(MEMORY_NOT_ENOUGH)
def memory_not_enough(match: HostMatch) -> Iterator[Finding]:
    """Running VMs that together need more memory than the machine has left.

    What a nested host has is what the file gives it.
    """
    declared = match.place.machine
    total = (
        declared.memory_startup
        if isinstance(declared, VM)
        else match.state.computer.total_physical_memory
    )
    running = [vm for vm, _, _ in match.vms if vm.state is VMState.RUNNING]
    if not total or not running:
        return
    named = {vm.name.casefold() for vm, _, _ in match.vms}
    there = match.hyper_v.vms if match.hyper_v else ()
    others = [
        vm
        for vm in there
        if vm.state != "Off"
        and not (is_marked(vm.notes, match.name) and vm.name.casefold() in named)
    ]
    taken = Size(sum(vm.memory_assigned for vm in others))
    needed = Size(sum(vm.memory_startup for vm in running))
    left = total - taken - OPERATING_SYSTEM_MEMORY
    if needed > left:
        yield match.finding(
            MEMORY_NOT_ENOUGH,
            match.place.subject,
            (*match.place.keys, "vms")
            if not match.place.keys
            else (*match.place.keys, "memory_startup"),
            f"has {max(left, 0) / (1 << 30):.1f} GB of memory to give, and the running VMs of this topology start with {needed}",
            evidence=f"{total / (1 << 30):.1f} GB in all, {taken / (1 << 30):.1f} GB assigned to other VMs, {OPERATING_SYSTEM_MEMORY} for Windows",
        )


@detects(PROCESSORS_NOT_ENOUGH)
def processors_not_enough(match: HostMatch) -> Iterator[Finding]:
    """A VM with more virtual processors than the host has, or an older nested host supports.

    What a nested host has is what the file gives it: `validate` compares that.
    """
    count = (
        match.hyper_v.vm_host.logical_processor_count
        if match.hyper_v and not match.place.path
        else 0
    )
    for vm, path, keys in match.vms:
        if count and vm.processor_count > count:
            message = f"wants {vm.processor_count} virtual processors; {match.machine} has {count} logical ones"
            yield match.finding(
                PROCESSORS_NOT_ENOUGH,
                path_text(path),
                (*keys, "processor_count"),
                message,
                hint=f"Set processor_count to at most {count}.",
            )
        elif vm.nested is not None and vm.processor_count > OLD_GUEST_PROCESSORS_MAXIMUM:
            message = f"is a nested host of {vm.processor_count} virtual processors; with Windows Server 2019 or older inside, at most {OLD_GUEST_PROCESSORS_MAXIMUM} work"
            hint = f"Set processor_count to at most {OLD_GUEST_PROCESSORS_MAXIMUM}, unless a later Windows runs inside."
            place = (*keys, "processor_count")
            yield match.finding(
                PROCESSORS_NOT_ENOUGH.at("warning"), path_text(path), place, message, hint=hint
            )


@detects(VERSION_NOT_SUPPORTED, VERSION_TOO_OLD, VERSION_DISPUTED)
def version_not_supported(match: HostMatch) -> Iterator[Finding]:
    """A configuration version that the machine does not support, or that is too old for nesting."""
    if match.hyper_v is None:
        return
    host = match.hyper_v.vm_host
    is_amd = bool(match.state.processors) and match.state.processors[0].manufacturer == AMD
    for vm, path, keys in match.vms:
        version = vm.version or host.default_version
        subject, place = path_text(path), (*keys, "version")
        evidence = f"supported: {', '.join(host.supported_versions)}"
        if vm.version and host.supported_versions and vm.version not in host.supported_versions:
            message = (
                f"wants configuration version {vm.version}, which {match.machine} does not support"
            )
            hint = "Remove version, or write a supported one."
            yield match.finding(
                VERSION_NOT_SUPPORTED, subject, place, message, hint=hint, evidence=evidence
            )
        elif (
            version
            and vm.nested is not None
            and version_of(version) < (AMD_VERSION_MINIMUM if is_amd else NESTED_VERSION_MINIMUM)
        ):
            minimum = "9.3 on AMD" if is_amd else "8.0"
            message = f"would be a nested host of configuration version {version}; nested virtualization needs {minimum}"
            hint = "Write a newer version, if the host supports one."
            yield match.finding(
                VERSION_TOO_OLD, subject, place, message, hint=hint, evidence=evidence
            )
        elif (
            version
            and vm.nested is not None
            and is_amd
            and version_of(version) < AMD_VERSION_UNDISPUTED
        ):
            message = f"would be a nested host of configuration version {version} on AMD; the pages disagree whether 9.3 or 10.0 is needed"
            hint = "Write version: '10.0' if the host supports it."
            yield match.finding(
                VERSION_DISPUTED, subject, place, message, hint=hint, evidence=evidence
            )
