"""Files of a machine: Test-Path, Remove-Item, Copy-VMFile; and Start-Sleep, which belongs to no subject."""

from __future__ import annotations

import dataclasses

from nestlab.simulator import cmdlet_errors
from nestlab.simulator.behaviour import power
from nestlab.simulator.cmdlets.selection import Handler, select_vms, text, values
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import PowerShellError, Sink
from nestlab.simulator.powershell.objects import scalar_record
from nestlab.simulator.powershell.values.wildcard import has_wildcard, matches
from nestlab.simulator.state import disk_files
from nestlab.simulator.state.machine import File, Machine


def check_path(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Test-Path."""
    literal = "LiteralPath" in bound
    kind = text(bound, "PathType", "Any")
    for item in values(bound, "Path", "LiteralPath"):
        path = str(item)
        if not literal and has_wildcard(path):
            there = any(matches(path, file.path) for file in machine.files.values())
        else:
            is_file, is_folder = (
                machine.file(path) is not None,
                disk_files.folder_exists(machine, path),
            )
            there = {"Leaf": is_file, "Container": is_folder}.get(kind, is_file or is_folder)
        sink.output(scalar_record(there))


def remove_item(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Remove-Item: a disk that a running VM uses, itself or below its own disk, cannot go."""
    literal = "LiteralPath" in bound
    for item in values(bound, "Path", "LiteralPath"):
        path = str(item)
        if not literal and has_wildcard(path):
            chosen = [file for file in machine.files.values() if matches(path, file.path)]
        else:
            try:
                chosen = _file_or_folder(machine, bound, path)
            except PowerShellError as error:
                sink.error(error.record)  # what cannot go keeps nothing else of the list
                continue
        for file in chosen:
            if disk_files.is_held(machine, file.path):
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
    if not bound.switch("Recurse"):
        message = f"The item at {path} has children and the Recurse parameter was not specified."
        not_empty = "System.Management.Automation.PSInvalidOperationException"
        raise _item_error(message, "InvalidOperation", "DirectoryNotEmpty", path, not_empty)
    return inside


def _item_error(
    message: str, category: str, error_id: str, path: str, exception: str
) -> PowerShellError:
    return cmdlet_errors.other(
        message,
        category,
        f"{error_id},Microsoft.PowerShell.Commands.RemoveItemCommand",
        path,
        exception,
    )


def copy_vm_file(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Copy-VMFile: needs a running guest and the Guest Service Interface, which is off by default."""
    for vm in select_vms(machine, bound, sink, "Name", "VMName"):
        source, destination = text(bound, "SourcePath"), text(bound, "DestinationPath")
        guest = machine.guest(vm)
        file = machine.file(source)
        failed = f"Failed to initiate copying files to the guest.\n'{vm.name}' failed to copy the source file '{source}' to the destination '{destination}' in the guest."
        if vm.state != "Running" or guest is None or not power.guest_is_up(machine, vm):
            sink.error(
                cmdlet_errors.hyper_v(
                    bound.name, "InvalidState", f"{failed}\n{cmdlet_errors.WRONG_STATE}", vm.name
                ).record
            )
        elif not vm.integration.get("Guest Service Interface", False):
            message = f"{failed}\nThe integration service 'Guest Service Interface' is not enabled for virtual machine '{vm.name}'."
            sink.error(cmdlet_errors.hyper_v(bound.name, "NotSupported", message, vm.name).record)
        elif file is None:
            message = f"{failed}\nThe system cannot find the file specified. (0x80070002)"
            sink.error(cmdlet_errors.hyper_v(bound.name, "ObjectNotFound", message, source).record)
        elif guest.file(destination) is not None and not bound.switch("Force"):
            sink.error(
                cmdlet_errors.hyper_v(
                    bound.name,
                    "OperationFailed",
                    f"{failed}\nThe file exists. (0x80070050)",
                    destination,
                ).record
            )
        else:
            guest.files[destination.lower()] = dataclasses.replace(
                file, path=destination, content=None
            )
            machine.world.clock.advance(file.length / (200 << 20))


def start_sleep(machine: Machine, bound: Bound, sink: Sink) -> None:  # noqa: ARG001  # it gives nothing
    """Start-Sleep: virtual seconds."""
    machine.world.clock.advance(
        float(bound.get("Seconds", 0)) + float(bound.get("Milliseconds", 0)) / 1000
    )


WINDOWS_HANDLERS: dict[str, Handler] = {
    "Test-Path": check_path,
    "Remove-Item": remove_item,
    "Start-Sleep": start_sleep,
}

HYPER_V_HANDLERS: dict[str, Handler] = {"Copy-VMFile": copy_vm_file}
