"""Drives, folders and files of a machine, including those of mounted disks."""

from __future__ import annotations

import ntpath
from itertools import chain

from nestlab.simulator.behaviour import volumes
from nestlab.simulator.behaviour.first_boot.answer_file import PATH
from nestlab.simulator.behaviour.first_boot.existing_accounts import administrator_in
from nestlab.simulator.behaviour.first_boot.passwords import with_hashed_passwords
from nestlab.simulator.state.machine import File, Machine


def folder_exists(machine: Machine, path: str) -> bool:
    """Whether a folder exists: the root of a drive, one with files, or one that Windows has."""
    folder = path.rstrip("\\").lower()
    place = volumes.mounted_path(machine, folder)
    if place is not None:
        return place.is_folder
    if len(folder) == 2 and folder.endswith(":"):  # noqa: PLR2004  # a drive letter and a colon
        return has_drive(machine, folder)
    inside = folder + "\\"
    # Entries that show which folders of Windows exist: those that contain them.
    of_windows = (r"c:\windows\system32", r"c:\users\public\documents\x", r"c:\programdata\x")
    known = chain(of_windows, machine.files, (f"{name}\\" for name in machine.folders))
    return any(name.startswith(inside) for name in known)


def file_exists(machine: Machine, path: str) -> bool:
    """Whether a file exists at a path."""
    place = volumes.mounted_path(machine, path)
    return place.is_file if place is not None else machine.file(path) is not None


def has_drive(machine: Machine, path: str) -> bool:
    """Whether the drive of a path exists: see `volumes.drive_letters`."""
    letter = path[:2].lower()
    return letter == "c:" or letter in volumes.drive_letters(machine)


def exists(machine: Machine, path: str) -> bool:
    """Whether a file or a folder exists at a path."""
    return file_exists(machine, path) or folder_exists(machine, path)


def create_folder(machine: Machine, path: str) -> None:
    """Create a folder, and its parent folders if needed."""
    folder = path.rstrip("\\").lower()
    place = volumes.mounted_path(machine, folder)
    if place is not None:
        place.partition.files.setdefault(f"{place.path}\\", "")
    elif not folder_exists(machine, folder):
        machine.folders.append(folder)


def write_text(machine: Machine, path: str, text: str) -> None:
    """Write a text file.

    Its text is stored only if it is on a mounted disk, with hashes in place of passwords.
    """
    place = volumes.mounted_path(machine, path)
    if place is not None:
        place.partition.files[place.path] = (
            _with_hashed_passwords(machine, text) if place.path == PATH else text
        )
    else:
        machine.files[path.lower()] = File(path, length=len(text.encode("utf-8")))


def _with_hashed_passwords(machine: Machine, text: str) -> str:
    administrator = administrator_in(machine.world.quirks.language)
    return with_hashed_passwords(text, machine.world.new_id(), administrator)


def descendants(machine: Machine, path: str) -> list[str]:
    """Return the lower-case paths of the files and folders in a folder, at any depth."""
    inside = path.rstrip("\\").lower() + "\\"
    place = volumes.mounted_path(machine, path)
    if place is not None:
        below = f"{place.path}\\" if place.path else ""
        found = (name for name in place.partition.files if name.startswith(below))
        return [ntpath.join(path, name.removeprefix(below)) for name in found if name != below]
    return [name for name in (*machine.files, *machine.folders) if name.startswith(inside)]
