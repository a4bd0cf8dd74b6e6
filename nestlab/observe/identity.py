"""Checks that a step still acts on the object that it was planned for.

The object is read right before the cmdlets run, in the same number of calls for any number of VMs.
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Network

from nestlab.constants.commands import SELECT_OBJECT
from nestlab.dataclass import replace
from nestlab.model import Cmdlet, Record, SwitchParameter
from nestlab.model.ownership import is_owned_by_name, nat_name
from nestlab.model.spelling import same_name
from nestlab.model.state import ComputerState, HostState, HyperVState, SwitchState
from nestlab.observe.address_identity import identify_address
from nestlab.observe.checkpoint_identity import with_checkpoint
from nestlab.observe.disk_uses import ParentCache
from nestlab.observe.entries_of_others import with_entries
from nestlab.observe.hyper_v import hyper_v_state
from nestlab.observe.nested_hosts import SessionTo
from nestlab.observe.networks import ip_interfaces, net_adapters
from nestlab.observe.reading import guid, text
from nestlab.observe.switch_services import why_service_is_kept
from nestlab.observe.target_reader import (
    GET_VM_HOST,
    TargetReader,
    created_since,
    query,
    with_name,
)
from nestlab.observe.vm_identity import (
    identify_vm,
    refuse_disks_in_use,
    vms_named,
    with_vms_inside,
)
from nestlab.observe.windows_identity import identify_windows
from nestlab.plan import (
    Action,
    Hazard,
    ReadMadeEntries,
    Refusal,
    Step,
    TargetKind,
    delete_files,
    deleted_files,
    disconnect_cmdlets,
    dismount,
    extra_management_adapters,
    networks_of_others,
    other_vms_on,
    scope_users,
    vms_to_disconnect,
    why_disks_are_kept,
    why_nat_is_kept,
    why_scope_is_kept,
    why_switch_is_kept,
    with_ids,
)
from nestlab.texts import tr
from nestlab.transport.session import Cancel


def identify(
    step: Step,
    session_to: SessionTo,
    *,
    topology: str,
    may_disconnect_others: bool = False,
    may_delete_others: bool = False,
    parent_cache: ParentCache | None = None,
    read_made_entries: ReadMadeEntries = tuple,
    cancel: Cancel | None = None,
) -> Step | Refusal:
    """Return the step with the Ids of the objects that it names, or why it must not run.

    `may_disconnect_others`: other VMs may be disconnected from a removed switch.
    `may_delete_others`: others' VMs inside a removed nested host may be deleted with it.
    `parent_cache` has the parents of disks that the run has read; where a step depends on them,
    they are read again. `read_made_entries` reads what runs of the topology added to DHCP scopes,
    NATs and adapters. Raises what `Session.run` raises.
    """
    for depth, name in enumerate(step.machine):
        reader = TargetReader(step, session_to(step.machine[:depth]), topology, cancel)
        found = reader.single(TargetKind.VM, vms_named(reader, name), name)
        if isinstance(found, Refusal):
            return found
    if step.target.kind not in _CHECKS:
        return step
    session = session_to(step.machine)
    reader = TargetReader(
        step,
        session,
        topology,
        cancel,
        may_disconnect_others=may_disconnect_others,
        may_delete_others=may_delete_others,
        parent_cache=parent_cache or ParentCache(),
        read_made_entries=read_made_entries,
    )
    identified = _CHECKS[step.target.kind](reader)
    removes = step.target.kind is TargetKind.VM and reader.runs("Remove-VM")
    if removes and isinstance(identified, Step):
        return with_vms_inside(reader, identified, session_to)
    if reader.runs("Restore-VMSnapshot") and isinstance(identified, Step):
        return with_checkpoint(reader, identified, session_to)
    return identified


def _switch(reader: TargetReader) -> Step | Refusal:
    step, name = reader.step, reader.step.target.name
    if reader.creates:
        existing = reader.read(GET_VM_HOST, query("Get-VMSwitch", Name=name)).of_type("VMSwitch")
        return created_since(TargetKind.SWITCH, name, existing) if existing else step
    statement = query(
        "Get-VMSwitch", **({"Id": step.target.id} if step.target.id else {"Name": name})
    )
    outcome = reader.read(GET_VM_HOST, statement)
    found = reader.single(TargetKind.SWITCH, outcome.of_type("VMSwitch"), name)
    if isinstance(found, Refusal):
        return found
    step = with_ids(step, {(TargetKind.SWITCH, name.casefold()): guid(found, "Id")})
    return _with_disconnects(reader, step) if reader.runs("Remove-VMSwitch") else step


def _with_disconnects(reader: TargetReader, step: Step) -> Step | Refusal:
    """Return the removal of a switch, preceded by disconnecting the VMs that are on it now."""
    state = reader.hyper_v_of_switch(step.target.id)
    switch = next((switch for switch in state.switches if switch.id == step.target.id), None)
    if switch is None:
        return Refusal(tr("there is no switch {name} any more", name=step.target.name))
    allowed = None if reader.may_disconnect_others else step.disconnects
    why = why_switch_is_kept(state, switch, reader.topology, allowed)
    if why:
        return Refusal(why, in_use=True)
    connected = vms_to_disconnect(state, switch, reader.topology)
    return replace(
        step,
        cmdlets=(*disconnect_cmdlets(connected, switch), step.cmdlets[-1]),
        hazard=_hazard(state, switch, reader),
    )


def _hazard(state: HyperVState, switch: SwitchState, reader: TargetReader) -> Hazard:
    others = other_vms_on(state, switch, reader.topology)
    disconnects = others or extra_management_adapters(state, switch)
    return Hazard.MAY_CUT_CONNECTION if disconnects else reader.step.hazard


def _disk(reader: TargetReader) -> Step | Refusal:
    step = reader.step
    mounts = step.action is Action.WRITE_ANSWER_FILE  # fails by itself while a running VM uses it
    if reader.creates or (mounts and not reader.is_undo):
        return refuse_disks_in_use(reader, step) or step
    planned = (step.target.name,) if mounts else deleted_files(step)
    statements = (Cmdlet("Get-VHD", {"Path": p, "ErrorAction": "Continue"}, _DISK) for p in planned)
    found = {text(record, "Path").casefold(): record for record in reader.read(*statements)}
    if not (existing := [path for path in planned if path.casefold() in found]):
        return Refusal(tr("there is no {disk} any more", disk=step.target.name))
    if mounts:
        return step
    kept = why_disks_are_kept(existing, reader.disk_uses())
    if len(kept) == len(existing):
        return Refusal("; ".join(kept.values()), in_use=True)
    removed = [path for path in existing if path not in kept]
    # An interrupted run may have left a disk mounted on its host: only then does it have a number.
    mounted = (path for path in removed if found[path.casefold()]["DiskNumber"] is not None)
    cmdlets = (*map(dismount, mounted), delete_files(*removed))
    return replace(step, cmdlets=cmdlets, notices=tuple(kept.values()))


_DISK = Cmdlet(SELECT_OBJECT, {"Property": ["Path", "DiskNumber"]})


def _nat(reader: TargetReader) -> Step | Refusal:
    if reader.creates:
        return reader.step
    name = reader.step.target.name
    found = with_name(reader.read(query("Get-NetNat")).of_type("MSFT_NetNat"), name)
    if reader.creates_again:
        return Refusal(tr("there is a NAT {name} again", name=name)) if found else reader.step
    if found and is_owned_by_name(name, reader.topology):
        why = _why_nat_is_kept(reader, found[0])
        if not why and reader.removes_service and not _is_nat_of_guest(reader):
            why = why_service_is_kept(reader)
        return Refusal(why, in_use=True) if why else with_entries(reader)
    return Refusal(
        tr("there is no NAT {name} of {topology} any more", name=name, topology=reader.topology)
    )


def _why_nat_is_kept(reader: TargetReader, record: Record) -> str:
    """Return for which networks of others a NAT is kept; empty where the step may remove it.

    A step that was planned as a hazard says itself whom it cuts off. The NAT of a guest that is a
    router translates for its own adapters, not for a switch.
    """
    step = reader.step
    if _is_nat_of_guest(reader):
        return ""
    agreed = reader.may_disconnect_others or (step.hazard is not Hazard.NONE and not reader.is_undo)
    if agreed or not reader.runs("Remove-NetNat"):
        return ""
    outcome = reader.read(
        GET_VM_HOST,
        query("Get-VMSwitch"),
        query("Get-VMNetworkAdapter", ManagementOS=SwitchParameter.ON),
        query("Get-NetAdapter"),
        query("Get-NetIPInterface", AddressFamily="IPv4"),
        query("Get-NetIPAddress", AddressFamily="IPv4"),
    )
    state = HostState(
        computer=ComputerState(name=""),
        hyper_v=hyper_v_state(outcome),
        net_adapters=net_adapters(outcome),
        ip_interfaces=ip_interfaces(outcome),
    )
    switch = step.target.switch or step.target.name[len(nat_name(reader.topology, "")) :]

    def translated(prefix: str) -> list[str]:
        return networks_of_others(state, IPv4Network(prefix), reader.topology, switch)

    new = (cmdlet.parameters for cmdlet in step.cmdlets if cmdlet.name == "New-NetNat")
    still = {each for p in new for each in translated(str(p["InternalIPInterfaceAddressPrefix"]))}
    now = translated(text(record, "InternalIPInterfaceAddressPrefix"))
    return why_nat_is_kept([each for each in now if each not in still])


def _is_nat_of_guest(reader: TargetReader) -> bool:
    step = reader.step
    name = nat_name(reader.topology, step.machine[-1]) if step.machine else ""
    return same_name(step.target.name, name)


def _scope(reader: TargetReader) -> Step | Refusal:
    if reader.creates:
        return reader.step
    target = reader.step.target
    scopes = reader.read(query("Get-DhcpServerv4Scope")).of_type("DhcpServerv4Scope")
    named = with_name(scopes, target.name)
    if reader.creates_again:
        return (
            Refusal(tr("there is a DHCP scope {scope} again", scope=target.name))
            if named
            else reader.step
        )
    by_id = [record for record in scopes if text(record, "ScopeId") == target.id]
    same = by_id if target.id else named
    if not same:
        return Refusal(tr("there is no DHCP scope {scope} any more", scope=target.name))
    name, scope_id = text(same[0], "Name"), text(same[0], "ScopeId")
    if not is_owned_by_name(name, reader.topology):
        return Refusal(
            tr(
                "the DHCP scope {scope} is now named {name}, a name that does not belong to {topology}",
                scope=scope_id,
                name=name,
                topology=reader.topology,
            )
        )
    why = _why_scope_is_kept(reader, name)
    return Refusal(why, in_use=True) if why else with_entries(reader)


def _why_scope_is_kept(reader: TargetReader, name: str) -> str:
    """Return for which VMs of others a scope is kept; empty where the step may remove it.

    A step that adds it again changes it. One that was planned as a hazard says itself whom it
    cuts off.
    """
    step = reader.step
    agreed = reader.may_disconnect_others or (step.hazard is not Hazard.NONE and not reader.is_undo)
    removes = reader.runs("Remove-DhcpServerv4Scope") and not reader.runs("Add-DhcpServerv4Scope")
    if agreed or not removes:
        return ""
    switch = step.target.switch or name[len(nat_name(reader.topology, "")) :]
    switches = reader.read(GET_VM_HOST, query("Get-VMSwitch", Name=switch)).of_type("VMSwitch")
    if len(switches) != 1:
        return ""
    state = reader.hyper_v_of_switch(guid(switches[0], "Id"))
    return why_scope_is_kept(scope_users(state, reader.topology, switch), switch)


_CHECKS: dict[TargetKind, Callable[[TargetReader], Step | Refusal]] = {
    TargetKind.VM: identify_vm,
    TargetKind.SWITCH: _switch,
    TargetKind.DISK: _disk,
    TargetKind.ADDRESS: identify_address,
    TargetKind.NAT: _nat,
    TargetKind.SCOPE: _scope,
    TargetKind.WINDOWS: identify_windows,
}
