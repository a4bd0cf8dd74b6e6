"""The walk of a packet through IP stacks: route, resolve, deliver or forward, and reply."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address
from typing import NamedTuple

from nestlab.reachability.addresses import ip
from nestlab.reachability.arrival_drops import no_echo, reply_elsewhere, routing_loop
from nestlab.reachability.drops import (
    is_inside_nat,
    nat_for,
    no_route,
    not_forwarding,
    not_known_to_translate,
    not_own_address,
    private_address_drop,
    undetermined,
)
from nestlab.reachability.elements import Interface, Nat, Stack
from nestlab.reachability.neighbor import resolve_neighbor
from nestlab.reachability.outcome import Arrival, Drop, Packet, Reason, stack_place
from nestlab.reachability.tables import InterfaceRef, NextHop
from nestlab.reachability.walk_state import NatSession, Walk, WalkStep
from nestlab.texts import tr

HOP_LIMIT = 32
"""No lab has a path of so many hops: a packet that takes them is in a routing loop."""


class _Forwarded(NamedTuple):
    packet: Packet
    hop: NextHop


@lru_cache(maxsize=65536)
def routed_on_internet(address: int) -> bool:
    """Whether the internet has routes to an address, unlike private and other special ones.

    Multicast addresses, which Python calls global, are not forwarded without multicast routing.
    """
    found = IPv4Address(address)
    return found.is_global and not found.is_multicast


def ping(
    walk: Walk, stack: int, destination: int, source: int | None = None, expected: int | None = None
) -> Drop | None:
    """Send an echo request and walk the reply back; return the drop, or None if both arrive.

    `expected` is the stack that should answer: another machine may have its address on another
    wire. Where something unknown could lead the packet along another path, the result is
    undetermined.
    """
    drop = _round_trip(walk, stack, destination, source, expected)
    definite = drop is None or drop.status == "unreachable"
    return walk.uncertainties[0] if walk.uncertainties and definite else drop


def _round_trip(
    walk: Walk, stack: int, destination: int, source: int | None, expected: int | None
) -> Drop | None:
    arrival = _send(walk, stack, source, destination)
    if isinstance(arrival, Drop):
        return arrival
    target = walk.tables.stacks[arrival.stack]
    unanswered = no_echo(walk.tables, stack, arrival, expected)
    if unanswered is not None:
        return unanswered
    answer = Packet(arrival.packet.destination, arrival.packet.source, reply=True)
    # Windows uses strong host send; Linux replies through the adapter that its routes select.
    any_adapter = arrival.internet or arrival.weak or target.os == "linux"
    only_interface = None if any_adapter else _interface_with(target, answer.source)
    back = _answer(walk, arrival, answer, only_interface)
    if isinstance(back, Drop):
        return back
    if back.internet or back.stack != stack:
        return reply_elsewhere(walk.tables, stack, back)
    return None


def _interface_with(stack: Stack, address: int) -> int | None:
    return next(
        (n for n, i in enumerate(stack.interfaces) if any(int(a) == address for a in i.addresses)),
        None,
    )


def _send(walk: Walk, stack: int, source: int | None, destination: int) -> Arrival | Drop:
    tables = walk.tables
    sender = tables.stacks[stack]
    only_interface = None if source is None else _interface_with(sender, source)
    hop = tables.route(stack, destination, only_interface=only_interface)
    packet = Packet(source or 0, destination)
    if hop is None:
        return no_route(tables, stack, packet, only_interface)
    if source is None:
        packet = Packet(
            _source_address(sender.interfaces[hop.interface], hop.neighbor), destination
        )
    _record_uncertainty(walk, stack, hop, packet, only_interface)
    walk.steps.append(WalkStep("send", stack, packet, hop))
    return _transmit(walk, stack, hop, packet)


def _answer(
    walk: Walk, arrival: Arrival, answer: Packet, only_interface: int | None
) -> Arrival | Drop:
    tables = walk.tables
    hop = tables.route(arrival.stack, answer.destination, only_interface=only_interface)
    if hop is None:
        if arrival.internet:
            ref = InterfaceRef(arrival.stack, arrival.interface)
            return private_address_drop(tables, answer, ref)
        return no_route(tables, arrival.stack, answer, only_interface)
    _record_uncertainty(walk, arrival.stack, hop, answer, only_interface)
    walk.steps.append(WalkStep("send", arrival.stack, answer, hop))
    return _transmit(walk, arrival.stack, hop, answer)


def _source_address(interface: Interface, neighbor_address: int) -> int:
    """Return the source address that Windows selects: in the neighbor's network, or the first."""
    if len(interface.addresses) == 1:
        return int(interface.addresses[0])
    target = IPv4Address(neighbor_address)
    return int(
        next((a for a in interface.addresses if target in a.network), interface.addresses[0]).ip
    )


def _record_uncertainty(
    walk: Walk, stack: int, hop: NextHop, packet: Packet, only_interface: int | None = None
) -> None:
    """Record that an adapter whose settings are not known may have a better route."""
    tables = walk.tables
    if not tables.unresolved[stack] or only_interface is not None or hop.network.prefixlen:
        return
    machine = tables.stacks[stack]
    chosen = machine.interfaces[hop.interface]
    owners = tables.owners.get(packet.destination, ())
    for index in tables.unresolved[stack]:
        other = machine.interfaces[index]
        same_network = any(
            tables.can_exchange_frames(other.port, tables.interface(ref).port) for ref in owners
        )
        if index != hop.interface and (other.metric <= chosen.metric or same_network):
            why = tr(
                "it is not known whether packets to {ip} leave there", ip=ip(packet.destination)
            )
            walk.uncertainties.append(undetermined(tables, InterfaceRef(stack, index), packet, why))


def _transmit(walk: Walk, stack: int, hop: NextHop, packet: Packet) -> Arrival | Drop:
    """Pass a packet from machine to machine until one accepts or drops it."""
    tables = walk.tables
    for _ in range(HOP_LIMIT):
        out = InterfaceRef(stack, hop.interface)
        if packet.destination in tables.own_addresses[stack]:
            walk.steps.append(WalkStep("accept", stack, packet))
            return Arrival(stack, hop.interface, packet)
        into = resolve_neighbor(tables, out, hop.neighbor, packet)
        if isinstance(into, Drop):
            walk.steps.append(WalkStep("arp", stack, packet, hop, out))
            return into
        walk.steps.append(WalkStep("wire", stack, packet, hop, out, into))
        result = _arrive(walk, into, packet)
        if not isinstance(result, _Forwarded):
            return result
        stack, hop, packet = into.stack, result.hop, result.packet
    return routing_loop(tables.stacks[stack], packet)


def _arrive(walk: Walk, into: InterfaceRef, packet: Packet) -> Arrival | Drop | _Forwarded:
    session = _session(walk, into, packet)
    if session is not None:
        inner = packet._replace(destination=session.inner)
        walk.steps.append(WalkStep("session", into.stack, inner))
        return _forward(walk, into, inner, allowed=True)
    if packet.destination in walk.tables.own_addresses[into.stack]:
        return _accept(walk, into, packet)
    if walk.tables.stacks[into.stack].kind == "gateway":
        return _gateway_forward(walk, into, packet)
    return _forward(walk, into, packet, allowed=False)


def _session(walk: Walk, into: InterfaceRef, packet: Packet) -> NatSession | None:
    """Return the NAT session that a reply belongs to; None if there is none."""
    wanted = (into.stack, packet.destination, packet.source)
    sessions = walk.sessions if packet.reply else ()
    return next((s for s in sessions if (s.stack, s.outer, s.peer) == wanted), None)


def _accept(walk: Walk, into: InterfaceRef, packet: Packet) -> Arrival | Drop:
    stack = walk.tables.stacks[into.stack]
    interface = stack.interfaces[into.interface]
    on_interface = any(int(address) == packet.destination for address in interface.addresses)
    # Strong host receive: Windows accepts packets for an address only on the adapter that has it.
    # A router, and a NAT towards its inside, answer for all their addresses. Linux accepts them on
    # any adapter (the weak host model of RFC 1122). For an unknown operating system the result is
    # undetermined.
    weak = stack.os == "linux" or interface.forwarding
    if not (on_interface or weak) and nat_for(stack, interface, packet.source) is None:
        return not_own_address(stack, interface, packet, into)
    walk.steps.append(WalkStep("accept", into.stack, packet, interface=into))
    return Arrival(into.stack, into.interface, packet, weak=not on_interface)


def _gateway_forward(walk: Walk, into: InterfaceRef, packet: Packet) -> Arrival | Drop | _Forwarded:
    """Forward at the router of a physical network: by its routes, or to the internet."""
    gateway = walk.tables.stacks[into.stack]
    hop = walk.tables.route(into.stack, packet.destination)
    if hop is not None:
        walk.steps.append(WalkStep("forward", into.stack, packet, hop))
        return _Forwarded(packet, hop)
    if not gateway.internet:
        text = tr("{label} has no route to {ip}.", label=gateway.label, ip=ip(packet.destination))
        return Drop(Reason.NO_ROUTE, stack_place(gateway), text, packet=packet, interface=into)
    if not routed_on_internet(packet.destination):
        return private_address_drop(walk.tables, packet, into)
    walk.steps.append(WalkStep("internet", into.stack, packet))
    return Arrival(into.stack, into.interface, packet, internet=True)


def _forward(walk: Walk, into: InterfaceRef, packet: Packet, *, allowed: bool) -> Drop | _Forwarded:
    stack = walk.tables.stacks[into.stack]
    interface = stack.interfaces[into.interface]
    nat = None if packet.reply else nat_for(stack, interface, packet.source)
    forwards = allowed or interface.forwarding or (nat is not None and not nat.outside)
    if not forwards:
        return _refused(walk, into, packet)
    hop = walk.tables.route(into.stack, packet.destination)
    if hop is None:
        return _no_onward_route(walk, into, packet)
    _record_uncertainty(walk, into.stack, hop, packet)
    out = stack.interfaces[hop.interface]
    if nat is not None and is_inside_nat(out, nat):
        if not interface.forwarding:
            why = tr("{interface} is inside the same NAT prefix", interface=out.name)
            return not_forwarding(stack, interface, packet, into, why)
        nat = None
    if nat is not None:
        return _translated(walk, into, packet, hop, nat)
    walk.steps.append(WalkStep("forward", into.stack, packet, hop, into))
    return _Forwarded(packet, hop)


def _refused(walk: Walk, into: InterfaceRef, packet: Packet) -> Drop:
    """Return the drop at a machine that neither routes nor translates."""
    stack = walk.tables.stacks[into.stack]
    interface = stack.interfaces[into.interface]
    unresolved = walk.tables.unresolved[into.stack]
    if unresolved and not walk.tables.owners.get(packet.destination):
        why = tr("it is not known whether it has the address {ip}", ip=ip(packet.destination))
        return undetermined(walk.tables, InterfaceRef(into.stack, unresolved[0]), packet, why)
    if interface.unresolved and stack.nats:
        return undetermined(
            walk.tables, into, packet, tr("it is not known whether it is inside a NAT")
        )
    if interface.hidden_nat and not packet.reply:
        return not_known_to_translate(stack, interface, packet, into)
    return not_forwarding(stack, interface, packet, into)


def _no_onward_route(walk: Walk, into: InterfaceRef, packet: Packet) -> Drop:
    unresolved = walk.tables.unresolved[into.stack]
    if unresolved:
        why = tr("it is not known whether it has a route to {ip}", ip=ip(packet.destination))
        return undetermined(walk.tables, InterfaceRef(into.stack, unresolved[0]), packet, why)
    stack = walk.tables.stacks[into.stack]
    place = stack_place(stack, stack.interfaces[into.interface])
    text = tr("{label} has no route to {ip}.", label=stack.label, ip=ip(packet.destination))
    return Drop(Reason.NO_ROUTE, place, text, packet=packet, interface=into)


def _translated(
    walk: Walk, into: InterfaceRef, packet: Packet, hop: NextHop, nat: Nat
) -> _Forwarded:
    """Forward a packet with the outer address of a NAT, and record the session for the reply."""
    out = walk.tables.stacks[into.stack].interfaces[hop.interface]
    outer = Packet(_source_address(out, hop.neighbor), packet.destination)
    session = NatSession(into.stack, packet.source, outer.source, packet.destination)
    walk.sessions.append(session)
    walk.steps.append(WalkStep("nat", into.stack, outer, hop, into, network=nat.prefix))
    return _Forwarded(outer, hop)
