"""A topology as a nested outline in HTML: every machine with its switches, adapters and addresses."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.html import Html, escape, table
from nestlab.model.topology import VM, NetworkAdapter, Switch, Topology

_INDENT = "\u2003"  # an em space a level: stays put in saved notebooks, which drop style sheets


def outline_html(topology: Topology) -> Html:
    """Return one table: machines and switches in the order of the file, indented by level."""
    caption = f"{topology.name}: {topology.description}" if topology.description else topology.name
    checks = "".join(
        f"<li>{escape(check.source)} \u2192 {escape(check.target)}: {'reachable' if check.reachable else 'unreachable'}</li>"
        for check in topology.checks
    )
    listed = f"<p>Checks</p><ul>{checks}</ul>" if checks else ""
    return Html(
        table(("what", "kind", "network", "details"), _rows(topology), caption=caption) + listed
    )


def _rows(topology: Topology) -> Iterator[tuple[str, str, str, str]]:
    yield "host", "host (L0)", "", _machine_details(topology)
    yield from _content(topology, 1)


def _content(machine: Topology | VM, level: int) -> Iterator[tuple[str, str, str, str]]:
    indent = _INDENT * level
    for switch in machine.switches:
        yield (
            indent + switch.name,
            f"{switch.switch_type} switch",
            _switch_network(switch),
            _switch_details(switch),
        )
    for vm in machine.vms:
        kind = f"nested host (L{level})" if vm.nested is not None else f"VM (L{level})"
        yield (
            indent + vm.name,
            kind,
            "; ".join(_adapter_text(adapter) for adapter in vm.network_adapters),
            _vm_details(vm),
        )
        yield from _content(vm, level + 1)


def _switch_network(switch: Switch) -> str:
    parts = [
        f"{switch.ip_address} on {switch.management_adapter}" if switch.ip_address else "",
        f"NAT {switch.nat}" if switch.nat else "",
    ]
    return ", ".join(part for part in parts if part)


def _switch_details(switch: Switch) -> str:
    forwards = [
        f"{f.protocol} {f.external_port} \u2192 {f.to_address}:{f.to_port}"
        for f in switch.port_forwards
    ]
    scope = [f"DHCP {switch.dhcp.first}-{switch.dhcp.last}"] if switch.dhcp else []
    return ", ".join(
        ([f"on {switch.net_adapter}"] if switch.net_adapter else []) + forwards + scope
    )


def _adapter_text(adapter: NetworkAdapter) -> str:
    address = (
        str(adapter.ip_address)
        if adapter.ip_address
        else ("DHCP" if adapter.dhcp else "no address")
    )
    marks = [
        address,
        f"via {adapter.gateway}" if adapter.gateway else "",
        "MAC spoofing on" if adapter.mac_address_spoofing else "",
    ]
    if adapter.vlan:
        marks.append(
            f"VLAN {adapter.vlan.access}"
            if adapter.vlan.access is not None
            else f"trunk {', '.join(map(str, adapter.vlan.trunk))}"
        )
    place = adapter.switch if adapter.connected and adapter.switch else "not connected"
    return f"{adapter.name} on {place} ({', '.join(mark for mark in marks if mark)})"


def _vm_details(vm: VM) -> str:
    parts = [
        f"{vm.processor_count} vCPU",
        str(vm.memory_startup),
        vm.guest.os if vm.guest.os != "none" else "no guest",
    ]
    parts += ["extensions exposed"] if vm.exposes_extensions else []
    parts += [_machine_details(vm)]
    return ", ".join(part for part in parts if part)


def _machine_details(machine: Topology | VM) -> str:
    parts = (["forwards"] if machine.forwarding else []) + [
        f"route {route.to} via {route.via}" for route in machine.routes
    ]
    return ", ".join(parts + ([] if machine.answers_ping else ["drops pings"]))
