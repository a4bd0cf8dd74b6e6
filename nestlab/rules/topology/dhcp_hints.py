"""Hints for adapters whose DHCP requests are not answered, which depend on their network."""

from __future__ import annotations

from collections.abc import Collection

from nestlab.enumerations import all_of
from nestlab.model.broadcast_domain import BroadcastDomain
from nestlab.model.machine_path import HOST, MachinePath
from nestlab.model.topology import SwitchType
from nestlab.rules.free_addresses import AddressRange
from nestlab.rules.topology.places import AdapterPlace, DhcpServerPlace
from nestlab.rules.topology.topology_index import TopologyIndex
from nestlab.texts import tr


def how_to_be_served(
    index: TopologyIndex, place: AdapterPlace, clients: Collection[MachinePath] = ()
) -> str:
    """Return what to do for an adapter with `dhcp: true` that no DHCP server answers.

    `clients` are the machines whose Windows is a client, which has no DHCP server.

    On a physical network, a DHCP range in the file is not a solution: the server would answer
    machines that do not belong to the lab.
    """
    domain = index.domain(place)
    if domain is None:
        return tr("Connect the adapter to a switch, or give it an ip_address.")
    if domain.physical:
        return _on_physical_network(index, domain)
    switch = index.switch(domain.machine, domain.name)
    if switch is not None and switch.existing:
        return tr(
            "Give the adapter an ip_address, or see to it that a DHCP server answers on the existing switch {switch}: nestlab does not change that switch.",
            switch=switch.name,
        )
    servers = _servers(index, domain)
    if servers:
        names = all_of([f"{place.name} ({scope})" for place, scope in servers])
        return tr(
            "Give the adapter an ip_address outside the range, or see to it that the DHCP server of {switches} runs and has a free address.",
            switches=names,
        )
    name = switch.name if switch is not None else domain.name
    if domain.machine in clients:
        return tr(
            "Give the adapter an ip_address: the Windows that has switch {switch} is a client, and has no DHCP server.",
            switch=name,
        )
    if switch is not None and switch.switch_type is SwitchType.PRIVATE:
        return tr(
            "Give the adapter an ip_address; or make switch {switch} Internal and add ip_address and dhcp: {{range: ...}}, on a Windows Server.",
            switch=name,
        )
    if switch is not None and switch.ip_address:
        return tr(
            "Give the adapter an ip_address, or add dhcp: {{range: ...}} to switch {switch}, on a Windows Server.",
            switch=name,
        )
    return tr(
        "Give the adapter an ip_address, or add ip_address and dhcp: {{range: ...}} to switch {switch}, on a Windows Server.",
        switch=name,
    )


def _servers(
    index: TopologyIndex, domain: BroadcastDomain
) -> list[tuple[DhcpServerPlace, AddressRange]]:
    return [
        (place, AddressRange(place.scope.first, place.scope.last))
        for place in index.dhcp_servers
        if place.domain == domain
    ]


def _on_physical_network(index: TopologyIndex, domain: BroadcastDomain) -> str:
    bound = (
        place.switch
        for place in index.switches
        if place.machine == HOST and index.domain_of(place, None).name == domain.name
    )
    switch = next(bound, None)
    where = (
        tr("of switch {switch}", switch=switch.name)
        if switch is not None
        else tr("behind {adapter}", adapter=domain.name)
    )
    vlan = tr(", VLAN {vlan},", vlan=domain.tag) if domain.tag else ""
    return tr(
        "See to it that the DHCP server of the physical network {where}{vlan} answers the adapter, or give it an ip_address of that network. Do not serve DHCP there from the lab: the server would answer other machines of that network as well.",
        where=where,
        vlan=vlan,
    )
