"""What a topology expects to find on its host, added to a simulated one.

Images, disk files, physical adapters and `existing` switches are the host's own: nestlab never
makes them. A simulated host has those of its scenario, unless it is prepared for a topology.
"""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.dataclass import replace
from nestlab.model import Size
from nestlab.model.spelling import same_name, windows_path
from nestlab.model.topology import VM, Disk, Image, Switch, Topology, image_at
from nestlab.simulator.scenarios.build import add_switch, image_file, net_adapter
from nestlab.simulator.scenarios.specs import ImageSpec, NetAdapterSpec, SwitchSpec
from nestlab.simulator.state.machine import File, Machine, World
from nestlab.simulator.state.networking import NetNat

_SYSTEMS = {"windows": "ws2022", "linux": "ubuntu2404"}
_CLIENT = "win11"
_SIZES = {"windows": (Size(127 << 30), Size(11 << 30)), "linux": (Size(40 << 30), Size(3 << 30))}
_MANAGEMENT_ADAPTER = "vethernet ("
_FIRST_MAC_ADDRESS = 0xB49691A0F000
_MEMORY_OF_WINDOWS = 8 << 30
_ISO_LENGTH = 5 << 30


def prepare(world: World, topology: Topology) -> None:
    """Give the host of a world what a topology expects to find there.

    That is: its images and the files of its disks and DVD drives, the physical adapters of its
    External switches, its `existing` switches (not the Default Switch, which only Windows clients
    have), and memory and processors for its VMs. VMs of the scenario that have a name of the
    topology are removed, and files at the paths of its images are replaced.
    """
    host = world.host
    clients = set(_images_of_clients(topology))
    for image in _files(topology):
        system = _CLIENT if image.path.lower() in clients else _SYSTEMS[image.os]
        host.files[image.path.lower()] = _image(image, system)
    for path in _data_disks(topology):
        host.files.setdefault(path.lower(), _data_disk(path))
    for path in _iso_files(topology):
        host.files.setdefault(path.lower(), File(path, length=_ISO_LENGTH))
    _add_adapters(world, topology)
    if host.hyper_v is not None:
        for vm in topology.vms:
            for other in host.hyper_v.vms_named(vm.name):
                host.hyper_v.remove(other)
        _add_switches(host, topology)
    _enlarge(host, topology)


def _files(topology: Topology) -> Iterator[Image]:
    """Yield the images, and the disks with a system that VMs of the host name by path."""
    for image in topology.images:
        yield replace(image, path=windows_path(image.path))
    for vm in topology.vms:
        path = vm.disk and (vm.disk.parent or vm.disk.path)
        if path and image_at(topology.images, path) is None:
            system = vm.guest.os if vm.guest.os in _SYSTEMS else "windows"
            yield Image(name="", path=windows_path(path), os=system, generation=vm.generation)


def _images_of_clients(topology: Topology) -> Iterator[str]:
    """Yield the paths of disks whose Windows has a Default Switch, which only clients have."""
    paths = {image.name.lower(): image.path for image in topology.images}
    for _, vm in topology.machines():
        if (
            isinstance(vm, VM)
            and any(switch.is_default_switch for switch in vm.switches)
            and vm.disk
        ):
            path = paths.get((vm.disk.image or "").lower()) or vm.disk.parent or vm.disk.path
            yield windows_path(path or "").lower()


def _image(image: Image, system: str) -> File:
    size, length = _SIZES[image.os]
    return image_file(
        ImageSpec(
            path=image.path,
            operating_system=system,
            size=size,
            length=length,
            generalized=image.os == "windows" and not image.prepared,
            partition_style="MBR" if image.generation == 1 else "GPT",
        )
    )


def _data_disks(topology: Topology) -> Iterator[str]:
    for vm in topology.vms:
        for disk in vm.disks:
            path = _file_of(disk)
            if path and image_at(topology.images, path) is None:
                yield path


def _iso_files(topology: Topology) -> Iterator[str]:
    for vm in topology.vms:
        yield from (windows_path(drive.path) for drive in vm.dvd_drives or () if drive.path)


def _file_of(disk: Disk) -> str:
    return windows_path(disk.parent or disk.path or "")


def _data_disk(path: str) -> File:
    return File(path, "vhd", length=1 << 30, size=100 << 30)


def _enlarge(host: Machine, topology: Topology) -> None:
    memory = sum(int(vm.memory_startup) for vm in topology.vms if vm.state != "Off")
    others = host.hyper_v.vms if host.hyper_v else ()
    memory += sum(vm.settings.memory.startup for vm in others if vm.is_powered_on)
    host.hardware.memory = max(host.hardware.memory, memory + _MEMORY_OF_WINDOWS)
    processors = host.hardware.processors
    missing = max((vm.processor_count for vm in topology.vms), default=0)
    if missing > processors.logical_processors:
        processors.cores = processors.logical_processors = missing


def _add_adapters(world: World, topology: Topology) -> None:
    wire = world.wires[0].name if world.wires else ""
    for switch in topology.switches:
        names = switch.net_adapters or ([_own_adapter(switch)] if _needs_own(switch) else [])
        for number, name in enumerate(names):
            if world.host.adapter(name) or name.casefold().startswith(_MANAGEMENT_ADAPTER):
                continue
            mac_address = f"{_FIRST_MAC_ADDRESS + len(world.host.adapters):012X}"
            spec = NetAdapterSpec(
                name=name,
                interface_description=_description(switch, number),
                mac_address=mac_address,
                wire=wire,
            )
            world.host.adapters.append(net_adapter(world, spec))


def _description(switch: Switch, number: int) -> str:
    """Return the description of an adapter of a switch: members of a team are of one model.

    Windows numbers adapters of the same model: "... #2".
    """
    suffix = f" #{number + 1}" if number else ""
    return f"Ethernet Controller of {switch.name}{suffix}"


def _needs_own(switch: Switch) -> bool:
    """Whether an existing External switch is on an adapter that the file does not name."""
    return switch.existing and switch.switch_type == "External" and not switch.net_adapters


def _own_adapter(switch: Switch) -> str:
    return f"Uplink of {switch.name}"


def _add_switches(host: Machine, topology: Topology) -> None:
    hyper_v = host.hyper_v
    if hyper_v is None:
        return
    for switch in topology.switches:
        there = any(same_name(each.name, switch.name) for each in hyper_v.switches)
        if not switch.existing or switch.is_default_switch or there:
            continue
        external = switch.switch_type == "External" or bool(switch.net_adapters)
        spec = SwitchSpec(
            name=switch.name,
            switch_type="External" if external else switch.switch_type or "Internal",
            net_adapter=(switch.net_adapter or _own_adapter(switch)) if external else "",
            ip_address=switch.ip_address,
            gateway=switch.gateway,
            dns_servers=switch.dns_servers,
        )
        add_switch(host, hyper_v, spec)
        if switch.nat is not None:
            host.nats.append(NetNat(f"NAT of {switch.name}", str(switch.nat)))
