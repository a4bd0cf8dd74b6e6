"""Checks that a step ends no service of a guest that VMs of others use, right before it runs.

A plan names the VMs that were there. Only what runs of the topology set up in the guest is known.
"""

from __future__ import annotations

from collections.abc import Iterable

from nestlab.dataclass import replace
from nestlab.model import Cmdlet, MachinePath
from nestlab.model.ownership import is_marked
from nestlab.model.state import SwitchState, VirtualMachineState
from nestlab.observe.hyper_v import hyper_v_state
from nestlab.observe.hyper_v_statements import ADAPTER_PROPERTIES
from nestlab.observe.target_reader import GET_VM_HOST, TargetReader, query
from nestlab.plan import Action, MadeEntry, Step
from nestlab.plan.ended_by_steps import ended_part, may_end_services
from nestlab.plan.guest_services import GuestServices, made_services, services_of
from nestlab.plan.seed_services import seed_services
from nestlab.plan.served_others import Served, ended_services, others_on_switches


def why_router_is_kept(reader: TargetReader, vm: VirtualMachineState) -> str:
    """Return why a VM is not removed: VMs of others use what a run set up in its guest."""
    guest = (*reader.step.machine, vm.name)
    if reader.may_disconnect_others or not _made_in(reader, guest):
        return ""
    found = _read_vm(reader, Id=vm.id)
    if found is None:
        return ""
    services = made_services(_made_in(reader, guest), guest, found, reader.topology)
    return _ended(reader, found, services, GuestServices()).why_kept


def why_guest_is_not_changed(reader: TargetReader, step: Step) -> str:
    """Return why the adapters or the power state of a VM stay: VMs of others use its guest.

    `step` has the Ids of the VM and of its adapters. A step that the user asked for by name is one
    on that VM, with what it does.
    """
    ends = may_end_services(step, is_undo=reader.is_undo) and not step.by_request
    guest = (*step.machine, step.target.name)
    if reader.may_disconnect_others or not ends or not _made_in(reader, guest):
        return ""
    found = _read_vm(reader, Id=step.target.id)
    if found is None:
        return ""
    before = made_services(_made_in(reader, guest), guest, found, reader.topology)
    ended = _ended(reader, found, before, GuestServices())
    return ended_part(step, found, ended).why_not_changed


def why_forwarding_is_kept(reader: TargetReader) -> str:
    """Return why a guest keeps forwarding: VMs of others on its switches use its routing."""
    step, above = reader.step, reader.above
    settings = (each.last_command.parameters for each in step.cmdlets)
    stops = any(each.get("Forwarding") == "Disabled" for each in settings)
    entries = _made_in(reader, step.machine) if stops else []
    if above is None or reader.may_disconnect_others or not entries:
        return ""
    vm = _read_vm(above, Name=step.machine[-1])
    if vm is None:
        return ""
    before = made_services(entries, step.machine, vm, reader.topology)
    return _ended(above, vm, before, replace(before, forwards=False)).why_not_changed


def why_seed_is_kept(reader: TargetReader) -> str:
    """Return why the settings of a Linux guest stay: VMs of others use what they set up.

    They change with the step that writes a seed disk or detaches the last one, and with the undo
    of the one that attaches it.
    """
    step = reader.step
    is_written = step.action is Action.WRITE_SEED and not reader.is_undo
    detached = _detached(reader)
    if reader.may_disconnect_others or not (is_written or detached or _is_attached_again(reader)):
        return ""
    name = step.subject.partition("/")[0]
    entries = _made_in(reader, (*step.machine, name))
    vm = _read_vm(reader, Name=name) if entries else None
    if vm is None:
        return ""
    before = made_services(entries, (*step.machine, name), vm, reader.topology)
    if detached:
        disks = tuple(each for each in vm.hard_disks if each.path.casefold() != detached)
        left = replace(vm, hard_disks=disks)
        after = made_services(entries, (*step.machine, name), left, reader.topology)
    else:
        after = _of_seed(reader) if is_written else _of_earlier_seed(reader, entries)
    return _ended(reader, vm, before, after).why_not_changed


def _detached(reader: TargetReader) -> str:
    """Return the path of the disk that a step, or its undo, detaches, case-folded; else empty."""
    step = reader.step
    if step.action is Action.DETACH_DISK and not reader.is_undo:
        return step.subject.partition("/")[2].casefold()
    is_removed = step.action is Action.ADD_DISK and reader.is_undo
    added = (each.last_command.parameters for each in step.undoes if is_removed)
    return next((str(each["Path"]).casefold() for each in added if "Path" in each), "")


def _is_attached_again(reader: TargetReader) -> bool:
    return reader.step.action is Action.REPLACE_DISK and reader.is_undo


def _of_seed(reader: TargetReader) -> GuestServices:
    written = seed_services(reader.step.cmdlets)
    return GuestServices(written.translates, frozenset(written.serves), written.forwards)


def _of_earlier_seed(reader: TargetReader, entries: Iterable[MadeEntry]) -> GuestServices:
    """Return the services that the seed disk sets up which an undo attaches again."""
    paths = {str(each.last_command.parameters.get("Path")) for each in reader.step.cmdlets}
    of_seed = [each for each in entries if each.owner in {path.casefold() for path in paths}]
    return services_of(of_seed)


def _made_in(reader: TargetReader, guest: MachinePath) -> list[MadeEntry]:
    return [each for each in reader.read_made_entries() if each.machine == guest]


def _read_vm(reader: TargetReader, **which: str) -> VirtualMachineState | None:
    """Return the topology's VM with its adapters and disks; None if there is none."""
    vm = {**which, "ErrorAction": "Continue"}
    devices = (
        Cmdlet("Get-VMNetworkAdapter", {}, ADAPTER_PROPERTIES),
        Cmdlet("Get-VMHardDiskDrive"),
    )
    read = (Cmdlet("Get-VM", vm, each) for each in devices)
    state = hyper_v_state(reader.read(GET_VM_HOST, query("Get-VM", **which), *read))
    own = state.vms_of(reader.topology) if state else ()
    return next((each for each in own if is_marked(each.notes, reader.topology)), None)


def _ended(
    reader: TargetReader, vm: VirtualMachineState, before: GuestServices, after: GuestServices
) -> Served:
    on_switches: dict[str, tuple[SwitchState, tuple[VirtualMachineState, ...]]] = {}
    for switch_id in {each.switch_id for each in vm.network_adapters if each.switch_id}:
        hyper_v = reader.hyper_v_of_switch(switch_id)
        on_switches |= others_on_switches(hyper_v, reader.topology, vm)
    found = ended_services(vm, before, after, reader.topology, on_switches)
    agreed = () if reader.is_undo else reader.step.disconnects
    return found.without(agreed)
