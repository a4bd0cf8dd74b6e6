"""The observed network of the host and of every guest that answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from ipaddress import AddressValueError, IPv4Address, IPv4Interface

from nestlab.model.machine_path import HOST, MachinePath, path_text
from nestlab.model.spelling import plain_mac
from nestlab.model.state import (
    HostState,
    IPInterfaceState,
    NetworkAdapterState,
    VirtualMachineState,
)
from nestlab.model.topology import VM, NetworkAdapter, PortForward, Route, Topology
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
from nestlab.reachability.external_networks import ExternalNetwork, add_external_networks
from nestlab.reachability.network import Network
from nestlab.reachability.observed_ports import (
    bound_switch,
    management_port,
    physical_port,
    switch_names,
    vm_port,
)
from nestlab.reachability.team_uplink import uplink_through

GUESSED_PREFIX = 24
"""For an address that Hyper-V reports for a guest, which has no prefix length."""


def from_states(topology: Topology | None, states: Mapping[MachinePath, HostState]) -> Network:
    """Return the network that was observed.

    Args:
        topology: The desired state. Guests that were not observed are assumed to have the addresses
            that it declares, and its uplinks describe physical networks; both are in
            `Network.assumptions`. None: only what was observed.
        states: The states of the host (``()``) and of every machine that answered.

    Raises:
        KeyError: The state of the host itself is not among the states.
    """
    view = _View(states, dict(topology.machines()) if topology is not None else {})
    view.add_host(HOST, running=True)
    parts = add_external_networks(
        view.wires, view.uplinks, view.stacks, tuple(_outside(topology, states[HOST]))
    )
    return Network.of(replace(parts, assumptions=(*parts.assumptions, *view.assumptions)))


@dataclass
class _View:
    """The observed states, the desired state, and the elements found so far."""

    states: Mapping[MachinePath, HostState]
    wanted: Mapping[MachinePath, Topology | VM]
    wires: list[Wire] = field(default_factory=list)
    uplinks: list[SwitchUplink] = field(default_factory=list)
    stacks: list[Stack] = field(default_factory=list)
    assumptions: list[Assumption] = field(default_factory=list)

    def add_host(self, path: MachinePath, *, running: bool, ports: tuple[Port, ...] = ()) -> None:
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
            self.add_host(path, running=running, ports=ports)
            return
        wanted = self.wanted.get(path)
        declared = wanted if isinstance(wanted, VM) else None
        interfaces = tuple(
            _unobserved(adapter, port, declared)
            for adapter, port in zip(vm.network_adapters, ports, strict=True)
        )
        self.stacks.append(
            Stack(
                machine=path,
                interfaces=interfaces,
                routes=declared.routes if declared else (),
                answers_ping=declared.answers_ping if declared else True,
                running=running,
                os=declared.guest.os if declared else "none",
                known=any(interface.addresses for interface in interfaces),
            )
        )
        if declared is not None and any(interface.assumed for interface in interfaces):
            text = f"{path_text(path)} is assumed to be configured as declared: its guest was not observed, and Hyper-V reports no address of it."
            self.assumptions.append(Assumption(text=text, machine=path, declared=True))
        elif any(interface.addresses for interface in interfaces):
            self.assumptions.append(Assumption(text=_guessed(path, declared), machine=path))

    def _add_stack(
        self,
        path: MachinePath,
        state: HostState,
        ports: tuple[Port, ...],
        switches: Mapping[str, str],
        *,
        running: bool,
    ) -> None:
        by_mac = {port.mac_address: port for port in ports}
        addresses = {
            interface.interface_alias.casefold(): interface for interface in state.ip_interfaces
        }
        interfaces = []
        bound_ports: dict[str, list[Port]] = {}
        for adapter in state.net_adapters:
            port = management_port(path, adapter, state.hyper_v, switches)
            if port is None:
                port = (
                    physical_port(adapter)
                    if path == HOST
                    else by_mac.get(plain_mac(adapter.mac_address))
                )
                bound = bound_switch(adapter, state.hyper_v, switches)
                if bound is not None:
                    if port is not None and port.wire is not None and not port.wire.physical:
                        bound_ports.setdefault(bound, []).append(port)
                    continue
            if port is not None:
                interfaces.append(
                    _observed(adapter.name, port, addresses.get(adapter.name.casefold()))
                )
        found = (
            uplink_through(WireKey(path, bound), members) for bound, members in bound_ports.items()
        )
        self.uplinks += (uplink for uplink in found if uplink is not None)
        wanted = self.wanted.get(path)
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


def _observed(name: str, port: Port, ip: IPInterfaceState | None) -> Interface:
    if ip is None:
        return Interface(name=name, port=port)
    return Interface(
        name=name,
        port=port,
        # 169.254.x.y is the link-local address of an adapter without an answer from DHCP.
        addresses=tuple(address for address in ip.ip_addresses if not address.is_link_local),
        gateway=ip.gateway,
        metric=AUTOMATIC_METRIC if ip.interface_metric is None else ip.interface_metric,
        forwarding=ip.forwarding,
        dhcp=ip.dhcp and not ip.ip_addresses,
    )


def _unobserved(adapter: NetworkAdapterState, port: Port, declared: VM | None) -> Interface:
    """Return an adapter of a guest that was not observed, as Hyper-V reports or as declared."""
    stated = (
        next(
            (a for a in declared.network_adapters if a.name.casefold() == adapter.name.casefold()),
            None,
        )
        if declared
        else None
    )
    wanted = stated or NetworkAdapter()
    metric = AUTOMATIC_METRIC if wanted.interface_metric is None else wanted.interface_metric
    forwarding = declared.forwarding if declared else False
    rest = Interface(
        name=adapter.name, port=port, gateway=wanted.gateway, metric=metric, forwarding=forwarding
    )
    reported = tuple(_reported(adapter, wanted))
    if reported:
        # Hyper-V reports a guest's addresses and nothing else of its network.
        as_declared = wanted.ip_address is not None and wanted.ip_address in reported
        return replace(rest, addresses=reported, partial=not as_declared)
    if wanted.ip_address is not None:
        return replace(rest, addresses=(wanted.ip_address,), assumed=True)
    return replace(rest, dhcp=True)


def _guessed(path: MachinePath, declared: VM | None) -> str:
    where = (
        "the topology declares"
        if declared is not None
        else f"a prefix of /{GUESSED_PREFIX} makes them"
    )
    return (
        f"{path_text(path)} has the addresses that Hyper-V reports, in the networks that {where}."
    )


def _reported(adapter: NetworkAdapterState, wanted: NetworkAdapter) -> Iterator[IPv4Interface]:
    prefix = (
        wanted.ip_address.network.prefixlen if wanted.ip_address is not None else GUESSED_PREFIX
    )
    for text in adapter.ip_addresses:
        try:
            yield IPv4Interface((IPv4Address(text), prefix))
        except AddressValueError:  # an IPv6 address
            continue


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


def _outside(topology: Topology | None, state: HostState) -> Iterator[ExternalNetwork]:
    """Yield a physical network for each physical adapter, with the uplink of the topology."""
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
        known = ExternalNetwork(net_adapter=adapter.name, switch=switch, observed=True)
        if uplink is not None and uplink.gateway is not None:
            known = replace(
                known,
                network=uplink.network,
                gateway=uplink.gateway,
                routes=uplink.routes,
                stated=True,
            )
        yield known
