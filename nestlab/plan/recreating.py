"""VMs with settings that cannot change in place: refused, or recreated on request."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from nestlab.dataclass import replace
from nestlab.errors import UsageError
from nestlab.model import Cmdlet, MachinePath, path_text
from nestlab.model.ownership import is_left_behind, is_marked, is_owned_disk
from nestlab.model.state import HostState, VirtualMachineState
from nestlab.model.topology import VM, Topology
from nestlab.plan.cmdlet_targets import deleted_files, on_vm
from nestlab.plan.data_disks import data_disk_blockers
from nestlab.plan.destroying import checkpoints_text, removable_vm_ids, remove_vm
from nestlab.plan.disk_names import disk_path
from nestlab.plan.disk_removal import remove_disks
from nestlab.plan.disks import gets_new_disk, why_disk_cannot_change
from nestlab.plan.first_boot_result import first_boot_blockers
from nestlab.plan.in_use import is_checkpoint_disk, reason_of
from nestlab.plan.kinds import Action
from nestlab.plan.others_inside import others_inside
from nestlab.plan.placed_disks import placed_disks
from nestlab.plan.plan import Plan
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.settings import can_upgrade
from nestlab.plan.step import Effect, Planned, Step, Unchanged
from nestlab.plan.undo_limit import NOT_RESTORED
from nestlab.plan.vm_steps import vm_steps
from nestlab.texts import mark, tr, tr_count, translate


def named_vm_paths(topology: Topology, texts: Collection[str]) -> frozenset[MachinePath]:
    """Return the paths of VMs given by machine path, or by a name that only one VM has.

    Raises UsageError for a text that matches none, or more than one.
    """
    return frozenset(_named_vm_path(topology, text) for text in texts)


def _named_vm_path(topology: Topology, text: str) -> MachinePath:
    paths = [path for path, _ in topology.machines() if path]
    wanted = text.strip().casefold()
    whole = [path for path in paths if path_text(path).casefold() == wanted]
    found = whole or [path for path in paths if path[-1].casefold() == wanted]
    if len(found) == 1:
        return found[0]
    if found:
        msg = tr(
            "{name} is the name of {count} VMs of {topology}",
            name=text,
            count=len(found),
            topology=topology.name,
        )
        raise UsageError(
            msg,
            hint=tr(
                "Name one by its machine path: {paths}.", paths=", ".join(map(path_text, found))
            ),
        )
    msg = tr("{machine} has no VM {vm}", machine=topology.name, vm=text)
    known = ", ".join(map(path_text, paths))
    raise UsageError(
        msg,
        hint=tr("VMs of the file: {paths}.", paths=known)
        if known
        else tr("VMs of the file: none."),
    )


GUEST_NOT_READ = mark("its guest, which nestlab sets up, cannot be read")
NOT_RECREATED = mark(
    "everything can change in place, and nothing that nestlab sets up in its guest failed"
)


def is_set_up_by_nestlab(vm: VM) -> bool:
    """Whether nestlab sets a guest up: over PowerShell Direct, or through cloud-init."""
    return vm.has_seed or (vm.guest.os == "windows" and bool(vm.guest.credential))


def unread_vm_ids(
    topology: Topology, states: Mapping[MachinePath, HostState], paths: Collection[MachinePath]
) -> frozenset[str]:
    """Return the Ids of the topology's VMs at `paths` that exist and whose guests cannot be read.

    A guest is set up once, at its first boot: what failed there cannot be repeated in place.
    VMs in a nested host that does not answer are left out: whether they exist is not known.
    """
    found = set()
    for path in paths:
        wanted, above = topology.machine(path), states.get(path[:-1])
        vm = above.hyper_v.vm(path[-1]) if above is not None and above.hyper_v else None
        if (
            not isinstance(wanted, VM)
            or vm is None
            or path in states
            or not is_set_up_by_nestlab(wanted)
        ):
            continue
        if is_marked(vm.notes, topology.name) or is_left_behind(vm, topology.name):
            found.add(vm.id)
    return frozenset(found)


def unreadable_guests(plan: Plan) -> tuple[MachinePath, ...]:
    """Return the guests of a plan's topology that run and cannot be read: `recreate` may name them.

    A Linux guest counts as not readable if its VM has no heartbeat.
    """
    if plan.topology is None:
        return ()
    found = []
    for path, wanted in plan.topology.machines():
        if not isinstance(wanted, VM) or not unread_vm_ids(plan.topology, plan.states, [path]):
            continue
        above = plan.states[path[:-1]].hyper_v
        vm = above.vm(path[-1]) if above else None
        has_heartbeat = vm is not None and vm.heartbeat.startswith("Ok")
        if vm is not None and vm.state == "Running" and not (wanted.has_seed and has_heartbeat):
            found.append(path)
    return tuple(found)


def in_place_blockers(
    machine: PlannedMachine, vm: VM, guest: HostState | None = None
) -> tuple[str, ...]:
    """Return a phrase for each setting of a VM that cannot change in place.

    `guest` is the state of its guest, if that answers. Empty for VMs that are not this topology's.
    """
    current = machine.vm(vm.name)
    if current is None:
        disk = why_disk_cannot_change(machine, vm, None)
        return (*filter(None, [disk]), *data_disk_blockers(machine, vm, None))
    if not is_marked(current.notes, machine.topology) and not is_left_behind(
        current, machine.topology
    ):
        return ()
    return tuple(_in_place_blockers(machine, vm, current, guest))


def _in_place_blockers(
    machine: PlannedMachine, vm: VM, current: VirtualMachineState, guest: HostState | None
) -> Iterator[str]:
    if current.generation != vm.generation:
        yield tr(
            "generation cannot change from {before} to {after}",
            before=current.generation,
            after=vm.generation,
        )
    if (
        vm.version
        and current.version
        and vm.version != current.version
        and not can_upgrade(machine, vm, current)
    ):
        yield tr(
            "configuration version cannot change from {before} to {after}",
            before=current.version,
            after=vm.version,
        )
    disk = why_disk_cannot_change(machine, vm, current)
    if disk:
        yield disk
    yield from data_disk_blockers(machine, vm, current)
    if not gets_new_disk(machine, vm, current):
        yield from first_boot_blockers(machine, vm, current, guest)


def why_not_recreated(machine: PlannedMachine, vm: VM) -> str:
    """Return why a VM is not recreated: what depends on it or its disks; empty if it can be."""
    return next(
        (reason_of(item.why) for item in _removal(machine, vm) if isinstance(item, Unchanged)),
        "",
    )


def recreate_steps(machine: PlannedMachine, vm: VM, why: str) -> Iterator[Planned]:
    """Yield the steps that remove a VM with the disks nestlab created for it, and create it again.

    A VM that other VMs depend on is kept.
    """
    again = tr(
        "{why}: {vm} is recreated; {not_restored}, nor what is on its disks",
        why=why,
        vm=vm.name,
        not_restored=translate(NOT_RESTORED),
    )
    current = machine.vm(vm.name)
    for step in _in_one_step(machine, vm, current):
        others = _others_texts(machine, current) if step.action is Action.REMOVE_VM else ()
        why_removed = "; ".join(filter(None, (again, *others)))
        yield replace(step, why=why_removed, effect=Effect.RECREATE)
    for item in vm_steps(_without_vm(machine, current, _disks_to_delete(machine, vm, current)), vm):
        yield replace(item, effect=Effect.RECREATE) if isinstance(item, Step) else item


def _in_one_step(
    machine: PlannedMachine, vm: VM, current: VirtualMachineState | None
) -> list[Step]:
    """Return the removal of a VM that deletes its disks first.

    If it is interrupted, it leaves a VM without its disk, never a disk without its VM: a new VM
    would boot from that. Checkpoints are removed first, since merging them writes to a disk.
    """
    steps = [item for item in _removal(machine, vm) if isinstance(item, Step)]
    if current is None or [step.action for step in steps] != [
        Action.REMOVE_VM,
        Action.DELETE_DISK,
    ]:
        return steps
    removal, deletion = steps
    *stops, remove = removal.cmdlets
    has_checkpoints = any(is_checkpoint_disk(disk.path) for disk in current.hard_disks)
    merges = (on_vm(current, _REMOVE_CHECKPOINTS),) if has_checkpoints else ()
    count = len(deleted_files(deletion))
    title = _title_with_disks(vm.name, count, is_stopped=bool(stops))
    cmdlets = (*stops, *merges, *deletion.cmdlets, remove)
    return [replace(removal, title=title, cmdlets=cmdlets)]


def _title_with_disks(vm: str, count: int, *, is_stopped: bool) -> str:
    if is_stopped:
        return tr_count(
            "Remove the VM {vm} and its disk, after stopping it",
            "Remove the VM {vm} and its {count} disks, after stopping it",
            count,
            vm=vm,
        )
    return tr_count(
        "Remove the VM {vm} and its disk",
        "Remove the VM {vm} and its {count} disks",
        count,
        vm=vm,
    )


_REMOVE_CHECKPOINTS = Cmdlet("Get-VMSnapshot", pipe_to=Cmdlet("Remove-VMSnapshot"))


def _others_texts(machine: PlannedMachine, current: VirtualMachineState | None) -> tuple[str, ...]:
    """Return clauses about VMs of others in a VM, and checkpoints, that are removed with it."""
    if current is None:
        return ()
    inside = others_inside(machine.path, current, machine.topology, machine.states)
    return inside.deleted_text, checkpoints_text(machine, current)


def _removal(machine: PlannedMachine, vm: VM) -> Iterator[Planned]:
    current = machine.vm(vm.name)
    removed_ids = removable_vm_ids(machine, [current] if current else [])
    if current:
        yield from remove_vm(machine, current, removed_ids)
    yield from remove_disks(machine, removed_ids, _disks_to_delete(machine, vm, current))


def _disks_to_delete(
    machine: PlannedMachine, vm: VM, current: VirtualMachineState | None
) -> frozenset[str]:
    paths = [disk.path for disk in current.hard_disks] if current else []
    wanted = disk_path(machine.hyper_v.vm_host.virtual_hard_disk_path, machine.topology, vm)
    data = (placed.path for placed in placed_disks(machine.hyper_v, machine.topology, vm))
    return frozenset(
        path.lower()
        for path in (*paths, *([wanted] if wanted else []), *data)
        if is_owned_disk(path, machine.topology)
    )


def _without_vm(
    machine: PlannedMachine, current: VirtualMachineState | None, deleted: Collection[str]
) -> PlannedMachine:
    hyper_v = machine.hyper_v
    left = replace(
        hyper_v,
        vms=tuple(vm for vm in hyper_v.vms if current is None or vm.id != current.id),
        existing_disks=frozenset(path for path in hyper_v.existing_disks if path not in deleted),
        disk_files=tuple(file for file in hyper_v.disk_files if file.path.lower() not in deleted),
    )
    return replace(machine, state=replace(machine.state, hyper_v=left))
