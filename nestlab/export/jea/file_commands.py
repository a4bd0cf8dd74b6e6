r"""The commands with which nestlab writes files into the disks of one topology, on the host.

They are answer files for generalized Windows, and seed disks for cloud-init. The disk is mounted
into a separate folder (`nestlab.plan.disk_contents`). Cmdlets for disks and partitions select them
by number, which may be that of any disk of the host: functions of the role's module look up the
virtual disk of a number, and accept only disks of the lab.

A guest can leave links on its disk that redirect a file to another place on the host. A path is
therefore accepted only if it is on a mounted disk of the lab, and no part of it is a link.
"""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.export.jea import patterns
from nestlab.export.jea.lab_names import LabNames
from nestlab.export.jea.visible_command import (
    LAB_DISK,
    VisibleCommand,
    command,
    lab_file,
    requiring,
)
from nestlab.plan.answer_file import ANSWER_FILE, ANSWER_FOLDER
from nestlab.plan.cloud_init import SEED_FILES
from nestlab.plan.seed_disks import SEED_LABEL
from nestlab.plan.windows_partition import SYSTEM_FOLDER


def file_commands(names: LabNames) -> Iterator[VisibleCommand]:
    """Yield the commands that write files into disks; none if no VM of the host needs them."""
    yield from _looking(names)
    if not names.has_answer_files and not names.has_seed_disks:
        return
    yield from _mounting(names)
    yield from _writing(names)
    if names.has_seed_disks:
        yield from _formatting()


def deleted_paths(names: LabNames) -> str:
    """Return the pattern of deleted paths: disks, and folders that they were mounted into."""
    if not names.has_answer_files and not names.has_seed_disks:
        return names.own_disk
    return rf"{names.own_disk}|{names.mount_folder}\z"


def _mounting(names: LabNames) -> Iterator[VisibleCommand]:
    folder = rf"{names.mount_folder}\z"
    yield command("Mount-VHD", "NoDriveLetter", "Passthru", Path=names.own_disk)
    yield command("Dismount-VHD", Path=names.own_disk)
    yield command("Get-Disk", "Number")
    yield command("Get-Partition", "Disk")
    yield command("Sort-Object", "InputObject", "Descending", Property=("Size",))
    changed = command("Set-Disk", "IsOffline", "IsReadOnly", InputObject=LAB_DISK)
    yield requiring(changed, "InputObject")
    for name in ("Add-PartitionAccessPath", "Remove-PartitionAccessPath"):
        path = command(name, InputObject=LAB_DISK, AccessPath=folder)
        yield requiring(path, "InputObject AccessPath")


def _writing(names: LabNames) -> Iterator[VisibleCommand]:
    files = [rf"{ANSWER_FOLDER}\{ANSWER_FILE}"] if names.has_answer_files else []
    files += SEED_FILES if names.has_seed_disks else ()
    folders = rf"(?:\\{patterns.any_of([ANSWER_FOLDER])})?" if names.has_answer_files else ""
    created = command(
        "New-Item",
        "Force",
        ItemType=("Directory",),
        Path=lab_file(rf"{names.mount_folder}{folders}\z"),
    )
    yield requiring(created, "Path ItemType")
    written = command(
        "Set-Content",
        "Value",
        Encoding=("Ascii", "UTF8"),
        LiteralPath=lab_file(rf"{names.mount_folder}\\{patterns.exactly(files)}"),
    )
    yield requiring(written, "LiteralPath")


def _looking(names: LabNames) -> Iterator[VisibleCommand]:
    """Yield the commands that look for Windows on a disk, and for the files in DVD drives."""
    folder = rf"{names.mount_folder}\\{patterns.exactly([SYSTEM_FOLDER])}"
    found = [folder] if names.has_answer_files else []
    if names.iso_files:
        yield command("Get-Item", LiteralPath="|".join([*found, patterns.exactly(names.iso_files)]))
    elif found:
        yield command("Get-Item", LiteralPath=folder)
    if found:
        yield command("Test-Path", LiteralPath=folder)


def _formatting() -> Iterator[VisibleCommand]:
    initialized = command(
        "Initialize-Disk", "PassThru", PartitionStyle=("MBR",), InputObject=LAB_DISK
    )
    yield requiring(initialized, "InputObject")
    created = command("New-Partition", "UseMaximumSize", InputObject=LAB_DISK)
    yield requiring(created, "InputObject")
    formatted = command(
        "Format-Volume",
        FileSystem=("FAT",),
        NewFileSystemLabel=(SEED_LABEL,),
        Partition=LAB_DISK,
    )
    yield requiring(formatted, "Partition")
