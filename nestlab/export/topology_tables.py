"""Tables about one machine, such as its switches and VMs, and about the whole topology."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from nestlab.export.document import CaptionedTable
from nestlab.model import HOST, MachinePath, path_text
from nestlab.model.topology import (
    VM,
    Disk,
    NetworkAdapter,
    Switch,
    Topology,
    short_vlan_text,
)

_NONE = "–"


def machine_tables(path: MachinePath, machine: Topology | VM) -> Iterator[CaptionedTable]:
    """Yield the tables of a host, or of a nested host: those that have rows."""
    where = f"on {path_text(path)}" if path else "on the host"
    tables = (
        CaptionedTable(
            f"Virtual switches {where}",
            ("Switch", "Type", "Bound to", "Owner"),
            tuple(map(_switch_row, machine.switches)),
        ),
        CaptionedTable(
            f"Addresses of {path_text(path) if path else 'the host'} on its switches",
            ("Adapter", "Address", "Gateway", "DNS servers", "VLAN"),
            tuple(_address_rows(machine.switches)),
        ),
        CaptionedTable(
            f"NAT {where}",
            ("Network", "Switch", "Port forwards"),
            tuple(_nat_rows(machine.switches)),
        ),
        CaptionedTable(
            f"DHCP scopes {where}",
            ("Addresses", "Switch"),
            tuple(
                (f"{switch.dhcp.first} to {switch.dhcp.last}", switch.name)
                for switch in machine.switches
                if switch.dhcp
            ),
        ),
        CaptionedTable(
            f"Routes {where}",
            ("Network", "Next hop"),
            tuple((str(route.to), str(route.via)) for route in machine.routes),
        ),
        CaptionedTable(
            f"VMs {where}",
            ("VM", "Role", "Generation", "Virtual processors", "Memory", "Disk", "Guest", "State"),
            tuple(_vm_row(vm, len(path) + 1) for vm in machine.vms),
        ),
        CaptionedTable(
            f"Network adapters of the VMs {where}",
            ("VM", "Adapter", "Switch", "Address", "Gateway", "DNS servers", "VLAN", "Settings"),
            tuple(
                _adapter_row(vm, adapter) for vm in machine.vms for adapter in vm.network_adapters
            ),
        ),
    )
    yield from (table for table in tables if table.rows)


def topology_tables(topology: Topology) -> Iterator[CaptionedTable]:
    """Yield the tables about the whole topology that have rows: images, physical networks."""
    tables = (
        CaptionedTable(
            "Disk images",
            ("Image", "File on the host", "Operating system", "State"),
            tuple(
                (
                    image.name,
                    image.path,
                    image.os,
                    "prepared" if image.prepared else "generalized",
                )
                for image in topology.images
            ),
        ),
        CaptionedTable(
            "Physical networks",
            ("Adapter of the host", "Network", "Gateway"),
            tuple(
                (uplink.net_adapter, _text(uplink.network), _text(uplink.gateway))
                for uplink in topology.uplinks
            ),
        ),
    )
    yield from (table for table in tables if table.rows)


def check_table(topology: Topology) -> Iterator[CaptionedTable]:
    """Yield a table of the topology's checks, if it has any."""
    rows = tuple(
        (check.source, check.target, "reachable" if check.reachable else "unreachable")
        for check in topology.checks
    )
    if rows:
        yield CaptionedTable("Checks of the finished lab", ("From", "To", "Expected"), rows)


def credential_table(topology: Topology) -> Iterator[CaptionedTable]:
    """Yield a table of the credentials by name, with the guests they are for, if there are any."""
    guests: dict[str, list[str]] = {}
    for path, machine in topology.machines():
        if isinstance(machine, VM) and machine.guest.credential:
            guests.setdefault(machine.guest.credential, []).append(path_text(path))
    if guests:
        rows = tuple((name, _joined(paths)) for name, paths in guests.items())
        yield CaptionedTable("Credentials, by name", ("Credential", "Guests"), rows)


def memory_text(vm: VM) -> str:
    """Return the memory of a VM as text, with the range where it is dynamic."""
    dynamic = vm.dynamic_memory
    extent = f", dynamic {dynamic.minimum} to {dynamic.maximum}" if dynamic else ""
    return f"{vm.memory_startup}{extent}"


def disk_text(disk: Disk | None) -> str:
    """Return what a VM's disk is, as text."""
    if disk is None:
        return _NONE
    size = f", {disk.size}" if disk.size is not None else ""
    if disk.image is not None:
        return f"image {disk.image}{size}"
    if disk.parent is not None:
        return f"differencing disk of {disk.parent}{size}"
    return disk.path if disk.path is not None else f"empty{size}"


def disks_text(vm: VM) -> str:
    """Return what the disks of a VM are, as text; equal data disks are counted."""
    counted = Counter(map(disk_text, vm.disks))
    data = (f"{number} × {text}" if number > 1 else text for text, number in counted.items())
    found = [disk_text(vm.disk)] if vm.disk or not vm.disks else []
    return "; ".join([*found, *(f"data disk: {text}" for text in data)])


def _switch_row(switch: Switch) -> tuple[str, ...]:
    bound = _joined(switch.net_adapters) + (" (team)" if switch.is_team else "")
    owner = "existing, not changed" if switch.existing else "this topology"
    return (switch.name, switch.kind, bound, owner)


def _address_rows(switches: Iterable[Switch]) -> Iterator[tuple[str, ...]]:
    for switch in switches:
        for own in switch.all_management_adapters:
            if own.ip_address or own.gateway or own.dns_servers or own.vlan:
                yield (
                    own.alias,
                    _text(own.ip_address),
                    _text(own.gateway),
                    _joined(own.dns_servers),
                    short_vlan_text(own.vlan) if own.vlan else _NONE,
                )


def _nat_rows(switches: Iterable[Switch]) -> Iterator[tuple[str, ...]]:
    for switch in switches:
        if switch.nat or switch.port_forwards:
            forwards = (
                f"{forward.protocol} {forward.external_port} to {forward.to_address}:{forward.to_port}"
                for forward in switch.port_forwards
            )
            yield (_text(switch.nat), switch.name, _joined(forwards))


def _vm_row(vm: VM, level: int) -> tuple[str, ...]:
    return (
        vm.name,
        f"{'nested host' if vm.nested is not None else 'VM'} (L{level})",
        str(vm.generation),
        str(vm.processor_count),
        memory_text(vm),
        disks_text(vm),
        _guest_text(vm),
        str(vm.state),
    )


def _guest_text(vm: VM) -> str:
    if vm.guest.os == "none":
        return _NONE
    computer = vm.computer_name or vm.host_name
    return vm.guest.os.capitalize() + (f", {computer}" if computer else "")


def _adapter_row(vm: VM, adapter: NetworkAdapter) -> tuple[str, ...]:
    address = _text(adapter.ip_address) if not adapter.dhcp else "by DHCP"
    settings = (
        f"MAC address {_hyphenated(adapter.mac_address)}" if adapter.mac_address else "",
        "MAC address spoofing on" if adapter.mac_address_spoofing else "",
        "teaming allowed" if vm.allows_teaming(adapter) else "",
        "" if adapter.connected else "not connected",
    )
    return (
        vm.name,
        adapter.name,
        adapter.switch or _NONE,
        address,
        _text(adapter.gateway),
        _joined(adapter.dns_servers),
        short_vlan_text(adapter.vlan) if adapter.vlan else _NONE,
        _joined(filter(None, settings)),
    )


def _hyphenated(mac: str) -> str:
    return "-".join(mac[start : start + 2] for start in range(0, len(mac), 2))


def _text(value: object) -> str:
    return _NONE if value is None else str(value)


def _joined(values: Iterable[object]) -> str:
    return ", ".join(map(str, values)) or _NONE


def machine_title(path: MachinePath) -> str:
    """Return the heading of a machine's section: its level, and where it is."""
    return "Host (L0)" if path == HOST else f"Inside {path_text(path)} (L{len(path)})"
