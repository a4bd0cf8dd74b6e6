"""Problems with disks that prevent a reset to a checkpoint, each with its remedy."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from nestlab.model import MachinePath
from nestlab.model.ownership import is_owned_disk
from nestlab.model.state import CheckpointState, HyperVState, VirtualMachineState
from nestlab.model.topology import VM, Topology
from nestlab.plan.in_use import (
    disk_uses,
    is_checkpoint_disk,
    reason_of,
    use_of_disk,
    why_disks_are_kept,
)
from nestlab.plan.lost_disks import LostDisk, lost_disks, writer_below
from nestlab.plan.others_inside import DELETE_OTHERS_OPTION
from nestlab.texts import tr, tr_count


def lost_by_others(
    topology: Topology,
    path: MachinePath,
    hyper_v: HyperVState,
    vm: VirtualMachineState,
    checkpoint: CheckpointState,
) -> tuple[LostDisk, ...]:
    """Return the disks of a VM that its checkpoint does not have, and that are not the topology's.

    nestlab did not create them, and the file does not name them.
    """
    machine = topology.machine(path)
    disks = machine.all_disks if isinstance(machine, VM) else ()
    declared = {disk.path.lower() for _, disk in disks if disk.path}
    return tuple(
        disk
        for disk in lost_disks(disk_uses(hyper_v), vm.id, checkpoint.id)
        if not is_owned_disk(disk.base, topology.name) and disk.key not in declared
    )


def lost_disk_problems(disks: Collection[LostDisk], checkpoint: str) -> Iterator[tuple[str, str]]:
    """Yield a problem and its remedy if disks of others would be detached."""
    if disks:
        yield (
            tr_count(
                "a disk that its checkpoint {checkpoint} does not have would be detached: {disks}",
                "disks that its checkpoint {checkpoint} does not have would be detached: {disks}",
                len(disks),
                checkpoint=checkpoint,
                disks=", ".join(map(str, disks)),
            ),
            tr_count(
                "Detach it yourself, or agree with {option}: its file stays.",
                "Detach them yourself, or agree with {option}: their files stay.",
                len(disks),
                option=DELETE_OTHERS_OPTION,
            ),
        )


def disk_problems(
    hyper_v: HyperVState, vm: VirtualMachineState, checkpoints: Sequence[CheckpointState]
) -> Iterator[tuple[str, str]]:
    """Yield problems with the disks of a VM, each with its remedy.

    Another VM may write to a disk of a checkpoint. Others may use a disk that the reset discards:
    the ones above the newest checkpoint.
    """
    ids = {checkpoint.id for checkpoint in checkpoints}
    writer = writer_below(disk_uses(hyper_v), vm.id, ids)
    if writer is not None:
        yield (
            use_of_disk(writer, writer.path),
            tr(
                "Detach it from {other}: the checkpoint of {vm} depends on it.",
                other=writer.vm_name,
                vm=vm.name,
            ),
        )
    discarded = [disk.path for disk in vm.hard_disks if is_checkpoint_disk(disk.path)]
    uses = [use for use in disk_uses(hyper_v) if not use.unread]
    kept = why_disks_are_kept(discarded, uses, {vm.id})
    if kept:
        yield (
            "; ".join(map(reason_of, kept.values())),
            tr("Remove what uses it first."),
        )
