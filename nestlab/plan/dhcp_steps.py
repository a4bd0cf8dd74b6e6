"""The DHCP server role and its scopes, for switches with `dhcp` and guests with `dhcp_server`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from ipaddress import IPv4Interface

from nestlab.model import Cmdlet, SwitchParameter
from nestlab.model.spelling import same_name
from nestlab.model.state import DhcpScopeState
from nestlab.model.topology import DhcpRange, Switch
from nestlab.plan.dhcp_options import (
    added_option_steps,
    lost_reservations,
    option_steps,
    restoring_cmdlets,
    router_cmdlet,
)
from nestlab.plan.dhcp_role_steps import DHCP_TOOLS, install_dhcp
from nestlab.plan.disk_names import scope_name
from nestlab.plan.entries_of_others import SwitchEntries, goes_with_it
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.leftover_holds import range_text
from nestlab.plan.plan_refusals import refuse_scope_in_use
from nestlab.plan.planned_machine import PlannedMachine, or_unchanged
from nestlab.plan.scope_status import what_it_does, why_not_served
from nestlab.plan.scope_users import may_also_serve, why_scope_is_kept
from nestlab.plan.served_scope import ServedScope, scope_of_switch
from nestlab.plan.step import Hazard, Planned, Remainder, Step, StepTarget
from nestlab.plan.unmarked import NOT_CREATED
from nestlab.texts import tr, translate

_READ_SCOPES = "Get-DhcpServerv4Scope"


def dhcp_steps(machine: PlannedMachine, switch: Switch) -> Iterator[Planned]:
    """Yield the steps for the DHCP scope of a switch, served by the role of its machine."""
    yield from scope_steps(scope_of_switch(machine, switch))


def scope_steps(served: ServedScope) -> Iterator[Planned]:
    """Yield the steps for a DHCP scope of the file."""
    if served.scope is None:
        return
    machine, name = served.machine, "" if served.is_unmarked else served.scope_name
    subject = tr("{machine}: DHCP on {switch}", machine=machine.name, switch=served.name)
    why = what_it_does(served, served.scope, name) + why_not_served(served)
    why += f"; {translate(NOT_CREATED)}" if served.is_unmarked else ""
    yield from or_unchanged(subject, why, _scope(served))


def dhcp_removal(machine: PlannedMachine, switch: Switch) -> Iterator[Step | Remainder]:
    """Yield the step that removes the DHCP scope of a switch for which the file has none.

    It comes first, so that its network is free for another.
    """
    served = scope_of_switch(machine, switch)
    current = _current_scope(served)
    if current is None or served.scope is not None:
        return
    yield scope_left_over(
        served.entries,
        current,
        tr("the file declares no DHCP for it"),
        StepTarget(TargetKind.SCOPE, current.name, switch=switch.name),
        lost_reservations(served, current),
    )


def scope_left_over(
    entries: SwitchEntries,
    current: DhcpScopeState,
    why: str,
    target: StepTarget,
    lost: Collection[str],
) -> Step | Remainder:
    """Return the removal of a scope that the file does not have; `lost` are entries of others.

    Where VMs of others may use it, it is left over until the user consents to disconnect them.
    """
    machine, users = entries.machine, entries.users
    if users and not machine.disconnect_others:
        holds = (range_text(current), why_scope_is_kept(users, entries.switch))
        return Remainder(machine.path, tr("DHCP scope {scope}", scope=current.name), holds)
    why += may_also_serve(users) + goes_with_it(machine.topology, lost)
    return scope_removal(machine, current, why, target, has_users=bool(users))


def scope_removal(
    machine: PlannedMachine,
    current: DhcpScopeState,
    why: str,
    target: StepTarget,
    *,
    has_users: bool = False,
) -> Step:
    """Return the step that removes a DHCP scope of the topology; others may use it."""
    served_on = target.switch or current.name[len(scope_name(machine.topology, "")) :]
    return machine.step(
        Action.REMOVE_SCOPE,
        current.name,
        tr(
            "Remove the DHCP scope {first} to {last} of {switch}",
            first=current.start_range,
            last=current.end_range,
            switch=served_on,
        ),
        why,
        _remove_scope_cmdlet(current),
        target=target,
        hazard=Hazard.MAY_CUT_CONNECTION if has_users else Hazard.NONE,
        undo=_add_again(current),
    )


def _current_scope(served: ServedScope) -> DhcpScopeState | None:
    scopes, name = served.machine.state.dhcp_scopes, served.scope_name
    return next((scope for scope in scopes if same_name(scope.name, name)), None)


def _remove_scope_cmdlet(scope: DhcpScopeState) -> Cmdlet:
    return Cmdlet(
        "Remove-DhcpServerv4Scope", {"ScopeId": str(scope.scope_id), "Force": SwitchParameter.ON}
    )


def _add_again(scope: DhcpScopeState) -> tuple[Cmdlet, ...]:
    """Return the cmdlets that create a scope as it was; none if its mask was not read."""
    if scope.subnet_mask is None:
        return ()
    values = {
        "Name": scope.name,
        "StartRange": str(scope.start_range),
        "EndRange": str(scope.end_range),
        "SubnetMask": str(scope.subnet_mask),
        "State": "Active",
    }
    return (Cmdlet("Add-DhcpServerv4Scope", values), *restoring_cmdlets(scope))


def _scope(served: ServedScope) -> Iterator[Step | Remainder]:
    yield from install_dhcp(served.machine)
    current = _current_scope(served)
    wanted, address = served.scope, served.ip_address
    if wanted is None or address is None:
        return
    if current and (current.start_range, current.end_range) == (wanted.first, wanted.last):
        yield from option_steps(served, current)
        if served.is_in_guest and current.is_inactive:
            yield _activate(served, str(current.scope_id))
    else:
        first, last = str(wanted.first), str(wanted.last)
        scope = {"Name": served.scope_name, "StartRange": first, "EndRange": last}
        if current:
            _require_consent(served, current, wanted)
        yield _serve(served, scope, address, current)
        yield from added_option_steps(served, _new_scope(served.scope_name, wanted, address))
        if served.is_in_guest:
            yield _activate(served, str(address.network.network_address))


def _activate(served: ServedScope, scope_id: str) -> Step:
    """Return the step that makes the scope of a guest lease addresses, once it has its options.

    The VMs beside the guest run by then and ask for addresses: one that gets a lease before the
    router, the DNS servers or its reservation are set keeps it until half of the lease is over
    (RFC 2131, 4.4.5).
    """
    machine, which = served.machine, {"ScopeId": scope_id}
    return machine.step(
        Action.ACTIVATE_SCOPE,
        served.subject,
        tr("Activate the DHCP scope on {switch}", switch=served.name),
        tr("it leases addresses only then: clients get its options and reservations with them"),
        Cmdlet("Set-DhcpServerv4Scope", {**which, "State": "Active"}),
        target=StepTarget(TargetKind.SCOPE, served.scope_name, scope_id, served.switch),
        undo=(Cmdlet("Set-DhcpServerv4Scope", {**which, "State": "InActive"}),),
        needs=tuple(
            machine.step_id(action, subject)
            for action, subject in (
                (Action.SERVE_ADDRESSES, served.subject),
                (Action.SET_DHCP_DNS, served.subject),
                *(
                    (Action.RESERVE_ADDRESS, f"{served.subject}/{each.ip_address}")
                    for each in served.reservations
                ),
            )
        ),
    )


def _require_consent(served: ServedScope, current: DhcpScopeState, wanted: DhcpRange) -> None:
    """Raise PlanRefused without consent, if VMs of others may use a scope whose range changes.

    The scope is removed with its leases and created again.
    """
    machine, users = served.machine, served.entries.users
    if users and not machine.disconnect_others:
        new_range = tr("{first} to {last}", first=wanted.first, last=wanted.last)
        lost = goes_with_it(machine.topology, lost_reservations(served, current))
        costs = may_also_serve(users) + lost
        refuse_scope_in_use(machine, served.switch, current.name, new_range, costs)


def _new_scope(name: str, wanted: DhcpRange, address: IPv4Interface) -> DhcpScopeState:
    """Return a scope as Add-DhcpServerv4Scope creates it, for the steps that follow."""
    return DhcpScopeState(
        scope_id=address.network.network_address,
        name=name,
        start_range=wanted.first,
        end_range=wanted.last,
        dns_servers=(),
        reservations=(),
    )


def _why_added(machine: PlannedMachine, scope: str) -> str:
    if any(item.what == _READ_SCOPES for item in machine.state.unread):
        return tr(
            "whether {machine} has a scope {scope} could not be read",
            machine=machine.name,
            scope=scope,
        )
    return tr("{machine} has no scope {scope}", machine=machine.name, scope=scope)


def _serve(
    served: ServedScope,
    scope: Mapping[str, str],
    address: IPv4Interface,
    current: DhcpScopeState | None,
) -> Step:
    machine, router = served.machine, served.router
    by_id = {"ScopeId": str(address.network.network_address)}
    state = "InActive" if served.is_in_guest else "Active"
    add = {**scope, "SubnetMask": str(address.netmask), "State": state}
    users = served.entries.users if current else ""
    lost = lost_reservations(served, current) if current else []
    agreed = machine.disconnect_others and bool(users)
    return machine.step(
        Action.SERVE_ADDRESSES,
        served.subject,
        tr(
            "Serve {first} to {last} by DHCP on {switch}",
            first=scope["StartRange"],
            last=scope["EndRange"],
            switch=served.name,
        ),
        _why_changed(machine, current, users, lost)
        if current
        else _why_added(machine, scope["Name"]),
        *([_remove_scope_cmdlet(current)] if current else []),
        Cmdlet("Add-DhcpServerv4Scope", add),
        *([router_cmdlet(by_id["ScopeId"], str(router))] if router else []),
        target=StepTarget(TargetKind.SCOPE, scope["Name"], by_id["ScopeId"], served.switch),
        creates=current is None,
        hazard=Hazard.MAY_CUT_CONNECTION if agreed else Hazard.NONE,
        of_no_run=bool(lost) and not agreed,
        undo=(
            Cmdlet("Remove-DhcpServerv4Scope", {**by_id, "Force": SwitchParameter.ON}),
            *(_add_again(current) if current else ()),
        ),
        needs=(
            *(machine.step_id(Action.INSTALL_DHCP, name) for name in ("DHCP", DHCP_TOOLS)),
            served.address_step,
        ),
    )


def _why_changed(
    machine: PlannedMachine, current: DhcpScopeState, users: str, lost: list[str]
) -> str:
    return (
        tr("its scope is {first} to {last}", first=current.start_range, last=current.end_range)
        + may_also_serve(users)
        + goes_with_it(machine.topology, lost)
    )
