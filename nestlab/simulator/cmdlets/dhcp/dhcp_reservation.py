"""The reservations of the DHCP server role: addresses for one client each.

A reservation may be outside the range of its scope, but not outside its subnet
(https://support.microsoft.com/kb/196066). The errors are those of the DHCP server management API
(https://learn.microsoft.com/previous-versions/windows/desktop/dhcp/dhcp-server-management-api-error-codes);
which of them the cmdlet gives for a second reservation of a client is an inference.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

from nestlab.model import Record
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.behaviour.network.lease_assignment import client_id
from nestlab.simulator.cmdlets.dhcp.dhcp_scope import select_scopes
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.powershell.objects import make_record
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.networking import DhcpScope, ScopeReservation

_OUTSIDE = "DHCP 20023"
_EXISTS = "DHCP 20022"  # ERROR_DHCP_RESERVEDIP_EXITS
_NOT_RESERVED = "DHCP 20018"  # ERROR_DHCP_NOT_RESERVED_CLIENT


def _record(scope: DhcpScope, reserved: ScopeReservation) -> Record:
    return make_record(
        "DhcpServerv4Reservation",
        IPAddress=reserved.address,
        ScopeId=scope.scope_id,
        ClientId=reserved.client_id,
        Name=reserved.name,
        Description="",
        Type="Both",
    )


@cmdlet("Add-DhcpServerv4Reservation")
def add_dhcp_server_v4_reservation(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Add-DhcpServerv4Reservation: one address and one client at most once in a scope."""
    scope = select_scopes(machine, bound)[0]
    new = ScopeReservation(
        bound.text("IPAddress"), client_id(bound.text("ClientId")), bound.text("Name", "")
    )
    failed = f"Failed to reserve IP address {new.address} on DHCP server {machine.name}"
    if IPv4Address(new.address) not in IPv4Network(f"{scope.scope_id}/{scope.subnet_mask}"):
        message = f"{failed}: it is not in scope {scope.scope_id}."
        raise cmdlet_errors.cim(bound.name, _OUTSIDE, message, "InvalidArgument", new.address)
    for other in scope.reservations:
        if new.address == other.address or new.client_id == other.client_id:
            message = f"{failed}: the address or the client has a reservation already."
            raise cmdlet_errors.cim(bound.name, _EXISTS, message, "ResourceExists", new.address)
    scope.reservations.append(new)
    if bound.is_present("PassThru"):
        sink.output(_record(scope, new))


@cmdlet("Get-DhcpServerv4Reservation")
def get_dhcp_server_v4_reservation(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-DhcpServerv4Reservation: those of a scope, or by client or address."""
    for scope, reserved in _selected(machine, bound):
        sink.output(_record(scope, reserved))


@cmdlet("Remove-DhcpServerv4Reservation")
def remove_dhcp_server_v4_reservation(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Remove-DhcpServerv4Reservation: a missing reservation is an error.

    Leases stay until the client asks again.
    """
    found = list(_selected(machine, bound))
    named = [*bound.values("ClientId"), *bound.values("IPAddress")]
    if named and not found:
        message = f"Failed to delete reservation {named[0]} on DHCP server {machine.name}."
        raise cmdlet_errors.cim(bound.name, _NOT_RESERVED, message, "ObjectNotFound", str(named[0]))
    for scope, reserved in found:
        scope.reservations.remove(reserved)
        if bound.is_present("PassThru"):
            sink.output(_record(scope, reserved))


def _selected(machine: Machine, bound: Bound) -> Iterator[tuple[DhcpScope, ScopeReservation]]:
    clients = [client_id(str(item)) for item in bound.values("ClientId")]
    addresses = [str(item) for item in bound.values("IPAddress")]
    for scope in select_scopes(machine, bound):
        for reserved in scope.reservations:
            if (not clients or reserved.client_id in clients) and (
                not addresses or reserved.address in addresses
            ):
                yield scope, reserved
