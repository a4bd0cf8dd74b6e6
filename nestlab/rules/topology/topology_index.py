"""An index of a topology: machines, switches, adapters, addresses, and their keys in the file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from ipaddress import IPv4Address, IPv4Interface

from nestlab.dataclass import dataclass, field, replace
from nestlab.model.finding import Finding
from nestlab.model.machine_path import HOST, MachinePath
from nestlab.model.origin import KeyPath, copy_text
from nestlab.model.topology import VM, Switch, SwitchType, Topology, Vlan
from nestlab.rules.rule import Rule
from nestlab.rules.topology.broadcast_domain import (
    BroadcastDomain,
    physical_domain,
    switch_domain,
    tag_on_switch,
)
from nestlab.rules.topology.places import (
    AdapterPlace,
    MachinePlace,
    ManagementAdapterPlace,
    SwitchPlace,
    machine_places,
)


@dataclass(frozen=True)
class AddressHolder:
    """The owner of an address: an adapter of a VM, or a machine's own adapter on a switch."""

    machine: MachinePath
    subject: str
    address: IPv4Interface
    gateway: IPv4Address | None
    domain: BroadcastDomain
    keys: KeyPath


@dataclass(frozen=True)
class TopologyIndex:
    """A topology in the form that its rules read.

    `observed` are the machines whose state is known: rules about both have their limits.
    """

    topology: Topology
    observed: frozenset[MachinePath] = frozenset()
    machines: tuple[MachinePlace, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "machines", tuple(machine_places(self.topology)))

    @cached_property
    def by_path(self) -> dict[MachinePath, MachinePlace]:
        """The machines by path; the first of two with the same name."""
        found: dict[MachinePath, MachinePlace] = {}
        for place in self.machines:
            found.setdefault(place.path, place)
        return found

    @cached_property
    def vms(self) -> tuple[tuple[MachinePlace, VM], ...]:
        """Every VM at every level."""
        return tuple(
            (place, place.machine) for place in self.machines if isinstance(place.machine, VM)
        )

    @cached_property
    def nested_hosts(self) -> tuple[tuple[MachinePlace, VM], ...]:
        """The VMs that are nested hosts."""
        return tuple((place, vm) for place, vm in self.vms if vm.nested is not None)

    @cached_property
    def switches(self) -> tuple[SwitchPlace, ...]:
        """Every switch at every level."""
        return tuple(switch for place in self.machines for switch in place.switches)

    @cached_property
    def management_adapters(self) -> tuple[ManagementAdapterPlace, ...]:
        """Every adapter of a machine on a switch, without the one that has the switch's name."""
        return tuple(
            ManagementAdapterPlace(place, own, (*place.keys, "management_adapters", position))
            for place in self.switches
            for position, own in enumerate(place.switch.additional_adapters)
        )

    @cached_property
    def adapters(self) -> tuple[AdapterPlace, ...]:
        """Every adapter at every level."""
        return tuple(adapter for place in self.machines for adapter in place.adapters)

    @cached_property
    def _switch_index(self) -> dict[tuple[MachinePath, str], Switch]:
        return {
            (place.machine, place.switch.name.casefold()): place.switch
            for place in reversed(self.switches)
        }

    @cached_property
    def _adapter_index(self) -> dict[tuple[MachinePath, str], AdapterPlace]:
        return {
            (place.machine, place.adapter.name.casefold()): place
            for place in reversed(self.adapters)
        }

    def switch(self, machine: MachinePath, name: str | None) -> Switch | None:
        """Return a machine's switch by name, in any case."""
        return self._switch_index.get((machine, name.casefold())) if name else None

    def adapter(self, machine: MachinePath, name: str | None) -> AdapterPlace | None:
        """Return a VM's adapter by name, in any case."""
        return self._adapter_index.get((machine, name.casefold())) if name else None

    def bound_adapters(self, place: SwitchPlace) -> list[AdapterPlace]:
        """Return the adapters of a nested host that an External switch of its own is bound to."""
        found = (self.adapter(place.machine, name) for name in place.switch.net_adapters)
        return [adapter for adapter in found if adapter is not None]

    @cached_property
    def external_switches(self) -> dict[KeyPath, SwitchPlace]:
        """The External switch bound to each adapter of a nested host, by the adapter's keys."""
        found: dict[KeyPath, SwitchPlace] = {}
        for place in self.switches:
            if place.switch.switch_type is SwitchType.EXTERNAL:
                for adapter in self.bound_adapters(place):
                    found.setdefault(adapter.keys, place)
        return found

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

    def domain(self, adapter: AdapterPlace, tag: int = 0) -> BroadcastDomain | None:
        """Return the broadcast domain of an adapter; None if it is not connected."""
        name = adapter.adapter.switch
        if (
            not adapter.adapter.connected
            or name is None
            or self.switch(adapter.machine[:-1], name) is None
        ):
            return None
        crossed = tag_on_switch(adapter.adapter, tag)
        return None if crossed is None else self.domain_outside(adapter.machine[:-1], name, crossed)

    def own_domain(self, place: SwitchPlace) -> BroadcastDomain:
        """Return the broadcast domain of a machine's own adapter on a switch, by its VLAN."""
        return self.domain_of(place, place.switch.vlan)

    def domain_of(self, place: SwitchPlace, vlan: Vlan | None) -> BroadcastDomain:
        """Return the broadcast domain of an adapter of the machine on a switch, by its VLAN."""
        tag = 0 if vlan is None else (vlan.native if vlan.trunk else vlan.access) or 0
        return self.domain_outside(place.machine, place.switch.name, tag)

    def domain_outside(self, machine: MachinePath, switch_name: str, tag: int) -> BroadcastDomain:
        """Return the domain that a frame with this tag reaches through External switches."""
        switch = self.switch(machine, switch_name)
        if switch and switch.switch_type is SwitchType.EXTERNAL:
            if machine == HOST:
                return physical_domain(switch.net_adapter or switch.name, tag)
            adapter = self.adapter(machine, switch.net_adapter)
            outer = self.domain(adapter, tag) if adapter else None
            if outer is not None:
                return outer
        return switch_domain(machine, switch_name, tag)

    @cached_property
    def existing_networks(self) -> frozenset[BroadcastDomain]:
        """The untagged domains of existing switches, which the file does not describe."""
        return frozenset(
            self.domain_outside(place.machine, place.switch.name, 0)
            for place in self.switches
            if place.switch.existing
        )

    @cached_property
    def holders(self) -> tuple[AddressHolder, ...]:
        """All holders of addresses, each with the domain in which its address must be unique."""
        return tuple(_holders(self))

    @cached_property
    def by_domain(self) -> dict[BroadcastDomain, list[AddressHolder]]:
        """The holders of each domain."""
        found: dict[BroadcastDomain, list[AddressHolder]] = defaultdict(list)
        for holder in self.holders:
            found[holder.domain].append(holder)
        return dict(found)

    @cached_property
    def _is_unchanged(self) -> bool:
        origin = self.topology.origin
        return origin is not None and origin.topology == self.topology

    @cached_property
    def repeated_copies(self) -> frozenset[KeyPath]:
        """The copies of counted VMs, switches and adapters with the name of an earlier copy."""
        origin = self.topology.origin
        if origin is None or not origin.copies or not self._is_unchanged:
            return frozenset()
        named = [
            *((place.keys, place.machine.name) for place in self.machines),
            *((place.keys, place.switch.name) for place in self.switches),
            *((place.keys, place.adapter.name) for place in self.adapters),
        ]
        first: dict[tuple[KeyPath, int, str], KeyPath] = {}
        repeated: set[KeyPath] = set()
        for keys, name in named:
            copy = origin.copies.get(keys)
            if copy is not None and copy.total > 1:
                known = first.setdefault((keys[:-1], copy.source_index, name.casefold()), keys)
                repeated |= {keys} if known != keys else set()
        return frozenset(repeated)

    def variable_of_copy(self, keys: KeyPath) -> str:
        """Return the name of the variable of the innermost count that a value is in."""
        copies = self.topology.origin.copies if self.topology.origin else {}
        enclosing = (copies.get(keys[:end]) for end in range(len(keys), 0, -1))
        return next((copy.variable for copy in enclosing if copy and copy.total > 1), "n")

    def position_of_copy(self, keys: KeyPath) -> tuple[int, int] | None:
        """Return the line and column of a value that is in a copy; None for any other."""
        origin = self.topology.origin
        if origin is None or not self._is_unchanged or not copy_text(keys, origin.copies):
            return None
        return origin.position(keys)

    def finding(
        self,
        rule: Rule,
        subject: str,
        keys: KeyPath,
        message: str,
        *,
        hint: str | None = None,
        evidence: str = "",
    ) -> Finding:
        """Return a finding, with its location if the topology is unchanged since it was read."""
        origin = self.topology.origin
        location = origin.locate(keys) if origin is not None and self._is_unchanged else ""
        found = rule.finding(subject, message, hint=hint, evidence=evidence, location=location)
        return replace(found, keys=keys)


def _holders(index: TopologyIndex) -> Iterator[AddressHolder]:
    for position, uplink in enumerate(index.topology.uplinks):
        if uplink.ip_address:
            name = f"uplink {uplink.net_adapter}"
            keys: KeyPath = ("uplinks", position, "ip_address")
            domain = physical_domain(uplink.net_adapter)
            yield AddressHolder(HOST, name, uplink.ip_address, uplink.gateway, domain, keys)
    for place in index.switches:
        machine, switch, keys = place.machine, place.switch, (*place.keys, "ip_address")
        if switch.ip_address and switch.has_management_adapter:
            domain = index.own_domain(place)
            yield AddressHolder(
                machine, place.subject, switch.ip_address, switch.gateway, domain, keys
            )
    for further in index.management_adapters:
        own, machine = further.adapter, further.on.machine
        if own.ip_address:
            keys = (*further.keys, "ip_address")
            domain = index.domain_of(further.on, own.vlan)
            yield AddressHolder(machine, further.subject, own.ip_address, own.gateway, domain, keys)
    yield from _adapter_holders(index)


def _adapter_holders(index: TopologyIndex) -> Iterator[AddressHolder]:
    for place in index.adapters:
        adapter, keys = place.adapter, (*place.keys, "ip_address")
        bound = index.external_switches.get(place.keys)
        domain = index.own_domain(bound) if bound is not None else index.domain(place)
        if adapter.ip_address and not index.is_address_replaced(place) and domain:
            address, gateway = adapter.ip_address, adapter.gateway
            yield AddressHolder(place.machine, place.subject, address, gateway, domain, keys)
