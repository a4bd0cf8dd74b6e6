"""The rules of one port: VLAN tags, MAC address spoofing, and whether it is connected."""

from __future__ import annotations

from enum import Enum

from nestlab.model.vlan_ids import has_vlan
from nestlab.reachability.elements import Port, WireKey


class PortRule(Enum):
    """A rule of a port that a frame can violate."""

    DISCONNECTED = "ADAPTER_DISCONNECTED"
    SPOOFING = "MAC_SPOOFING_OFF"
    VLAN = "VLAN_MISMATCH"


def untagged_vlan(port: Port) -> int:
    """Return the VLAN of a port's untagged frames: its access VLAN, its native VLAN, or 0."""
    if port.vlan is None:
        return 0
    if port.vlan.access is not None:
        return port.vlan.access
    return port.vlan.native or 0


def native_segment(port: Port) -> tuple[WireKey, int] | None:
    """Return the wire and VLAN of an adapter's untagged frames; None if it is not connected.

    >>> native_segment(Port(wire=WireKey((), "LabNet"), adapter="Ethernet"))
    (WireKey(machine=(), name='LabNet', physical=False), 0)
    """
    return (port.wire, untagged_vlan(port)) if port.connected and port.wire is not None else None


def tag_up(port: Port | None, tag: int) -> int:
    """Return the VLAN on the upper wire of a frame that leaves an External switch with this tag."""
    return untagged_vlan(port) if port is not None and tag == 0 else tag


def tag_down(port: Port | None, vlan: int) -> int:
    """Return the tag with which a frame of the upper wire enters the External switch below."""
    return 0 if port is not None and vlan == untagged_vlan(port) else vlan


def rules_blocking_up(port: Port | None, tag: int, mac: str | None) -> tuple[PortRule, ...]:
    """Return the rules that block a frame from below at an uplink.

    `mac` None stands for any MAC address other than the port's. A physical adapter (no port) passes
    every frame.
    """
    if port is None:
        return ()
    return (
        *_disconnected(port),
        *_spoofing(port, mac),
        *(() if tag == 0 or _allows(port, tag) else (PortRule.VLAN,)),
    )


def rules_blocking_down(port: Port | None, vlan: int, mac: str | None) -> tuple[PortRule, ...]:
    """Return the rules that block a frame from above at an uplink.

    Broadcasts pass down from any source, and the spoofing rule blocks only the replies. `mac` is
    therefore unused; it gives this function the signature of `rules_blocking_up`.
    """
    del mac
    if port is None:
        return ()
    return (
        *_disconnected(port),
        *(() if vlan == untagged_vlan(port) or _allows(port, vlan) else (PortRule.VLAN,)),
    )


def _disconnected(port: Port) -> tuple[PortRule, ...]:
    return () if port.live else (PortRule.DISCONNECTED,)


def _spoofing(port: Port, mac: str | None) -> tuple[PortRule, ...]:
    return () if port.mac_address_spoofing or mac == port.mac_address else (PortRule.SPOOFING,)


def _allows(port: Port, tag: int) -> bool:
    """Whether a port passes frames with a tag: only trunk ports do, for their allowed VLANs."""
    trunk = port.vlan.trunk if port.vlan is not None and port.vlan.access is None else ()
    return has_vlan(trunk, tag)
