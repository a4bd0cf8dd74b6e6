"""The rule about the types of checkpoints of VMs in a topology."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import PRODUCTION_CHECKPOINTS_VERSION_MINIMUM, UPGRADE_VERSION, version_of
from nestlab.model.finding import Finding
from nestlab.model.topology import VM, CheckpointType
from nestlab.rules.rule import Rule, Scope, detects
from nestlab.rules.topology.topology_index import TopologyIndex
from nestlab.texts import tr

CHECKPOINT_TYPE_NOT_POSSIBLE = Rule(
    code="checkpoint-type-not-possible",
    severity="error",
    looks_at=(Scope.TOPOLOGY, Scope.MATCH),
    meaning="A VM has a checkpoint_type that its checkpoints or its configuration version do not allow.",
    why="Checkpoint-VM refuses a VM of type Disabled, and Production checkpoints need configuration version 6.2 or later.",
    fix="Remove checkpoint_type, or write one that is possible.",
    example="vms: [{name: web1, checkpoint_type: Disabled, checkpoints: [clean]}]",
    source=UPGRADE_VERSION,
)


def needs_newer_version(vm: VM, version: str | None) -> bool:
    """Whether the checkpoint type of a VM needs a newer configuration version than this one."""
    kind = vm.checkpoint_type
    is_production = kind in {CheckpointType.PRODUCTION, CheckpointType.PRODUCTION_ONLY}
    return (
        is_production
        and bool(version)
        and version_of(version or "") < PRODUCTION_CHECKPOINTS_VERSION_MINIMUM
    )


@detects(CHECKPOINT_TYPE_NOT_POSSIBLE)
def checkpoint_type_not_possible(index: TopologyIndex) -> Iterator[Finding]:
    """No checkpoints where the file has some, or production checkpoints of an old version."""
    for place, vm in index.vms:
        if vm.checkpoints and vm.checkpoint_type is CheckpointType.DISABLED:
            problem = tr(
                "has the checkpoint_type Disabled, and checkpoints in the file: Hyper-V takes none"
            )
            hint = tr("Remove checkpoint_type, or remove checkpoints.")
        elif needs_newer_version(vm, vm.version):
            problem = tr(
                "has configuration version {version}; checkpoint_type {kind} needs 6.2",
                version=vm.version,
                kind=vm.checkpoint_type,
            )
            hint = tr(
                "Write checkpoint_type: Standard, or remove version: the host's default is newer."
            )
        else:
            continue
        keys = (*place.keys, "checkpoint_type")
        yield index.finding(CHECKPOINT_TYPE_NOT_POSSIBLE, place.subject, keys, problem, hint=hint)


DETECTORS = (checkpoint_type_not_possible,)
