"""The broadcast domain of each adapter of a topology, as far as the file shows it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from nestlab.dataclass import dataclass
from nestlab.model.broadcast_domain import (
    BroadcastDomain,
    physical_domain,
    switch_domain,
    tag_on_switch,
)
from nestlab.model.machine_path import HOST, MachinePath
from nestlab.model.origin import KeyPath
from nestlab.model.topology import DhcpServer, Switch, SwitchType, Vlan
from nestlab.rules.topology.places import AdapterPlace, DhcpServerPlace, SwitchPlace
from nestlab.rules.topology.topology_places import TopologyPlaces


@dataclass(frozen=True)
class TopologyDomains(TopologyPlaces):
    """The places of a topology, with the broadcast domains that their adapters are in."""

    def is_address_replaced(self, place: AdapterPlace) -> bool:
        """Whether an External switch replaces or removes the address of an adapter.

        Otherwise it moves the address to its vEthernet adapter.
        """
        switch = bound.switch if (bound := self.external_switches.get(place.keys)) else None
        return switch is not None and (
            switch.ip_address is not None
            or not switch.allow_management_os
            or (switch.net_adapter or "").casefold() != place.adapter.name.casefold()
        )

    @cached_property
    def _domains(self) -> dict[KeyPath, BroadcastDomain]:
        found = ((adapter.keys, self._domain(adapter, 0)) for adapter in self.adapters)
        return {keys: domain for keys, domain in found if domain is not None}

    @cached_property
    def _domains_outside(self) -> dict[tuple[MachinePath, str, int], BroadcastDomain]:
        """The domains of switches in the file that were looked up, by machine, name and tag."""
        return {}

    @cached_property
    def adapters_by_domain(self) -> dict[BroadcastDomain, list[AdapterPlace]]:
        """The connected adapters of VMs in each domain."""
        found: dict[BroadcastDomain, list[AdapterPlace]] = {}
        for adapter in self.adapters:
            if (domain := self._domains.get(adapter.keys)) is not None:
                found.setdefault(domain, []).append(adapter)
        return found

    @cached_property
    def dhcp_servers(self) -> tuple[DhcpServerPlace, ...]:
        """The DHCP scopes of the file: those of switches, then those served in guests."""
        return tuple(self._dhcp_servers())

    def _dhcp_servers(self) -> Iterator[DhcpServerPlace]:
        for place in self.switches:
            if place.switch.dhcp is not None:
                forwards = self.by_path[place.machine].machine.forwards
                server = DhcpServer(place.switch, place.switch.dhcp, forwards)
                yield DhcpServerPlace(place, server, self.own_domain(place))
        for adapter in self.adapters:
            if adapter.adapter.dhcp_server is not None:
                forwards = self.by_path[adapter.machine].machine.forwards
                server = DhcpServer(adapter.adapter, adapter.adapter.dhcp_server, forwards)
                bound = self.external_switches.get(adapter.keys)
                domain = self.domain(adapter) if bound is None else self.own_domain(bound)
                yield DhcpServerPlace(adapter, server, domain)

    def domain(self, adapter: AdapterPlace) -> BroadcastDomain | None:
        """Return the broadcast domain of an adapter; None if it is not connected."""
        return self._domains.get(adapter.keys)

    def _domain(self, adapter: AdapterPlace, tag: int) -> BroadcastDomain | None:
        """Return the domain that frames with this tag reach; None if the adapter drops them."""
        name, machine = adapter.adapter.switch, adapter.machine[:-1]
        if not adapter.adapter.connected or name is None:
            return None
        crossed = tag_on_switch(adapter.adapter, tag)
        known = None if crossed is None else self._domains_outside.get((machine, name, crossed))
        if known is not None or crossed is None or self.switch(machine, name) is None:
            return known
        return self.domain_outside(machine, name, crossed)

    def own_domain(self, place: SwitchPlace) -> BroadcastDomain:
        """Return the broadcast domain of a machine's own adapter on a switch, by its VLAN."""
        return self.domain_of(place, place.switch.vlan)

    def domain_of(self, place: SwitchPlace, vlan: Vlan | None) -> BroadcastDomain:
        """Return the broadcast domain of an adapter of the machine on a switch, by its VLAN."""
        tag = 0 if vlan is None else (vlan.native if vlan.trunk else vlan.access) or 0
        return self.domain_outside(place.machine, place.switch.name, tag)

    def domain_outside(self, machine: MachinePath, switch_name: str, tag: int) -> BroadcastDomain:
        """Return the domain that a frame with this tag reaches through External switches."""
        place = machine, switch_name, tag
        if place in self._domains_outside:
            return self._domains_outside[place]
        switch = self.switch(machine, switch_name)
        if switch is None:
            return switch_domain(machine, switch_name, tag)
        found = self._domains_outside[place] = self._outermost(machine, switch, tag)
        return found

    def _outermost(self, machine: MachinePath, switch: Switch, tag: int) -> BroadcastDomain:
        if switch.switch_type is SwitchType.EXTERNAL:
            if machine == HOST:
                return physical_domain(switch.net_adapter or switch.name, tag)
            adapter = self.adapter(machine, switch.net_adapter)
            outer = self._domain(adapter, tag) if adapter else None
            if outer is not None:
                return outer
        return switch_domain(machine, switch.name, tag)

    @cached_property
    def existing_networks(self) -> frozenset[BroadcastDomain]:
        """The untagged domains of existing switches, which the file does not describe."""
        return frozenset(
            self.domain_outside(place.machine, place.switch.name, 0)
            for place in self.switches
            if place.switch.existing
        )

    def is_existing(self, domain: BroadcastDomain) -> bool:
        """Whether a domain is the network of an existing switch."""
        return bool(self.existing_networks) and domain.untagged in self.existing_networks

    def is_open(self, domain: BroadcastDomain) -> bool:
        """Whether a domain has machines that the file does not list."""
        return domain.physical or self.is_existing(domain)
