"""Host states as they would be without what a topology owns and its file no longer names."""

from __future__ import annotations

from collections.abc import Mapping

from nestlab.dataclass import replace
from nestlab.model import MachinePath
from nestlab.model.state import HostState, expected_management_alias
from nestlab.model.topology import Topology
from nestlab.plan.planned_machine import planned_machine
from nestlab.plan.remainder import MachineRemainder
from nestlab.plan.undeclared_adapters import interface_of, undeclared_adapters


def without_remainder(
    topology: Topology,
    states: Mapping[MachinePath, HostState],
    *,
    disconnect_others: bool = False,
) -> dict[MachinePath, HostState]:
    """Return the states without what the topology owns and does not name.

    With `disconnect_others`, the result also lacks management adapters that may be others'.
    """
    return {
        path: _without_remainder(topology, path, state, disconnect_others=disconnect_others)
        for path, state in states.items()
    }


def _without_remainder(
    topology: Topology, path: MachinePath, state: HostState, *, disconnect_others: bool
) -> HostState:
    if state.hyper_v is None:
        return state
    machine = planned_machine(topology, path, topology.machine(path), state)
    remainder = MachineRemainder(machine, {})
    aliases = {
        expected_management_alias(state, switch.name)
        for switch in remainder.switches
        if switch.switch_type == "Internal"
    }
    unnamed = undeclared_adapters(machine) if disconnect_others else ()
    found = (interface_of(machine, switch, adapter) for switch, adapter in unnamed)
    aliases |= {interface.interface_alias for interface in found if interface is not None}
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
            interface
            for interface in state.ip_interfaces
            if interface.interface_alias not in aliases
        ),
    )
