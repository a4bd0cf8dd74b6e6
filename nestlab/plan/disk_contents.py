r"""Files that are written into a virtual disk while no VM uses it.

The disk is mounted on its host, one partition gets a folder as access path, and the disk is
dismounted again, even if an earlier cmdlet fails. That is the largest partition; before a file is
written into Windows, `apply` looks for the partition that holds it. A folder is used because the
drive letter that Windows would assign is not known in advance. Volumes are mounted into folders of
NTFS drives only (reference of Add-PartitionAccessPath), so the folder is on the system drive.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PureWindowsPath

from nestlab.constants.commands import SELECT_OBJECT
from nestlab.dataclass import dataclass
from nestlab.model import Cmdlet, SwitchParameter
from nestlab.model.parameter_values import Value
from nestlab.plan.cmdlet_targets import delete_files

MOUNT_FOLDER = r"C:\ProgramData\nestlab\mount"

MOUNT_COUNT = 3
"""The number of cmdlets at the beginning of `write_into_disk` that mount the disk."""

CLEANUP_COUNT = 3
"""The number of cmdlets at the end of `write_into_disk` that run even after a failure."""


@dataclass(frozen=True, kw_only=True)
class DiskText:
    """A text file for a disk: its folder from the root of the volume, its name, its lines.

    `encoding` is one of Set-Content; UTF8 there begins with a byte order mark.
    """

    name: str
    lines: Sequence[Value]
    folder: str = ""
    encoding: str = "UTF8"


def mount_folder(disk: str) -> str:
    r"""Return the folder that a disk is mounted into.

    >>> mount_folder(r"D:\disks\lab-web1.vhdx")
    'C:\\ProgramData\\nestlab\\mount\\lab-web1.vhdx'
    """
    return str(PureWindowsPath(MOUNT_FOLDER) / PureWindowsPath(disk).name)


def write_into_disk(
    disk: str, *texts: DiskText, must_have: str = "", label: str = ""
) -> tuple[Cmdlet, ...]:
    r"""Return the cmdlets that write files into a disk; the last `CLEANUP_COUNT` of them clean up.

    `must_have` is a folder without which nothing is written, such as ``Windows\System32``: if the
    disk has no volume, the path would be on the host. With `label`, the disk is new, and is first
    formatted with a FAT volume of this label.
    """
    folder = mount_folder(disk)
    return (
        _new_folder(folder),
        Cmdlet(
            "Mount-VHD",
            {"Path": disk, "NoDriveLetter": SwitchParameter.ON, "Passthru": SwitchParameter.ON},
            Cmdlet("Get-Disk", {}, Cmdlet("Set-Disk", {"IsOffline": False})),
        ),
        on_disk(disk, Cmdlet("Set-Disk", {"IsReadOnly": False})),
        *([_formatted(disk, label)] if label else []),
        _on_volume(disk, Cmdlet("Add-PartitionAccessPath", {"AccessPath": folder})),
        *([Cmdlet("Get-Item", {"LiteralPath": rf"{folder}\{must_have}"})] if must_have else []),
        *(cmdlet for text in texts for cmdlet in _written(folder, text)),
        *_cleanup(disk, folder),
    )


def _cleanup(disk: str, folder: str) -> tuple[Cmdlet, ...]:
    return (
        _on_volume(disk, Cmdlet("Remove-PartitionAccessPath", {"AccessPath": folder})),
        dismount(disk),
        delete_files(folder),
    )


def dismount(disk: str) -> Cmdlet:
    """Return the cmdlet that dismounts a disk."""
    return Cmdlet("Dismount-VHD", {"Path": disk})


def dismount_if_mounted(disk: str) -> Cmdlet:
    """Return the cmdlet that dismounts a disk where an interrupted run has left it mounted."""
    mounted = {"Property": "Attached", "EQ": SwitchParameter.ON, "Value": True}
    return Cmdlet(
        "Get-VHD", {"Path": disk}, Cmdlet("Where-Object", mounted, Cmdlet("Dismount-VHD"))
    )


def _new_folder(path: str) -> Cmdlet:
    given = {"Path": path, "ItemType": "Directory", "Force": SwitchParameter.ON}
    return Cmdlet("New-Item", given)


def on_disk(disk: str, act: Cmdlet) -> Cmdlet:
    """Return a cmdlet for a mounted disk."""
    return Cmdlet("Get-VHD", {"Path": disk}, Cmdlet("Get-Disk", {}, act))


def _on_volume(disk: str, act: Cmdlet) -> Cmdlet:
    """Return a cmdlet for the largest partition, which on most Windows disks holds Windows."""
    first = Cmdlet(SELECT_OBJECT, {"First": 1}, act)
    by_size = {"Property": "Size", "Descending": SwitchParameter.ON}
    return on_disk(disk, Cmdlet("Get-Partition", {}, Cmdlet("Sort-Object", by_size, first)))


def _formatted(disk: str, label: str) -> Cmdlet:
    volume = {
        "FileSystem": "FAT",
        "NewFileSystemLabel": label,
        "Confirm": SwitchParameter.OFF,
    }
    partition = Cmdlet(
        "New-Partition",
        {"UseMaximumSize": SwitchParameter.ON},
        Cmdlet("Format-Volume", volume),
    )
    new = {"PartitionStyle": "MBR", "PassThru": SwitchParameter.ON}
    return on_disk(disk, Cmdlet("Initialize-Disk", new, partition))


def _written(folder: str, text: DiskText) -> tuple[Cmdlet, ...]:
    inside = rf"{folder}\{text.folder}".rstrip("\\")
    content = {
        "LiteralPath": rf"{inside}\{text.name}",
        "Value": list(text.lines),
        "Encoding": text.encoding,
    }
    created = (_new_folder(inside),) if text.folder else ()
    return (*created, Cmdlet("Set-Content", content))
