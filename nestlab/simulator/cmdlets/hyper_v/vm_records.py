"""The records of virtual machines and their devices."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from nestlab.model import Record
from nestlab.simulator.behaviour import power
from nestlab.simulator.behaviour.start_conditions import memory_assigned
from nestlab.simulator.powershell.objects import make_record
from nestlab.simulator.state.clock import moment
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.virtual_machine import (
    VirtualMachine,
    VMDrive,
    VMSnapshot,
)

INTEGRATION_SERVICES = {
    "Guest Service Interface": False,
    "Heartbeat": True,
    "Key-Value Pair Exchange": True,
    "Shutdown": True,
    "Time Synchronization": True,
    "VSS": True,
}
"""The integration services, and whether a new virtual machine has them enabled."""

_STATUS = {
    "Off": "Operating normally",
    "Running": "Operating normally",
    "Saved": "Operating normally",
    "Paused": "Operating normally",
}


def on_off(value: bool) -> str:  # noqa: FBT001  # the value is the argument's whole meaning
    """Return the OnOffState name of a truth value."""
    return "On" if value else "Off"


def _owner(vm: VirtualMachine) -> dict[str, Any]:
    return {"VMId": vm.id, "VMName": vm.name}


def vm_record(machine: Machine, vm: VirtualMachine) -> Record:
    """Return what Get-VM shows."""
    memory = vm.settings.memory
    assigned = memory_assigned(vm)
    snapshot = next((s for s in vm.snapshots if s.id == vm.parent_snapshot_id), None)
    return make_record(
        "VirtualMachine",
        Name=vm.name,
        Id=vm.id,
        State=vm.state,
        ComputerName=machine.name,
        Generation=vm.generation,
        Version=vm.version,
        Path=vm.path,
        ConfigurationLocation=vm.path,
        SmartPagingFilePath=vm.smart_paging_path,
        SnapshotFileLocation=vm.snapshot_path,
        Notes=vm.settings.notes,
        ProcessorCount=vm.settings.processor.count,
        MemoryStartup=memory.startup,
        MemoryMinimum=memory.minimum if memory.dynamic else memory.startup,
        MemoryMaximum=memory.maximum if memory.dynamic else memory.startup,
        DynamicMemoryEnabled=memory.dynamic,
        MemoryAssigned=assigned,
        MemoryDemand=assigned * 2 // 5,
        MemoryStatus="OK" if memory.dynamic and assigned else "",
        CreationTime=moment(vm.created),
        Uptime=timedelta(seconds=machine.world.clock.now - vm.started)
        if vm.has_power
        else timedelta(0),
        Status=_STATUS.get(vm.state, "Operating normally"),
        PrimaryStatusDescription="Operating normally",
        PrimaryOperationalStatus="Ok",
        Heartbeat=heartbeat(machine, vm),
        CheckpointType=vm.checkpoint_type,
        AutomaticCheckpointsEnabled=vm.automatic_checkpoints,
        AutomaticStartAction=vm.automatic_start_action,
        AutomaticStartDelay=vm.automatic_start_delay,
        AutomaticStopAction=vm.automatic_stop_action,
        ParentSnapshotId=snapshot.id if snapshot else None,
        ParentSnapshotName=snapshot.name if snapshot else None,
    )


def heartbeat(machine: Machine, vm: VirtualMachine) -> str | None:
    """Return the VMHeartbeatStatus name; None while the VM does not run."""
    if vm.state != "Running":
        return None
    if not vm.integration.get("Heartbeat", True):
        return "Disabled"
    return "OkApplicationsUnknown" if power.guest_is_up(machine, vm) else "NoContact"


def processor_record(machine: Machine, vm: VirtualMachine) -> Record:
    """Return what Get-VMProcessor shows."""
    processor = vm.settings.processor
    return make_record(
        "VMProcessor",
        **_owner(vm),
        Name="Processor",
        Id=f"Microsoft:{vm.id.upper()}\\b637f346-6a0e-4dec-af52-bd70cb80a21d\\0",
        ComputerName=machine.name,
        Count=processor.count,
        ExposeVirtualizationExtensions=processor.expose_virtualization_extensions,
        HwThreadCountPerCore=processor.hw_thread_count_per_core,
        Maximum=processor.maximum,
        Reserve=processor.reserve,
        RelativeWeight=processor.relative_weight,
        CompatibilityForMigrationEnabled=processor.compatibility_for_migration,
        CompatibilityForOlderOperatingSystemsEnabled=processor.compatibility_for_older,
        ResourcePoolName="Primordial",
    )


def memory_record(machine: Machine, vm: VirtualMachine) -> Record:
    """Return what Get-VMMemory shows."""
    memory = vm.settings.memory
    return make_record(
        "VMMemory",
        **_owner(vm),
        Name="Memory",
        Id=f"Microsoft:{vm.id.upper()}\\4764334d-e001-4176-82ee-5594ec9b530e",
        ComputerName=machine.name,
        Startup=memory.startup,
        DynamicMemoryEnabled=memory.dynamic,
        Minimum=memory.minimum,
        Maximum=memory.maximum,
        Buffer=memory.buffer,
        Priority=memory.priority,
        ResourcePoolName="Primordial",
    )


def drive_id(vm: VirtualMachine, drive: VMDrive) -> str:
    """Return the Id of a drive, which depends on its place on the controller."""
    return f"Microsoft:{vm.id.upper()}\\{drive.controller_type}\\{drive.controller_number}\\{drive.controller_location}"


def drive_record(machine: Machine, vm: VirtualMachine, drive: VMDrive) -> Record:
    """Return what Get-VMHardDiskDrive or Get-VMDvdDrive shows."""
    where = f"{drive.controller_type} controller {drive.controller_number} location {drive.controller_location}"
    common: dict[str, Any] = {
        **_owner(vm),
        "ComputerName": machine.name,
        "Id": drive_id(vm, drive),
        "Path": drive.path or None,
        "ControllerType": drive.controller_type,
        "ControllerNumber": drive.controller_number,
        "ControllerLocation": drive.controller_location,
    }
    if drive.kind == "dvd":
        return make_record(
            "DvdDrive",
            **common,
            Name=f"DVD Drive on {where}",
            DvdMediaType="ISO" if drive.path else "None",
        )
    return make_record("HardDiskDrive", **common, Name=f"Hard Drive on {where}")


def snapshot_record(machine: Machine, vm: VirtualMachine, snapshot: VMSnapshot) -> Record:
    """Return what Get-VMSnapshot shows."""
    parent = next((s for s in vm.snapshots if s.id == snapshot.parent_id), None)
    return make_record(
        "VMSnapshot",
        **_owner(vm),
        Name=snapshot.name,
        Id=snapshot.id,
        ComputerName=machine.name,
        CreationTime=moment(snapshot.created),
        ParentSnapshotId=parent.id if parent else None,
        ParentSnapshotName=parent.name if parent else None,
        SnapshotType="Standard",
        State=snapshot.state,
        Generation=vm.generation,
        Version=vm.version,
        Notes=snapshot.settings.notes,
        ProcessorCount=snapshot.settings.processor.count,
        MemoryStartup=snapshot.settings.memory.startup,
        DynamicMemoryEnabled=snapshot.settings.memory.dynamic,
    )
