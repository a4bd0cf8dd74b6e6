"""Drops in IP stacks: no route, no address, not forwarding, or undetermined."""

from __future__ import annotations

from ipaddress import IPv4Address

from nestlab.reachability.addresses import ip
from nestlab.reachability.elements import Interface, Nat, Stack
from nestlab.reachability.link_local import no_address
from nestlab.reachability.outcome import Drop, Packet, Reason, Status, port_place, stack_place
from nestlab.reachability.tables import InterfaceRef, Tables


def undetermined(tables: Tables, ref: InterfaceRef, packet: Packet, open_question: str) -> Drop:
    """Return an undetermined drop, because an adapter's address or gateway is not known.

    `open_question` is a clause: "it is not known whether it has a route".
    """
    stack, interface = tables.stacks[ref.stack], tables.interface(ref)
    subject = f"{interface.name} of {stack.label}"
    fact = f"{subject} gets its address from DHCP"
    if interface.partly_known:
        fact = f"The network settings of {subject} are only partly known"
    elif interface.undeclared:
        fact = f"The file gives {subject} no address, and nestlab sets none in its guest"
    return Drop(
        Reason.NO_ADDRESS,
        stack_place(stack, interface),
        f"{fact}: {open_question}.",
        "undetermined",
        packet=packet,
        interface=ref,
        unknown=ref,
    )


def no_route(tables: Tables, stack: int, packet: Packet, only_interface: int | None) -> Drop:
    """Return the drop at a machine that has no route for a packet that it sends itself.

    `only_interface`: the index of the only interface that the packet may leave through; None if
    any may.
    """
    sender = tables.stacks[stack]
    unresolved = [i for i in tables.unresolved[stack] if only_interface in (None, i)]
    if unresolved:
        why = f"it is not known whether it has a route to {ip(packet.destination)}"
        return undetermined(tables, InterfaceRef(stack, unresolved[0]), packet, why)
    disconnected = tables.route(stack, packet.destination, disconnected=True)
    if disconnected is not None:
        return _disconnected(sender, InterfaceRef(stack, disconnected.interface), packet)
    addressed = [interface for interface in sender.interfaces if interface.addresses]
    if not addressed:
        return no_address(sender, unknown=not sender.known, packet=packet)
    gateway = any(interface.gateway for interface in addressed)
    why = "the adapter it sends from has no gateway" if gateway else "it has no default gateway"
    text = f"{sender.label} has no route to {ip(packet.destination)}: {why}."
    ref = InterfaceRef(stack, sender.interfaces.index(addressed[0]))
    place = stack_place(sender, addressed[0])
    return Drop(Reason.NO_ROUTE, place, text, packet=packet, interface=ref)


def _disconnected(sender: Stack, ref: InterfaceRef, packet: Packet) -> Drop:
    interface = sender.interfaces[ref.interface]
    place = port_place(sender, interface.port)
    text = f"{sender.label}'s adapter {interface.name} is not connected to a switch."
    return Drop(Reason.ADAPTER_DISCONNECTED, place, text, packet=packet, interface=ref)


def private_address_drop(tables: Tables, packet: Packet, ref: InterfaceRef) -> Drop:
    """Return the drop at a gateway: the internet has no routes to private addresses.

    It is undetermined where the destination is on the gateway's wire, and may be in its network.
    """
    gateway, interface = tables.stacks[ref.stack], tables.interface(ref)
    place, destination = stack_place(gateway), ip(packet.destination)
    if interface.unknown_prefix and any(
        tables.can_exchange_frames(interface.port, tables.interface(owner).port)
        for owner in tables.owners.get(packet.destination, ())
    ):
        text = f"It is not known whether the network of {gateway.label} contains {destination}: it is not declared, and the settings of an adapter there are not known."
        reason = Reason.PRIVATE_ADDRESS_OUTSIDE
        return Drop(reason, place, text, "undetermined", packet=packet, interface=ref)
    text = f"{gateway.label} has no route to {destination}, and {_kind(destination)} addresses are not routed on the internet."
    return Drop(Reason.PRIVATE_ADDRESS_OUTSIDE, place, text, packet=packet, interface=ref)


def _kind(address: str) -> str:
    found = IPv4Address(address)
    return "multicast" if found.is_multicast else "reserved" if found.is_reserved else "private"


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


def not_forwarding(
    stack: Stack, interface: Interface, packet: Packet, ref: InterfaceRef, why: str = ""
) -> Drop:
    """Return the drop at a machine that receives a packet for another and does not forward it.

    `why` is derived from the stack where it is empty.
    """
    if not why:
        source = IPv4Address(packet.source)
        if not stack.nats:
            why = "it is not a router and has no NAT"
        elif any(is_inside_nat(interface, nat) for nat in stack.nats):
            why = f"its NAT covers {', '.join(str(nat.prefix) for nat in stack.nats)} and not {source}"
        else:
            why = "its NAT admits only replies to requests from inside"
    text = f"{stack.label} receives the packet for {ip(packet.destination)} on {interface.name} and does not forward it: {why}."
    place = stack_place(stack, interface)
    return Drop(Reason.NOT_FORWARDING, place, text, packet=packet, interface=ref)


def not_known_to_translate(
    stack: Stack, interface: Interface, packet: Packet, ref: InterfaceRef
) -> Drop:
    """Return the undetermined drop of a packet that a NAT which is not shown may accept."""
    text = f"{stack.label} receives the packet for {ip(packet.destination)} on {interface.name}, and it is not known whether it translates it: {interface.hidden_nat}."
    place = stack_place(stack, interface)
    reason = Reason.NOT_FORWARDING
    return Drop(reason, place, text, "undetermined", packet=packet, interface=ref)


def not_own_address(stack: Stack, interface: Interface, packet: Packet, ref: InterfaceRef) -> Drop:
    """Return the drop of a packet for an address of another adapter of the same machine."""
    if interface.hidden_nat:
        return not_known_to_translate(stack, interface, packet, ref)
    text = f"{stack.label} receives the packet on {interface.name}, but {ip(packet.destination)} is an address of another adapter."
    status: Status = "unreachable" if stack.os == "windows" else "undetermined"
    place = stack_place(stack, interface)
    return Drop(Reason.STRONG_HOST, place, text, status, packet=packet, interface=ref)
