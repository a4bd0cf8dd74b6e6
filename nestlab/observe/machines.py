"""Observing one machine: records in, a host state out, in a fixed number of calls."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from nestlab.constants import PRODUCT_WORKSTATION
from nestlab.constants.commands import COMMANDS, SELECT_OBJECT
from nestlab.dataclass import replace
from nestlab.model import (
    HOST,
    Cmdlet,
    ErrorRecord,
    MachinePath,
    Outcome,
)
from nestlab.model.state import (
    CheckpointState,
    ComputerState,
    HostState,
    HyperVState,
    Unread,
)
from nestlab.observe import computers, dhcp, hyper_v, hyper_v_statements, networks, security
from nestlab.observe.disk_files import with_disks
from nestlab.observe.reading import flag, guid, text
from nestlab.observe.security import HYPER_V_FEATURE
from nestlab.pattern import pattern
from nestlab.plan import where_guest_service_interface
from nestlab.transport.session import Cancel, Session


def observe(
    session: Session,
    *,
    machine: MachinePath | None = None,
    disk_paths: Iterable[str] = (),
    only: Collection[str] | None = None,
    known: HyperVState | None = None,
    cancel: Cancel | None = None,
) -> HostState:
    """Return the state of one machine, in 3 calls, and up to 2 more if `disk_paths` are given.

    With `only`, the VMs of these names are read and no others; the others are returned as they are
    in `known`. Cmdlets that failed are in `unread`, with the host's message. Raises what
    `Session.run` raises if the machine does not answer at all.
    """
    path = session.machine if machine is None else machine
    first = session.run(*computers.COMPUTER, cancel=cancel)
    computer = computers.computer_state(first)
    in_guest = (networks.ECHO_RULES, computers.REGIONAL_SETTINGS) if path != HOST else ()
    features = computers.feature_statements(computer, in_guest=path != HOST)
    statements = (*features, *networks.STATEMENTS, *in_guest, *security.statements())
    second = session.run(*statements, cancel=cancel)
    computer = computers.with_regional_settings(computer, second) if path != HOST else computer
    installed, pending = computers.features(second)
    third = session.run(
        *_role_statements(second, installed, computer, only, in_guest=path != HOST), cancel=cancel
    )
    hyper_v_state = hyper_v.hyper_v_state(third)
    if hyper_v_state is not None and known is not None and only is not None:
        hyper_v_state = hyper_v.with_known_vms(hyper_v_state, known, only)
    state = HostState(
        machine=path,
        host=session.host,
        computer=computer,
        processors=computers.processor_states(first),
        security=security.security_state(second),
        volumes=computers.volumes(first),
        features=installed,
        pending_features=pending,
        hyper_v=hyper_v_state,
        net_adapters=networks.net_adapters(second),
        ip_interfaces=networks.ip_interfaces(second),
        nats=networks.nats(second),
        dhcp_scopes=dhcp.scopes(third),
        dhcp_server=dhcp.service_status(third),
        dhcp_authorized=dhcp.is_authorized(third),
        firewall_rules=networks.firewall_rules(second),
        unread=tuple(_unread(only or (), first, second, third)),
    )
    return with_disks(session, state, disk_paths, cancel=cancel)


def observe_vms(
    session: Session, known: HostState, only: Collection[str], *, cancel: Cancel | None = None
) -> HostState | None:
    """Return a known state with some of its VMs read again, in one call.

    Returns None if one of them could not be read.

    Raises what `Session.run` raises if the machine does not answer at all.
    """
    if known.hyper_v is None:
        return None
    outcome = session.run(*hyper_v_statements.vm_statements(only), cancel=cancel)
    if any(not hyper_v_statements.is_vm_not_found(error, only) for error in outcome.errors):
        return None
    return replace(known, hyper_v=hyper_v.with_current_vms(known.hyper_v, outcome, only))


def _role_statements(
    features: Outcome,
    installed: frozenset[str],
    computer: ComputerState,
    only: Collection[str] | None,
    *,
    in_guest: bool,
) -> Iterator[Cmdlet]:
    """Yield the statements of installed roles, whose modules exist only with the role.

    If the installed features could not be read, the statements of Hyper-V are tried.
    """
    if computer.product_type == PRODUCT_WORKSTATION:
        answered = not any(map(security.is_dism_error, features.errors))
    else:
        refused = (_cmdlet_of(error) == "Get-WindowsFeature" for error in features.errors)
        answered = any("InstallState" in record for record in features) or (
            in_guest and not any(refused)
        )
    if not answered or installed & {"Hyper-V", HYPER_V_FEATURE}:
        yield from hyper_v_statements.statements(only)
    if "DHCP" in installed:
        yield dhcp.SCOPES
        yield dhcp.SERVICE
        if computer.domain:
            yield dhcp.SETTING


def _unread(asked: Collection[str], *outcomes: Outcome) -> Iterator[Unread]:
    errors = (
        error
        for outcome in outcomes
        for error in _first_missing_command_only(outcome.errors)
        if not (
            security.means_absent(error)
            or hyper_v_statements.means_no_firmware(error)
            or hyper_v_statements.is_vm_not_found(error, asked)
        )
    )
    failures = dict.fromkeys((_cmdlet_of(error), error.message) for error in errors)
    return (Unread(what=what, error=message) for what, message in failures)


def _first_missing_command_only(errors: Iterable[ErrorRecord]) -> Iterator[ErrorRecord]:
    """Yield the errors, except for all but the first about a command that does not exist.

    If a module is missing, none of its commands is found.
    """
    missing = False
    for error in errors:
        not_found = error.error_id == "CommandNotFoundException"
        if not (not_found and missing):
            yield error
        missing = missing or not_found


_SPELLING = {name.casefold(): name for name in COMMANDS}
_CMDLET_CLASS = pattern(r"([A-Z][a-z]+)([A-Z]\w*?)(?:Command)?")


def _cmdlet_of(error: ErrorRecord) -> str:
    """Return the name of the cmdlet that reported an error.

    Its id ends with the name or the class of the cmdlet. Where a command was not found, it is the
    target of the error.
    """
    if error.error_id == "CommandNotFoundException":
        return error.target
    name = error.fully_qualified_error_id.rpartition(",")[2].rpartition(".")[2]
    by_class = _CMDLET_CLASS.fullmatch(name)
    named = f"{by_class[1]}-{by_class[2]}" if by_class else name or error.target
    cim_class = error.target.rpartition(":")[2]  # the target of Get-CimInstance is namespace:class
    named = _SPELLING.get(named.casefold(), named)
    return f"{named} {cim_class}" if named == "Get-CimInstance" and cim_class else named


_SNAPSHOTS = "Get-VMSnapshot"


def with_checkpoints(
    session: Session, state: HostState, names: Collection[str], *, cancel: Cancel | None = None
) -> HostState:
    """Return the state with the checkpoints of these VMs, in one call.

    Where they cannot be read, `checkpoints` stays None, and `unread` has the error.
    """
    current = state.hyper_v
    state = replace(state, unread=tuple(e for e in state.unread if e.what != _SNAPSHOTS))
    asked = {vm.id: vm.name for vm in current.vms if vm.name in names} if current else {}
    if current is None or not asked:
        return state
    of_vms = {"VMName": sorted(set(asked.values())), "ErrorAction": "Continue"}
    shown = Cmdlet(SELECT_OBJECT, {"Property": ["Id", "Name", "VMId", "IsAutomaticCheckpoint"]})
    outcome = session.run(Cmdlet(_SNAPSHOTS, of_vms, shown), cancel=cancel)
    for error in outcome.errors:
        if not hyper_v_statements.is_vm_not_found(error, names):
            return replace(
                state, unread=(*state.unread, Unread(what=_SNAPSHOTS, error=error.message))
            )
    found = _by_vm(asked, outcome)
    automatic = {guid(each, "VMId") for each in outcome if flag(each, "IsAutomaticCheckpoint")}
    vms = tuple(
        replace(vm, checkpoints=tuple(found[vm.id]), automatic_checkpoint=vm.id in automatic)
        if vm.id in found
        else vm
        for vm in current.vms
    )
    return replace(state, hyper_v=replace(current, vms=vms))


def _by_vm(vm_ids: Iterable[str], outcome: Outcome) -> dict[str, list[CheckpointState]]:
    found: dict[str, list[CheckpointState]] = {vm_id: [] for vm_id in vm_ids}
    for record in outcome:
        if flag(record, "IsAutomaticCheckpoint"):
            continue  # Hyper-V takes it when the VM starts, and removes it when it shuts down
        checkpoint = CheckpointState(id=guid(record, "Id"), name=text(record, "Name"))
        found.get(guid(record, "VMId"), []).append(checkpoint)
    return found


def with_guest_services(
    session: Session, state: HostState, names: Collection[str], *, cancel: Cancel | None = None
) -> HostState:
    """Return the state with `guest_service` of these VMs, in one call.

    The Guest Service Interface lets a host copy files into a VM (Copy-VMFile).
    """
    current = state.hyper_v
    asked = [vm.name for vm in current.vms if vm.name in names] if current else []
    if current is None or not asked:
        return state
    of_vms = {"VMName": sorted(set(asked)), "ErrorAction": "Continue"}
    shown = Cmdlet(SELECT_OBJECT, {"Property": ["VMId", "Enabled"]})
    outcome = session.run(
        Cmdlet("Get-VMIntegrationService", of_vms, where_guest_service_interface(shown)),
        cancel=cancel,
    )
    enabled = {guid(record, "VMId"): bool(record.get("Enabled")) for record in outcome}
    vms = tuple(
        replace(vm, guest_service=enabled.get(vm.id, vm.guest_service)) for vm in current.vms
    )
    return replace(state, hyper_v=replace(current, vms=vms))
