"""Drops of packets that arrive without an answer or at the wrong machine, or are in a loop."""

from __future__ import annotations

from nestlab.reachability.addresses import ip
from nestlab.reachability.elements import Stack
from nestlab.reachability.outcome import Arrival, Drop, Packet, Reason, stack_place
from nestlab.reachability.tables import InterfaceRef, Tables
from nestlab.texts import tr


def no_echo(tables: Tables, stack: int, arrival: Arrival, expected: int | None) -> Drop | None:
    """Return why a request that arrived is not answered; None if it is.

    `stack` is the sender, `expected` the machine that the request was for.
    """
    stacks, packet = tables.stacks, arrival.packet
    target = stacks[arrival.stack]
    if expected is not None and arrival.stack != expected:
        text = tr(
            "{ip} belongs to another machine on this network: {label} answers, not {other}.",
            ip=ip(packet.destination),
            label=target.label,
            other=stacks[expected].label,
        )
        return Drop(Reason.NOT_SAME_NETWORK, stack_place(stacks[stack]), text, packet=packet)
    if not arrival.internet and not target.answers_ping:
        text = tr(
            "The request arrives, but the firewall of {label} blocks echo requests. The path itself works.",
            label=target.label,
        )
        ref = InterfaceRef(arrival.stack, arrival.interface)
        return Drop(Reason.ECHO_BLOCKED, stack_place(target), text, packet=packet, interface=ref)
    return None


def reply_elsewhere(tables: Tables, stack: int, back: Arrival) -> Drop:
    """Return the drop of a reply that arrives at a machine other than the sender, `stack`."""
    other = tables.stacks[back.stack]
    text = tr(
        "The reply arrives at {label} instead of {other}.",
        label=other.label,
        other=tables.stacks[stack].label,
    )
    reason, place = Reason.NEIGHBOR_UNREACHABLE, stack_place(other)
    return Drop(reason, place, text, "unstable", packet=back.packet)


def routing_loop(stack: Stack, packet: Packet) -> Drop:
    """Return the drop of a packet that reaches a machine again and again."""
    text = tr(
        "A packet to {ip} is in a routing loop: it reaches {label} repeatedly.",
        ip=ip(packet.destination),
        label=stack.label,
    )
    return Drop(Reason.LOOP, stack_place(stack), text, packet=packet)
