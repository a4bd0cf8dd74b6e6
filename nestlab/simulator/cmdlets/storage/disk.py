"""Get-Disk, Set-Disk and Initialize-Disk."""

from __future__ import annotations

from nestlab.simulator import cmdlet_errors
from nestlab.simulator.behaviour import volumes
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.cmdlets.storage.disk_records import (
    INITIALIZED,
    OFFLINE,
    READ_ONLY,
    StorageError,
    WindowsDisk,
    disk_record,
    selected_disks,
)
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.state.machine import Machine, Partition


@cmdlet("Get-Disk")
def get_disk(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-Disk: the system disk, and mounted virtual disks."""
    for disk in selected_disks(machine, bound):
        sink.output(disk_record(machine, disk))


@cmdlet("Set-Disk")
def set_disk(machine: Machine, bound: Bound, sink: Sink) -> None:  # noqa: ARG001  # a handler: it has no output
    """Set-Disk: offline or online, read-only or not. The volumes of an offline disk have no paths.

    The system disk does not change.
    """
    for disk in selected_disks(machine, bound):
        if disk.file is None:
            continue
        if "IsOffline" in bound:
            disk.file.offline = bool(bound["IsOffline"])
        if "IsReadOnly" in bound:
            disk.file.read_only = bool(bound["IsReadOnly"])


@cmdlet("Initialize-Disk")
def initialize_disk(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Initialize-Disk: GPT by default, which adds a reserved partition."""
    for disk in selected_disks(machine, bound):
        error = _initialization_error(machine, disk)
        if error:
            sink.error(cmdlet_errors.cim(bound.name, *error, "NotSpecified").record)
            continue
        file, style = disk.file, bound.text("PartitionStyle", "GPT")
        if file is None:
            continue
        file.partition_style = style
        if style == "GPT":
            size = min(16 * volumes.MEGABYTE, file.size // 2)
            file.partitions = [Partition(1, 17 << 10, size, "Reserved")]
        if bound.is_present("PassThru"):
            sink.output(disk_record(machine, disk))


def _initialization_error(machine: Machine, disk: WindowsDisk) -> StorageError | None:
    if disk.file is None or volumes.partition_style(machine, disk.file) != "RAW":
        return INITIALIZED
    if disk.file.offline:
        return OFFLINE
    return READ_ONLY if disk.file.read_only else None
