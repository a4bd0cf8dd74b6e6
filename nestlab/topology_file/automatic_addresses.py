"""Give each network adapter with `ip_address: auto` the next free address of its network.

The order is that of the file, so the same file gives the same addresses at every load.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cached_property
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Any

from nestlab.constants import LONGEST_PREFIX_WITH_BROADCAST
from nestlab.dataclass import replace
from nestlab.model.broadcast_domain import BroadcastDomain, physical_domain, switch_domain
from nestlab.model.machine_path import HOST, MachinePath
from nestlab.model.origin import KeyPath
from nestlab.model.spelling import same_name
from nestlab.model.topology import (
    VM,
    DhcpRange,
    NetworkAdapter,
    Switch,
    SwitchType,
    Topology,
    Vlan,
    dhcp_servers,
)
from nestlab.texts import mark, tr, translate
from nestlab.topology_file.key_types import InvalidValue
from nestlab.topology_file.network_scalars import AUTO

Report = Callable[[KeyPath, str, str], object]
"""Takes the key path of an adapter that cannot get an address, a message and a hint."""
_HINT = mark("Give the switch an ip_address, or write the address of the adapter.")


def with_automatic_addresses(topology: Topology, report: Report) -> Topology:
    """Return a topology in which no adapter has the address `AUTO`; problems are reported."""
    if not _has_automatic(topology):
        return topology
    addresses = _Addresses(topology, report)
    return replace(topology, vms=addresses.vms(topology, HOST, ()))


def refuse(_keys: KeyPath, message: str, hint: str) -> None:
    """Raise InvalidValue; the `Report` for a value that is not in a file."""
    raise InvalidValue(message, hint=hint)


def neighbours(topology: Topology, host: MachinePath, adapter: NetworkAdapter) -> tuple[Any, ...]:
    """Return what else can have an address in the broadcast domain of an adapter.

    Values are Switch, ManagementAdapter, Uplink and NetworkAdapter, in the order of the file,
    uplinks and switches first; nothing if the adapter has no switch.

    Args:
        topology: the topology, with the adapter or without it.
        host: the machine that the adapter's VM runs on.
        adapter: the adapter.
    """
    addresses = _Addresses(topology, refuse)
    domain = addresses.domain_of(host, adapter)
    return tuple(
        holder
        for other, holder in addresses.interfaces
        if other == domain and holder is not adapter
    )


def domain_of(
    topology: Topology, host: MachinePath, adapter: NetworkAdapter
) -> BroadcastDomain | None:
    """Return the `BroadcastDomain` of an adapter; None if it has no switch."""
    return _Addresses(topology, refuse).domain_of(host, adapter)


class _Addresses:
    def __init__(self, topology: Topology, report: Report) -> None:
        self.topology = topology
        self.report = report
        self.machines: dict[MachinePath, Topology | VM] = dict(topology.machines())
        self.free: dict[BroadcastDomain, Iterator[IPv4Interface]] = {}
        self.domains: dict[tuple[MachinePath, str | None, int], BroadcastDomain | None] = {}

    # -- what is in each broadcast domain

    @cached_property
    def used(self) -> dict[BroadcastDomain, set[IPv4Address]]:
        """The used addresses of each domain: interfaces, gateways, DNS servers, DHCP ranges."""
        found: dict[BroadcastDomain, set[IPv4Address]] = defaultdict(set)
        for domain, holder in self.interfaces:
            address = holder.ip_address
            found[domain] |= {address.ip} if address and address is not AUTO else set()
            found[domain] |= {holder.gateway} if holder.gateway else set()
            found[domain] |= set(getattr(holder, "dns_servers", ()))
        for path, machine in self.machines.items():
            for server in dhcp_servers(machine):
                clients = self._domain_of_server(path, server.on)
                if clients is not None:
                    found[clients] |= {*_leased(server.scope), *_named_by(server.scope)}
        return found

    def _domain_of_server(
        self, path: MachinePath, on: Switch | NetworkAdapter
    ) -> BroadcastDomain | None:
        if isinstance(on, Switch):
            return self._domain_of_switch(path, on, on.vlan)
        return self._domain(path[:-1], on.switch, _tag(on.vlan))

    @cached_property
    def networks(self) -> dict[BroadcastDomain, IPv4Network]:
        """The network of each domain: that of the first switch, uplink or adapter in it."""
        found: dict[BroadcastDomain, IPv4Network] = {}
        for domain, holder in self.interfaces:
            address = holder.ip_address
            if address and address is not AUTO:
                found.setdefault(domain, address.network)
            network = getattr(holder, "nat", None) or getattr(holder, "network", None)
            if network is not None:
                found.setdefault(domain, network)
        return found

    @cached_property
    def interfaces(self) -> list[tuple[BroadcastDomain, Any]]:
        """Everything that can have an address, with its domain.

        Values are Switch, ManagementAdapter, Uplink and NetworkAdapter.
        """
        return list(self._interfaces())

    def _interfaces(self) -> Iterator[tuple[BroadcastDomain, Any]]:
        for path, machine in self.machines.items():
            for switch in machine.switches:
                yield self._domain_of_switch(path, switch, switch.vlan), switch
                for extra in switch.additional_adapters:
                    yield self._domain_of_switch(path, switch, extra.vlan), extra
        for uplink in self.topology.uplinks:
            yield physical_domain(uplink.net_adapter), uplink
        for path, machine in self.machines.items():
            for adapter in machine.network_adapters if isinstance(machine, VM) else ():
                domain = self.domain_of(path[:-1], adapter)
                if domain is not None:
                    yield domain, adapter

    def domain_of(self, host: MachinePath, adapter: NetworkAdapter) -> BroadcastDomain | None:
        """Return the domain of an adapter of a VM on a host."""
        return self._domain(host, adapter.switch, _tag(adapter.vlan))

    def _domain_of_switch(
        self, path: MachinePath, switch: Switch, vlan: Vlan | None
    ) -> BroadcastDomain:
        found = self._domain(path, switch.name, _tag(vlan))
        return found if found is not None else switch_domain(path, switch.name)

    def _domain(self, path: MachinePath, name: str | None, tag: int) -> BroadcastDomain | None:
        """Return the domain of frames with a VLAN tag on a machine's switch."""
        key = (path, name, tag)
        if key not in self.domains:
            self.domains[key] = self._found_domain(path, name, tag)
        return self.domains[key]

    def _found_domain(
        self, path: MachinePath, name: str | None, tag: int
    ) -> BroadcastDomain | None:
        machine = self.machines[path]
        switch = next((one for one in machine.switches if same_name(one.name, name or "")), None)
        if switch is None:
            return None
        if switch.switch_type is not SwitchType.EXTERNAL or switch.net_adapter is None:
            return switch_domain(path, switch.name, tag)
        if not isinstance(machine, VM):
            return physical_domain(switch.net_adapter, tag)
        outer = next(
            (a for a in machine.network_adapters if same_name(a.name, switch.net_adapter)), None
        )
        if outer is None:
            return switch_domain(path, switch.name, tag)
        return self._domain(path[:-1], outer.switch, tag or _tag(outer.vlan))

    # -- the addresses

    def vms(self, machine: Topology | VM, path: MachinePath, keys: KeyPath) -> tuple[VM, ...]:
        return tuple(
            self._vm(vm, (*path, vm.name), (*keys, "vms", index)) if _is_automatic(vm) else vm
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
        domain = self.domain_of(path[:-1], adapter)
        network = self.networks.get(domain) if domain is not None else None
        if domain is None or network is None:
            message = _network_not_known(adapter.switch, domain.tag if domain is not None else 0)
            self.report((*keys, "ip_address"), message, translate(_HINT))
            return replace(adapter, ip_address=None)
        if domain not in self.free:
            self.free[domain] = _free(network, self.used[domain])
        address = next(self.free[domain], None)
        if address is None:
            message = tr("is auto, and no address of {network} is free", network=network)
            self.report((*keys, "ip_address"), message, tr("Make the network larger."))
        return replace(adapter, ip_address=address)


def _network_not_known(switch: str | None, tag: int) -> str:
    if not switch:
        return tr("is auto, and the network of an adapter without a switch is not known")
    if not tag:
        return tr("is auto, and the network of switch {switch!r} is not known", switch=switch)
    return tr(
        "is auto, and the network of switch {switch!r} in VLAN {vlan} is not known",
        switch=switch,
        vlan=tag,
    )


def _has_automatic(machine: Topology | VM) -> bool:
    return any(_is_automatic(vm) for vm in machine.vms)


def _is_automatic(vm: VM) -> bool:
    """Whether an adapter of a VM, or of one inside it, has the address `AUTO`."""
    is_own = any(adapter.ip_address is AUTO for adapter in vm.network_adapters)
    return is_own or (vm.nested is not None and _has_automatic(vm))


def _free(network: IPv4Network, used: set[IPv4Address]) -> Iterator[IPv4Interface]:
    first, last = int(network.network_address), int(network.broadcast_address)
    if network.prefixlen <= LONGEST_PREFIX_WITH_BROADCAST:
        first, last = first + 1, last - 1
    for number in range(first, last + 1):
        if (address := IPv4Address(number)) not in used:
            yield IPv4Interface((address, network.prefixlen))


def _tag(vlan: Vlan | None) -> int:
    if vlan is None:
        return 0
    return vlan.access or vlan.native or 0


def _leased(dhcp: DhcpRange) -> Iterator[IPv4Address]:
    """Yield the addresses of a range, the first 65,536 of a longer one."""
    first, last = int(dhcp.first), int(dhcp.last)
    return map(IPv4Address, range(first, min(last, first + 0xFFFF) + 1))


def _named_by(dhcp: DhcpRange) -> Iterator[IPv4Address]:
    """Yield the addresses in a DHCP scope other than its range."""
    yield from filter(None, (dhcp.router, *dhcp.dns_servers))
    yield from (each.ip_address for each in dhcp.reservations)
