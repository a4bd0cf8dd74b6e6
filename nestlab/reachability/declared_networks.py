"""The physical networks that a topology describes."""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from nestlab.dataclass import replace
from nestlab.model.topology import Switch, SwitchType, Topology, Uplink
from nestlab.reachability.physical_networks import PhysicalNetworkFacts
from nestlab.texts import tr


def declared_networks(topology: Topology) -> tuple[PhysicalNetworkFacts, ...]:
    """Return the physical networks: the declared uplinks, then those of other External switches.

    The adapters of a team are on one network, named after the first adapter that is declared.
    """
    declared = {uplink.net_adapter.casefold() for uplink in topology.uplinks}
    bound = [(name, s.name) for s in topology.switches if (name := _bound_adapter(s, declared))]
    team_members = {n.casefold() for s in topology.switches for n in s.net_adapters if s.is_team}
    team_members -= {name.casefold() for name, _ in bound}
    external = {adapter.casefold(): name for adapter, name in bound}
    names = {adapter.casefold(): adapter for adapter, _ in bound}
    known = [
        _declared(uplink, external.get(uplink.net_adapter.casefold()))
        for uplink in topology.uplinks
        if uplink.net_adapter.casefold() not in team_members
    ]
    unknown = [
        PhysicalNetworkFacts(net_adapter=names[key], switch=switch)
        for key, switch in external.items()
        if key not in declared
    ]
    forwarding = topology.forwarding
    return tuple(replace(network, forwarding=forwarding) for network in (*known, *unknown))


def _bound_adapter(switch: Switch, declared: Collection[str]) -> str:
    """Return the name of the host's adapter that a switch is bound to.

    For an existing switch whose adapter is not declared, it is a description; for a switch without
    an adapter, it is empty.
    """
    if switch.switch_type is not SwitchType.EXTERNAL:
        return ""
    known = (name for name in switch.net_adapters if name.casefold() in declared)
    return next(known, switch.net_adapter) or (
        tr("the adapter of {switch}", switch=switch.name) if switch.existing else ""
    )


def _declared(uplink: Uplink, switch: str | None) -> PhysicalNetworkFacts:
    network: IPv4Network | None = uplink.network
    if network is None and uplink.ip_address is not None:
        network = uplink.ip_address.network
    gateway: IPv4Address | None = uplink.gateway
    address: IPv4Interface | None = uplink.ip_address
    return PhysicalNetworkFacts(
        net_adapter=uplink.net_adapter,
        switch=switch,
        network=network,
        gateway=gateway,
        address=address,
        routes=uplink.routes,
        declared=True,
    )
