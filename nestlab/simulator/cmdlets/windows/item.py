"""Get-Item, Get-ChildItem, New-Item and Set-Content, for files and folders."""

from __future__ import annotations

import ntpath
import re
from typing import NamedTuple

from nestlab.model import Record
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.behaviour import folders, volumes
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import PowerShellError, Sink
from nestlab.simulator.powershell.values.wildcard import matches
from nestlab.simulator.state.machine import Machine


class _ErrorKind(NamedTuple):
    """A kind of error: its category, and the type of its exception."""

    category: str
    exception: str


_NOT_FOUND = _ErrorKind("ObjectNotFound", "System.Management.Automation.ItemNotFoundException")
_NO_DRIVE = _ErrorKind("ObjectNotFound", "System.Management.Automation.DriveNotFoundException")
_NO_FOLDER = _ErrorKind("ObjectNotFound", "System.IO.DirectoryNotFoundException")
_NO_FOLDER_FOR_FILE = _ErrorKind("WriteError", "System.IO.DirectoryNotFoundException")
_NOT_WRITTEN = _ErrorKind("WriteError", "System.IO.IOException")
_EXISTS = _ErrorKind("ResourceExists", "System.IO.IOException")


@cmdlet("Get-Item")
def get_item(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-Item of a file or a folder."""
    for item in bound.values("Path", "LiteralPath"):
        path = str(item)
        if folders.file_exists(machine, path):
            sink.output(_item(path, "File"))
        elif folders.folder_exists(machine, path):
            sink.output(_item(path, "Directory"))
        else:
            message = f"Cannot find path '{path}' because it does not exist."
            sink.error(_error(bound, _NOT_FOUND, "PathNotFound", message, path).record)


@cmdlet("Get-ChildItem")
def get_child_item(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-ChildItem of a folder: the files and folders in it, by name."""
    pattern = bound.text("Filter", "*")
    for item in bound.values("Path", "LiteralPath") or ["."]:
        path = str(item)
        if folders.file_exists(machine, path):
            sink.output(_item(path, "File"))
        elif not folders.folder_exists(machine, path):
            message = f"Cannot find path '{path}' because it does not exist."
            sink.error(_error(bound, _NOT_FOUND, "PathNotFound", message, path).record)
        for child, is_folder in _inside(machine, path):
            if matches(pattern, ntpath.basename(child)):
                sink.output(_item(child, "Directory" if is_folder else "File"))


def _inside(machine: Machine, path: str) -> list[tuple[str, bool]]:
    """Return the paths directly in a folder, and whether each is a folder; folders come first."""
    found: dict[str, bool] = {}
    for child in folders.descendants(machine, path):
        name = child[len(path.rstrip("\\")) + 1 :].partition("\\")[0]
        whole = ntpath.join(path, name)
        file = machine.file(whole)
        found[file.path if file is not None else whole] = folders.folder_exists(machine, whole)
    return sorted(found.items(), key=lambda entry: (not entry[1], entry[0].lower()))


@cmdlet("New-Item")
def new_item(machine: Machine, bound: Bound, sink: Sink) -> None:
    """New-Item of a folder, with its parent folders if needed, or of an empty file."""
    is_folder = bound.text("ItemType").lower() in ("directory", "container")
    for item in bound.values("Path"):
        path = str(item)
        refused = _creation_error(machine, bound, path, is_folder=is_folder)
        if refused is not None:
            sink.error(refused.record)
            continue
        if is_folder:
            folders.create_folder(machine, path)
        else:
            folders.write_text(machine, path, "")
        sink.output(_item(path, "Directory" if is_folder else "File"))


def _creation_error(
    machine: Machine, bound: Bound, path: str, *, is_folder: bool
) -> PowerShellError | None:
    protected = _write_error(machine, bound, path, "CreateDirectoryIOError")
    if protected is not None:
        return protected
    force = bound.is_present("Force")
    if folders.file_exists(machine, path) and not (force and not is_folder):
        message = f"The file '{path}' already exists."
        return _error(bound, _NOT_WRITTEN, "NewItemIOError", message, path)
    if folders.folder_exists(machine, path) and not (force and is_folder):
        message = f"An item with the specified name {path} already exists."
        return _error(bound, _EXISTS, "DirectoryExist", message, path)
    if not is_folder and not force and not folders.folder_exists(machine, ntpath.dirname(path)):
        return _no_folder(bound, path, "NewItemIOError", _NO_FOLDER_FOR_FILE)
    return None


@cmdlet("Set-Content")
def set_content(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Set-Content: the folder must exist; each value is a line.

    The text is stored for files on mounted disks only, without the passwords of answer files.
    """
    lines = "".join(f"{line}\r\n" for line in bound.values("Value"))
    content = lines.removesuffix("\r\n") if bound.is_present("NoNewline") else lines
    for item in bound.values("Path", "LiteralPath"):
        path = str(item)
        refused = _write_error(machine, bound, path, "GetContentWriterIOError")
        if refused is None and not folders.folder_exists(machine, ntpath.dirname(path)):
            fully_qualified_id = "GetContentWriterDirectoryNotFoundError"
            refused = _no_folder(bound, path, fully_qualified_id, _NO_FOLDER)
        if refused is not None:
            sink.error(refused.record)
            continue
        folders.write_text(machine, path, content)


def _no_folder(
    bound: Bound, path: str, fully_qualified_id: str, kind: _ErrorKind
) -> PowerShellError:
    message = f"Could not find a part of the path '{path}'."
    return _error(bound, kind, fully_qualified_id, message, path)


def _write_error(
    machine: Machine, bound: Bound, path: str, fully_qualified_id: str
) -> PowerShellError | None:
    """Return the error of a drive that does not exist or a volume that cannot be written to."""
    if re.match("[A-Za-z]:", path) and not folders.has_drive(machine, path):
        drive = path[:1]
        message = f"Cannot find drive. A drive with the name '{drive}' does not exist."
        return _error(bound, _NO_DRIVE, "DriveNotFound", message, drive)
    place = volumes.mounted_path(machine, path)
    if place is None or not volumes.write_error(place):
        return None
    message = volumes.write_error(place)
    return _error(bound, _NOT_WRITTEN, fully_qualified_id, message, path)


def _error(
    bound: Bound, kind: _ErrorKind, fully_qualified_id: str, message: str, path: str
) -> PowerShellError:
    command = f"Microsoft.PowerShell.Commands.{bound.name.replace('-', '')}Command"
    fully_qualified_id = f"{fully_qualified_id},{command}"
    return cmdlet_errors.generic(message, kind.category, fully_qualified_id, path, kind.exception)


def _item(path: str, kind: str) -> Record:
    name = f"System.IO.{kind}Info"
    properties = {
        "Name": ntpath.basename(path.rstrip("\\")) or path,
        "FullName": path,
        "Exists": True,
        "PSIsContainer": kind == "Directory",
        "PSPath": f"Microsoft.PowerShell.Core\\FileSystem::{path}",
    }
    types = (name, "System.IO.FileSystemInfo", "System.MarshalByRefObject", "System.Object")
    return Record(types, properties, path)
