"""The leases and bindings of the DHCP server role, and the removal of scopes with leases."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from nestlab.model import Record, path_text
from nestlab.reachability.endpoints import resolve
from nestlab.reachability.tracing import attempt
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.behaviour.network.ip_stack import has_ipv4
from nestlab.simulator.behaviour.network.lease_assignment import client_id, sent_client_id
from nestlab.simulator.behaviour.network.world_network import world_network
from nestlab.simulator.cmdlets.dhcp.dhcp_scope import select_scopes
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.powershell.objects import make_record
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.networking import DhcpScope, NetAdapter

_NOT_FOUND = "DHCP 20013"
_IN_USE = "DHCP 20007"


@cmdlet("Get-DhcpServerv4Lease")
def get_dhcp_server_v4_lease(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-DhcpServerv4Lease: the current leases of a scope, or by address; or the bad ones."""
    wanted = [str(item) for item in bound.values("IPAddress")]
    clients = [client_id(str(item)) for item in bound.values("ClientId")]
    scopes = select_scopes(machine, bound)
    bad = [(scope, each) for scope in scopes for each in _declined(machine, scope)]
    if bound.is_present("BadLeases"):
        for scope, address in bad:
            sink.output(_bad_record(machine, scope, address))
        return
    found = [
        (scope, client, adapter, address)
        for scope in scopes
        for client, adapter, address in _leases(machine, scope)
    ]
    for scope, address in bad:
        if address in wanted:
            sink.output(_bad_record(machine, scope, address))
    known = {entry[3] for entry in found} | {address for _, address in bad}
    for address in wanted:
        if address not in known:
            message = f"Failed to get lease information for IP address {address} from DHCP server {machine.name}."
            sink.error(
                cmdlet_errors.cim(bound.name, _NOT_FOUND, message, "ObjectNotFound", address).record
            )
    for scope, client, adapter, address in found:
        if (not wanted or address in wanted) and (
            not clients or sent_client_id(adapter) in clients
        ):
            sink.output(_record(machine, scope, client, adapter, address))


def _declined(machine: Machine, scope: DhcpScope) -> list[str]:
    """Return the addresses of a scope that a client has declined and that are not offered yet."""
    now = machine.world.clock.now
    return [address for address, until in scope.declined.items() if until > now]


def _leases(machine: Machine, scope: DhcpScope) -> Iterator[tuple[Machine, NetAdapter, str]]:
    """Yield the clients with a lease of this scope that can reach this server.

    Clients in another broadcast domain may have addresses of the same subnet.
    """
    network = IPv4Network(f"{scope.scope_id}/{scope.subnet_mask}")
    server = _server_address(machine, scope)
    simulated_network = world_network(machine.world)
    for _, _, client in machine.world.host.machines():
        for adapter in client.adapters:
            for entry in adapter.ip.addresses:
                if (
                    entry.origin != "Dhcp"
                    or IPv4Address(entry.address) not in network
                    or server is None
                ):
                    continue
                start = resolve(
                    simulated_network.network, path_text(simulated_network.path_of(client))
                )
                if (
                    attempt(
                        simulated_network.network, start, resolve(simulated_network.network, server)
                    )[0]
                    is None
                ):
                    yield client, adapter, entry.address


def _server_address(machine: Machine, scope: DhcpScope) -> str | None:
    """Return the address of the server in the subnet of a scope."""
    network = IPv4Network(f"{scope.scope_id}/{scope.subnet_mask}")
    own = [
        entry.address
        for adapter in machine.adapters
        if has_ipv4(adapter)
        for entry in adapter.ip.addresses
    ]
    return next((address for address in own if IPv4Address(address) in network), None)


def _record(
    machine: Machine, scope: DhcpScope, client: Machine, adapter: NetAdapter, address: str
) -> Record:
    return make_record(
        "DhcpServerv4Lease",
        IPAddress=address,
        ScopeId=scope.scope_id,
        ClientId=sent_client_id(adapter),
        HostName=client.name,
        AddressState="Active",
        ClientType="Dhcp",
        ServerIP=_server_address(machine, scope),
    )


def _bad_record(machine: Machine, scope: DhcpScope, address: str) -> Record:
    """Return the record of a bad lease: it has BAD_ADDRESS instead of the name of a client."""
    return make_record(
        "DhcpServerv4Lease",
        IPAddress=address,
        ScopeId=scope.scope_id,
        ClientId="",
        HostName="BAD_ADDRESS",
        AddressState="Declined",
        ClientType="Dhcp",
        ServerIP=_server_address(machine, scope),
    )


@cmdlet("Get-DhcpServerv4Binding")
def get_dhcp_server_v4_binding(machine: Machine, bound: Bound, sink: Sink) -> None:  # noqa: ARG001  # it has no parameters
    """Get-DhcpServerv4Binding: the static addresses on which the server listens."""
    for adapter in machine.adapters:
        for entry in adapter.ip.addresses if has_ipv4(adapter) else ():
            if entry.origin == "Manual":
                network = IPv4Interface(f"{entry.address}/{entry.prefix_length}").network
                properties = {
                    "InterfaceAlias": adapter.name,
                    "IPAddress": entry.address,
                    "SubnetAddress": str(network.network_address),
                    "SubnetMask": str(network.netmask),
                    "BindingState": True,
                }
                sink.output(make_record("DhcpServerv4Binding", **properties))


@cmdlet("Remove-DhcpServerv4Scope")
def remove_dhcp_server_v4_scope(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Remove-DhcpServerv4Scope.

    A scope with leases needs -Force (ERROR_DHCP_ELEMENT_CANT_REMOVE).
    """
    for scope in select_scopes(machine, bound):
        if not bound.is_present("Force") and any(_leases(machine, scope)):
            message = f"Failed to delete scope {scope.scope_id} on DHCP server {machine.name}."
            sink.error(
                cmdlet_errors.cim(
                    bound.name, _IN_USE, message, "NotSpecified", scope.scope_id
                ).record
            )
            continue
        machine.dhcp_scopes = [other for other in machine.dhcp_scopes if other is not scope]
