"""The DVD drives of a VM: added, removed, and the ISO files in them.

A drive has no identity but its place on a controller: the drives that are there are matched by what
is in them, and those that are left over get the ISO files that are left over. A new VM has at most
the drive of New-VM, which is the first one of the file.

Generation 1 has them on its IDE controllers, where they are added and removed while the VM is off;
generation 2 on its SCSI controller, where they also are while it runs (GENERATIONS in
nestlab.constants.sources).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, repeat

from nestlab.constants import SCSI_LOCATIONS
from nestlab.dataclass import dataclass
from nestlab.model import Cmdlet
from nestlab.model.spelling import path_key
from nestlab.model.state import DvdDriveState, VirtualMachineState
from nestlab.model.topology import VM
from nestlab.plan.cmdlet_targets import on_vm, vm_target
from nestlab.plan.kinds import Action
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.step import Step
from nestlab.plan.undeclared_disks import CHANGEABLE_STATES
from nestlab.texts import tr

_Place = tuple[int, int]
"""The number of a controller, and the location on it."""

_IDE_PLACES: tuple[_Place, ...] = ((1, 0), (1, 1), (0, 1), (0, 0))
_SCSI_PLACES: tuple[_Place, ...] = tuple(
    (0, n % SCSI_LOCATIONS) for n in range(1, SCSI_LOCATIONS + 1)
)
"""Where drives are added. The system disk is on the last of these places."""


@dataclass(frozen=True)
class _Changes:
    """What differs from the file; the numbers are those of its list.

    `inserted`: drives that get another ISO file, or none; `added` and `removed`: whole drives.
    """

    inserted: tuple[tuple[int, DvdDriveState, str], ...] = ()
    added: tuple[tuple[int, str], ...] = ()
    removed: tuple[DvdDriveState, ...] = ()


def boots_from_dvd(vm: VM) -> bool:
    """Whether a new VM boots from its DVD drive first: it has nothing else to boot from.

    Generation 1 does so by default.
    """
    is_blank = vm.disk is None or vm.disk.is_empty
    return vm.generation != 1 and is_blank and bool(vm.dvd_drives and vm.dvd_drives[0].path)


def new_dvd_drives(vm: VM) -> tuple[DvdDriveState, ...]:
    """Return the drives that New-VM gives a VM: one to generation 1, and one to boot from."""
    if vm.generation == 1:
        return (DvdDriveState(controller_number=1),)
    on_system_disk = vm.disk is not None
    return (DvdDriveState(controller_location=int(on_system_disk)),) * boots_from_dvd(vm)


def dvd_drive_steps(
    machine: PlannedMachine, vm: VM, current: VirtualMachineState
) -> Iterator[Step]:
    """Yield the steps that give a VM exactly the DVD drives of the topology.

    They come before those that attach disks, for which Hyper-V chooses the location.
    """
    changes = _changes(vm, current)
    yield from (_removal(machine, vm, current, drive) for drive in changes.removed)
    for number, drive, path in changes.inserted:
        yield _insertion(machine, vm, current, (number, drive, path))
    places = _free_places(vm, current, changes.removed)
    for (number, path), (controller, location) in zip(changes.added, places, strict=False):
        drive = DvdDriveState(path=path, controller_number=controller, controller_location=location)
        yield _addition(machine, vm, current, number, drive)


def dvd_drives_need_off(vm: VM, current: VirtualMachineState) -> bool:
    """Whether the changes of DVD drives need the VM Off."""
    changes = _changes(vm, current)
    if vm.generation == 1 and (changes.added or changes.removed):
        return True
    return current.state not in CHANGEABLE_STATES and changes != _Changes()


def _changes(vm: VM, current: VirtualMachineState) -> _Changes:
    if vm.dvd_drives is None:
        return _Changes()
    free = sorted(current.dvd_drives, key=_place)
    wanted: list[tuple[int, str]] = []
    for number, drive in enumerate(vm.dvd_drives, 1):
        path = drive.path or ""
        same = [each for each in free if path_key(each.path) == path_key(path)]
        if same and (current.id or number == 1):
            free.remove(same[0])
        else:
            wanted.append((number, path))
    pairs = zip(wanted, free, strict=False)
    return _Changes(
        inserted=tuple((number, drive, path) for (number, path), drive in pairs),
        added=tuple(wanted[len(free) :]),
        removed=tuple(free[len(wanted) :]),
    )


def _place(drive: DvdDriveState) -> _Place:
    return drive.controller_number, drive.controller_location


def _free_places(
    vm: VM, current: VirtualMachineState, removed: tuple[DvdDriveState, ...]
) -> Iterator[_Place]:
    kind, places = ("IDE", _IDE_PLACES) if vm.generation == 1 else ("SCSI", _SCSI_PLACES)
    used = {
        (disk.controller_number, disk.controller_location)
        for disk in current.hard_disks
        if disk.controller_type == kind
    }
    used |= {_place(drive) for drive in current.dvd_drives if drive not in removed}
    # More drives than places are refused by the host, and reported by a rule before.
    return chain((place for place in places if place not in used), repeat(places[-1]))


def _insertion(
    machine: PlannedMachine,
    vm: VM,
    current: VirtualMachineState,
    change: tuple[int, DvdDriveState, str],
) -> Step:
    number, drive, path = change
    return machine.step(
        Action.INSERT_DVD,
        _subject(vm, number),
        tr("Insert {path} into DVD drive {number} of {vm}", path=path, number=number, vm=vm.name)
        if path
        else tr(
            "Eject {path} from DVD drive {number} of {vm}",
            path=drive.path,
            number=number,
            vm=vm.name,
        ),
        tr("{path} is in it", path=drive.path) if drive.path else tr("it is empty"),
        _on_drive(current, drive, Cmdlet("Set-VMDvdDrive", {"Path": path or None})),
        target=vm_target(current),
        undo=(_on_drive(current, drive, Cmdlet("Set-VMDvdDrive", {"Path": drive.path or None})),),
        needs=(machine.step_id(Action.CREATE_VM, vm.name),),
    )


def _addition(
    machine: PlannedMachine,
    vm: VM,
    current: VirtualMachineState,
    number: int,
    drive: DvdDriveState,
) -> Step:
    return machine.step(
        Action.ADD_DVD_DRIVE,
        _subject(vm, number),
        tr(
            "Add DVD drive {number} to {vm}, with {path}",
            path=drive.path,
            number=number,
            vm=vm.name,
        )
        if drive.path
        else tr("Add DVD drive {number} to {vm}, empty", number=number, vm=vm.name),
        _number_text(current),
        on_vm(current, Cmdlet("Add-VMDvdDrive", _as_parameters(drive))),
        target=vm_target(current),
        undo=(on_vm(current, _at(drive, Cmdlet("Remove-VMDvdDrive"))),),
        needs=(machine.step_id(Action.CREATE_VM, vm.name),),
    )


def _removal(
    machine: PlannedMachine, vm: VM, current: VirtualMachineState, drive: DvdDriveState
) -> Step:
    return machine.step(
        Action.REMOVE_DVD_DRIVE,
        f"{vm.name}/dvd-{drive.controller_number}-{drive.controller_location}",
        tr("Remove the DVD drive with {path} from {vm}", path=drive.path, vm=vm.name)
        if drive.path
        else tr("Remove an empty DVD drive from {vm}", vm=vm.name),
        _number_text(current),
        _on_drive(current, drive, Cmdlet("Remove-VMDvdDrive")),
        target=vm_target(current),
        undo=(on_vm(current, Cmdlet("Add-VMDvdDrive", _as_parameters(drive))),),
        needs=(machine.step_id(Action.CREATE_VM, vm.name),),
    )


def _number_text(current: VirtualMachineState) -> str:
    return tr("its number of DVD drives is {count}", count=len(current.dvd_drives))


def _subject(vm: VM, number: int) -> str:
    return f"{vm.name}/dvd-{number}"


def _on_drive(current: VirtualMachineState, drive: DvdDriveState, cmdlet: Cmdlet) -> Cmdlet:
    """Return a cmdlet for a drive; a VM that is still to be created has only the one of New-VM."""
    if not current.id:
        return on_vm(current, Cmdlet("Get-VMDvdDrive", {}, cmdlet))
    return on_vm(current, _at(drive, cmdlet))


def _at(drive: DvdDriveState, cmdlet: Cmdlet) -> Cmdlet:
    return Cmdlet("Get-VMDvdDrive", _location(drive), cmdlet)


def _as_parameters(drive: DvdDriveState) -> dict[str, object]:
    return {**_location(drive), "Path": drive.path} if drive.path else _location(drive)


def _location(drive: DvdDriveState) -> dict[str, object]:
    return {
        "ControllerNumber": drive.controller_number,
        "ControllerLocation": drive.controller_location,
    }
