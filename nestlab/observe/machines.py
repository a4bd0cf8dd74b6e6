"""Observing one machine: records in, a host state out, with the same number of calls whatever there is on it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from nestlab.constants import PRODUCT_WORKSTATION, VBS_OPT_OUT_BUILDS
from nestlab.constants.commands import COMMANDS, SELECT_OBJECT
from nestlab.model import HOST, Cmdlet, ErrorRecord, MachinePath, Outcome, SwitchParameter
from nestlab.model.state import (
    ComputerState,
    DiskFileState,
    DiskUseState,
    HostState,
    HyperVState,
    Unread,
)
from nestlab.observe import computers, hyper_v, networks, security
from nestlab.observe.reading import guid, size, text
from nestlab.observe.security import HYPER_V_FEATURE
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
    """Return what is on one machine, in 3 calls, and a fourth where `disk_paths` are asked for.

    With `only`, the VMs of these names are looked at and no others; those stand in the state as
    they are in `known`.

    What cannot be read is in `unread`, with the host's message. Raises what `Session.run` raises
    where the machine does not answer at all.
    """
    first = session.run(*computers.COMPUTER, cancel=cancel)
    computer = computers.computer_state(first)
    place = session.machine if machine is None else machine
    about_network = (*networks.STATEMENTS, *((networks.ECHO_RULES,) if place != HOST else ()))
    second = session.run(
        *computers.feature_statements(computer),
        *about_network,
        *security.statements(),
        cancel=cancel,
    )
    installed, pending = computers.features(second)
    third = session.run(*_role_statements(second, installed, computer, only), cancel=cancel)
    there = hyper_v.hyper_v_state(third)
    if there is not None and known is not None and only is not None:
        there = hyper_v.others_kept(there, known, only)
    state = HostState(
        machine=place,
        host=session.host,
        computer=computer,
        processors=computers.processor_states(first),
        security=security.security_state(second),
        volumes=computers.volumes(first),
        features=installed,
        pending_features=pending,
        hyper_v=there,
        net_adapters=networks.net_adapters(second),
        ip_interfaces=networks.ip_interfaces(second),
        nats=networks.nats(second),
        dhcp_scopes=networks.dhcp_scopes(third),
        firewall_rules=networks.firewall_rules(second),
        unread=tuple(_unread(only or (), first, second, third)),
    )
    return with_disks(session, state, disk_paths, cancel=cancel)


def observe_vms(
    session: Session, known: HostState, only: Collection[str], *, cancel: Cancel | None = None
) -> HostState | None:
    """Return a known state with some of its VMs as they are now, in one call.

    None where one could not be read.

    Raises what `Session.run` raises where the machine does not answer at all.
    """
    if known.hyper_v is None:
        return None
    opt_out = known.computer.build in VBS_OPT_OUT_BUILDS
    outcome = session.run(*hyper_v.vm_statements(only, security=opt_out), cancel=cancel)
    if any(not hyper_v.is_missing(error, only) for error in outcome.errors):
        return None
    return replace(known, hyper_v=hyper_v.vms_renewed(known.hyper_v, outcome, only))


def _role_statements(
    features: Outcome,
    installed: frozenset[str],
    computer: ComputerState,
    only: Collection[str] | None,
) -> Iterator[Cmdlet]:
    """Yield what asks the roles: their modules are there where they are installed, or where that could not be read."""
    if computer.product_type == PRODUCT_WORKSTATION:
        answered = not any(map(security.is_of_dism, features.errors))
    else:
        answered = any("InstallState" in record for record in features)
    if not answered or installed & {"Hyper-V", HYPER_V_FEATURE}:
        yield from hyper_v.statements(only, security=computer.build in VBS_OPT_OUT_BUILDS)
    if "DHCP" in installed:
        yield networks.DHCP_SCOPES


def _unread(asked: Collection[str], *outcomes: Outcome) -> Iterator[Unread]:
    errors = (
        error
        for outcome in outcomes
        for error in _one_missing_module(outcome.errors)
        if not (
            security.is_answer(error)
            or hyper_v.has_no_firmware(error)
            or hyper_v.is_missing(error, asked)
        )
    )
    said = dict.fromkeys((_what(error), error.message) for error in errors)
    return (Unread(what=what, error=message) for what, message in said)


def _one_missing_module(errors: Iterable[ErrorRecord]) -> Iterator[ErrorRecord]:
    """Yield the errors, but one alone of a module that is missing.

    That is the first of its commands that was not found.
    """
    missing = False
    for error in errors:
        not_found = error.error_id == "CommandNotFoundException"
        if not (not_found and missing):
            yield error
        missing = missing or not_found


_SPELLING = {name.casefold(): name for name in COMMANDS}
_CLASS = re.compile(r"([A-Z][a-z]+)([A-Z]\w*?)(?:Command)?")


def _what(error: ErrorRecord) -> str:
    """Return the cmdlet that an error record is from: its id ends with its name or its class, or it is what was not found."""
    if error.error_id == "CommandNotFoundException":
        return error.target
    name = error.fully_qualified_error_id.rpartition(",")[2].rpartition(".")[2]
    by_class = _CLASS.fullmatch(name)
    named = f"{by_class[1]}-{by_class[2]}" if by_class else name or error.target
    cim_class = error.target.rpartition(":")[2]  # the target of Get-CimInstance is namespace:class
    named = _SPELLING.get(named.casefold(), named)
    return f"{named} {cim_class}" if named == "Get-CimInstance" and cim_class else named


def with_disks(
    session: Session, state: HostState, paths: Iterable[str], *, cancel: Cancel | None = None
) -> HostState:
    """Return the state with those of the disk files that exist, all asked for in one call."""
    asked = sorted(set(paths), key=str.casefold)
    if not asked or state.hyper_v is None:
        return state
    attached = {disk.path.lower() for vm in state.hyper_v.vms for disk in vm.hard_disks}
    known = [path for path in asked if path.lower() in attached]
    found = _read_disks(session, [known], cancel) if known else []
    # Get-VHD ends at the first file that is missing: each path that may be is a statement of its own.
    there = {file.path.lower() for file in found}
    rest = [[path] for path in asked if path.lower() not in there]
    found += _read_disks(session, rest, cancel) if rest else []
    found.sort(key=lambda file: file.path.casefold())
    existing = frozenset(file.path.lower() for file in found)
    return replace(
        state, hyper_v=replace(state.hyper_v, existing_disks=existing, disk_files=tuple(found))
    )


def with_parent_users(
    session: Session, state: HostState, parents: Iterable[str], *, cancel: Cancel | None = None
) -> HostState:
    """Return the state with the VMs whose own disk is one of these files; the host filters."""
    asked = sorted({path.casefold(): path for path in parents}.values(), key=str.casefold)
    if not asked or state.hyper_v is None:
        return state
    outcome = session.run(*(_users_of(path) for path in asked), cancel=cancel)
    users = tuple(
        DiskUseState(
            path=text(record, "Path"), vm_id=guid(record, "VMId"), vm_name=text(record, "VMName")
        )
        for record in outcome
    )
    return replace(state, hyper_v=replace(state.hyper_v, parent_users=users))


def _users_of(path: str) -> Cmdlet:
    wanted = {"Property": "Path", "EQ": SwitchParameter.ON, "Value": path}
    shown = Cmdlet(SELECT_OBJECT, {"Property": ["Path", "VMId", "VMName"]})
    drives = {"VMName": "*", "ErrorAction": "Continue"}
    return Cmdlet("Get-VMHardDiskDrive", drives, Cmdlet("Where-Object", wanted, shown))


def _read_disks(
    session: Session, statements: list[list[str]], cancel: Cancel | None
) -> list[DiskFileState]:
    """Return the files of some lists of paths, as far as Get-VHD gets in each."""
    outcome = session.run(
        *(
            Cmdlet("Get-VHD", {"Path": paths, "ErrorAction": "SilentlyContinue"}, _DISK_FILE)
            for paths in statements
        ),
        cancel=cancel,
    )
    return [
        DiskFileState(path=text(r, "Path"), parent=text(r, "ParentPath"), size=size(r, "Size"))
        for r in outcome
    ]


_DISK_FILE = Cmdlet(SELECT_OBJECT, {"Property": ["Path", "ParentPath", "Size"]})
