"""Proposes addresses: the next free one for an adapter, and a free network for a switch."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Any

from nestlab.dataclass import replace
from nestlab.model.machine_path import MachinePath
from nestlab.model.origin import KeyPath
from nestlab.model.topology import VM, NetworkAdapter, Switch, SwitchType, Topology, Uplink
from nestlab.notebook.designer.parts import Part, adapter_at, with_adapter
from nestlab.rules.free_networks import free_network
from nestlab.topology_file.automatic_addresses import neighbours, with_automatic_addresses
from nestlab.topology_file.network_scalars import AUTO

_FIRST_OUTSIDE = IPv4Network("192.168.100.0/24")
_FIRST_INSIDE = IPv4Network("10.0.0.0/24")
_PUBLIC_DNS = IPv4Address("1.1.1.1")
"""For guests behind a NAT whose network has no other; the shipped topologies have it too."""


def with_proposed_address(topology: Topology, part: Part) -> Topology:
    """Return the topology with the next free address of an adapter's network, gateway and DNS.

    An adapter that has an address of that network keeps all its settings. On a network that is not
    known, or where a DHCP server gives addresses, it has no address.
    """
    adapter = adapter_at(topology, part)
    around = neighbours(topology, part.machine[:-1], adapter)
    if _is_settled(adapter, around):
        return topology
    bare = replace(adapter, ip_address=None, gateway=None, dns_servers=())
    if adapter.dhcp or _is_dhcp_served(around):
        return with_adapter(topology, part, lambda _: bare)
    wanted = with_adapter(topology, part, lambda _: replace(bare, ip_address=AUTO))
    found = adapter_at(with_automatic_addresses(wanted, _no_address), part).ip_address
    if found is None:
        return with_adapter(topology, part, lambda _: bare)
    gateway, dns = _way_out(found.network, around)
    gateway = None if _has_gateway(topology, part) else gateway
    proposed = replace(bare, ip_address=found, gateway=gateway, dns_servers=dns if gateway else ())
    return with_adapter(topology, part, lambda _: proposed)


def with_free_network(topology: Topology, path: MachinePath, switch: Switch) -> Switch:
    """Return a switch with the first address of a network that overlaps none of the topology.

    Only Internal switches get one.
    """
    network = free_network(_FIRST_INSIDE if path else _FIRST_OUTSIDE, _networks(topology))
    if switch.switch_type is not SwitchType.INTERNAL or network is None:
        return switch
    return replace(switch, ip_address=IPv4Interface((network[1], network.prefixlen)))


def with_inner_links(topology: Topology, path: MachinePath, switch: Switch) -> Topology:
    """Connect the adapters of a machine's VMs that are on no switch, and give them addresses."""
    for vm in topology.machine(path).vms:
        for index, adapter in enumerate(vm.network_adapters):
            if adapter.switch is None:
                part = Part("adapter", (*path, vm.name), adapter.name, index)
                topology = with_adapter(topology, part, lambda a: replace(a, switch=switch.name))
                topology = with_proposed_address(topology, part)
    return topology


def _no_address(_keys: KeyPath, _message: str, _hint: str) -> None:
    """Leave an adapter without an address where none can be proposed."""


def _is_settled(adapter: NetworkAdapter, around: tuple[Any, ...]) -> bool:
    """Whether an adapter has an address of its network that nothing else there has."""
    address = adapter.ip_address
    known = [other.ip_address for other in around if getattr(other, "ip_address", None)]
    if address is None:
        return False
    networks = [other.network for other in known] + _declared_networks(around)
    is_here = not networks or any(address.ip in network for network in networks)
    return is_here and address.ip not in (other.ip for other in known)


def _declared_networks(around: tuple[Any, ...]) -> list[IPv4Network]:
    found = [getattr(each, "nat", None) or getattr(each, "network", None) for each in around]
    return [network for network in found if isinstance(network, IPv4Network)]


def _is_dhcp_served(around: tuple[Any, ...]) -> bool:
    return any(
        isinstance(each, Switch) and (each.dhcp or each.is_default_switch) for each in around
    )


def _has_gateway(topology: Topology, part: Part) -> bool:
    """Whether another adapter of the VM has a gateway: Windows advises against a second one."""
    vm = topology.machine(part.machine)
    others = vm.network_adapters if isinstance(vm, VM) else ()
    return any(other.gateway for n, other in enumerate(others) if n != part.index)


def _way_out(
    network: IPv4Network, around: tuple[Any, ...]
) -> tuple[IPv4Address | None, tuple[IPv4Address, ...]]:
    """Return gateway and DNS servers of a network, as its other adapters and its NAT say."""
    for other in around:
        if isinstance(other, NetworkAdapter) and other.gateway and other.gateway in network:
            return other.gateway, other.dns_servers
    for other in around:
        if isinstance(other, Switch) and other.nat and other.ip_address:
            return other.ip_address.ip, other.dns_servers or (_PUBLIC_DNS,)
        gateway = getattr(other, "gateway", None)
        if isinstance(other, Uplink | Switch) and gateway is not None and gateway in network:
            return gateway, getattr(other, "dns_servers", ()) or (_PUBLIC_DNS,)
    return None, ()


def _networks(topology: Topology) -> Iterator[IPv4Network]:
    """Yield all networks that the topology uses."""
    holders: list[Any] = [*topology.uplinks]
    for _, machine in topology.machines():
        for switch in machine.switches:
            holders += [switch, *switch.management_adapters]
        holders += machine.network_adapters if isinstance(machine, VM) else ()
    for holder in holders:
        if holder.ip_address:
            yield holder.ip_address.network
        network = getattr(holder, "nat", None) or getattr(holder, "network", None)
        if network:
            yield network
