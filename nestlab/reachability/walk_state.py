"""A walk in progress: its steps and its NAT sessions."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import NamedTuple

from nestlab.dataclass import dataclass, field
from nestlab.reachability.outcome import Drop, Packet
from nestlab.reachability.tables import InterfaceRef, NextHop, Tables


class WalkStep(NamedTuple):
    """One step at a stack; its `kind` decides which other fields are set.

    For `arp` (a request that no machine answers) and `wire`, `interface` is the sender's; otherwise
    it is the one that received the packet. `receiver`: the interface at the far end of a `wire`;
    `network`: the internal prefix of the NAT, for `nat`.
    """

    kind: str  # send | arp | wire | forward | nat | session | accept | internet
    stack: int
    packet: Packet
    hop: NextHop | None = None
    interface: InterfaceRef | None = None
    receiver: InterfaceRef | None = None
    network: IPv4Network | None = None


class NatSession(NamedTuple):
    """An entry in the session table of a NAT: packets from `inner` to `peer` left as `outer`."""

    stack: int
    inner: int
    outer: int
    peer: int


@dataclass
class Walk:
    """A walk in progress: its steps so far and its NAT sessions."""

    tables: Tables
    steps: list[WalkStep] = field(default_factory=list)
    sessions: list[NatSession] = field(default_factory=list)
    uncertainties: list[Drop] = field(default_factory=list)
    """Routing choices that could differ because an address or a gateway is not known."""
