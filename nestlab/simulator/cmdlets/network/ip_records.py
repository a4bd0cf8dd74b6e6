"""The records of the NetTCPIP module, and the interfaces that a call selects."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Interface, IPv4Network

from nestlab.model import Record
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.behaviour.network.ip_stack import (
    ON_LINK,
    addresses_of,
    has_ipv4,
    interface_metric,
)
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.powershell.objects import make_record
from nestlab.simulator.powershell.values.wildcard import matches
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.networking import NetAdapter, NetIPAddress, NetRoute

LOOPBACK = "Loopback Pseudo-Interface 1"
LOOPBACK_INDEX = 1


def selects_interface(bound: Bound, alias: str, index: int) -> bool:
    """Whether -InterfaceAlias and -InterfaceIndex select this interface; without both, all."""
    aliases, indices = bound.values("InterfaceAlias"), bound.values("InterfaceIndex")
    return (not aliases or any(matches(str(wanted), alias) for wanted in aliases)) and (
        not indices or any(int(wanted) == index for wanted in indices)
    )


def wants_ipv4(bound: Bound) -> bool:
    """Whether -AddressFamily includes IPv4, the only family that is simulated."""
    families = [str(family) for family in bound.values("AddressFamily")]
    return not families or "IPv4" in families


def interfaces(machine: Machine, bound: Bound) -> Iterator[NetAdapter]:
    """Yield the adapters with IPv4 that a call selects."""
    if not wants_ipv4(bound):
        return
    for adapter in machine.adapters:
        if has_ipv4(adapter) and selects_interface(bound, adapter.name, adapter.interface_index):
            yield adapter


def selected_interface(machine: Machine, bound: Bound) -> NetAdapter:
    """Return the adapter that -InterfaceAlias or -InterfaceIndex names.

    Raises PowerShellError if there is none.
    """
    alias, index = bound.text("InterfaceAlias"), bound.get("InterfaceIndex")
    for adapter in machine.adapters:
        named = alias and adapter.name.lower() == alias.lower()
        if has_ipv4(adapter) and (
            named or (index is not None and adapter.interface_index == int(index))
        ):
            return adapter
    what = f"InterfaceAlias {alias}" if alias else f"InterfaceIndex {index}"
    target = cim_target("MSFT_NetIPAddress")
    raise cmdlet_errors.cim(
        bound.name,
        "Windows System Error 87",
        f"Invalid parameter {what}",
        "InvalidArgument",
        target,
    )


def matches_parameters(bound: Bound, record: Record, *names: str) -> bool:
    """Whether the properties of a record have the values of these parameters, where given."""
    return all(
        name not in bound or str(record[name]) in {str(item) for item in bound.values(name)}
        for name in names
    )


def cim_target(cim_class: str) -> str:
    """Return the error target of a CIM class of the network stack."""
    return f"{cim_class}:ROOT/StandardCimv2/{cim_class}"


def write_records(
    bound: Bound, sink: Sink, found: list[Record], cim_class: str, keys: tuple[str, ...]
) -> None:
    """Write records; raises PowerShellError if a query by one of the keys found none."""
    for record in found:
        sink.output(record)
    requested = next((key for key in keys if key in bound), None)
    if not found and requested is not None:
        raise cmdlet_errors.cim_not_found(bound.name, cim_class, requested, bound.text(requested))


def address_record(
    adapter: NetAdapter, address: NetIPAddress, *, store: str = "Active", state: str = "Preferred"
) -> Record:
    """Return what Get-NetIPAddress shows."""
    return make_record(
        "MSFT_NetIPAddress",
        IPAddress=address.address,
        IPv4Address=address.address,
        PrefixLength=address.prefix_length,
        InterfaceAlias=adapter.name,
        InterfaceIndex=adapter.interface_index,
        AddressFamily="IPv4",
        AddressState=state if adapter.link else "Tentative",
        PrefixOrigin=address.origin,
        SuffixOrigin={"WellKnown": "Link"}.get(address.origin, address.origin),
        Store=store,
        Type="Unicast",
        SkipAsSource=False,
        InstanceID=f"{adapter.interface_index};{address.address};{store}",
    )


def loopback_record() -> Record:
    """Return the record of 127.0.0.1 in Get-NetIPAddress."""
    adapter = NetAdapter(LOOPBACK, "Software Loopback Interface 1", LOOPBACK_INDEX, "", "")
    return address_record(adapter, NetIPAddress("127.0.0.1", 8, "WellKnown"))


def interface_record(adapter: NetAdapter) -> Record:
    """Return what Get-NetIPInterface shows."""
    return make_record(
        "MSFT_NetIPInterface",
        InterfaceAlias=adapter.name,
        InterfaceIndex=adapter.interface_index,
        AddressFamily="IPv4",
        Dhcp="Enabled" if adapter.ip.dhcp else "Disabled",
        Forwarding="Enabled" if adapter.ip.forwarding else "Disabled",
        AutomaticMetric="Enabled" if adapter.ip.interface_metric is None else "Disabled",
        InterfaceMetric=interface_metric(adapter),
        ConnectionState="Connected" if adapter.link else "Disconnected",
        NlMtu=adapter.ip.mtu,
        Store="Active",
    )


def routes_of(adapter: NetAdapter) -> list[tuple[NetRoute, str]]:
    """Return the routes of an interface, each with its protocol.

    Windows adds the routes to the directly connected networks.
    """
    own = [(route, "NetMgmt") for route in adapter.ip.routes]
    if not adapter.link:
        return own
    for address in addresses_of(adapter):
        network: IPv4Network = IPv4Interface(f"{address.address}/{address.prefix_length}").network
        prefixes = (str(network), f"{address.address}/32", f"{network.broadcast_address}/32")
        own += [(NetRoute(prefix, ON_LINK), "Local") for prefix in prefixes]
    return own


def route_record(adapter: NetAdapter, route: NetRoute, protocol: str) -> Record:
    """Return what Get-NetRoute shows."""
    return make_record(
        "MSFT_NetRoute",
        DestinationPrefix=route.destination,
        NextHop=route.next_hop,
        InterfaceAlias=adapter.name,
        InterfaceIndex=adapter.interface_index,
        AddressFamily="IPv4",
        RouteMetric=route.metric,
        Protocol=protocol,
        Publish="No",
        Store="Active",
        InstanceID=f"{adapter.interface_index};{route.destination};{route.next_hop}",
    )
