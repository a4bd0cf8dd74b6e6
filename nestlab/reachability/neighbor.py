"""Neighbour resolution: the ARP request and its reply both have to arrive."""

from __future__ import annotations

from nestlab.model.topology import vlan_text
from nestlab.reachability.elements import Port, Stack
from nestlab.reachability.outcome import Drop, Packet, Reason, ip, port_place, stack_place
from nestlab.reachability.port_fixes import BlockingRule, minimal_changes
from nestlab.reachability.ports import PortRule, native_segment
from nestlab.reachability.tables import Place, Tables


def neighbor(tables: Tables, out: Place, wanted: int, packet: Packet) -> Place | Drop:
    """Return the interface that answers an ARP request sent from `out`, or why none does."""
    port = tables.interface(out).port
    owners = [place for place in tables.owners.get(wanted, ()) if place.stack != out.stack]
    heard = [
        place for place in owners if tables.can_exchange_frames(port, tables.interface(place).port)
    ]
    running = [place for place in heard if tables.stacks[place.stack].running]
    if not running:
        return (
            _not_running(tables, heard, packet)
            if heard
            else _not_reached(tables, out, owners, wanted, packet)
        )
    double = _duplicate_address(tables, out, running, packet)
    return double if double is not None else running[0]


def _not_running(tables: Tables, heard: list[Place], packet: Packet) -> Drop:
    stack = tables.stacks[heard[0].stack]
    return Drop(
        Reason.NEIGHBOR_UNREACHABLE,
        stack_place(stack),
        f"{stack.label} is not running.",
        "undetermined",
        packet=packet,
        at=heard[0],
    )


def _duplicate_address(
    tables: Tables, out: Place, running: list[Place], packet: Packet
) -> Drop | None:
    """Return the drop for an address or a MAC of two adapters that reach each other."""
    if len(running) > 1:
        return _duplicate(tables, running, f"the address {ip(packet.destination)}", packet)
    port = tables.interface(out).port
    senders = tables.owners.get(packet.source, ())
    if len(senders) > 1 and out in senders:
        rivals = [place for place in senders if place == out or _in_reach(tables, port, place)]
        if len(rivals) > 1:
            return _duplicate(tables, rivals, f"the address {ip(packet.source)}", packet)
    for place in (out, running[0]):
        mac = tables.interface(place).port.mac_address
        same = tables.by_mac.get(mac, ())
        if len(same) > 1:
            rivals = [other for other in same if other == place or _in_reach(tables, port, other)]
            if len(rivals) > 1:
                return _duplicate(tables, rivals, f"the MAC address {mac}", packet)
    return None


def _in_reach(tables: Tables, port: Port, place: Place) -> bool:
    return tables.stacks[place.stack].running and native_segment(
        tables.interface(place).port
    ) in tables.domain(port)


def _duplicate(tables: Tables, places: list[Place], what: str, packet: Packet) -> Drop:
    names = " and ".join(
        f"{tables.stacks[p.stack].label} ({tables.interface(p).name})" for p in places
    )
    last = places[-1]
    where = port_place(tables.stacks[last.stack], tables.interface(last).port)
    text = f"{names} have {what}: replies come from whichever of them answered ARP last."
    return Drop(Reason.NEIGHBOR_UNREACHABLE, where, text, "unstable", packet=packet, at=last)


def _not_reached(
    tables: Tables, out: Place, owners: list[Place], wanted: int, packet: Packet
) -> Drop:
    if not owners:
        return _no_answer(tables, out, wanted, packet)
    port = tables.interface(out).port
    changes = [
        (place, minimal_changes(tables, port, tables.interface(place).port)) for place in owners
    ]
    joined = [(place, rules) for place, rules in changes if rules is not None]
    asker = tables.stacks[out.stack]
    if joined:
        place, rules = min(joined, key=lambda entry: len(entry[1]))
        if rules:
            return _at_port(tables, place, rules, asker, packet, at=out)
    place = owners[0]
    stack, target = tables.stacks[place.stack], tables.interface(place).port
    if target.live and (there := _unknown_switch(tables, port, target)):
        text = f"What the existing switch {there.wire} is connected to was not observed: whether a frame gets from {asker.label} to {stack.label} over it is not known."
        place_of = port_place(asker, port)
        return Drop(
            Reason.NEIGHBOR_UNREACHABLE, place_of, text, "undetermined", packet=packet, at=out
        )
    if not target.live:
        text = (
            f"{stack.label}'s adapter {tables.interface(place).name} is not connected to a switch."
        )
        return Drop(
            Reason.ADAPTER_DISCONNECTED, port_place(stack, target), text, packet=packet, at=out
        )
    text = f"{asker.label} asks for {ip(wanted)} on {port.wire}, but {stack.label} has it on {target.wire}: no path joins the two networks at layer 2."
    return Drop(Reason.NOT_SAME_NETWORK, port_place(asker, port), text, packet=packet, at=out)


def _unknown_switch(tables: Tables, *ports: Port) -> Port | None:
    """Return the port on an existing switch that may join the networks of these ports; or None."""
    found = (tables.may_lead_elsewhere(port) for port in ports if tables.unknown_switches)
    return next((tables.interface(place).port for place in found if place is not None), None)


def _no_answer(tables: Tables, out: Place, wanted: int, packet: Packet) -> Drop:
    interface = tables.interface(out)
    stack = tables.stacks[out.stack]
    physical = any(wire.physical for wire, _ in tables.domain(interface.port).entered)
    place = stack_place(stack, interface)
    if wanted == packet.destination and physical:
        text = f"No machine of the lab has {ip(wanted)}; whether one outside has it is not known."
        return Drop(Reason.NEIGHBOR_UNREACHABLE, place, text, "undetermined", packet=packet, at=out)
    waiting = tables.unresolved_in_reach(interface.port, out.stack)
    if waiting is not None:
        other = tables.stacks[waiting.stack]
        there = tables.interface(waiting)
        may = (
            f"what {other.label} has on {there.name} is not known"
            if there.partial
            else f"{other.label} gets its address from DHCP and may have it"
        )
        text = f"No machine in reach is known to have {ip(wanted)}; {may}."
        return Drop(Reason.NEIGHBOR_UNREACHABLE, place, text, "undetermined", packet=packet, at=out)
    own = wanted in tables.own[out.stack]
    role = "" if wanted == packet.destination else ", its gateway"
    why = "that is its own address" if own else "no machine in reach has it"
    text = f"{stack.label} asks for {ip(wanted)}{role} on {interface.name} and no machine answers: {why}."
    return Drop(Reason.NEIGHBOR_UNREACHABLE, place, text, packet=packet, at=out)


def _at_port(
    tables: Tables,
    target: Place,
    rules: tuple[BlockingRule, ...],
    asker: Stack,
    packet: Packet,
    *,
    at: Place,
) -> Drop:
    """Return the drop at the first of the broken rules, with its explanation."""
    first = rules[0]
    owner = tables.stacks[target.stack]
    sender = asker.label if not packet.reply else owner.label
    texts = {
        PortRule.SPOOFING: f"{first.port.label} drops frames whose source MAC address is not its own (MacAddressSpoofing is Off), "
        f"and frames between {sender} and {owner.label} have another one.",
        PortRule.VLAN: f"The frames between {asker.label} and {owner.label} are in a different VLAN from {first.port.label} ({vlan_text(first.port.vlan)}).",
        PortRule.DISCONNECTED: f"{first.port.label} is not connected.",
    }
    on = f" on {first.port.wire}" if first.port.wire is not None else ""
    text = (
        texts[first.rule].removesuffix(".") + f"{on}."
        if first.rule is PortRule.DISCONNECTED
        else texts[first.rule]
    )
    place = port_place(owner if first.port is tables.interface(target).port else asker, first.port)
    return Drop(Reason(first.rule.value), place, text, packet=packet, at=at, broken=rules)
