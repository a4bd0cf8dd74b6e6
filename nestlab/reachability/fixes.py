"""Fixes: changes to a network, their cmdlets, and the check that they suffice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from ipaddress import IPv4Address, IPv4Network
from itertools import groupby

from nestlab.dataclass import replace
from nestlab.model.cmdlet import Cmdlet
from nestlab.model.machine_path import MachinePath
from nestlab.model.ownership import nat_name
from nestlab.model.parameter_values import SwitchParameter
from nestlab.model.topology import Vlan
from nestlab.model.vlan_ids import vlan_list_text
from nestlab.reachability import file_edits
from nestlab.reachability.answer import Fix
from nestlab.reachability.elements import Interface, Nat, Port, Stack
from nestlab.reachability.network import Network
from nestlab.reachability.network_changes import NetworkChange, replacing_stack, with_port
from nestlab.reachability.outcome import Drop, Reason
from nestlab.reachability.port_fixes import BlockingRule
from nestlab.reachability.ports import PortRule
from nestlab.reachability.tables import InterfaceRef

_MAX_ROUNDS = 6
"""A fix may reveal another blocker; for a path that needs more rounds, no fix is proposed."""


def find_fixes(
    network: Network, drop: Drop, retrace: Callable[[Network], Drop | None]
) -> tuple[Fix, ...]:
    """Return the fixes that together unblock the path; empty if there are none.

    Args:
        network: The network before any fix.
        drop: Where the packet was dropped in it.
        retrace: Repeats the trace on a changed network; returns None if it arrives.
    """
    accepted: list[NetworkChange] = []
    for _ in range(_MAX_ROUNDS):
        if drop.status != "unreachable":
            return ()
        helpful = _first_helpful(network, drop, retrace)
        if helpful is None:
            return ()
        changes, network, remaining = helpful
        accepted += changes
        if remaining is None:
            return tuple(_merged(accepted))
        drop = remaining
    return ()


def _first_helpful(
    network: Network, drop: Drop, retrace: Callable[[Network], Drop | None]
) -> tuple[tuple[NetworkChange, ...], Network, Drop | None] | None:
    """Return the first proposal that helps, the changed network, and the drop that remains.

    The first after which the packet arrives is preferred to the first after which it is dropped
    elsewhere or for another reason. None if no proposal helps.
    """
    progress = None
    for changes in _proposals(network, drop):
        changed = reduce(lambda current, change: change.apply(current), changes, network)
        remaining = retrace(changed)
        if remaining is None:
            return changes, changed, None
        if progress is None and (remaining.place, remaining.reason) != (drop.place, drop.reason):
            progress = (changes, changed, remaining)
    return progress


def _merged(changes: Iterable[NetworkChange]) -> Iterator[Fix]:
    """Yield one fix for each run of changes on the same machine."""
    for machine, run in groupby(changes, key=lambda change: change.machine):
        of_machine = list(run)
        cmdlets = dict.fromkeys(cmdlet for change in of_machine for cmdlet in change.cmdlets)
        edits = dict.fromkeys(change.in_file for change in of_machine if change.in_file)
        yield Fix(machine, tuple(cmdlets), verified=True, in_file=tuple(edits))


def _proposals(network: Network, drop: Drop) -> Iterator[tuple[NetworkChange, ...]]:
    """Yield alternatives to try against a drop, each the changes that have to be made together."""
    if drop.blocking:
        yield tuple(_port_change(blocking) for blocking in drop.blocking)
        return
    if drop.interface is None:
        return
    stack = network.stacks[drop.interface.stack]
    if stack.kind != "machine":
        return
    port = stack.interfaces[drop.interface.interface].port
    disconnected = port.wire is not None and not port.connected
    if drop.reason is Reason.ADAPTER_DISCONNECTED and disconnected:
        yield (_port_change(BlockingRule(PortRule.DISCONNECTED, port)),)
    if stack.os == "windows":
        yield from ((change,) for change in _windows_changes(network, drop, drop.interface))


def _windows_changes(network: Network, drop: Drop, ref: InterfaceRef) -> Iterator[NetworkChange]:
    """Yield the changes in Windows, on the machine that dropped the packet."""
    stack = network.stacks[ref.stack]
    if drop.reason in (Reason.NO_ROUTE, Reason.NEIGHBOR_UNREACHABLE):
        yield from _gateway_changes(network, ref.stack)
    if drop.reason is Reason.NOT_FORWARDING and drop.packet is not None and not drop.packet.reply:
        interface = stack.interfaces[ref.interface]
        yield from _nat_changes(network, stack, interface, drop.packet.source)
    if drop.reason is Reason.ECHO_BLOCKED:
        allow = Cmdlet("Enable-NetFirewallRule", {"Name": "FPS-ICMP4-ERQ-In"})
        answering = replace(stack, answers_ping=True)
        change = replacing_stack(stack, answering)
        edit = file_edits.set_answers_ping(stack)
        yield NetworkChange(stack.machine, (allow,), change, edit)


def _port_change(blocking: BlockingRule) -> NetworkChange:
    port = blocking.port
    if blocking.rule is PortRule.SPOOFING:
        cmdlets, new = _spoofing_on(port), {"mac_address_spoofing": True}
        edit = file_edits.set_spoofing(port)
    elif blocking.rule is PortRule.DISCONNECTED:
        cmdlets, new = _connect(port), {"connected": True}
        edit = file_edits.set_connected(port)
    else:
        wanted = blocking.vlan or Vlan()
        return NetworkChange(
            _machine(port),
            _set_vlan(port, wanted),
            lambda network: with_port(network, port, vlan=wanted),
            file_edits.set_vlan(port, wanted),
        )
    return NetworkChange(
        _machine(port), cmdlets, lambda network: with_port(network, port, **new), edit
    )


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
    # -VMNetworkAdapterName takes the Hyper-V name of a management adapter (that of its switch,
    # unless it is a further one), without the "vEthernet (...)" of Windows.
    management = {
        "ManagementOS": SwitchParameter.ON,
        "VMNetworkAdapterName": port.adapter.removeprefix("vEthernet (").removesuffix(")"),
    }
    of_vm = {"VMName": port.vm, "VMNetworkAdapterName": port.adapter}
    adapter = of_vm if port.vm else management
    if vlan.trunk:
        tags = vlan_list_text(vlan.trunk)
        mode = {
            "Trunk": SwitchParameter.ON,
            "AllowedVlanIdList": tags,
            "NativeVlanId": vlan.native or 0,
        }
    elif vlan.access is not None:
        mode = {"Access": SwitchParameter.ON, "VlanId": vlan.access}
    else:
        mode = {"Untagged": SwitchParameter.ON}
    return (Cmdlet("Set-VMNetworkAdapterVlan", {**adapter, **mode}),)


def _gateway_changes(network: Network, number: int) -> Iterator[NetworkChange]:
    """Yield the changes of a machine's default gateway: one for each router on its networks."""
    tables = network.tables
    stack = network.stacks[number]
    for index, interface in enumerate(stack.interfaces):
        for ref, other in tables.interface_refs():
            router = network.stacks[ref.stack]
            is_router = router.kind == "gateway" or router.nats or other.forwarding
            if ref.stack == number or not is_router:
                continue
            if not tables.can_exchange_frames(interface.port, other.port):
                continue
            for address in other.addresses:
                on_link = any(address.ip in own.network for own in interface.addresses)
                if on_link and address.ip != interface.gateway:
                    yield _gateway_change(stack, InterfaceRef(number, index), address.ip)


def _gateway_change(stack: Stack, ref: InterfaceRef, gateway: IPv4Address) -> NetworkChange:
    """Return the change of a machine's default gateway."""
    interface = stack.interfaces[ref.interface]
    default_route = {"InterfaceAlias": interface.name, "DestinationPrefix": "0.0.0.0/0"}
    old = (
        []
        if interface.gateway is None
        else [Cmdlet("Remove-NetRoute", {**default_route, "Confirm": SwitchParameter.OFF})]
    )
    new = Cmdlet("New-NetRoute", {**default_route, "NextHop": str(gateway)})
    interfaces = list(stack.interfaces)
    interfaces[ref.interface] = replace(interface, gateway=gateway)
    return NetworkChange(
        stack.machine,
        (*old, new),
        replacing_stack(stack, replace(stack, interfaces=tuple(interfaces))),
        file_edits.set_gateway(interface, gateway),
    )


def _nat_changes(
    network: Network, stack: Stack, interface: Interface, source: int
) -> Iterator[NetworkChange]:
    """Yield the change to a NAT that translates a source address, if Windows supports one there."""
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
    wire = interface.port.wire
    name = interface.name if wire is None else wire.name
    if network.topology_name and file_edits.set_nat(stack, interface, inside):
        name = nat_name(network.topology_name, name)
    yield _nat_change(stack, interface, inside, name)


def _nat_change(
    stack: Stack, interface: Interface, inside: IPv4Network, new_name: str
) -> NetworkChange:
    """Return the change that replaces the NATs of a machine by one for a network."""
    old = [
        Cmdlet("Remove-NetNat", {"Name": nat.name, "Confirm": SwitchParameter.OFF})
        for nat in stack.nats
    ]
    name = stack.nats[0].name if stack.nats else new_name
    new = Cmdlet("New-NetNat", {"Name": name, "InternalIPInterfaceAddressPrefix": str(inside)})
    changed = replace(stack, nats=(Nat(prefix=inside, name=name),))
    edit = file_edits.set_nat(stack, interface, inside)
    return NetworkChange(stack.machine, (*old, new), replacing_stack(stack, changed), edit)
