"""Drops in IP stacks: no route, no address, not forwarding, or undetermined."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from nestlab.reachability.addresses import ip
from nestlab.reachability.elements import Interface, Nat, Stack
from nestlab.reachability.link_local import no_address
from nestlab.reachability.outcome import Drop, Packet, Reason, Status, port_place, stack_place
from nestlab.reachability.tables import InterfaceRef, Tables
from nestlab.texts import mark, tr, translate


def undetermined(tables: Tables, ref: InterfaceRef, packet: Packet, open_question: str) -> Drop:
    """Return an undetermined drop, because an adapter's address or gateway is not known.

    `open_question` is a clause: "it is not known whether it has a route".
    """
    stack, interface = tables.stacks[ref.stack], tables.interface(ref)
    subject = tr("{interface} of {machine}", interface=interface.name, machine=stack.label)
    fact = tr("{subject} gets its address from DHCP", subject=subject)
    if interface.partly_known:
        fact = tr("The network settings of {subject} are only partly known", subject=subject)
    elif interface.undeclared:
        fact = tr(
            "The file gives {subject} no address, and nestlab sets none in its guest",
            subject=subject,
        )
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
        why = tr("it is not known whether it has a route to {ip}", ip=ip(packet.destination))
        return undetermined(tables, InterfaceRef(stack, unresolved[0]), packet, why)
    disconnected = tables.route(stack, packet.destination, disconnected=True)
    if disconnected is not None:
        return _disconnected(sender, InterfaceRef(stack, disconnected.interface), packet)
    addressed = [interface for interface in sender.interfaces if interface.addresses]
    if not addressed:
        return no_address(sender, unknown=not sender.known, packet=packet)
    gateway = any(interface.gateway for interface in addressed)
    why = (
        tr("the adapter it sends from has no gateway")
        if gateway
        else tr("it has no default gateway")
    )
    text = tr(
        "{label} has no route to {ip}: {why}.",
        label=sender.label,
        ip=ip(packet.destination),
        why=why,
    )
    ref = InterfaceRef(stack, sender.interfaces.index(addressed[0]))
    place = stack_place(sender, addressed[0])
    return Drop(Reason.NO_ROUTE, place, text, packet=packet, interface=ref)


def _disconnected(sender: Stack, ref: InterfaceRef, packet: Packet) -> Drop:
    interface = sender.interfaces[ref.interface]
    place = port_place(sender, interface.port)
    text = tr(
        "{label}'s adapter {interface} is not connected to a switch.",
        label=sender.label,
        interface=interface.name,
    )
    return Drop(Reason.ADAPTER_DISCONNECTED, place, text, packet=packet, interface=ref)


def private_address_drop(tables: Tables, packet: Packet, ref: InterfaceRef) -> Drop:
    """Return the drop at a gateway: the internet has no routes to private addresses.

    It is undetermined if the destination is on the gateway's wire, and may be in its network.
    """
    gateway, interface = tables.stacks[ref.stack], tables.interface(ref)
    place, destination = stack_place(gateway), ip(packet.destination)
    if interface.unknown_prefix and any(
        tables.can_exchange_frames(interface.port, tables.interface(owner).port)
        for owner in tables.owners.get(packet.destination, ())
    ):
        text = tr(
            "It is not known whether the network of {label} contains {destination}: it is not declared, and the settings of an adapter there are not known.",
            label=gateway.label,
            destination=destination,
        )
        reason = Reason.PRIVATE_ADDRESS_OUTSIDE
        return Drop(reason, place, text, "undetermined", packet=packet, interface=ref)
    text = translate(_no_public_address(destination), gateway=gateway.label, address=destination)
    return Drop(Reason.PRIVATE_ADDRESS_OUTSIDE, place, text, packet=packet, interface=ref)


def _no_public_address(address: str) -> str:
    found = IPv4Address(address)
    if found.is_multicast:
        return mark(
            "{gateway} has no route to {address}, and multicast addresses are not routed on the internet."
        )
    if found.is_reserved:
        return mark(
            "{gateway} has no route to {address}, and reserved addresses are not routed on the internet."
        )
    return mark(
        "{gateway} has no route to {address}, and private addresses are not routed on the internet."
    )


def is_inside_nat(interface: Interface, nat: Nat) -> bool:
    """Whether an interface is inside a NAT.

    Inside a NAT of Linux are all interfaces except its `outside`; inside a NAT of Windows are the
    interfaces with an address in its prefix.
    """
    if nat.outside:
        return interface.name != nat.outside
    return any(address.ip in nat.prefix for address in interface.addresses)


def nat_for(stack: Stack, interface: Interface, source: int) -> Nat | None:
    """Return the NAT that translates this source address on this interface; None if none does."""
    if not stack.nats:
        return None
    address = IPv4Address(source)
    return next(
        (
            nat
            for nat in stack.nats
            if address in nat.prefix and (nat.outside or is_inside_nat(interface, nat))
        ),
        None,
    )


def not_forwarding(
    stack: Stack, interface: Interface, packet: Packet, ref: InterfaceRef, why: str = ""
) -> Drop:
    """Return the drop at a machine that receives a packet for another and does not forward it.

    If `why` is empty, the reason is derived from the stack.
    """
    why = _other_prefix(interface, packet) or why or _why_not_forwarding(stack, interface, packet)
    text = tr(
        "{label} receives the packet for {ip} on {interface} and does not forward it: {why}.",
        label=stack.label,
        ip=ip(packet.destination),
        interface=interface.name,
        why=why,
    )
    place = stack_place(stack, interface)
    return Drop(Reason.NOT_FORWARDING, place, text, packet=packet, interface=ref)


def network_of(interface: Interface, address: int) -> IPv4Network | None:
    """Return the network of an interface that contains an address; None if there is none."""
    found = (each.network for each in interface.addresses)
    return next((network for network in found if IPv4Address(address) in network), None)


def is_on_one_network(interface: Interface, packet: Packet) -> bool:
    """Whether source and destination of a packet are in the same network of an interface."""
    network = network_of(interface, packet.source)
    return network is not None and IPv4Address(packet.destination) in network


def _other_prefix(interface: Interface, packet: Packet) -> str:
    """Return why the sender's prefix length is wrong, as a clause; empty if it is right.

    With the prefix length of the interface, the sender would need no gateway.
    """
    network = network_of(interface, packet.source)
    if network is None or not is_on_one_network(interface, packet):
        return ""
    return tr(
        "{destination} is in {network} as well, and {source} would reach it without a gateway, with the prefix length /{length}",
        destination=IPv4Address(packet.destination),
        network=network,
        source=IPv4Address(packet.source),
        length=network.prefixlen,
    )


def _why_not_forwarding(stack: Stack, interface: Interface, packet: Packet) -> str:
    source = IPv4Address(packet.source)
    if not stack.nats:
        return tr("it is not a router and has no NAT")
    if any(is_inside_nat(interface, nat) for nat in stack.nats):
        return tr(
            "its NAT covers {prefixes} and not {source}",
            prefixes=", ".join(str(nat.prefix) for nat in stack.nats),
            source=source,
        )
    wire = interface.port.wire
    is_own = wire is not None and not wire.physical and wire.machine == stack.machine
    if not is_own:
        return tr("its NAT admits only replies to requests from inside")
    network = network_of(interface, packet.source)
    return tr("no NAT covers {network}, and forwarding is off", network=network or source)


def not_known_to_translate(
    stack: Stack, interface: Interface, packet: Packet, ref: InterfaceRef
) -> Drop:
    """Return the undetermined drop of a packet that a hidden NAT may translate."""
    text = tr(
        "{label} receives the packet for {ip} on {interface}, and it is not known whether it translates it: {why}.",
        label=stack.label,
        ip=ip(packet.destination),
        interface=interface.name,
        why=interface.hidden_nat,
    )
    place = stack_place(stack, interface)
    reason = Reason.NOT_FORWARDING
    return Drop(reason, place, text, "undetermined", packet=packet, interface=ref)


def not_own_address(stack: Stack, interface: Interface, packet: Packet, ref: InterfaceRef) -> Drop:
    """Return the drop of a packet for an address of another adapter of the same machine."""
    if interface.hidden_nat:
        return not_known_to_translate(stack, interface, packet, ref)
    text = tr(
        "{label} receives the packet on {interface}, but {ip} is an address of another adapter.",
        label=stack.label,
        interface=interface.name,
        ip=ip(packet.destination),
    )
    status: Status = "unreachable" if stack.os == "windows" else "undetermined"
    place = stack_place(stack, interface)
    return Drop(Reason.STRONG_HOST, place, text, status, packet=packet, interface=ref)
