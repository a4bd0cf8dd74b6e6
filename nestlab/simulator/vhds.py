"""Virtual disk files: New-, Get-, Test-, Resize-VHD."""

from __future__ import annotations

import ntpath

from nestlab.model import Record
from nestlab.simulator import disk_files, refusal
from nestlab.simulator.machine import File, Machine
from nestlab.simulator.powershell.binding import Bound
from nestlab.simulator.powershell.call import PowerShellError, Sink
from nestlab.simulator.powershell.objects import make_record, scalar_record
from nestlab.simulator.selection import Handler, same_id, values

_EXTENSIONS = (".vhd", ".vhdx", ".vhds", ".avhdx", ".avhd")
_VHD_MAXIMUM = 2040 << 30
_VHDX_MAXIMUM = 64 << 40
_SMALLEST = 3 << 20


def vhd_record(machine: Machine, file: File) -> Record:
    """Return what Get-VHD shows."""
    attached = any(vm.has_power for vm in disk_files.users_of(machine, file.path))
    return make_record(
        "VirtualHardDisk",
        Path=file.path,
        ComputerName=machine.name,
        VhdFormat="VHD" if file.path.lower().endswith((".vhd", ".avhd")) else "VHDX",
        VhdType=file.disk_type,
        ParentPath=file.parent,
        Size=file.size,
        FileSize=file.length,
        Attached=attached,
        BlockSize=0 if file.disk_type == "Fixed" else 32 << 20,
        LogicalSectorSize=512,
        PhysicalSectorSize=4096,
    )


def new_vhd(machine: Machine, bound: Bound, sink: Sink) -> None:
    """New-VHD: fixed, dynamic, or differencing on a parent that must exist."""
    for item in values(bound, "Path"):
        path = _absolute(machine, str(item))
        parent = str(bound.get("ParentPath") or "")
        error = _reason_not_to_create(machine, bound, path, parent)
        if error is not None:
            sink.error(error.record)
            continue
        below = machine.file(parent) if parent else None
        disk_type = "Differencing" if parent else ("Fixed" if bound.switch("Fixed") else "Dynamic")
        size = int(bound.get("SizeBytes") or (below.size if below else 0))
        file = disk_files.create(machine, path, size=size, disk_type=disk_type, parent=below.path if below else "")
        machine.world.clock.advance(size / (1 << 30) if disk_type == "Fixed" else 0.5)
        sink.output(vhd_record(machine, file))


def _absolute(machine: Machine, path: str) -> str:
    folder = machine.hyper_v.virtual_hard_disk_path if machine.hyper_v else "C:\\"
    return path if ntpath.isabs(path) else ntpath.join(folder, path)


def _reason_not_to_create(machine: Machine, bound: Bound, path: str, parent: str) -> PowerShellError | None:
    failed = f"Failed to create the virtual hard disk.\nThe system failed to create '{path}'"
    name, extension = ntpath.splitext(path.lower())
    size = int(bound.get("SizeBytes") or 0)
    most = _VHD_MAXIMUM if extension == ".vhd" else _VHDX_MAXIMUM
    if extension not in _EXTENSIONS or not ntpath.basename(name):
        message = "The virtual disk's file name extension must be .vhd, .vhdx or .vhds."
        return refusal.vhd(bound.name, "InvalidParameter", message, path)
    if machine.file(path) is not None:
        return refusal.vhd(bound.name, "OperationFailed", f"{failed}: The file exists. (0x80070050).", path)
    if path[:2].lower() not in disk_files.drives(machine):
        return refusal.vhd(bound.name, "ObjectNotFound", f"{failed}: The system cannot find the path specified. (0x80070003).", path)
    if parent and machine.file(parent) is None:
        return refusal.vhd(
            bound.name, "ObjectNotFound", f"{failed}: The system cannot find the file specified. (0x80070002). '{parent}'", parent
        )
    if not parent and not _SMALLEST <= size <= most:
        return refusal.vhd(bound.name, "InvalidParameter", f"{failed}: The parameter is incorrect. (0x80070057).", path)
    return None


def get_vhd(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-VHD."""
    paths = [str(item) for item in values(bound, "Path")]
    for identity in values(bound, "VMId"):
        vms = machine.hyper_v.vms if machine.hyper_v else []
        paths += [drive.path for vm in vms if same_id(vm.id, identity) for drive in vm.settings.drives if drive.kind == "disk"]
    for path in paths:
        sink.output(vhd_record(machine, _require(machine, bound, path)))


def _require(machine: Machine, bound: Bound, path: str) -> File:
    file = machine.file(_absolute(machine, path))
    if file is None:
        message = (
            f"Getting the mounted storage instance for the path '{path}' failed. "
            "The operation cannot be performed because the object is not found: The system cannot find the file specified. (0x80070002)."
        )
        raise refusal.vhd(bound.name, "ObjectNotFound", message, path)
    if file.kind != "vhd":
        raise refusal.vhd(
            bound.name, "InvalidParameter", f"'{path}' is no virtual hard disk. The file or directory is corrupted. (0xC03A0002)", path
        )
    return file


def check_vhd(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Test-VHD: true where the disk and all its parents are there."""
    for item in values(bound, "Path"):
        file = _require(machine, bound, str(item))
        missing = next((path for path in disk_files.chain(machine, file.path) if machine.file(path) is None), None)
        if missing is None:
            sink.output(scalar_record(True))  # noqa: FBT003  # the value itself
        else:
            message = f"The chain of virtual hard disk '{file.path}' is broken. There is no '{missing}'. (0xC03A000D)"
            sink.error(refusal.vhd(bound.name, "InvalidParameter", message, file.path).record)


def resize_vhd(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Resize-VHD: a disk only grows; to shrink it needs free space at its end that this simulation does not give."""
    for item in values(bound, "Path"):
        file = _require(machine, bound, str(item))
        size = int(bound.get("SizeBytes") or file.size)
        if size < file.size:
            message = f"Failed to resize the virtual disk.\nThe system failed to resize '{file.path}': The requested size is below the minimum size. (0xC03A0025)"
            sink.error(refusal.vhd(bound.name, "InvalidParameter", message, file.path).record)
            continue
        if any(vm.has_power for vm in disk_files.users_of(machine, file.path)) and file.path.lower().endswith(".vhd"):
            message = f"Failed to resize the virtual disk.\nThe system failed to resize '{file.path}': The process cannot access the file because it is being used by another process. (0x80070020)."
            sink.error(refusal.vhd(bound.name, "ObjectInUse", message, file.path).record)
            continue
        file.size = size
        if bound.switch("Passthru"):
            sink.output(vhd_record(machine, file))


HANDLERS: dict[str, Handler] = {
    "New-VHD": new_vhd,
    "Get-VHD": get_vhd,
    "Test-VHD": check_vhd,
    "Resize-VHD": resize_vhd,
}
