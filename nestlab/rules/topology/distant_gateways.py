"""Gateways whose machine is on another network or in another VLAN."""

from __future__ import annotations

from typing import NamedTuple

from nestlab.model.machine_path import MachinePath
from nestlab.model.topology import Vlan, vlan_text
from nestlab.rules.topology.places import AdapterPlace, ManagementAdapterPlace, SwitchPlace
from nestlab.rules.topology.topology_index import AddressHolder, TopologyIndex
from nestlab.texts import tr


class _Port(NamedTuple):
    """The port of an adapter on a switch of a machine."""

    machine: MachinePath
    switch: str
    vlan: Vlan | None


def in_another_vlan(index: TopologyIndex, holder: AddressHolder) -> tuple[str, str] | None:
    """Return message and hint if a VLAN separates an adapter from its gateway.

    None if no machine has the gateway's address in another VLAN of the same network.
    """
    own, network = _port(index, holder), holder.domain.untagged
    if own is not None and own.switch:  # also if a port further out drops frames of its VLAN
        network = index.domain_outside(own.machine, own.switch, 0).untagged
    other = next(
        (each for each in _with_its_gateway(index, holder) if each.domain.untagged == network), None
    )
    if other is None:
        return None
    there = _port(index, other)
    message = tr(
        "has the gateway {gateway}, which {other} has in another VLAN",
        gateway=holder.gateway,
        other=other.name,
    )
    if own is None or there is None or own[:2] != there[:2]:
        hint = tr(
            "Its frames are {tag}, those of {other} are {other_tag}: set vlan on the adapters between them so that both are in one VLAN.",
            tag=_tag_text(holder),
            other=other.name,
            other_tag=_tag_text(other),
        )
        return message, hint
    message = tr(
        "has the gateway {gateway}, which {other} has in another VLAN ({vlan}; this adapter: {own_vlan})",
        gateway=holder.gateway,
        other=other.name,
        vlan=vlan_text(there.vlan),
        own_vlan=vlan_text(own.vlan),
    )
    change = _joining(holder, own, other)
    hint = tr(
        "{change}, or {alternative}.",
        change=f"{change[0].upper()}{change[1:]}",
        alternative=_joining(other, there, holder),
    )
    return message, hint


def on_another_network(index: TopologyIndex, holder: AddressHolder) -> tuple[str, str] | None:
    """Return message and hint if a machine on another network has the gateway's address.

    Only networks of the same host count: another nested host may well use the same addresses.
    If several have it, the first one in the file is named. None if no machine has it.
    """
    there = (
        each
        for each in _with_its_gateway(index, holder)
        if each.domain.machine == holder.domain.machine
    )
    other = next(there, None)
    if other is None:
        return None
    message = tr(
        "has the gateway {gateway}, but is not on the network of {other}, which has this address",
        gateway=holder.gateway,
        other=other.name,
    )
    return (
        message,
        tr(
            "Connect the adapter to the network of {other}, or choose a gateway on its own network.",
            other=other.name,
        ),
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
        return tr(
            "set native: {vlan} in the vlan of {adapter}",
            vlan=other.domain.tag,
            adapter=holder.name,
        )
    if other.domain.tag:
        return tr(
            "set vlan: {{access: {vlan}}} on {adapter}",
            vlan=other.domain.tag,
            adapter=holder.subject,
        )
    return tr("remove vlan from {adapter}", adapter=holder.name)


def _tag_text(holder: AddressHolder) -> str:
    return tr("in VLAN {vlan}", vlan=holder.domain.tag) if holder.domain.tag else tr("untagged")
