"""Existing switches of machines: their observed state, as a topology would declare it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from nestlab.dataclass import dataclass, field, fields, replace
from nestlab.model.hidden_nats import why_nats_are_not_known
from nestlab.model.machine_path import MachinePath
from nestlab.model.spelling import plain_mac, same_name
from nestlab.model.state import (
    HostState,
    IPInterfaceState,
    NetworkAdapterState,
    SwitchState,
    is_management_adapter,
    management_alias,
)
from nestlab.model.topology import (
    VM,
    DhcpRange,
    ManagementAdapter,
    PortForward,
    Switch,
    SwitchType,
    Topology,
    Vlan,
)
from nestlab.reachability.observed_nats import with_nats_of_others, with_switches
from nestlab.reachability.observed_ports import vlan_of

_ICS_RANGE = IPv4Network("172.16.0.0/12")
_ICS_PREFIX_LENGTH = 20
"""Internet Connection Sharing (ICS) chooses another /20 in this range each time the host starts."""


@dataclass(frozen=True, kw_only=True)
class ObservedSwitch(Switch):
    """An existing switch of a topology as it was observed.

    `hidden_nat`: why the machine may have a NAT for it that was not observed. `forwarding`: the
    names of the machine's own adapters on it that forward, case-folded. They have no key in a
    topology file.
    """

    hidden_nat: str = field(default="", compare=False)
    forwarding: frozenset[str] = field(default=frozenset(), compare=False)

    def forwards(self, adapter: str = "") -> bool:
        """Whether the machine's own adapter with a name, by default the switch's, forwards."""
        return (adapter or self.name).casefold() in self.forwarding


def observed_switch(state: HostState, switch: SwitchState) -> Switch:
    """Return a switch, and the machine's own adapter on it, as a topology would declare them.

    `state` is the state of the machine that has the switch. Its NAT is the one whose prefix
    contains the machine's address there. On the Default Switch, Internet Connection Sharing
    translates addresses (Get-NetNat does not show that) and serves DHCP.
    """
    alias = management_alias(state, switch.name)
    interface = next(
        (i for i in state.ip_interfaces if alias and same_name(i.interface_alias, alias)), None
    )
    static = interface if interface and not interface.dhcp else None
    address = first_address(static.ip_addresses) if static else None
    if switch.is_default_switch and address is not None:
        return _default_switch(Switch(name=switch.name), address)
    bound = set(switch.net_adapter_interface_descriptions)
    external = switch.switch_type == SwitchType.EXTERNAL
    further = tuple(_additional_adapters(state, switch))
    observed = Switch(
        name=switch.name,
        switch_type=SwitchType(switch.switch_type),
        net_adapters=tuple(a.name for a in state.net_adapters if a.interface_description in bound),
        allow_management_os=alias is not None or not external,
        ip_address=address,
        vlan=_management_vlan(state, switch),
        management_adapters=further,
    )
    observed = replace(observed, interface_metric=_metric(interface))
    return _with_nat(_with_ip_settings(observed, static), state)


def _management_adapters(state: HostState, switch: SwitchState) -> list[NetworkAdapterState]:
    adapters = state.hyper_v.management_adapters if state.hyper_v else ()
    return [adapter for adapter in adapters if adapter.switch_id == switch.id]


def _additional_adapters(state: HostState, switch: SwitchState) -> Iterator[ManagementAdapter]:
    """Yield the machine's own adapters on a switch, except for the primary one.

    The primary one has the name of the switch; if none has that name, it is the first.
    """
    adapters = _management_adapters(state, switch)
    named = [adapter for adapter in adapters if same_name(adapter.name, switch.name)]
    first = (named or adapters)[:1]
    for adapter in adapters:
        if adapter in first:
            continue
        alias = management_alias(state, switch.name, adapter.name)
        interface = next(
            (i for i in state.ip_interfaces if alias and same_name(i.interface_alias, alias)), None
        )
        static = interface if interface and not interface.dhcp else None
        address = first_address(static.ip_addresses) if static else None
        yield ManagementAdapter(
            name=adapter.name,
            ip_address=address,
            gateway=static.gateway if static and address else None,
            dns_servers=static.dns_servers if static and address else (),
            interface_metric=_metric(interface),
            vlan=vlan_of(adapter.vlan),
        )


def _metric(interface: IPInterfaceState | None) -> int | None:
    """Return a metric that is not automatic, also of an interface with an address from DHCP."""
    if interface is None or interface.automatic_metric:
        return None
    return interface.interface_metric


def _with_ip_settings(switch: Switch, static: IPInterfaceState | None) -> Switch:
    """Return a switch with the static settings of the machine's own adapter."""
    if static is None or switch.ip_address is None:
        return switch
    return replace(switch, gateway=static.gateway, dns_servers=static.dns_servers)


def _with_nat(switch: Switch, state: HostState) -> Switch:
    """Return a switch with the NAT whose prefix contains the machine's address on it."""
    address = switch.ip_address
    nat = next((n for n in state.nats if address and address.ip in n.internal_prefix), None)
    if nat is None:
        return switch
    forwards = tuple(
        PortForward(protocol=protocol.lower(), external_port=port, to_address=to, to_port=to_port)
        for protocol, port, to, to_port in nat.static_mappings
    )
    return replace(switch, nat=nat.internal_prefix, port_forwards=forwards)


def _management_vlan(state: HostState, switch: SwitchState) -> Vlan | None:
    """Return the VLAN of the machine's own adapter with the switch's name, or of the first one."""
    adapters = _management_adapters(state, switch)
    named = (adapter for adapter in adapters if same_name(adapter.name, switch.name))
    found = next(named, adapters[0] if adapters else None)
    return vlan_of(found.vlan) if found else None


def first_address(addresses: tuple[IPv4Interface, ...]) -> IPv4Interface | None:
    """Return the first address that is not link-local (169.254.0.0/16)."""
    return next((address for address in addresses if not address.ip.is_link_local), None)


def _default_switch(switch: Switch, address: IPv4Interface) -> Switch:
    """Return the Default Switch with the NAT and the DHCP scope that the host's address implies."""
    network: IPv4Network = address.network
    first, last = int(network.network_address) + 2, int(network.broadcast_address) - 1
    return replace(
        switch,
        switch_type=SwitchType.INTERNAL,
        ip_address=address,
        nat=network,
        dhcp=DhcpRange(first=IPv4Address(first), last=IPv4Address(last)),
    )


def with_observed_switches(topology: Topology, states: Mapping[MachinePath, HostState]) -> Topology:
    """Return the topology with its existing switches as they were observed.

    Each then has its type, adapter, address, gateway, NAT and DHCP scope, as if the topology
    created it. Switches that were not found, and those of machines that were not observed, are
    unchanged. Switches that are not existing ones get the NATs that others created and that
    translate their networks (`with_nats_of_others`).
    """
    topology = with_nats_of_others(topology, states)
    return with_switches(topology, lambda path, switch: _as_observed(switch, path, states))


def with_default_switch_networks(topology: Topology) -> Topology:
    """Return the topology with an example network on each Default Switch that was not observed.

    Windows chooses the real one; the example overlaps no network of the topology.
    """
    if not any(s.is_default_switch for _, machine in topology.hosts() for s in machine.switches):
        return topology
    taken = list(_networks(topology))
    free = (
        network
        for network in reversed(list(_ICS_RANGE.subnets(new_prefix=_ICS_PREFIX_LENGTH)))
        if not any(network.overlaps(other) for other in taken)
    )

    def with_network(_path: MachinePath, switch: Switch) -> Switch:
        network = next(free, None) if switch.is_default_switch else None
        if network is None:
            return switch
        return _default_switch(switch, IPv4Interface((network[1], _ICS_PREFIX_LENGTH)))

    return with_switches(topology, with_network)


def _networks(topology: Topology) -> Iterator[IPv4Network]:
    """Yield the networks that a topology mentions."""
    for _, machine in topology.machines():
        adapters = machine.network_adapters if isinstance(machine, VM) else ()
        yield from (a.ip_address.network for a in adapters if a.ip_address)
        yield from (s.ip_address.network for s in machine.switches if s.ip_address)
        yield from (s.nat for s in machine.switches if s.nat)
        yield from (route.to for route in machine.routes if route.to.prefixlen)
    yield from (uplink.network for uplink in topology.uplinks if uplink.network)


def _as_observed(
    switch: Switch, path: MachinePath, states: Mapping[MachinePath, HostState]
) -> Switch:
    if not switch.existing:
        return switch
    state = states.get(path)
    found = state.hyper_v.existing_switches(switch) if state and state.hyper_v else []
    if state is None or len(found) != 1:
        return switch
    seen = observed_switch(state, found[0])
    adapters = tuple(_adapter_name(adapter, path, states) for adapter in seen.net_adapters)
    seen = replace(seen, name=switch.name, net_adapters=adapters)
    values = {item.name: getattr(seen, item.name) for item in fields(seen)}
    internal = seen.switch_type is SwitchType.INTERNAL
    hidden = why_nats_are_not_known(state) if internal and seen.nat is None else ""
    forwarding = frozenset(_forwarding_adapters(state, found[0], switch.name))
    return ObservedSwitch(**values, hidden_nat=hidden, forwarding=forwarding)


def _forwarding_adapters(state: HostState, switch: SwitchState, name: str) -> Iterator[str]:
    """Yield the names of the machine's own adapters on a switch that forward, case-folded.

    The adapter with the name of the switch has the name that the file gives the switch.
    """
    forwarding = {each.interface_alias for each in state.ip_interfaces if each.forwarding}
    if management_alias(state, switch.name) in forwarding:
        yield name.casefold()
    for adapter in _management_adapters(state, switch):
        if management_alias(state, switch.name, adapter.name) in forwarding:
            yield adapter.name.casefold()


def _adapter_name(name: str, path: MachinePath, states: Mapping[MachinePath, HostState]) -> str:
    """Return the name that a topology uses for an adapter of Windows.

    In a VM, that is the name of the VM's network adapter with the same MAC address.
    """
    outer = states.get(path[:-1]) if path else None
    vm = outer.hyper_v.vm(path[-1]) if outer and outer.hyper_v else None
    mac = next(
        (
            plain_mac(adapter.mac_address)
            for adapter in states[path].net_adapters
            if adapter.name == name and not is_management_adapter(adapter)
        ),
        "",
    )
    adapters = vm.network_adapters if vm else ()
    return next((a.name for a in adapters if mac and plain_mac(a.mac_address) == mac), name)
