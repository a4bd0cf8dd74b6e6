"""Builds the virtual machines of a world from the values of a scenario."""

from __future__ import annotations

import ntpath
from collections.abc import Iterator

from nestlab.dataclass import replace
from nestlab.model.topology import Vlan as VlanSpec
from nestlab.simulator.behaviour.firmware import UEFI_AUTHORITY
from nestlab.simulator.behaviour.power import disk_with_system, run_vm
from nestlab.simulator.behaviour.start_conditions import start_error
from nestlab.simulator.scenarios.specs import (
    AdapterSpec,
    DiskSpec,
    VMSpec,
)
from nestlab.simulator.state.disk_files import add_checkpoint
from nestlab.simulator.state.machine import File, Machine, World
from nestlab.simulator.state.operating_systems import OPERATING_SYSTEMS
from nestlab.simulator.state.virtual_machine import (
    HyperV,
    VirtualMachine,
    VMDrive,
    VMMemory,
    VMNetworkAdapter,
    VMNetworkAdapterVlan,
    VMProcessor,
    VMSettings,
)

DAY = 86400.0

_GENERATION_1 = 1


def copies_of(spec: VMSpec) -> Iterator[VMSpec]:
    """Yield the VM of a scenario, or its numbered copies."""
    if not spec.copies:
        yield spec
    for number in range(1, spec.copies + 1):
        disk = spec.disk
        if disk is not None:
            stem, extension = ntpath.splitext(disk.path)
            disk = replace(disk, path=f"{stem}-{number}{extension}")
        yield replace(spec, name=f"{spec.name}-{number}", disk=disk)


def build_vm(host: Machine, hyper_v: HyperV, spec: VMSpec) -> VirtualMachine:
    """Return a VM that is off, with its disk file and checkpoints on the host."""
    world, folder = host.world, hyper_v.virtual_machine_path
    vm = VirtualMachine(
        id=world.new_id(),
        name=spec.name,
        generation=spec.generation,
        version=spec.version or hyper_v.default_version,
        created=world.clock.now - 90 * DAY,
        path=folder,
        smart_paging_path=folder,
        snapshot_path=folder,
        automatic_checkpoints=host.operating_system.product_type == 1,
    )
    vm.settings = VMSettings(
        processor=VMProcessor(
            count=spec.processor_count,
            expose_virtualization_extensions=spec.expose_virtualization_extensions,
        ),
        memory=_memory(spec),
        adapters=[_adapter(world, hyper_v, vm, adapter) for adapter in spec.network_adapters],
        notes=spec.notes,
    )
    if _is_linux(host, spec):
        vm.settings.firmware.secure_boot_template = UEFI_AUTHORITY
    if spec.disk is not None:
        host.files[spec.disk.path.lower()] = _disk_file(spec.disk)
        vm.settings.drives.append(
            VMDrive("disk", spec.disk.path, "IDE" if spec.generation == _GENERATION_1 else "SCSI")
        )
    for name in spec.checkpoints:
        add_checkpoint(host, vm, name)
    return vm


def _disk_file(spec: DiskSpec) -> File:
    if spec.parent:
        return File(
            spec.path,
            "vhd",
            length=2 << 30,
            size=int(spec.size),
            disk_type="Differencing",
            parent=spec.parent,
        )
    return File(spec.path, "vhd", length=4 << 20, size=int(spec.size))


def _memory(spec: VMSpec) -> VMMemory:
    dynamic = spec.dynamic_memory
    if dynamic is None:
        return VMMemory(startup=int(spec.memory_startup))
    return VMMemory(
        startup=int(spec.memory_startup),
        dynamic=True,
        minimum=int(dynamic.minimum),
        maximum=int(dynamic.maximum),
    )


def _adapter(
    world: World, hyper_v: HyperV, vm: VirtualMachine, spec: AdapterSpec
) -> VMNetworkAdapter:
    switch = next(
        (
            switch
            for switch in hyper_v.switches
            if spec.switch and switch.name.lower() == spec.switch.lower()
        ),
        None,
    )
    adapter = VMNetworkAdapter(
        id=f"Microsoft:{vm.id.upper()}\\{world.new_id().upper()}",
        name=spec.name,
        switch_id=switch.id if switch else "",
        switch_name=switch.name if switch else "",
        mac_address_spoofing=spec.mac_address_spoofing,
        vlan=_vlan(spec.vlan),
    )
    if spec.mac_address:
        adapter.mac_address, adapter.dynamic_mac_address = spec.mac_address, False
    return adapter


def _vlan(spec: VlanSpec | None) -> VMNetworkAdapterVlan:
    if spec is None:
        return VMNetworkAdapterVlan()
    if spec.access is not None:
        return VMNetworkAdapterVlan("Access", access=spec.access)
    allowed = [
        vlan for item in spec.trunk for vlan in (item if isinstance(item, range) else [item])
    ]
    return VMNetworkAdapterVlan("Trunk", native=spec.native or 0, allowed=sorted(set(allowed)))


def _is_linux(host: Machine, spec: VMSpec) -> bool:
    parent = host.file(spec.disk.parent) if spec.disk and spec.disk.parent else None
    image = disk_with_system(host, parent) if parent else None
    return image is not None and OPERATING_SYSTEMS[image.operating_system].family == "linux"


def set_initial_state(host: Machine, vm: VirtualMachine, state: str) -> str:
    """Set the initial state of a VM; return why that is impossible, or an empty string."""
    if state == "Saved":
        vm.state = state
    elif state != "Off":
        reason = start_error(host, vm)
        if reason is not None:
            return f"cannot be {state} on this host: {reason[1]}"
        run_vm(host, vm)
        vm.started, vm.state = host.world.clock.now - DAY, state
        guest = host.guest(vm)
        if guest:
            guest.booted_at = guest.ready_at = vm.started
    return ""
