"""Checks of the checkpoint that a step restores, right before the step runs."""

from __future__ import annotations

from nestlab.model import Cmdlet, Record
from nestlab.model.ownership import is_owned_by_name
from nestlab.model.state import VirtualMachineState
from nestlab.observe.nested_hosts import SessionTo, Unread, states_inside
from nestlab.observe.reading import guid, text
from nestlab.observe.target_reader import TargetReader
from nestlab.observe.vm_identity import vm_of_step
from nestlab.plan import (
    OthersInside,
    Refusal,
    Step,
    is_checkpoint_disk,
    others_inside,
    use_of_disk,
    why_disks_are_kept,
)
from nestlab.plan.lost_disks import lost_disks, writer_below
from nestlab.texts import tr


def with_checkpoint(reader: TargetReader, step: Step, session_to: SessionTo) -> Step | Refusal:
    """Return a step that restores a checkpoint, if that still exists and is the topology's.

    It is refused if others use the disks that are discarded, or if others' VMs inside, or disks
    that it would detach, were added since the plan was made.
    """
    (wanted,) = (
        str(stage.parameters["Value"])
        for cmdlet in step.cmdlets
        for stage in cmdlet.stages
        if stage.name == "Where-Object"
    )
    vm = {"Id": step.target.id, "ErrorAction": "Continue"}
    found = reader.read(Cmdlet("Get-VM", vm, Cmdlet("Get-VMSnapshot")))
    same = [each for each in found.of_type("VMSnapshot") if guid(each, "Id") == wanted]
    why = _why_not_owned(same, step.target.name, reader.topology)
    if why:
        return Refusal(why)
    current = vm_of_step(reader, step)
    disks = reader.read(Cmdlet("Get-VM", vm, Cmdlet("Get-VMHardDiskDrive")))
    paths = [text(each, "Path") for each in disks.of_type("HardDiskDrive")]
    why = _why_not_restored(reader, wanted, list(filter(is_checkpoint_disk, paths)))
    if why:
        return Refusal(why, in_use=True)
    others = _others(reader, step, current, session_to) if current else OthersInside()
    if others.names and not {*others.ids} <= {*step.deletes}:
        names = ", ".join(others.names)
        return Refusal(tr("these VMs of others are inside now: {vms}", vms=names), in_use=True)
    return step


def _why_not_restored(reader: TargetReader, checkpoint: str, discarded: list[str]) -> str:
    """Return why a checkpoint must not replace the disks of a VM; empty if it may.

    `discarded` are the disks above the newest checkpoint.
    """
    step = reader.step
    uses = [use for use in reader.disk_uses() if not use.unread]
    kept = why_disks_are_kept(discarded, uses, {step.target.id})
    if kept:
        return "; ".join(kept.values())
    writer = writer_below(uses, step.target.id, {checkpoint})
    if writer is not None:
        return use_of_disk(writer, writer.path)
    lost = [
        str(disk)
        for disk in lost_disks(uses, step.target.id, checkpoint)
        if disk.key not in step.deletes
    ]
    if not lost:
        return ""
    return tr("these disks were attached since then: {disks}", disks=", ".join(lost))


def _why_not_owned(same: list[Record], vm: str, topology: str) -> str:
    if not same:
        return tr("the checkpoint of {vm} is gone", vm=vm)
    name = text(same[0], "Name")
    if is_owned_by_name(name, topology):
        return ""
    return tr(
        "the checkpoint of {vm} is now named {name}, a name that does not belong to {topology}",
        vm=vm,
        name=name,
        topology=topology,
    )


def _others(
    reader: TargetReader, step: Step, vm: VirtualMachineState, session_to: SessionTo
) -> OthersInside:
    path = (*step.machine, vm.name)
    unread: Unread = {}
    states = states_inside(
        path, vm, reader.topology, session_to, unread=unread, cancel=reader.cancel
    )
    return others_inside(step.machine, vm, reader.topology, states, unread)
