"""DVD drives of virtual machines."""

from __future__ import annotations

from nestlab.simulator import cmdlet_errors
from nestlab.simulator.behaviour import folders
from nestlab.simulator.cmdlets.hyper_v.storage.vm_drive import (
    add_drive,
    is_move,
    move_drive,
    move_error,
    remove_drive,
    select_drives,
)
from nestlab.simulator.cmdlets.hyper_v.vm_records import drive_record
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.cmdlets.selection import select_vms
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.state import disk_files
from nestlab.simulator.state.machine import Machine


@cmdlet("Get-VMDvdDrive")
def get_vm_dvd_drive(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-VMDvdDrive."""
    for vm, drive in select_drives(machine, bound, sink, "dvd"):
        sink.output(drive_record(machine, vm, drive))


@cmdlet("Add-VMDvdDrive")
def add_vm_dvd_drive(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Add-VMDvdDrive."""
    for vm in select_vms(machine, bound, sink, "VMName"):
        add_drive(machine, bound, sink, vm, "dvd")


@cmdlet("Remove-VMDvdDrive")
def remove_vm_dvd_drive(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Remove-VMDvdDrive."""
    remove_drive(machine, bound, sink, "dvd")


@cmdlet("Set-VMDvdDrive")
def set_vm_dvd_drive(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Set-VMDvdDrive: inserts an image, ejects it with a path of $null, or moves the drive."""
    for vm, drive in select_drives(machine, bound, sink, "dvd"):
        path = (
            (bound.text("Path") if bound.get("Path") else "")
            if "Path" in bound or not is_move(bound)
            else drive.path
        )
        error = move_error(bound, vm, drive)
        if path and not folders.exists(machine, path):
            message = f"Failed to modify device 'DVD Drive'.\nThe system cannot find the file specified. (0x80070002). '{path}'"
            error = cmdlet_errors.hyper_v(bound.name, "ObjectNotFound", message, path)
        if error is not None:
            sink.error(error.record)
            continue
        drive.path = path
        disk_files.invalidate_drive_index(machine)
        move_drive(machine, bound, sink, vm, drive)
