"""Networks on which machines of a topology serve DHCP, and what is on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from ipaddress import IPv4Address, IPv4Interface

from nestlab.dataclass import dataclass
from nestlab.model.broadcast_domain import BroadcastDomain, physical_domain
from nestlab.model.origin import KeyPath
from nestlab.model.topology import VM, DhcpReservation, VMState
from nestlab.rules.free_addresses import (
    AddressRange,
    Taken,
    free_range,
    free_ranges,
    host_addresses,
    without_overlaps,
)
from nestlab.rules.topology.places import AdapterPlace, DhcpServerPlace, SwitchPlace
from nestlab.rules.topology.topology_index import AddressHolder, TopologyIndex


@dataclass(frozen=True)
class ValidDhcpServer:
    """A DHCP scope that fits the network of the address that it is served from."""

    place: DhcpServerPlace
    address: IPv4Interface
    leased: AddressRange


@dataclass(frozen=True)
class DhcpNetwork:
    """A network on which machines of the topology serve DHCP, and what is on it."""

    index: TopologyIndex
    domain: BroadcastDomain
    servers: tuple[ValidDhcpServer, ...]

    @cached_property
    def holders(self) -> list[AddressHolder]:
        """The owners of static addresses, without the servers' own addresses."""
        own = {(*server.place.owner.keys, "ip_address") for server in self.servers}
        return [item for item in self.index.by_domain.get(self.domain, ()) if item.keys not in own]

    @cached_property
    def uplink_gateways(self) -> list[tuple[str, IPv4Address]]:
        """The gateways of a physical network, each with the name of the uplink."""
        return [
            (uplink.net_adapter, uplink.gateway)
            for uplink in self.index.topology.uplinks
            if uplink.gateway and physical_domain(uplink.net_adapter) == self.domain
        ]

    @cached_property
    def taken(self) -> set[IPv4Address]:
        """The static addresses, those of gateways, and those reserved for one adapter."""
        holders = self.index.by_domain.get(self.domain, ())
        found = {holder.address.ip for holder in holders}
        found |= {holder.gateway for holder in holders if holder.gateway}
        found |= {each.ip_address for each in self._reservations}
        return found | {gateway for _, gateway in self.uplink_gateways}

    @property
    def _reservations(self) -> Iterator[DhcpReservation]:
        for server in self.servers:
            yield from server.place.scope.reservations

    @cached_property
    def _reserved_for(self) -> set[str]:
        """The MAC addresses with an address of their own."""
        return {each.mac_address for each in self._reservations}

    @cached_property
    def adapters(self) -> list[AdapterPlace]:
        """The adapters of VMs on the network."""
        return self.index.adapters_by_domain.get(self.domain, [])

    @cached_property
    def clients(self) -> list[AdapterPlace]:
        """The adapters that are to get an address by DHCP."""
        return [
            place for place in self.adapters if place.adapter.dhcp and not place.adapter.ip_address
        ]

    @cached_property
    def running_clients(self) -> list[AdapterPlace]:
        """The clients of running VMs, without those that an address is reserved for."""
        return [
            place
            for place in self.clients
            if self._system(place) is not None
            and place.adapter.mac_address not in self._reserved_for
        ]

    @cached_property
    def clients_by_default(self) -> list[AdapterPlace]:
        """The adapters with neither dhcp nor an address, of VMs in which a system runs.

        Windows and Linux request an address on an adapter without settings.
        """
        return [
            place
            for place in self.adapters
            if not place.adapter.dhcp
            and not place.adapter.ip_address
            and place.adapter.mac_address not in self._reserved_for
            and self._system(place) not in (None, "none")
            and place.keys not in self.index.external_switches
        ]

    def _system(self, place: AdapterPlace) -> str | None:
        """Return `guest.os` of the VM of an adapter; None if the file declares the VM Off."""
        vm = self.index.by_path[place.machine].machine
        return vm.guest.os if isinstance(vm, VM) and vm.state is VMState.RUNNING else None

    @property
    def free(self) -> int:
        """How many addresses the servers can lease."""
        return self._free_of([server.leased for server in self.servers])

    def _free_of(self, ranges: list[AddressRange]) -> int:
        """Return how many addresses of ranges are not used."""
        leased = without_overlaps(ranges)
        return sum(part.size for each in leased for part in free_ranges(each, self.taken))

    @cached_property
    def proposed_ranges(self) -> dict[KeyPath, AddressRange]:
        """A range for each server, by its keys, of addresses that are neither used nor leased.

        Together with the ranges of the other servers, it suffices for all clients; if the network
        has no such range, for the adapters with `dhcp: true`. A server without either has no entry.
        """
        found = ((server.place.keys, self._proposed_range(server)) for server in self.servers)
        return {keys: proposed for keys, proposed in found if proposed is not None}

    def _proposed_range(self, server: ValidDhcpServer) -> AddressRange | None:
        others = [other.leased for other in self.servers if other is not server]
        elsewhere = self._free_of(others)
        taken: list[Taken] = [*self.taken, *others]
        for asking in (len(self.clients) + len(self.clients_by_default), len(self.clients)):
            count = max(asking - elsewhere, 1)
            found = free_range(server.address.network, server.leased, taken, count)
            if found is not None:
                return found
        return None

    @cached_property
    def free_addresses(self) -> dict[KeyPath, IPv4Interface]:
        """Another address for each holder of one that is leased, by the keys of its address.

        All are different. None is used, leased, or in one of `proposed_ranges`, so that all
        proposals can be followed together. Owners of an address that another part of the file names
        have no entry, because that part would have to change as well.
        """
        found: dict[KeyPath, IPv4Interface] = {}
        named = self.index.named_addresses
        taken: list[Taken] = [*self.taken, *named, *self.proposed_ranges.values()]
        taken += [server.leased for server in self.servers]
        for holder in self.holders:
            is_leased = any(server.leased.has(holder.address.ip) for server in self.servers)
            if not is_leased or holder.address.ip in named:
                continue
            network = holder.address.network
            free = next(free_ranges(host_addresses(network), taken), None)
            if free is not None:
                found[holder.keys] = IPv4Interface((free.first, network.prefixlen))
                taken.append(free.first)
        return found


def has_own_adapter(place: DhcpServerPlace) -> bool:
    """Whether the machine of a DHCP scope has an adapter where it is to be served."""
    return not isinstance(place.owner, SwitchPlace) or place.owner.switch.has_management_adapter


def served_networks(index: TopologyIndex) -> Iterator[DhcpNetwork]:
    """Yield the networks with DHCP servers whose ranges fit them; `dhcp-wrong` reports others."""
    found: dict[BroadcastDomain, list[ValidDhcpServer]] = defaultdict(list)
    for place in index.dhcp_servers:
        address = place.address if has_own_adapter(place) else None
        if address is None or place.domain is None:
            continue
        leased = AddressRange(place.scope.first, place.scope.last)
        if leased.first in address.network and leased.last in address.network:
            found[place.domain].append(ValidDhcpServer(place, address, leased))
    for domain, servers in found.items():
        yield DhcpNetwork(index, domain, tuple(servers))
