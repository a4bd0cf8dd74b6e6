"""Fixes: changes to a network, their cmdlets, and the check that they are sufficient."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from ipaddress import IPv4Address
from itertools import groupby

from nestlab.dataclass import dataclass, replace
from nestlab.model.cmdlet import Cmdlet
from nestlab.model.parameter_values import SwitchParameter
from nestlab.reachability import file_edits, topology_edits
from nestlab.reachability.answer import Fix
from nestlab.reachability.elements import Interface, Stack
from nestlab.reachability.forwarding_fixes import forwarding_changes
from nestlab.reachability.network import Network
from nestlab.reachability.network_changes import NetworkChange, replacing_stack
from nestlab.reachability.outcome import Drop, Reason
from nestlab.reachability.port_changes import port_change
from nestlab.reachability.port_fixes import BlockingRule, minimal_changes
from nestlab.reachability.ports import PortRule
from nestlab.reachability.tables import InterfaceRef
from nestlab.reachability.topology_edits import TopologyEdit, all_edits

_MAX_ROUNDS = 6
"""After a fix, the packet may be dropped again; if more rounds are needed, no fix is proposed."""


def find_fixes(
    network: Network,
    drop: Drop,
    retrace: Callable[[Network], Drop | None],
    breaks: Callable[[Network, TopologyEdit], tuple[str, ...]],
) -> tuple[tuple[Fix, ...], tuple[str, ...]]:
    """Return the fixes that together unblock the path, and what they would break.

    Both are empty if there are no fixes. Fixes that break nothing are preferred.

    Args:
        network: The network before any fix.
        drop: Where the packet was dropped in it.
        retrace: Repeats the trace on a changed network; returns None if it arrives.
        breaks: Returns what a changed network, and the equivalent edit of the topology, break.
    """
    accepted: tuple[NetworkChange, ...] = ()
    for _ in range(_MAX_ROUNDS):
        if drop.status != "unreachable":
            return (), ()
        found = list(_helpful(network, drop, retrace, accepted))
        whole = [each for each in found if each.remaining is None]
        for each in whole:
            if not (broken := each.breaks(breaks)):
                return tuple(_merged(each.changes, verified=True)), ()
        if whole:
            broken = whole[0].breaks(breaks)
            return tuple(_merged(whole[0].changes, verified=False)), broken
        if not found:
            return (), ()
        accepted, network, drop = found[0].changes, found[0].network, found[0].remaining or drop
    return (), ()


@dataclass(frozen=True)
class _Proposal:
    """All changes made so far, the network with them, and where the packet is dropped now."""

    changes: tuple[NetworkChange, ...]
    network: Network
    remaining: Drop | None

    def breaks(self, breaks: Callable[[Network, TopologyEdit], tuple[str, ...]]) -> tuple[str, ...]:
        edits = tuple(change.in_topology for change in self.changes if change.in_file)
        return breaks(self.network, all_edits(edits))


def _helpful(
    network: Network,
    drop: Drop,
    retrace: Callable[[Network], Drop | None],
    accepted: tuple[NetworkChange, ...],
) -> Iterator[_Proposal]:
    """Yield the proposals after which the packet arrives, or its drop has moved or changed."""
    for changes in _proposals(network, drop):
        changed = reduce(lambda current, change: change.apply(current), changes, network)
        remaining = retrace(changed)
        if remaining is None or (remaining.place, remaining.reason) != (drop.place, drop.reason):
            yield _Proposal((*accepted, *changes), changed, remaining)


def _merged(changes: Iterable[NetworkChange], *, verified: bool) -> Iterator[Fix]:
    """Yield one fix for consecutive changes on the same machine."""
    for machine, run in groupby(changes, key=lambda change: change.machine):
        of_machine = list(run)
        cmdlets = dict.fromkeys(cmdlet for change in of_machine for cmdlet in change.cmdlets)
        edits = dict.fromkeys(change.in_file for change in of_machine if change.in_file)
        yield Fix(machine, tuple(cmdlets), verified=verified, in_file=tuple(edits))


def _proposals(network: Network, drop: Drop) -> Iterator[tuple[NetworkChange, ...]]:
    """Yield alternatives to try against a drop, each the changes that have to be made together."""
    if drop.blocking:
        yield tuple(port_change(blocking) for blocking in drop.blocking)
        yield from _changes_at_requester(network, drop)
        return
    if drop.interface is None:
        return
    stack = network.stacks[drop.interface.stack]
    if stack.kind != "machine":
        return
    port = stack.interfaces[drop.interface.interface].port
    disconnected = port.wire is not None and not port.connected
    if drop.reason is Reason.ADAPTER_DISCONNECTED and disconnected:
        yield (port_change(BlockingRule(PortRule.DISCONNECTED, port)),)
    if stack.os == "windows":
        yield from ((change,) for change in _windows_changes(network, drop, drop.interface))


def _changes_at_requester(network: Network, drop: Drop) -> Iterator[tuple[NetworkChange, ...]]:
    """Yield the alternative of equally few port changes, nearer to the sender."""
    if drop.interface is None or drop.target is None:
        return
    tables = network.tables
    sender, target = (tables.interface(ref).port for ref in (drop.interface, drop.target))
    rules = minimal_changes(tables, sender, target, at_requester=True)
    if rules and rules != drop.blocking:
        yield tuple(port_change(blocking) for blocking in rules)


def _windows_changes(network: Network, drop: Drop, ref: InterfaceRef) -> Iterator[NetworkChange]:
    """Yield the changes in Windows, on the machine that dropped the packet."""
    stack = network.stacks[ref.stack]
    if drop.reason in (Reason.NO_ROUTE, Reason.NEIGHBOR_UNREACHABLE):
        yield from _gateway_changes(network, ref.stack)
    if drop.reason is Reason.NOT_FORWARDING and drop.packet is not None and not drop.packet.reply:
        interface = stack.interfaces[ref.interface]
        yield from forwarding_changes(network, stack, interface, drop.packet)
    if drop.reason is Reason.ECHO_BLOCKED:
        allow = Cmdlet("Enable-NetFirewallRule", {"Name": "FPS-ICMP4-ERQ-In"})
        answering = replace(stack, answers_ping=True)
        change = replacing_stack(stack, answering)
        edit = file_edits.set_answers_ping(stack)
        in_topology = topology_edits.edit_answers_ping(stack)
        yield NetworkChange(stack.machine, (allow,), change, edit, in_topology)


def _gateway_changes(network: Network, number: int) -> Iterator[NetworkChange]:
    """Yield the changes of a machine's default gateway: one for each router on its networks."""
    tables = network.tables
    stack = network.stacks[number]
    for index, interface in enumerate(stack.interfaces):
        for ref, other in tables.interface_refs:
            router = network.stacks[ref.stack]
            is_router = router.kind == "gateway" or router.nats or other.forwarding
            if ref.stack == number or not is_router:
                continue
            if not tables.can_exchange_frames(interface.port, other.port):
                continue
            for address in other.addresses:
                on_link = any(address.ip in assigned.network for assigned in interface.addresses)
                if on_link and address.ip != interface.gateway:
                    yield _gateway_change(stack, InterfaceRef(number, index), address.ip)


def _gateway_change(stack: Stack, ref: InterfaceRef, gateway: IPv4Address) -> NetworkChange:
    """Return the change of a machine's default gateway."""
    interface = stack.interfaces[ref.interface]
    remove = Cmdlet("Remove-NetRoute", {**_DEFAULT_ROUTE, "Confirm": SwitchParameter.OFF})
    old = [] if interface.gateway is None else [_on_interface(interface, remove)]
    add = Cmdlet("New-NetRoute", {**_DEFAULT_ROUTE, "NextHop": str(gateway)})
    new = _on_interface(interface, add)
    interfaces = list(stack.interfaces)
    interfaces[ref.interface] = replace(interface, gateway=gateway)
    return NetworkChange(
        stack.machine,
        (*old, new),
        replacing_stack(stack, replace(stack, interfaces=tuple(interfaces))),
        file_edits.set_gateway(interface, gateway),
        topology_edits.edit_gateway(interface, gateway),
    )


_DEFAULT_ROUTE = {"DestinationPrefix": "0.0.0.0/0"}


def _on_interface(interface: Interface, cmdlet: Cmdlet) -> Cmdlet:
    """Return a cmdlet for an adapter of Windows.

    Windows in a guest does not know Hyper-V's name of the adapter, so it is found by its address:
    the cmdlets accept the InterfaceAlias of the piped address by property name
    (https://learn.microsoft.com/powershell/module/nettcpip/new-netroute).
    """
    if not interface.port.vm:
        return Cmdlet(cmdlet.name, {"InterfaceAlias": interface.name, **cmdlet.parameters})
    address = {"IPAddress": str(interface.addresses[0].ip)}
    return Cmdlet("Get-NetIPAddress", address, cmdlet)
