"""The system disk of a VM: created, attached, replaced, expanded, detached.

What it shares with data disks (`nestlab.plan.data_disks`) is here too.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PureWindowsPath

from nestlab.dataclass import replace
from nestlab.model import Cmdlet, SwitchParameter
from nestlab.model.spelling import same_path
from nestlab.model.state import DiskFileState, HardDiskState, HyperVState, VirtualMachineState
from nestlab.model.topology import VM, Disk
from nestlab.plan.cmdlet_targets import delete_files, drive_location, on_disk_drive, on_vm
from nestlab.plan.disk_names import data_disk_number, disk_path, named_disks
from nestlab.plan.disk_refusals import other_parent, why_file_cannot_change
from nestlab.plan.first_boot_steps import answer_file_steps, no_answer_file
from nestlab.plan.in_use import is_checkpoint_disk
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.seed_disks import is_seed
from nestlab.plan.step import Step, StepTarget
from nestlab.plan.undo_limit import NOT_RESTORED
from nestlab.texts import tr, translate


def create_disk(machine: PlannedMachine, vm: VM, path: str | None) -> Iterator[Step]:
    """Yield the step that creates the disk of a VM, unless it exists or has a path in the file."""
    if (
        path is None
        or vm.disk is None
        or vm.disk.path
        or path.lower() in machine.hyper_v.existing_disks
    ):
        return
    title = (
        tr("Create a differencing disk for {vm} on {parent}", vm=vm.name, parent=vm.disk.parent)
        if vm.disk.parent
        else tr("Create an empty disk of {size} for {vm}", size=vm.disk.size, vm=vm.name)
    )
    yield creation(machine, vm.name, title, vm.disk, path)


def exists_already(machine: PlannedMachine, path: str | None, why: str) -> str:
    """Return the reason of a step that gives a VM a disk, with the fact that the disk exists."""
    if path is None or path.lower() not in machine.hyper_v.existing_disks:
        return why
    return tr("{why}; {disk} exists already, and is used as it is", why=why, disk=path)


def creation(machine: PlannedMachine, subject: str, title: str, disk: Disk, path: str) -> Step:
    """Return the step that creates a disk file; its image has been copied to the machine before."""
    return machine.step(
        Action.CREATE_DISK,
        subject,
        title,
        tr("{path} does not exist", path=path),
        Cmdlet("New-VHD", {"Path": path, **_vhd_parameters(disk)}),
        target=StepTarget(TargetKind.DISK, path),
        creates=True,
        undo=(delete_files(path),),
        needs=(machine.step_id(Action.COPY_IMAGE, disk.image),) if disk.image else (),
    )


def _vhd_parameters(disk: Disk) -> dict[str, object]:
    if not disk.parent:
        return {"SizeBytes": disk.size, "Dynamic": SwitchParameter.ON}
    size = {"SizeBytes": disk.size} if disk.size else {}
    return {"ParentPath": disk.parent, "Differencing": SwitchParameter.ON, **size}


def offline_disk_steps(
    machine: PlannedMachine, vm: VM, current: VirtualMachineState
) -> Iterator[Step]:
    """Yield the steps that give a VM the system disk of the topology; each needs the VM Off."""
    path = _path(machine, vm)
    disks = system_disks(machine, vm, current)
    current = replace(current, hard_disks=tuple(disks))
    if path is None:
        why = tr("the topology declares no disk for it; the disk file is kept")
        yield from (detach_disk(machine, vm, current, disk, why) for disk in disks)
    elif not disks:
        yield from create_disk(machine, vm, path)
        yield from answer_file_steps(machine, vm, path)
        yield _attach(machine, vm, current, path)
    elif not is_at(disks[0], path):
        yield from create_disk(machine, vm, path)
        yield from answer_file_steps(machine, vm, path)
        yield _replace(machine, vm, current, path)
    elif current.id and current.state == "Off" and not is_checkpoint_disk(disks[0].path):
        # A recreation that was interrupted leaves a VM whose disk is missing.
        made = [*create_disk(machine, vm, path)]
        yield from made
        yield from answer_file_steps(machine, vm, path) if made else ()


def system_disks(
    machine: PlannedMachine, vm: VM, current: VirtualMachineState
) -> list[HardDiskState]:
    """Return the disks of a VM of which the first is its system disk.

    Seed disks, data disks of the file and data disks that nestlab created are left out.
    """
    named = named_disks(vm)
    return [
        disk
        for disk in current.hard_disks
        if not is_seed(disk, machine.topology, vm.name)
        and not data_disk_number(disk.path, machine.topology, vm.name)
        and not any(is_at(disk, path) for path in named)
    ]


def expand_disk_steps(
    machine: PlannedMachine, vm: VM, current: VirtualMachineState
) -> Iterator[Step]:
    """Yield the step that expands a disk; `grows_while_off` says whether the VM must be Off."""
    path = _path(machine, vm)
    file = disk_file(machine.hyper_v, path) if path else None
    if file is None or vm.disk is None or vm.disk.size is None or vm.disk.size <= file.size:
        return
    attached = system_disks(machine, vm, current)
    if attached and is_checkpoint_disk(attached[0].path):
        return
    yield machine.step(
        Action.EXPAND_DISK,
        vm.name,
        tr("Expand the disk of {vm} to {size}", vm=vm.name, size=vm.disk.size),
        tr("it has {size}; {not_restored}", size=file.size, not_restored=translate(NOT_RESTORED)),
        Cmdlet("Resize-VHD", {"Path": file.path, "SizeBytes": vm.disk.size}),
        target=StepTarget(TargetKind.VM, vm.name, current.id),
    )


def grows_while_off(disk: HardDiskState | None) -> bool:
    """Whether a disk can be expanded only while its VM is off.

    While a VM runs, Resize-VHD expands only disks in the VHDX format on SCSI controllers (the
    reference page of Resize-VHD).
    """
    if disk is None:
        return False
    return disk.controller_type == "IDE" or PureWindowsPath(disk.path).suffix.lower() == ".vhd"


def system_disk_grows_while_off(
    machine: PlannedMachine, vm: VM, current: VirtualMachineState
) -> bool:
    """Whether the system disk of a VM is to be expanded, and the VM has to be off for that."""
    attached = next(iter(system_disks(machine, vm, current)), None)
    return grows_while_off(attached) and any(expand_disk_steps(machine, vm, current))


def why_disk_cannot_change(
    machine: PlannedMachine, vm: VM, current: VirtualMachineState | None
) -> str:
    """Return why a disk cannot be changed into the wanted one; empty if it can.

    `current` is None if the VM does not exist and a disk with its name does.
    """
    path = _path(machine, vm)
    file = disk_file(machine.hyper_v, path) if path else None
    if vm.disk is None or file is None or vm.disk.path:
        return ""
    attached = next(iter(system_disks(machine, vm, current)), None) if current else None
    if attached is not None and not is_at(attached, file.path):
        return other_parent(vm.disk, file)
    return why_file_cannot_change(vm.disk, file, attached, is_new=current is None)


def gets_new_disk(machine: PlannedMachine, vm: VM, current: VirtualMachineState) -> bool:
    """Whether a VM is given a system disk from which Windows has not booted."""
    path = _path(machine, vm)
    disks = system_disks(machine, vm, current)
    gets_one = path is not None and not (disks and is_at(disks[0], path))
    return gets_one and path is not None and machine.is_new_disk(path)


def disk_file(hyper_v: HyperVState, path: str) -> DiskFileState | None:
    """Return what was read of a disk file; None if there is none at this path."""
    return next((file for file in hyper_v.disk_files if same_path(file.path, path)), None)


def is_at(disk: HardDiskState, path: str) -> bool:
    r"""Whether a disk is the file at a path, or a checkpoint on top of it.

    Hyper-V names checkpoints ``<name>_<GUID>.avhdx``.

    >>> disk = HardDiskState(path=r"D:\\a_6F0D3A52-2C19-5D55-9A63-6E6573746C61.avhdx")
    >>> is_at(disk, r"D:\\a.vhdx")
    True
    """
    attached, wanted = PureWindowsPath(disk.path.lower()), PureWindowsPath(path.lower())
    return attached == wanted or (
        is_checkpoint_disk(disk.path) and attached.stem.startswith(f"{wanted.stem}_")
    )


def _path(machine: PlannedMachine, vm: VM) -> str | None:
    return disk_path(machine.hyper_v.vm_host.virtual_hard_disk_path, machine.topology, vm)


def _attach(machine: PlannedMachine, vm: VM, current: VirtualMachineState, path: str) -> Step:
    own = path if vm.disk and not vm.disk.path else None
    why = exists_already(machine, own, tr("{vm} has no disk", vm=vm.name))
    without = no_answer_file(machine, vm, own) if own else ""
    controller = "SCSI" if vm.generation == 2 else "IDE"  # noqa: PLR2004  # generation 1 boots from IDE only, generation 2 from SCSI
    return machine.step(
        Action.ADD_DISK,
        vm.name,
        tr("Attach {path} to {vm}", path=path, vm=vm.name),
        "; ".join(filter(None, (why, without))),
        on_vm(current, Cmdlet("Add-VMHardDiskDrive", {"ControllerType": controller, "Path": path})),
        target=StepTarget(TargetKind.VM, vm.name, current.id),
        undo=(
            on_disk_drive(
                current,
                HardDiskState(path=path, controller_type=controller),
                Cmdlet("Remove-VMHardDiskDrive"),
            ),
        ),
        needs=_disk_step_ids(machine, vm),
    )


def _disk_step_ids(machine: PlannedMachine, vm: VM) -> tuple[str, ...]:
    actions = (Action.CREATE_DISK, Action.WRITE_ANSWER_FILE)
    return tuple(machine.step_id(action, vm.name) for action in actions)


def _replace(machine: PlannedMachine, vm: VM, current: VirtualMachineState, path: str) -> Step:
    disk = current.hard_disks[0]
    return machine.step(
        Action.REPLACE_DISK,
        vm.name,
        tr(
            "Replace the disk {path} of {vm} with {new_path}",
            path=disk.path,
            vm=vm.name,
            new_path=path,
        ),
        tr("its disk is {path}; that file is kept", path=disk.path),
        on_disk_drive(current, disk, Cmdlet("Set-VMHardDiskDrive", {"Path": path})),
        target=StepTarget(TargetKind.VM, vm.name, current.id),
        undo=(on_disk_drive(current, disk, Cmdlet("Set-VMHardDiskDrive", {"Path": disk.path})),),
        needs=_disk_step_ids(machine, vm),
    )


def remove_drive_of(current: VirtualMachineState, path: str) -> Cmdlet:
    """Return the cmdlet that detaches the disk with this path; its file remains."""
    of_path = {"Property": "Path", "EQ": SwitchParameter.ON, "Value": path}
    drive = Cmdlet("Where-Object", of_path, Cmdlet("Remove-VMHardDiskDrive"))
    return on_vm(current, Cmdlet("Get-VMHardDiskDrive", {}, drive))


def detach_disk(
    machine: PlannedMachine,
    vm: VM,
    current: VirtualMachineState,
    disk: HardDiskState,
    why: str,
    *,
    is_seed_disk: bool = False,
) -> Step:
    """Return the step that detaches a disk and keeps its file."""
    return machine.step(
        Action.DETACH_DISK,
        f"{vm.name}/{disk.path}",
        tr("Detach the seed disk {path} from {vm}", path=disk.path, vm=vm.name)
        if is_seed_disk
        else tr("Detach the disk {path} from {vm}", path=disk.path, vm=vm.name),
        why,
        on_disk_drive(current, disk, Cmdlet("Remove-VMHardDiskDrive")),
        target=StepTarget(TargetKind.VM, vm.name, current.id),
        undo=(
            on_vm(
                current,
                Cmdlet("Add-VMHardDiskDrive", {**drive_location(disk), "Path": disk.path}),
            ),
        ),
    )
