"""The DHCP server role and its scopes, for switches with `dhcp`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Interface

from nestlab.model import Cmdlet, SwitchParameter
from nestlab.model.parameter_values import Value
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
from nestlab.plan.disk_names import scope_name
from nestlab.plan.entries_of_others import SwitchEntries, goes_with_it
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.leftover_holds import range_text
from nestlab.plan.plan_refusals import refuse_scope_in_use
from nestlab.plan.planned_machine import PlannedMachine, or_unchanged
from nestlab.plan.scope_users import may_also_serve, why_scope_is_kept
from nestlab.plan.step import Hazard, Planned, Remainder, Step, StepTarget
from nestlab.plan.unmarked import NOT_CREATED
from nestlab.texts import tr, translate

_READ_SCOPES = "Get-DhcpServerv4Scope"
_TOOLS = "RSAT-DHCP"


def dhcp_steps(machine: PlannedMachine, switch: Switch) -> Iterator[Planned]:
    """Yield the steps for the DHCP scope of a switch, served by the role of its machine."""
    if switch.dhcp is None or switch.ip_address is None:
        return
    name = scope_name(machine.topology, switch.name)
    subject = tr("{machine}: DHCP on {switch}", machine=machine.name, switch=switch.name)
    is_unmarked = machine.is_unmarked_switch(switch)
    why = _what_it_does(machine, switch, switch.dhcp, "" if is_unmarked else name)
    why += _why_not_served(machine, switch)
    why += f"; {translate(NOT_CREATED)}" if is_unmarked else ""
    yield from or_unchanged(subject, why, _scope(machine, switch, name))


def _what_it_does(machine: PlannedMachine, switch: Switch, dhcp: DhcpRange, name: str) -> str:
    """Return that a scope serves its range; if that was not observed, only that it has it."""
    scope = _scope_of(machine, switch)
    is_active = scope is not None and scope.state.casefold() == "active"
    first, last = dhcp.first, dhcp.last
    serves = is_active and machine.state.dhcp_server == "Running"
    if serves and not name:
        return tr("a scope serves {first} to {last}", first=first, last=last)
    if serves:
        return tr("the scope {scope} serves {first} to {last}", scope=name, first=first, last=last)
    if not name:
        return tr("a scope has the range {first} to {last}", first=first, last=last)
    return tr(
        "the scope {scope} has the range {first} to {last}", scope=name, first=first, last=last
    )


def _why_not_served(machine: PlannedMachine, switch: Switch) -> str:
    """Return a clause about a scope that gives no addresses, or may not; empty if it does."""
    scope, service = _scope_of(machine, switch), machine.state.dhcp_server
    domain = machine.state.computer.domain
    if domain and machine.state.dhcp_authorized is False:
        return tr(
            ", and gives no address: the DHCP server of {machine} is not authorized in the domain {domain}",
            machine=machine.name,
            domain=domain,
        )
    if service not in ("", "Running"):
        return tr(
            ", and gives no address: the service DHCPServer of {machine} is {service}",
            machine=machine.name,
            service=service,
        )
    if scope is not None and scope.is_inactive:
        return tr(", and gives no address: it is inactive")
    if not service or scope is None or not scope.state:
        return tr("; whether its DHCP server runs was not read")
    return ""


def _scope_of(machine: PlannedMachine, switch: Switch) -> DhcpScopeState | None:
    """Return the scope of the network of a switch, whatever its name."""
    address = switch.ip_address
    scopes = (each for each in machine.state.dhcp_scopes if address is not None)
    return next((each for each in scopes if address and each.scope_id in address.network), None)


def dhcp_removal(machine: PlannedMachine, switch: Switch) -> Iterator[Step | Remainder]:
    """Yield the step that removes the DHCP scope of a switch for which the file has none.

    It comes first, so that its network is free for another. Where VMs of others may use it, it is
    left over until the user consents to disconnect them.
    """
    current = _current_scope(machine, switch)
    if current is None or (switch.dhcp is not None and switch.ip_address is not None):
        return
    users = SwitchEntries(machine, switch.name).users
    if users and not machine.disconnect_others:
        holds = (range_text(current), why_scope_is_kept(users, switch.name))
        yield Remainder(machine.path, tr("DHCP scope {scope}", scope=current.name), holds)
        return
    yield machine.step(
        Action.REMOVE_SCOPE,
        current.name,
        tr(
            "Remove the DHCP scope {first} to {last} of {switch}",
            first=current.start_range,
            last=current.end_range,
            switch=switch.name,
        ),
        tr("the file declares no DHCP for it")
        + may_also_serve(users)
        + goes_with_it(machine.topology, lost_reservations(machine, switch.name, current)),
        _remove_scope_cmdlet(current),
        target=StepTarget(TargetKind.SCOPE, current.name, switch=switch.name),
        hazard=Hazard.MAY_CUT_CONNECTION if users else Hazard.NONE,
        undo=_add_again(current),
    )


def _current_scope(machine: PlannedMachine, switch: Switch) -> DhcpScopeState | None:
    name = scope_name(machine.topology, switch.name)
    return next((scope for scope in machine.state.dhcp_scopes if same_name(scope.name, name)), None)


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


def _scope(machine: PlannedMachine, switch: Switch, name: str) -> Iterator[Step | Remainder]:
    yield from _install_dhcp(machine)
    current = _current_scope(machine, switch)
    wanted, address = switch.dhcp, switch.ip_address
    if wanted is None or address is None:
        return
    if current and (current.start_range, current.end_range) == (wanted.first, wanted.last):
        yield from option_steps(machine, switch, current)
    else:
        scope = {"Name": name, "StartRange": str(wanted.first), "EndRange": str(wanted.last)}
        if current:
            _require_consent(machine, switch, current, wanted)
        yield _serve(machine, switch, scope, address, current)
        yield from added_option_steps(machine, switch, _new_scope(name, wanted, address))


def _require_consent(
    machine: PlannedMachine, switch: Switch, current: DhcpScopeState, wanted: DhcpRange
) -> None:
    """Raise PlanRefused without consent, if VMs of others may use a scope whose range changes.

    The scope is removed with its leases and created again.
    """
    users = SwitchEntries(machine, switch.name).users
    if users and not machine.disconnect_others:
        new_range = tr("{first} to {last}", first=wanted.first, last=wanted.last)
        lost = goes_with_it(machine.topology, lost_reservations(machine, switch.name, current))
        costs = may_also_serve(users) + lost
        refuse_scope_in_use(machine, switch.name, current.name, new_range, costs)


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


def _install_dhcp(machine: PlannedMachine) -> Iterator[Step]:
    """Yield the step that installs the role, or where only the role is there, its tools.

    The module DhcpServer is in the tools (RSAT-DHCP): the role comes without them unless
    -IncludeManagementTools is set (documentation of Install-WindowsFeature).
    """
    role: dict[str, Value] = {"Name": "DHCP"}
    installed = machine.state.features
    if _TOOLS not in installed:
        role["IncludeManagementTools"] = SwitchParameter.ON
    if "DHCP" not in installed:
        title, why = tr("Install the DHCP server role"), tr("it is not installed")
        yield _install(machine, "DHCP", title, why, role)
    elif _TOOLS not in installed:
        title = tr("Install the tools of the DHCP server role")
        why = tr("the role is installed without them, so Windows has none of its cmdlets")
        yield _install(machine, _TOOLS, title, why, {"Name": _TOOLS})


def _install(
    machine: PlannedMachine, name: str, title: str, why: str, feature: Mapping[str, Value]
) -> Step:
    return machine.step(
        Action.INSTALL_DHCP,
        name,
        title,
        why,
        Cmdlet("Install-WindowsFeature", feature),
        target=StepTarget(TargetKind.WINDOWS, name),
        undo=(Cmdlet("Uninstall-WindowsFeature", feature),),
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
    machine: PlannedMachine,
    switch: Switch,
    scope: Mapping[str, str],
    address: IPv4Interface,
    current: DhcpScopeState | None,
) -> Step:
    by_id = {"ScopeId": str(address.network.network_address)}
    add = {**scope, "SubnetMask": str(address.netmask), "State": "Active"}
    users = SwitchEntries(machine, switch.name).users if current else ""
    lost = lost_reservations(machine, switch.name, current) if current else []
    agreed = machine.disconnect_others and bool(users)
    return machine.step(
        Action.SERVE_ADDRESSES,
        switch.name,
        tr(
            "Serve {first} to {last} by DHCP on {switch}",
            first=scope["StartRange"],
            last=scope["EndRange"],
            switch=switch.name,
        ),
        tr(
            "its scope is {first} to {last}",
            first=current.start_range,
            last=current.end_range,
        )
        + may_also_serve(users)
        + goes_with_it(machine.topology, lost)
        if current
        else _why_added(machine, scope["Name"]),
        *([_remove_scope_cmdlet(current)] if current else []),
        Cmdlet("Add-DhcpServerv4Scope", add),
        router_cmdlet(by_id["ScopeId"], str(switch.dhcp_router)),
        target=StepTarget(TargetKind.SCOPE, scope["Name"], by_id["ScopeId"], switch.name),
        creates=current is None,
        hazard=Hazard.MAY_CUT_CONNECTION if agreed else Hazard.NONE,
        of_no_run=bool(lost) and not agreed,
        undo=(
            Cmdlet("Remove-DhcpServerv4Scope", {**by_id, "Force": SwitchParameter.ON}),
            *(_add_again(current) if current else ()),
        ),
        needs=(
            *(machine.step_id(Action.INSTALL_DHCP, name) for name in ("DHCP", _TOOLS)),
            machine.address_step(switch),
        ),
    )
