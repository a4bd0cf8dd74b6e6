"""Give each network adapter with `ip_address: auto` the next free address of its network.

The order is that of the file, so the same file gives the same addresses at every load.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cached_property
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Any, NamedTuple

from nestlab.constants import LAST_PREFIX_WITH_BROADCAST
from nestlab.dataclass import replace
from nestlab.model.machine_path import HOST, MachinePath
from nestlab.model.origin import KeyPath
from nestlab.model.spelling import same_name
from nestlab.model.topology import VM, NetworkAdapter, Switch, SwitchType, Topology, Vlan
from nestlab.topology_file.key_types import InvalidValue
from nestlab.topology_file.network_scalars import AUTO

Report = Callable[[KeyPath, str, str], object]
"""Takes the key path of an adapter that cannot get an address, a message and a hint."""
_HINT = "Give the switch an ip_address, or write the address of the adapter."


class Segment(NamedTuple):
    """A broadcast domain: a switch, or (`physical`) the network behind an adapter, and the VLAN."""

    network: str
    tag: int
    physical: bool = False


def with_automatic_addresses(topology: Topology, report: Report) -> Topology:
    """Return a topology in which no adapter has the address `AUTO`; problems are reported."""
    if not any(adapter.ip_address is AUTO for adapter in _adapters(topology)):
        return topology
    addresses = _Addresses(topology, report)
    return replace(topology, vms=addresses.vms(topology, HOST, ()))


def refuse(_keys: KeyPath, message: str, hint: str) -> None:
    """Raise InvalidValue; the `Report` for a value that is not in a file."""
    raise InvalidValue(message, hint=hint)


class _Addresses:
    def __init__(self, topology: Topology, report: Report) -> None:
        self.topology = topology
        self.report = report
        self.machines: dict[MachinePath, Topology | VM] = dict(topology.machines())
        self.free: dict[Segment, Iterator[IPv4Interface]] = {}

    # -- what is on each segment

    @cached_property
    def used(self) -> dict[Segment, set[IPv4Address]]:
        """The addresses taken on each segment: interfaces, gateways, DNS servers, DHCP ranges."""
        found: dict[Segment, set[IPv4Address]] = defaultdict(set)
        for segment, holder in self._interfaces():
            own = holder.ip_address
            found[segment] |= {own.ip} if own and own is not AUTO else set()
            found[segment] |= {holder.gateway} if holder.gateway else set()
            found[segment] |= set(getattr(holder, "dns_servers", ()))
        for path, machine in self.machines.items():
            for switch in machine.switches:
                if switch.dhcp:
                    first, last = int(switch.dhcp.first), int(switch.dhcp.last)
                    leases = map(IPv4Address, range(first, min(last, first + 0xFFFF) + 1))
                    found[self._segment_of_switch(path, switch, switch.vlan)] |= set(leases)
        return found

    @cached_property
    def networks(self) -> dict[Segment, IPv4Network]:
        """The network of each segment: that of the first switch, uplink or adapter on it."""
        found: dict[Segment, IPv4Network] = {}
        for segment, holder in self._interfaces():
            own = holder.ip_address
            if own and own is not AUTO:
                found.setdefault(segment, own.network)
            network = getattr(holder, "nat", None) or getattr(holder, "network", None)
            if network is not None:
                found.setdefault(segment, network)
        return found

    def _interfaces(self) -> Iterator[tuple[Segment, Any]]:
        """Yield what can have an address, with its segment: switches, uplinks and adapters."""
        for path, machine in self.machines.items():
            for switch in machine.switches:
                yield self._segment_of_switch(path, switch, switch.vlan), switch
                for own in switch.additional_adapters:
                    yield self._segment_of_switch(path, switch, own.vlan), own
        for uplink in self.topology.uplinks:
            yield _physical_segment(uplink.net_adapter), uplink
        for path, machine in self.machines.items():
            for adapter in machine.network_adapters if isinstance(machine, VM) else ():
                segment = self._segment(path[:-1], adapter.switch, _tag(adapter.vlan))
                if segment is not None:
                    yield segment, adapter

    def _segment_of_switch(self, path: MachinePath, switch: Switch, vlan: Vlan | None) -> Segment:
        found = self._segment(path, switch.name, _tag(vlan))
        return found if found is not None else _switch_segment(path, switch.name)

    def _segment(self, path: MachinePath, name: str | None, tag: int) -> Segment | None:
        """Return the segment of frames with a VLAN tag on a machine's switch."""
        machine = self.machines[path]
        switch = next((one for one in machine.switches if same_name(one.name, name or "")), None)
        if switch is None:
            return None
        if switch.switch_type is not SwitchType.EXTERNAL or switch.net_adapter is None:
            return _switch_segment(path, switch.name, tag)
        if not isinstance(machine, VM):
            return _physical_segment(switch.net_adapter, tag)
        outer = next(
            (a for a in machine.network_adapters if same_name(a.name, switch.net_adapter)), None
        )
        if outer is None:
            return _switch_segment(path, switch.name, tag)
        return self._segment(path[:-1], outer.switch, tag or _tag(outer.vlan))

    # -- the addresses

    def vms(self, machine: Topology | VM, path: MachinePath, keys: KeyPath) -> tuple[VM, ...]:
        return tuple(
            self._vm(vm, (*path, vm.name), (*keys, "vms", index))
            for index, vm in enumerate(machine.vms)
        )

    def _vm(self, vm: VM, path: MachinePath, keys: KeyPath) -> VM:
        adapters = tuple(
            self._adapter(adapter, path, (*keys, "network_adapters", index))
            for index, adapter in enumerate(vm.network_adapters)
        )
        nested = vm.nested
        if nested is not None:
            nested = replace(nested, vms=self.vms(vm, path, (*keys, "nested")))
        return replace(vm, network_adapters=adapters, nested=nested)

    def _adapter(self, adapter: NetworkAdapter, path: MachinePath, keys: KeyPath) -> NetworkAdapter:
        if adapter.ip_address is not AUTO:
            return adapter
        segment = self._segment(path[:-1], adapter.switch, _tag(adapter.vlan))
        network = self.networks.get(segment) if segment is not None else None
        if segment is None or network is None:
            where = (
                f"switch {adapter.switch!r}" if adapter.switch else "an adapter without a switch"
            )
            vlan = f" in VLAN {segment.tag}" if segment is not None and segment.tag else ""
            message = f"is auto, and the network of {where}{vlan} is not known"
            self.report((*keys, "ip_address"), message, _HINT)
            return replace(adapter, ip_address=None)
        if segment not in self.free:
            self.free[segment] = _free(network, self.used[segment])
        address = next(self.free[segment], None)
        if address is None:
            message = f"is auto, and no address of {network} is free"
            self.report((*keys, "ip_address"), message, "Make the network larger.")
        return replace(adapter, ip_address=address)


def _adapters(topology: Topology) -> Iterator[NetworkAdapter]:
    for _, machine in topology.machines():
        if isinstance(machine, VM):
            yield from machine.network_adapters


def _free(network: IPv4Network, used: set[IPv4Address]) -> Iterator[IPv4Interface]:
    first, last = int(network.network_address), int(network.broadcast_address)
    if network.prefixlen <= LAST_PREFIX_WITH_BROADCAST:
        first, last = first + 1, last - 1
    for number in range(first, last + 1):
        if (address := IPv4Address(number)) not in used:
            yield IPv4Interface((address, network.prefixlen))


def _tag(vlan: Vlan | None) -> int:
    if vlan is None:
        return 0
    return vlan.access or vlan.native or 0


def _switch_segment(path: MachinePath, switch: str, tag: int = 0) -> Segment:
    return Segment("/".join((*path, switch)).casefold(), tag)


def _physical_segment(net_adapter: str, tag: int = 0) -> Segment:
    return Segment(net_adapter.casefold(), tag, physical=True)
