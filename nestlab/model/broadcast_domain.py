"""Broadcast domains: what the frames of an adapter reach, and with which VLAN tag."""

from __future__ import annotations

from typing import NamedTuple

from nestlab.model.machine_path import HOST, MachinePath
from nestlab.model.topology import NetworkAdapter
from nestlab.model.vlan_ids import has_vlan


class BroadcastDomain(NamedTuple):
    """The outermost switch that frames reach, on its machine, and their VLAN tag.

    With `physical` it is the network behind a physical adapter of the host, and `name` is that of
    the adapter. Names are case-folded.
    """

    machine: MachinePath
    name: str
    tag: int
    physical: bool = False

    @property
    def untagged(self) -> BroadcastDomain:
        """The domain of untagged frames on the same switch or physical network."""
        return self._replace(tag=0)


def switch_domain(machine: MachinePath, switch: str, tag: int = 0) -> BroadcastDomain:
    """Return the domain of a switch that leads to no other network.

    >>> switch_domain(("HV1",), "NestedNat")
    BroadcastDomain(machine=('HV1',), name='nestednat', tag=0, physical=False)
    """
    return BroadcastDomain(machine, switch.casefold(), tag)


def physical_domain(net_adapter: str, tag: int = 0) -> BroadcastDomain:
    """Return the domain of the physical network behind an adapter of the host."""
    return BroadcastDomain(HOST, net_adapter.casefold(), tag, physical=True)


def tag_on_switch(adapter: NetworkAdapter, tag: int) -> int | None:
    """Return the tag of a frame after the port of an adapter; None if the port drops it."""
    vlan = adapter.vlan
    if vlan is None:
        return 0 if tag == 0 else None
    if vlan.trunk:
        return (vlan.native or 0) if tag == 0 else (tag if has_vlan(vlan.trunk, tag) else None)
    return (vlan.access or 0) if tag == 0 else None
