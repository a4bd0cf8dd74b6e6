"""Virtual disk files: chains of differencing disks, and what checkpoints do to them."""

from __future__ import annotations

import copy
import ntpath

from nestlab.simulator.machine import File, Machine
from nestlab.simulator.virtual_machine import Drive, VirtualMachine

SMALLEST_FILE = 4 << 20
"""A new dynamic or differencing disk takes this many bytes on the host."""


def create(machine: Machine, path: str, *, size: int, disk_type: str = "Dynamic", parent: str = "") -> File:
    """Create a virtual disk file."""
    length = size if disk_type == "Fixed" else SMALLEST_FILE
    file = File(path, "vhd", length=length, size=size, disk_type=disk_type, parent=parent)
    machine.files[path.lower()] = file
    return file


def folder_exists(machine: Machine, path: str) -> bool:
    """Whether there is a folder: a drive's root, one with files under it, or one that Windows always has."""
    folder = path.rstrip("\\").lower()
    if len(folder) == 2 and folder.endswith(":"):  # noqa: PLR2004  # a drive letter and a colon
        return folder in drives(machine)
    return any(known.startswith(folder + "\\") for known in (*machine.files, r"c:\windows\system32", r"c:\users\public\documents\x"))


def drives(machine: Machine) -> set[str]:
    """Return the drives: the system's, and those with files."""
    return {"c:"} | {path[:2] for path in machine.files}


def exists(machine: Machine, path: str) -> bool:
    """Whether there is a file or a folder at a path."""
    return machine.file(path) is not None or folder_exists(machine, path)


def users_of(machine: Machine, path: str) -> list[VirtualMachine]:
    """Return the virtual machines that have a file attached, directly or as a parent of an attached disk."""
    vms = machine.hyper_v.vms if machine.hyper_v else []
    return [vm for vm in vms if any(path.lower() in chain(machine, drive.path) for drive in vm.settings.drives)]


def chain(machine: Machine, path: str) -> list[str]:
    """Return a disk and its parents, as lower-case paths, down to the base."""
    found: list[str] = []
    while path and path.lower() not in found:
        found.append(path.lower())
        file = machine.file(path)
        path = file.parent if file else ""
    return found


def freeze(machine: Machine, drive: Drive, name: str) -> tuple[str, str]:
    """Put a differencing disk on top of an attached disk, as a checkpoint does; return the new path and the frozen one."""
    frozen = machine.file(drive.path)
    stem, _ = ntpath.splitext(drive.path)
    path = f"{stem}_{name.upper()}.avhdx"
    top = create(machine, path, size=frozen.size if frozen else 0, disk_type="Differencing", parent=drive.path)
    if frozen is not None and frozen.content is not None:
        top.content = copy_system(frozen.content)
    result = (path, drive.path)
    drive.path = path
    return result


def copy_system(content: Machine) -> Machine:
    """Return a copy of an installed system, as it stands on the disk now."""
    world, above = content.world, content.above
    memo = {id(world): world, id(above): above}
    return copy.deepcopy(content, memo)


def merge_all(machine: Machine, vm: VirtualMachine) -> None:
    """Merge the disks of all checkpoints of a VM into the disks below, and forget the checkpoints."""
    for drive in vm.settings.drives:
        if drive.kind == "disk":
            drive.path = merge_down(machine, drive.path)
    for snapshot in vm.snapshots:
        for path in (*snapshot.disks, *snapshot.disks.values()):
            if path.lower().endswith(".avhdx"):
                machine.files.pop(path.lower(), None)
    vm.snapshots.clear()
    vm.parent_snapshot_id = ""


def merge_down(machine: Machine, path: str) -> str:
    """Merge a checkpoint's disk into the disk below, down to one that is no checkpoint's; return its path."""
    while path.lower().endswith(".avhdx"):
        top = machine.files.pop(path.lower(), None)
        if top is None:
            return path
        below = machine.file(top.parent)
        if below is not None:
            below.content = top.content or below.content
        path = top.parent
    return path
