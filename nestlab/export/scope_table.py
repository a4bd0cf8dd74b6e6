"""The table of the DHCP scopes of one machine."""

from __future__ import annotations

from collections.abc import Iterable

from nestlab.export.document import CaptionedTable
from nestlab.model.spelling import hyphenated_mac
from nestlab.model.topology import (
    VM,
    DhcpReservation,
    DhcpServer,
    NetworkAdapter,
    Topology,
    dhcp_servers,
    guest_dhcp_servers,
)
from nestlab.texts import tr

_NONE = "\u2013"


def scope_table(host: str, machine: Topology | VM) -> CaptionedTable:
    """Return the DHCP scopes on the switches of a machine, with options if the file has any.

    They are those of the machine itself, and those of the guests in its VMs.
    """
    on_switches = [each for each in dhcp_servers(machine) if not each.is_in_guest]
    in_guests = [(vm.name, each) for vm in machine.vms for each in guest_dhcp_servers(vm)]
    served = [*(("", each) for each in on_switches), *in_guests]
    scopes = [each.scope for _, each in served]
    has_options = bool(in_guests) or any(
        scope.router or scope.dns_servers or scope.reservations for scope in scopes
    )
    columns = (tr("Addresses"), tr("Switch"))
    options = (tr("Router"), tr("DNS servers"), tr("Reserved")) if has_options else ()
    return CaptionedTable(
        tr("DHCP scopes on {host}", host=host),
        (*columns, *options),
        tuple(_row(vm, each)[: len(columns) + len(options)] for vm, each in served),
    )


def _row(vm: str, server: DhcpServer) -> tuple[str, ...]:
    scope, on = server.scope, server.name
    if isinstance(server.on, NetworkAdapter):
        on = tr("{switch}, by {vm}", switch=server.on.switch or _NONE, vm=vm)
    return (
        tr("{first} to {last}", first=scope.first, last=scope.last),
        on,
        str(server.router or _NONE),
        _joined(scope.dns_servers),
        _joined(map(_reserved, scope.reservations)),
    )


def _reserved(each: DhcpReservation) -> str:
    mac = hyphenated_mac(each.mac_address)
    return tr("{address} for {mac}", address=each.ip_address, mac=mac)


def _joined(values: Iterable[object]) -> str:
    return ", ".join(map(str, values)) or _NONE
