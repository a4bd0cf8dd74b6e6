"""The whole simulated world as a network of `nestlab.reachability`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from nestlab.dataclass import dataclass, field, replace
from nestlab.model import MachinePath
from nestlab.model.topology import PortForward, Vlan
from nestlab.model.topology import Route as ModelRoute
from nestlab.model.vlan_ids import merged_vlans
from nestlab.reachability import (
    Interface,
    Nat,
    Network,
    PhysicalNetworkFacts,
    Port,
    Stack,
    SwitchUplink,
    Wire,
    WireKey,
    add_physical_networks,
    uplink_through,
)
from nestlab.simulator.behaviour.network.default_switch import host_interface
from nestlab.simulator.behaviour.network.duplicate_addresses import (
    AddressPlace,
    without_duplicates,
    without_later_ones,
)
from nestlab.simulator.behaviour.network.firewall import answers_ping
from nestlab.simulator.behaviour.network.ip_stack import (
    DEFAULT_ROUTE,
    ON_LINK,
    has_ipv4,
    interface_metric,
)
from nestlab.simulator.behaviour.power import running_guest
from nestlab.simulator.state.machine import Machine, World
from nestlab.simulator.state.networking import NetAdapter
from nestlab.simulator.state.virtual_machine import VirtualMachine, VMNetworkAdapter


@dataclass
class WorldNetwork:
    """The network of a world, with the machine path of each machine."""

    network: Network
    paths: Mapping[int, MachinePath]  # by id() of the machine

    origins: Mapping[AddressPlace, str]  # Manual or Dhcp

    def path_of(self, machine: Machine) -> MachinePath:
        """Return the path of a machine of this world."""
        return self.paths[id(machine)]


def world_network(world: World, without: frozenset[int] = frozenset()) -> WorldNetwork:
    """Return the current network of the whole world, without some VMs of the host, by id()."""
    builder = _Builder(without=without)
    builder.add(world.host, (), running=True, ports={})
    physical_networks = tuple(
        _physical_network(world, adapter) for adapter in _outer_adapters(world.host)
    )
    parts = add_physical_networks(builder.wires, builder.uplinks, builder.stacks, physical_networks)
    uplinks = tuple(_with_mac_filter(world, uplink) for uplink in parts.uplinks)
    parts = replace(parts, uplinks=uplinks, assumptions=())
    if world.quirks.static_addresses_are_tested:
        parts = without_later_ones(parts, builder.claims)
    parts = without_duplicates(parts, builder.origins)
    return WorldNetwork(Network.of(parts), builder.paths, builder.origins)


def _outer_adapters(host: Machine) -> Iterator[NetAdapter]:
    """Yield the physical adapters of the host; of each team, only the first member."""
    teams: set[str] = set()
    for adapter in host.adapters:
        if adapter.kind == "physical" and adapter.bound_switch not in teams:
            teams |= {adapter.bound_switch} if adapter.bound_switch else set()
            yield adapter


def _with_mac_filter(world: World, uplink: SwitchUplink) -> SwitchUplink:
    """Return the uplink; if its wire drops foreign MAC addresses, with a port that drops them."""
    adapter = world.host.adapter(uplink.above.name) if uplink.above.physical else None
    wire = next(
        (wire for wire in world.wires if adapter is not None and wire.name == adapter.port), None
    )
    if adapter is None or wire is None or wire.foreign_mac_addresses:
        return uplink
    return replace(
        uplink,
        port=Port(
            wire=uplink.above, adapter=adapter.name, mac_address=adapter.mac_address, fixed=True
        ),
    )


def _physical_network(world: World, adapter: NetAdapter) -> PhysicalNetworkFacts:
    wire = next((wire for wire in world.wires if wire.name == adapter.port), None)
    hyper_v = world.host.hyper_v
    switch = hyper_v.switch(adapter.bound_switch) if hyper_v and adapter.bound_switch else None
    return PhysicalNetworkFacts(
        net_adapter=adapter.name,
        switch=switch.id if switch else None,
        network=IPv4Network(wire.network) if wire and wire.network else None,
        gateway=IPv4Address(wire.gateway) if wire and wire.gateway else None,
        declared=True,
        observed=True,
    )


@dataclass
class _Builder:
    wires: list[Wire] = field(default_factory=list)
    uplinks: list[SwitchUplink] = field(default_factory=list)
    stacks: list[Stack] = field(default_factory=list)
    paths: dict[int, MachinePath] = field(default_factory=dict)
    origins: dict[AddressPlace, str] = field(default_factory=dict)
    claims: dict[AddressPlace, tuple[bool, float]] = field(default_factory=dict)
    without: frozenset[int] = frozenset()

    def add(
        self, machine: Machine, path: MachinePath, *, running: bool, ports: Mapping[str, Port]
    ) -> None:
        """Add a machine and everything inside it.

        Wires are identified by the Id of their switch, because switch names need not be unique.
        """
        self.paths[id(machine)] = path
        hyper_v = machine.hyper_v
        for switch in hyper_v.switches if hyper_v else ():
            self.wires.append(Wire(key=WireKey(path, switch.id), kind=switch.switch_type))
            members = [a for a in machine.adapters if a.device_id in switch.net_adapters]
            bound = [ports[adapter.port] for adapter in members if adapter.port in ports]
            uplink = uplink_through(WireKey(path, switch.id), bound)
            if uplink is not None:
                self.uplinks.append(uplink)
        interfaces = [
            _interface(machine, adapter, path, ports)
            for adapter in machine.adapters
            if has_ipv4(adapter)
        ]
        self.origins |= {
            (path, adapter.name, entry.address): entry.origin
            for adapter in machine.adapters
            for entry in adapter.ip.addresses
        }
        self.claims |= {
            (path, adapter.name, entry.address): (entry.found_in_use, machine.booted_at)
            for adapter in machine.adapters
            for entry in adapter.ip.addresses
            if entry.origin == "Manual"
        }
        self.stacks.append(
            Stack(
                machine=path,
                interfaces=tuple(interface for interface in interfaces if interface is not None),
                routes=tuple(_routes(machine)),
                nats=tuple(_nats(machine)),
                answers_ping=answers_ping(machine),
                running=running,
                os=machine.operating_system.family,
            )
        )
        seen: dict[str, int] = {}
        for vm in hyper_v.vms if hyper_v else ():
            seen[vm.name] = seen.get(vm.name, 0) + 1
            if id(vm) not in self.without:
                inner = (*path, vm.name if seen[vm.name] == 1 else f"{vm.name}#{seen[vm.name]}")
                self._add_vm(machine, vm, inner)

    def _add_vm(self, machine: Machine, vm: VirtualMachine, path: MachinePath) -> None:
        ports = {adapter.id: _vm_port(vm, adapter, path) for adapter in vm.settings.adapters}
        guest = running_guest(machine, vm)
        if guest is not None:
            self.add(guest, path, running=True, ports=ports)
            return
        interfaces = tuple(Interface(name=port.adapter, port=port) for port in ports.values())
        self.stacks.append(
            Stack(machine=path, interfaces=interfaces, running=False, os="none", known=False)
        )


def _vm_port(vm: VirtualMachine, adapter: VMNetworkAdapter, path: MachinePath) -> Port:
    return Port(
        wire=WireKey(path[:-1], adapter.switch_id) if adapter.switch_id else None,
        adapter=adapter.name,
        vm=vm.name,
        mac_address=adapter.mac_address,
        mac_address_spoofing=adapter.mac_address_spoofing,
        vlan=_vlan(adapter),
        connected=bool(adapter.switch_id),
    )


def _vlan(adapter: VMNetworkAdapter) -> Vlan | None:
    if adapter.vlan.mode == "Access":
        return Vlan(access=adapter.vlan.access)
    if adapter.vlan.mode == "Trunk":
        return Vlan(trunk=merged_vlans(adapter.vlan.allowed), native=adapter.vlan.native)
    return None


def _interface(
    machine: Machine, adapter: NetAdapter, path: MachinePath, ports: Mapping[str, Port]
) -> Interface | None:
    port = _port(machine, adapter, path, ports)
    if port is None:
        return None
    gateways = [(r.metric, r.next_hop) for r in adapter.ip.routes if r.destination == DEFAULT_ROUTE]
    return Interface(
        name=adapter.name,
        port=port,
        addresses=tuple([_address(a.address, a.prefix_length) for a in adapter.ip.addresses]),
        gateway=_gateway(min(gateways)[1]) if gateways else None,
        metric=interface_metric(adapter),
        forwarding=adapter.ip.forwarding,
    )


@lru_cache(maxsize=4096)  # each ping walks the network of the whole world
def _address(address: str, prefix_length: int) -> IPv4Interface:
    return IPv4Interface(f"{address}/{prefix_length}")


@lru_cache(maxsize=4096)
def _gateway(address: str) -> IPv4Address:
    return IPv4Address(address)


def _port(
    machine: Machine, adapter: NetAdapter, path: MachinePath, ports: Mapping[str, Port]
) -> Port | None:
    if adapter.kind == "synthetic":
        return ports.get(adapter.port)
    if adapter.kind == "physical":
        wire = WireKey((), adapter.name, physical=True)
        return Port(
            wire=wire, adapter=adapter.name, mac_address=adapter.mac_address, connected=adapter.link
        )
    for own in machine.hyper_v.management_adapters if machine.hyper_v else ():
        if own.device_id == adapter.device_id:
            return Port(
                wire=WireKey(path, own.switch_id),
                adapter=adapter.name,
                mac_address=own.mac_address,
                vlan=_vlan(own),
            )
    return None


def _routes(machine: Machine) -> list[ModelRoute]:
    routes = (
        route for adapter in machine.adapters if has_ipv4(adapter) for route in adapter.ip.routes
    )
    return [
        ModelRoute(to=IPv4Network(route.destination), via=IPv4Address(route.next_hop))
        for route in routes
        if route.destination != DEFAULT_ROUTE and route.next_hop != ON_LINK
    ]


def _nats(machine: Machine) -> list[Nat]:
    shared = host_interface(machine)
    sharing = [Nat(prefix=shared.network, name="Internet Connection Sharing")] if shared else []
    if machine.outer_host is None:  # NATs that HNS holds: Get-NetNat does not show them
        hidden = machine.world.quirks.hidden_nats
        sharing += [Nat(prefix=IPv4Network(prefix), name="HNS") for prefix in hidden]
    return sharing + [
        Nat(
            prefix=IPv4Network(nat.internal_prefix, strict=False),
            name=nat.name,
            outside=nat.outside,
            port_forwards=tuple(
                PortForward(
                    protocol=mapping.protocol.lower(),
                    external_port=mapping.external_port,
                    to_address=IPv4Address(mapping.internal_address),
                    to_port=mapping.internal_port,
                )
                for mapping in nat.mappings
            ),
        )
        for nat in machine.nats
    ]
