"""The system disk of a VM: created, attached, replaced, expanded, detached."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import PureWindowsPath

from nestlab.dataclass import replace
from nestlab.model import Cmdlet, SwitchParameter
from nestlab.model.spelling import same_path
from nestlab.model.state import DiskFileState, HardDiskState, HyperVState, VirtualMachineState
from nestlab.model.topology import VM, Disk
from nestlab.plan.cmdlet_targets import delete_files, drive_location, on_disk_drive, on_vm
from nestlab.plan.disk_names import disk_path
from nestlab.plan.first_boot_steps import answer_file_steps
from nestlab.plan.in_use import is_checkpoint_disk
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.seed_disks import is_seed
from nestlab.plan.step import Step, StepTarget


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
        f"Create a differencing disk for {vm.name} on {vm.disk.parent}"
        if vm.disk.parent
        else f"Create an empty disk of {vm.disk.size} for {vm.name}"
    )
    yield machine.step(
        Action.CREATE_DISK,
        vm.name,
        title,
        f"{path} does not exist",
        Cmdlet("New-VHD", {"Path": path, **_vhd_parameters(vm.disk)}),
        target=StepTarget(TargetKind.DISK, path),
        creates=True,
        undo=(delete_files(path),),
        needs=(machine.step_id(Action.COPY_IMAGE, vm.disk.image),) if vm.disk.image else (),
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
    disks = [d for d in current.hard_disks if not is_seed(d, machine.topology, vm.name)]
    current = replace(current, hard_disks=tuple(disks))
    if path is None:
        why = "the topology declares no disk for it; the disk file is kept"
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


def ordered_by_disk_moves(machine: PlannedMachine) -> list[VM]:
    """Return the VMs in an order that detaches a disk from one before another gets it.

    Otherwise they are in the order of the file.
    """
    receivers = {
        vm.disk.path.lower(): vm.name
        for vm in machine.wanted.vms
        if vm.disk is not None and vm.disk.path
    }
    order: TopologicalSorter[str] = TopologicalSorter()
    for vm in machine.wanted.vms:
        order.add(vm.name)
        current, own = (
            (machine.vm(vm.name), (_path(machine, vm) or "").lower()) if receivers else (None, "")
        )
        for disk in current.hard_disks if current is not None else ():
            receiver = receivers.get(disk.path.lower(), vm.name)
            if receiver != vm.name and disk.path.lower() != own:
                order.add(receiver, vm.name)
    try:
        place = {name: number for number, name in enumerate(order.static_order())}
    except (
        CycleError
    ):  # two VMs that swap their disks: there is no such order, and the host refuses the first
        return list(machine.wanted.vms)
    return (
        sorted(machine.wanted.vms, key=lambda vm: place[vm.name])
        if receivers
        else list(machine.wanted.vms)
    )


def expand_disk_steps(
    machine: PlannedMachine, vm: VM, current: VirtualMachineState
) -> Iterator[Step]:
    """Yield the step that expands a disk.

    A VHDX on a SCSI controller can be expanded while its VM runs.
    """
    path = _path(machine, vm)
    file = disk_file(machine.hyper_v, path) if path else None
    if file is None or vm.disk is None or vm.disk.size is None or vm.disk.size <= file.size:
        return
    if current.hard_disks and is_checkpoint_disk(current.hard_disks[0].path):
        return
    yield machine.step(
        Action.EXPAND_DISK,
        vm.name,
        f"Expand the disk of {vm.name} to {vm.disk.size}",
        f"it has {file.size}",
        Cmdlet("Resize-VHD", {"Path": file.path, "SizeBytes": vm.disk.size}),
        target=StepTarget(TargetKind.VM, vm.name, current.id),
    )


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
    if current is not None and current.hard_disks and not is_at(current.hard_disks[0], file.path):
        return _other_parent(vm, file)
    wrong = _other_parent(vm, file)
    if wrong or vm.disk.size is None or vm.disk.size == file.size:
        return wrong
    if vm.disk.size < file.size:
        return f"disk size cannot shrink from {file.size} to {vm.disk.size}"
    if (
        current is not None
        and current.hard_disks
        and is_checkpoint_disk(current.hard_disks[0].path)
    ):
        return (
            f"disk size cannot grow from {file.size} to {vm.disk.size} while the VM has checkpoints"
        )
    return (
        "" if current is not None else f"disk {file.path} exists already, with the size {file.size}"
    )


def gets_another_disk(machine: PlannedMachine, vm: VM, current: VirtualMachineState) -> bool:
    """Whether a VM is given its system disk, or another one than it has."""
    path = _path(machine, vm)
    disks = [d for d in current.hard_disks if not is_seed(d, machine.topology, vm.name)]
    return path is not None and not (disks and is_at(disks[0], path))


def _other_parent(vm: VM, file: DiskFileState) -> str:
    wanted = (vm.disk.parent if vm.disk else None) or ""
    if same_path(file.parent, wanted):
        return ""
    has = f"has the parent {file.parent}" if file.parent else "has no parent"
    empty = f"an empty disk of {vm.disk.size}" if vm.disk else "none"
    return f"disk parent cannot change: {file.path} {has}, and should have {wanted or empty}"


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
    controller = "SCSI" if vm.generation == 2 else "IDE"  # noqa: PLR2004  # generation 1 boots from IDE only, generation 2 from SCSI
    return machine.step(
        Action.ADD_DISK,
        vm.name,
        f"Attach {path} to {vm.name}",
        f"{vm.name} has no disk",
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
        f"Replace the disk {disk.path} of {vm.name} with {path}",
        f"its disk is {disk.path}; that file is kept",
        on_disk_drive(current, disk, Cmdlet("Set-VMHardDiskDrive", {"Path": path})),
        target=StepTarget(TargetKind.VM, vm.name, current.id),
        undo=(on_disk_drive(current, disk, Cmdlet("Set-VMHardDiskDrive", {"Path": disk.path})),),
        needs=_disk_step_ids(machine, vm),
    )


def detach_disk(
    machine: PlannedMachine,
    vm: VM,
    current: VirtualMachineState,
    disk: HardDiskState,
    why: str,
    *,
    kind: str = "disk",
) -> Step:
    """Return the step that detaches a disk and keeps its file."""
    return machine.step(
        Action.DETACH_DISK,
        f"{vm.name}/{disk.path}",
        f"Detach the {kind} {disk.path} from {vm.name}",
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
