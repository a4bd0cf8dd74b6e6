"""Get-VM, Set-VM, Remove-VM, Rename-VM and Update-VMVersion."""

from __future__ import annotations

from nestlab.simulator import cmdlet_errors
from nestlab.simulator.behaviour import hyper_v_role
from nestlab.simulator.cmdlets.hyper_v.machines.vm_memory import change_memory, memory_error
from nestlab.simulator.cmdlets.hyper_v.machines.vm_processor import (
    change_processor,
    processor_error,
)
from nestlab.simulator.cmdlets.hyper_v.vm_records import vm_record, vm_record_maker
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.cmdlets.selection import require_hyper_v, select_vms
from nestlab.simulator.powershell.action_preferences import needed_properties
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import PowerShellError, Sink
from nestlab.simulator.state import disk_files
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.virtual_machine import VirtualMachine

PRODUCTION_VERSION = (6, 2)
"""The first configuration version with production checkpoints."""


@cmdlet("Get-VM")
def get_vm(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-VM."""
    hyper_v = require_hyper_v(machine, bound)
    is_named = "Name" in bound or "Id" in bound
    make_record = vm_record_maker(needed_properties(sink))
    for vm in select_vms(machine, bound, sink) if is_named else hyper_v.vms:
        sink.output(make_record(machine, vm))


@cmdlet("Set-VM")
def set_vm(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Set-VM: the settings of Set-VMProcessor and Set-VMMemory, and those of the VM itself."""
    hyper_v = require_hyper_v(machine, bound)
    for vm in select_vms(machine, bound, sink):
        error = (
            _memory_mode_error(bound, vm)
            or processor_error(machine, bound, vm)
            or memory_error(machine, bound, vm)
            or _checkpoint_type_error(bound, vm)
            or _start_delay_error(bound, vm)
        )
        if error is not None:
            sink.error(error.record)
            continue
        change_processor(bound, vm)
        change_memory(bound, vm)
        vm.settings.notes = str(bound.get("Notes", vm.settings.notes) or "")
        if "NewVMName" in bound:
            hyper_v.rename(vm, str(bound["NewVMName"]))
        vm.checkpoint_type = str(bound.get("CheckpointType", vm.checkpoint_type))
        vm.automatic_checkpoints = bool(
            bound.get("AutomaticCheckpointsEnabled", vm.automatic_checkpoints)
        )
        vm.automatic_start_action = str(
            bound.get("AutomaticStartAction", vm.automatic_start_action)
        )
        vm.automatic_stop_action = str(bound.get("AutomaticStopAction", vm.automatic_stop_action))
        vm.automatic_start_delay = int(bound.get("AutomaticStartDelay", vm.automatic_start_delay))
        vm.smart_paging_path = str(bound.get("SmartPagingFilePath", vm.smart_paging_path))
        vm.snapshot_path = str(bound.get("SnapshotFileLocation", vm.snapshot_path))
        if bound.is_present("Passthru"):
            sink.output(vm_record(machine, vm))


def _start_delay_error(bound: Bound, vm: VirtualMachine) -> PowerShellError | None:
    # The parameter is an Int32, the delay a number of seconds. The text is not known.
    if int(bound.get("AutomaticStartDelay", 0)) >= 0:
        return None
    message = f"'{vm.name}' failed to modify settings. The delay of the automatic start cannot be negative."
    return cmdlet_errors.hyper_v(bound.name, "InvalidParameter", message, vm.name)


def _memory_mode_error(bound: Bound, vm: VirtualMachine) -> PowerShellError | None:
    if not (bound.is_present("DynamicMemory") and bound.is_present("StaticMemory")):
        return None
    message = f"Failed to modify device 'Memory'.\nThe memory of virtual machine '{vm.name}' cannot be both dynamic and static."
    return cmdlet_errors.hyper_v(bound.name, "InvalidParameter", message, vm.name)


def _checkpoint_type_error(bound: Bound, vm: VirtualMachine) -> PowerShellError | None:
    requested = str(bound.get("CheckpointType", ""))
    if (
        not requested.startswith("Production")
        or hyper_v_role.version_key(vm.version) >= PRODUCTION_VERSION
    ):
        return None
    message = f"Production checkpoints are not supported for virtual machine '{vm.name}' with configuration version {vm.version}."
    return cmdlet_errors.hyper_v(bound.name, "NotSupported", message, vm.name)


@cmdlet("Remove-VM")
def remove_vm(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Remove-VM: removes the configuration and merges the checkpoints; the disk files remain."""
    hyper_v = require_hyper_v(machine, bound)
    for vm in select_vms(machine, bound, sink):
        if vm.state not in ("Off", "Saved"):
            message = f"'{vm.name}' could not be removed. {cmdlet_errors.WRONG_STATE}"
            sink.error(cmdlet_errors.hyper_v(bound.name, "InvalidState", message, vm.name).record)
            continue
        disk_files.merge_all_checkpoints(machine, vm)
        hyper_v.remove(vm)
        machine.world.clock.advance(1.0)
        if bound.is_present("Passthru"):
            sink.output(vm_record(machine, vm))


@cmdlet("Rename-VM")
def rename_vm(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Rename-VM."""
    hyper_v = require_hyper_v(machine, bound)
    for vm in select_vms(machine, bound, sink):
        hyper_v.rename(vm, str(bound["NewName"]))
        if bound.is_present("Passthru"):
            sink.output(vm_record(machine, vm))


@cmdlet("Update-VMVersion")
def update_vm_version(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Update-VMVersion: to the default configuration version of the host, while the VM is off."""
    hyper_v = require_hyper_v(machine, bound)
    for vm in select_vms(machine, bound, sink):
        if vm.state != "Off":
            message = f"Failed to upgrade the configuration of virtual machine '{vm.name}'. {cmdlet_errors.WRONG_STATE}"
            sink.error(cmdlet_errors.hyper_v(bound.name, "InvalidState", message, vm.name).record)
            continue
        if hyper_v_role.version_key(vm.version) >= hyper_v_role.version_key(
            hyper_v.default_version
        ):
            sink.warning(
                f"The configuration version of virtual machine '{vm.name}' is {vm.version}, the newest of this host."
            )
        else:
            vm.version = hyper_v.default_version
        if bound.is_present("Passthru"):
            sink.output(vm_record(machine, vm))
