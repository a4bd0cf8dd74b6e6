"""Drops in IP stacks: no route, no address, not forwarding, or undetermined."""

from __future__ import annotations

from ipaddress import IPv4Address

from nestlab.reachability.elements import Interface, Nat, Stack
from nestlab.reachability.outcome import Drop, Packet, Reason, ip, port_place, stack_place
from nestlab.reachability.tables import Place, Tables


def unknown(tables: Tables, place: Place, packet: Packet, why: str) -> Drop:
    """Return an undetermined drop, because an adapter's address or gateway is not known."""
    stack, interface = tables.stacks[place.stack], tables.interface(place)
    what = "what else it has" if interface.partial else "its address"
    source = "is not known" if interface.partial else "comes from DHCP"
    text = f"{what.capitalize()} on {interface.name} of {stack.label} {source}: {why}."
    return Drop(
        Reason.NO_ADDRESS,
        stack_place(stack, interface),
        text,
        "undetermined",
        packet=packet,
        at=place,
    )


def no_route(tables: Tables, stack: int, packet: Packet, only: int | None) -> Drop:
    """Return why a machine cannot send a packet at all."""
    sender = tables.stacks[stack]
    waiting = [index for index in tables.unresolved[stack] if only is None or index == only]
    if waiting:
        why = f"whether it has a route to {ip(packet.destination)} is not known"
        return unknown(tables, Place(stack, waiting[0]), packet, why)
    disconnected = tables.route(stack, packet.destination, disconnected=True)
    if disconnected is not None:
        interface = sender.interfaces[disconnected.interface]
        place = port_place(sender, interface.port)
        text = f"{sender.label}'s adapter {interface.name} is not connected to a switch."
        at = Place(stack, disconnected.interface)
        return Drop(Reason.ADAPTER_DISCONNECTED, place, text, packet=packet, at=at)
    addressed = [interface for interface in sender.interfaces if interface.addresses]
    if not addressed:
        return _no_address(sender, packet)
    gateway = any(interface.gateway for interface in addressed)
    why = "its adapter there has no gateway" if gateway else "it has no default gateway"
    text = f"{sender.label} has no route to {ip(packet.destination)}: {why}."
    at = Place(stack, sender.interfaces.index(addressed[0]))
    return Drop(Reason.NO_ROUTE, stack_place(sender, addressed[0]), text, packet=packet, at=at)


def _no_address(sender: Stack, packet: Packet) -> Drop:
    place = stack_place(sender, sender.interfaces[0] if sender.interfaces else None)
    if sender.known:
        text = f"{sender.label} has no IP address."
        return Drop(Reason.NO_ADDRESS, place, text, packet=packet)
    text = f"Which addresses {sender.label} has is not known."
    return Drop(Reason.NO_ADDRESS, place, text, "undetermined", packet=packet)


def private_address_drop(gateway: Stack, packet: Packet, at: Place) -> Drop:
    """Return the drop at a gateway: the internet has no routes to private addresses."""
    text = f"{gateway.label} has no route to {ip(packet.destination)}, and private addresses are not routed on the internet."
    return Drop(Reason.PRIVATE_ADDRESS_OUTSIDE, stack_place(gateway), text, packet=packet, at=at)


def is_inside_nat(interface: Interface, nat: Nat) -> bool:
    """Whether an interface is inside a NAT."""
    return any(address.ip in nat.prefix for address in interface.addresses)


def nat_for(stack: Stack, interface: Interface, source: int) -> Nat | None:
    """Return the NAT that translates this source address on this interface; None if none does."""
    if not stack.nats:
        return None
    address = IPv4Address(source)
    return next(
        (nat for nat in stack.nats if address in nat.prefix and is_inside_nat(interface, nat)), None
    )


def not_forwarding(stack: Stack, interface: Interface, packet: Packet, at: Place, why: str) -> Drop:
    """Return the drop at a machine that receives a packet for another and does not forward it."""
    if not why:
        source = IPv4Address(packet.source)
        is_inside = any(
            address.ip in nat.prefix for nat in stack.nats for address in interface.addresses
        )
        if not stack.nats:
            why = "it is not a router and has no NAT"
        elif is_inside:
            why = f"its NAT covers {', '.join(str(nat.prefix) for nat in stack.nats)} and not {source}"
        else:
            why = "its NAT admits only replies to requests from inside"
    text = f"{stack.label} receives the packet for {ip(packet.destination)} on {interface.name} and does not forward it: {why}."
    return Drop(Reason.NOT_FORWARDING, stack_place(stack, interface), text, packet=packet, at=at)
