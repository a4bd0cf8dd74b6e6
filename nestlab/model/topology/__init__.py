"""The topology: what is wanted, at every level."""

from __future__ import annotations

from nestlab.model.topology.expectation import Check
from nestlab.model.topology.network import (
    DhcpRange,
    NetworkAdapter,
    PortForward,
    Route,
    Switch,
    SwitchType,
    Uplink,
    Vlan,
)
from nestlab.model.topology.topology import Topology
from nestlab.model.topology.vm import VM, Disk, DynamicMemory, Guest, Nested, VMState

__all__ = [
    "VM",
    "Check",
    "DhcpRange",
    "Disk",
    "DynamicMemory",
    "Guest",
    "Nested",
    "NetworkAdapter",
    "PortForward",
    "Route",
    "Switch",
    "SwitchType",
    "Topology",
    "Uplink",
    "VMState",
    "Vlan",
]
