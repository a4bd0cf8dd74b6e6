"""The records of the NetTCPIP module, and the interfaces that a call selects."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
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
from nestlab.simulator.powershell.record_cache import shared_records
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
    adapter: NetAdapter,
    address: NetIPAddress,
    *,
    store: str = "Active",
    state: str = "Preferred",
    shared: bool = False,
) -> Record:
    """Return what Get-NetIPAddress shows. `shared`: see `shared_records`."""
    return _address_record(
        (adapter.name, adapter.interface_index),
        (address.address, address.prefix_length, address.origin),
        state if adapter.link else "Tentative",
        store,
        shared=shared,
    )


@shared_records
def _address_record(
    interface: tuple[str, int], entry: tuple[str, int, str], state: str, store: str
) -> Record:
    (alias, index), (address, prefix_length, origin) = interface, entry
    return make_record(
        "MSFT_NetIPAddress",
        IPAddress=address,
        IPv4Address=address,
        PrefixLength=prefix_length,
        InterfaceAlias=alias,
        InterfaceIndex=index,
        AddressFamily="IPv4",
        AddressState=state,
        PrefixOrigin=origin,
        SuffixOrigin={"WellKnown": "Link"}.get(origin, origin),
        Store=store,
        Type="Unicast",
        SkipAsSource=False,
        InstanceID=f"{index};{address};{store}",
    )


def loopback_record() -> Record:
    """Return the record of 127.0.0.1 in Get-NetIPAddress."""
    adapter = NetAdapter(LOOPBACK, "Software Loopback Interface 1", LOOPBACK_INDEX, "", "")
    return address_record(adapter, NetIPAddress("127.0.0.1", 8, "WellKnown"), shared=True)


def interface_record(adapter: NetAdapter, *, shared: bool = False) -> Record:
    """Return what Get-NetIPInterface shows. `shared`: see `shared_records`."""
    ip = adapter.ip
    return _interface_record(
        (adapter.name, adapter.interface_index),
        (ip.dhcp, ip.forwarding, ip.interface_metric is None, adapter.link),
        interface_metric(adapter),
        ip.mtu,
        shared=shared,
    )


@shared_records
def _interface_record(
    interface: tuple[str, int], flags: tuple[bool, bool, bool, bool], metric: int, mtu: int
) -> Record:
    dhcp, forwarding, automatic_metric, link = flags
    return make_record(
        "MSFT_NetIPInterface",
        InterfaceAlias=interface[0],
        InterfaceIndex=interface[1],
        AddressFamily="IPv4",
        Dhcp="Enabled" if dhcp else "Disabled",
        Forwarding="Enabled" if forwarding else "Disabled",
        AutomaticMetric="Enabled" if automatic_metric else "Disabled",
        InterfaceMetric=metric,
        ConnectionState="Connected" if link else "Disconnected",
        NlMtu=mtu,
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
        own += [
            (NetRoute(prefix, ON_LINK), "Local")
            for prefix in _local_prefixes(address.address, address.prefix_length)
        ]
    return own


@lru_cache(maxsize=4096)  # each observation of a machine lists its routes
def _local_prefixes(address: str, prefix_length: int) -> tuple[str, str, str]:
    network: IPv4Network = IPv4Interface(f"{address}/{prefix_length}").network
    return str(network), f"{address}/32", f"{network.broadcast_address}/32"


def route_record(
    adapter: NetAdapter, route: NetRoute, protocol: str, *, shared: bool = False
) -> Record:
    """Return what Get-NetRoute shows. `shared`: see `shared_records`."""
    return _route_record(
        (adapter.name, adapter.interface_index),
        (route.destination, route.next_hop),
        route.metric,
        protocol,
        shared=shared,
    )


@shared_records
def _route_record(
    interface: tuple[str, int], route: tuple[str, str], metric: int, protocol: str
) -> Record:
    destination, next_hop = route
    return make_record(
        "MSFT_NetRoute",
        DestinationPrefix=destination,
        NextHop=next_hop,
        InterfaceAlias=interface[0],
        InterfaceIndex=interface[1],
        AddressFamily="IPv4",
        RouteMetric=metric,
        Protocol=protocol,
        Publish="No",
        Store="Active",
        InstanceID=f"{interface[1]};{destination};{next_hop}",
    )
