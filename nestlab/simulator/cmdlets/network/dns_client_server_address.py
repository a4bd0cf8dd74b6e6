"""Get-DnsClientServerAddress and Set-DnsClientServerAddress."""

from __future__ import annotations

from nestlab.model import EnumValue, Record
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.cmdlets.network.ip_records import (
    interfaces,
)
from nestlab.simulator.cmdlets.network.net_adapter import STANDARD_CIM
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.powershell.object_texts import LazyTextRecord
from nestlab.simulator.powershell.record_cache import shared_records
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.networking import NetAdapter

_DNS_CLASS = "MSFT_DNSClientServerAddress"


@cmdlet("Get-DnsClientServerAddress")
def get_dns_client_server_address(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-DnsClientServerAddress."""
    for adapter in interfaces(machine, bound):
        sink.output(dns_record(adapter, shared=machine.outer_host is None))


def dns_record(adapter: NetAdapter, *, shared: bool = False) -> Record:
    """Return what Get-DnsClientServerAddress shows. `shared`: see `shared_records`."""
    servers = tuple(adapter.ip.used_dns_servers)
    return _dns_record(adapter.name, adapter.interface_index, servers, shared=shared)


@shared_records
def _dns_record(alias: str, index: int, servers: tuple[str, ...]) -> Record:
    properties = {
        "InterfaceAlias": alias,
        "InterfaceIndex": index,
        "AddressFamily": EnumValue("IPv4", 2),
        "ServerAddresses": list(servers),
        "ElementName": alias,
    }
    return LazyTextRecord((STANDARD_CIM + _DNS_CLASS,), properties, lambda _: alias)


@cmdlet("Set-DnsClientServerAddress")
def set_dns_client_server_address(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Set-DnsClientServerAddress."""
    found = list(interfaces(machine, bound))
    if not found:
        requested = next(
            (key for key in ("InterfaceAlias", "InterfaceIndex") if key in bound), "InterfaceAlias"
        )
        raise cmdlet_errors.cim_not_found(bound.name, _DNS_CLASS, requested, bound.text(requested))
    for adapter in found:
        # A switch parameter that is given as false changes nothing.
        if bound.is_present("ResetServerAddresses") or "ServerAddresses" in bound:
            adapter.ip.dns_servers = [str(item) for item in bound.values("ServerAddresses")]
        if bound.is_present("PassThru"):
            sink.output(dns_record(adapter))
