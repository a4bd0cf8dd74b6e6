"""Virtual machines as a whole: Get-VM, New-VM, Set-VM, Remove-VM, Rename-VM, Update-VMVersion."""

from __future__ import annotations

import ntpath

from nestlab.simulator import disk_files, refusal, role
from nestlab.simulator.machine import Machine
from nestlab.simulator.powershell.binding import Bound
from nestlab.simulator.powershell.call import PowerShellError, Sink
from nestlab.simulator.selection import Handler, named_switch, require_hyper_v, select_vms
from nestlab.simulator.virtual_machine import Drive, HyperV, Memory, Settings, VirtualMachine, VMNetworkAdapter
from nestlab.simulator.vm_memory import change_memory, memory_refusal, startup_reason_against
from nestlab.simulator.vm_processor import change_processor, processor_refusal
from nestlab.simulator.vm_records import vm_record

_PRODUCTION_VERSION = (6, 2)
_INHERITS_THREADS_VERSION = (9, 0)  # from there on a VM's cores have as many threads as the host's


def get_vm(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-VM."""
    hyper_v = require_hyper_v(machine, bound)
    asked = "Name" in bound or "Id" in bound
    for vm in select_vms(machine, bound, sink) if asked else hyper_v.vms:
        sink.output(vm_record(machine, vm))


def new_vm(machine: Machine, bound: Bound, sink: Sink) -> None:
    """New-VM: one adapter "Network Adapter"; on generation 1 an empty DVD drive at IDE 1,0. Names need not be unique."""
    hyper_v = require_hyper_v(machine, bound)
    version = _version(machine, bound, hyper_v)
    switch = named_switch(hyper_v, bound.name, str(bound["SwitchName"])) if bound.get("SwitchName") else None
    disk = _system_disk(machine, bound)
    generation = int(bound.get("Generation", 1))
    if generation == 2 and disk.lower().endswith(".vhd"):  # noqa: PLR2004  # generation 2
        message = "Failed to add device 'Virtual Hard Disk'. Generation 2 virtual machines need a disk in the VHDX format."
        raise refusal.hyper_v(bound.name, "InvalidParameter", message, disk)
    startup = int(bound.get("MemoryStartupBytes", 512 << 20))
    wrong = startup_reason_against(generation, startup)
    if wrong:
        raise refusal.hyper_v(bound.name, "InvalidParameter", f"Failed to modify device 'Memory'.\n{wrong}", str(bound.get("Name", "")))
    world = machine.world
    vm = VirtualMachine(
        id=world.new_id(),
        name=str(bound.get("Name", "New Virtual Machine")),
        generation=generation,
        version=version,
        created=world.clock.now,
        path=str(bound.get("Path") or hyper_v.virtual_machine_path),
        automatic_checkpoints=machine.operating_system.product_type == 1,
    )
    vm.smart_paging_path = vm.snapshot_path = vm.path
    if role.version_key(version) < _PRODUCTION_VERSION:
        vm.checkpoint_type = "Standard"
    vm.settings = Settings(memory=Memory(startup=startup))
    vm.settings.processor.hw_thread_count_per_core = int(role.version_key(version) < _INHERITS_THREADS_VERSION)
    vm.settings.adapters.append(
        VMNetworkAdapter(
            id=f"Microsoft:{vm.id.upper()}\\{world.new_id().upper()}",
            name="Network Adapter",
            switch_id=switch.id if switch else "",
            switch_name=switch.name if switch else "",
        )
    )
    controller = "SCSI" if generation == 2 else "IDE"  # noqa: PLR2004  # generation 2
    if disk:
        vm.settings.drives.append(Drive("disk", disk, controller))
    if generation == 1:
        vm.settings.drives.append(Drive("dvd", "", "IDE", 1, 0))
    if "NewVHDPath" in bound:
        disk_files.create(machine, disk, size=int(bound["NewVHDSizeBytes"]))
        world.clock.advance(0.5)
    hyper_v.vms.append(vm)
    world.clock.advance(2.0)
    sink.output(vm_record(machine, vm))


def _version(machine: Machine, bound: Bound, hyper_v: HyperV) -> str:
    version = str(bound.get("Version") or hyper_v.default_version)
    version = role.PRERELEASE if bound.switch("Prerelease") else role.EXPERIMENTAL if bound.switch("Experimental") else version
    if not role.runs_version(machine, version):
        message = f"The version {version} is not a supported virtual machine configuration version on this host."
        raise refusal.hyper_v(bound.name, "InvalidParameter", message, version)
    return version


def _system_disk(machine: Machine, bound: Bound) -> str:
    existing, new = str(bound.get("VHDPath") or ""), str(bound.get("NewVHDPath") or "")
    if existing and machine.file(existing) is None:
        message = f"Failed to add device 'Virtual Hard Disk'. The system cannot find the file specified. (0x80070002). '{existing}'"
        raise refusal.hyper_v(bound.name, "ObjectNotFound", message, existing)
    if new and not ntpath.isabs(new):
        new = ntpath.join(str(bound.get("Path") or (machine.hyper_v.virtual_hard_disk_path if machine.hyper_v else "")), new)
    if new and new[:2].lower() not in disk_files.drives(machine):
        message = f"Failed to create the virtual hard disk. '{new}'. The system cannot find the path specified. (0x80070003)."
        raise refusal.hyper_v(bound.name, "ObjectNotFound", message, new)
    if new and machine.file(new) is not None:
        message = f"Failed to create the virtual hard disk. '{new}'. The file exists. (0x80070050)."
        raise refusal.hyper_v(bound.name, "OperationFailed", message, new)
    return existing or new


def set_vm(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Set-VM: processors and memory as Set-VMProcessor and Set-VMMemory would, and the settings of the VM itself."""
    for vm in select_vms(machine, bound, sink):
        error = processor_refusal(machine, bound, vm) or memory_refusal(machine, bound, vm) or _checkpoint_type_refusal(bound, vm)
        if error is not None:
            sink.error(error.record)
            continue
        change_processor(bound, vm)
        change_memory(bound, vm)
        vm.settings.notes = str(bound.get("Notes", vm.settings.notes) or "")
        vm.name = str(bound.get("NewVMName", vm.name))
        vm.checkpoint_type = str(bound.get("CheckpointType", vm.checkpoint_type))
        vm.automatic_checkpoints = bool(bound.get("AutomaticCheckpointsEnabled", vm.automatic_checkpoints))
        vm.automatic_start_action = str(bound.get("AutomaticStartAction", vm.automatic_start_action))
        vm.automatic_stop_action = str(bound.get("AutomaticStopAction", vm.automatic_stop_action))
        vm.automatic_start_delay = int(bound.get("AutomaticStartDelay", vm.automatic_start_delay))
        vm.smart_paging_path = str(bound.get("SmartPagingFilePath", vm.smart_paging_path))
        vm.snapshot_path = str(bound.get("SnapshotFileLocation", vm.snapshot_path))
        if bound.switch("Passthru"):
            sink.output(vm_record(machine, vm))


def _checkpoint_type_refusal(bound: Bound, vm: VirtualMachine) -> PowerShellError | None:
    asked = str(bound.get("CheckpointType", ""))
    if not asked.startswith("Production") or role.version_key(vm.version) >= _PRODUCTION_VERSION:
        return None
    message = f"Production checkpoints are not supported for virtual machine '{vm.name}' with configuration version {vm.version}."
    return refusal.hyper_v(bound.name, "NotSupported", message, vm.name)


def remove_vm(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Remove-VM: the configuration goes, checkpoints are merged, the disks stay."""
    hyper_v = require_hyper_v(machine, bound)
    for vm in select_vms(machine, bound, sink):
        if vm.state not in ("Off", "Saved"):
            message = f"'{vm.name}' could not be removed. {refusal.WRONG_STATE}"
            sink.error(refusal.hyper_v(bound.name, "InvalidState", message, vm.name).record)
            continue
        disk_files.merge_all(machine, vm)
        hyper_v.vms.remove(vm)
        machine.world.clock.advance(1.0)
        if bound.switch("Passthru"):
            sink.output(vm_record(machine, vm))


def rename_vm(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Rename-VM."""
    for vm in select_vms(machine, bound, sink):
        vm.name = str(bound["NewName"])
        if bound.switch("Passthru"):
            sink.output(vm_record(machine, vm))


def update_vm_version(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Update-VMVersion: to the host's default version, only while the VM is off, never back."""
    hyper_v = require_hyper_v(machine, bound)
    for vm in select_vms(machine, bound, sink):
        if vm.state != "Off":
            message = f"Failed to upgrade the configuration of virtual machine '{vm.name}'. {refusal.WRONG_STATE}"
            sink.error(refusal.hyper_v(bound.name, "InvalidState", message, vm.name).record)
            continue
        if role.version_key(vm.version) >= role.version_key(hyper_v.default_version):
            sink.warning(f"The configuration version of virtual machine '{vm.name}' is {vm.version}, the newest of this host.")
        else:
            vm.version = hyper_v.default_version
        if bound.switch("Passthru"):
            sink.output(vm_record(machine, vm))


HANDLERS: dict[str, Handler] = {
    "Get-VM": get_vm,
    "New-VM": new_vm,
    "Set-VM": set_vm,
    "Remove-VM": remove_vm,
    "Rename-VM": rename_vm,
    "Update-VMVersion": update_vm_version,
}
