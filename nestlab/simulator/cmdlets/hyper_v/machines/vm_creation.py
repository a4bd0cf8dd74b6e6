"""New-VM."""

from __future__ import annotations

import ntpath

from nestlab.simulator import cmdlet_errors
from nestlab.simulator.behaviour import folders, hyper_v_role
from nestlab.simulator.behaviour.localization import NETWORK_ADAPTER, name_in
from nestlab.simulator.cmdlets.hyper_v.machines.vm import PRODUCTION_VERSION
from nestlab.simulator.cmdlets.hyper_v.machines.vm_memory import memory_problem
from nestlab.simulator.cmdlets.hyper_v.storage.vm_drive import disk_error
from nestlab.simulator.cmdlets.hyper_v.vm_records import drive_id, vm_record
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.cmdlets.selection import named_switch, require_hyper_v
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import PowerShellError, Sink
from nestlab.simulator.state import disk_files
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.virtual_machine import (
    HyperV,
    VirtualMachine,
    VirtualSwitch,
    VMDrive,
    VMMemory,
    VMNetworkAdapter,
    VMSettings,
)

# From this version on, the cores of a VM have as many threads as those of the host.
_INHERITS_THREADS_VERSION = (9, 0)
_TICK = 2.0**-20  # seconds, about 1 microsecond; exact as a binary fraction
_STARTUP = 512 << 20


@cmdlet("New-VM")
def new_vm(machine: Machine, bound: Bound, sink: Sink) -> None:
    """New-VM: a VM with one network adapter; generation 1 also has a DVD drive at IDE 1,0.

    VM names need not be unique.
    """
    hyper_v = require_hyper_v(machine, bound)
    version = _version(machine, bound, hyper_v)
    switch = (
        named_switch(hyper_v, bound.name, str(bound["SwitchName"]))
        if bound.get("SwitchName")
        else None
    )
    disk = _system_disk(machine, bound)
    error = _creation_error(machine, bound, hyper_v)
    if error is not None:
        raise error
    vm = _new_machine(machine, bound, hyper_v, version)
    error = _device_error(machine, bound, vm, disk)
    if error is not None:
        raise error
    _add_devices(machine, bound, vm, switch, disk)
    if "NewVHDPath" in bound:
        disk_files.create(machine, disk, size=int(bound["NewVHDSizeBytes"]))
        machine.world.clock.advance(0.5)
    hyper_v.add(vm)
    machine.world.clock.advance(2.0)
    sink.output(vm_record(machine, vm))


def _creation_time(machine: Machine, hyper_v: HyperV) -> float:
    """Return the creation time: now, or later by `_TICK` than that of any VM created just before.

    No two VMs of a machine have the same creation time.
    """
    now = machine.world.clock.now
    earliest, latest = now - _TICK, now + 1 - _TICK
    recent = [vm.created + _TICK for vm in hyper_v.vms if earliest <= vm.created < latest]
    return max(now, *recent) if recent else now


def _new_machine(machine: Machine, bound: Bound, hyper_v: HyperV, version: str) -> VirtualMachine:
    path = str(bound.get("Path") or hyper_v.virtual_machine_path)
    vm = VirtualMachine(
        id=machine.world.new_id(),
        name=str(bound.get("Name", "New Virtual Machine")),
        generation=int(bound.get("Generation", 1)),
        version=version,
        created=_creation_time(machine, hyper_v),
        path=path,
        smart_paging_path=path,
        snapshot_path=path,
        settings=VMSettings(
            memory=VMMemory(startup=int(bound.get("MemoryStartupBytes", _STARTUP)))
        ),
        automatic_checkpoints=machine.operating_system.product_type == 1,
    )
    if hyper_v_role.version_key(version) < PRODUCTION_VERSION:
        vm.checkpoint_type = "Standard"
    vm.settings.processor.hw_thread_count_per_core = int(
        hyper_v_role.version_key(version) < _INHERITS_THREADS_VERSION
    )
    return vm


def _add_devices(
    machine: Machine, bound: Bound, vm: VirtualMachine, switch: VirtualSwitch | None, disk: str
) -> None:
    boot, drives = str(bound.get("BootDevice", "")), vm.settings.drives
    adapter = VMNetworkAdapter(
        id=f"Microsoft:{vm.id.upper()}\\{machine.world.new_id().upper()}",
        name=name_in(machine.world.quirks.language, NETWORK_ADAPTER),
        switch_id=switch.id if switch else "",
        switch_name=switch.name if switch else "",
        is_legacy=boot == "LegacyNetworkAdapter",
    )
    vm.settings.adapters.append(adapter)
    if disk:
        drives.append(VMDrive("disk", disk, "IDE" if vm.generation == 1 else "SCSI"))
    if vm.generation == 1:
        drives.append(VMDrive("dvd", "", "IDE", 1, 0))
    elif boot == "CD":
        drives.append(VMDrive("dvd", "", "SCSI", 0, len(drives)))
    vm.settings.firmware.first_boot_device = _boot_device(vm, boot)


def _boot_device(vm: VirtualMachine, boot: str) -> str:
    """Return the first boot device: its Id (generation 2), or its kind (generation 1: a BIOS)."""
    if vm.generation == 1 or not boot:
        return boot
    kind = {"CD": "dvd", "VHD": "disk"}.get(boot)
    drive = next((drive for drive in vm.settings.drives if drive.kind == kind), None)
    return drive_id(vm, drive) if drive else vm.settings.adapters[0].id


def _version(machine: Machine, bound: Bound, hyper_v: HyperV) -> str:
    version = str(bound.get("Version") or hyper_v.default_version)
    version = (
        hyper_v_role.PRERELEASE
        if bound.is_present("Prerelease")
        else hyper_v_role.EXPERIMENTAL
        if bound.is_present("Experimental")
        else version
    )
    if not hyper_v_role.supports_version(machine, version):
        message = f"The version {version} is not a supported virtual machine configuration version on this host."
        raise cmdlet_errors.hyper_v(bound.name, "InvalidParameter", message, version)
    return version


def _system_disk(machine: Machine, bound: Bound) -> str:
    existing, new = str(bound.get("VHDPath") or ""), str(bound.get("NewVHDPath") or "")
    if existing and machine.file(existing) is None:
        message = f"Failed to add device 'Virtual Hard Disk'. The system cannot find the file specified. (0x80070002). '{existing}'"
        raise cmdlet_errors.hyper_v(bound.name, "ObjectNotFound", message, existing)
    if new and not ntpath.isabs(new):
        new = ntpath.join(
            str(
                bound.get("Path")
                or (machine.hyper_v.virtual_hard_disk_path if machine.hyper_v else "")
            ),
            new,
        )
    if new and not folders.has_drive(machine, new):
        message = f"Failed to create the virtual hard disk. '{new}'. The system cannot find the path specified. (0x80070003)."
        raise cmdlet_errors.hyper_v(bound.name, "ObjectNotFound", message, new)
    if new and machine.file(new) is not None:
        message = f"Failed to create the virtual hard disk. '{new}'. The file exists. (0x80070050)."
        raise cmdlet_errors.hyper_v(bound.name, "OperationFailed", message, new)
    return existing or new


# Generation -> values of -BootDevice.
_BOOT_DEVICES = {
    1: ("", "Floppy", "CD", "IDE", "LegacyNetworkAdapter"),
    2: ("", "CD", "NetworkAdapter", "VHD"),
}


def _creation_error(machine: Machine, bound: Bound, hyper_v: HyperV) -> PowerShellError | None:
    generation, name = (
        int(bound.get("Generation", 1)),
        str(bound.get("Name", "New Virtual Machine")),
    )
    path, boot = (
        str(bound.get("Path") or hyper_v.virtual_machine_path),
        str(bound.get("BootDevice", "")),
    )
    failed = "Failed to create a new virtual machine."
    if boot not in _BOOT_DEVICES[generation]:
        message = f"{failed}\nA generation {generation} virtual machine has no boot device {boot}."
        return cmdlet_errors.hyper_v(bound.name, "NotSupported", message, name)
    if not folders.has_drive(machine, path):
        reason = "Failed to access configuration store: The system cannot find the path specified. (0x80070003)."
        return cmdlet_errors.hyper_v(
            bound.name, "ObjectNotFound", f"{failed}\n'{name}' failed to realize.\n{reason}"
        )
    return None


def _device_error(
    machine: Machine, bound: Bound, vm: VirtualMachine, disk: str
) -> PowerShellError | None:
    """Return the error of a device of a VM that is being created: Hyper-V creates the VM first."""
    wrong = memory_problem(machine, vm, vm.settings.memory.startup)
    if wrong:
        return cmdlet_errors.hyper_v(bound.name, "InvalidParameter", wrong, vm.name)
    return disk_error(bound.name, machine, vm.generation, disk)
