"""The records of virtual machines and their devices."""

from __future__ import annotations

from datetime import timedelta

from nestlab.model import Record
from nestlab.simulator.behaviour import power
from nestlab.simulator.behaviour.integration_services import HEARTBEAT
from nestlab.simulator.behaviour.start_conditions import memory_assigned
from nestlab.simulator.powershell.objects import MakeRecord, make_record
from nestlab.simulator.powershell.record_factory import Getters, RecordFactory
from nestlab.simulator.state.clock import utc_time
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.virtual_machine import (
    VirtualMachine,
    VMDrive,
    VMSnapshot,
)


def on_off(value: bool) -> str:  # noqa: FBT001  # the value is the argument's whole meaning
    """Return the OnOffState name of a truth value."""
    return "On" if value else "Off"


_VM_PROPERTIES: Getters = {
    "VMId": lambda _machine, vm: vm.id,
    "VMName": lambda _machine, vm: vm.name,
    "ComputerName": lambda machine, _vm: machine.name,
}


def vm_record(machine: Machine, vm: VirtualMachine, needed: frozenset[str] | None = None) -> Record:
    """Return what Get-VM shows; with `needed`, only these properties (see `RecordFactory`)."""
    return _VIRTUAL_MACHINE(machine, vm, needed=needed)


def vm_record_maker(needed: frozenset[str] | None) -> MakeRecord:
    """Return the function of a machine and a VM that returns what Get-VM shows, for many VMs."""
    return _VIRTUAL_MACHINE.maker(needed)


def _uptime(machine: Machine, vm: VirtualMachine) -> timedelta:
    return timedelta(seconds=machine.world.clock.now - vm.started if vm.is_powered_on else 0)


def _memory_limit(vm: VirtualMachine, limit: int) -> int:
    memory = vm.settings.memory
    return limit if memory.dynamic else memory.startup


def _memory_status(vm: VirtualMachine) -> str:
    return "OK" if vm.settings.memory.dynamic and memory_assigned(vm) else ""


_NO_ID = "00000000-0000-0000-0000-000000000000"


def _snapshot_of(vm: VirtualMachine) -> VMSnapshot | None:
    """Return the checkpoint that a VM with the settings of a checkpoint is; None for a VM."""
    return next((s for s in vm.snapshots if s.settings is vm.settings), None)


def _parent_snapshot(vm: VirtualMachine) -> VMSnapshot | None:
    return next((s for s in vm.snapshots if s.id == vm.parent_snapshot_id), None)


def heartbeat(machine: Machine, vm: VirtualMachine) -> str | None:
    """Return the VMHeartbeatStatus name; None while the VM does not run."""
    if vm.state != "Running":
        return None
    if not HEARTBEAT.is_enabled(vm):
        return "Disabled"
    return "OkApplicationsUnknown" if power.guest_is_up(machine, vm) else "NoContact"


_VIRTUAL_MACHINE = RecordFactory(
    "VirtualMachine",
    {
        "Name": lambda _machine, vm: vm.name,
        "Id": lambda _machine, vm: vm.id,
        "State": lambda _machine, vm: vm.state,
        "ComputerName": lambda machine, _vm: machine.name,
        "Generation": lambda _machine, vm: vm.generation,
        "Version": lambda _machine, vm: vm.version,
        "Path": lambda _machine, vm: vm.path,
        "ConfigurationLocation": lambda _machine, vm: vm.path,
        "SmartPagingFilePath": lambda _machine, vm: vm.smart_paging_path,
        "SnapshotFileLocation": lambda _machine, vm: vm.snapshot_path,
        "Notes": lambda _machine, vm: vm.settings.notes,
        "ProcessorCount": lambda _machine, vm: vm.settings.processor.count,
        "MemoryStartup": lambda _machine, vm: vm.settings.memory.startup,
        "MemoryMinimum": lambda _machine, vm: _memory_limit(vm, vm.settings.memory.minimum),
        "MemoryMaximum": lambda _machine, vm: _memory_limit(vm, vm.settings.memory.maximum),
        "DynamicMemoryEnabled": lambda _machine, vm: vm.settings.memory.dynamic,
        "MemoryAssigned": lambda _machine, vm: memory_assigned(vm),
        "MemoryDemand": lambda _machine, vm: memory_assigned(vm) * 2 // 5,
        "MemoryStatus": lambda _machine, vm: _memory_status(vm),
        "CreationTime": lambda _machine, vm: utc_time(vm.created),
        "Uptime": _uptime,
        "Status": lambda _machine, _vm: "Operating normally",
        "PrimaryStatusDescription": lambda _machine, _vm: "Operating normally",
        "PrimaryOperationalStatus": lambda _machine, _vm: "Ok",
        "Heartbeat": heartbeat,
        "CheckpointType": lambda _machine, vm: vm.checkpoint_type,
        "AutomaticCheckpointsEnabled": lambda _machine, vm: vm.automatic_checkpoints,
        "AutomaticStartAction": lambda _machine, vm: vm.automatic_start_action,
        "AutomaticStartDelay": lambda _machine, vm: vm.automatic_start_delay,
        "AutomaticStopAction": lambda _machine, vm: vm.automatic_stop_action,
        "ParentSnapshotId": lambda _machine, vm: (s := _parent_snapshot(vm)) and s.id,
        "ParentSnapshotName": lambda _machine, vm: (s := _parent_snapshot(vm)) and s.name,
    },
)


def processor_record(machine: Machine, vm: VirtualMachine) -> Record:
    """Return what Get-VMProcessor shows."""
    return _PROCESSOR(machine, vm)


def processor_record_maker(needed: frozenset[str] | None) -> MakeRecord:
    """Return the function of a machine and a VM that returns what Get-VMProcessor shows."""
    return _PROCESSOR.maker(needed)


_PROCESSOR = RecordFactory(
    "VMProcessor",
    {
        **_VM_PROPERTIES,
        "Name": lambda _machine, _vm: "Processor",
        "Id": lambda _machine, vm: (
            f"Microsoft:{vm.id.upper()}\\b637f346-6a0e-4dec-af52-bd70cb80a21d\\0"
        ),
        "Count": lambda _machine, vm: vm.settings.processor.count,
        "ExposeVirtualizationExtensions": lambda _machine, vm: (
            vm.settings.processor.expose_virtualization_extensions
        ),
        "HwThreadCountPerCore": lambda _machine, vm: vm.settings.processor.hw_thread_count_per_core,
        "Maximum": lambda _machine, vm: vm.settings.processor.maximum,
        "Reserve": lambda _machine, vm: vm.settings.processor.reserve,
        "RelativeWeight": lambda _machine, vm: vm.settings.processor.relative_weight,
        "CompatibilityForMigrationEnabled": lambda _machine, vm: (
            vm.settings.processor.compatibility_for_migration
        ),
        "CompatibilityForOlderOperatingSystemsEnabled": lambda _machine, vm: (
            vm.settings.processor.compatibility_for_older
        ),
        "ResourcePoolName": lambda _machine, _vm: "Primordial",
    },
)


def memory_record(machine: Machine, vm: VirtualMachine) -> Record:
    """Return what Get-VMMemory shows."""
    return _MEMORY(machine, vm)


def memory_record_maker(needed: frozenset[str] | None) -> MakeRecord:
    """Return the function of a machine and a VM that returns what Get-VMMemory shows."""
    return _MEMORY.maker(needed)


_MEMORY = RecordFactory(
    "VMMemory",
    {
        **_VM_PROPERTIES,
        "Name": lambda _machine, _vm: "Memory",
        "Id": lambda _machine, vm: (
            f"Microsoft:{vm.id.upper()}\\4764334d-e001-4176-82ee-5594ec9b530e"
        ),
        "Startup": lambda _machine, vm: vm.settings.memory.startup,
        "DynamicMemoryEnabled": lambda _machine, vm: vm.settings.memory.dynamic,
        "Minimum": lambda _machine, vm: vm.settings.memory.minimum,
        "Maximum": lambda _machine, vm: vm.settings.memory.maximum,
        "Buffer": lambda _machine, vm: vm.settings.memory.buffer,
        "Priority": lambda _machine, vm: vm.settings.memory.priority,
        "ResourcePoolName": lambda _machine, _vm: "Primordial",
    },
)


def drive_id(vm: VirtualMachine, drive: VMDrive) -> str:
    """Return the Id of a drive, which depends on its location on the controller."""
    return f"Microsoft:{vm.id.upper()}\\{drive.controller_type}\\{drive.controller_number}\\{drive.controller_location}"


def drive_record(
    machine: Machine, vm: VirtualMachine, drive: VMDrive, needed: frozenset[str] | None = None
) -> Record:
    """Return what Get-VMHardDiskDrive or Get-VMDvdDrive shows.

    With `needed`, only these properties.
    """
    make = _DVD_DRIVE if drive.kind == "dvd" else _HARD_DISK_DRIVE
    return make(machine, vm, drive, needed=needed)


def disk_record_maker(needed: frozenset[str] | None) -> MakeRecord:
    """Return the function of a machine, a VM and a drive that `drive_record` uses for disks."""
    return _HARD_DISK_DRIVE.maker(needed)


def _location(drive: VMDrive) -> str:
    return f"{drive.controller_type} controller {drive.controller_number} location {drive.controller_location}"


_DRIVE: Getters = {
    "VMId": lambda _machine, vm, _drive: vm.id,
    "VMName": lambda _machine, vm, _drive: vm.name,
    "VMSnapshotId": lambda _machine, vm, _drive: s.id if (s := _snapshot_of(vm)) else _NO_ID,
    "VMSnapshotName": lambda _machine, vm, _drive: s.name if (s := _snapshot_of(vm)) else "",
    "ComputerName": lambda machine, _vm, _drive: machine.name,
    "Id": lambda _machine, vm, drive: drive_id(vm, drive),
    "Path": lambda _machine, _vm, drive: drive.path or None,
    "ControllerType": lambda _machine, _vm, drive: drive.controller_type,
    "ControllerNumber": lambda _machine, _vm, drive: drive.controller_number,
    "ControllerLocation": lambda _machine, _vm, drive: drive.controller_location,
}
_HARD_DISK_DRIVE = RecordFactory(
    "HardDiskDrive",
    {**_DRIVE, "Name": lambda _machine, _vm, drive: f"Hard Drive on {_location(drive)}"},
)
_DVD_DRIVE = RecordFactory(
    "DvdDrive",
    {
        **_DRIVE,
        "Name": lambda _machine, _vm, drive: f"DVD Drive on {_location(drive)}",
        "DvdMediaType": lambda _machine, _vm, drive: "ISO" if drive.path else "None",
    },
)


def snapshot_record(machine: Machine, vm: VirtualMachine, snapshot: VMSnapshot) -> Record:
    """Return what Get-VMSnapshot shows."""
    parent = next((s for s in vm.snapshots if s.id == snapshot.parent_id), None)
    return make_record(
        "VMSnapshot",
        VMId=vm.id,
        VMName=vm.name,
        Name=snapshot.name,
        Id=snapshot.id,
        ComputerName=machine.name,
        CreationTime=utc_time(snapshot.created),
        ParentSnapshotId=parent.id if parent else None,
        ParentSnapshotName=parent.name if parent else None,
        SnapshotType="Standard",
        IsAutomaticCheckpoint=snapshot.automatic,
        State=snapshot.state,
        Generation=vm.generation,
        Version=vm.version,
        Notes=snapshot.settings.notes,
        ProcessorCount=snapshot.settings.processor.count,
        MemoryStartup=snapshot.settings.memory.startup,
        DynamicMemoryEnabled=snapshot.settings.memory.dynamic,
    )
