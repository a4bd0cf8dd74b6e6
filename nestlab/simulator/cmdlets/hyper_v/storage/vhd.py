"""New-VHD, Get-VHD, Test-VHD and Resize-VHD."""

from __future__ import annotations

import ntpath
from collections.abc import Callable, Collection
from functools import cache, partial

from nestlab.model import Record
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.behaviour import folders
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.powershell.action_preferences import needed_properties
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import PowerShellError, Sink
from nestlab.simulator.powershell.objects import scalar_record
from nestlab.simulator.powershell.record_factory import RecordFactory
from nestlab.simulator.state import disk_files
from nestlab.simulator.state.machine import File, Machine

_EXTENSIONS = (".vhd", ".vhdx", ".vhds", ".avhdx", ".avhd")
VHD_MAXIMUM = 2040 << 30
_VHDX_MAXIMUM = 64 << 40
_SMALLEST = 3 << 20


BUSY = (
    "The process cannot access the file because it is being used by another process. (0x80070020)."
)


def is_vhd_format(path: str) -> bool:
    """Whether a path names a disk in the VHD format, which generation 2 does not support."""
    return path.lower().endswith((".vhd", ".avhd"))


def vhd_record(
    machine: Machine, file: File, get_open_files: Callable[[], Collection[str]] | None = None
) -> Record:
    """Return the record of Get-VHD.

    `get_open_files` returns the lower-case paths of the open files, by default those of the
    machine.
    """
    return _DISK(machine, file, get_open_files or partial(disk_files.open_files, machine))


def _block_size(file: File) -> int:
    if file.disk_type == "Fixed":
        return 0
    return (2 if is_vhd_format(file.path) or file.parent else 32) << 20


_DISK = RecordFactory(
    "VirtualHardDisk",
    {
        "Path": lambda _machine, file, _get_open_files: file.path,
        "ComputerName": lambda machine, _file, _get_open_files: machine.name,
        "VhdFormat": lambda _machine, file, _get_open_files: (
            "VHD" if is_vhd_format(file.path) else "VHDX"
        ),
        "VhdType": lambda _machine, file, _get_open_files: file.disk_type,
        "ParentPath": lambda _machine, file, _get_open_files: file.parent,
        "Size": lambda _machine, file, _get_open_files: file.size,
        "FileSize": lambda _machine, file, _get_open_files: file.length,
        "Attached": lambda _machine, file, get_open_files: file.path.lower() in get_open_files(),
        "DiskNumber": lambda _machine, file, _get_open_files: file.disk_number,
        "BlockSize": lambda _machine, file, _get_open_files: _block_size(file),
        "LogicalSectorSize": lambda _machine, _file, _get_open_files: 512,
        "PhysicalSectorSize": lambda _machine, file, _get_open_files: (
            512 if is_vhd_format(file.path) else 4096
        ),
    },
)


@cmdlet("New-VHD")
def new_vhd(machine: Machine, bound: Bound, sink: Sink) -> None:
    """New-VHD: a fixed or dynamic disk, or a differencing disk of an existing parent."""
    for item in bound.values("Path"):
        path = full_path(machine, str(item))
        parent = str(bound.get("ParentPath") or "")
        error = _creation_error(machine, bound, path, parent)
        if error is not None:
            sink.error(error.record)
            continue
        parent_file = machine.file(parent) if parent else None
        disk_type = (
            "Differencing" if parent else ("Fixed" if bound.is_present("Fixed") else "Dynamic")
        )
        size = int(bound.get("SizeBytes") or (parent_file.size if parent_file else 0))
        file = disk_files.create(
            machine,
            path,
            size=size,
            disk_type=disk_type,
            parent=parent_file.path if parent_file else "",
        )
        machine.world.clock.advance(size / (1 << 30) if disk_type == "Fixed" else 0.5)
        sink.output(vhd_record(machine, file, get_open_files=tuple))


def full_path(machine: Machine, path: str) -> str:
    """Return a full path; a file name alone is in the default folder for virtual hard disks."""
    folder = machine.hyper_v.virtual_hard_disk_path if machine.hyper_v else "C:\\"
    return path if ntpath.isabs(path) else ntpath.join(folder, path)


def _creation_error(
    machine: Machine, bound: Bound, path: str, parent: str
) -> PowerShellError | None:
    error = path_error(machine, bound.name, path)
    if error is not None:
        return error
    failed = f"Failed to create the virtual hard disk.\nThe system failed to create '{path}'"
    size = int(bound.get("SizeBytes") or 0)
    if parent:
        return parent_error(machine, bound.name, path, parent, size)
    if not _SMALLEST <= size <= (VHD_MAXIMUM if is_vhd_format(path) else _VHDX_MAXIMUM):
        return cmdlet_errors.vhd(
            bound.name,
            "InvalidParameter",
            f"{failed}: The parameter is incorrect. (0x80070057).",
            path,
        )
    return None


def path_error(machine: Machine, cmdlet: str, path: str) -> PowerShellError | None:
    """Return the error if no disk can be created at a path, else None."""
    failed = f"Failed to create the virtual hard disk.\nThe system failed to create '{path}'"
    name, extension = ntpath.splitext(path.lower())
    if extension not in _EXTENSIONS or not ntpath.basename(name):
        return cmdlet_errors.vhd(
            cmdlet,
            "InvalidParameter",
            "The virtual disk's file name extension must be .vhd, .vhdx or .vhds.",
            path,
        )
    if machine.file(path) is not None:
        return cmdlet_errors.vhd(
            cmdlet, "OperationFailed", f"{failed}: The file exists. (0x80070050).", path
        )
    if not folders.has_drive(machine, path):
        return cmdlet_errors.vhd(
            cmdlet,
            "ObjectNotFound",
            f"{failed}: The system cannot find the path specified. (0x80070003).",
            path,
        )
    return None


def parent_error(
    machine: Machine, cmdlet: str, path: str, parent: str, size: int
) -> PowerShellError | None:
    """Return the error if a disk cannot be the child of another, else None.

    Both must have the same format, the child must be at least as large as the parent, and the
    parent must not be open for writing.
    """
    failed = f"Failed to create the virtual hard disk.\nThe system failed to create '{path}'"
    parent_file = machine.file(parent)
    if parent_file is None:
        text = f"{failed}: The system cannot find the file specified. (0x80070002). '{parent}'"
        return cmdlet_errors.vhd(cmdlet, "ObjectNotFound", text, parent)
    if (
        parent_file.kind != "vhd"
        or is_vhd_format(path) != is_vhd_format(parent)
        or 0 < size < parent_file.size
    ):
        return cmdlet_errors.vhd(
            cmdlet,
            "InvalidParameter",
            f"{failed}: The parameter is incorrect. (0x80070057).",
            parent,
        )
    if disk_files.file_open_for_writing(machine, parent):
        return cmdlet_errors.vhd(cmdlet, "ObjectInUse", f"{failed}: {BUSY}", parent)
    return None


@cmdlet("Get-VHD")
def get_vhd(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-VHD: by path, by the number of a mounted disk, or of all disks of a virtual machine."""
    paths = [str(item) for item in bound.values("Path")]
    paths += [
        mounted_disk(machine, bound, int(number)).path for number in bound.values("DiskNumber")
    ]
    for vm_id in bound.values("VMId"):
        vm = machine.hyper_v.vm_with_id(vm_id) if machine.hyper_v else None
        if vm is None:
            message = f'Hyper-V was unable to find a virtual machine with id "{vm_id}".'
            sink.error(cmdlet_errors.vhd(bound.name, "ObjectNotFound", message, str(vm_id)).record)
            continue
        paths += [drive.path for drive in vm.settings.drives if drive.kind == "disk"]
    get_open_files = cache(partial(disk_files.open_files, machine))
    make_record = _DISK.maker(needed_properties(sink))
    for path in paths:
        sink.output(make_record(machine, require_vhd(machine, bound, path), get_open_files))


def require_vhd(machine: Machine, bound: Bound, path: str) -> File:
    """Return the disk at a path; raises PowerShellError if there is none."""
    file = machine.file(full_path(machine, path))
    if file is None:
        message = (
            f"Getting the mounted storage instance for the path '{path}' failed. "
            "The operation cannot be performed because the object is not found: The system cannot find the file specified. (0x80070002)."
        )
        raise cmdlet_errors.vhd(bound.name, "ObjectNotFound", message, path)
    if file.kind != "vhd":
        message = (
            f"'{path}' is not a virtual hard disk. The file or directory is corrupted. (0xC03A0002)"
        )
        raise cmdlet_errors.vhd(bound.name, "InvalidParameter", message, path)
    return file


def mounted_disk(machine: Machine, bound: Bound, number: int) -> File:
    """Return the mounted disk with this disk number; raises PowerShellError if there is none."""
    file = next((file for file in machine.files.values() if file.disk_number == number), None)
    if file is None:
        message = f"Getting the mounted storage instance for the disk number '{number}' failed. No virtual hard disk is mounted under it."
        raise cmdlet_errors.vhd(bound.name, "ObjectNotFound", message, str(number))
    return file


@cmdlet("Test-VHD")
def check_vhd(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Test-VHD: whether a disk and its parents exist, and each parent is unchanged."""
    for item in bound.values("Path"):
        file = require_vhd(machine, bound, str(item))
        missing = next(
            (path for path in disk_files.chain(machine, file.path) if machine.file(path) is None),
            None,
        )
        changed = disk_files.mismatched_disk(machine, file.path)
        if missing is not None:
            message = f"The chain of virtual hard disk '{file.path}' is broken. There is no '{missing}'. (0xC03A000D)"
            sink.error(cmdlet_errors.vhd(bound.name, "InvalidParameter", message, file.path).record)
        elif changed:
            message = f"{disk_files.CHANGED_PARENT} (0xC03A000E) '{changed}'"
            sink.error(cmdlet_errors.vhd(bound.name, "InvalidParameter", message, file.path).record)
        else:
            sink.output(scalar_record(True))  # noqa: FBT003  # the value itself


@cmdlet("Resize-VHD")
def resize_vhd(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Resize-VHD: only to a larger size.

    Only a disk with unallocated space at its end can shrink, which is not simulated.
    """
    for item in bound.values("Path"):
        file = require_vhd(machine, bound, str(item))
        size = int(bound.get("SizeBytes") or file.size)
        error = _resize_error(machine, bound, file, size)
        if error is not None:
            sink.error(error.record)
            continue
        file.size = size
        disk_files.record_write(file)
        if bound.is_present("Passthru"):
            sink.output(vhd_record(machine, file))


def _resize_error(machine: Machine, bound: Bound, file: File, size: int) -> PowerShellError | None:
    failed = f"Failed to resize the virtual disk.\nThe system failed to resize '{file.path}'"
    if size < file.size:
        return cmdlet_errors.vhd(
            bound.name,
            "InvalidParameter",
            f"{failed}: The requested size is below the minimum size. (0xC03A0025)",
            file.path,
        )
    if size > (VHD_MAXIMUM if is_vhd_format(file.path) else _VHDX_MAXIMUM):
        return cmdlet_errors.vhd(
            bound.name,
            "InvalidParameter",
            f"{failed}: The parameter is incorrect. (0x80070057).",
            file.path,
        )
    # A VHDX on a SCSI controller can grow while the VM runs; on IDE, and its parents, it cannot.
    can_grow_online = (
        disk_files.file_open_for_writing(machine, file.path).lower() == file.path.lower()
        and not is_vhd_format(file.path)
        and not _is_on_ide(machine, file.path)
    )
    if not can_grow_online and disk_files.blocking_file(machine, file.path):
        return cmdlet_errors.vhd(bound.name, "ObjectInUse", f"{failed}: {BUSY}", file.path)
    return None


def _is_on_ide(machine: Machine, path: str) -> bool:
    drives = machine.hyper_v.drives_at(path.lower()) if machine.hyper_v else ()
    return any(drive.controller_type == "IDE" and vm.is_powered_on for vm, drive in drives)
