"""Drives and folders of a machine, as far as its files show them."""

from __future__ import annotations

from itertools import chain

from nestlab.simulator.state.machine import Machine


def folder_exists(machine: Machine, path: str) -> bool:
    """Whether a folder exists: the root of a drive, a folder with files, or one of Windows."""
    folder = path.rstrip("\\").lower()
    if len(folder) == 2 and folder.endswith(":"):  # noqa: PLR2004  # a drive letter and a colon
        return has_drive(machine, folder)
    inside = folder + "\\"
    of_windows = (r"c:\windows\system32", r"c:\users\public\documents\x")
    return any(known.startswith(inside) for known in chain(of_windows, machine.files))


def drives(machine: Machine) -> set[str]:
    """Return the drive letters: the system drive, and those with files."""
    return {"c:", *(path[:2] for path in machine.files)}


def has_drive(machine: Machine, path: str) -> bool:
    """Whether the drive of a path exists: the system drive, or one with files."""
    letter = path[:2].lower()
    return letter == "c:" or any(known.startswith(letter) for known in machine.files)


def exists(machine: Machine, path: str) -> bool:
    """Whether a file or a folder exists at a path."""
    return machine.file(path) is not None or folder_exists(machine, path)
