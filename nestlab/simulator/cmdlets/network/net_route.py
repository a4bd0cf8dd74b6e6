"""IPv4 routes: Get-, New-, Set-, Remove- and Find-NetRoute."""

from __future__ import annotations

from ipaddress import AddressValueError, IPv4Address, IPv4Interface, IPv4Network

from nestlab.model import Record
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.behaviour.network.ip_stack import ON_LINK, addresses_of, interface_metric
from nestlab.simulator.cmdlets.network.ip_records import (
    address_record,
    cim_target,
    interfaces,
    route_record,
    routes_of,
    selected_interface,
    write_records,
)
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import PowerShellError, Sink
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.networking import NetAdapter, NetIPAddress, NetRoute

_CLASS = "MSFT_NetRoute"
_ADDRESS_BITS = 32

_Row = tuple[NetAdapter, NetRoute, str]
"""An interface, one of its routes, and the protocol that created the route: NetMgmt or Local."""


@cmdlet("Get-NetRoute")
def get_net_route(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-NetRoute."""
    found = [
        route_record(adapter, route, protocol, shared=machine.outer_host is None)
        for adapter, route, protocol in _routes(machine, bound)
    ]
    write_records(
        bound,
        sink,
        found,
        _CLASS,
        ("DestinationPrefix", "NextHop", "InterfaceAlias", "InterfaceIndex"),
    )


def _routes(machine: Machine, bound: Bound) -> list[_Row]:
    objects = [item for item in bound.values("InputObject") if isinstance(item, Record)]
    prefixes = {str(item["DestinationPrefix"]) for item in objects} or {
        str(item) for item in bound.values("DestinationPrefix")
    }
    hops = {str(item["NextHop"]) for item in objects} or {
        str(item) for item in bound.values("NextHop")
    }
    return [
        (adapter, route, protocol)
        for adapter in interfaces(machine, bound)
        for route, protocol in routes_of(adapter)
        if (not prefixes or route.destination in prefixes) and (not hops or route.next_hop in hops)
    ]


@cmdlet("New-NetRoute")
def new_net_route(machine: Machine, bound: Bound, sink: Sink) -> None:
    """New-NetRoute."""
    adapter = selected_interface(machine, bound)
    given, hop = bound.text("DestinationPrefix"), bound.text("NextHop", ON_LINK)
    try:
        prefix, via = IPv4Network(given), IPv4Address(hop)
    except ValueError:
        raise cmdlet_errors.cim(
            bound.name, "Windows System Error 87", f"Invalid parameter DestinationPrefix {given}"
        ) from None
    if any(
        route.destination == str(prefix) and route.next_hop == str(via)
        for route in adapter.ip.routes
    ):
        message = "Instance MSFT_NetRoute already exists"
        raise cmdlet_errors.cim(
            bound.name, "Windows System Error 87", message, "InvalidArgument", cim_target(_CLASS)
        )
    route = NetRoute(str(prefix), str(via), int(bound.get("RouteMetric", 256)))
    adapter.ip.routes.append(route)
    sink.output(route_record(adapter, route, "NetMgmt"))


def _managed_routes(machine: Machine, bound: Bound) -> list[_Row]:
    chosen = [row for row in _routes(machine, bound) if row[2] == "NetMgmt"]
    if not chosen:
        raise _no_route(bound)
    return chosen


@cmdlet("Set-NetRoute")
def set_net_route(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Set-NetRoute: the metric of a route."""
    for adapter, route, protocol in _managed_routes(machine, bound):
        route.metric = int(bound.get("RouteMetric", route.metric))
        if bound.is_present("PassThru"):
            sink.output(route_record(adapter, route, protocol))


@cmdlet("Remove-NetRoute")
def remove_net_route(machine: Machine, bound: Bound, sink: Sink) -> None:  # noqa: ARG001  # it has no output
    """Remove-NetRoute."""
    for adapter, route, _ in _managed_routes(machine, bound):
        adapter.ip.routes = [own for own in adapter.ip.routes if own is not route]


def _no_route(bound: Bound) -> PowerShellError:
    requested = next(
        (key for key in ("DestinationPrefix", "NextHop", "InterfaceAlias") if key in bound), None
    )
    return cmdlet_errors.cim_not_found(
        bound.name, _CLASS, requested, bound.text(requested) if requested else ""
    )


@cmdlet("Find-NetRoute")
def find_net_route(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Find-NetRoute: the source address and the route of packets to an address."""
    given = bound.text("RemoteIPAddress")
    try:
        target = IPv4Address(given)
    except AddressValueError:
        raise cmdlet_errors.cim(
            bound.name, "Windows System Error 87", f"Invalid parameter RemoteIPAddress {given}"
        ) from None
    best = best_route(machine, target, bound)
    if best is None:
        message = "The network location cannot be reached. For information about network troubleshooting, see Windows Help."
        raise cmdlet_errors.cim(
            bound.name, "Windows System Error 1231", message, "NotSpecified", cim_target(_CLASS)
        )
    adapter, route, protocol, address = best
    sink.output(address_record(adapter, address))
    sink.output(route_record(adapter, route, protocol))


def best_route(
    machine: Machine, target: IPv4Address, bound: Bound
) -> tuple[NetAdapter, NetRoute, str, NetIPAddress] | None:
    """Return the interface, route, protocol and source address of packets to an address.

    The longest prefix wins, then the lowest sum of metrics.
    """
    rows = [
        (adapter, route, protocol)
        for adapter in interfaces(machine, bound)
        for route, protocol in routes_of(adapter)
        if adapter.link and addresses_of(adapter) and target in IPv4Network(route.destination)
    ]
    if not rows:
        return None
    adapter, route, protocol = min(
        rows,
        key=lambda row: (
            _ADDRESS_BITS - IPv4Network(row[1].destination).prefixlen,
            row[1].metric + interface_metric(row[0]),
        ),
    )
    via = target if route.next_hop == ON_LINK else IPv4Address(route.next_hop)
    near = (
        entry
        for entry in addresses_of(adapter)
        if via in IPv4Interface(f"{entry.address}/{entry.prefix_length}").network
    )
    return adapter, route, protocol, next(near, addresses_of(adapter)[0])
