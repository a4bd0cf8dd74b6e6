"""The observed network of the host and of every guest that answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nestlab.dataclass import dataclass, field, replace
from nestlab.model.machine_path import HOST, MachinePath, path_text
from nestlab.model.renamed_adapters import renamed_adapters
from nestlab.model.spelling import plain_mac
from nestlab.model.state import (
    HostState,
    IPInterfaceState,
    NetAdapterState,
    VirtualMachineState,
)
from nestlab.model.topology import VM, PortForward, Route, Topology, Uplink
from nestlab.reachability.elements import (
    AUTOMATIC_METRIC,
    Assumption,
    Interface,
    Nat,
    Port,
    Stack,
    SwitchUplink,
    Wire,
    WireKey,
)
from nestlab.reachability.guest_nats import guest_nats
from nestlab.reachability.network import Network
from nestlab.reachability.observed_ports import (
    bound_switch,
    existing_names,
    management_port,
    on_existing_switch,
    physical_port,
    switch_names,
    vm_port,
    with_hidden_nat,
)
from nestlab.reachability.physical_networks import PhysicalNetworkFacts, add_physical_networks
from nestlab.reachability.team_uplink import uplink_through
from nestlab.reachability.unobserved_guests import prefix_assumption, unobserved_interface
from nestlab.texts import tr


def from_states(topology: Topology | None, states: Mapping[MachinePath, HostState]) -> Network:
    """Return the network that was observed.

    Args:
        topology: The desired state. Guests that were not observed are assumed to have the addresses
            that it declares (see `Network.assumptions`). Its uplinks with a gateway complete the
            physical networks. None: only what was observed.
        states: The states of the host (``()``) and of every machine that answered.

    Raises:
        KeyError: The state of the host itself is not among the states.
    """
    wanted = dict(topology.machines()) if topology is not None else {}
    builder = _NetworkBuilder(states, wanted, topology.name if topology is not None else "")
    builder.add_machine(HOST, running=True)
    physical = tuple(_physical_networks(topology, states[HOST]))
    elements = add_physical_networks(builder.wires, builder.uplinks, builder.stacks, physical)
    assumptions = (*elements.assumptions, *builder.assumptions)
    name = topology.name if topology is not None else ""
    return Network.of(replace(elements, assumptions=assumptions), name, topology)


@dataclass
class _NetworkBuilder:
    """Collects the elements of a network from the observed states and the desired state."""

    states: Mapping[MachinePath, HostState]
    wanted: Mapping[MachinePath, Topology | VM]
    topology: str
    wires: list[Wire] = field(default_factory=list)
    uplinks: list[SwitchUplink] = field(default_factory=list)
    stacks: list[Stack] = field(default_factory=list)
    assumptions: list[Assumption] = field(default_factory=list)

    def add_machine(
        self, path: MachinePath, *, running: bool, ports: tuple[Port, ...] = ()
    ) -> None:
        """Add a machine that was observed, and everything inside it.

        `ports` are its adapters on the machine it runs on.
        """
        state = self.states[path]
        hyper_v = state.hyper_v
        switches = switch_names(hyper_v)
        if hyper_v is not None:
            self.wires += (
                Wire(key=WireKey(path, switches[s.id]), kind=s.switch_type)
                for s in hyper_v.switches
            )
        self._add_stack(path, state, ports, switches, running=running)
        if hyper_v is None:
            return
        seen: dict[str, int] = {}
        for vm in hyper_v.vms:
            # Hyper-V allows several VMs of one name; a machine path has to be unique.
            seen[vm.name] = seen.get(vm.name, 0) + 1
            inner = (*path, vm.name if seen[vm.name] == 1 else f"{vm.name}#{seen[vm.name]}")
            self._add_vm(inner, vm, switches, running=running and vm.state == "Running")

    def _add_vm(
        self,
        path: MachinePath,
        vm: VirtualMachineState,
        switches: Mapping[str, str],
        *,
        running: bool,
    ) -> None:
        ports = tuple(vm_port(path, vm, adapter, switches) for adapter in vm.network_adapters)
        if path in self.states:
            self.add_machine(path, running=running, ports=ports)
            return
        wanted = self.wanted.get(path)
        declared = wanted if isinstance(wanted, VM) else None
        names = renamed_adapters(declared.network_adapters, vm) if declared else {}
        interfaces = tuple(
            unobserved_interface(adapter, names.get(adapter.id, adapter.name), port, declared)
            for adapter, port in zip(vm.network_adapters, ports, strict=True)
        )
        self.stacks.append(
            Stack(
                machine=path,
                interfaces=interfaces,
                routes=declared.routes if declared else (),
                nats=guest_nats(self.topology, declared, _real_names(vm, names))
                if declared
                else (),
                answers_ping=declared.answers_ping if declared else True,
                running=running,
                os=declared.guest.os if declared else "none",
                known=any(interface.addresses for interface in interfaces),
            )
        )
        if declared is not None and any(interface.assumed for interface in interfaces):
            text = tr(
                "{machine} is assumed to be configured as declared: its guest was not observed, and Hyper-V reports no address for it.",
                machine=path_text(path),
            )
            self.assumptions.append(Assumption(text=text, machine=path, declared=True))
        elif any(interface.addresses for interface in interfaces):
            text = prefix_assumption(path, declared)
            # Its prefix, gateway, routes and firewall were not observed: they may have changed.
            assumption = Assumption(text=text, machine=path, declared=declared is not None)
            self.assumptions.append(assumption)

    def _add_stack(
        self,
        path: MachinePath,
        state: HostState,
        ports: tuple[Port, ...],
        switches: Mapping[str, str],
        *,
        running: bool,
    ) -> None:
        settings = {i.interface_alias.casefold(): i for i in state.ip_interfaces}
        interfaces = []
        bound_ports: dict[str, list[Port]] = {}
        for adapter, port, bound in _windows_adapters(path, state, ports, switches):
            if bound is None:
                ip_settings = settings.get(adapter.name.casefold())
                interface = _observed_interface(adapter.name, port, ip_settings)
                interfaces.append(replace(interface, disabled=adapter.is_disabled))
            elif port.wire is not None and not port.wire.physical:
                bound_ports.setdefault(bound, []).append(port)
        wanted = self.wanted.get(path)
        existing = existing_names(wanted.switches, state.hyper_v, switches) if wanted else ()
        interfaces = [on_existing_switch(path, each, existing) for each in interfaces]
        interfaces = [with_hidden_nat(each, state, self.topology) for each in interfaces]
        found = (
            uplink_through(WireKey(path, bound), members) for bound, members in bound_ports.items()
        )
        self.uplinks += (uplink for uplink in found if uplink is not None)
        declared = wanted.answers_ping if wanted is not None else True
        self.stacks.append(
            Stack(
                machine=path,
                interfaces=tuple(interfaces),
                routes=tuple(_routes(state)),
                nats=tuple(_nats(state)),
                answers_ping=declared if state.answers_ping is None else state.answers_ping,
                running=running,
            )
        )


def _windows_adapters(
    path: MachinePath, state: HostState, ports: tuple[Port, ...], switches: Mapping[str, str]
) -> Iterator[tuple[NetAdapterState, Port, str | None]]:
    """Yield the adapters of Windows on a machine, each with its port.

    The third value is the External switch that is bound to the adapter: such an adapter has no IP
    addresses. Adapters of a VM that its host does not know are left out.
    """
    by_mac = {port.mac_address: port for port in ports}
    for adapter in state.net_adapters:
        management = management_port(path, adapter, state.hyper_v, switches)
        if management is not None:
            yield adapter, management, None
            continue
        at_host = path == HOST
        port = physical_port(adapter) if at_host else by_mac.get(plain_mac(adapter.mac_address))
        if port is not None:
            yield adapter, port, bound_switch(adapter, state.hyper_v, switches)


def _observed_interface(name: str, port: Port, ip: IPInterfaceState | None) -> Interface:
    if ip is None:
        return Interface(name=name, port=port)
    return Interface(
        name=name,
        port=port,
        addresses=tuple(
            address
            for address in ip.ip_addresses
            if not address.is_link_local and address not in ip.duplicates
        ),
        duplicates=ip.duplicates,
        link_local=tuple(address for address in ip.ip_addresses if address.is_link_local),
        lease_requested=ip.dhcp,
        gateway=ip.gateway,
        metric=AUTOMATIC_METRIC if ip.interface_metric is None else ip.interface_metric,
        forwarding=ip.forwarding,
        dhcp=ip.dhcp and not ip.ip_addresses,
    )


def _real_names(vm: VirtualMachineState, names: Mapping[str, str]) -> dict[str, str]:
    """Return the names that adapters have, by their names in the file."""
    return {names.get(adapter.id, adapter.name): adapter.name for adapter in vm.network_adapters}


def _routes(state: HostState) -> Iterator[Route]:
    for interface in state.ip_interfaces:
        for to, via in interface.routes:
            if to.prefixlen and int(via):  # 0.0.0.0 as next hop: directly connected
                yield Route(to=to, via=via)


def _nats(state: HostState) -> Iterator[Nat]:
    for nat in state.nats:
        forwards = tuple(
            PortForward(
                protocol=protocol.lower(),
                external_port=external,
                to_address=address,
                to_port=internal,
            )
            for protocol, external, address, internal in nat.static_mappings
        )
        yield Nat(prefix=nat.internal_prefix, name=nat.name, port_forwards=forwards)


def _physical_networks(
    topology: Topology | None, state: HostState
) -> Iterator[PhysicalNetworkFacts]:
    """Yield the physical network behind each physical adapter.

    Where the topology declares an uplink for the adapter, its facts are added.
    """
    declared = (
        {uplink.net_adapter.casefold(): uplink for uplink in topology.uplinks}
        if topology is not None
        else {}
    )
    switches = switch_names(state.hyper_v)
    teams: set[str] = set()
    for adapter in state.net_adapters:
        if adapter.virtual or management_port(HOST, adapter, state.hyper_v, switches) is not None:
            continue
        switch = bound_switch(adapter, state.hyper_v, switches)
        if switch in teams:
            continue  # the members of a team are on one network
        teams |= {switch} if switch else set()
        uplink = declared.get(adapter.name.casefold())
        network = PhysicalNetworkFacts(net_adapter=adapter.name, switch=switch, observed=True)
        yield network if uplink is None else _with_uplink(network, uplink)


def _with_uplink(network: PhysicalNetworkFacts, uplink: Uplink) -> PhysicalNetworkFacts:
    """Return an observed network with the facts of a declared uplink, if that names a gateway."""
    if uplink.gateway is None:
        return network
    return replace(
        network,
        network=uplink.network,
        gateway=uplink.gateway,
        routes=uplink.routes,
        declared=True,
    )
