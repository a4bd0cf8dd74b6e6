"""Copy-VMFile: files from the host into a guest."""

from __future__ import annotations

import ntpath

from nestlab.dataclass import replace
from nestlab.model import Progress
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.behaviour import folders, power
from nestlab.simulator.behaviour.integration_services import GUEST_SERVICE_INTERFACE
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.cmdlets.selection import select_vms
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import PowerShellError, Sink
from nestlab.simulator.state import disk_files
from nestlab.simulator.state.machine import File, Machine
from nestlab.simulator.state.virtual_machine import VirtualMachine

_BYTES_PER_SECOND = 200 << 20
_PARTS = 4


@cmdlet("Copy-VMFile")
def copy_vm_file(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Copy-VMFile: needs a running guest and the Guest Service Interface, disabled by default.

    An interrupted copy leaves a partial file.
    """
    source, destination = bound.text("SourcePath"), bound.text("DestinationPath")
    for vm in select_vms(machine, bound, sink, "Name", "VMName"):
        guest, file = machine.guest(vm), machine.file(source)
        error = _guest_error(machine, bound, vm) or _file_error(machine, bound, vm)
        if error is not None:
            sink.error(error.record)
        elif guest is not None and file is not None:
            _copy(guest, file, destination, sink)


def _failed(bound: Bound, vm: VirtualMachine, kind: str, reason: str) -> PowerShellError:
    # The second line is quoted by the Linux test suite for Hyper-V (LISA), with 0x80070050.
    message = (
        "Failed to initiate copying files to the guest.\n"
        f"'{vm.name}' failed to initiate copying files to the guest: {reason}"
    )
    return cmdlet_errors.hyper_v(bound.name, kind, message, vm.name)


def _guest_error(machine: Machine, bound: Bound, vm: VirtualMachine) -> PowerShellError | None:
    if not power.guest_is_up(machine, vm):
        return _failed(bound, vm, "InvalidState", cmdlet_errors.WRONG_STATE)
    if not GUEST_SERVICE_INTERFACE.is_enabled(vm):
        reason = f"The integration service 'Guest Service Interface' is not enabled for virtual machine '{vm.name}'."
        return _failed(bound, vm, "NotSupported", reason)
    return None


def _file_error(machine: Machine, bound: Bound, vm: VirtualMachine) -> PowerShellError | None:
    """Return the error if the source cannot be read or the destination cannot be written."""
    source, destination = bound.text("SourcePath"), bound.text("DestinationPath")
    guest = machine.guest(vm)
    if guest is None:
        return None
    in_use = "The process cannot access the file because it is being used by another process. (0x80070020)"
    if machine.file(source) is None:
        reason = "The system cannot find the file specified. (0x80070002)"
        return _failed(bound, vm, "ObjectNotFound", reason)
    if disk_files.file_open_for_writing(machine, source).lower() == source.lower():
        return _failed(bound, vm, "OperationFailed", in_use)
    folder_exists = folders.folder_exists(guest, ntpath.dirname(destination))
    folder_is_created = bound.is_present("CreateFullPath") and folders.has_drive(guest, destination)
    if not folder_exists and not folder_is_created:
        reason = "The system cannot find the path specified. (0x80070003)"
        return _failed(bound, vm, "ObjectNotFound", reason)
    if guest.file(destination) is not None and not bound.is_present("Force"):
        return _failed(bound, vm, "OperationFailed", "The file exists. (0x80070050)")
    if disk_files.is_open(guest, destination):
        return _failed(bound, vm, "OperationFailed", in_use)
    return None


def _copy(guest: Machine, file: File, destination: str, sink: Sink) -> None:
    """Copy a file part by part; an incomplete copy of a virtual disk has no contents."""
    key = destination.lower()
    part = File(destination, file.kind, size=file.size, disk_type=file.disk_type)
    guest.files[key] = part
    for number in range(_PARTS):
        sink.progress(Progress("Copying files to the guest", "", number * 100 // _PARTS))
        guest.world.clock.advance(file.length / _BYTES_PER_SECOND / _PARTS)
        part.length = file.length * (number + 1) // _PARTS
    sink.progress(Progress("Copying files to the guest", "Completed", 100))
    guest.files[key] = replace(
        file,
        path=destination,
        system=None,
        disk_number=None,
        writes=0,
        partitions=[part.copied() for part in file.partitions],
    )
