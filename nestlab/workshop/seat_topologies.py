"""The topologies of seats: copies of one topology with their own names, networks and ports.

VMs and switches of the host begin with the name of the seat; what is inside a nested host keeps
its name, because it is alone there. Everything else stays as the topology file has it.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from ipaddress import AddressValueError, IPv4Address, IPv4Interface, IPv4Network
from typing import Any

from nestlab.dataclass import dataclass, fields, replace
from nestlab.model.plain import Declared
from nestlab.model.topology import VM, Check, GuestNat, Switch, Topology
from nestlab.workshop.lab_networks import (
    AddressMap,
    block,
    block_prefix,
    blocks,
    is_shared,
    own_networks,
)

_SPARE = "spare"
_MAC_FIELD = "mac_address"
_LAST_MAC_BLOCK = 0xFFFF


def seat_names(names: Sequence[str], count: int, spare: int) -> Iterator[str]:
    """Yield the names of the seats, then those of the spare ones; `names` are those of the first.

    >>> list(seat_names(["ada"], 3, 1))
    ['ada', 'seat02', 'seat03', 'spare01']
    """
    width = max(2, len(str(count)))
    yield from names
    yield from (f"seat{number:0{width}}" for number in range(len(names) + 1, count + 1))
    yield from (f"{_SPARE}{number:02}" for number in range(1, spare + 1))


def topology_name(workshop: str, seat: str) -> str:
    """Return the name of a seat's topology, which marks what it creates."""
    return f"{workshop}-{seat}"


def forwarded_ports(topology: Topology) -> tuple[int, ...]:
    """Return the ports of the host that a topology forwards, each once, in order."""
    found = (
        forward.external_port for switch in topology.switches for forward in switch.port_forwards
    )
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class SeatCopies:
    """Makes the copies of a workshop's topology; what is equal for all seats is worked out once.

    Networks, ports and MAC addresses depend on the number of a seat alone, and those of spare seats
    are taken from the end: a seat keeps its own where seats are added.
    """

    workshop: str
    pool: tuple[IPv4Network, ...]
    port_pool: range
    base: Topology
    networks: tuple[IPv4Network, ...]
    prefix: int
    ports: tuple[int, ...]
    macs: tuple[str, ...]

    @classmethod
    def of(
        cls, workshop: str, pool: tuple[IPv4Network, ...], port_pool: range, base: Topology
    ) -> SeatCopies:
        """Return what makes the copies of a topology, for the workshop with this name."""
        networks = own_networks(base)
        macs = tuple(dict.fromkeys(_macs(base)))
        prefix, ports = block_prefix(networks), forwarded_ports(base)
        return cls(workshop, pool, port_pool, base, networks, prefix, ports, macs)

    def copy(self, topology: Topology, seat: str, number: int, *, is_spare: bool) -> Topology:
        """Return a seat's copy of the topology, or of a part of it.

        `number` counts the seats, or the spare ones, from 1. Raises IndexError if the pool has no
        networks for it.
        """

        def place(total: int) -> int:
            return total - number if is_spare else number - 1

        target = block(self.pool, self.prefix, place(blocks(self.pool, self.prefix)))
        addresses = AddressMap.into(self.networks, target)
        mac_block = place(_LAST_MAC_BLOCK + 1)
        macs = {mac: self._mac(mac_block, index) for index, mac in enumerate(self.macs)}
        ports = self._ports(place) if self.ports else {}
        rewritten: Topology = _Rewriting(addresses, macs).declared(topology)
        renamed = _Renaming(seat, self.base, addresses, ports).topology(rewritten)
        return replace(renamed, name=topology_name(self.workshop, seat))

    def _ports(self, place: Callable[[int], int]) -> dict[int, int]:
        each = len(self.ports)
        first = self.port_pool.start + place(len(self.port_pool) // each) * each
        return {port: first + index for index, port in enumerate(self.ports)}

    def _mac(self, block_number: int, index: int) -> str:
        """Return a locally administered MAC address; workshops differ in its second byte."""
        workshop = zlib.crc32(self.workshop.casefold().encode()) & 0xFF
        return f"02{workshop:02X}{block_number:04X}{index:04X}"


def _macs(value: Any) -> Iterator[str]:
    """Yield the static MAC addresses in a declared value, in the order of the file."""
    if isinstance(value, tuple):
        for item in value:
            yield from _macs(item)
    elif isinstance(value, Declared):
        for item in _compared(value):
            inner = getattr(value, item)
            if item == _MAC_FIELD and inner:
                yield inner
            else:
                yield from _macs(inner)


def _compared(value: Any) -> list[str]:
    """Return the attributes of a declared value that its file declares."""
    return [item.name for item in fields(value) if item.compare]


@dataclass(frozen=True)
class _Rewriting:
    """Puts addresses and MAC addresses of a seat into all values of a topology."""

    addresses: AddressMap
    macs: Mapping[str, str]

    def declared(self, value: Any) -> Any:
        changes = {}
        for name in _compared(value):
            old = getattr(value, name)
            new = self.macs.get(old, old) if name == _MAC_FIELD else self._value(old)
            if new is not old:
                changes[name] = new
        return replace(value, **changes) if changes else value

    def _value(self, value: Any) -> Any:
        if isinstance(value, IPv4Interface):
            return self.addresses.interface(value)
        if isinstance(value, IPv4Address):
            return self.addresses.address(value)
        if isinstance(value, IPv4Network):
            return self.addresses.network(value)
        if isinstance(value, tuple):
            return tuple(map(self._value, value))
        return self.declared(value) if isinstance(value, Declared) else value


class _Renaming:
    """Renames the VMs and switches of the host for a seat, and what refers to them."""

    def __init__(
        self, seat: str, base: Topology, addresses: AddressMap, ports: Mapping[int, int]
    ) -> None:
        self._seat = seat
        self._addresses = addresses
        self._ports = ports
        self._vms = {vm.name.casefold() for vm in base.vms}
        self._switches = {
            switch.name.casefold() for switch in base.switches if not is_shared(switch)
        }

    def topology(self, topology: Topology) -> Topology:
        return replace(
            topology,
            switches=tuple(map(self._switch, topology.switches)),
            vms=tuple(map(self._vm, topology.vms)),
            checks=tuple(map(self.check, topology.checks)),
        )

    def _prefixed(self, name: str) -> str:
        return f"{self._seat}-{name}"

    def _switch(self, switch: Switch) -> Switch:
        if is_shared(switch):
            return switch
        adapters = (
            replace(each, name=self._prefixed(each.name)) for each in switch.management_adapters
        )
        forwards = (
            replace(each, external_port=self._ports[each.external_port])
            for each in switch.port_forwards
        )
        return replace(
            switch,
            name=self._prefixed(switch.name),
            management_adapters=tuple(adapters),
            port_forwards=tuple(forwards),
        )

    def _vm(self, vm: VM) -> VM:
        adapters = tuple(
            replace(each, switch=self._prefixed(each.switch))
            if each.switch and each.switch.casefold() in self._switches
            else each
            for each in vm.network_adapters
        )
        name = self._prefixed(vm.name)
        return replace(vm, name=name, network_adapters=adapters, nat=self._nat(vm))

    def _nat(self, vm: VM) -> GuestNat | None:
        """Return the NAT of a router VM; `outside` is one of its adapters, or else a switch."""
        nat = vm.nat
        if nat is None or nat.outside.casefold() not in self._switches:
            return nat
        if any(each.name.casefold() == nat.outside.casefold() for each in vm.network_adapters):
            return nat
        return replace(nat, outside=self._prefixed(nat.outside))

    def check(self, check: Check) -> Check:
        """Return a check with the names and addresses of the seat."""
        source, target = self._endpoint(check.source), self._endpoint(check.target)
        return replace(check, source=source, target=target)

    def _endpoint(self, text: str) -> str:
        first = text.partition("/")[0]
        if first.casefold() in self._vms:
            return self._prefixed(text)
        try:
            return str(self._addresses.address(IPv4Address(text)))
        except AddressValueError:
            return text
