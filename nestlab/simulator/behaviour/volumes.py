"""Partitions and volumes of virtual disks, and the paths under which Windows shows them."""

from __future__ import annotations

import ntpath
from collections.abc import Iterable, Iterator

from nestlab.dataclass import dataclass
from nestlab.simulator.state import disk_files
from nestlab.simulator.state.machine import File, Machine, Partition
from nestlab.simulator.state.operating_systems import OPERATING_SYSTEMS
from nestlab.simulator.state.virtual_machine import VirtualMachine

MEGABYTE = 1 << 20
_ALIGNMENT = MEGABYTE
_SYSTEM_SIZE = 100 * MEGABYTE
_RESERVED_SIZE = 16 * MEGABYTE
_SYSTEM_FOLDER = "windows\\system32\\"
_FREE_LETTERS = "DEFGHIJKLMNOPQRSTUVWXYZ"
_WINDOWS_FOLDERS = ("windows\\", _SYSTEM_FOLDER, "users\\")
NOT_RECOGNIZED = (
    "The volume does not contain a recognized file system. "
    "Please make sure that all required file system drivers are loaded and that the volume is not corrupted."
)
WRITE_PROTECTED = "The media is write protected."


@dataclass(frozen=True)
class VolumePath:
    """A path on a mounted volume: its disk, its partition, and the path from the volume's root."""

    file: File
    partition: Partition
    path: str

    @property
    def is_folder(self) -> bool:
        """Whether there is a folder at this path."""
        folder = f"{self.path}\\" if self.path else ""
        return any(known.startswith(folder) for known in self.partition.files) or not folder

    @property
    def is_file(self) -> bool:
        """Whether there is a file at this path."""
        return bool(self.path) and self.path in self.partition.files


def mounted_path(machine: Machine, path: str) -> VolumePath | None:
    """Return a path as a path on a mounted disk; None if no mounted disk has it."""
    wanted = path.lower().rstrip("\\") + "\\"
    for file, partition in mounted_partitions(machine):
        for access_path in () if file.offline else partition.access_paths:
            if wanted.startswith(access_path.lower()):
                return VolumePath(
                    file, partition, wanted.removeprefix(access_path.lower()).rstrip("\\")
                )
    return None


def write_error(place: VolumePath) -> str:
    """Return the message of Windows for a volume that cannot be written to; else empty."""
    if not place.partition.file_system:
        return NOT_RECOGNIZED
    if place.file.read_only:
        return WRITE_PROTECTED
    return ""


def mounted_disks(machine: Machine) -> list[File]:
    """Return the mounted disks, in the order in which they were mounted."""
    found = (machine.files.get(path) for path in machine.mounted)
    return [file for file in found if file is not None and file.disk_number is not None]


def mounted_partitions(machine: Machine) -> Iterator[tuple[File, Partition]]:
    """Yield the partitions of mounted disks."""
    for file in mounted_disks(machine):
        for partition in file.partitions:
            yield file, partition


def partition_style(machine: Machine, file: File) -> str:
    """Return the partition style of a disk: GPT, MBR, or RAW if it is not initialized."""
    for path in disk_files.chain(machine, file.path):
        below = machine.file(path)
        if below is not None and below.partition_style:
            return below.partition_style
        if below is not None and below.operating_system:
            return "MBR" if below.path.lower().endswith(".vhd") else "GPT"
    return "RAW"


def read_partitions(machine: Machine, file: File) -> list[Partition]:
    """Return the partitions of a disk: its own, those of a parent, or those of its system."""
    for path in disk_files.chain(machine, file.path):
        below = machine.file(path)
        if below is not None and below.partitions:
            own = below is file
            return below.partitions if own else [each.copied() for each in below.partitions]
        if below is not None and below.operating_system:
            return _installed_partitions(machine, below)
    return []


def _installed_partitions(machine: Machine, file: File) -> list[Partition]:
    family = OPERATING_SYSTEMS[file.operating_system].family
    files = dict.fromkeys(_WINDOWS_FOLDERS, "") if family == "windows" else {}
    file_system = "NTFS" if family == "windows" else ""
    if partition_style(machine, file) == "MBR":
        rest = file.size - _ALIGNMENT
        return [Partition(1, _ALIGNMENT, rest, "IFS", file_system, files=files)]
    return installed_layout(file.size, file_system, files)


def installed_layout(size: int, file_system: str, files: dict[str, str]) -> list[Partition]:
    """Return the partitions that Setup creates on a GPT disk of this size, in bytes."""
    reserved = _ALIGNMENT + _SYSTEM_SIZE
    start = reserved + _RESERVED_SIZE
    rest = max(size - start - _ALIGNMENT, 0)
    return [
        Partition(1, _ALIGNMENT, _SYSTEM_SIZE, "System", "FAT32"),
        Partition(2, reserved, _RESERVED_SIZE, "Reserved"),
        Partition(3, start, rest, "Basic", file_system, files=files),
    ]


def contiguous_partitions(parts: Iterable[tuple[str, int, str, bool]]) -> list[Partition]:
    """Return contiguous partitions: kind, size, file system, whether Windows is on it.

    The file system None is one that Windows does not know.
    """
    found: list[Partition] = []
    offset = _ALIGNMENT
    for number, (kind, size, system, has_windows) in enumerate(parts, 1):
        known = "" if system == "None" or kind == "Reserved" else system
        files = dict.fromkeys(_WINDOWS_FOLDERS, "") if has_windows else {}
        found.append(Partition(number, offset, size, kind, known, files=files))
        offset += size
    return found


def holds_windows(partition: Partition) -> bool:
    """Whether Windows is installed on a partition."""
    return _SYSTEM_FOLDER in partition.files


def mount(machine: Machine, file: File, number: int, *, read_only: bool, letters: bool) -> None:
    """Mount a disk under a disk number, with drive letters for its volumes if `letters` is set."""
    file.disk_number, file.read_only = number, read_only
    machine.mounted.append(file.path.lower())
    file.partitions = read_partitions(machine, file)
    file.offline = machine.world.quirks.san_policy in ("OfflineAll", "OfflineInternal")
    if letters and not file.offline:
        for partition in file.partitions:
            if partition.file_system and partition.kind in ("Basic", "IFS"):
                assign_letter(machine, partition)


def dismount(machine: Machine, file: File) -> None:
    """Dismount a disk, and remove its access paths."""
    machine.mounted = [path for path in machine.mounted if path != file.path.lower()]
    file.disk_number, file.offline, file.read_only = None, False, False
    for partition in file.partitions:
        partition.access_paths = []


def assign_letter(machine: Machine, partition: Partition) -> None:
    """Assign the first free drive letter to a partition, if there is one."""
    used = drive_letters(machine)
    free = (letter for letter in _FREE_LETTERS if f"{letter.lower()}:" not in used)
    partition.access_paths.extend(f"{letter}:\\" for letter in list(free)[:1])


def drive_letters(machine: Machine) -> set[str]:
    """Return the drives of a machine, such as ``c:``.

    They are the system drive, those with files or folders, and those of mounted volumes.
    """
    own = {"c:", *(path[:2] for path in (*machine.files, *machine.folders))}
    return own | {
        access_path[:2].lower()
        for _, partition in mounted_partitions(machine)
        for access_path in partition.access_paths
        if is_drive_letter(access_path)
    }


def is_drive_letter(access_path: str) -> bool:
    r"""Whether an access path is a drive letter.

    >>> [is_drive_letter(path) for path in ("E:", "E:\\", r"E:\mount\\")]
    [True, True, False]
    """
    drive, rest = ntpath.splitdrive(access_path)
    return bool(drive) and rest in ("", "\\")


def files_of_labelled_volumes(
    machine: Machine, vm: VirtualMachine, label: str
) -> list[dict[str, str]]:
    """Return the files of each FAT volume with this label (lower case) on the disks of a VM."""
    disks = [machine.file(drive.path) for drive in vm.settings.drives if drive.kind == "disk"]
    return [
        partition.files
        for disk in disks
        if disk is not None
        for partition in read_partitions(machine, disk)
        if partition.file_system in ("FAT", "FAT32") and partition.label.lower() == label
    ]
