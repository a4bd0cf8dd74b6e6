"""Does this topology fit on that host? Names, memory, versions, disks, platform."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nestlab.constants import (
    AMD_VERSION_MINIMUM,
    AMD_VERSION_UNDISPUTED,
    ENABLE_NESTED,
    INSTALL,
    NESTED_VERSION_MINIMUM,
    OLD_GUEST_PROCESSORS_MAXIMUM,
    OPERATING_SYSTEM_MEMORY,
    REQUIREMENTS,
    SCALABILITY,
    UPGRADE_VERSION,
    version_of,
)
from nestlab.model.cmdlet import Cmdlet
from nestlab.model.finding import Finding, Severity
from nestlab.model.machine_path import MachinePath, path_text
from nestlab.model.origin import Keys
from nestlab.model.ownership import is_left_behind, is_marked, owner_mark, owner_of
from nestlab.model.size import Size
from nestlab.model.topology import VM, VMState
from nestlab.rules.evidence import computer_name
from nestlab.rules.host.verdict import AMD, NOT_KNOWN
from nestlab.rules.host_report import capability_findings
from nestlab.rules.topology.topology_index import MachinePlace, Survey

if TYPE_CHECKING:
    from nestlab.model.state import HostState, HyperVState


@dataclass(frozen=True)
class Fit:
    """One machine as it is wanted and as it was observed."""

    survey: Survey
    place: MachinePlace
    state: HostState

    @property
    def name(self) -> str:
        """The topology's name."""
        return self.survey.topology.name

    @property
    def machine(self) -> str:
        """How sentences name the machine."""
        return self.place.name

    @property
    def vms(self) -> Iterator[tuple[VM, MachinePath, Keys]]:
        """The VMs wanted on this machine."""
        keys: Keys = (*self.place.keys, "nested", "vms") if self.place.keys else ("vms",)
        return (
            (vm, (*self.place.path, vm.name), (*keys, index))
            for index, vm in enumerate(self.place.machine.vms)
        )

    def finding(
        self,
        code: str,
        severity: Severity,
        subject: str,
        keys: Keys,
        message: str,
        *,
        hint: str = "",
        evidence: str = "",
        source: str = "",
        fix: tuple[Cmdlet, ...] = (),
    ) -> Finding:
        """Make a finding with its place in the file; the cmdlets that mend it run on this machine."""
        found = self.survey.finding(
            code, severity, subject, keys, message, hint=hint, evidence=evidence, source=source
        )
        return replace(found, fix=fix, runs_on=computer_name(self.state)) if fix else found

    @property
    def hyper_v(self) -> HyperVState | None:
        """What Hyper-V shows, where it answers."""
        return self.state.hyper_v


def platform_cannot_nest(fit: Fit) -> Iterator[Finding]:
    """Nested hosts on a platform that refuses them, or of which it is not known.

    Only the host itself decides that.
    """
    if fit.place.path:
        return
    needed = [place.subject for place, _ in fit.survey.nested_hosts]
    findings = capability_findings(fit.state)
    if not needed:
        missing = [
            finding
            for finding in findings
            if finding.code
            in (
                "role-not-installed",
                "restart-pending",
                "role-not-answering",
                "edition-without-hyper-v",
            )
        ]
        for finding in missing:
            yield fit.finding(
                "hyper-v-missing",
                "error",
                fit.place.subject,
                (),
                finding.message,
                hint=finding.hint,
                evidence=finding.evidence,
                source=INSTALL,
            )
        return
    for finding in findings:
        open_question = finding.code in NOT_KNOWN and finding.severity == "warning"
        if finding.severity != "error" and not open_question:
            continue
        code = "platform-not-known" if open_question else "platform-cannot-nest"
        message = f"{_listed(needed)} {'is a nested host' if len(needed) == 1 else 'are nested hosts'}, and {finding.message}"
        yield fit.finding(
            code,
            finding.severity,
            fit.place.subject,
            (),
            message,
            hint=finding.hint,
            evidence=finding.evidence,
            source=finding.source,
        )


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:3])
    return f"{shown} and {len(names) - 3} more" if len(names) > 3 else shown  # noqa: PLR2004  # as many as read at a glance


def name_clash(fit: Fit) -> Iterator[Finding]:
    """A VM or switch of that name is there and not marked as this topology's: it is never touched."""
    if fit.hyper_v is None:
        return
    for vm, _, keys in fit.vms:
        notes = [
            # The plan marks a VM that an interrupted run made and did not come to mark.
            owner_mark(fit.name) if is_left_behind(there, fit.name) else there.notes
            for there in fit.hyper_v.vms
            if _same(there.name, vm.name)
        ]
        yield from _clashes(fit, "VM", vm.name, keys, notes)
    for place in fit.place.switches:
        notes = [
            there.notes for there in fit.hyper_v.switches if _same(there.name, place.switch.name)
        ]
        yield from _clashes(fit, "switch", place.switch.name, place.keys, notes)


def _clashes(fit: Fit, noun: str, name: str, keys: Keys, notes: list[str]) -> Iterator[Finding]:
    foreign = [text for text in notes if not is_marked(text, fit.name)]
    subject = f"{noun} {'/'.join((*fit.place.path, name))}"
    if foreign:
        owner = owner_of(foreign[0])
        whose = f"that belongs to the topology {owner}" if owner else "that nestlab did not make"
        yield fit.finding(
            "name-clash",
            "error",
            subject,
            (*keys, "name"),
            f"{fit.machine} already has a {noun} of this name {whose}; it is left alone",
            hint=f"Choose another name in the topology, or rename the {noun} that is there.",
            evidence=f"Notes: {foreign[0][:80]!r}",
        )
    elif len(notes) > 1:
        message = f"{fit.machine} has {len(notes)} {noun}s of this name with this topology's mark; a cmdlet would mean all of them"
        yield fit.finding(
            "name-clash",
            "error",
            subject,
            (*keys, "name"),
            message,
            hint="Remove or rename all but one by hand.",
        )


def memory_not_enough(fit: Fit) -> Iterator[Finding]:
    """The wanted VMs have to start beside what runs already.

    What a nested host has is what the file gives it.
    """
    declared = fit.place.machine
    total = (
        declared.memory_startup
        if isinstance(declared, VM)
        else fit.state.computer.total_physical_memory
    )
    running = [vm for vm, _, _ in fit.vms if vm.state is VMState.RUNNING]
    if not total or not running:
        return
    named = {vm.name.casefold() for vm, _, _ in fit.vms}
    there = fit.hyper_v.vms if fit.hyper_v else ()
    others = [
        vm
        for vm in there
        if vm.state != "Off" and not (is_marked(vm.notes, fit.name) and vm.name.casefold() in named)
    ]
    taken = Size(sum(vm.memory_assigned for vm in others))
    needed = Size(sum(vm.memory_startup for vm in running))
    left = total - taken - OPERATING_SYSTEM_MEMORY
    if needed > left:
        yield fit.finding(
            "memory-not-enough",
            "error",
            fit.place.subject,
            (*fit.place.keys, "vms") if not fit.place.keys else (*fit.place.keys, "memory_startup"),
            f"has {max(left, 0) / (1 << 30):.1f} GB of memory to give, and the running VMs of this topology start with {needed}",
            hint="Lower memory_startup, leave some VMs Off, or stop VMs of others.",
            evidence=f"{total / (1 << 30):.1f} GB in all, {taken / (1 << 30):.1f} GB assigned to other VMs, {OPERATING_SYSTEM_MEMORY} for Windows",
            source=REQUIREMENTS,
        )


def processors_not_enough(fit: Fit) -> Iterator[Finding]:
    """A VM does not get more virtual processors than the host has logical ones, nor an old nested host more than it takes.

    What a nested host has is what the file gives it: `validate` compares that.
    """
    count = fit.hyper_v.vm_host.logical_processor_count if fit.hyper_v and not fit.place.path else 0
    for vm, path, keys in fit.vms:
        if count and vm.processor_count > count:
            message = f"wants {vm.processor_count} virtual processors; {fit.machine} has {count} logical ones"
            yield fit.finding(
                "processors-not-enough",
                "error",
                path_text(path),
                (*keys, "processor_count"),
                message,
                hint=f"Set processor_count to at most {count}.",
                source=SCALABILITY,
            )
        elif vm.nested is not None and vm.processor_count > OLD_GUEST_PROCESSORS_MAXIMUM:
            message = f"is a nested host of {vm.processor_count} virtual processors; with Windows Server 2019 or older inside, at most {OLD_GUEST_PROCESSORS_MAXIMUM} work"
            hint = f"Set processor_count to at most {OLD_GUEST_PROCESSORS_MAXIMUM}, unless a later Windows runs inside."
            place = (*keys, "processor_count")
            yield fit.finding(
                "processors-not-enough",
                "warning",
                path_text(path),
                place,
                message,
                hint=hint,
                source=ENABLE_NESTED,
            )


def version_not_supported(fit: Fit) -> Iterator[Finding]:
    """A configuration version the machine does not know, or one too old for nesting on its processor."""
    if fit.hyper_v is None:
        return
    host = fit.hyper_v.vm_host
    is_amd = bool(fit.state.processors) and fit.state.processors[0].manufacturer == AMD
    for vm, path, keys in fit.vms:
        version = vm.version or host.default_version
        subject, place = path_text(path), (*keys, "version")
        evidence = f"supported: {', '.join(host.supported_versions)}"
        if vm.version and host.supported_versions and vm.version not in host.supported_versions:
            message = (
                f"wants configuration version {vm.version}, which {fit.machine} does not support"
            )
            yield fit.finding(
                "version-not-supported",
                "error",
                subject,
                place,
                message,
                hint="Leave version out, or write a supported one.",
                evidence=evidence,
                source=UPGRADE_VERSION,
            )
        elif (
            version
            and vm.nested is not None
            and version_of(version) < (AMD_VERSION_MINIMUM if is_amd else NESTED_VERSION_MINIMUM)
        ):
            minimum = "9.3 on AMD" if is_amd else "8.0"
            message = f"would be a nested host of configuration version {version}; nested virtualization needs {minimum}"
            yield fit.finding(
                "version-too-old",
                "error",
                subject,
                place,
                message,
                hint="Write a newer version, if the host has one.",
                evidence=evidence,
                source=ENABLE_NESTED,
            )
        elif (
            version
            and vm.nested is not None
            and is_amd
            and version_of(version) < AMD_VERSION_UNDISPUTED
        ):
            message = f"would be a nested host of configuration version {version} on AMD; the pages disagree whether 9.3 or 10.0 is needed"
            yield fit.finding(
                "version-disputed",
                "warning",
                subject,
                place,
                message,
                hint="Write version: '10.0' where the host has it.",
                evidence=evidence,
                source=ENABLE_NESTED,
            )


def disk_missing(fit: Fit) -> Iterator[Finding]:
    """The parent or the disk itself has to be on the machine already."""
    if fit.hyper_v is None:
        return
    for vm, path, keys in fit.vms:
        wanted = (vm.disk.parent or vm.disk.path) if vm.disk else None
        if wanted and wanted.lower() not in fit.hyper_v.existing_disks:
            key = "parent" if vm.disk and vm.disk.parent else "path"
            message = f"stands on {wanted}, which is not on {fit.machine}"
            yield fit.finding(
                "disk-missing",
                "error",
                path_text(path),
                (*keys, "disk", key),
                message,
                hint="Copy the disk there, or correct the path.",
            )


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


FIT_RULES: tuple[Callable[[Fit], Iterator[Finding]], ...] = (
    platform_cannot_nest,
    name_clash,
    memory_not_enough,
    processors_not_enough,
    version_not_supported,
    disk_missing,
)


def fits(survey: Survey, states: Mapping[MachinePath, HostState]) -> Iterator[Fit]:
    """Yield the wanted hosts of which a state was observed."""
    for place in survey.machines:
        if place.is_host and place.path in states:
            yield Fit(survey, place, states[place.path])
