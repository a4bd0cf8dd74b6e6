"""The steps of a walk, described as hops."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nestlab.model.machine_path import path_text
from nestlab.model.topology import vlan_text
from nestlab.reachability.addresses import ip
from nestlab.reachability.answer import TraceHop
from nestlab.reachability.elements import Port, SwitchUplink, WireKey
from nestlab.reachability.ports import native_segment
from nestlab.reachability.tables import InterfaceRef, Tables
from nestlab.reachability.walk_state import WalkStep


def explain_hops(tables: Tables, steps: Iterable[WalkStep]) -> Iterator[TraceHop]:
    """Yield the hops of a walk."""
    for step in steps:
        yield from _EXPLAINERS[step.kind](tables, step)


def _send(tables: Tables, step: WalkStep) -> Iterator[TraceHop]:
    stack = tables.stacks[step.stack]
    if step.hop is None:
        return
    interface = stack.interfaces[step.hop.interface]
    what = "replies" if step.packet.reply else "sends an echo request"
    if stack.kind == "gateway" and step.packet.source not in tables.own_addresses[step.stack]:
        yield TraceHop(
            stack.label,
            "gateway",
            f"returns the reply from the internet to {ip(step.packet.destination)}",
        )
        return
    kind = "gateway" if stack.kind == "gateway" else "machine"
    yield TraceHop(
        stack.label, kind, f"{what} from {ip(step.packet.source)} on {interface.name}{_route(step)}"
    )


def _route(step: WalkStep) -> str:
    if step.hop is None:
        return ""
    if step.hop.neighbor == step.packet.destination:
        return f", to {ip(step.packet.destination)} directly ({step.hop.network})"
    return f", via {ip(step.hop.neighbor)} (route {step.hop.network})"


def _arp(tables: Tables, step: WalkStep) -> Iterator[TraceHop]:
    wire = tables.interface(step.interface).port.wire if step.interface is not None else None
    if step.interface is None or step.hop is None or wire is None:
        return
    label = tables.interface(step.interface).port.label
    yield TraceHop(
        _name(wire),
        _kind(wire),
        f"carries {label}'s ARP request for {ip(step.hop.neighbor)}; no reply arrives",
    )


def _wire(tables: Tables, step: WalkStep) -> Iterator[TraceHop]:
    if step.interface is None or step.receiver is None:
        return
    out, into = tables.interface(step.interface), tables.interface(step.receiver)
    segment = native_segment(into.port)
    if segment is None:
        return
    for (wire, vlan), uplink in tables.domain(out.port).path(segment):
        yield TraceHop(_name(wire), _kind(wire), _carries(out.port, wire, vlan, uplink))


def _carries(sender: Port, wire: WireKey, vlan: int, uplink: SwitchUplink | None) -> str:
    """Say what a wire does with a frame that entered it from its sender, or through an uplink."""
    tag = f", VLAN {vlan}" if vlan else ""
    if uplink is None:
        return f"receives it from {sender.label}{tag}"
    if uplink.port is None:
        return f"{'carries it' if wire.physical else 'receives it from the physical network'}{tag}"
    if wire == uplink.above:
        mac = "MacAddressSpoofing On" if uplink.port.mac_address_spoofing else "the port's own MAC"
        return f"receives it from {uplink.port.label} ({mac}, {vlan_text(uplink.port.vlan)})"
    return f"receives it through {uplink.port.label}{tag}"


def _name(wire: WireKey) -> str:
    return str(wire) if wire.physical else f"{path_text(wire.machine)}: {wire.name}"


def _kind(wire: WireKey) -> str:
    return "network" if wire.physical else "switch"


def _forward(tables: Tables, step: WalkStep) -> Iterator[TraceHop]:
    stack = tables.stacks[step.stack]
    yield TraceHop(
        stack.label,
        "gateway" if stack.kind == "gateway" else "machine",
        f"forwards it{_route(step)}",
    )


def _nat(tables: Tables, step: WalkStep) -> Iterator[TraceHop]:
    stack = tables.stacks[step.stack]
    yield TraceHop(
        stack.label,
        "nat",
        f"translates the source ({step.network}) to {ip(step.packet.source)}{_route(step)}",
    )


def _session(tables: Tables, step: WalkStep) -> Iterator[TraceHop]:
    yield TraceHop(
        tables.stacks[step.stack].label,
        "nat",
        f"finds the NAT session and returns the reply to {ip(step.packet.destination)}",
    )


def _accept(tables: Tables, step: WalkStep) -> Iterator[TraceHop]:
    stack = tables.stacks[step.stack]
    what = "receives the reply" if step.packet.reply else "receives the request"
    yield TraceHop(
        stack.label,
        "gateway" if stack.kind == "gateway" else "machine",
        f"{what} for {ip(step.packet.destination)}",
    )


def _internet(tables: Tables, step: WalkStep) -> Iterator[TraceHop]:
    yield TraceHop(
        tables.stacks[step.stack].label, "gateway", "masquerades and sends it to the internet"
    )
    yield TraceHop("internet", "internet", "answers")


_EXPLAINERS = {
    "send": _send,
    "arp": _arp,
    "wire": _wire,
    "forward": _forward,
    "nat": _nat,
    "session": _session,
    "accept": _accept,
    "internet": _internet,
}


def touched_elements(tables: Tables, steps: Iterable[WalkStep]) -> Iterator[WireKey | int]:
    """Yield every wire and every stack (its index) that a walk touched."""
    for step in steps:
        yield step.stack
        if step.kind == "arp" and step.interface is not None:
            yield from (
                wire for wire, _ in tables.domain(tables.interface(step.interface).port).entered
            )
        if step.interface is not None and step.receiver is not None:
            yield step.receiver.stack
            yield from _wires(tables, step.interface, step.receiver)


def _wires(tables: Tables, out: InterfaceRef, into: InterfaceRef) -> Iterator[WireKey]:
    segment = native_segment(tables.interface(into).port)
    if segment is not None:
        domain = tables.domain(tables.interface(out).port)
        if segment in domain:
            yield from (wire for (wire, _), _ in domain.path(segment))
