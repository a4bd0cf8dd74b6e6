"""Neighbor resolution: the ARP request and its reply both have to arrive."""

from __future__ import annotations

from ipaddress import IPv4Network

from nestlab.enumerations import all_of
from nestlab.model.topology import vlan_text
from nestlab.reachability.addresses import ip
from nestlab.reachability.elements import Port, Stack
from nestlab.reachability.outcome import Drop, Packet, Reason, port_place, stack_place
from nestlab.reachability.port_fixes import BlockingRule, minimal_changes
from nestlab.reachability.ports import PortRule, native_segment
from nestlab.reachability.tables import InterfaceRef, Tables
from nestlab.texts import tr

POINT_TO_POINT = 31
"""The shortest prefix of a network without a broadcast address (RFC 3021)."""


def resolve_neighbor(
    tables: Tables, out: InterfaceRef, wanted: int, packet: Packet
) -> InterfaceRef | Drop:
    """Return the interface that answers an ARP request sent from `out`, or why none does."""
    broadcast = _broadcast_network(tables.stacks[out.stack], wanted)
    if broadcast is not None:
        return _broadcast_address(tables, out, wanted, broadcast, packet)
    port = tables.interface(out).port
    owners = [ref for ref in tables.owners.get(wanted, ()) if ref.stack != out.stack]
    reachable = [
        ref for ref in owners if tables.can_exchange_frames(port, tables.interface(ref).port)
    ]
    running = [ref for ref in reachable if tables.stacks[ref.stack].running]
    if not running:
        return (
            _not_running(tables, reachable[0], packet)
            if reachable
            else _not_reached(tables, out, owners, wanted, packet)
        )
    return _duplicate_address(tables, out, running, packet) or running[0]


def _broadcast_network(stack: Stack, address: int) -> IPv4Network | None:
    """Return the network of a connected adapter whose broadcast address this is, if any."""
    networks = (each.network for i in stack.interfaces if i.port.live for each in i.addresses)
    return next(
        (
            n
            for n in networks
            if n.prefixlen < POINT_TO_POINT and int(n.broadcast_address) == address
        ),
        None,
    )


def _broadcast_address(
    tables: Tables, out: InterfaceRef, wanted: int, network: IPv4Network, packet: Packet
) -> Drop:
    """Return an undetermined drop: the packet goes to all machines of a smaller network.

    The machine that has the address in a larger network must discard it (RFC 1122, 3.3.6). Linux
    (6.1) accepts it nonetheless, and its ping refuses to send it; Windows was not tried.
    """
    stack = tables.stacks[out.stack]
    text = tr(
        "For {label}, {ip} is the broadcast address of {network}: it is not known whether the machine that has it answers.",
        label=stack.label,
        ip=ip(wanted),
        network=network,
    )
    place = port_place(stack, tables.interface(out).port)
    reason = Reason.NEIGHBOR_UNREACHABLE
    return Drop(reason, place, text, "undetermined", packet=packet, interface=out)


def _not_running(tables: Tables, owner: InterfaceRef, packet: Packet) -> Drop:
    stack = tables.stacks[owner.stack]
    return Drop(
        Reason.NEIGHBOR_UNREACHABLE,
        stack_place(stack),
        tr("{label} is not running.", label=stack.label),
        "undetermined",
        packet=packet,
        interface=owner,
    )


def _duplicate_address(
    tables: Tables, out: InterfaceRef, running: list[InterfaceRef], packet: Packet
) -> Drop | None:
    """Return the drop if adapters that reach each other have the same address or MAC."""
    if len(running) > 1:
        return _duplicate(
            tables, running, tr("the address {ip}", ip=ip(packet.destination)), packet
        )
    port = tables.interface(out).port
    senders = tables.owners.get(packet.source, ())
    if len(senders) > 1 and out in senders:
        duplicates = [ref for ref in senders if ref == out or _in_reach(tables, port, ref)]
        if len(duplicates) > 1:
            return _duplicate(
                tables, duplicates, tr("the address {ip}", ip=ip(packet.source)), packet
            )
    for ref in (out, running[0]):
        mac = tables.interface(ref).port.mac_address
        same = tables.by_mac.get(mac, ())
        if len(same) > 1:
            duplicates = [o for o in same if o == ref or _in_reach(tables, port, o)]
            if len(duplicates) > 1:
                return _duplicate(tables, duplicates, tr("the MAC address {mac}", mac=mac), packet)
    return None


def _in_reach(tables: Tables, port: Port, ref: InterfaceRef) -> bool:
    return tables.stacks[ref.stack].running and native_segment(
        tables.interface(ref).port
    ) in tables.domain(port)


def _duplicate(tables: Tables, refs: list[InterfaceRef], what: str, packet: Packet) -> Drop:
    names = all_of([f"{tables.stacks[p.stack].label} ({tables.interface(p).name})" for p in refs])
    last = refs[-1]
    place = port_place(tables.stacks[last.stack], tables.interface(last).port)
    text = tr(
        "{names} have {shared}: replies come from whichever of them answered ARP last.",
        names=names,
        shared=what,
    )
    return Drop(Reason.NEIGHBOR_UNREACHABLE, place, text, "unstable", packet=packet, interface=last)


def _not_reached(
    tables: Tables, out: InterfaceRef, owners: list[InterfaceRef], wanted: int, packet: Packet
) -> Drop:
    if not owners:
        return _no_answer(tables, out, wanted, packet)
    port = tables.interface(out).port
    changes = [
        (owner, minimal_changes(tables, port, tables.interface(owner).port)) for owner in owners
    ]
    joined = [(owner, rules) for owner, rules in changes if rules is not None]
    if joined:
        owner, rules = min(joined, key=lambda entry: len(entry[1]))
        if rules:
            return _blocked_at_port(tables, out, owner, rules, packet)
    return _no_layer_2_path(tables, out, owners[0], wanted, packet)


def _no_layer_2_path(
    tables: Tables, out: InterfaceRef, owner: InterfaceRef, wanted: int, packet: Packet
) -> Drop:
    """Return the drop if no change of a port would join the networks of sender and owner."""
    sender, stack = tables.stacks[out.stack], tables.stacks[owner.stack]
    port, target = tables.interface(out).port, tables.interface(owner).port
    if not target.live:
        name = tables.interface(owner).name
        text = tr(
            "{label}'s adapter {interface} is not connected to a switch.",
            label=stack.label,
            interface=name,
        )
        place = port_place(stack, target)
        return Drop(Reason.ADAPTER_DISCONNECTED, place, text, packet=packet, interface=out)
    place = port_place(sender, port)
    if (unknown := _unknown_switch(tables, port, target)) is not None:
        reason = Reason.NEIGHBOR_UNREACHABLE
        text = tr(
            "What the existing switch {wire} is connected to was not observed: it is not known whether frames pass between {label} and {other} over it.",
            wire=tables.interface(unknown).port.wire,
            label=sender.label,
            other=stack.label,
        )
        return Drop(
            reason, place, text, "undetermined", packet=packet, interface=out, unknown=unknown
        )
    text = tr(
        "{label} sends an ARP request for {ip} on {wire}, but {other} has it on {other_wire}: no path joins the two networks at layer 2.",
        label=sender.label,
        ip=ip(wanted),
        wire=port.wire,
        other=stack.label,
        other_wire=target.wire,
    )
    return Drop(Reason.NOT_SAME_NETWORK, place, text, packet=packet, interface=out)


def _unknown_switch(tables: Tables, *ports: Port) -> InterfaceRef | None:
    """Return an adapter on an existing switch that may join the networks of ports, if any."""
    found = (
        tables.reachable_on_unknown_switch(port)
        for port in ports
        if tables.interfaces_on_unknown_switches
    )
    return next((ref for ref in found if ref is not None), None)


def _no_answer(tables: Tables, out: InterfaceRef, wanted: int, packet: Packet) -> Drop:
    interface = tables.interface(out)
    stack = tables.stacks[out.stack]
    physical = any(wire.physical for wire, _ in tables.domain(interface.port).entered)
    place = stack_place(stack, interface)
    unknown, other = "", None
    if wanted == packet.destination and physical:
        unknown = tr(
            "No machine of the lab has {ip}; it is not known whether one outside has it.",
            ip=ip(wanted),
        )
    elif (other := tables.unresolved_in_reach(interface.port, out.stack)) is not None:
        unknown = tr(
            "No reachable machine is known to have {ip}; {why}.",
            ip=ip(wanted),
            why=_may_have(tables, other),
        )
    if unknown:
        reason = Reason.NEIGHBOR_UNREACHABLE
        return Drop(
            reason, place, unknown, "undetermined", packet=packet, interface=out, unknown=other
        )
    is_own_address = wanted in tables.own_addresses[out.stack]
    role = "" if wanted == packet.destination else tr(", its gateway")
    why = tr("that is its own address") if is_own_address else tr("no reachable machine has it")
    text = tr(
        "{label} sends an ARP request for {ip}{role} on {interface} and no machine answers: {why}.",
        label=stack.label,
        ip=ip(wanted),
        role=role,
        interface=interface.name,
        why=why,
    )
    return Drop(Reason.NEIGHBOR_UNREACHABLE, place, text, packet=packet, interface=out)


def _may_have(tables: Tables, ref: InterfaceRef) -> str:
    """Return why an adapter whose settings are not known may have an address, as a clause."""
    machine, interface = tables.stacks[ref.stack].label, tables.interface(ref)
    if interface.partly_known:
        return tr(
            "the network settings of {machine} on {interface} are only partly known",
            machine=machine,
            interface=interface.name,
        )
    if interface.undeclared:
        return tr(
            "the file gives {machine} no address on {interface}, and it may have it",
            machine=machine,
            interface=interface.name,
        )
    return tr("{machine} gets its address from DHCP and may have it", machine=machine)


def _blocked_at_port(
    tables: Tables,
    out: InterfaceRef,
    target: InterfaceRef,
    rules: tuple[BlockingRule, ...],
    packet: Packet,
) -> Drop:
    """Return the drop at the port of the first blocking rule, with its explanation."""
    rule, port, _ = rules[0]
    sender, owner = tables.stacks[out.stack], tables.stacks[target.stack]
    if rule is PortRule.DISCONNECTED:
        text = (
            tr("{label} is not connected.", label=port.label)
            if port.wire is None
            else tr("{label} is not connected on {wire}.", label=port.label, wire=port.wire)
        )
    elif rule is PortRule.VLAN:
        text = tr(
            "The frames between {label} and {other} are in a different VLAN from {port} ({vlan}).",
            label=sender.label,
            other=owner.label,
            port=port.label,
            vlan=vlan_text(port.vlan),
        )
    else:
        text = tr(
            "{port} drops frames whose source MAC address is not its own (MacAddressSpoofing is Off), such as those between {label} and {other}.",
            port=port.label,
            label=sender.label,
            other=owner.label,
        )
    place = port_place(owner if port is tables.interface(target).port else sender, port)
    return Drop(
        Reason(rule.value), place, text, packet=packet, interface=out, blocking=rules, target=target
    )
