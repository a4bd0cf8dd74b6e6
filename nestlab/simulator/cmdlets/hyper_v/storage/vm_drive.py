"""Shared code of the cmdlets for hard disk and DVD drives of VMs."""

from __future__ import annotations

from typing import Any

from nestlab.model import Record
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.behaviour import attachments
from nestlab.simulator.cmdlets.hyper_v.vm_records import drive_record
from nestlab.simulator.cmdlets.selection import same_id, select_vms
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import PowerShellError, Sink
from nestlab.simulator.powershell.values.type_conversion import is_instance
from nestlab.simulator.state import disk_files
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.virtual_machine import VirtualMachine, VMDrive

LOCATIONS = {"IDE": 2, "SCSI": 64}
_IDE_CONTROLLERS = 2


def select_drives(
    machine: Machine, bound: Bound, sink: Sink, kind: str
) -> list[tuple[VirtualMachine, VMDrive]]:
    """Return the drives of a kind (``disk`` or ``dvd``) that a call selects, each with its VM."""
    objects = [
        item for item in bound.values("VMHardDiskDrive", "VMDvdDrive") if isinstance(item, Record)
    ]
    if objects:
        vms = machine.hyper_v.vms if machine.hyper_v else []
        pairs = [
            (vm, drive)
            for vm in vms
            for drive in vm.settings.drives
            if any(_is_drive_of(vm, drive, item) for item in objects)
        ]
    else:
        pairs = [
            (vm, drive)
            for vm in select_vms(machine, bound, sink, "VMName")
            for drive in vm.settings.drives
        ]
    of_kind = [pair for pair in pairs if pair[1].kind == kind]
    location = None if objects else _requested_location(bound)
    return of_kind if location is None else [pair for pair in of_kind if _is_at(pair[1], location)]


def _is_drive_of(vm: VirtualMachine, drive: VMDrive, item: Record) -> bool:
    location = (drive.controller_type, drive.controller_number, drive.controller_location)
    return same_id(vm.id, item["VMId"]) and location == (
        str(item["ControllerType"]),
        item["ControllerNumber"],
        item["ControllerLocation"],
    )


_Location = tuple[str | None, int | None, Any]
"""Type and number of a controller, and the number of a location on it; None for any."""


def _requested_location(bound: Bound) -> _Location | None:
    """Return the location that a call names; None if it names no controller and no location."""
    kind, number = _controller(bound)
    requested = (kind or None, number, bound.get("ControllerLocation"))
    return None if requested == (None, None, None) else requested


def _is_at(drive: VMDrive, requested: _Location) -> bool:
    location = (drive.controller_type, drive.controller_number, drive.controller_location)
    return all(
        wanted is None or str(wanted) == str(actual)
        for wanted, actual in zip(requested, location, strict=True)
    )


def _controller(bound: Bound) -> tuple[str, int | None]:
    """Return the type and the number of the controller that a call names.

    What the call does not name is empty or None.
    """
    given = next(
        (item for item in bound.values("VMDriveController") if isinstance(item, Record)), None
    )
    if given is not None:
        return "SCSI" if is_instance(given, "VMScsiController") else "IDE", int(
            given["ControllerNumber"]
        )
    number = bound.get("ControllerNumber")
    return bound.text("ControllerType"), None if number is None else int(number)


def add_drive(machine: Machine, bound: Bound, sink: Sink, vm: VirtualMachine, kind: str) -> None:
    """Add a drive of a kind to a VM, or write the error."""
    path = bound.text("Path")
    drive = _new_drive(bound, vm, kind, path)
    error = _addition_error(machine, bound, vm, drive)
    if error is not None:
        sink.error(error.record)
        return
    vm.settings.drives.append(drive)
    disk_files.invalidate_drive_index(machine)
    if bound.is_present("Passthru"):
        sink.output(drive_record(machine, vm, drive))


def _new_drive(bound: Bound, vm: VirtualMachine, kind: str, path: str) -> VMDrive:
    default = "IDE" if vm.generation == 1 else "SCSI"
    requested, given = _controller(bound)
    controller = requested or default
    used = {
        (d.controller_type, d.controller_number, d.controller_location) for d in vm.settings.drives
    }
    numbers = [given] if given is not None else list(range(controller_count(vm, controller))) or [0]
    locations = [int(value) for value in bound.values("ControllerLocation")] or list(
        range(LOCATIONS[controller])
    )
    free = (
        (n, location)
        for n in numbers
        for location in locations
        if (controller, n, location) not in used
    )
    number, location = next(free, (numbers[0], -1))
    return VMDrive(kind, path, controller, number, location)


def disk_error(cmdlet: str, machine: Machine, generation: int, path: str) -> PowerShellError | None:
    """Return the error if a file cannot be a disk of a VM, else None.

    Generation 2 supports VHDX only; other files are not disks.
    """
    file = machine.file(path)
    if file is not None and file.kind != "vhd":
        message = f"Failed to add device 'Virtual Hard Disk'.\n'{path}' is not a virtual hard disk. The file or directory is corrupted. (0xC03A0002)"
        return cmdlet_errors.hyper_v(cmdlet, "InvalidParameter", message, path)
    if generation != 1 and path.lower().endswith((".vhd", ".avhd")):
        message = "Failed to add device 'Virtual Hard Disk'. Generation 2 virtual machines need a disk in the VHDX format."
        return cmdlet_errors.hyper_v(cmdlet, "InvalidParameter", message, path)
    return None


def _addition_error(
    machine: Machine, bound: Bound, vm: VirtualMachine, drive: VMDrive
) -> PowerShellError | None:
    what = _device(drive)
    if drive.controller_type == "IDE" and vm.generation != 1:
        message = (
            f"Failed to add device '{what}'. Generation 2 virtual machines have no IDE controller."
        )
        return cmdlet_errors.hyper_v(bound.name, "NotSupported", message, vm.name)
    controllers = range(vm.settings.scsi_controllers)
    if drive.controller_type == "SCSI" and drive.controller_number not in controllers:
        message = f"Failed to add device '{what}'. Virtual machine '{vm.name}' has no SCSI controller {drive.controller_number}."
        return cmdlet_errors.hyper_v(bound.name, "ObjectNotFound", message, vm.name)
    if vm.state not in ("Off", "Running") or (
        vm.state == "Running" and drive.controller_type == "IDE"
    ):
        return cmdlet_errors.hyper_v(
            bound.name,
            "InvalidState",
            f"Failed to add device '{what}'.\n{cmdlet_errors.WRONG_STATE}",
            vm.name,
        )
    if drive.controller_location >= LOCATIONS[drive.controller_type]:
        message = f"Failed to add device '{what}'. The {drive.controller_type} controller has no location {drive.controller_location}."
        return cmdlet_errors.hyper_v(bound.name, "InvalidParameter", message, vm.name)
    if drive.controller_location < 0:
        message = f"Failed to add device '{what}'. The location on the {drive.controller_type} controller is in use."
        return cmdlet_errors.hyper_v(bound.name, "InvalidParameter", message, vm.name)
    return _file_error(machine, bound, vm, drive) if drive.path else None


def remove_drive(machine: Machine, bound: Bound, sink: Sink, kind: str) -> None:
    """Remove the drives of a kind that a call selects; their files remain."""
    found = select_drives(machine, bound, sink, kind)
    if not found and "VMName" in bound:
        message = f"Cannot find the {'hard disk' if kind == 'disk' else 'DVD'} drive with the given criteria."
        sink.error(cmdlet_errors.hyper_v(bound.name, "ObjectNotFound", message).record)
    for vm, drive in found:
        if vm.state not in ("Off", "Running") or (
            vm.state == "Running" and (drive.controller_type == "IDE" or drive.path == vm.boot_disk)
        ):
            message = f"Failed to remove device.\n{cmdlet_errors.WRONG_STATE}"
            sink.error(cmdlet_errors.hyper_v(bound.name, "InvalidState", message, vm.name).record)
            continue
        vm.settings.drives = [own for own in vm.settings.drives if own is not drive]
        disk_files.invalidate_drive_index(machine)
        if bound.is_present("Passthru"):
            sink.output(drive_record(machine, vm, drive))


def move_drive(
    machine: Machine, bound: Bound, sink: Sink, vm: VirtualMachine, drive: VMDrive
) -> None:
    """Move a drive to the location that -ToControllerType and the related parameters name."""
    drive.controller_type, drive.controller_number, drive.controller_location = _target(
        bound, drive
    )
    if bound.is_present("Passthru"):
        sink.output(drive_record(machine, vm, drive))


def is_move(bound: Bound) -> bool:
    """Whether a call moves a drive to another location."""
    return any(
        name in bound for name in ("ToControllerType", "ToControllerNumber", "ToControllerLocation")
    )


def _target(bound: Bound, drive: VMDrive) -> tuple[str, int, int]:
    return (
        bound.text("ToControllerType", drive.controller_type),
        int(bound.get("ToControllerNumber", drive.controller_number)),
        int(bound.get("ToControllerLocation", drive.controller_location)),
    )


def move_error(bound: Bound, vm: VirtualMachine, drive: VMDrive) -> PowerShellError | None:
    """Return the error if the new location does not exist or is in use."""
    if not is_move(bound):
        return None
    kind, number, location = target = _target(bound, drive)
    failed = f"Failed to modify device '{_device(drive)}'."
    used = [
        (own.controller_type, own.controller_number, own.controller_location)
        for own in vm.settings.drives
        if own is not drive
    ]
    if not (0 <= number < controller_count(vm, kind) and 0 <= location < LOCATIONS[kind]):
        message = f"{failed} Virtual machine '{vm.name}' has no {kind} controller {number} with a location {location}."
        return cmdlet_errors.hyper_v(bound.name, "ObjectNotFound", message, vm.name)
    if target in used:
        message = f"{failed} The location on the {kind} controller is in use."
        return cmdlet_errors.hyper_v(bound.name, "InvalidParameter", message, vm.name)
    return None


def controller_count(vm: VirtualMachine, kind: str) -> int:
    """Return the number of controllers of a kind; generation 2 has no IDE controllers."""
    ide = _IDE_CONTROLLERS if vm.generation == 1 else 0
    return vm.settings.scsi_controllers if kind == "SCSI" else ide


def _file_error(
    machine: Machine, bound: Bound, vm: VirtualMachine, drive: VMDrive
) -> PowerShellError | None:
    what = _device(drive)
    if any(own.path.lower() == drive.path.lower() for own in vm.settings.drives):
        message = f"Cannot add '{drive.path}'. The disk is already connected to the virtual machine '{vm.name}'."
        return cmdlet_errors.hyper_v(bound.name, "InvalidParameter", message, vm.name)
    wrong = (
        disk_error(bound.name, machine, vm.generation, drive.path) if drive.kind == "disk" else None
    )
    if wrong is not None:
        return wrong
    # While the VM is off, the disk is not opened: a missing parent is detected when it starts.
    missing = (
        attachments.missing_file(machine, drive.path)
        if vm.is_powered_on or machine.file(drive.path) is None
        else ""
    )
    if missing:
        message = f"Failed to add device '{what}'.\nThe system cannot find the file specified. (0x80070002). '{missing}'"
        return cmdlet_errors.hyper_v(bound.name, "ObjectNotFound", message, missing)
    return None


def _device(drive: VMDrive) -> str:
    return "Virtual Hard Disk" if drive.kind == "disk" else "DVD Drive"
