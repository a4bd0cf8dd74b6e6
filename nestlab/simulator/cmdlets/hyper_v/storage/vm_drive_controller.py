"""Get-VMScsiController, Add-VMScsiController and Get-VMIdeController."""

from __future__ import annotations

from nestlab.model import Record
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.cmdlets.hyper_v.storage.vm_drive import controller_count
from nestlab.simulator.cmdlets.hyper_v.vm_records import drive_record
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.cmdlets.selection import select_vms
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.powershell.objects import make_record
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.virtual_machine import VirtualMachine

_MAXIMUM_SCSI_CONTROLLERS = 4


def _record(machine: Machine, vm: VirtualMachine, kind: str, number: int) -> Record:
    drives = [
        drive
        for drive in vm.settings.drives
        if (drive.controller_type, drive.controller_number) == (kind, number)
    ]
    return make_record(
        "VMScsiController" if kind == "SCSI" else "VMIdeController",
        Name=f"{kind} Controller" if kind == "SCSI" else f"{kind} Controller {number}",
        Id=f"Microsoft:{vm.id.upper()}\\{kind}\\{number}",
        VMName=vm.name,
        VMId=vm.id,
        ComputerName=machine.name,
        ControllerNumber=number,
        Drives=[drive_record(machine, vm, drive) for drive in drives],
    )


def _get(machine: Machine, bound: Bound, sink: Sink, kind: str) -> None:
    for vm in select_vms(machine, bound, sink, "VMName"):
        for number in range(controller_count(vm, kind)):
            if bound.get("ControllerNumber", number) == number:
                sink.output(_record(machine, vm, kind, number))


@cmdlet("Get-VMScsiController")
def get_vm_scsi_controller(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-VMScsiController."""
    _get(machine, bound, sink, "SCSI")


@cmdlet("Get-VMIdeController")
def get_vm_ide_controller(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-VMIdeController, for generation 1 only."""
    _get(machine, bound, sink, "IDE")


@cmdlet("Add-VMScsiController")
def add_vm_scsi_controller(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Add-VMScsiController: up to four, while the VM is off."""
    for vm in select_vms(machine, bound, sink, "VMName"):
        failed = "Failed to add device 'SCSI Controller'."
        if vm.state != "Off":
            sink.error(
                cmdlet_errors.hyper_v(
                    bound.name, "InvalidState", f"{failed}\n{cmdlet_errors.WRONG_STATE}", vm.name
                ).record
            )
        elif vm.settings.scsi_controllers >= _MAXIMUM_SCSI_CONTROLLERS:
            message = (
                f"{failed}\nThe maximum of {_MAXIMUM_SCSI_CONTROLLERS} SCSI controllers is reached."
            )
            sink.error(
                cmdlet_errors.hyper_v(bound.name, "InvalidParameter", message, vm.name).record
            )
        else:
            vm.settings.scsi_controllers += 1
            if bound.is_present("Passthru"):
                sink.output(_record(machine, vm, "SCSI", vm.settings.scsi_controllers - 1))
