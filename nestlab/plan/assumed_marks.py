"""Host states in which objects that nestlab did not create are assumed to be marked."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from nestlab.dataclass import replace
from nestlab.model import MachinePath
from nestlab.model.ownership import marked_notes, nat_name
from nestlab.model.state import DhcpScopeState, HostState, NatState, SwitchState
from nestlab.plan.disk_names import scope_name

Ids = Collection[str]


def as_if_marked(
    topology: str,
    states: Mapping[MachinePath, HostState],
    ids: Mapping[MachinePath, Ids],
    power_states: Mapping[str, str],
) -> Mapping[MachinePath, HostState]:
    """Return the states as if the VMs and switches of these Ids carried the mark of a topology.

    The NAT and the DHCP scope of such a switch get the names that nestlab uses. `power_states` are
    the power states that VMs will return to, by Id.
    """
    if not ids:
        return states
    return {
        path: _as_if_marked(topology, state, ids[path], power_states) if path in ids else state
        for path, state in states.items()
    }


def _as_if_marked(
    topology: str, state: HostState, ids: Ids, power_states: Mapping[str, str]
) -> HostState:
    if state.hyper_v is None:
        return state
    switches = [each for each in state.hyper_v.switches if each.id in ids]
    for switch in switches:
        state = _with_own_services(topology, state, switch)
    if state.hyper_v is None:
        return state
    hyper_v = replace(
        state.hyper_v,
        switches=tuple(
            replace(each, notes=marked_notes(each.notes, topology)) if each.id in ids else each
            for each in state.hyper_v.switches
        ),
        vms=tuple(
            replace(
                each,
                notes=marked_notes(each.notes, topology),
                state=power_states.get(each.id, each.state),
            )
            if each.id in ids
            else each
            for each in state.hyper_v.vms
        ),
    )
    return replace(state, hyper_v=hyper_v)


def _with_own_services(topology: str, state: HostState, switch: SwitchState) -> HostState:
    """Return a state in which a switch's NAT and DHCP scope have the names that nestlab uses."""
    nat, scope = foreign_services(state, switch)
    return replace(
        state,
        nats=tuple(
            replace(each, name=nat_name(topology, switch.name)) if each == nat else each
            for each in state.nats
        ),
        dhcp_scopes=tuple(
            replace(each, name=scope_name(topology, switch.name)) if each == scope else each
            for each in state.dhcp_scopes
        ),
    )


def foreign_services(
    state: HostState, switch: SwitchState
) -> tuple[NatState | None, DhcpScopeState | None]:
    """Return the NAT and the DHCP scope of a switch, where nestlab did not create them."""
    from nestlab.reachability import observed_switch  # noqa: PLC0415  # only files with unmarked switches pay for it

    address = observed_switch(state, switch).ip_address
    if address is None:
        return None, None
    nats = (each for each in state.nats if address.ip in each.internal_prefix)
    scopes = (each for each in state.dhcp_scopes if each.scope_id in address.network)
    nat, scope = next(nats, None), next(scopes, None)
    return (
        None if nat is None or _is_named_by_nestlab(nat.name) else nat,
        None if scope is None or _is_named_by_nestlab(scope.name) else scope,
    )


def _is_named_by_nestlab(name: str) -> bool:
    return name.casefold().startswith("nestlab.")
