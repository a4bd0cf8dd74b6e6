"""The physical networks that a topology describes, as far as it does."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from nestlab.model.topology import Switch, SwitchType, Topology, Uplink
from nestlab.reachability.external_networks import ExternalNetwork


def declared_networks(topology: Topology) -> tuple[ExternalNetwork, ...]:
    """Return the physical networks: the declared uplinks, then External switches without one."""
    bound = [(adapter, s.name) for s in topology.switches if (adapter := _outer_adapter(s))]
    external = {adapter.casefold(): name for adapter, name in bound}
    names = {adapter.casefold(): adapter for adapter, _ in bound}
    known = [
        _known(uplink, external.get(uplink.net_adapter.casefold())) for uplink in topology.uplinks
    ]
    declared = {uplink.net_adapter.casefold() for uplink in topology.uplinks}
    unknown = [
        ExternalNetwork(net_adapter=names[key], switch=switch)
        for key, switch in external.items()
        if key not in declared
    ]
    return tuple(replace(outside, forwarding=topology.forwarding) for outside in (*known, *unknown))


def _outer_adapter(switch: Switch) -> str:
    """Return the adapter that a switch of the host is bound to; empty where there is none."""
    if switch.switch_type is not SwitchType.EXTERNAL:
        return ""
    return switch.net_adapter or (f"the adapter of {switch.name}" if switch.existing else "")


def _known(uplink: Uplink, switch: str | None) -> ExternalNetwork:
    network: IPv4Network | None = uplink.network
    if network is None and uplink.ip_address is not None:
        network = uplink.ip_address.network
    gateway: IPv4Address | None = uplink.gateway
    address: IPv4Interface | None = uplink.ip_address
    return ExternalNetwork(
        net_adapter=uplink.net_adapter,
        switch=switch,
        network=network,
        gateway=gateway,
        address=address,
        routes=uplink.routes,
        stated=True,
    )
