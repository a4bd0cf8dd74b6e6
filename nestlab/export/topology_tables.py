"""Tables about one machine, such as its switches and VMs, and about the whole topology."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from nestlab.export.document import CaptionedTable
from nestlab.export.further_settings import further_adapter_settings, further_settings_table
from nestlab.export.scope_table import scope_table
from nestlab.model import HOST, MachinePath, path_text
from nestlab.model.spelling import hyphenated_mac
from nestlab.model.topology import (
    VM,
    Disk,
    NetworkAdapter,
    Switch,
    Topology,
    short_vlan_text,
)
from nestlab.model.vm_state import state_text
from nestlab.texts import tr

_NONE = "–"


def machine_tables(path: MachinePath, machine: Topology | VM) -> Iterator[CaptionedTable]:
    """Yield the tables of a host, or of a nested host: those that have rows."""
    host = path_text(path) if path else tr("the host")
    tables = (*_network_tables(host, machine), *_vm_tables(host, machine, len(path) + 1))
    yield from (table for table in tables if table.rows)


def _network_tables(host: str, machine: Topology | VM) -> tuple[CaptionedTable, ...]:
    return (
        CaptionedTable(
            tr("Virtual switches on {host}", host=host),
            (tr("Switch"), tr("Type"), tr("Bound to"), tr("Owner")),
            tuple(map(_switch_row, machine.switches)),
        ),
        _address_table(host, machine.switches),
        CaptionedTable(
            tr("NAT on {host}", host=host),
            (tr("Network"), tr("Switch"), tr("Port forwards")),
            tuple(_nat_rows(machine.switches)),
        ),
        CaptionedTable(
            tr("NATs of the VMs on {host}", host=host),
            ("VM", tr("Inside"), tr("Outside")),
            tuple((vm.name, str(vm.nat.inside), vm.nat.outside) for vm in machine.vms if vm.nat),
        ),
        scope_table(host, machine),
        CaptionedTable(
            tr("Routes on {host}", host=host),
            (tr("Network"), tr("Next hop")),
            tuple((str(route.to), str(route.via)) for route in machine.routes),
        ),
    )


def _vm_tables(host: str, machine: Topology | VM, level: int) -> tuple[CaptionedTable, ...]:
    return (
        CaptionedTable(
            tr("VMs on {host}", host=host),
            (
                "VM",
                tr("Role"),
                tr("Generation"),
                tr("Virtual processors"),
                tr("Memory"),
                tr("Disk"),
                tr("Guest"),
                tr("State"),
            ),
            tuple(_vm_row(vm, level) for vm in machine.vms),
        ),
        further_settings_table(host, machine.vms),
        CaptionedTable(
            tr("Network adapters of the VMs on {host}", host=host),
            (
                "VM",
                tr("Adapter"),
                tr("Switch"),
                tr("Address"),
                tr("Gateway"),
                tr("DNS servers"),
                "VLAN",
                tr("Settings"),
            ),
            tuple(
                _adapter_row(vm, adapter) for vm in machine.vms for adapter in vm.network_adapters
            ),
        ),
    )


def topology_tables(topology: Topology) -> Iterator[CaptionedTable]:
    """Yield the tables about the whole topology that have rows: images, physical networks."""
    tables = (
        CaptionedTable(
            tr("Disk images"),
            (tr("Image"), tr("File on the host"), tr("Operating system"), tr("State")),
            tuple(
                (
                    image.name,
                    image.path,
                    image.os,
                    tr("prepared") if image.prepared else tr("generalized"),
                )
                for image in topology.images
            ),
        ),
        CaptionedTable(
            tr("Physical networks"),
            (tr("Adapter of the host"), tr("Network"), tr("Gateway")),
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
        (check.source, check.target, tr("reachable") if check.reachable else tr("unreachable"))
        for check in topology.checks
    )
    if rows:
        yield CaptionedTable(
            tr("Checks of the finished lab"), (tr("From"), tr("To"), tr("Expected")), rows
        )


def credential_table(topology: Topology) -> Iterator[CaptionedTable]:
    """Yield a table of the credentials by name, with the guests they are for, if there are any."""
    guests: dict[str, list[str]] = {}
    for path, machine in topology.machines():
        if isinstance(machine, VM) and machine.guest.credential:
            guests.setdefault(machine.guest.credential, []).append(path_text(path))
    if guests:
        rows = tuple((name, _joined(paths)) for name, paths in guests.items())
        yield CaptionedTable(tr("Credentials, by name"), (tr("Credential"), tr("Guests")), rows)


def memory_text(vm: VM) -> str:
    """Return the memory of a VM as text, with the range where it is dynamic."""
    dynamic = vm.dynamic_memory
    if dynamic is None:
        return str(vm.memory_startup)
    return tr(
        "{startup}, dynamic {minimum} to {maximum}",
        startup=vm.memory_startup,
        minimum=dynamic.minimum,
        maximum=dynamic.maximum,
    )


def disk_text(disk: Disk | None) -> str:
    """Return a description of a VM's disk."""
    if disk is None:
        return _NONE
    size = f", {disk.size}" if disk.size is not None else ""
    if disk.image is not None:
        return tr("image {name}", name=disk.image) + size
    if disk.parent is not None:
        return tr("differencing disk of {parent}", parent=disk.parent) + size
    return disk.path if disk.path is not None else tr("empty") + size


def disks_text(vm: VM) -> str:
    """Return a description of a VM's disks; equal data disks are counted."""
    counted = Counter(map(disk_text, vm.disks))
    data = (f"{number} × {text}" if number > 1 else text for text, number in counted.items())
    found = [disk_text(vm.disk)] if vm.disk or not vm.disks else []
    return "; ".join([*found, *(tr("data disk: {disk}", disk=text) for text in data)])


def _switch_row(switch: Switch) -> tuple[str, ...]:
    bound = _joined(switch.net_adapters) + (f" ({tr('team')})" if switch.is_team else "")
    owner = tr("existing, not changed") if switch.existing else tr("this topology")
    return (switch.name, switch.kind_text, bound, owner)


def _address_table(host: str, switches: Iterable[Switch]) -> CaptionedTable:
    adapters = [each for switch in switches for each in switch.all_management_adapters]
    columns = (tr("Adapter"), tr("Address"), tr("Gateway"), tr("DNS servers"), "VLAN")
    has_metric = any(adapter.interface_metric for adapter in adapters)
    headers = (*columns, tr("Interface metric")) if has_metric else columns
    return CaptionedTable(
        tr("Addresses of {host} on its switches", host=host),
        headers,
        tuple(row[: len(headers)] for row in _address_rows(switches)),
    )


def _address_rows(switches: Iterable[Switch]) -> Iterator[tuple[str, ...]]:
    for switch in switches:
        for adapter in switch.all_management_adapters:
            settings = (adapter.gateway, adapter.dns_servers, adapter.interface_metric)
            if adapter.ip_address or adapter.vlan or any(settings):
                yield (
                    adapter.alias,
                    _text(adapter.ip_address),
                    _text(adapter.gateway),
                    _joined(adapter.dns_servers),
                    short_vlan_text(adapter.vlan) if adapter.vlan else _NONE,
                    _text(adapter.interface_metric),
                )


def _nat_rows(switches: Iterable[Switch]) -> Iterator[tuple[str, ...]]:
    for switch in switches:
        if switch.nat or switch.port_forwards:
            forwards = (
                _range(
                    f"{forward.protocol} {forward.external_port}",
                    f"{forward.to_address}:{forward.to_port}",
                )
                for forward in switch.port_forwards
            )
            yield (_text(switch.nat), switch.name, _joined(forwards))


def _vm_row(vm: VM, level: int) -> tuple[str, ...]:
    return (
        vm.name,
        f"{tr('nested host') if vm.nested is not None else 'VM'} (L{level})",
        str(vm.generation),
        str(vm.processor_count),
        memory_text(vm),
        disks_text(vm),
        _guest_text(vm),
        state_text(vm.state),
    )


def _guest_text(vm: VM) -> str:
    if vm.guest.os == "none":
        return _NONE
    computer = vm.computer_name or vm.host_name
    return ", ".join(filter(None, (vm.guest.os.capitalize(), computer, *vm.guest.features)))


def _adapter_row(vm: VM, adapter: NetworkAdapter) -> tuple[str, ...]:
    address = _text(adapter.ip_address) if not adapter.dhcp else tr("by DHCP")
    settings = (
        tr("MAC address {address}", address=hyphenated_mac(adapter.mac_address))
        if adapter.mac_address
        else "",
        tr("MAC address spoofing on") if adapter.mac_address_spoofing else "",
        tr("teaming allowed") if vm.allows_teaming(adapter) else "",
        "" if adapter.connected else tr("not connected"),
        *further_adapter_settings(adapter),
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


def _range(first: object, last: object) -> str:
    return tr("{first} to {last}", first=first, last=last)


def _text(value: object) -> str:
    return _NONE if value is None else str(value)


def _joined(values: Iterable[object]) -> str:
    return ", ".join(map(str, values)) or _NONE


def machine_title(path: MachinePath) -> str:
    """Return the heading of a machine's section: its level, and where it is."""
    if path == HOST:
        return tr("Host (L0)")
    return tr("Inside {machine} (L{level})", machine=path_text(path), level=len(path))
