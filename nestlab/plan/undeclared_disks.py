"""Disks of the topology's VMs that the file does not declare for them: moved, listed, or removed.

The files of those that nestlab created are deleted too; others are only detached.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from nestlab.dataclass import dataclass, replace
from nestlab.model import Cmdlet
from nestlab.model.ownership import is_marked
from nestlab.model.state import HardDiskState, VirtualMachineState
from nestlab.model.topology import VM
from nestlab.plan.cmdlet_targets import on_disk_drive, on_vm, vm_target
from nestlab.plan.disk_moves import disk_receivers
from nestlab.plan.disk_names import data_disk_number
from nestlab.plan.disk_removal import remove_disks
from nestlab.plan.disks import is_at, system_disks
from nestlab.plan.in_use import is_checkpoint_disk
from nestlab.plan.kinds import Action
from nestlab.plan.placed_disks import placed_disks
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.step import Planned, Remainder, Step
from nestlab.texts import tr

CHANGEABLE_STATES = frozenset({"Off", "Running"})
"""The states of a VM in which disks on SCSI controllers are added and removed: on and Off.

Source: GENERATIONS in nestlab.constants.sources. That a saved or paused VM takes none is inferred.
"""


def own_undeclared(
    machine: PlannedMachine, vm: VM, current: VirtualMachineState
) -> Iterator[HardDiskState]:
    """Yield the attached data disks that nestlab created and the file no longer has."""
    declared = [placed.path for placed in placed_disks(machine.hyper_v, machine.topology, vm)]
    for disk in current.hard_disks:
        is_own = data_disk_number(disk.path, machine.topology, vm.name)
        if is_own and not any(is_at(disk, path) for path in declared):
            yield disk


def _further(
    machine: PlannedMachine, vm: VM, current: VirtualMachineState
) -> Iterator[HardDiskState]:
    """Yield the data disks that nestlab created, and others after the system disk.

    Where the file declares no system disk, `offline_disk_steps` detaches those others.
    """
    yield from own_undeclared(machine, vm, current)
    if vm.disk is not None:
        yield from (disk for disk in system_disks(machine, vm, current)[1:] if disk.path)


def disks_to_move(
    machine: PlannedMachine, vm: VM, current: VirtualMachineState
) -> Iterator[tuple[HardDiskState, str]]:
    """Yield the undeclared disks of a VM that the file gives to another one, with its name."""
    further = [*_further(machine, vm, current)]
    receivers = disk_receivers(machine) if further else {}
    for disk in further:
        receiver = receivers.get(disk.path.lower(), vm.name)
        if receiver != vm.name:
            yield disk, receiver


@dataclass(frozen=True)
class UndeclaredDisk:
    """A disk of one of the topology's VMs that the file does not declare for it."""

    vm: VirtualMachineState
    disk: HardDiskState
    is_own: bool  # nestlab created it, so its file is deleted too

    @property
    def obstacle(self) -> str:
        """Why it cannot be detached now; empty if it can."""
        if is_checkpoint_disk(self.disk.path):
            # Its differencing disk would remain, belonging to no checkpoint and no VM.
            return tr("VM {vm} has checkpoints: remove them first", vm=self.vm.name)
        is_removable = self.disk.controller_type == "SCSI" and self.vm.state in CHANGEABLE_STATES
        return (
            ""
            if is_removable or self.vm.state == "Off"
            else tr("VM {vm} must be Off for that", vm=self.vm.name)
        )


def undeclared_disks(machine: PlannedMachine) -> Iterator[UndeclaredDisk]:
    """Yield the disks that the file does not give to the topology's VMs, except system disks.

    Those that it gives to another VM are moved, and are left out.
    """
    for wanted in machine.wanted.vms:
        current = machine.vm(wanted.name)
        if current is None or not is_marked(current.notes, machine.topology):
            continue
        moved = {disk for disk, _ in disks_to_move(machine, wanted, current)}
        own = {*own_undeclared(machine, wanted, current)}
        for disk in _further(machine, wanted, current):
            if disk not in moved:
                yield UndeclaredDisk(current, disk, is_own=disk in own)


def listed_disks(machine: PlannedMachine) -> Iterator[Remainder]:
    """Yield each undeclared disk, and what its removal does or needs."""
    yield from (_listed(machine, each) for each in undeclared_disks(machine))


def _listed(machine: PlannedMachine, each: UndeclaredDisk) -> Remainder:
    holds = (
        tr("nestlab created it: `--prune` deletes it")
        if each.is_own
        else tr("nestlab did not create it: `--prune` detaches it and keeps its file")
    )
    subject = tr("disk {path} of VM {vm}", path=each.disk.path, vm=each.vm.name)
    return Remainder(machine.path, subject, tuple(filter(None, (holds, each.obstacle))))


def remove_leftover_disks(
    machine: PlannedMachine, removed_ids: Collection[str], unused: Collection[str]
) -> Iterator[Planned]:
    """Yield the steps that detach undeclared disks, and the one that deletes disk files.

    These are the `unused` ones (paths in lower case), and the detached ones that nestlab created.
    Disks that cannot be detached are listed.
    """
    yield from _detachments(machine)
    detached = _detached_own_disks(machine)
    only = frozenset(unused) | frozenset(detached)
    yield from remove_disks(without_detached(machine), removed_ids, only, detached)


def _detachments(machine: PlannedMachine) -> Iterator[Step | Remainder]:
    """Yield the steps that detach undeclared disks; those that cannot be detached are listed."""
    for each in undeclared_disks(machine):
        if each.obstacle:
            yield _listed(machine, each)
            continue
        path = each.disk.path
        again = {"ControllerType": each.disk.controller_type, "Path": path}
        yield machine.step(
            Action.DETACH_DISK,
            f"{each.vm.name}/{path}",
            tr("Detach the disk {path} from {vm}", path=path, vm=each.vm.name),
            tr("the file does not name it")
            if each.is_own
            else tr("the file does not name it; its file is kept"),
            on_disk_drive(each.vm, each.disk, Cmdlet("Remove-VMHardDiskDrive")),
            target=vm_target(each.vm),
            undo=() if each.is_own else (on_vm(each.vm, Cmdlet("Add-VMHardDiskDrive", again)),),
        )


def without_detached(machine: PlannedMachine) -> PlannedMachine:
    """Return a machine whose VMs no longer have the disks that `remove_leftover_disks` detaches."""
    detached = [each for each in undeclared_disks(machine) if not each.obstacle]
    if not detached:
        return machine
    pairs = {(each.vm.id, each.disk) for each in detached}
    paths = {(each.vm.id, each.disk.path.casefold()) for each in detached}
    hyper_v, uses = machine.hyper_v, machine.hyper_v.disk_uses
    left = replace(
        hyper_v,
        vms=tuple(
            replace(vm, hard_disks=tuple(d for d in vm.hard_disks if (vm.id, d) not in pairs))
            for vm in hyper_v.vms
        ),
        disk_uses=uses
        and tuple(
            use for use in uses if use.checkpoint or (use.vm_id, use.path.casefold()) not in paths
        ),
    )
    return replace(machine, state=replace(machine.state, hyper_v=left))


def _detached_own_disks(machine: PlannedMachine) -> dict[str, str]:
    """Return the detached disks that nestlab created: the id of the step, by path in lower case."""
    return {
        each.disk.path.lower(): machine.step_id(
            Action.DETACH_DISK, f"{each.vm.name}/{each.disk.path}"
        )
        for each in undeclared_disks(machine)
        if each.is_own and not each.obstacle
    }
