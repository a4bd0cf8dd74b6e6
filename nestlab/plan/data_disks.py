"""The data disks of a VM: created, attached, expanded.

They are on SCSI controllers, where Hyper-V adds and removes disks while a VM runs, of both
generations (GENERATIONS in nestlab.constants.sources). Add-VMHardDiskDrive chooses the first free
location.
"""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.model import Cmdlet
from nestlab.model.state import VirtualMachineState
from nestlab.model.topology import VM, DataDisk
from nestlab.plan.cmdlet_targets import on_vm
from nestlab.plan.disk_refusals import why_file_cannot_change
from nestlab.plan.disks import (
    creation,
    detach_disk,
    disk_file,
    exists_already,
    grows_while_off,
    is_at,
    remove_drive_of,
)
from nestlab.plan.in_use import is_checkpoint_disk
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.placed_disks import PlacedDisk, placed_disks
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.step import Step, StepTarget
from nestlab.plan.undeclared_disks import CHANGEABLE_STATES, disks_to_move, own_undeclared
from nestlab.plan.undo_limit import NOT_RESTORED
from nestlab.texts import mark, tr, translate

_UNWANTED_DISK_NOT_KNOWN = mark(
    "the file has fewer data disks than before, and one of them is larger: which disk is no longer wanted is not known"
)
"""Why a list of data disks that lost an entry, and has a larger one, is not planned."""


def disks_of(machine: PlannedMachine, vm: VM) -> tuple[PlacedDisk, ...]:
    """Return the data disks that the file declares for a VM, with their paths."""
    return placed_disks(machine.hyper_v, machine.topology, vm)


def create_data_disks(machine: PlannedMachine, vm: VM) -> Iterator[Step]:
    """Yield the steps that create the files of a VM's data disks, where they do not exist."""
    for placed in disks_of(machine, vm):
        yield from _creation(machine, vm, placed)


def _creation(machine: PlannedMachine, vm: VM, placed: PlacedDisk) -> Iterator[Step]:
    if not placed.number or placed.path.lower() in machine.hyper_v.existing_disks:
        return
    kind = _kind_text(placed.disk)
    title = tr(
        "Create data disk {number} of {vm}: {kind}", number=placed.number, vm=vm.name, kind=kind
    )
    yield creation(machine, _subject(vm, placed), title, placed.disk, placed.path)


def _kind_text(disk: DataDisk) -> str:
    return (
        tr("a differencing disk on {parent}", parent=disk.parent)
        if disk.parent
        else tr("empty, {size}", size=disk.size)
    )


def _subject(vm: VM, placed: PlacedDisk) -> str:
    return f"{vm.name}/{placed.label}"


def data_disk_steps(
    machine: PlannedMachine, vm: VM, current: VirtualMachineState
) -> Iterator[Step]:
    """Yield the steps that give a VM the data disks of the topology.

    The files of a VM that an earlier step creates have been created already. Disks that the file
    gives to another VM are detached first.
    """
    for disk, receiver in disks_to_move(machine, vm, current):
        yield detach_disk(
            machine, vm, current, disk, tr("the file gives it to {receiver}", receiver=receiver)
        )
    for placed in disks_of(machine, vm):
        attached = any(is_at(disk, placed.path) for disk in current.hard_disks)
        # A recreation that was interrupted leaves a VM whose disks are missing.
        if current.id and (not attached or _is_lost(machine, current, placed)):
            yield from _creation(machine, vm, placed)
        if not attached:
            yield _attach(machine, vm, current, placed)
        yield from _expansion(machine, vm, current, placed)


def data_disks_need_off(machine: PlannedMachine, vm: VM, current: VirtualMachineState) -> bool:
    """Whether the changes of data disks need the VM Off: it is saved or paused, for example.

    Disks on IDE controllers cannot be detached while it runs, and some cannot be expanded.
    """
    moved = [disk for disk, _ in disks_to_move(machine, vm, current)]
    if any(disk.controller_type == "IDE" for disk in moved):
        return True
    for placed in disks_of(machine, vm):
        attached = next((disk for disk in current.hard_disks if is_at(disk, placed.path)), None)
        if grows_while_off(attached) and any(_expansion(machine, vm, current, placed)):
            return True
    return current.state not in CHANGEABLE_STATES and any(data_disk_steps(machine, vm, current))


def _is_lost(machine: PlannedMachine, current: VirtualMachineState, placed: PlacedDisk) -> bool:
    on_checkpoint = any(
        is_checkpoint_disk(disk.path) for disk in current.hard_disks if is_at(disk, placed.path)
    )
    return (
        current.state == "Off"
        and not on_checkpoint
        and placed.path.lower() not in machine.hyper_v.existing_disks
    )


def _attach(
    machine: PlannedMachine, vm: VM, current: VirtualMachineState, placed: PlacedDisk
) -> Step:
    drive = {"ControllerType": "SCSI", "Path": placed.path}
    return machine.step(
        Action.ADD_DISK,
        _subject(vm, placed),
        tr("Attach data disk {number} to {vm}", number=placed.number, vm=vm.name)
        if placed.number
        else tr("Attach {path} to {vm}", path=placed.path, vm=vm.name),
        exists_already(
            machine,
            placed.path if placed.number else None,
            tr("{vm} does not have {path}", vm=vm.name, path=placed.path),
        ),
        on_vm(current, Cmdlet("Add-VMHardDiskDrive", drive)),
        target=StepTarget(TargetKind.VM, vm.name, current.id),
        undo=(remove_drive_of(current, placed.path),),
        needs=(
            machine.step_id(Action.CREATE_DISK, _subject(vm, placed)),
            machine.step_id(Action.CREATE_VM, vm.name),
        ),
    )


def _expansion(
    machine: PlannedMachine, vm: VM, current: VirtualMachineState, placed: PlacedDisk
) -> Iterator[Step]:
    file, size = disk_file(machine.hyper_v, placed.path), placed.disk.size
    attached = next((disk for disk in current.hard_disks if is_at(disk, placed.path)), None)
    if file is None or size is None or size <= file.size:
        return
    if attached is not None and is_checkpoint_disk(attached.path):
        return
    yield machine.step(
        Action.EXPAND_DISK,
        _subject(vm, placed),
        tr(
            "Expand data disk {number} of {vm} to {size}",
            number=placed.number,
            vm=vm.name,
            size=size,
        ),
        tr("it has {size}; {not_restored}", size=file.size, not_restored=translate(NOT_RESTORED)),
        Cmdlet("Resize-VHD", {"Path": file.path, "SizeBytes": size}),
        target=StepTarget(TargetKind.VM, vm.name, current.id),
    )


def data_disk_blockers(
    machine: PlannedMachine, vm: VM, current: VirtualMachineState | None
) -> Iterator[str]:
    """Yield why a data disk cannot be changed into the wanted one, for each that cannot.

    `current` is None if the VM does not exist and files of its disks do.
    """
    for placed in disks_of(machine, vm):
        file = disk_file(machine.hyper_v, placed.path) if placed.number else None
        if file is None:
            continue
        drives = current.hard_disks if current else ()
        attached = next((disk for disk in drives if is_at(disk, placed.path)), None)
        why = why_file_cannot_change(placed.disk, file, attached, is_new=current is None)
        if why:
            yield tr("data disk {number}: {why}", number=placed.number, why=why)
    if current is not None and unwanted_disk_is_not_known(machine, vm, current):
        yield translate(_UNWANTED_DISK_NOT_KNOWN)


def unwanted_disk_is_not_known(
    machine: PlannedMachine, vm: VM, current: VirtualMachineState
) -> bool:
    """Whether the file may have lost a disk that is not the last: which one is not known."""
    return any(own_undeclared(machine, vm, current)) and any(
        step
        for placed in disks_of(machine, vm)
        if placed.number
        for step in _expansion(machine, vm, current, placed)
    )
