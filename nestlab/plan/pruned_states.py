"""Host states as they would be without what a topology owns and its file no longer names."""

from __future__ import annotations

from collections.abc import Mapping

from nestlab.dataclass import replace
from nestlab.model import HOST, MachinePath
from nestlab.model.state import HostState, expected_management_alias
from nestlab.model.topology import Topology
from nestlab.plan.made_routes import ReadMadeRoutes, route_of
from nestlab.plan.planned_machine import PlannedMachine, planned_machine
from nestlab.plan.remainder import MachineRemainder
from nestlab.plan.route_removals import left_over_routes, made_routes_on
from nestlab.plan.undeclared_adapters import interface_of, undeclared_adapters


def without_remainder(
    topology: Topology,
    states: Mapping[MachinePath, HostState],
    *,
    disconnect_others: bool = False,
    read_made_routes: ReadMadeRoutes = tuple,
) -> dict[MachinePath, HostState]:
    """Return the states without what the topology owns and does not name.

    With `disconnect_others`, the result also lacks management adapters that may be others'.
    `read_made_routes` reads the routes of the host that runs of the topology added.
    """
    return {
        path: _without_remainder(
            replace(
                planned_machine(topology, path, topology.machine(path), state),
                disconnect_others=disconnect_others,
                read_made_routes=read_made_routes,
            )
        )
        for path, state in states.items()
    }


def without_replaced_routes(
    topology: Topology,
    states: Mapping[MachinePath, HostState],
    read_made_routes: ReadMadeRoutes = tuple,
) -> dict[MachinePath, HostState]:
    """Return the states without the routes of the host that runs added via another next hop.

    A plan replaces them with those of the file. Journals are read where there may be one.
    """
    state = states.get(HOST)
    declared = {(route.to, route.via) for route in topology.routes}
    found = {to for to, _ in declared}
    interfaces = state.ip_interfaces if state else ()
    others = {r for each in interfaces for r in each.routes if r[0] in found and r not in declared}
    if state is None or not others:
        return dict(states)
    machine = planned_machine(topology, HOST, topology, state)
    gone = {(made.to, made.via) for made in made_routes_on(machine, interfaces, read_made_routes)}
    left = tuple(
        replace(each, routes=tuple(r for r in each.routes if r not in others & gone))
        for each in interfaces
    )
    return {**states, HOST: replace(state, ip_interfaces=left)}


def _without_remainder(machine: PlannedMachine) -> HostState:
    state = machine.state
    if state.hyper_v is None:
        return state
    remainder = MachineRemainder(machine, {})
    aliases = {
        expected_management_alias(state, switch.name)
        for switch in remainder.switches
        if switch.switch_type == "Internal"
    }
    unnamed = undeclared_adapters(machine) if machine.disconnect_others else ()
    found = (interface_of(machine, switch, adapter) for switch, adapter in unnamed)
    aliases |= {interface.interface_alias for interface in found if interface is not None}
    routes = {
        (route.to, route.via)
        for step in left_over_routes(machine, remainder.kept_switches())
        if (route := route_of(step)) is not None
    }
    hyper_v = replace(
        state.hyper_v,
        vms=tuple(vm for vm in state.hyper_v.vms if vm not in remainder.vms),
        switches=tuple(
            switch for switch in state.hyper_v.switches if switch not in remainder.switches
        ),
    )
    return replace(
        state,
        hyper_v=hyper_v,
        nats=tuple(nat for nat in state.nats if nat not in remainder.nats),
        dhcp_scopes=tuple(scope for scope in state.dhcp_scopes if scope not in remainder.scopes),
        ip_interfaces=tuple(
            replace(interface, routes=tuple(r for r in interface.routes if r not in routes))
            for interface in state.ip_interfaces
            if interface.interface_alias not in aliases
        ),
    )
