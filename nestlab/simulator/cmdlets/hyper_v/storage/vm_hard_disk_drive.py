"""Hard disk drives of virtual machines."""

from __future__ import annotations

from nestlab.simulator import cmdlet_errors
from nestlab.simulator.cmdlets.hyper_v.storage.vm_drive import (
    add_drive,
    disk_error,
    move_drive,
    move_error,
    remove_drive,
    select_drives,
)
from nestlab.simulator.cmdlets.hyper_v.vm_records import disk_record_maker
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.cmdlets.selection import select_vms
from nestlab.simulator.powershell.action_preferences import needed_properties
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.state import disk_files
from nestlab.simulator.state.machine import Machine


@cmdlet("Get-VMHardDiskDrive")
def get_vm_hard_disk_drive(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-VMHardDiskDrive."""
    make_record = disk_record_maker(needed_properties(sink))
    for vm, drive in select_drives(machine, bound, sink, "disk"):
        sink.output(make_record(machine, vm, drive))


@cmdlet("Add-VMHardDiskDrive")
def add_vm_hard_disk_drive(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Add-VMHardDiskDrive."""
    for vm in select_vms(machine, bound, sink, "VMName"):
        add_drive(machine, bound, sink, vm, "disk")


@cmdlet("Remove-VMHardDiskDrive")
def remove_vm_hard_disk_drive(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Remove-VMHardDiskDrive: the file remains."""
    remove_drive(machine, bound, sink, "disk")


@cmdlet("Set-VMHardDiskDrive")
def set_vm_hard_disk_drive(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Set-VMHardDiskDrive: attaches another file, or moves the drive to another location."""
    for vm, drive in select_drives(machine, bound, sink, "disk"):
        path = bound.text("Path", drive.path)
        error = move_error(bound, vm, drive) or disk_error(bound.name, machine, vm.generation, path)
        if machine.file(path) is None and "Path" in bound:
            message = f"Failed to modify device 'Virtual Hard Disk'.\nThe system cannot find the file specified. (0x80070002). '{path}'"
            error = cmdlet_errors.hyper_v(bound.name, "ObjectNotFound", message, path)
        elif vm.state != "Off":
            message = f"Failed to modify device 'Virtual Hard Disk'.\n{cmdlet_errors.WRONG_STATE}"
            error = cmdlet_errors.hyper_v(bound.name, "InvalidState", message, vm.name)
        if error is not None:
            sink.error(error.record)
            continue
        drive.path = path
        disk_files.invalidate_drive_index(machine)
        move_drive(machine, bound, sink, vm, drive)
