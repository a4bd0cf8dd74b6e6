"""Gateways whose address a machine has that is on another network or in another VLAN."""

from __future__ import annotations

from typing import NamedTuple

from nestlab.model.machine_path import MachinePath
from nestlab.model.topology import Vlan, vlan_text
from nestlab.rules.topology.places import AdapterPlace, ManagementAdapterPlace, SwitchPlace
from nestlab.rules.topology.topology_index import AddressHolder, TopologyIndex


class _Port(NamedTuple):
    """The port of an adapter on a switch of a machine."""

    machine: MachinePath
    switch: str
    vlan: Vlan | None


def in_another_vlan(index: TopologyIndex, holder: AddressHolder) -> tuple[str, str] | None:
    """Return message and hint where a VLAN keeps an adapter apart from its gateway.

    None if no machine has the gateway's address in another VLAN of the same network.
    """
    own, network = _port(index, holder), holder.domain.untagged
    if own is not None and own.switch:  # also where a port further out drops frames of its VLAN
        network = index.domain_outside(own.machine, own.switch, 0).untagged
    other = next(
        (each for each in _with_its_gateway(index, holder) if each.domain.untagged == network), None
    )
    if other is None:
        return None
    there = _port(index, other)
    message = f"has the gateway {holder.gateway}, which {other.subject} has in another VLAN"
    if own is None or there is None or own[:2] != there[:2]:
        hint = f"Its frames are {_tag_text(holder)}, those of {other.subject} are {_tag_text(other)}: set vlan on the adapters between them so that both are in one VLAN."
        return message, hint
    message += f" ({vlan_text(there.vlan)}; this adapter: {vlan_text(own.vlan)})"
    change = _joining(holder, own, other)
    hint = f"{change[0].upper()}{change[1:]}, or {_joining(other, there, holder)}."
    return message, hint


def on_another_network(index: TopologyIndex, holder: AddressHolder) -> tuple[str, str] | None:
    """Return message and hint where a machine on another network has the gateway's address.

    Only networks of the same host count: another nested host may well use the same addresses.
    Where several have it, the first one of the file is named. None if no machine has it.
    """
    there = (
        each
        for each in _with_its_gateway(index, holder)
        if each.domain.machine == holder.domain.machine
    )
    other = next(there, None)
    if other is None:
        return None
    message = f"has the gateway {holder.gateway}, but is not on the network of {other.subject}, which has this address"
    return (
        message,
        f"Connect the adapter to the network of {other.subject}, or choose a gateway on its own network.",
    )


def _with_its_gateway(index: TopologyIndex, holder: AddressHolder) -> list[AddressHolder]:
    return [each for each in index.holders if each.address.ip == holder.gateway]


def _port(index: TopologyIndex, holder: AddressHolder) -> _Port | None:
    """Return the port of an adapter; None below an External switch, where two ports tag frames."""
    owner = holder.owner
    if isinstance(owner, SwitchPlace):
        return _Port(owner.machine, owner.switch.name.casefold(), owner.switch.vlan)
    if isinstance(owner, ManagementAdapterPlace):
        switch = owner.on.switch.name.casefold()
        return _Port(owner.on.machine, switch, owner.adapter.vlan)
    if isinstance(owner, AdapterPlace) and owner.keys not in index.external_switches:
        switch = (owner.adapter.switch or "").casefold()
        return _Port(owner.machine[:-1], switch, owner.adapter.vlan)
    return None


def _joining(holder: AddressHolder, port: _Port, other: AddressHolder) -> str:
    """Return the change of one adapter's VLAN that puts it into the VLAN of the other."""
    if port.vlan is not None and port.vlan.trunk:
        return f"set native: {other.domain.tag} in the vlan of {holder.subject}"
    if other.domain.tag:
        return f"set vlan: {{access: {other.domain.tag}}} on {holder.subject}"
    return f"remove vlan from {holder.subject}"


def _tag_text(holder: AddressHolder) -> str:
    return f"in VLAN {holder.domain.tag}" if holder.domain.tag else "untagged"
