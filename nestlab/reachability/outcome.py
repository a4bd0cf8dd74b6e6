"""How a leg of a walk ends: the packet arrives, or is dropped for a reason."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, NamedTuple

from nestlab.model.machine_path import path_text
from nestlab.reachability.elements import Interface, Port, Stack
from nestlab.reachability.port_fixes import BlockingRule
from nestlab.reachability.tables import InterfaceRef
from nestlab.texts import tr
from nestlab.visible import visible

Status = Literal["reachable", "unreachable", "unstable", "undetermined"]
"""The result of a trace.

``unstable``: it changes with time, because two machines have the same IP or MAC address, or because
the reply arrives at another machine. ``undetermined``: something that it depends on is not known.
"""


class Reason(StrEnum):
    """Why a packet is dropped.

    `NO_ADDRESS` also stands for an endpoint that is not running, for one whose address is not
    known, and for an address of no known machine, or of several.
    """

    MAC_SPOOFING_OFF = "MAC_SPOOFING_OFF"
    VLAN_MISMATCH = "VLAN_MISMATCH"
    NOT_SAME_NETWORK = "NOT_SAME_NETWORK"
    ADAPTER_DISCONNECTED = "ADAPTER_DISCONNECTED"
    NO_ADDRESS = "NO_ADDRESS"
    NO_ROUTE = "NO_ROUTE"
    NEIGHBOR_UNREACHABLE = "NEIGHBOR_UNREACHABLE"
    NOT_FORWARDING = "NOT_FORWARDING"
    STRONG_HOST = "STRONG_HOST"
    PRIVATE_ADDRESS_OUTSIDE = "PRIVATE_ADDRESS_OUTSIDE"
    ECHO_BLOCKED = "ECHO_BLOCKED"
    LOOP = "LOOP"


class DropPlace(NamedTuple):
    """Where a packet is dropped: on a machine, and there at an adapter or a switch.

    `machine` is the one that has the switch, or whose IP stack drops the packet.
    """

    machine: str
    adapter: str | None = None
    switch: str | None = None

    def __str__(self) -> str:
        adapter = f", {self.adapter}" if self.adapter else ""
        place = f"{self.machine}{adapter}"
        if self.switch:
            place = tr("{place} on {switch}", place=place, switch=self.switch)
        return visible(place)


class Packet(NamedTuple):
    """An echo request, or (`reply`) the answer to one. Addresses are integers."""

    source: int
    destination: int
    reply: bool = False


class Drop(NamedTuple):
    """Where and why a packet is dropped.

    `place` is what users see; `interface` is the interface of the stack that dropped the packet,
    `unknown` the one whose unknown settings leave the result undetermined, and `blocking` are the
    port rules that the packet violates on the way to `target`.
    """

    reason: Reason
    place: DropPlace
    explanation: str
    status: Status = "unreachable"
    packet: Packet | None = None
    interface: InterfaceRef | None = None
    blocking: tuple[BlockingRule, ...] = ()
    unknown: InterfaceRef | None = None
    target: InterfaceRef | None = None


class Arrival(NamedTuple):
    """Where a packet was accepted: stack and interface; for the internet those of its gateway.

    `weak`: the address belongs to another interface of the machine than the one that received the
    packet.
    """

    stack: int
    interface: int
    packet: Packet
    internet: bool = False
    weak: bool = False


def port_place(stack: Stack, port: Port) -> DropPlace:
    """Return the place of a port, on the machine that has the switch."""
    if port.wire is None:
        return DropPlace(path_text(stack.machine[:-1]), port.label)
    if port.fixed:
        return DropPlace(stack.label)
    return DropPlace(
        path_text(port.wire.machine), port.label, None if port.wire.physical else port.wire.name
    )


def stack_place(stack: Stack, interface: Interface | None = None) -> DropPlace:
    """Return the place of an IP stack, with the interface that decided, if any."""
    return DropPlace(
        stack.label, interface.name if interface is not None and stack.kind == "machine" else None
    )
