"""The table of the DHCP scopes of one machine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nestlab.export.document import CaptionedTable
from nestlab.model.spelling import hyphenated_mac
from nestlab.model.topology import DhcpRange, DhcpReservation, Switch
from nestlab.texts import tr

_NONE = "\u2013"


def scope_table(host: str, switches: Sequence[Switch]) -> CaptionedTable:
    """Return the DHCP scopes of a machine, with their options if the file declares any."""
    served = [(switch, switch.dhcp) for switch in switches if switch.dhcp]
    has_options = any(
        scope.router or scope.dns_servers or scope.reservations for _, scope in served
    )
    columns = (tr("Addresses"), tr("Switch"))
    options = (tr("Router"), tr("DNS servers"), tr("Reserved")) if has_options else ()
    return CaptionedTable(
        tr("DHCP scopes on {host}", host=host),
        (*columns, *options),
        tuple(_row(switch, scope)[: len(columns) + len(options)] for switch, scope in served),
    )


def _row(switch: Switch, scope: DhcpRange) -> tuple[str, ...]:
    return (
        tr("{first} to {last}", first=scope.first, last=scope.last),
        switch.name,
        str(switch.dhcp_router or _NONE),
        _joined(scope.dns_servers),
        _joined(map(_reserved, scope.reservations)),
    )


def _reserved(each: DhcpReservation) -> str:
    mac = hyphenated_mac(each.mac_address)
    return tr("{address} for {mac}", address=each.ip_address, mac=mac)


def _joined(values: Iterable[object]) -> str:
    return ", ".join(map(str, values)) or _NONE
