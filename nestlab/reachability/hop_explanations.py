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
from nestlab.texts import mark, tr, translate


def explain_hops(tables: Tables, steps: Iterable[WalkStep]) -> Iterator[TraceHop]:
    """Yield the hops of a walk."""
    for step in steps:
        yield from _EXPLAINERS[step.kind](tables, step)


def _send(tables: Tables, step: WalkStep) -> Iterator[TraceHop]:
    stack = tables.stacks[step.stack]
    if step.hop is None:
        return
    interface = stack.interfaces[step.hop.interface]
    if stack.kind == "gateway" and step.packet.source not in tables.own_addresses[step.stack]:
        yield TraceHop(
            stack.label,
            "gateway",
            tr("returns the reply from the internet to {ip}", ip=ip(step.packet.destination)),
        )
        return
    kind = "gateway" if stack.kind == "gateway" else "machine"
    what = (
        mark("replies from {ip} on {interface}{route}")
        if step.packet.reply
        else mark("sends an echo request from {ip} on {interface}{route}")
    )
    sent = {"ip": ip(step.packet.source), "interface": interface.name, "route": _route(step)}
    yield TraceHop(stack.label, kind, translate(what, **sent))


def _route(step: WalkStep) -> str:
    if step.hop is None:
        return ""
    if step.hop.neighbor == step.packet.destination:
        return tr(
            ", to {ip} directly ({network})",
            ip=ip(step.packet.destination),
            network=step.hop.network,
        )
    return tr(", via {ip} (route {network})", ip=ip(step.hop.neighbor), network=step.hop.network)


def _arp(tables: Tables, step: WalkStep) -> Iterator[TraceHop]:
    wire = tables.interface(step.interface).port.wire if step.interface is not None else None
    if step.interface is None or step.hop is None or wire is None:
        return
    label = tables.interface(step.interface).port.label
    yield _hop(
        wire,
        tr(
            "carries {label}'s ARP request for {ip}; no reply arrives",
            label=label,
            ip=ip(step.hop.neighbor),
        ),
    )


def _wire(tables: Tables, step: WalkStep) -> Iterator[TraceHop]:
    if step.interface is None or step.receiver is None:
        return
    out, into = tables.interface(step.interface), tables.interface(step.receiver)
    segment = native_segment(into.port)
    if segment is None:
        return
    for (wire, vlan), uplink in tables.domain(out.port).path(segment):
        yield _hop(wire, _carries(out.port, wire, vlan, uplink))


def _carries(sender: Port, wire: WireKey, vlan: int, uplink: SwitchUplink | None) -> str:
    """Return what a wire does with a frame that enters it from its sender or through an uplink."""
    tag = f", VLAN {vlan}" if vlan else ""
    if uplink is None:
        return tr("receives it from {label}{tag}", label=sender.label, tag=tag)
    if uplink.port is None:
        if wire.physical:
            return tr("carries it{tag}", tag=tag)
        return tr("receives it from the physical network{tag}", tag=tag)
    if wire == uplink.above:
        how = (
            mark("receives it from {label} (MacAddressSpoofing On, {vlan})")
            if uplink.port.mac_address_spoofing
            else mark("receives it from {label} (the port's own MAC, {vlan})")
        )
        return translate(how, label=uplink.port.label, vlan=vlan_text(uplink.port.vlan))
    return tr("receives it through {label}{tag}", label=uplink.port.label, tag=tag)


def _hop(wire: WireKey, does: str) -> TraceHop:
    if wire.physical:
        return TraceHop(str(wire), "network", does, network=wire.name)
    return TraceHop(f"{path_text(wire.machine)}: {wire.name}", "switch", does)


def _forward(tables: Tables, step: WalkStep) -> Iterator[TraceHop]:
    stack = tables.stacks[step.stack]
    yield TraceHop(
        stack.label,
        "gateway" if stack.kind == "gateway" else "machine",
        tr("forwards it{route}", route=_route(step)),
    )


def _nat(tables: Tables, step: WalkStep) -> Iterator[TraceHop]:
    stack = tables.stacks[step.stack]
    yield TraceHop(
        stack.label,
        "nat",
        tr(
            "translates the source ({network}) to {ip}{route}",
            network=step.network,
            ip=ip(step.packet.source),
            route=_route(step),
        ),
    )


def _session(tables: Tables, step: WalkStep) -> Iterator[TraceHop]:
    yield TraceHop(
        tables.stacks[step.stack].label,
        "nat",
        tr("finds the NAT session and returns the reply to {ip}", ip=ip(step.packet.destination)),
    )


def _accept(tables: Tables, step: WalkStep) -> Iterator[TraceHop]:
    stack = tables.stacks[step.stack]
    what = (
        mark("receives the reply for {ip}")
        if step.packet.reply
        else mark("receives the request for {ip}")
    )
    yield TraceHop(
        stack.label,
        "gateway" if stack.kind == "gateway" else "machine",
        translate(what, ip=ip(step.packet.destination)),
    )


def _internet(tables: Tables, step: WalkStep) -> Iterator[TraceHop]:
    yield TraceHop(
        tables.stacks[step.stack].label, "gateway", tr("masquerades and sends it to the internet")
    )
    yield TraceHop("internet", "internet", tr("answers"))


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
    """Yield every wire and every stack (its index) that a walk visited."""
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
