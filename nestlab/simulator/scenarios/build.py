"""From a scenario's data to a world."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Any

from nestlab.model import Size
from nestlab.simulator.clock import Clock
from nestlab.simulator.codec import decode
from nestlab.simulator.disk_files import add_checkpoint
from nestlab.simulator.faults import Fault
from nestlab.simulator.machine import (
    Address,
    File,
    Hardware,
    IPInterface,
    Machine,
    NetAdapter,
    OperatingSystem,
    Processors,
    Route,
)
from nestlab.simulator.operating_systems import OPERATING_SYSTEMS
from nestlab.simulator.power import begin_running
from nestlab.simulator.role import mac_pool, new_hyper_v
from nestlab.simulator.stack import add_management_adapter
from nestlab.simulator.virtual_machine import (
    Drive,
    HyperV,
    Memory,
    Processor,
    Settings,
    VirtualMachine,
    VirtualSwitch,
    VMNetworkAdapter,
)
from nestlab.simulator.world import Quirks, Wire, World

Data = Mapping[str, Any]


def build_world(data: Data, clock: Clock) -> World:
    """Return the world that a scenario describes; raises KeyError, TypeError or ValueError where it does not fit."""
    _refuse_unknown("scenario", data, _SCENARIO_KEYS)
    computer = data["computer"]
    _refuse_unknown("computer", computer, _COMPUTER_KEYS)
    hardware = Hardware(
        manufacturer=computer["manufacturer"],
        model=computer["model"],
        memory=Size.parse(computer["memory"]),
        processors=decode(Processors, data["processors"]),
        virtual=computer.get("virtual", False),
    )
    host = Machine(name=computer["name"], operating_system=_operating_system(computer["operating_system"]), hardware=hardware)
    host.features = dict.fromkeys(computer.get("features", ()), "Installed")
    world = World(
        scenario=data["name"],
        host=host,
        wires=[decode(Wire, wire) for wire in data.get("wires", ())],
        quirks=decode(Quirks, data.get("quirks", {})),
        seed=data.get("seed", data["name"]),
        clock=clock,
        faults=[decode(Fault, fault) for fault in data.get("faults", ())],
    )
    host.booted_at = clock.now - 3 * 86400
    host.answers_from = host.booted_at
    host.adapters = [_net_adapter(world, adapter) for adapter in data.get("net_adapters", ())]
    for image in data.get("images", ()):
        host.files[image["path"].lower()] = _image(image)
    if "Hyper-V" in host.features:
        host.hyper_v = new_hyper_v(host)
        _fill_hyper_v(world, host, host.hyper_v, data)
    host.attach(world)
    return world


_SCENARIO_KEYS = frozenset(
    {"name", "description", "seed", "computer", "processors", "wires", "net_adapters", "images", "switches", "vms", "quirks", "faults"}
)
_COMPUTER_KEYS = frozenset({"name", "operating_system", "manufacturer", "model", "memory", "features", "virtual"})
_VM_KEYS = frozenset(
    {
        "name", "state", "generation", "version", "processor_count", "memory_startup", "dynamic_memory", "notes", "disk",
        "network_adapters", "expose_virtualization_extensions", "checkpoints",
    }
)  # fmt: skip


_SWITCH_KEYS = frozenset({"name", "switch_type", "id", "notes", "ip_address"})


def _refuse_unknown(what: str, data: Data, known: frozenset[str]) -> None:
    unknown = sorted(data.keys() - known)
    if unknown:
        msg = f"{what} has no key {unknown[0]!r}; known are {', '.join(sorted(known))}"
        raise ValueError(msg)


def _operating_system(key: str) -> OperatingSystem:
    if key not in OPERATING_SYSTEMS:
        msg = f"there is no operating system {key!r}; known are {', '.join(OPERATING_SYSTEMS)}"
        raise ValueError(msg)
    return dataclasses.replace(OPERATING_SYSTEMS[key])


def _net_adapter(world: World, data: Data) -> NetAdapter:
    return NetAdapter(
        name=data["name"],
        interface_description=data["interface_description"],
        interface_index=world.new_interface_index(),
        mac_address=data["mac_address"],
        device_id="{" + world.new_id().upper() + "}",
        port=data.get("wire", ""),
        link=data.get("link", True),
        wireless=data.get("wireless", False),
        ip=_ip_interface(data),
    )


def _ip_interface(data: Data) -> IPInterface:
    ip = IPInterface(dhcp="ip_address" not in data)
    if "ip_address" in data:
        interface = IPv4Interface(data["ip_address"])
        ip.addresses = [Address(str(interface.ip), interface.network.prefixlen)]
        ip.routes = [Route("0.0.0.0/0", data["gateway"])] if "gateway" in data else []
        ip.routes += [Route(str(IPv4Network(route["to"])), str(IPv4Address(route["via"]))) for route in data.get("routes", ())]
        ip.dns_servers = list(data.get("dns_servers", ()))
    return ip


def _image(data: Data) -> File:
    _operating_system(data["operating_system"])
    return File(
        path=data["path"],
        kind="vhd",
        length=Size.parse(data["length"]),
        size=Size.parse(data["size"]),
        operating_system=data["operating_system"],
        images=list(data.get("images", ())),
    )


def _fill_hyper_v(world: World, host: Machine, hyper_v: HyperV, data: Data) -> None:
    hyper_v.mac_address_minimum, hyper_v.mac_address_maximum = mac_pool(host)
    for switch in data.get("switches", ()):
        _switch(host, hyper_v, switch)
    for vm in data.get("vms", ()):
        _refuse_unknown(f"VM {vm.get('name', '')!r}", vm, _VM_KEYS)
        hyper_v.vms.append(_vm(world, host, hyper_v, vm))


def _switch(host: Machine, hyper_v: HyperV, data: Data) -> None:
    _refuse_unknown(f"switch {data.get('name', '')!r}", data, _SWITCH_KEYS)
    identity = host.world.new_id()
    switch = VirtualSwitch(data.get("id", identity), data["name"], data["switch_type"], data.get("notes", ""))
    if switch.switch_type not in ("Internal", "Private"):
        msg = f"switch {switch.name!r} is Internal or Private in a scenario, not {switch.switch_type!r}"
        raise ValueError(msg)
    hyper_v.switches.append(switch)
    if switch.switch_type == "Internal":
        adapter = add_management_adapter(host, hyper_v, switch)
        adapter.ip = _ip_interface(data)


def _vm(world: World, host: Machine, hyper_v: HyperV, data: Data) -> VirtualMachine:
    vm = VirtualMachine(
        id=world.new_id(),
        name=data["name"],
        generation=data.get("generation", 2),
        version=data.get("version", hyper_v.default_version),
        created=world.clock.now - 90 * 86400,
        path=hyper_v.virtual_machine_path,
        smart_paging_path=hyper_v.virtual_machine_path,
        snapshot_path=hyper_v.virtual_machine_path,
    )
    expose = data.get("expose_virtualization_extensions", False)
    vm.settings = Settings(
        processor=Processor(count=data.get("processor_count", 1), expose_virtualization_extensions=expose),
        memory=_memory(data),
        adapters=[_adapter(world, hyper_v, vm, adapter) for adapter in data.get("network_adapters", ())],
        notes=data.get("notes", ""),
    )
    if "disk" in data:
        disk = data["disk"]
        host.files[disk["path"].lower()] = File(
            disk["path"], "vhd", length=2 << 30, size=127 << 30, disk_type="Differencing", parent=disk["parent"]
        )
        vm.settings.drives.append(Drive("disk", disk["path"], "IDE" if vm.generation == 1 else "SCSI"))
    for name in data.get("checkpoints", ()):
        add_checkpoint(host, vm, name)
    if data.get("state", "Off") == "Running":
        begin_running(host, vm)
        vm.started = world.clock.now - 86400
        guest = host.guest(vm)
        if guest:
            guest.booted_at = guest.answers_from = vm.started
    elif data.get("state", "Off") in ("Saved", "Paused"):
        vm.state = data["state"]
    return vm


def _memory(data: Data) -> Memory:
    memory = Memory(startup=Size.parse(data.get("memory_startup", "1GB")))
    if "dynamic_memory" in data:
        memory.dynamic = True
        memory.minimum = Size.parse(data["dynamic_memory"]["minimum"])
        memory.maximum = Size.parse(data["dynamic_memory"]["maximum"])
    return memory


def _adapter(world: World, hyper_v: HyperV, vm: VirtualMachine, data: Data) -> VMNetworkAdapter:
    switch = next((switch for switch in hyper_v.switches if switch.name == data.get("switch")), None)
    if switch is None and data.get("switch"):
        msg = f"VM {vm.name!r}: there is no switch {data['switch']!r}"
        raise ValueError(msg)
    return VMNetworkAdapter(
        id=f"Microsoft:{vm.id.upper()}\\{world.new_id().upper()}",
        name=data.get("name", "Network Adapter"),
        switch_id=switch.id if switch else "",
        switch_name=switch.name if switch else "",
    )
