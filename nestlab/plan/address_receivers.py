"""Which machine or switch the file assigns each address to."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address

from nestlab.model.topology import VM, Topology

AddressReceivers = Mapping[IPv4Address, str]
"""The machine or switch that the file assigns each address to, as text."""


def address_receivers(topology: Topology) -> dict[IPv4Address, str]:
    """Return the machine or switch that the file assigns each address to, at every level."""
    receivers: dict[IPv4Address, str] = {}
    for path, machine in topology.machines():
        own = machine.network_adapters if isinstance(machine, VM) else ()
        receivers |= {
            adapter.ip_address.ip: "/".join(path) for adapter in own if adapter.ip_address
        }
        receivers |= {
            s.ip_address.ip: "/".join((*path, f"switch {s.name}"))
            for s in machine.switches
            if s.ip_address and not s.existing
        }
    return receivers
