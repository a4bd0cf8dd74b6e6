"""Get-NetIPConfiguration: the whole configuration of an interface in one object."""

from __future__ import annotations

from nestlab.model import Record
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.behaviour.network.ip_stack import DEFAULT_ROUTE, addresses_of, has_ipv4
from nestlab.simulator.cmdlets.network.dns_client_server_address import dns_record
from nestlab.simulator.cmdlets.network.ip_records import (
    address_record,
    interface_record,
    route_record,
    selects_interface,
)
from nestlab.simulator.cmdlets.network.net_adapter import adapter_record, profile_record
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.powershell.values.wildcard import has_wildcard
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.networking import NetAdapter

# Get-NetIPConfiguration is a function, so its errors are those of the cmdlets that it calls.
_INNER = "Get-NetIPInterface"


@cmdlet("Get-NetIPConfiguration")
def get_net_ip_configuration(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-NetIPConfiguration: interfaces with a link first."""
    shown = [adapter for adapter in machine.adapters if has_ipv4(adapter)]
    chosen = [
        adapter
        for adapter in shown
        if selects_interface(bound, adapter.name, adapter.interface_index)
    ]
    for adapter in sorted(chosen, key=lambda adapter: not adapter.link):
        sink.output(_configuration(machine, adapter, detailed=bound.is_present("Detailed")))
    requested = next((name for name in ("InterfaceAlias", "InterfaceIndex") if name in bound), None)
    if not chosen and requested is not None and not has_wildcard(bound.text(requested)):
        raise cmdlet_errors.cim_not_found(
            _INNER, "MSFT_NetIPInterface", requested, bound.text(requested)
        )


def _configuration(machine: Machine, adapter: NetAdapter, *, detailed: bool) -> Record:
    addresses = [address_record(adapter, address) for address in addresses_of(adapter)]
    properties = {
        "ComputerName": machine.name,
        "InterfaceAlias": adapter.name,
        "InterfaceIndex": adapter.interface_index,
        "InterfaceDescription": adapter.interface_description,
        "CompartmentId": 1,
        "NetAdapter": adapter_record(machine, adapter),
        "NetIPv4Interface": interface_record(adapter),
        "NetIPv6Interface": None,
        "NetProfile": profile_record(adapter),
        "AllIPAddresses": addresses,
        "IPv4Address": addresses,
        "IPv6Address": [],
        "IPv4DefaultGateway": [
            route_record(adapter, r, "NetMgmt")
            for r in adapter.ip.routes
            if r.destination == DEFAULT_ROUTE
        ]
        or None,
        "IPv6DefaultGateway": None,
        "DNSServer": [dns_record(adapter)],
        "Detailed": detailed,
    }
    return Record(("NetIPConfiguration", "System.Object"), properties, "NetIPConfiguration")
