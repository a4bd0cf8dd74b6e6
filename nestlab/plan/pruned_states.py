"""Host states as they would be without what a topology owns and its file no longer names."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Network

from nestlab.dataclass import replace
from nestlab.model import HOST, MachinePath
from nestlab.model.state import HostState, IPInterfaceState, expected_management_alias
from nestlab.model.topology import Topology
from nestlab.plan.address_entries import entries_on
from nestlab.plan.interfaces import all_interfaces
from nestlab.plan.made_entries import ReadMadeEntries, route_entry
from nestlab.plan.made_routes import ReadMadeRoutes, route_of
from nestlab.plan.moved_addresses import without_moved_addresses
from nestlab.plan.planned_machine import PlannedMachine, planned_machine
from nestlab.plan.remainder import MachineRemainder
from nestlab.plan.route_removals import left_over_routes, made_routes_on
from nestlab.plan.undeclared_adapters import interface_of, undeclared_adapters
from nestlab.plan.unmarked import UnmarkedObjects

_Route = tuple[IPv4Network, IPv4Address]


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
    found: UnmarkedObjects,
    states: Mapping[MachinePath, HostState],
    read_made_routes: ReadMadeRoutes = tuple,
    read_made_entries: ReadMadeEntries = tuple,
    *,
    disconnect_others: bool = False,
) -> dict[MachinePath, HostState]:
    """Return the states, as if unmarked objects were owned, without routes that a plan replaces.

    They lead to a destination of the file via another next hop: on adapters of the topology all
    that are not kept for VMs of others, on others of the host those that runs added. Journals are
    read where there may be one.
    """
    topology, owned = found.topology, found.as_if_owned_in(states)
    machines = (
        planned_machine(topology, path, topology.machine(path), state, states=owned)
        for path, state in owned.items()
    )
    return {
        machine.path: _without_replaced(
            replace(
                machine,
                unmarked=found.ids,
                disconnect_others=disconnect_others,
                read_made_routes=read_made_routes,
                read_made_entries=read_made_entries,
            )
        )
        for machine in machines
    }


def _without_replaced(machine: PlannedMachine) -> HostState:
    state = machine.state
    left = tuple(
        replace(each, routes=tuple(r for r in each.routes if r not in gone))
        if (gone := _replaced_routes(machine, each))
        else each
        for each in state.ip_interfaces
    )
    return replace(state, ip_interfaces=without_moved_addresses(machine, left))


def _replaced_routes(machine: PlannedMachine, interface: IPInterfaceState) -> set[_Route]:
    """Return the routes of an adapter that a plan replaces with those of the file."""
    declared = {(route.to, route.via) for route in machine.wanted.routes}
    found = {to for to, _ in declared}
    others = {each for each in interface.routes if each[0] in found and each not in declared}
    if not others:
        return set()
    alias, made = interface.interface_alias, set[_Route]()
    if machine.path == HOST:
        by_runs = made_routes_on(machine, machine.state.ip_interfaces, machine.read_made_routes)
        made = others & {(each.to, each.via) for each in by_runs}
    own = [each for each in all_interfaces(machine) if each.alias == alias and not each.shared]
    entries = entries_on(machine, own[0]) if own else None
    stay = {
        each
        for each in others
        if entries and entries.keeps(route_entry(machine.path, *each), replaced=True)
    }
    return made | (others - stay if own else set())


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
