"""A topology as one HTML table: machines, switches, adapters, addresses, indented by level."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nestlab.html import Html, escape, table
from nestlab.model.spelling import hyphenated_mac
from nestlab.model.topology.declared_check import Check
from nestlab.model.topology.declared_network import DhcpRange, NetworkAdapter, Route, Switch
from nestlab.model.topology.declared_vm import VM
from nestlab.model.topology.vlan_text import short_vlan_text
from nestlab.texts import tr, tr_count

_INDENT = "\u2003"  # one em space per level: saved notebooks drop style sheets


def topology_table(
    switches: Sequence[Switch],
    vms: Sequence[VM],
    checks: Sequence[Check],
    *,
    caption: str,
    host_details: str,
) -> Html:
    """Return a table of machines and switches, in the order of the file, and a list of checks."""
    rows = (
        ("host", tr("host (L0)"), "", host_details),
        *_content(switches, vms, 1),
    )
    # A narrow column would break between the indentation and the name.
    kept = (
        (Html(f"<span style='white-space:nowrap'>{escape(row[0])}</span>"), *row[1:])
        for row in rows
    )
    return Html(
        table((tr("what"), tr("kind"), tr("network"), tr("details")), kept, caption=caption)
        + _check_list(checks)
    )


def machine_details(*, forwarding: bool, routes: Sequence[Route], answers_ping: bool) -> str:
    """Return the forwarding, routes and ping settings that are not the default; may be empty."""
    parts = ([tr("routes between its adapters")] if forwarding else []) + [
        tr("route {network} via {gateway}", network=route.to, gateway=route.via) for route in routes
    ]
    return ", ".join(parts + ([] if answers_ping else [tr("drops echo requests")]))


def _check_list(checks: Sequence[Check]) -> str:
    items = "".join(
        f"<li>{escape(check.source)} \u2192 {escape(check.target)}: "
        f"{tr('reachable') if check.reachable else tr('unreachable')}</li>"
        for check in checks
    )
    return f"<p>{tr('Checks')}</p><ul>{items}</ul>" if items else ""


def _content(
    switches: Sequence[Switch], vms: Sequence[VM], level: int
) -> Iterator[tuple[str, str, str, str]]:
    indent = _INDENT * level
    for switch in switches:
        kind = (
            tr("existing {kind} switch", kind=switch.kind_text)
            if switch.existing
            else tr("{kind} switch", kind=switch.kind_text)
        )
        yield indent + switch.name, kind, _switch_network(switch), _switch_details(switch)
    for vm in vms:
        kind = (
            tr("nested host (L{level})", level=level) if vm.nested is not None else f"VM (L{level})"
        )
        adapters = "; ".join(_adapter_text(adapter) for adapter in vm.network_adapters)
        yield indent + vm.name, kind, adapters, _vm_details(vm)
        yield from _content(vm.switches, vm.vms, level + 1)


def _switch_network(switch: Switch) -> str:
    parts = [
        _placed(switch.ip_address, switch.management_alias) if switch.ip_address else "",
        short_vlan_text(switch.vlan) if switch.vlan else "",
        *(
            _placed(adapter.ip_address or tr("no address"), adapter.alias)
            + (f" ({short_vlan_text(adapter.vlan)})" if adapter.vlan else "")
            for adapter in switch.management_adapters
        ),
        f"NAT {switch.nat}" if switch.nat else "",
    ]
    return ", ".join(part for part in parts if part)


def _scope_details(dhcp: DhcpRange) -> list[str]:
    return [
        f"DHCP {dhcp.first}-{dhcp.last}",
        *([tr("router {address}", address=dhcp.router)] if dhcp.router else []),
        *([f"DNS {', '.join(map(str, dhcp.dns_servers))}"] if dhcp.dns_servers else []),
        *(
            tr(
                "{address} for {mac}",
                address=each.ip_address,
                mac=hyphenated_mac(each.mac_address),
            )
            for each in dhcp.reservations
        ),
    ]


def _switch_details(switch: Switch) -> str:
    forwards = [
        f"{f.protocol} {f.external_port} \u2192 {f.to_address}:{f.to_port}"
        for f in switch.port_forwards
    ]
    scope = _scope_details(switch.dhcp) if switch.dhcp else []
    return ", ".join(
        ([tr("on {names}", names=", ".join(switch.net_adapters))] if switch.net_adapters else [])
        + forwards
        + scope
    )


def _adapter_text(adapter: NetworkAdapter) -> str:
    address = (
        str(adapter.ip_address)
        if adapter.ip_address
        else ("DHCP" if adapter.dhcp else tr("no address"))
    )
    parts = [
        address,
        tr("via {gateway}", gateway=adapter.gateway) if adapter.gateway else "",
        tr("MAC spoofing on") if adapter.mac_address_spoofing else "",
        *(_scope_details(adapter.dhcp_server) if adapter.dhcp_server else ()),
    ]
    if adapter.vlan:
        parts.append(short_vlan_text(adapter.vlan))
    details = ", ".join(part for part in parts if part)
    if not adapter.connected or not adapter.switch:
        return tr("{adapter}, not connected ({details})", adapter=adapter.name, details=details)
    return f"{_placed(adapter.name, adapter.switch)} ({details})"


def _placed(what: object, where: str) -> str:
    return tr("{what} on {where}", what=what, where=where)


def _vm_details(vm: VM) -> str:
    parts = [
        f"{vm.processor_count} vCPU",
        str(vm.memory_startup),
        vm.guest.os if vm.guest.os != "none" else tr("no guest"),
    ]
    parts += (
        [tr_count("{count} data disk", "{count} data disks", len(vm.disks))] if vm.disks else []
    )
    parts += [tr("extensions exposed")] if vm.exposes_extensions else []
    if vm.nat is not None:
        parts.append(
            tr("NAT of {inside} to {outside}", inside=vm.nat.inside, outside=vm.nat.outside)
        )
    parts.append(
        machine_details(forwarding=vm.forwarding, routes=vm.routes, answers_ping=vm.answers_ping)
    )
    return ", ".join(part for part in parts if part)
