"""The VM of a step, as it is right before the step runs, and what is inside it."""

from __future__ import annotations

from nestlab.dataclass import replace
from nestlab.enumerations import all_of
from nestlab.model import Cmdlet, Outcome, Record
from nestlab.model.ownership import is_owned_by_name
from nestlab.model.state import VirtualMachineState
from nestlab.observe.hyper_v import hyper_v_state
from nestlab.observe.mac_identity import refuse_taken_mac
from nestlab.observe.nested_hosts import SessionTo, Unread, states_inside
from nestlab.observe.reading import flag, guid, text
from nestlab.observe.router_identity import (
    why_guest_is_not_changed,
    why_router_is_kept,
    why_seed_is_kept,
)
from nestlab.observe.target_reader import (
    GET_VM_HOST,
    TargetReader,
    created_since,
    query,
    with_name,
)
from nestlab.plan import (
    Refusal,
    Step,
    TargetKind,
    addressed_by_name,
    attached_disks,
    delete_files,
    deleted_files,
    is_checkpoint_disk,
    named_switches,
    others_inside,
    removed_checkpoints_text,
    unnamed_checkpoints_text,
    use_by_others,
    why_disks_are_kept,
    why_not_written,
    why_vm_is_kept,
    with_ids,
)
from nestlab.texts import tr


def vms_named(reader: TargetReader, name: str) -> list[Record]:
    """Return the VMs of a name on the reader's machine."""
    return reader.read(GET_VM_HOST, query("Get-VM", Name=name)).of_type("VirtualMachine")


def identify_vm(reader: TargetReader) -> Step | Refusal:
    """Return the step of a VM with the Ids of the objects that it names, or why it must not run."""
    step, name = reader.step, reader.step.target.name
    if reader.creates:
        existing = vms_named(reader, name)
        since = created_since(TargetKind.VM, name, existing) if existing else None
        return since or _or_refused(reader, step)
    outcome = _read_vm(reader)
    found = reader.single(TargetKind.VM, outcome.of_type("VirtualMachine"), name)
    if isinstance(found, Refusal):
        return found
    for switch in named_switches(step):
        same = with_name(outcome.of_type("VMSwitch"), switch)
        if len(same) > 1:
            return Refusal(_ambiguous_switch(switch, same))
    vm_id = guid(found, "Id")
    adapters = _adapter_ids(step, outcome, vm_id)
    if isinstance(adapters, Refusal):
        return adapters
    if reader.runs("Remove-VM") and _has_checkpoint_disks(outcome, vm_id):
        why = why_vm_is_kept(vm_id, reader.disk_uses())
        if why:
            return Refusal(why, in_use=True)
    step = with_ids(step, {(TargetKind.VM, name.casefold()): vm_id, **adapters})
    if deleted_files(step):
        return _with_existing_disks(reader, step, vm_id)
    return refuse_taken_mac(reader, step, vm_id, outcome) or _or_refused(reader, step, vm_id)


def _or_refused(reader: TargetReader, step: Step, vm_id: str = "") -> Step | Refusal:
    why = why_seed_is_kept(reader) or why_guest_is_not_changed(reader, step)
    if why:
        return Refusal(why, in_use=True)
    return refuse_disks_in_use(reader, step, vm_id) or step


def refuse_disks_in_use(reader: TargetReader, step: Step, vm_id: str = "") -> Refusal | None:
    """Return why a step must not write to a disk that existed before; None if it may.

    A step that starts a VM writes to the disks that the VM has at that time. An undo does not
    declare the disks that it attaches or starts a VM from, so they are read each time.
    """
    starts = reader.runs("Start-VM") and not step.by_request
    attached = (*attached_disks(step.cmdlets),) if reader.is_undo else step.existing_disks
    if not (attached or (starts and reader.is_undo)):
        return None
    uses = reader.disk_uses()
    own = (use.path for use in uses if starts and use.vm_id == vm_id and not use.checkpoint)
    for path in dict.fromkeys((*attached, *own)):
        use = use_by_others(path, uses, (vm_id,) if vm_id else ())
        if use is not None:
            return Refusal(why_not_written(path, use), in_use=True)
    return None


def _with_existing_disks(reader: TargetReader, step: Step, vm_id: str) -> Step | Refusal:
    """Return the removal of a VM that deletes its existing disks.

    It is refused if other VMs use one of them.
    """
    planned = deleted_files(step)
    outcome = reader.read(*(query("Get-VHD", Path=path) for path in planned))
    found = {text(record, "Path").casefold() for record in outcome}
    existing = [path for path in planned if path.casefold() in found]
    kept = why_disks_are_kept(existing, reader.disk_uses(), {vm_id})
    if kept:
        return Refusal("; ".join(kept.values()), in_use=True)
    deletion = (delete_files(*existing),) if existing else ()
    cmdlets = (
        each
        for cmdlet in step.cmdlets
        for each in (deletion if cmdlet.name == "Remove-Item" else (cmdlet,))
    )
    return replace(step, cmdlets=tuple(cmdlets))


def with_vms_inside(reader: TargetReader, step: Step, session_to: SessionTo) -> Step | Refusal:
    """Return the removal of a VM with notices about others' VMs inside it.

    Without consent it is refused if there are such VMs, if VMs of others are behind its NAT, and if
    it has checkpoints of others that its plan does not name.
    """
    vm = vm_of_step(reader, step)
    if vm is None:
        return step
    path = (*step.machine, vm.name)
    unread: Unread = {}
    states = states_inside(
        path, vm, reader.topology, session_to, unread=unread, cancel=reader.cancel
    )
    inside = others_inside(step.machine, vm, reader.topology, states, unread)
    agreed = reader.may_delete_others or {*inside.ids} <= {*step.deletes}
    if not agreed:
        return Refusal(inside.kept_text, in_use=True)
    if why := why_router_is_kept(reader, vm):
        return Refusal(why, in_use=True)
    taken = _checkpoints_of_others(reader, vm)
    if taken and not reader.is_undo:
        return Refusal(unnamed_checkpoints_text(taken), in_use=True)
    notices = filter(None, (inside.deleted_text, removed_checkpoints_text(taken)))
    return replace(step, notices=(*step.notices, *notices))


def _checkpoints_of_others(reader: TargetReader, vm: VirtualMachineState) -> tuple[str, ...]:
    """Return the names of the checkpoints of a VM that are not the topology's.

    Automatic ones are left out, and those that the plan of the step names.
    """
    which = {"Id": vm.id, "ErrorAction": "Continue"}
    found = reader.read(Cmdlet("Get-VM", which, Cmdlet("Get-VMSnapshot")))
    return tuple(
        name
        for each in found.of_type("VMSnapshot")
        if not is_owned_by_name(name := text(each, "Name"), reader.topology)
        and not flag(each, "IsAutomaticCheckpoint")
        and guid(each, "Id") not in reader.step.deletes
    )


def vm_of_step(reader: TargetReader, step: Step) -> VirtualMachineState | None:
    """Return the VM of a step with its power state and its processor; None if it is gone."""
    which = {"Id": step.target.id} if step.target.id else {"Name": step.target.name}
    processor = Cmdlet("Get-VM", {**which, "ErrorAction": "Continue"}, Cmdlet("Get-VMProcessor"))
    state = hyper_v_state(reader.read(GET_VM_HOST, query("Get-VM", **which), processor))
    return state.vms[0] if state and state.vms else None


def _read_vm(reader: TargetReader) -> Outcome:
    """Read the VM of a step, the switches that the step names, and the devices it needs."""
    step = reader.step
    vm = {"Id": step.target.id} if step.target.id else {"Name": step.target.name}
    devices = [
        *(_DRIVES if reader.runs("Remove-VM") else ()),
        *([Cmdlet("Get-VMNetworkAdapter")] if _named_adapters(step) else ()),
    ]
    return reader.read(
        GET_VM_HOST,
        query("Get-VM", **vm),
        *(query("Get-VMSwitch", Name=name) for name in named_switches(step)),
        *(Cmdlet("Get-VM", {**vm, "ErrorAction": "Continue"}, device) for device in devices),
    )


_DRIVES = (
    Cmdlet("Get-VMHardDiskDrive"),
    Cmdlet("Get-VMSnapshot", {}, Cmdlet("Get-VMHardDiskDrive")),
)


def _named_adapters(step: Step) -> list[str]:
    return [name for kind, name in addressed_by_name(step) if kind is TargetKind.ADAPTER]


def _adapter_ids(
    step: Step, outcome: Outcome, vm_id: str
) -> dict[tuple[TargetKind, str], str] | Refusal:
    """Return the Ids of the adapters that a step names, or why one of them is not known."""
    adapters = [
        record for record in outcome.of_type("VMNetworkAdapter") if guid(record, "VMId") == vm_id
    ]
    ids = {}
    for name in _named_adapters(step):
        same = with_name(adapters, name)
        if len(same) != 1:
            return Refusal(_not_one_adapter(step.target.name, name, len(same)))
        ids[TargetKind.ADAPTER, name.casefold()] = text(same[0], "Id")
    return ids


def _not_one_adapter(vm: str, name: str, count: int) -> str:
    if not count:
        return tr("{vm} has no network adapter named {name}", vm=vm, name=name)
    return tr("{vm} has {number} network adapters named {name}", vm=vm, number=count, name=name)


def _has_checkpoint_disks(outcome: Outcome, vm_id: str) -> bool:
    """Whether the removal of a VM merges disks: only then do the parents of disks matter."""
    drives = outcome.of_type("HardDiskDrive")
    return any(
        guid(drive, "VMId") == vm_id and is_checkpoint_disk(text(drive, "Path")) for drive in drives
    )


def _ambiguous_switch(name: str, same: list[Record]) -> str:
    ids = all_of([guid(record, "Id") for record in same])
    return tr(
        "{number} switches are named {name} ({ids}), and the cmdlet accepts only a name: rename or remove one",
        number=len(same),
        name=name,
        ids=ids,
    )
