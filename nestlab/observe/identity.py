"""Checks that a step still acts on the object that it was planned for.

The object is read right before the cmdlets run, in the same number of calls for any number of VMs.
"""

from __future__ import annotations

from collections.abc import Callable

from nestlab.constants.commands import SELECT_OBJECT
from nestlab.dataclass import replace
from nestlab.model import Cmdlet
from nestlab.model.state import HyperVState, SwitchState
from nestlab.observe.address_identity import identify_address
from nestlab.observe.checkpoint_identity import with_checkpoint
from nestlab.observe.cut_off import refuse_cut_off
from nestlab.observe.disk_uses import ParentCache
from nestlab.observe.image_identity import identify_image
from nestlab.observe.management_adapters import why_adapters_keep
from nestlab.observe.nested_hosts import SessionTo
from nestlab.observe.reading import guid, text
from nestlab.observe.router_identity import why_seed_is_kept
from nestlab.observe.service_identity import identify_nat, identify_scope
from nestlab.observe.target_reader import (
    GET_VM_HOST,
    TargetReader,
    created_since,
    query,
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
    other_vms_on,
    vms_to_disconnect,
    why_disks_are_kept,
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

    `may_disconnect_others`: VMs of others may be disconnected from a switch that is removed.
    `may_delete_others`: others' VMs inside a removed nested host may be deleted with it.
    `parent_cache` has the parents of disks that the run has read; where a step depends on them,
    they are read again. `read_made_entries` reads what runs of the topology added to DHCP scopes,
    NATs and adapters. Raises what `Session.run` raises.
    """
    reader = None
    for depth, name in enumerate(step.machine):
        session = session_to(step.machine[:depth])
        reader = TargetReader(step, session, topology, cancel, session_to=session_to)
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
        above=reader,
        session_to=session_to,
    )
    identified = _CHECKS[step.target.kind](reader)
    if isinstance(identified, Step):
        identified = refuse_cut_off(reader, identified)
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
    if why := why_adapters_keep(reader, step):
        return Refusal(why, in_use=True)
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
    commands = [cmdlet.last_command.name for cmdlet in step.cmdlets]
    removal = step.cmdlets[commands.index("Remove-VMSwitch") :]
    return replace(
        step,
        cmdlets=(*disconnect_cmdlets(connected, switch), *removal),
        hazard=_hazard(state, switch, reader),
    )


def _hazard(state: HyperVState, switch: SwitchState, reader: TargetReader) -> Hazard:
    others = other_vms_on(state, switch, reader.topology)
    disconnects = others or extra_management_adapters(state, switch)
    return Hazard.MAY_CUT_CONNECTION if disconnects else reader.step.hazard


def _disk(reader: TargetReader) -> Step | Refusal:
    step = reader.step
    if step.action is Action.COPY_IMAGE and not reader.is_undo:
        return identify_image(reader)
    if why := why_seed_is_kept(reader):
        return Refusal(why, in_use=True)
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


_CHECKS: dict[TargetKind, Callable[[TargetReader], Step | Refusal]] = {
    TargetKind.VM: identify_vm,
    TargetKind.SWITCH: _switch,
    TargetKind.DISK: _disk,
    TargetKind.ADDRESS: identify_address,
    TargetKind.NAT: identify_nat,
    TargetKind.SCOPE: identify_scope,
    TargetKind.WINDOWS: identify_windows,
}
