"""Fixes: changes to a network, their cmdlets, and the check that they suffice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import reduce
from ipaddress import IPv4Address, IPv4Network

from nestlab.model.cmdlet import Cmdlet
from nestlab.model.machine_path import MachinePath
from nestlab.model.parameter_values import SwitchParameter
from nestlab.model.topology import Vlan
from nestlab.model.vlan_ids import vlan_list
from nestlab.reachability.answer import Fix
from nestlab.reachability.elements import Interface, Nat, Port, Stack
from nestlab.reachability.network import Network
from nestlab.reachability.outcome import Drop, Reason
from nestlab.reachability.port_fixes import BlockingRule
from nestlab.reachability.ports import PortRule
from nestlab.reachability.tables import Place

MAX_FIXES = 6
"""One fix may reveal another blocker; a path that needs more fixes than this gets none."""


@dataclass(frozen=True)
class NetworkChange:
    """One fix: its machine, its cmdlets, and the function that applies it to a network."""

    machine: MachinePath
    cmdlets: tuple[Cmdlet, ...]
    apply: Callable[[Network], Network]


def find_fixes(
    network: Network, drop: Drop, retrace: Callable[[Network], Drop | None]
) -> tuple[Fix, ...]:
    """Return the fixes that together unblock the path; empty where there are none.

    Args:
        network: The network before any fix.
        drop: Where the packet was dropped in it.
        retrace: Repeats the trace on a changed network; returns None where it arrives.
    """
    made: list[NetworkChange] = []
    for _ in range(MAX_FIXES):
        if drop.status != "unreachable":
            return ()
        step = _best(network, drop, retrace)
        if step is None:
            return ()
        changes, network, left = step
        made += changes
        if left is None:
            return tuple(_merged(made))
        drop = left
    return ()


def _best(
    network: Network, drop: Drop, retrace: Callable[[Network], Drop | None]
) -> tuple[tuple[NetworkChange, ...], Network, Drop | None] | None:
    """Return the first proposal that unblocks the path, or else the first that moves the drop."""
    moved = None
    for changes in _proposals(network, drop):
        changed = reduce(lambda current, change: change.apply(current), changes, network)
        left = retrace(changed)
        if left is None:
            return changes, changed, None
        if moved is None and (left.place, left.reason) != (drop.place, drop.reason):
            moved = (changes, changed, left)
    return moved


def _merged(changes: Iterable[NetworkChange]) -> Iterator[Fix]:
    """Yield one fix for each run of changes on the same machine."""
    machine: MachinePath | None = None
    cmdlets: list[Cmdlet] = []
    for change in changes:
        if machine is not None and change.machine != machine:
            yield Fix(machine, tuple(dict.fromkeys(cmdlets)), verified=True)
            cmdlets = []
        machine = change.machine
        cmdlets += change.cmdlets
    if machine is not None:
        yield Fix(machine, tuple(dict.fromkeys(cmdlets)), verified=True)


def _proposals(network: Network, drop: Drop) -> Iterator[tuple[NetworkChange, ...]]:
    if drop.broken:
        yield tuple(_port_change(broken) for broken in drop.broken)
        return
    if drop.at is None:
        return
    stack = network.stacks[drop.at.stack]
    if stack.kind != "machine":
        return
    interface = stack.interfaces[drop.at.interface]
    if (
        drop.reason is Reason.ADAPTER_DISCONNECTED
        and interface.port.wire is not None
        and not interface.port.connected
    ):
        yield (_port_change(BlockingRule(PortRule.DISCONNECTED, interface.port)),)
    if stack.os != "windows":
        return
    if drop.reason in (Reason.NO_ROUTE, Reason.NEIGHBOR_UNREACHABLE):
        yield from ((change,) for change in _gateways(network, drop.at.stack))
    if drop.reason is Reason.NOT_FORWARDING and drop.packet is not None and not drop.packet.reply:
        yield from ((change,) for change in _nats(stack, interface, drop.packet.source))
    if drop.reason is Reason.ECHO_BLOCKED:
        allow = Cmdlet("Enable-NetFirewallRule", {"Name": "FPS-ICMP4-ERQ-In"})
        yield (
            NetworkChange(
                stack.machine, (allow,), _stack_changed(stack, replace(stack, answers_ping=True))
            ),
        )


def _port_change(broken: BlockingRule) -> NetworkChange:
    port = broken.port
    if broken.rule is PortRule.SPOOFING:
        cmdlets, new = _spoofing_on(port), {"mac_address_spoofing": True}
    elif broken.rule is PortRule.DISCONNECTED:
        cmdlets, new = _connect(port), {"connected": True}
    else:
        wanted = broken.vlan or Vlan()
        return NetworkChange(
            _machine(port),
            _set_vlan(port, wanted),
            lambda network: with_port(network, port, vlan=wanted),
        )
    return NetworkChange(_machine(port), cmdlets, lambda network: with_port(network, port, **new))


def _machine(port: Port) -> MachinePath:
    return port.wire.machine if port.wire is not None else ()


def _spoofing_on(port: Port) -> tuple[Cmdlet, ...]:
    return (
        Cmdlet(
            "Set-VMNetworkAdapter",
            {"VMName": port.vm, "Name": port.adapter, "MacAddressSpoofing": "On"},
        ),
    )


def _connect(port: Port) -> tuple[Cmdlet, ...]:
    switch = port.wire.name if port.wire is not None else ""
    return (
        Cmdlet(
            "Connect-VMNetworkAdapter",
            {"VMName": port.vm, "Name": port.adapter, "SwitchName": switch},
        ),
    )


def _set_vlan(port: Port, vlan: Vlan) -> tuple[Cmdlet, ...]:
    # -VMNetworkAdapterName of a management adapter is the name of its switch, without the
    # "vEthernet (...)" of Windows.
    own = {
        "ManagementOS": SwitchParameter.ON,
        "VMNetworkAdapterName": port.adapter.removeprefix("vEthernet (").removesuffix(")"),
    }
    who = {"VMName": port.vm, "VMNetworkAdapterName": port.adapter} if port.vm else own
    if vlan.trunk:
        tags = vlan_list(vlan.trunk)
        mode = {
            "Trunk": SwitchParameter.ON,
            "AllowedVlanIdList": tags,
            "NativeVlanId": vlan.native or 0,
        }
    elif vlan.access is not None:
        mode = {"Access": SwitchParameter.ON, "VlanId": vlan.access}
    else:
        mode = {"Untagged": SwitchParameter.ON}
    return (Cmdlet("Set-VMNetworkAdapterVlan", {**who, **mode}),)


def _gateways(network: Network, number: int) -> Iterator[NetworkChange]:
    """Yield a change of the default gateway for every router on the networks of a machine."""
    tables = network.tables
    stack = network.stacks[number]
    for index, interface in enumerate(stack.interfaces):
        for place, other in tables.places():
            routes = network.stacks[place.stack]
            if place.stack == number or not (
                routes.kind == "gateway" or routes.nats or other.forwarding
            ):
                continue
            if not tables.can_exchange_frames(interface.port, other.port):
                continue
            for address in other.addresses:
                if (
                    any(address.ip in own.network for own in interface.addresses)
                    and address.ip != interface.gateway
                ):
                    yield _gateway(stack, Place(number, index), address.ip)


def _gateway(stack: Stack, place: Place, gateway: IPv4Address) -> NetworkChange:
    interface = stack.interfaces[place.interface]
    everything = {"InterfaceAlias": interface.name, "DestinationPrefix": "0.0.0.0/0"}
    old = (
        []
        if interface.gateway is None
        else [Cmdlet("Remove-NetRoute", {**everything, "Confirm": SwitchParameter.OFF})]
    )
    new = Cmdlet("New-NetRoute", {**everything, "NextHop": str(gateway)})
    interfaces = list(stack.interfaces)
    interfaces[place.interface] = replace(interface, gateway=gateway)
    return NetworkChange(
        stack.machine,
        (*old, new),
        _stack_changed(stack, replace(stack, interfaces=tuple(interfaces))),
    )


def _nats(stack: Stack, interface: Interface, source: int) -> Iterator[NetworkChange]:
    inside = next(
        (
            address.network
            for address in interface.addresses
            if IPv4Address(source) in address.network
        ),
        None,
    )
    if (
        inside is None
        or len(stack.nats) > 1
        or any(not nat.prefix.overlaps(inside) for nat in stack.nats)
    ):
        return  # Windows supports one NAT network per machine.
    yield _nat(stack, interface, inside)


def _nat(stack: Stack, interface: Interface, inside: IPv4Network) -> NetworkChange:
    old = [
        Cmdlet("Remove-NetNat", {"Name": nat.name, "Confirm": SwitchParameter.OFF})
        for nat in stack.nats
    ]
    name = (
        stack.nats[0].name
        if stack.nats
        else (interface.port.wire.name if interface.port.wire is not None else interface.name)
    )
    new = Cmdlet("New-NetNat", {"Name": name, "InternalIPInterfaceAddressPrefix": str(inside)})
    changed = replace(stack, nats=(Nat(prefix=inside, name=name),))
    return NetworkChange(stack.machine, (*old, new), _stack_changed(stack, changed))


def _stack_changed(old: Stack, new: Stack) -> Callable[[Network], Network]:
    return lambda network: replace(
        network, stacks=tuple(new if stack is old else stack for stack in network.stacks)
    )


def with_port(network: Network, port: Port, **new: object) -> Network:
    """Return the network with one port changed, wherever it occurs.

    A port is identified by its wire, VM and adapter.
    """

    def changed(candidate: Port) -> Port:
        same = (candidate.wire, candidate.vm, candidate.adapter) == (
            port.wire,
            port.vm,
            port.adapter,
        )
        return replace(candidate, **new) if same else candidate  # type: ignore[arg-type]  # fields of Port by name

    uplinks = tuple(
        replace(link, port=changed(link.port), others=tuple(map(changed, link.others)))
        if link.port is not None
        else link
        for link in network.uplinks
    )
    stacks = tuple(
        replace(
            stack,
            interfaces=tuple(
                replace(interface, port=changed(interface.port)) for interface in stack.interfaces
            ),
        )
        for stack in network.stacks
    )
    return replace(network, uplinks=uplinks, stacks=stacks)
