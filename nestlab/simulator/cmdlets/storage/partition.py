"""Get-Partition, New-Partition, Format-Volume and access paths of partitions."""

from __future__ import annotations

import ntpath

from nestlab.model import Record
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.behaviour import folders, volumes
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.cmdlets.storage.disk_records import (
    INVALID_PARAMETER,
    NO_CAPACITY,
    NOT_INITIALIZED,
    OFFLINE,
    PATH_IN_USE,
    PATH_NOT_VALID,
    READ_ONLY,
    StorageError,
    WindowsDisk,
    partition_record,
    partitions_of,
    selected_disks,
    selected_partitions,
)
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.powershell.objects import make_record
from nestlab.simulator.state.machine import Machine, Partition


@cmdlet("Get-Partition")
def get_partition(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-Partition: of all disks, of one disk, or by drive letter."""
    for disk, partition in selected_partitions(machine, bound):
        sink.output(partition_record(disk, partition))


@cmdlet("Add-PartitionAccessPath")
def add_partition_access_path(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Add-PartitionAccessPath: a drive letter, or an empty folder of the host."""
    for disk, partition in selected_partitions(machine, bound):
        path = bound.text("AccessPath")
        error = _access_path_error(
            machine, disk, path, assign=bound.is_present("AssignDriveLetter")
        )
        if error:
            sink.error(cmdlet_errors.cim(bound.name, *error, "NotSpecified", path).record)
            continue
        if path:
            partition.access_paths.append(_with_backslash(path))
        else:
            volumes.assign_letter(machine, partition)
        if bound.is_present("PassThru"):
            sink.output(partition_record(disk, partition))


def _with_backslash(path: str) -> str:
    return path.rstrip("\\") + "\\"


def _access_path_error(
    machine: Machine, disk: WindowsDisk, path: str, *, assign: bool
) -> StorageError | None:
    """Return the error for an access path; None if it can be added."""
    if disk.is_offline:
        return OFFLINE
    if not path:
        return None if assign else INVALID_PARAMETER
    used = {
        known.lower()
        for _, other in volumes.mounted_partitions(machine)
        for known in other.access_paths
    }
    if _with_backslash(path).lower() in used:
        return PATH_IN_USE
    if volumes.is_drive_letter(path):
        return PATH_IN_USE if path[:2].lower() in volumes.drive_letters(machine) else None
    if not folders.folder_exists(machine, path) or not ntpath.isabs(path):
        return PATH_NOT_VALID
    return PATH_NOT_VALID if folders.descendants(machine, path) else None


@cmdlet("Remove-PartitionAccessPath")
def remove_partition_access_path(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Remove-PartitionAccessPath: the volume does not change."""
    for disk, partition in selected_partitions(machine, bound):
        path = _with_backslash(bound.text("AccessPath")).lower()
        kept = [known for known in partition.access_paths if known.lower() != path]
        if len(kept) == len(partition.access_paths):
            sink.error(cmdlet_errors.cim(bound.name, *PATH_NOT_VALID, "NotSpecified", path).record)
            continue
        partition.access_paths = kept
        if bound.is_present("PassThru"):
            sink.output(partition_record(disk, partition))


@cmdlet("New-Partition")
def new_partition(machine: Machine, bound: Bound, sink: Sink) -> None:
    """New-Partition: of a given size, or as large as possible, on an initialized disk."""
    for disk in selected_disks(machine, bound):
        own = partitions_of(machine, disk)
        start = max((each.offset + each.size for each in own), default=0)
        start = -(-start // volumes.MEGABYTE) * volumes.MEGABYTE or volumes.MEGABYTE
        free = max((disk.file.size if disk.file else 0) - start - volumes.MEGABYTE, 0)
        size = free if bound.is_present("UseMaximumSize") else int(bound.get("Size") or 0)
        error = _creation_error(machine, disk, size, free)
        if error:
            sink.error(cmdlet_errors.cim(bound.name, *error, "NotSpecified").record)
            continue
        style = volumes.partition_style(machine, disk.file) if disk.file else "GPT"
        kind = "Basic" if style == "GPT" else "IFS"
        partition = Partition(len(own) + 1, start, size, kind)
        own.append(partition)
        if bound.get("DriveLetter"):
            partition.access_paths.append(f"{bound.text('DriveLetter').upper()}:\\")
        elif bound.is_present("AssignDriveLetter"):
            volumes.assign_letter(machine, partition)
        sink.output(partition_record(disk, partition))


def _creation_error(
    machine: Machine, disk: WindowsDisk, size: int, free: int
) -> StorageError | None:
    if disk.is_offline:
        return OFFLINE
    if disk.file is not None and volumes.partition_style(machine, disk.file) == "RAW":
        return NOT_INITIALIZED
    if disk.file is not None and disk.file.read_only:
        return READ_ONLY
    if not size:
        return INVALID_PARAMETER if free else NO_CAPACITY
    return NO_CAPACITY if size > free else None


@cmdlet("Format-Volume")
def format_volume(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Format-Volume: deletes the contents of the volume."""
    for disk, partition in selected_partitions(machine, bound):
        if disk.is_offline or (disk.file is not None and disk.file.read_only):
            error = OFFLINE if disk.is_offline else READ_ONLY
            sink.error(cmdlet_errors.cim(bound.name, *error, "NotSpecified").record)
            continue
        partition.file_system = bound.text("FileSystem", "NTFS")
        partition.label = bound.text("NewFileSystemLabel")
        partition.files.clear()
        sink.output(_volume_record(partition))


def _volume_record(partition: Partition) -> Record:
    letters = [path[0] for path in partition.access_paths if volumes.is_drive_letter(path)]
    return make_record(
        "MSFT_Volume",
        DriveLetter=letters[0] if letters else None,
        FileSystem=partition.file_system,
        FileSystemLabel=partition.label,
        FileSystemType=partition.file_system,
        Size=partition.size,
        SizeRemaining=partition.size,
    )
