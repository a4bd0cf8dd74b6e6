"""Why a disk file cannot become the disk that the file of the topology declares."""

from __future__ import annotations

from nestlab.model.spelling import same_path
from nestlab.model.state import DiskFileState, HardDiskState
from nestlab.model.topology import Disk
from nestlab.plan.in_use import is_checkpoint_disk
from nestlab.texts import tr


def why_file_cannot_change(
    disk: Disk, file: DiskFileState, attached: HardDiskState | None, *, is_new: bool
) -> str:
    """Return why a disk file cannot become the declared disk; empty if it can.

    `attached` is the file as a disk of the VM, which may have a checkpoint on top; `is_new` is
    whether the VM does not exist.
    """
    wrong = other_parent(disk, file)
    if wrong or disk.size is None or disk.size == file.size:
        return wrong
    if disk.size < file.size:
        return tr(
            "disk size cannot shrink from {before} to {after}", before=file.size, after=disk.size
        )
    if attached is not None and is_checkpoint_disk(attached.path):
        return tr(
            "disk size cannot grow from {before} to {after} while the VM has checkpoints",
            before=file.size,
            after=disk.size,
        )
    return (
        tr("disk {path} exists already, with the size {size}", path=file.path, size=file.size)
        if is_new
        else ""
    )


def other_parent(disk: Disk, file: DiskFileState) -> str:
    """Return why a disk file does not have the declared parent; empty if it does."""
    wanted = disk.parent or ""
    if same_path(file.parent, wanted):
        return ""
    has = tr("has the parent {parent}", parent=file.parent) if file.parent else tr("has no parent")
    empty = tr("an empty disk of {size}", size=disk.size)
    return tr(
        "disk parent cannot change: {path} {has}, and should have {wanted}",
        path=file.path,
        has=has,
        wanted=wanted or empty,
    )
