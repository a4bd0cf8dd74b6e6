"""A network in the words of the fabric: bridges, links between them, IP stacks.

Written from what Hyper-V does, not from how a trace walks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nestlab.reachability import Network
from nestlab.reachability.elements import Interface, Nat, Port, Stack, SwitchUplink, WireKey

Segment = tuple[WireKey, int]


def described(
    network: Network, probes: list[dict[str, Any]], requests: list[dict[str, int]]
) -> dict[str, Any]:
    """Return what `fabric.py` reads.

    With requests, a stack without addresses listens on each physical network, after the others.
    """
    tags = sorted(
        {0}
        | {tag for _, interface in network.interfaces() for tag in _tags(interface.port)}
        | _uplink_tags(network)
    )
    numbers = {
        (wire.key, tag): number
        for number, (wire, tag) in enumerate((wire, tag) for wire in network.wires for tag in tags)
    }
    return {
        "segments": len(numbers),
        "links": [link for uplink in network.uplinks for link in _links(uplink, tags, numbers)],
        "stacks": [
            *(_stack(stack, numbers) for stack in network.stacks),
            *(_listeners(numbers) if requests else ()),
        ],
        "probes": probes,
        "requests": requests,
    }


def _listeners(numbers: dict[Segment, int]) -> Iterator[dict[str, Any]]:
    """Yield a stack on each VLAN of each physical network, which only hears broadcasts."""
    for (wire, _), number in numbers.items():
        if wire.physical:
            interface = {
                "segment": number,
                "mac": f"02:03:00:00:00:{number:02x}",
                "addresses": [],
                "networks": [],
                "routes": [],
                "metric": 1,
                "forwarding": False,
            }
            yield {
                "interfaces": [interface],
                "nats": [],
                "answers_ping": False,
                "weak_host": False,
                "gateway": False,
            }


def _uplink_tags(network: Network) -> set[int]:
    ports = (port for uplink in network.uplinks for port in uplink.ports if port is not None)
    return {tag for port in ports for tag in _tags(port)}


def _tags(port: Port) -> Iterator[int]:
    if port.vlan is not None:
        yield from (port.vlan.access or 0, port.vlan.native or 0, *port.vlan.trunk)


def _untagged(port: Port) -> int:
    """Return the VLAN that a port puts untagged frames into."""
    if port.vlan is None:
        return 0
    return port.vlan.access if port.vlan.access is not None else port.vlan.native or 0


def _links(
    uplink: SwitchUplink, tags: list[int], numbers: dict[Segment, int]
) -> Iterator[dict[str, Any]]:
    """Yield the links of an External switch: a physical adapter carries every tag, a nested host's what its port allows.

    A team is one link: the sender cannot choose the member, so a frame has to pass each of them.
    """
    ports = [port for port in uplink.ports if port is not None]
    macs = [_colons(port.mac_address) for port in ports if not port.mac_address_spoofing]

    def link(below: int, above: int, *, down: bool = True) -> dict[str, Any]:
        return {
            "below": numbers[uplink.below, below],
            "above": numbers[uplink.above, above],
            "down": down,
            "macs": macs,
        }

    if not ports:
        yield from (link(tag, tag) for tag in tags)
        return
    natives = {_untagged(port) for port in ports}
    if len(natives) > 1 or not all(port.connected for port in ports):
        return
    native = natives.pop()
    yield link(0, native)
    allowed = (
        set(port.vlan.trunk) if port.vlan is not None and port.vlan.access is None else set()
        for port in ports
    )
    yield from (link(tag, tag, down=tag != native) for tag in set.intersection(*allowed) if tag)


def _stack(stack: Stack, numbers: dict[Segment, int]) -> dict[str, Any]:
    return {
        "interfaces": [_interface(stack, interface, numbers) for interface in stack.interfaces],
        "nats": [
            {
                "prefix": str(nat.prefix),
                "inside": _inside(stack, nat),
                "outside": _outside(stack, nat),
            }
            for nat in stack.nats
        ],
        "answers_ping": stack.answers_ping,
        "weak_host": stack.os == "linux",
        "gateway": stack.kind == "gateway" and stack.internet,
    }


def _inside(stack: Stack, nat: Nat) -> list[int]:
    return [
        n
        for n, interface in enumerate(stack.interfaces)
        if any(address.ip in nat.prefix for address in interface.addresses)
    ]


def _outside(stack: Stack, nat: Nat) -> int | None:
    names = [interface.name for interface in stack.interfaces]
    return names.index(nat.outside) if nat.outside in names else None


def _interface(stack: Stack, interface: Interface, numbers: dict[Segment, int]) -> dict[str, Any]:
    port = interface.port
    live = port.connected and port.wire is not None
    gateway = [] if interface.gateway is None else [("default", str(interface.gateway))]
    routes = [
        (str(r.to), str(r.via))
        for r in stack.routes
        if any(r.via in address.network for address in interface.addresses)
    ]
    return {
        "segment": numbers[port.wire, _untagged(port)] if live and port.wire is not None else None,
        "mac": _colons(port.mac_address),
        "addresses": [str(address) for address in interface.addresses],
        "networks": sorted({str(address.network) for address in interface.addresses}),
        "routes": (gateway + routes) if interface.addresses else [],
        "metric": interface.metric,
        "forwarding": interface.forwarding,
    }


def _colons(mac: str) -> str:
    return ":".join(mac[place : place + 2] for place in range(0, 12, 2))
