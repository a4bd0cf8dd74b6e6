"""The virtual disks and ISO files of a virtual machine, checked when it starts."""

from __future__ import annotations

from nestlab.simulator.state import disk_files
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.virtual_machine import VirtualMachine, VMDrive

_NO_FILE = "The system cannot find the file specified."
_BUSY_FILE = "The process cannot access the file because it is being used by another process."


def missing_file(machine: Machine, path: str) -> str:
    """Return the first missing path among a disk and its parents; empty if all exist."""
    while path:
        file = machine.file(path)
        if file is None:
            return path
        path = file.parent
    return ""


def drive_error(machine: Machine, vm: VirtualMachine) -> str:
    """Return the error text of the drive that prevents a VM from starting; empty if none does."""
    return next(
        (text for drive in vm.settings.drives if (text := _drive_error(machine, vm, drive))), ""
    )


def _drive_error(machine: Machine, vm: VirtualMachine, drive: VMDrive) -> str:
    controller = (
        "Microsoft Emulated IDE Controller"
        if drive.controller_type == "IDE"
        else "Synthetic SCSI Controller"
    )
    failed = f"{controller}: Failed to Power on with Error"
    missing = missing_file(machine, drive.path)
    if missing:
        return f"{failed} '{_NO_FILE}'. Attachment '{missing}' was not found. (0x80070002)."
    if drive.kind != "disk" or not drive.path:
        return ""
    if disk_files.blocking_file(machine, drive.path, ignored_vm=vm):
        return f"{failed} '{_BUSY_FILE}'.\nAttachment '{drive.path}' failed to open because of error: '{_BUSY_FILE}'. (0x80070020)."
    if disk_files.mismatched_disk(machine, drive.path):
        text = disk_files.CHANGED_PARENT
        return f"{failed} '{text}'.\nAttachment '{drive.path}' failed to open because of error: '{text}'. (0xC03A000E)."
    return ""
