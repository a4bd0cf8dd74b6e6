"""The networks of a topology: those that each seat gets its own of, and those that seats share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, collapse_addresses

from nestlab.dataclass import dataclass
from nestlab.model.topology import VM, Route, Switch, SwitchType, Topology

_ADDRESS_BITS = 32


def is_shared(switch: Switch) -> bool:
    """Whether all seats use a switch of the host: an existing one, or one on a physical adapter."""
    return switch.existing or switch.switch_type is SwitchType.EXTERNAL


def shared_networks(topology: Topology) -> tuple[IPv4Network, ...]:
    """Return the networks that all seats are in: physical ones, and those of shared switches."""
    found: set[IPv4Network] = set()
    for uplink in topology.uplinks:
        found |= {uplink.network} if uplink.network else set()
        found |= {uplink.ip_address.network} if uplink.ip_address else set()
    shared = {switch.name.casefold() for switch in topology.switches if is_shared(switch)}
    for switch in topology.switches:
        if is_shared(switch):
            found |= set(_networks_of_switch(switch))
    for vm in topology.vms:
        for adapter in vm.network_adapters:
            if adapter.ip_address and (adapter.switch or "").casefold() in shared:
                found.add(adapter.ip_address.network)
    return tuple(collapse_addresses(found))


def own_networks(topology: Topology) -> tuple[IPv4Network, ...]:
    """Return the networks that each seat gets its own of, the largest first.

    They are those of addresses, NATs and DHCP at every level, except shared ones. A network inside
    another is part of that. The destination of a route counts where it overlaps with one of them.
    """
    shared = shared_networks(topology)
    found = {
        network
        for network in _declared_networks(topology)
        if not any(network.overlaps(other) for other in shared)
    }
    for route in _routes(topology):
        overlaps = any(route.to.overlaps(network) for network in found)
        if overlaps and route.to.prefixlen and not any(map(route.to.overlaps, shared)):
            found.add(route.to)
    largest = sorted(found, key=lambda network: (network.prefixlen, int(network.network_address)))
    kept: list[IPv4Network] = []
    for network in largest:
        if not any(network.subnet_of(other) for other in kept):
            kept.append(network)
    return tuple(kept)


def _declared_networks(topology: Topology) -> Iterator[IPv4Network]:
    for _, machine in topology.hosts():
        for switch in machine.switches:
            yield from _networks_of_switch(switch)
    for _, machine in topology.machines():
        if isinstance(machine, VM):
            for adapter in machine.network_adapters:
                if adapter.ip_address:
                    yield adapter.ip_address.network
            if machine.nat:
                yield machine.nat.inside


def _networks_of_switch(switch: Switch) -> Iterator[IPv4Network]:
    addresses = (switch.ip_address, *(each.ip_address for each in switch.management_adapters))
    yield from (address.network for address in addresses if address)
    if switch.nat:
        yield switch.nat


def _routes(topology: Topology) -> Iterator[Route]:
    for _, machine in topology.machines():
        yield from machine.routes
    for uplink in topology.uplinks:
        yield from uplink.routes


def block_prefix(networks: Iterable[IPv4Network]) -> int:
    """Return the prefix length of the smallest block with room for these networks.

    >>> block_prefix([IPv4Network("10.0.0.0/24"), IPv4Network("10.9.0.0/25")])
    23
    """
    size = sum(network.num_addresses for network in networks)
    return _ADDRESS_BITS - max(size - 1, 0).bit_length()


def blocks(pool: Iterable[IPv4Network], prefix: int) -> int:
    """Return how many blocks with this prefix length are in the networks of a pool."""
    return sum(1 << (prefix - network.prefixlen) for network in pool if network.prefixlen <= prefix)


def block(pool: Iterable[IPv4Network], prefix: int, index: int) -> IPv4Network:
    """Return a block of a pool; raises IndexError if it has fewer.

    >>> block([IPv4Network("10.64.0.0/14")], 23, 2)
    IPv4Network('10.64.4.0/23')
    """
    for network in pool:
        count = 1 << (prefix - network.prefixlen) if network.prefixlen <= prefix else 0
        if index < count:
            first = int(network.network_address) + (index << (_ADDRESS_BITS - prefix))
            return IPv4Network((first, prefix))
        index -= count
    raise IndexError(index)


@dataclass(frozen=True)
class AddressMap:
    """The network of a seat for each network of the topology; other addresses stay."""

    pairs: tuple[tuple[IPv4Network, IPv4Network], ...]

    @classmethod
    def into(cls, networks: Iterable[IPv4Network], target: IPv4Network) -> AddressMap:
        """Return the map of networks, the largest first, into a block that has room for them."""
        first = int(target.network_address)
        pairs = []
        for network in networks:
            pairs.append((network, IPv4Network((first, network.prefixlen))))
            first += network.num_addresses
        return cls(tuple(pairs))

    def address(self, address: IPv4Address) -> IPv4Address:
        """Return an address in the seat's network, at the same place."""
        for old, new in self.pairs:
            if address in old:
                offset = int(address) - int(old.network_address)
                return IPv4Address(int(new.network_address) + offset)
        return address

    def interface(self, interface: IPv4Interface) -> IPv4Interface:
        """Return an address with its prefix length in the seat's network."""
        return IPv4Interface((self.address(interface.ip), interface.network.prefixlen))

    def network(self, network: IPv4Network) -> IPv4Network:
        """Return a network in the seat's network; one that contains several stays."""
        if any(network.subnet_of(old) for old, _ in self.pairs):
            return IPv4Network((self.address(network.network_address), network.prefixlen))
        return network
