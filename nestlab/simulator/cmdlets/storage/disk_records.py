"""The objects and errors of the Storage module, and the disks and partitions that a call selects.

Error numbers and texts are those of the return values of the MSFT_Disk and MSFT_Partition classes.
"""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.dataclass import dataclass
from nestlab.model import Record
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.behaviour import volumes
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.objects import make_record
from nestlab.simulator.powershell.values.wildcard import matches
from nestlab.simulator.state.machine import File, Machine, Partition

StorageError = tuple[str, str]
"""The id and the text of an error."""

INVALID_PARAMETER = "StorageWMI 5", "Invalid Parameter"
ACCESS_DENIED = "StorageWMI 40001", "Access denied"
NO_CAPACITY = "StorageWMI 40000", "Not enough available capacity"
NOT_INITIALIZED = "StorageWMI 41000", "The disk has not been initialized."
INITIALIZED = "StorageWMI 41001", "The disk has already been initialized."
READ_ONLY = "StorageWMI 41002", "The disk is read only."
OFFLINE = "StorageWMI 41003", "The disk is offline."
PATH_IN_USE = "StorageWMI 42002", "The requested access path is already in use."
PATH_NOT_VALID = "StorageWMI 42007", "The access path is not valid."
_SYSTEM_DISK_SIZE = 1 << 40
_GPT_TYPES = {
    "System": "{c12a7328-f81f-11d2-ba4b-00a0c93ec93b}",
    "Reserved": "{e3c9e316-0b5c-4db8-817d-f92df00215ae}",
    "Basic": "{ebd0a0a2-b9e5-4433-87c0-68b6b72699c7}",
    "Recovery": "{de94bba4-06d1-4d40-a16a-bfd50179d6ac}",
}


@dataclass(frozen=True)
class WindowsDisk:
    """A disk that Windows shows: a mounted virtual disk, or the system disk, number 0."""

    number: int
    file: File | None

    @property
    def is_offline(self) -> bool:
        """Whether the disk is offline: Windows then shows none of its volumes."""
        return self.file is not None and self.file.offline


def disks(machine: Machine) -> list[WindowsDisk]:
    """Return the disks that Windows shows, by number."""
    mounted = (WindowsDisk(file.disk_number or 0, file) for file in volumes.mounted_disks(machine))
    return [WindowsDisk(0, None), *sorted(mounted, key=lambda disk: disk.number)]


def unique_id(disk: WindowsDisk) -> str:
    """Return the UniqueId of a disk."""
    return f"NESTLAB-{disk.file.path.upper()}" if disk.file else "NESTLAB-SYSTEM"


def disk_record(machine: Machine, disk: WindowsDisk) -> Record:
    """Return what Get-Disk shows."""
    file = disk.file
    style = volumes.partition_style(machine, file) if file else "GPT"
    parts = file.partitions if file else system_partitions(machine)
    return make_record(
        "MSFT_Disk",
        Number=disk.number,
        FriendlyName="Msft Virtual Disk" if file or machine.outer_host else "NVMe Disk",
        UniqueId=unique_id(disk),
        Location=file.path if file else "Integrated",
        BusType="File Backed Virtual" if file else "SAS" if machine.outer_host else "NVMe",
        PartitionStyle=style,
        OperationalStatus="Offline" if disk.is_offline else "Online",
        OfflineReason="Policy" if disk.is_offline else None,
        Size=file.size if file else _SYSTEM_DISK_SIZE,
        AllocatedSize=sum(part.size for part in parts),
        NumberOfPartitions=len(parts),
        IsOffline=disk.is_offline,
        IsReadOnly=file is not None and (file.read_only or file.offline),
        IsSystem=file is None,
        IsBoot=file is None,
    )


def system_partitions(machine: Machine) -> list[Partition]:
    """Return the partitions of the system disk."""
    found = volumes.installed_layout(_SYSTEM_DISK_SIZE, "NTFS", {})
    found[-1].access_paths = ["C:\\"]
    return found if machine.operating_system.family == "windows" else []


def partition_record(disk: WindowsDisk, partition: Partition) -> Record:
    """Return what Get-Partition shows; an offline disk has no access paths."""
    paths = [] if disk.is_offline else partition.access_paths
    letters = [path[0] for path in paths if volumes.is_drive_letter(path)]
    return make_record(
        "MSFT_Partition",
        DiskNumber=disk.number,
        PartitionNumber=partition.number,
        DriveLetter=letters[0] if letters else None,
        AccessPaths=list(paths),
        Offset=partition.offset,
        Size=partition.size,
        Type=partition.kind,
        GptType=_GPT_TYPES.get(partition.kind),
        DiskId=unique_id(disk),
        IsSystem=partition.kind == "System",
        IsBoot=disk.file is None and bool(paths),
        IsHidden=partition.kind == "Reserved",
    )


def selected_disks(machine: Machine, bound: Bound) -> list[WindowsDisk]:
    """Return the disks that a call selects; raises PowerShellError if it selects none."""
    known = disks(machine)
    objects = bound.values("InputObject", "Disk", "Partition")
    key = "Number" if "Number" in bound else "DiskNumber"
    numbers = [int(item) for item in bound.values("Number", "DiskNumber")]
    numbers += [int(item["Number" if "Number" in item else "DiskNumber"]) for item in objects]
    if numbers:
        found = [disk for number in numbers for disk in known if disk.number == number]
        return _required(bound, found, key, str(numbers[0]))
    for key in ("UniqueId", "DiskId"):
        wanted = {str(item).lower() for item in bound.values(key)}
        if wanted:
            found = [disk for disk in known if unique_id(disk).lower() in wanted]
            return _required(bound, found, key, next(iter(wanted)))
    names = [str(item) for item in bound.values("FriendlyName")]
    if names:
        named = ((disk, str(disk_record(machine, disk)["FriendlyName"])) for disk in known)
        found = [disk for disk, name in named if any(matches(each, name) for each in names)]
        return _required(bound, found, "FriendlyName", names[0])
    return known


def _required(bound: Bound, found: list[WindowsDisk], key: str, value: str) -> list[WindowsDisk]:
    if not found:
        raise cmdlet_errors.cim_not_found(bound.name, "MSFT_Disk", key, value)
    return found


def partitions_of(machine: Machine, disk: WindowsDisk) -> list[Partition]:
    """Return the partitions of a disk."""
    return disk.file.partitions if disk.file else system_partitions(machine)


def selected_partitions(machine: Machine, bound: Bound) -> Iterator[tuple[WindowsDisk, Partition]]:
    """Yield the partitions that a call selects.

    Raises PowerShellError if a call that names one selects none.
    """
    objects = bound.values("InputObject", "Partition")
    places = {(int(item["DiskNumber"]), int(item["PartitionNumber"])) for item in objects}
    letters = {str(letter).upper() for letter in bound.values("DriveLetter")}
    numbers = {int(number) for number in bound.values("PartitionNumber")}
    found = 0
    for disk in disks(machine) if objects or letters else selected_disks(machine, bound):
        for partition in partitions_of(machine, disk):
            own = {
                path[0].upper() for path in partition.access_paths if volumes.is_drive_letter(path)
            }
            if (
                (not objects or (disk.number, partition.number) in places)
                and (not letters or letters & own)
                and (not numbers or partition.number in numbers)
            ):
                found += 1
                yield disk, partition
    requested = next(
        (key for key in ("DriveLetter", "PartitionNumber", "DiskNumber") if key in bound), ""
    )
    if not found and requested:
        value = str(bound.values(requested)[0])
        raise cmdlet_errors.cim_not_found(bound.name, "MSFT_Partition", requested, value)
