"""Which machine or switch has each address in the file."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address

from nestlab.model.topology import VM, Topology
from nestlab.texts import tr

AddressHolders = Mapping[IPv4Address, str]
"""The machine or switch that has each address in the file, as text."""


def address_holders(topology: Topology) -> dict[IPv4Address, str]:
    """Return the machine or switch that has each address in the file, at every level."""
    holders: dict[IPv4Address, str] = {}
    for path, machine in topology.machines():
        own = machine.network_adapters if isinstance(machine, VM) else ()
        holders |= {adapter.ip_address.ip: "/".join(path) for adapter in own if adapter.ip_address}
        holders |= {
            s.ip_address.ip: "/".join((*path, tr("switch {switch}", switch=s.name)))
            for s in machine.switches
            if s.ip_address and not s.existing
        }
    return holders
