"""Undoing a step that an interrupted run, or an interrupted undo, did not complete.

Some of its cmdlets may have nothing left to do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from nestlab.apply.context import StepContext
from nestlab.apply.sessions import Sessions
from nestlab.apply.step_execution import ALREADY_EXISTS, execute
from nestlab.apply.step_result import StepResult, StepState
from nestlab.dataclass import replace
from nestlab.model import Cmdlet, ErrorRecord
from nestlab.model.spelling import plain_mac
from nestlab.model.state import HostState, IPInterfaceState
from nestlab.plan import Step, TargetKind, named_adapter, same_name

# The Hyper-V module reports a name that it does not find as an invalid argument.
_ALREADY_REMOVED = frozenset({"ObjectNotFound", "InvalidArgument"})
_REMOVES = ("Remove-", "Rename-")
_CREATES = ("New-", "Add-")
_NAT_CREATION = frozenset({"New-NetNat", "Add-NetNatStaticMapping"})
"""Their failure in an undo is one: the earlier NAT, or one of its forwards, is missing then."""

_SETTINGS = frozenset({"New-NetIPAddress", "New-NetRoute", "Set-DnsClientServerAddress"})

CREATES_AGAIN = frozenset({"New-NetNat", "Add-DhcpServerv4Scope"})
"""The cmdlets that create what a step changes by removing it and creating it again."""


class Interrupted(NamedTuple):
    """What was interrupted: the step itself (`unfinished`), or its undo."""

    unfinished: bool
    undo_interrupted: bool


def resume_undo(
    step: Step,
    sessions: Sessions,
    context: StepContext,
    interrupted: Interrupted,
    state: HostState | None,
) -> StepResult:
    """Run the cmdlets that undo a step one by one, and skip those that have nothing to do.

    `state` is the current state of the step's machine; None if none of them has run. If what a
    cmdlet restores exists already, that cmdlet has run, and so have those before it. Raises
    Cancelled.
    """
    done, skipped = [], []
    for cmdlet in left_to_restore(step.cmdlets, state):
        part = replace(step, cmdlets=(cmdlet,))
        result = replace(execute(part, sessions, context), step=step)
        if result.ok:
            done.append(result)
        elif result.error is not None and (
            (interrupted.unfinished and cmdlet.name not in _NAT_CREATION)
            or has_nothing_to_do(cmdlet, result.error)
        ):
            skipped.append(result)
        else:
            return result
    if skipped and not done:
        return StepResult(step=step, status=StepState.SKIPPED, message=skipped[-1].message)
    return StepResult(
        step=step,
        status=StepState.DONE,
        seconds=sum(result.seconds for result in done),
        warnings=tuple(warning for result in done for warning in result.warnings),
    )


def sets_again(step: Step) -> bool:
    """Whether the undo of a change of a switch sets IP settings of its adapters again.

    Those that came back with the adapter are left as they are.
    """
    on_switch = step.target.kind is TargetKind.SWITCH
    return on_switch and any(cmdlet.name in _SETTINGS for cmdlet in step.cmdlets)


def left_to_restore(cmdlets: tuple[Cmdlet, ...], state: HostState | None) -> tuple[Cmdlet, ...]:
    """Return those of the cmdlets that undo a step which have not run yet.

    `state` is the current state of the step's machine. If what a cmdlet restores exists already,
    that cmdlet has run, and so have those before it. A NAT or scope that is created again is
    created without forwards and reservations: those of the one that replaced it do not count.
    """
    has_run = [state is not None and _is_restored(cmdlet, state) for cmdlet in cmdlets]
    created = [number for number, each in enumerate(cmdlets) if each.name in CREATES_AGAIN]
    if any(not has_run[number] for number in created):
        return cmdlets
    first = max((number for number, restored in enumerate(has_run, 1) if restored), default=0)
    return cmdlets[first:]


def has_nothing_to_do(cmdlet: Cmdlet, error: ErrorRecord) -> bool:
    """Whether a cmdlet failed because it has run before."""
    last = cmdlet.stages[-1]
    if last.name.startswith(_REMOVES):
        return error.category in _ALREADY_REMOVED
    return last.name.startswith(_CREATES) and error.category in ALREADY_EXISTS


def _is_restored(cmdlet: Cmdlet, state: HostState) -> bool:
    """Whether what a cmdlet restores exists already."""
    last = cmdlet.stages[-1]
    if last.name == "Add-VMNetworkAdapter":
        return _has_adapter(cmdlet.parameters, str(last.parameters.get("Name", "")), state)
    check = _CHECKS.get(last.name)
    return check is not None and check(last.parameters, state)


Parameters = Mapping[str, Any]


def _has_address(parameters: Parameters, state: HostState) -> bool:
    interface = _interface(parameters, state)
    wanted, gateway = str(parameters.get("IPAddress")), parameters.get("DefaultGateway")
    has = interface is not None and any(
        str(address.ip) == wanted for address in interface.ip_addresses
    )
    return has and (
        gateway is None or (interface is not None and str(interface.gateway) == gateway)
    )


def _has_route(parameters: Parameters, state: HostState) -> bool:
    interface = _interface(parameters, state)
    wanted = (parameters.get("DestinationPrefix"), parameters.get("NextHop"))
    return interface is not None and any(
        (str(to), str(via)) == wanted for to, via in interface.routes
    )


def _interface(parameters: Parameters, state: HostState) -> IPInterfaceState | None:
    alias = str(parameters.get("InterfaceAlias", ""))
    return next(
        (
            interface
            for interface in state.ip_interfaces
            if same_name(interface.interface_alias, alias)
        ),
        None,
    )


def _has_nat(parameters: Parameters, state: HostState) -> bool:
    wanted = parameters.get("InternalIPInterfaceAddressPrefix")
    return any(
        same_name(nat.name, str(parameters.get("Name"))) and str(nat.internal_prefix) == wanted
        for nat in state.nats
    )


def _has_mapping(parameters: Parameters, state: HostState) -> bool:
    wanted = tuple(
        str(parameters.get(name))
        for name in ("Protocol", "ExternalPort", "InternalIPAddress", "InternalPort")
    )
    nats = [nat for nat in state.nats if same_name(nat.name, str(parameters.get("NatName")))]
    return any(
        tuple(map(str, mapping)) == wanted for nat in nats for mapping in nat.static_mappings
    )


def _has_scope(parameters: Parameters, state: HostState) -> bool:
    wanted = tuple(str(parameters.get(name)) for name in ("Name", "StartRange", "EndRange"))
    ranges = ((s.name, s.start_range, s.end_range) for s in state.dhcp_scopes)
    return any(tuple(map(str, each)) == wanted for each in ranges)


def _has_reservation(parameters: Parameters, state: HostState) -> bool:
    wanted = (str(parameters.get("IPAddress")), plain_mac(str(parameters.get("ClientId"))))
    return any(
        (str(each.ip_address), each.mac_address) == wanted
        for scope in state.dhcp_scopes
        for each in scope.reservations or ()
    )


def _has_adapter(which: Parameters, name: str, state: HostState) -> bool:
    # Hyper-V would give the VM a second one of the same name.
    vms = state.hyper_v.vms if state.hyper_v else ()
    wanted = {str(which.get(key, "")).casefold() for key in ("Id", "Name", "VMName")} - {""}
    return any(
        named_adapter(vm, name) for vm in vms if {vm.id.casefold(), vm.name.casefold()} & wanted
    )


_CHECKS: Mapping[str, Callable[[Parameters, HostState], bool]] = {
    "New-NetIPAddress": _has_address,
    "New-NetRoute": _has_route,
    "New-NetNat": _has_nat,
    "Add-NetNatStaticMapping": _has_mapping,
    "Add-DhcpServerv4Scope": _has_scope,
    "Add-DhcpServerv4Reservation": _has_reservation,
}
