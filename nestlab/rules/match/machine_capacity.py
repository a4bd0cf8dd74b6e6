"""Rules about the memory, processors and configuration versions that the topology needs."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import (
    AMD_VERSION_MINIMUM,
    AMD_VERSION_UNDISPUTED,
    NESTED_VERSION_MINIMUM,
    OLD_GUEST_PROCESSORS_MAXIMUM,
    REQUIREMENTS,
    host_memory_reserve,
    nested_host_memory,
    version_of,
)
from nestlab.model.finding import Finding
from nestlab.model.machine_path import path_text
from nestlab.model.ownership import is_marked
from nestlab.model.size import Size
from nestlab.model.topology import VM, VMState
from nestlab.rules.host.configuration_versions import VERSION_DISPUTED, VERSION_NOT_SUPPORTED
from nestlab.rules.host.processor import is_amd
from nestlab.rules.match.host_match import HostMatch
from nestlab.rules.rule import Rule, Scope, detects
from nestlab.rules.topology.nested_hosts import VERSION_TOO_OLD
from nestlab.rules.topology.vm_resources import PROCESSORS_NOT_ENOUGH
from nestlab.texts import tr

MEMORY_NOT_ENOUGH = Rule(
    code="memory-not-enough",
    severity="error",
    looks_at=(Scope.MATCH,),
    meaning="The running VMs of the topology need more memory than the host has left.",
    why="The last ones fail to start.",
    fix="Reduce memory_startup, leave some VMs Off, or stop other VMs.",
    example="64.0 GB in all, 62.0 GB assigned to other VMs, 2.0 GB for its own Windows",
    source=REQUIREMENTS,
)


@detects(MEMORY_NOT_ENOUGH)
def memory_not_enough(match: HostMatch) -> Iterator[Finding]:
    """Running VMs that together need more memory than the machine has left.

    The memory of a nested host is what the file gives it.
    """
    declared, observed = match.place.machine, match.state.computer.total_physical_memory
    total = declared.memory_startup if isinstance(declared, VM) else observed
    running = [vm for vm, _, _ in match.vms if vm.state is VMState.RUNNING]
    taken = _taken_by_others(match)
    needed = Size(sum(vm.memory_startup for vm in running))
    reserve = host_memory_reserve(total)
    left = total - taken - reserve
    if total and running and needed > left:
        place = match.place
        keys = (*place.keys, "memory_startup") if place.keys else ("vms",)
        message = tr(
            "has {available:.1f} GB of memory available, and the running VMs of this topology start with {needed}",
            available=max(left, 0) / (1 << 30),
            needed=needed,
        )
        evidence = tr(
            "{total:.1f} GB in all, {taken:.1f} GB assigned to other VMs, {reserve:.1f} GB for its own Windows",
            total=total / (1 << 30),
            taken=taken / (1 << 30),
            reserve=reserve / (1 << 30),
        )
        hint = _more_memory(place.subject, needed, taken) if isinstance(declared, VM) else None
        subject = place.subject
        yield match.finding(MEMORY_NOT_ENOUGH, subject, keys, message, hint=hint, evidence=evidence)


def _taken_by_others(match: HostMatch) -> Size:
    """Return the memory of running VMs that are not VMs of this topology."""
    named = {vm.name.casefold() for vm, _, _ in match.vms}
    return Size(
        sum(
            vm.memory_assigned
            for vm in (match.hyper_v.vms if match.hyper_v else ())
            if vm.state != "Off"
            and not (is_marked(vm.notes, match.topology_name) and vm.name.casefold() in named)
        )
    )


def _more_memory(vm: str, needed: int, taken: int) -> str:
    """Return the hint for a nested host; VMs of others may use part of its memory."""
    memory = nested_host_memory(needed + taken)
    if taken:
        return tr(
            "Set memory_startup of {vm} to {memory} or more, which counts {taken:.1f} GB of others' VMs, or leave some of its VMs Off.",
            vm=vm,
            memory=memory,
            taken=taken / (1 << 30),
        )
    return tr(
        "Set memory_startup of {vm} to {memory} or more, or leave some of its VMs Off.",
        vm=vm,
        memory=memory,
    )


@detects(PROCESSORS_NOT_ENOUGH)
def processors_not_enough(match: HostMatch) -> Iterator[Finding]:
    """A VM with more virtual processors than the host has, or an older nested host supports.

    The processors of a nested host are what the file gives it: `validate` compares those.
    """
    host = match.hyper_v.vm_host if match.hyper_v and not match.place.path else None
    count = host.logical_processor_count if host else 0
    maximum = OLD_GUEST_PROCESSORS_MAXIMUM
    for vm, path, keys in match.vms:
        subject, key = path_text(path), (*keys, "processor_count")
        if count and vm.processor_count > count:
            message = tr(
                "has {count} virtual processors; {machine} has {available} logical ones",
                count=vm.processor_count,
                machine=match.machine_name,
                available=count,
            )
            hint = tr("Set processor_count to at most {maximum}.", maximum=count)
            yield match.finding(PROCESSORS_NOT_ENOUGH, subject, key, message, hint=hint)
        elif vm.nested is not None and vm.processor_count > maximum:
            message = tr(
                "is a nested host of {count} virtual processors; with Windows Server 2019 or older inside, at most {maximum} are used",
                count=vm.processor_count,
                maximum=maximum,
            )
            hint = tr(
                "Set processor_count to at most {maximum}, unless a later Windows runs inside.",
                maximum=maximum,
            )
            rule = PROCESSORS_NOT_ENOUGH.at("warning")
            yield match.finding(rule, subject, key, message, hint=hint)


@detects(VERSION_NOT_SUPPORTED, VERSION_TOO_OLD, VERSION_DISPUTED)
def vm_versions(match: HostMatch) -> Iterator[Finding]:
    """A configuration version that the machine does not support, or that is too old for nesting."""
    if match.hyper_v is None:
        return
    host = match.hyper_v.vm_host
    evidence = f"supported: {', '.join(host.supported_versions)}"
    for vm, path, keys in match.vms:
        version = vm.version or host.default_version
        problem = None
        if vm.version and host.supported_versions and vm.version not in host.supported_versions:
            message = tr(
                "needs configuration version {version}, which {machine} does not support",
                version=version,
                machine=match.machine_name,
            )
            problem = (
                VERSION_NOT_SUPPORTED,
                message,
                tr("Remove version, or write a supported one."),
            )
        elif version and vm.nested is not None:
            problem = _too_old(version, amd=is_amd(match.state))
        if problem:
            rule, message, hint = problem
            subject, key = path_text(path), (*keys, "version")
            yield match.finding(rule, subject, key, message, hint=hint, evidence=evidence)


def _too_old(version: str, *, amd: bool) -> tuple[Rule, str, str] | None:
    """Return rule, message and hint for a nested host of a version; None if it supports nesting."""
    if version_of(version) < (AMD_VERSION_MINIMUM if amd else NESTED_VERSION_MINIMUM):
        message = tr(
            "would be a nested host of configuration version {version}; nested virtualization needs 8.0",
            version=version,
        )
        if amd:
            message = tr(
                "would be a nested host of configuration version {version}; nested virtualization needs 9.3 on AMD",
                version=version,
            )
        return VERSION_TOO_OLD, message, tr("Write a newer version, if the host supports one.")
    if amd and version_of(version) < AMD_VERSION_UNDISPUTED:
        message = tr(
            "would be a nested host of configuration version {version} on AMD; Microsoft's pages disagree on whether 9.3 or 10.0 is needed",
            version=version,
        )
        return VERSION_DISPUTED, message, tr("Write version: '10.0' if the host supports it.")
    return None


DETECTORS = (memory_not_enough, processors_not_enough, vm_versions)
