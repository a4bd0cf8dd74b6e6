"""The scopes of the DHCP server role, and their options."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from nestlab.model import Record
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.cmdlets.dhcp.dns_validation import check_dns_servers
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import PowerShellError, Sink
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.networking import DhcpScope

_DHCP = "Microsoft.Management.Infrastructure.CimInstance#root/Microsoft/Windows/DHCP/"
_ROUTER, _DNS = 3, 6  # DHCP options


def _record(scope: DhcpScope) -> Record:
    properties = {
        "ScopeId": scope.scope_id,
        "Name": scope.name,
        "SubnetMask": scope.subnet_mask,
        "StartRange": scope.start,
        "EndRange": scope.end,
        "State": scope.state,
        "Type": "Dhcp",
        "Description": "",
    }
    return Record((_DHCP + "DhcpServerv4Scope",), properties, scope.scope_id)


def _error(bound: Bound, number: int, message: str, target: str) -> PowerShellError:
    category = "ObjectNotFound" if number == 20005 else "InvalidArgument"  # noqa: PLR2004  # ERROR_DHCP_SUBNET_NOT_PRESENT
    return cmdlet_errors.cim(bound.name, f"DHCP {number}", message, category, target)


def select_scopes(machine: Machine, bound: Bound) -> list[DhcpScope]:
    """Return the scopes that -ScopeId selects; raises PowerShellError for an unknown one."""
    wanted = [str(item) for item in bound.values("ScopeId")]
    if not wanted:
        return list(machine.dhcp_scopes)
    found = [scope for scope in machine.dhcp_scopes if scope.scope_id in wanted]
    if not found:
        message = f"Failed to get version 4 scope information for scope {wanted[0]} on DHCP server {machine.name}."
        raise _error(bound, 20005, message, wanted[0])
    return found


@cmdlet("Get-DhcpServerv4Scope")
def get_dhcp_server_v4_scope(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-DhcpServerv4Scope."""
    for scope in select_scopes(machine, bound):
        sink.output(_record(scope))


@cmdlet("Add-DhcpServerv4Scope")
def add_dhcp_server_v4_scope(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Add-DhcpServerv4Scope: the range must be in one subnet, which has no other scope."""
    start, end, mask = bound.text("StartRange"), bound.text("EndRange"), bound.text("SubnetMask")
    network = _subnet_of(start, end, mask)
    if network is None:
        message = f"Failed to add scope on DHCP server {machine.name}: the range {start} to {end} is not valid in a subnet with mask {mask}."
        raise _error(bound, 20023, message, start)
    scope_id = str(network.network_address)
    if any(scope.scope_id == scope_id for scope in machine.dhcp_scopes):
        message = f"Failed to add scope {scope_id} on DHCP server {machine.name}: the scope already exists."
        raise _error(bound, 20052, message, scope_id)
    scope = DhcpScope(scope_id, bound.text("Name"), start, end, mask, bound.text("State", "Active"))
    machine.dhcp_scopes.append(scope)
    machine.world.dhcp_servers[id(machine)] = machine
    if bound.is_present("PassThru"):
        sink.output(_record(scope))


def _subnet_of(start: str, end: str, mask: str) -> IPv4Network | None:
    """Return the subnet of a range; None if it is not in one subnet, or the mask is not valid."""
    try:
        network = IPv4Network(f"{start}/{mask}", strict=False)
        first, last = IPv4Address(start), IPv4Address(end)
    except ValueError:
        return None
    # A wildcard mask such as 0.0.0.255 is not a subnet mask.
    return network if str(network.netmask) == mask and last in network and first <= last else None


@cmdlet("Set-DhcpServerv4Scope")
def set_dhcp_server_v4_scope(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Set-DhcpServerv4Scope."""
    for scope in select_scopes(machine, bound):
        scope.name = bound.text("Name", scope.name)
        scope.state = bound.text("State", scope.state)
        scope.start, scope.end = (
            bound.text("StartRange", scope.start),
            bound.text("EndRange", scope.end),
        )
        if bound.is_present("PassThru"):
            sink.output(_record(scope))


@cmdlet("Set-DhcpServerv4OptionValue")
def set_dhcp_server_v4_option_value(machine: Machine, bound: Bound, sink: Sink) -> None:  # noqa: ARG001  # it has no output
    """Set-DhcpServerv4OptionValue: router and DNS servers, of a scope or of the server.

    Without -Force it validates the DNS servers, and sets none if one does not answer.
    """
    options = {
        _ROUTER: [str(item) for item in bound.values("Router")],
        _DNS: [str(item) for item in bound.values("DnsServer")],
    }
    if "OptionId" in bound:
        options[int(bound["OptionId"])] = [str(item) for item in bound.values("Value")]
    if not bound.is_present("Force"):
        check_dns_servers(machine, bound, options[_DNS])
    for number, listed in options.items():
        if not listed:
            continue
        if "ScopeId" not in bound:
            machine.dhcp_options[str(number)] = listed
        for scope in select_scopes(machine, bound) if "ScopeId" in bound else ():
            scope.router = listed if number == _ROUTER else scope.router
            scope.dns_servers = listed if number == _DNS else scope.dns_servers


@cmdlet("Get-DhcpServerv4OptionValue")
def get_dhcp_server_v4_option_value(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-DhcpServerv4OptionValue."""
    options = dict(machine.dhcp_options)
    if "ScopeId" in bound:
        scope = select_scopes(machine, bound)[0]
        options = {str(_ROUTER): scope.router, str(_DNS): scope.dns_servers}
    wanted = [str(item) for item in bound.values("OptionId")]
    for number, listed in options.items():
        if listed and (not wanted or number in wanted):
            properties = {
                "OptionId": int(number),
                "Name": {"3": "Router", "6": "DNS Servers"}.get(number, ""),
                "Value": list(listed),
            }
            sink.output(Record((_DHCP + "DhcpServerv4OptionValue",), properties, number))


@cmdlet("Remove-DhcpServerv4OptionValue")
def remove_dhcp_server_v4_option_value(machine: Machine, bound: Bound, sink: Sink) -> None:  # noqa: ARG001  # it has no output
    """Remove-DhcpServerv4OptionValue."""
    for item in bound.values("OptionId"):
        if "ScopeId" not in bound:
            machine.dhcp_options.pop(str(item), None)
        for scope in select_scopes(machine, bound) if "ScopeId" in bound else ():
            scope.router = [] if int(item) == _ROUTER else scope.router
            scope.dns_servers = [] if int(item) == _DNS else scope.dns_servers
