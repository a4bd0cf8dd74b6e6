"""Rules about limits for VMs that depend on the Windows of their machine.

`validate` reports limits that hold for every Windows.
"""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import (
    ADAPTERS_MAXIMUM,
    GENERATION_2_MEMORY_MAXIMUM,
    LARGE_VMS_BUILD_MINIMUM,
    MANY_ADAPTERS_VERSION_MINIMUM,
    OLD_ADAPTERS_MAXIMUM,
    OLD_GENERATION_2_MEMORY_MAXIMUM,
    OLD_GENERATION_2_PROCESSORS_MAXIMUM,
    version_of,
)
from nestlab.model.finding import Finding
from nestlab.model.machine_path import path_text
from nestlab.model.topology import CheckpointType
from nestlab.rules.evidence import evidence_from
from nestlab.rules.match.host_match import HostMatch
from nestlab.rules.rule import detects
from nestlab.rules.topology.adapter_limits import TOO_MANY_ADAPTERS
from nestlab.rules.topology.checkpoint_rules import (
    CHECKPOINT_TYPE_NOT_POSSIBLE,
    needs_newer_version,
)
from nestlab.rules.topology.memory_amounts import MEMORY_NOT_POSSIBLE, memory_values
from nestlab.rules.topology.virtual_tpm import TPM_NOT_POSSIBLE, has_old_version
from nestlab.rules.topology.vm_resources import TOO_MANY_PROCESSORS
from nestlab.texts import tr


@detects(MEMORY_NOT_POSSIBLE, TOO_MANY_PROCESSORS)
def oversized_vms(match: HostMatch) -> Iterator[Finding]:
    """More memory or processors than generation 2 allows before Windows Server 2025."""
    build = match.state.computer.build
    if not 0 < build < LARGE_VMS_BUILD_MINIMUM:
        return
    evidence = tr("build {build}", build=build)
    for vm, path, keys in match.vms:
        if vm.generation == 1:
            continue
        subject, maximum = path_text(path), OLD_GENERATION_2_MEMORY_MAXIMUM
        for key, value in memory_values(vm).items():
            if maximum < value <= GENERATION_2_MEMORY_MAXIMUM:
                message = tr(
                    "has {key} {value}; on {machine} a VM has at most {maximum}",
                    key=key[-1],
                    value=value,
                    machine=match.machine_name,
                    maximum=maximum,
                )
                hint, at = tr("Set it to {maximum} or less.", maximum=maximum), (*keys, *key)
                yield match.finding(
                    MEMORY_NOT_POSSIBLE, subject, at, message, hint=hint, evidence=evidence
                )
        count, limit = vm.processor_count, OLD_GENERATION_2_PROCESSORS_MAXIMUM
        if count > limit:
            message = tr(
                "has {count} virtual processors; on {machine} a VM has at most {maximum}",
                count=count,
                machine=match.machine_name,
                maximum=limit,
            )
            hint, at = (
                tr("Set processor_count to at most {maximum}.", maximum=limit),
                (*keys, "processor_count"),
            )
            yield match.finding(
                TOO_MANY_PROCESSORS, subject, at, message, hint=hint, evidence=evidence
            )


@detects(TPM_NOT_POSSIBLE)
def tpm_not_possible(match: HostMatch) -> Iterator[Finding]:
    """A virtual TPM for an existing VM with an old configuration version."""
    if match.hyper_v is None:
        return
    for vm, path, keys in match.vms:
        current = match.hyper_v.vm(vm.name)
        if vm.tpm and not vm.version and current and has_old_version(current.version):
            message = tr(
                "has configuration version {version}; a virtual TPM needs 7.0",
                version=current.version,
            )
            version = match.hyper_v.vm_host.default_version
            yield match.finding(
                TPM_NOT_POSSIBLE,
                path_text(path),
                (*keys, "tpm"),
                message,
                hint=tr(
                    "Write version: '{version}', which upgrades it, or remove tpm.", version=version
                ),
            )


@detects(CHECKPOINT_TYPE_NOT_POSSIBLE)
def checkpoint_type_not_possible(match: HostMatch) -> Iterator[Finding]:
    """Production checkpoints of an old configuration version, or none where the file has some."""
    if match.hyper_v is None:
        return
    for vm, path, keys in match.vms:
        current = match.hyper_v.vm(vm.name)
        if current is None:
            continue
        kind = dict(current.settings).get("checkpoint_type")
        if vm.checkpoints and vm.checkpoint_type is None and kind == CheckpointType.DISABLED:
            yield match.finding(
                CHECKPOINT_TYPE_NOT_POSSIBLE,
                path_text(path),
                (*keys, "checkpoints"),
                tr("has checkpoints in the file, and its checkpoint type is Disabled"),
                hint=tr("Write checkpoint_type: Production, or remove checkpoints."),
                evidence=evidence_from("Get-VM", CheckpointType=kind),
            )
        elif not vm.version and needs_newer_version(vm, current.version):
            message = tr(
                "has configuration version {version}; checkpoint_type {kind} needs 6.2",
                version=current.version,
                kind=vm.checkpoint_type,
            )
            version = match.hyper_v.vm_host.default_version
            yield match.finding(
                CHECKPOINT_TYPE_NOT_POSSIBLE,
                path_text(path),
                (*keys, "checkpoint_type"),
                message,
                hint=tr(
                    "Write version: '{version}', which upgrades it, or checkpoint_type: Standard.",
                    version=version,
                ),
            )


@detects(TOO_MANY_ADAPTERS)
def too_many_adapters(match: HostMatch) -> Iterator[Finding]:
    """More adapters than the machine's configuration version allows."""
    default = match.hyper_v.vm_host.default_version if match.hyper_v else ""
    if not default or version_of(default) >= MANY_ADAPTERS_VERSION_MINIMUM:
        return
    for vm, path, keys in match.vms:
        count, maximum = len(vm.network_adapters), OLD_ADAPTERS_MAXIMUM
        if vm.version is None and maximum < count <= ADAPTERS_MAXIMUM:
            message = tr(
                "has {count} network adapters; on {machine} a VM has at most {maximum}",
                count=count,
                machine=match.machine_name,
                maximum=maximum,
            )
            at, evidence = (
                (*keys, "network_adapters", maximum),
                tr("configuration version {version}", version=default),
            )
            yield match.finding(TOO_MANY_ADAPTERS, path_text(path), at, message, evidence=evidence)


DETECTORS = (oversized_vms, too_many_adapters, tpm_not_possible, checkpoint_type_not_possible)
