"""Steps that write the seed disk of a Linux guest and attach it; the guest reads it at its start.

cloud-init sets up network and accounts once per instance. A change in the file therefore gives a
new seed disk with another instance-id and a restart of the VM, which is not recreated:
network-config is applied at the first start after instance-id has changed
(Init.is_new_instance in cloudinit/stages.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.dataclass import replace
from nestlab.model import Cmdlet, SwitchParameter
from nestlab.model.size import Size
from nestlab.model.state import HardDiskState, VirtualMachineState
from nestlab.model.topology import VM
from nestlab.plan.cloud_init import seed_files
from nestlab.plan.cmdlet_targets import delete_files, on_disk_drive, on_vm
from nestlab.plan.disk_contents import CLEANUP_COUNT, DiskText, dismount_if_mounted, write_into_disk
from nestlab.plan.disks import detach_disk, is_at, remove_drive_of
from nestlab.plan.ended_by_steps import ended_by_seed, respecting_served
from nestlab.plan.in_use import is_checkpoint_disk
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.router_addresses import linux_address_clauses
from nestlab.plan.seed_disks import SEED_LABEL, is_seed, macs_of, seed_path
from nestlab.plan.step import Step, StepTarget
from nestlab.texts import mark, tr, translate

_WHY_DETACHED = mark(
    "the file sets no cloud_init for it; accounts and addresses stay, and so does the disk's file; forwarding, NAT and DHCP end at the next start"
)

_ABOVE_A_CHECKPOINT = mark(
    "; it is the differencing disk above a checkpoint, which has the seed disk as before: its file belongs to no VM and no checkpoint after that"
)

_SIZE = Size(64 << 20)


def new_seed_steps(machine: PlannedMachine, vm: VM) -> Iterator[Step]:
    """Yield the step that writes the seed disk of a VM that does not exist yet.

    It comes before the VM, so that undo removes the VM first.
    """
    if vm.has_seed:
        yield _write(machine, vm, seed_path(machine, vm))


def seed_steps(machine: PlannedMachine, vm: VM, current: VirtualMachineState) -> Iterator[Step]:
    """Yield the steps that attach the seed disk of the topology to a VM, or detach it.

    `vm` has MAC addresses (`with_static_macs`). Each step needs the VM Off. For a VM that an
    earlier step creates, the disk has been written already. A seed disk that the file names as a
    data disk stays: a capture names it if it does not know the settings on it.
    """
    named = [disk.path for disk in vm.disks if disk.path]
    attached = [
        disk
        for disk in current.hard_disks
        if is_seed(disk, machine.topology, vm.name) and not any(is_at(disk, p) for p in named)
    ]
    path = seed_path(machine, vm) if vm.has_seed else ""
    if path and not any(is_at(disk, path) for disk in attached):
        if current.id:
            yield _respecting_users(machine, vm, current, _write(machine, vm, path))
        if attached:
            yield _replace(machine, vm, current, attached.pop(0), path)
        else:
            yield _attach(machine, vm, current, path)
    for disk in attached:
        if not is_at(disk, path):
            why = translate(_WHY_DETACHED)
            why += translate(_ABOVE_A_CHECKPOINT) if is_checkpoint_disk(disk.path) else ""
            step = detach_disk(machine, vm, current, disk, why, is_seed_disk=True)
            yield step if path else _respecting_users(machine, vm, current, step)


def _write(machine: PlannedMachine, vm: VM, path: str) -> Step:
    exists = path.lower() in machine.hyper_v.existing_disks
    new = {"Path": path, "SizeBytes": _SIZE, "Dynamic": SwitchParameter.ON}
    texts = (
        DiskText(name=name, lines=lines, encoding="Ascii")
        for name, lines in seed_files(vm, macs_of(vm)).items()
    )
    return machine.step(
        Action.WRITE_SEED,
        vm.name,
        tr("Write the seed disk of {vm}, for cloud-init in its Linux guest", vm=vm.name)
        + _account_text(vm),
        tr("{path} is not attached, and may be incomplete", path=path)
        if exists
        else tr("{path} does not exist", path=path),
        *(_remove_leftover(path) if exists else ()),
        Cmdlet("New-VHD", new),
        *write_into_disk(path, *texts, label=SEED_LABEL),
        target=StepTarget(TargetKind.DISK, path),
        creates=True,
        undo=(delete_files(path),),
        cleanup_count=CLEANUP_COUNT,
    )


def _respecting_users(
    machine: PlannedMachine, vm: VM, current: VirtualMachineState, step: Step
) -> Step:
    """Return the step that gives a guest other settings, with the VMs of others that need these.

    Raises PlanRefused for them if the user does not consent to disconnect others.
    """
    ended = ended_by_seed(machine, vm, current)
    if step.action is Action.WRITE_SEED:
        step = replace(step, why=step.why + linux_address_clauses(machine, vm, current))
    return respecting_served(machine, (*machine.path, vm.name), step, ended)


def _account_text(vm: VM) -> str:
    name = vm.guest.credential
    return (
        tr(": account of the credential {name}, its user name in lower case", name=name)
        if name
        else ""
    )


def _remove_leftover(path: str) -> tuple[Cmdlet, ...]:
    """Return the cmdlets that remove a disk, mounted or not, left by an interrupted run."""
    return dismount_if_mounted(path), delete_files(path)


def _attach(machine: PlannedMachine, vm: VM, current: VirtualMachineState, path: str) -> Step:
    return machine.step(
        Action.ADD_DISK,
        f"{vm.name}/{SEED_LABEL}",
        tr("Attach the seed disk {path} to {vm}", path=path, vm=vm.name),
        tr(
            "cloud-init in its Linux guest reads addresses, routes, host name and account from it at startup"
        ),
        on_vm(current, Cmdlet("Add-VMHardDiskDrive", {"ControllerType": "SCSI", "Path": path})),
        target=StepTarget(TargetKind.VM, vm.name, current.id),
        undo=(remove_drive_of(current, path),),
        needs=(machine.step_id(Action.WRITE_SEED, vm.name),),
    )


def _replace(
    machine: PlannedMachine, vm: VM, current: VirtualMachineState, disk: HardDiskState, path: str
) -> Step:
    return machine.step(
        Action.REPLACE_DISK,
        f"{vm.name}/{SEED_LABEL}",
        tr("Replace the seed disk of {vm} with {path}", vm=vm.name, path=path),
        tr(
            "the settings for the guest differ from those on {path}, which is kept for undo; cloud-init applies them at the next start, because instance-id has changed",
            path=disk.path,
        ),
        on_disk_drive(current, disk, Cmdlet("Set-VMHardDiskDrive", {"Path": path})),
        target=StepTarget(TargetKind.VM, vm.name, current.id),
        undo=(on_disk_drive(current, disk, Cmdlet("Set-VMHardDiskDrive", {"Path": disk.path})),),
        needs=(machine.step_id(Action.WRITE_SEED, vm.name),),
    )
