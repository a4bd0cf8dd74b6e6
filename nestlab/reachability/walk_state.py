"""A walk in progress: its steps, and what NATs remember of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Network
from typing import NamedTuple

from nestlab.reachability.outcome import Drop, Packet
from nestlab.reachability.tables import Hop, Place, Tables


class WalkStep(NamedTuple):
    """One thing that happened: `does` at a stack; the numbers mean what `does` says."""

    does: str  # send | ask | wire | forward | nat | session | accept | internet
    stack: int
    packet: Packet
    hop: Hop | None = None
    place: Place | None = None
    other: Place | None = None
    network: IPv4Network | None = None


class NatSession(NamedTuple):
    """One translation that a NAT remembers: `inner` went to `peer` as `outer`."""

    stack: int
    inner: int
    outer: int
    peer: int


@dataclass
class Walk:
    """A walk in progress: what happened so far, and the sessions that NATs remember of it."""

    tables: Tables
    steps: list[WalkStep] = field(default_factory=list)
    sessions: list[NatSession] = field(default_factory=list)
    uncertainties: list[Drop] = field(default_factory=list)
    """Choices on the way that something not known could make differently."""
