"""The network that a topology describes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nestlab.dataclass import replace
from nestlab.model.machine_path import HOST, MachinePath
from nestlab.model.topology import VM, NetworkAdapter, Switch, SwitchType, Topology, VMState
from nestlab.reachability.declared_networks import declared_networks
from nestlab.reachability.elements import (
    AUTOMATIC_METRIC,
    Interface,
    Port,
    Stack,
    SwitchUplink,
    Wire,
    WireKey,
)
from nestlab.reachability.existing_switches import (
    ObservedSwitch,
    with_default_switch_networks,
)
from nestlab.reachability.guest_nats import guest_nats, switch_nats
from nestlab.reachability.leases import with_leases
from nestlab.reachability.management_settings import management_settings, with_unknown_addresses
from nestlab.reachability.network import Network
from nestlab.reachability.physical_networks import add_physical_networks
from nestlab.reachability.team_uplink import uplink_through
from nestlab.reachability.undeclared_settings import (
    effective_adapters,
    is_undeclared,
    unmanaged_guests,
    without_unanswered_dhcp,
)


def from_topology(topology: Topology) -> Network:
    """Return the network a topology describes, as it will be once it is applied.

    What the topology does not declare about physical networks is assumed, and listed in
    `Network.assumptions`.

    >>> from nestlab.model.topology import Switch, SwitchType
    >>> switch = Switch(name="LabNet", switch_type=SwitchType.INTERNAL)
    >>> from_topology(Topology(name="t", switches=(switch,)))
    <Network: 1 machine, 1 switch, 2 wires>
    """
    declared, topology = topology, with_default_switch_networks(topology)
    macs = mac_addresses(topology)
    running = _running(topology)
    wire_keys = {
        (path, switch.name.casefold()): WireKey(path, switch.name)
        for path, machine in topology.hosts()
        for switch in machine.switches
    }
    wires: list[Wire] = []
    uplinks: list[SwitchUplink] = []
    stacks: list[Stack] = []
    for path, machine in topology.machines():
        ports = _ports(path, machine, macs, wire_keys) if isinstance(machine, VM) else {}
        bound = _bound_switches(machine, ports)
        wires += (
            Wire(key=WireKey(path, switch.name), kind=switch.kind) for switch in machine.switches
        )
        found = (uplink_through(WireKey(path, switch.name), members) for switch, members in bound)
        uplinks += (uplink for uplink in found if uplink is not None)
        interfaces = _interfaces(path, machine, ports, bound, macs)
        stacks.append(_stack(topology.name, path, machine, interfaces, running=running[path]))
    physical = declared_networks(topology)
    outward = [each.uplink for each in physical if each.uplink is not None]
    stacks, lease_assumptions = with_leases(topology, [*uplinks, *outward], stacks)
    parts = add_physical_networks(wires, uplinks, stacks, physical)
    parts = replace(
        parts,
        stacks=without_unanswered_dhcp(topology, parts),
        assumptions=(*parts.assumptions, *lease_assumptions, *unmanaged_guests(topology)),
    )
    return Network.of(parts, topology.name, declared)


def _stack(
    topology_name: str,
    path: MachinePath,
    machine: Topology | VM,
    interfaces: tuple[Interface, ...],
    *,
    running: bool,
) -> Stack:
    """Return the IP stack of a machine."""
    return Stack(
        machine=path,
        interfaces=interfaces,
        routes=machine.routes,
        nats=(*switch_nats(topology_name, machine), *guest_nats(topology_name, machine)),
        answers_ping=machine.answers_ping,
        running=running,
        os=machine.guest.os if isinstance(machine, VM) else "windows",
    )


def mac_addresses(topology: Topology) -> dict[tuple[MachinePath, str], str]:
    """Return a MAC for every adapter: the declared one, or one with Hyper-V's prefix 00-15-5D.

    Keys are (machine path, adapter name); the machine's own adapter on a switch is ``vEthernet
    (<switch>)``.
    """
    declared = {
        a.mac_address
        for _, m in topology.machines()
        if isinstance(m, VM)
        for a in m.network_adapters
        if a.mac_address
    }
    free = (mac for number in range(1, 1 << 24) if (mac := f"00155D{number:06X}") not in declared)
    result: dict[tuple[MachinePath, str], str] = {}
    for path, machine in topology.machines():
        for adapter in machine.network_adapters if isinstance(machine, VM) else ():
            result[path, adapter.name] = adapter.mac_address or next(free)
        for switch in machine.switches:
            result[path, switch.management_alias] = next(free)
            for extra in switch.additional_adapters:
                result[path, extra.alias] = next(free)
    return result


def _running(topology: Topology) -> dict[MachinePath, bool]:
    running: dict[MachinePath, bool] = {HOST: True}
    for path, machine in topology.machines():
        if isinstance(machine, VM):
            running[path] = running[path[:-1]] and machine.state is VMState.RUNNING
    return running


def _ports(
    path: MachinePath,
    vm: VM,
    macs: dict[tuple[MachinePath, str], str],
    wire_keys: dict[tuple[MachinePath, str], WireKey],
) -> dict[str, Port]:
    """Return the ports of a VM's adapters on the switches of its host, by adapter name.

    `wire_keys` are the wires of the switches by machine path and name in lower case.
    """
    host = path[:-1]

    def wire(switch: str) -> WireKey:
        return wire_keys.get((host, switch.casefold())) or WireKey(host, switch)

    return {
        adapter.name: Port(
            wire=wire(adapter.switch) if adapter.switch is not None else None,
            adapter=adapter.name,
            vm=vm.name,
            mac_address=macs[path, adapter.name],
            mac_address_spoofing=adapter.mac_address_spoofing,
            vlan=adapter.vlan,
            connected=adapter.connected and adapter.switch is not None,
        )
        for adapter in vm.network_adapters
    }


_BoundSwitches = Sequence[tuple[Switch, list[Port]]]


def _bound_switches(machine: Topology | VM, ports: dict[str, Port]) -> _BoundSwitches:
    """Return the External switches of a nested host, each with the ports that it is bound to."""
    external = [s for s in machine.switches if s.switch_type is SwitchType.EXTERNAL]
    by_name = {name.casefold(): port for name, port in ports.items()} if external else {}
    found = (
        (switch, [by_name[name] for n in switch.net_adapters if (name := n.casefold()) in by_name])
        for switch in external
    )
    return [(switch, members) for switch, members in found if members]


def _interfaces(
    path: MachinePath,
    machine: Topology | VM,
    ports: dict[str, Port],
    bound: _BoundSwitches,
    macs: dict[tuple[MachinePath, str], str],
) -> tuple[Interface, ...]:
    """Return the interfaces of a machine.

    Its own adapter on an External switch replaces the adapter that the switch is bound to.
    """
    adapters = effective_adapters(machine)
    management = dict(_management_interfaces(path, machine, adapters, bound, macs))
    replaced: dict[str, Interface | None] = {}
    for switch, (first, *others) in bound:
        replaced |= {port.adapter: None for port in others}
        replaced[first.adapter] = management.pop(switch.name, None)
    interfaces = [
        replaced[adapter.name]
        if adapter.name in replaced
        else _interface(
            ports[adapter.name],
            adapter,
            forwarding=machine.forwards,
            undeclared=is_undeclared(machine, adapter),
        )
        for adapter in adapters
    ]
    return (*(interface for interface in interfaces if interface is not None), *management.values())


def _interface(
    port: Port,
    adapter: NetworkAdapter,
    *,
    forwarding: bool,
    hidden_nat: str = "",
    undeclared: bool = False,
) -> Interface:
    """Return the interface at a port, with the settings of an adapter."""
    return Interface(
        name=port.adapter,
        port=port,
        addresses=(adapter.ip_address,) if adapter.ip_address is not None else (),
        gateway=adapter.gateway,
        metric=AUTOMATIC_METRIC if adapter.interface_metric is None else adapter.interface_metric,
        forwarding=forwarding,
        dhcp=adapter.dhcp and adapter.ip_address is None,
        hidden_nat=hidden_nat,
        undeclared=undeclared,
    )


def _management_interfaces(
    path: MachinePath,
    machine: Topology | VM,
    adapters: tuple[NetworkAdapter, ...],
    bound: _BoundSwitches,
    macs: dict[tuple[MachinePath, str], str],
) -> Iterator[tuple[str, Interface]]:
    """Yield the machine's own adapters on its switches, each with a key.

    The key of the adapter with the switch's name is that name; the key of any other is its alias.
    """
    by_name = {adapter.name: adapter for adapter in adapters if bound}
    bound_ports = {switch.name: members[0] for switch, members in bound}
    for switch in machine.switches:
        for interface in _additional_interfaces(path, machine, switch, macs):
            yield interface.name, interface
        if not switch.has_management_adapter:
            continue
        bound_port = bound_ports.get(switch.name)
        # The machine's own adapter on an External switch gets the MAC of the adapter that the
        # switch is bound to.
        mac = bound_port.mac_address if bound_port else macs[path, switch.management_alias]
        wire = WireKey(path, switch.name)
        observed = switch if isinstance(switch, ObservedSwitch) else None
        port = Port(
            wire=wire,
            adapter=switch.management_alias,
            mac_address=mac,
            vlan=switch.vlan,
            existing=switch.existing or observed is not None,
        )
        below = by_name[bound_port.adapter] if bound_port else NetworkAdapter()
        interface = _interface(
            port,
            management_settings(switch, below),
            forwarding=observed.forwards() if observed else machine.forwards,
            hidden_nat=observed.hidden_nat if observed is not None else "",
        )
        yield (
            switch.name,
            with_unknown_addresses(switch, interface, path) if switch.existing else interface,
        )


def _additional_interfaces(
    path: MachinePath,
    machine: Topology | VM,
    switch: Switch,
    macs: dict[tuple[MachinePath, str], str],
) -> Iterator[Interface]:
    """Yield the machine's adapters on a switch other than the one that has the switch's name."""
    for each in switch.additional_adapters:
        mac = macs[path, each.alias]
        seen = switch if isinstance(switch, ObservedSwitch) else None
        port = Port(
            wire=WireKey(path, switch.name),
            adapter=each.alias,
            mac_address=mac,
            vlan=each.vlan,
            existing=seen is not None,
        )
        settings = NetworkAdapter(
            ip_address=each.ip_address,
            gateway=each.gateway,
            interface_metric=each.interface_metric,
        )
        forwarding = seen.forwards(each.name) if seen else machine.forwards
        yield _interface(port, settings, forwarding=forwarding)
