"""IPv4 of a machine: Net-IPAddress, -IPInterface, -Route, DnsClientServerAddress."""

from __future__ import annotations

from ipaddress import AddressValueError, IPv4Address, IPv4Interface, IPv4Network

from nestlab.model import EnumValue, Record
from nestlab.simulator import refusal
from nestlab.simulator.ip_records import (
    ON_LINK,
    address_record,
    has_stack,
    interface_record,
    interfaces,
    loopback_record,
    on_interface,
    route_record,
    routes_of,
    wants_ipv4,
)
from nestlab.simulator.machine import Address, Machine, NetAdapter, Route
from nestlab.simulator.net_adapters import STANDARD_CIM
from nestlab.simulator.powershell.binding import Bound
from nestlab.simulator.powershell.call import PowerShellError, Sink
from nestlab.simulator.selection import Handler, text, values
from nestlab.simulator.stack import addresses_of

_ANYWHERE = "0.0.0.0/0"
_DNS_CLASS = "MSFT_DNSClientServerAddress"


def get_net_ip_address(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-NetIPAddress."""
    wanted = {str(item) for item in values(bound, "IPAddress")}
    found = []
    for adapter in interfaces(machine, bound):
        own = (address for address in addresses_of(adapter) if not wanted or address.address in wanted)
        found += [address_record(adapter, address) for address in own]
    if wants_ipv4(bound) and not wanted and on_interface(bound, "Loopback Pseudo-Interface 1", 1):
        found.append(loopback_record())
    _give(bound, sink, found, "MSFT_NetIPAddress", ("IPAddress", "InterfaceAlias", "InterfaceIndex"))


def _give(bound: Bound, sink: Sink, found: list[Record], cim_class: str, keys: tuple[str, ...]) -> None:
    for record in found:
        sink.output(record)
    asked = next((key for key in keys if key in bound), None)
    if not found and asked is not None:
        raise refusal.cim_not_found(bound.name, cim_class, asked, text(bound, asked))


def new_net_ip_address(machine: Machine, bound: Bound, sink: Sink) -> None:
    """New-NetIPAddress: turns DHCP off; gives two objects, of the active and of the persistent store."""
    adapter = _interface(machine, bound)
    interface = _new_address(machine, bound)
    gateway = _gateway(bound, adapter, interface)
    ip = adapter.ip
    ip.dhcp = False
    ip.release()
    address = Address(str(interface.ip), interface.network.prefixlen)
    ip.addresses.append(address)
    if gateway is not None:
        ip.routes.append(Route(_ANYWHERE, str(gateway)))
    sink.output(address_record(adapter, address, state="Tentative"))
    sink.output(address_record(adapter, address, store="Persistent", state="Invalid"))


def _interface(machine: Machine, bound: Bound) -> NetAdapter:
    adapters = [adapter for adapter in machine.adapters if has_stack(adapter)]
    alias, index = text(bound, "InterfaceAlias"), bound.get("InterfaceIndex")
    found = [a for a in adapters if (alias and a.name.lower() == alias.lower()) or (index is not None and a.interface_index == int(index))]
    if not found:
        what = f"InterfaceAlias {alias}" if alias else f"InterfaceIndex {index}"
        raise refusal.cim(
            bound.name, "Windows System Error 87", f"Invalid parameter {what}", "InvalidArgument", _target("MSFT_NetIPAddress")
        )
    return found[0]


def _target(cim_class: str) -> str:
    return f"{cim_class}:ROOT/StandardCimv2/{cim_class}"


def _new_address(machine: Machine, bound: Bound) -> IPv4Interface:
    given, length = text(bound, "IPAddress"), int(bound.get("PrefixLength", 32))
    try:
        address = IPv4Address(given)
    except AddressValueError:
        raise refusal.cim(bound.name, "Windows System Error 87", f"Invalid parameter IPAddress {given}") from None
    if length > address.max_prefixlen:
        raise refusal.cim(bound.name, "Windows System Error 87", f"Invalid parameter PrefixLength {length}")
    interface = IPv4Interface((address, length))
    if any(address.address == str(interface.ip) for adapter in machine.adapters if has_stack(adapter) for address in addresses_of(adapter)):
        # "The object already exists." was seen in 2024; hosts of 2016 say "Instance MSFT_NetIPAddress already exists".
        if machine.operating_system.build < machine.world.quirks.object_exists_from_build:
            raise refusal.cim(
                bound.name, "Windows System Error 87", "Instance MSFT_NetIPAddress already exists", target=_target("MSFT_NetIPAddress")
            )
        raise refusal.cim(
            bound.name, "Windows System Error 5010", "The object already exists.", "ResourceExists", _target("MSFT_NetIPAddress")
        )
    return interface


def _gateway(bound: Bound, adapter: NetAdapter, interface: IPv4Interface) -> IPv4Address | None:
    given = text(bound, "DefaultGateway")
    if not given:
        return None
    try:
        gateway = IPv4Address(given)
    except AddressValueError:
        raise refusal.cim(bound.name, "Windows System Error 87", f"Invalid parameter DefaultGateway {given}") from None
    if gateway not in interface.network:
        message = f"Invalid parameter DefaultGateway {gateway}: it is not in the subnet {interface.network}"
        raise refusal.cim(bound.name, "Windows System Error 87", message)
    if any(route.destination == _ANYWHERE and not route.dhcp for route in adapter.ip.routes):
        raise refusal.cim(bound.name, "Windows System Error 5010", "Instance DefaultGateway already exists", "ResourceExists")
    return gateway


def remove_net_ip_address(machine: Machine, bound: Bound, sink: Sink) -> None:  # noqa: ARG001  # it gives nothing
    """Remove-NetIPAddress."""
    objects = {str(item["IPAddress"]) for item in values(bound, "InputObject") if isinstance(item, Record)}
    wanted = objects or {str(item) for item in values(bound, "IPAddress")}
    gateway = text(bound, "DefaultGateway")
    removed = False
    for adapter in interfaces(machine, bound):
        kept = [address for address in adapter.ip.addresses if wanted and address.address not in wanted]
        removed = removed or len(kept) != len(adapter.ip.addresses)
        adapter.ip.addresses = kept
        if gateway:
            adapter.ip.routes = [r for r in adapter.ip.routes if (r.destination, r.next_hop) != (_ANYWHERE, gateway)]
    if not removed:
        raise refusal.cim_not_found(bound.name, "MSFT_NetIPAddress")


def set_net_ip_address(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Set-NetIPAddress: the prefix length of an address."""
    wanted = {str(item) for item in values(bound, "IPAddress")}
    found = [
        (adapter, address)
        for adapter in interfaces(machine, bound)
        for address in adapter.ip.addresses
        if not wanted or address.address in wanted
    ]
    if not found:
        raise refusal.cim_not_found(bound.name, "MSFT_NetIPAddress")
    for adapter, address in found:
        address.prefix_length = int(bound.get("PrefixLength", address.prefix_length))
        if bound.switch("PassThru"):
            sink.output(address_record(adapter, address))


def get_net_ip_interface(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-NetIPInterface."""
    found = [interface_record(adapter) for adapter in interfaces(machine, bound)]
    _give(bound, sink, found, "MSFT_NetIPInterface", ("InterfaceAlias", "InterfaceIndex"))


def set_net_ip_interface(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Set-NetIPInterface: DHCP, forwarding, metric. A metric that is set is automatic no more."""
    found = list(interfaces(machine, bound))
    if not found:
        asked = next((key for key in ("InterfaceAlias", "InterfaceIndex") if key in bound), "InterfaceAlias")
        raise refusal.cim_not_found(bound.name, "MSFT_NetIPInterface", asked, text(bound, asked))
    for adapter in found:
        ip = adapter.ip
        dhcp = text(bound, "Dhcp", "Enabled" if ip.dhcp else "Disabled") == "Enabled"
        if dhcp and not ip.dhcp:
            ip.addresses = []
        if not dhcp:
            ip.release()
        ip.dhcp = dhcp
        ip.forwarding = text(bound, "Forwarding", "Enabled" if ip.forwarding else "Disabled") == "Enabled"
        if text(bound, "AutomaticMetric") == "Enabled":
            ip.interface_metric = None
        if "InterfaceMetric" in bound:
            ip.interface_metric = int(bound["InterfaceMetric"])
        ip.mtu = int(bound.get("NlMtuBytes", ip.mtu))
        if bound.switch("PassThru"):
            sink.output(interface_record(adapter))


def get_net_route(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-NetRoute."""
    found = [route_record(adapter, route, kind) for adapter, route, kind in _routes(machine, bound)]
    _give(bound, sink, found, "MSFT_NetRoute", ("DestinationPrefix", "NextHop", "InterfaceAlias", "InterfaceIndex"))


def _routes(machine: Machine, bound: Bound) -> list[tuple[NetAdapter, Route, str]]:
    objects = [item for item in values(bound, "InputObject") if isinstance(item, Record)]
    prefixes = {str(item["DestinationPrefix"]) for item in objects} or {str(item) for item in values(bound, "DestinationPrefix")}
    hops = {str(item["NextHop"]) for item in objects} or {str(item) for item in values(bound, "NextHop")}
    return [
        (adapter, route, kind)
        for adapter in interfaces(machine, bound)
        for route, kind in routes_of(adapter)
        if (not prefixes or route.destination in prefixes) and (not hops or route.next_hop in hops)
    ]


def new_net_route(machine: Machine, bound: Bound, sink: Sink) -> None:
    """New-NetRoute."""
    adapter = _interface(machine, bound)
    given, hop = text(bound, "DestinationPrefix"), text(bound, "NextHop", ON_LINK)
    try:
        prefix, via = IPv4Network(given), IPv4Address(hop)
    except ValueError:
        raise refusal.cim(bound.name, "Windows System Error 87", f"Invalid parameter DestinationPrefix {given}") from None
    if any(route.destination == str(prefix) and route.next_hop == str(via) for route in adapter.ip.routes):
        raise refusal.cim(
            bound.name, "Windows System Error 87", "Instance MSFT_NetRoute already exists", "InvalidArgument", _target("MSFT_NetRoute")
        )
    route = Route(str(prefix), str(via), int(bound.get("RouteMetric", 256)))
    adapter.ip.routes.append(route)
    sink.output(route_record(adapter, route, "NetMgmt"))


def remove_net_route(machine: Machine, bound: Bound, sink: Sink) -> None:  # noqa: ARG001  # it gives nothing
    """Remove-NetRoute."""
    chosen = [(adapter, route) for adapter, route, kind in _routes(machine, bound) if kind == "NetMgmt"]
    if not chosen:
        raise _no_route(bound)
    for adapter, route in chosen:
        adapter.ip.routes = [own for own in adapter.ip.routes if own is not route]


def _no_route(bound: Bound) -> PowerShellError:
    asked = next((key for key in ("DestinationPrefix", "NextHop", "InterfaceAlias") if key in bound), None)
    return refusal.cim_not_found(bound.name, "MSFT_NetRoute", asked, text(bound, asked) if asked else "")


def get_dns_client_server_address(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-DnsClientServerAddress."""
    for adapter in interfaces(machine, bound):
        sink.output(_dns_record(adapter))


def _dns_record(adapter: NetAdapter) -> Record:
    properties = {
        "InterfaceAlias": adapter.name,
        "InterfaceIndex": adapter.interface_index,
        "AddressFamily": EnumValue("IPv4", 2),
        "ServerAddresses": list(adapter.ip.dns_servers),
        "ElementName": adapter.name,
    }
    return Record((STANDARD_CIM + _DNS_CLASS,), properties, adapter.name)


def set_dns_client_server_address(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Set-DnsClientServerAddress."""
    found = list(interfaces(machine, bound))
    if not found:
        asked = next((key for key in ("InterfaceAlias", "InterfaceIndex") if key in bound), "InterfaceAlias")
        raise refusal.cim_not_found(bound.name, _DNS_CLASS, asked, text(bound, asked))
    for adapter in found:
        adapter.ip.dns_servers = [] if bound.switch("ResetServerAddresses") else [str(item) for item in values(bound, "ServerAddresses")]
        if bound.switch("PassThru"):
            sink.output(_dns_record(adapter))


HANDLERS: dict[str, Handler] = {
    "Get-NetIPAddress": get_net_ip_address,
    "New-NetIPAddress": new_net_ip_address,
    "Remove-NetIPAddress": remove_net_ip_address,
    "Set-NetIPAddress": set_net_ip_address,
    "Get-NetIPInterface": get_net_ip_interface,
    "Set-NetIPInterface": set_net_ip_interface,
    "Get-NetRoute": get_net_route,
    "New-NetRoute": new_net_route,
    "Remove-NetRoute": remove_net_route,
    "Get-DnsClientServerAddress": get_dns_client_server_address,
    "Set-DnsClientServerAddress": set_dns_client_server_address,
}
