"""Get-NetIPAddress, New-NetIPAddress, Set-NetIPAddress and Remove-NetIPAddress, for IPv4."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping, Sequence
from ipaddress import AddressValueError, IPv4Address, IPv4Interface

from nestlab.model import Record
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.behaviour.network.ip_stack import DEFAULT_ROUTE, addresses_of, has_ipv4
from nestlab.simulator.behaviour.network.outermost_switches import outermost_switches
from nestlab.simulator.cmdlets.network.ip_records import (
    LOOPBACK,
    LOOPBACK_INDEX,
    address_record,
    cim_target,
    interfaces,
    loopback_record,
    matches_parameters,
    selected_interface,
    selects_interface,
    wants_ipv4,
    write_records,
)
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.networking import NetAdapter, NetIPAddress, NetRoute

_HOST_PREFIX = 32
_ADDRESS = "MSFT_NetIPAddress"

_Holders = Sequence[tuple[Machine, NetAdapter]]
"""The machines that have an address, each with the adapter that it is on."""


@cmdlet("Get-NetIPAddress")
def get_net_ip_address(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-NetIPAddress: from the active store by default.

    The persistent store has the static addresses.
    """
    wanted = {str(item) for item in bound.values("IPAddress")}
    persistent = bound.text("PolicyStore").lower() == "persistentstore"
    own = [
        (adapter, address)
        for adapter in interfaces(machine, bound)
        for address in addresses_of(adapter)
        if not wanted or address.address in wanted
    ]
    found = _persistent_records(own) if persistent else _active_records(machine, own)
    if (
        wants_ipv4(bound)
        and not wanted
        and not persistent
        and selects_interface(bound, LOOPBACK, LOOPBACK_INDEX)
    ):
        found.append(loopback_record())
    chosen = [
        record
        for record in found
        if matches_parameters(bound, record, "AddressState", "PrefixOrigin", "SuffixOrigin")
    ]
    write_records(bound, sink, chosen, _ADDRESS, ("IPAddress", "InterfaceAlias", "InterfaceIndex"))


def _persistent_records(own: Sequence[tuple[NetAdapter, NetIPAddress]]) -> list[Record]:
    return [
        address_record(adapter, address, store="Persistent", state="Invalid")
        for adapter, address in own
        if address.origin == "Manual"
    ]


def _active_records(
    machine: Machine, own: Sequence[tuple[NetAdapter, NetIPAddress]]
) -> list[Record]:
    holders = _holders(machine, {entry.address for _, entry in own if entry.origin == "Manual"})
    shared = machine.outer_host is None
    return [
        address_record(
            adapter,
            address,
            state=_state(machine, adapter, address, holders.get(address.address, ())),
            shared=shared,
        )
        for adapter, address in own
    ]


def _state(machine: Machine, adapter: NetAdapter, address: NetIPAddress, holders: _Holders) -> str:
    """Return the state of an address: Duplicate if another machine on its network has it."""
    if address.origin != "Manual" or not _is_shared(machine, adapter, holders):
        return "Preferred"
    from nestlab.simulator.behaviour.network.addresses_in_reach import is_used  # noqa: PLC0415  # imports the reachability layer, which hosts without such addresses do not need
    from nestlab.simulator.behaviour.network.world_network import world_network  # noqa: PLC0415  # as above

    used = is_used(world_network(machine.world), machine, adapter, address.address)
    return "Preferred" if used else "Duplicate"


def _holders(machine: Machine, addresses: Collection[str]) -> Mapping[str, _Holders]:
    """Return, by address, the other running machines that have it, each with its adapter."""
    found: dict[str, list[tuple[Machine, NetAdapter]]] = {}
    for _, _, other in machine.world.host.machines() if addresses else ():
        if other is machine:
            continue
        for adapter in other.adapters:
            for entry in adapter.ip.addresses:
                if entry.address in addresses:
                    found.setdefault(entry.address, []).append((other, adapter))
    return found


def _is_shared(machine: Machine, adapter: NetAdapter, holders: _Holders) -> bool:
    """Whether one of the holders of an address is behind the same switches."""
    switches = outermost_switches(machine, adapter) if holders else frozenset()
    return any(not switches.isdisjoint(outermost_switches(*other)) for other in holders)


def _is_in_use(machine: Machine, adapter: NetAdapter, address: str) -> bool:
    """Whether another machine on the network of an adapter has an address."""
    if not _is_shared(machine, adapter, _holders(machine, {address}).get(address, ())):
        return False
    from nestlab.simulator.behaviour.network.addresses_in_reach import origins_in_reach  # noqa: PLC0415  # as above
    from nestlab.simulator.behaviour.network.world_network import world_network  # noqa: PLC0415  # as above

    return address in origins_in_reach(world_network(machine.world), machine, adapter)


@cmdlet("New-NetIPAddress")
def new_net_ip_address(machine: Machine, bound: Bound, sink: Sink) -> None:
    """New-NetIPAddress: turns DHCP off.

    It returns two objects: one for the active store, one for the persistent store.
    """
    adapter = selected_interface(machine, bound)
    interface = _new_address(machine, bound)
    gateway = _gateway(bound, adapter, interface)
    ip = adapter.ip
    if ip.dhcp and not _can_turn_off_dhcp(machine, adapter):
        message = "Inconsistent parameters PolicyStore PersistentStore and Dhcp Enabled"
        raise cmdlet_errors.cim(
            bound.name, "Windows System Error 87", message, "InvalidArgument", cim_target(_ADDRESS)
        )
    ip.dhcp = False
    ip.release()
    length, in_use = interface.network.prefixlen, _is_in_use(machine, adapter, str(interface.ip))
    address = NetIPAddress(str(interface.ip), length, found_in_use=in_use)
    ip.addresses.append(address)
    if gateway is not None:
        ip.routes.append(NetRoute(DEFAULT_ROUTE, str(gateway)))
    sink.output(address_record(adapter, address, state="Tentative"))
    sink.output(address_record(adapter, address, store="Persistent", state="Invalid"))


def _can_turn_off_dhcp(machine: Machine, adapter: NetAdapter) -> bool:
    """Whether DHCP can be turned off: only with a link, and not on the interfaces of a quirk."""
    stuck = machine.world.quirks.dhcp_stays_on if machine.outer_host is None else []
    return adapter.link and adapter.name not in stuck


def _new_address(machine: Machine, bound: Bound) -> IPv4Interface:
    given, length = bound.text("IPAddress"), int(bound.get("PrefixLength", _HOST_PREFIX))
    try:
        address = IPv4Address(given)
    except AddressValueError:
        raise cmdlet_errors.cim(
            bound.name, "Windows System Error 87", f"Invalid parameter IPAddress {given}"
        ) from None
    if length > address.max_prefixlen:
        raise cmdlet_errors.cim(
            bound.name, "Windows System Error 87", f"Invalid parameter PrefixLength {length}"
        )
    interface = IPv4Interface((address, length))
    if any(
        address.address == str(interface.ip)
        for adapter in machine.adapters
        if has_ipv4(adapter)
        for address in addresses_of(adapter)
    ):
        # "The object already exists." was observed in 2024; hosts of 2016 report "Instance
        # MSFT_NetIPAddress already exists".
        if machine.operating_system.build < machine.world.quirks.object_exists_from_build:
            raise cmdlet_errors.cim(
                bound.name,
                "Windows System Error 87",
                "Instance MSFT_NetIPAddress already exists",
                target=cim_target(_ADDRESS),
            )
        raise cmdlet_errors.cim(
            bound.name,
            "Windows System Error 5010",
            "The object already exists.",
            "ResourceExists",
            cim_target(_ADDRESS),
        )
    return interface


def _gateway(bound: Bound, adapter: NetAdapter, interface: IPv4Interface) -> IPv4Address | None:
    given = bound.text("DefaultGateway")
    if not given:
        return None
    gateway: IPv4Address | None = None
    with contextlib.suppress(AddressValueError):
        gateway = IPv4Address(given)
    if gateway is None or gateway not in interface.network:
        raise cmdlet_errors.cim(
            bound.name,
            "Windows System Error 87",
            "Invalid parameter DefaultGateway",
            "InvalidArgument",
            cim_target(_ADDRESS),
        )
    if any(route.destination == DEFAULT_ROUTE and not route.dhcp for route in adapter.ip.routes):
        message = "Instance DefaultGateway already exists"
        raise cmdlet_errors.cim(
            bound.name, "Windows System Error 87", message, "InvalidArgument", cim_target(_ADDRESS)
        )
    return gateway


@cmdlet("Remove-NetIPAddress")
def remove_net_ip_address(machine: Machine, bound: Bound, sink: Sink) -> None:  # noqa: ARG001  # it has no output
    """Remove-NetIPAddress."""
    objects = {
        str(item["IPAddress"]) for item in bound.values("InputObject") if isinstance(item, Record)
    }
    wanted = objects or {str(item) for item in bound.values("IPAddress")}
    gateway = bound.text("DefaultGateway")
    removed = False
    for adapter in interfaces(machine, bound):
        kept = [
            address for address in adapter.ip.addresses if wanted and address.address not in wanted
        ]
        removed = removed or len(kept) != len(adapter.ip.addresses)
        adapter.ip.addresses = kept
        if gateway:
            adapter.ip.routes = [
                r
                for r in adapter.ip.routes
                if (r.destination, r.next_hop) != (DEFAULT_ROUTE, gateway)
            ]
    if not removed:
        raise cmdlet_errors.cim_not_found(bound.name, "MSFT_NetIPAddress")


@cmdlet("Set-NetIPAddress")
def set_net_ip_address(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Set-NetIPAddress: the prefix length of an address."""
    wanted = {str(item) for item in bound.values("IPAddress")}
    found = [
        (adapter, address)
        for adapter in interfaces(machine, bound)
        for address in adapter.ip.addresses
        if not wanted or address.address in wanted
    ]
    if not found:
        raise cmdlet_errors.cim_not_found(bound.name, "MSFT_NetIPAddress")
    length = int(bound.get("PrefixLength", _HOST_PREFIX))
    if length > _HOST_PREFIX:
        raise cmdlet_errors.cim(
            bound.name, "Windows System Error 87", f"Invalid parameter PrefixLength {length}"
        )
    for adapter, address in found:
        address.prefix_length = int(bound.get("PrefixLength", address.prefix_length))
        if bound.is_present("PassThru"):
            sink.output(address_record(adapter, address))
