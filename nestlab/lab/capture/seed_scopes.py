"""The DHCP scope of a Linux guest that nestlab set up, confirmed by its seed disk.

The guest reports no scope. Its clients report the router and the DNS servers that they got, and
their addresses bound the range; the digest in the name of the seed disk confirms the rest. Scopes
that name what no machine of the capture has are not found, nor is one of several of a guest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from itertools import chain, combinations, islice, pairwise, product
from typing import TypeAlias

from nestlab.dataclass import dataclass, replace
from nestlab.lab.capture.machine import CapturedMachine
from nestlab.lab.capture.reported import ReportedGuests
from nestlab.model.spelling import plain_mac
from nestlab.model.state import VirtualMachineState
from nestlab.model.topology import VM, DhcpRange, DhcpReservation, NetworkAdapter
from nestlab.plan.seed_pools import PoolEnds, vm_with_matching_pool

_RANGES = 1_000_000
"""The limit of ranges that are tried for one VM, a microsecond or two each.

The digest has 32 bits: for a guest whose settings are not among them, the risk that it confirms
wrong ones is below 1 in 4,000.
"""
_LEAST = 4000
"""What the text for one scope counts, in ranges: a text takes milliseconds."""
_BLOCK = 256
"""The addresses around a client's, or the server's, among which a range starts and ends."""
_RESERVABLE = 4
"""The limit of clients with a static MAC address that may have a reservation."""


_Option: TypeAlias = tuple[VM, NetworkAdapter, DhcpRange]
"""A VM, one of its adapters, and the scope without its range that may be served on it."""


@dataclass(frozen=True)
class _Client:
    """An adapter of a VM that may have got its address from a DHCP server."""

    address: IPv4Address
    mac: str
    has_static_mac: bool


@dataclass(frozen=True)
class ScopeClues:
    """What the machines of a capture show about the DHCP scopes on their networks.

    `given` has the addresses, gateways and DNS servers that adapters of guests have; `static` and
    `dns_servers` are those that the file declares.
    """

    clients: tuple[_Client, ...]
    given: tuple[tuple[IPv4Interface, IPv4Address | None, tuple[IPv4Address, ...]], ...]
    static: tuple[IPv4Interface, ...]
    dns_servers: tuple[tuple[IPv4Address, ...], ...]

    @classmethod
    def of(
        cls,
        machines: Iterable[CapturedMachine],
        reported: ReportedGuests,
        static: tuple[IPv4Interface, ...],
        dns_servers: tuple[tuple[IPv4Address, ...], ...],
    ) -> ScopeClues:
        """Return what is known of the clients on all networks."""
        found = tuple(machines)
        ips = {each.ip for each in static}
        clients = (
            _Client(IPv4Address(text), plain_mac(each.mac_address), not each.dynamic_mac_address)
            for machine in found
            for vm in machine.vms
            for each in vm.network_adapters
            for text in each.ip_addresses
            if ":" not in text and IPv4Address(text) not in ips
        )
        read = [
            (address, each.gateway, each.dns_servers)
            for machine in found
            for each in machine.state.ip_interfaces
            for address in each.ip_addresses
        ]
        told = [
            (address, each.gateway, each.dns_servers)
            for each in reported.adapters.values()
            for address in each.addresses
        ]
        given = tuple(each for each in (*read, *told) if each[0].ip not in ips)
        return cls(tuple(clients), given, static, dns_servers)

    def matching(self, vms: Iterable[VM], current: VirtualMachineState) -> Iterator[VM]:
        """Yield the first of some VMs with a scope that its seed disk confirms, if one is found.

        The VMs differ in the settings of their guests; the scope is tried on each adapter.
        """
        left, tried = _RANGES, list(vms)
        pairs = [(vm, each) for vm in tried for each in vm.network_adapters if each.ip_address]
        with_clients = [self._options(*pair) for pair in pairs if self._clients_of(pair[1])]
        without = [self._options(*pair) for pair in pairs if not self._clients_of(pair[1])]
        for vm, own, scope in chain(_in_turn(with_clients), _in_turn(without)):
            name, served = own.name, _serving(vm, own, scope)
            for ends in self._ends(own, scope):
                left -= max(_LEAST, len(ends))
                found = vm_with_matching_pool(served, name, current, ends) if left > 0 else None
                if found is not None:
                    yield found
                    return

    def _clients_of(self, adapter: NetworkAdapter) -> list[_Client]:
        network = adapter.ip_address.network if adapter.ip_address else None
        return [each for each in self.clients if network and each.address in network]

    def _options(self, vm: VM, adapter: NetworkAdapter) -> Iterator[_Option]:
        """Yield the scopes without their range that an adapter may serve, likeliest first."""
        if adapter.ip_address is None:
            return
        network, own = adapter.ip_address.network, adapter.ip_address.ip
        clients = self._clients_of(adapter)
        of_clients = [each for each in self.given if each[0].ip in {c.address for c in clients}]
        servers = [each[2] for each in of_clients] + [(own,), (), *self.dns_servers]
        routers = [each[1] for each in of_clients] + [None]
        routers += [each.ip for each in self.static if each in network]
        implied = own if vm.forwards else None
        choices = product(
            dict.fromkeys(servers),
            dict.fromkeys(None if each == implied else each for each in routers),
            _reservations(clients),
        )
        for dns, router, reserved in choices:
            scope = DhcpRange(
                first=own, last=own, router=router, dns_servers=dns, reservations=reserved
            )
            yield vm, adapter, scope

    def _ends(self, adapter: NetworkAdapter, scope: DhcpRange) -> Iterator[PoolEnds]:
        """Yield the ends that a range may have: between static addresses, around all leases."""
        if adapter.ip_address is None:
            return
        network, own = adapter.ip_address.network, adapter.ip_address.ip
        reserved = {each.ip_address for each in scope.reservations}
        leased = {each.address for each in self.clients} - reserved
        leases = sorted(_offset(each, network) for each in leased if each in network)
        least, most = leases[:1] or [_offset(own, network)], leases[-1:] or [_offset(own, network)]
        block = range(least[0] // _BLOCK * _BLOCK, (most[0] // _BLOCK + 1) * _BLOCK)
        ends = {0, network.num_addresses - 1}
        if ends & {*leases}:
            return  # a range has neither the first nor the last address of a network
        used = {_offset(each.ip, network) for each in self.static if each.ip in network}
        for gap in _gaps(used | ends, leases):
            free = range(max(gap.start, block.start), min(gap.stop, block.stop))
            if leases:
                first, last = range(free.start, leases[0] + 1), range(leases[-1], free.stop)
                yield PoolEnds(network, first, last)
            elif free:
                yield PoolEnds(network, free, free)


def _gaps(used: set[int], leases: list[int]) -> Iterator[range]:
    """Yield the ranges between offsets in use; with leases, the one that all of them are in."""
    if leases:
        before = max(each for each in used if each < leases[0])
        yield range(before + 1, min(each for each in used if each > leases[-1]))
        return
    for before, after in pairwise(sorted(used)):
        yield range(before + 1, after)


def _in_turn(options: list[Iterator[_Option]]) -> Iterator[_Option]:
    """Yield the first of all iterators, then the second of all, and so on."""
    while options:
        found = [(each, next(each, None)) for each in options]
        options = [each for each, value in found if value is not None]
        yield from (value for _, value in found if value is not None)


def _reservations(clients: list[_Client]) -> list[tuple[DhcpReservation, ...]]:
    """Return the lists of reservations that some clients may have."""
    static = [each for each in clients if each.has_static_mac][:_RESERVABLE]
    chosen = chain.from_iterable(combinations(static, n) for n in range(len(static) + 1))
    orders = chain.from_iterable(
        (each, tuple(sorted(each, key=lambda one: one.address))) for each in chosen
    )
    found = (
        tuple(DhcpReservation(ip_address=one.address, mac_address=one.mac) for one in each)
        for each in orders
    )
    return list(dict.fromkeys(islice(found, 2**_RESERVABLE * 2)))


def _serving(vm: VM, adapter: NetworkAdapter, scope: DhcpRange) -> VM:
    adapters = (
        replace(each, dhcp_server=scope) if each is adapter else each
        for each in vm.network_adapters
    )
    return replace(vm, network_adapters=tuple(adapters))


def _offset(address: IPv4Address, network: IPv4Network) -> int:
    return int(address) - int(network.network_address)
