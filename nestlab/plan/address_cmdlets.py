"""The cmdlets for IPv4 addresses, default gateways and DHCP of an adapter of Windows."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Interface

from nestlab.model import Cmdlet, SwitchParameter
from nestlab.model.state import IPInterfaceState

DEFAULT_ROUTE = "0.0.0.0/0"


def restored_addresses(
    alias: str, addresses: list[IPv4Interface], gateway: IPv4Address | None
) -> Iterator[Cmdlet]:
    """Yield the cmdlets that set addresses and a gateway again.

    New-NetIPAddress accepts only a gateway in the network of its address.
    """
    with_gateway = next((a for a in addresses if gateway and gateway in a.network), None)
    for address in addresses:
        yield add_address(alias, address, gateway if address is with_gateway else None)
    if gateway and with_gateway is None:
        yield add_default_route(alias, gateway)


def restored_routes(interface: IPInterfaceState) -> Iterator[Cmdlet]:
    """Yield the cmdlets that set DNS servers, routes, metric and forwarding again.

    The default route is that of `restored_addresses`.
    """
    here: dict[str, object] = {"InterfaceAlias": interface.interface_alias}
    servers = [str(each) for each in interface.dns_servers]
    if servers and not interface.dhcp:
        yield Cmdlet("Set-DnsClientServerAddress", {**here, "ServerAddresses": servers})
    for to, via in interface.routes:
        if to.prefixlen:
            metric = {"RouteMetric": interface.route_metric(to, via)}
            where = {"DestinationPrefix": str(to), **here, "NextHop": str(via)}
            yield Cmdlet("New-NetRoute", where | metric)
    settings: dict[str, object] = {}
    if not interface.automatic_metric and interface.interface_metric:
        settings["InterfaceMetric"] = interface.interface_metric
    if interface.forwarding:
        settings["Forwarding"] = "Enabled"
    if settings:
        yield Cmdlet("Set-NetIPInterface", {**here, "AddressFamily": "IPv4", **settings})


def add_address(alias: str, address: IPv4Interface, gateway: IPv4Address | None) -> Cmdlet:
    """Return the cmdlet that adds an address, and with it a default gateway."""
    parameters: dict[str, object] = {
        "InterfaceAlias": alias,
        "IPAddress": str(address.ip),
        "PrefixLength": address.network.prefixlen,
    }
    if gateway:
        parameters["DefaultGateway"] = str(gateway)
    return Cmdlet("New-NetIPAddress", parameters)


def set_dhcp(alias: str, setting: str, *, has_link: bool = True) -> Cmdlet:
    """Return the cmdlet that enables or disables DHCP on an adapter."""
    # Without a link, the setting reaches the persistent store only if -PolicyStore names it.
    store: dict[str, object] = {} if has_link else {"PolicyStore": "PersistentStore"}
    return Cmdlet(
        "Set-NetIPInterface",
        {"InterfaceAlias": alias, "AddressFamily": "IPv4", "Dhcp": setting, **store},
    )


def remove_address(alias: str, address: IPv4Interface) -> Cmdlet:
    """Return the cmdlet that removes an address."""
    return Cmdlet(
        "Remove-NetIPAddress",
        {"InterfaceAlias": alias, "IPAddress": str(address.ip), "Confirm": SwitchParameter.OFF},
    )


def remove_default_route(alias: str, gateway: IPv4Address) -> Cmdlet:
    """Return the cmdlet that removes a default gateway."""
    return Cmdlet(
        "Remove-NetRoute",
        {
            "InterfaceAlias": alias,
            "DestinationPrefix": DEFAULT_ROUTE,
            "NextHop": str(gateway),
            "Confirm": SwitchParameter.OFF,
        },
    )


def add_default_route(alias: str, gateway: IPv4Address) -> Cmdlet:
    """Return the cmdlet that adds a default gateway without an address."""
    return Cmdlet(
        "New-NetRoute",
        {"InterfaceAlias": alias, "DestinationPrefix": DEFAULT_ROUTE, "NextHop": str(gateway)},
    )
