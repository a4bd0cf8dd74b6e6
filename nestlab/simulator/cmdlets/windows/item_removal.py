"""Remove-Item for files and folders."""

from __future__ import annotations

from nestlab.simulator import cmdlet_errors
from nestlab.simulator.behaviour import folders, volumes
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import PowerShellError, Sink
from nestlab.simulator.powershell.values.wildcard import has_wildcard, matches
from nestlab.simulator.state import disk_files
from nestlab.simulator.state.machine import File, Machine


@cmdlet("Remove-Item")
def remove_item(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Remove-Item: fails for a disk that a running VM uses, directly or as a parent."""
    literal, open_files = "LiteralPath" in bound, disk_files.open_files(machine)
    for item in bound.values("Path", "LiteralPath"):
        path = str(item)
        if _remove_on_volume_or_folder(machine, path, sink):
            continue
        if not literal and has_wildcard(path):
            chosen = [file for file in machine.files.values() if matches(path, file.path)]
        else:
            try:
                chosen = _file_or_folder(machine, bound, path)
            except PowerShellError as error:
                sink.error(error.record)  # an error for one file does not affect the others
                continue
        for file in chosen:
            if file.path.lower() in open_files:
                message = f"Cannot remove item {file.path}: The process cannot access the file '{file.path}' because it is being used by another process."
                sink.error(
                    _item_error(
                        message,
                        "WriteError",
                        "RemoveFileSystemItemIOError",
                        file.path,
                        "System.IO.IOException",
                    ).record
                )
            else:
                del machine.files[file.path.lower()]


def _remove_on_volume_or_folder(machine: Machine, path: str, sink: Sink) -> bool:
    """Remove a file or empty folder on a mounted volume, or an empty folder of the machine.

    Return False if the path is neither.
    """
    place, folder = volumes.mounted_path(machine, path), path.rstrip("\\").lower()
    if place is not None and place.path and place.is_file:
        del place.partition.files[place.path]
        return True
    if place is None:
        if folder not in machine.folders or folders.descendants(machine, path):
            return False
        machine.folders.remove(folder)
        return True
    if place.path and place.is_folder and not folders.descendants(machine, path):
        del place.partition.files[f"{place.path}\\"]
        return True
    sink.error(_not_empty(path).record)  # also the root of a mounted volume
    return True


def _file_or_folder(machine: Machine, bound: Bound, path: str) -> list[File]:
    file = machine.file(path)
    if file is not None:
        return [file]
    inside = [
        entry
        for key, entry in machine.files.items()
        if key.startswith(path.rstrip("\\").lower() + "\\")
    ]
    if not inside:
        message = f"Cannot find path '{path}' because it does not exist."
        missing = "System.Management.Automation.ItemNotFoundException"
        raise _item_error(message, "ObjectNotFound", "PathNotFound", path, missing)
    if not bound.is_present("Recurse"):
        raise _not_empty(path)
    machine.folders = [name for name in machine.folders if not _is_in(name, path)]
    return inside


def _is_in(name: str, folder: str) -> bool:
    return f"{name}\\".startswith(folder.rstrip("\\").lower() + "\\")


def _not_empty(path: str) -> PowerShellError:
    message = f"The item at {path} has children and the Recurse parameter was not specified."
    not_empty = "System.Management.Automation.PSInvalidOperationException"
    return _item_error(message, "InvalidOperation", "DirectoryNotEmpty", path, not_empty)


def _item_error(
    message: str, category: str, error_id: str, path: str, exception: str
) -> PowerShellError:
    return cmdlet_errors.generic(
        message,
        category,
        f"{error_id},Microsoft.PowerShell.Commands.RemoveItemCommand",
        path,
        exception,
    )
