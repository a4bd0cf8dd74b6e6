"""Existing disks that steps give to VMs or start them from, and what else depends on these disks.

A disk file belongs to one VM: two running VMs cannot have it. A parent must not be written to: each
differencing disk on it is unusable then (0xC03A000E; inferred, as the rule `disk-in-use` says).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from nestlab.dataclass import replace
from nestlab.model import MachinePath
from nestlab.model.state import DiskUseState, HostState, HyperVState, VirtualMachineState
from nestlab.model.topology import VM, Topology, VMState, image_name_inside
from nestlab.plan.disk_names import disk_path
from nestlab.plan.disks import disk_file, is_at
from nestlab.plan.image_steps import replaces_image_file
from nestlab.plan.in_use import reason_of, use_of_disk, why_disk_is_kept
from nestlab.plan.kinds import Action
from nestlab.plan.placed_disks import placed_disks
from nestlab.plan.planned_machine import PlannedMachine, planned_machine
from nestlab.plan.power_steps import ON_STATES
from nestlab.plan.step import Planned, Step
from nestlab.plan.undo_needs import attached_disks
from nestlab.texts import tr

_CREATE_FILES = frozenset({Action.CREATE_DISK, Action.WRITE_SEED})
_ATTACH = frozenset({Action.ADD_DISK, Action.REPLACE_DISK})


def with_existing_disks(
    machine: PlannedMachine, vm: VM, items: Iterable[Planned]
) -> Iterator[Planned]:
    """Yield what is planned for a VM, each step with the existing disks that it has written to.

    Disks that an earlier step creates do not exist yet. A VM that runs writes to its disks already.
    """
    current = machine.vm(vm.name)
    is_on = current is not None and current.state in ON_STATES
    attached = () if current is None or is_on else (disk.path for disk in current.hard_disks)
    given, created = [*attached], set[str]()
    for item in items:
        if not isinstance(item, Step):
            yield item
            continue
        if item.action in _CREATE_FILES:
            created.add(item.target.name.casefold())
        named = [path for path in _named_in(item) if path.casefold() not in created]
        given += named if item.action in {*_ATTACH, Action.CREATE_VM} else []
        paths = given if item.action is Action.START_VM else named
        yield replace(item, existing_disks=tuple(dict.fromkeys(paths))) if paths else item


def _named_in(step: Step) -> Iterator[str]:
    """Yield the disk files that a step gives to its VM or writes to."""
    last = step.cmdlets[0].parameters if step.cmdlets else {}
    if step.action is Action.CREATE_VM and "VHDPath" in last:
        yield str(last["VHDPath"])
    elif step.action in _ATTACH:
        yield from attached_disks(step.cmdlets)
    elif step.action is Action.EXPAND_DISK:
        yield str(last["Path"])
    elif step.action is Action.WRITE_ANSWER_FILE:
        yield step.target.name


def use_by_others(
    path: str, uses: Collection[DiskUseState], own_ids: Collection[str]
) -> DiskUseState | None:
    """Return a use of a disk because of which VMs with these Ids must not write to it.

    That is a use by another VM, or as the parent of any disk, also by way of others; or the use of
    one of its parents as the disk of another VM. None if there is none.
    """
    wanted = path.casefold()
    for use in uses:
        files = [file.casefold() for file in use.files]
        if wanted in files and (use.vm_id not in own_ids or files.index(wanted)):
            return use
    parents = [parent for use in uses if use.path.casefold() == wanted for parent in use.parents]
    return writer_of(parents, uses, own_ids)


def writer_of(
    files: Iterable[str], uses: Iterable[DiskUseState], own_ids: Collection[str]
) -> DiskUseState | None:
    """Return the use of one of these files as the disk of another VM; None if there is none.

    What that VM writes makes each disk on the file unusable, as the rule `parent-in-use` says.
    """
    keys = {file.casefold() for file in files}
    for use in uses:
        if not use.checkpoint and use.vm_id not in own_ids and use.path.casefold() in keys:
            return use
    return None


def may_write_to_existing_disks(
    topology: Topology, path: MachinePath, states: Mapping[MachinePath, HostState]
) -> bool:
    """Whether a plan may give an existing disk to a VM of a machine, or start a VM from one.

    Or it may replace one by an image. Only then it matters which disks are the parents of others.
    """
    state = states[path]
    if state.hyper_v is None:
        return False
    machine = planned_machine(topology, path, topology.machine(path), state)
    outer = states.get(path[:-1]) if isinstance(machine.wanted, VM) else None
    if (
        outer
        and isinstance(machine.wanted, VM)
        and replaces_image_file(machine, machine.wanted, outer)
    ):
        return True
    return any(_may_write(machine, vm, machine.vm(vm.name)) for vm in machine.wanted.vms)


def _may_write(machine: PlannedMachine, vm: VM, current: VirtualMachineState | None) -> bool:
    hyper_v = machine.hyper_v
    system = disk_path(hyper_v.vm_host.virtual_hard_disk_path, machine.topology, vm)
    paths = [system, *(placed.path for placed in placed_disks(hyper_v, machine.topology, vm))]
    files = [path for path in paths if path and path.lower() in hyper_v.existing_disks]
    attached = current.hard_disks if current is not None else ()
    if any(not any(is_at(disk, path) for disk in attached) for path in files):
        return True
    if current is None or current.state in ON_STATES:
        return False
    return bool(attached) and (vm.state is VMState.RUNNING or _grows(hyper_v, vm, files))


def _grows(hyper_v: HyperVState, vm: VM, files: Iterable[str]) -> bool:
    sizes = [file.size for path in files if (file := disk_file(hyper_v, path)) is not None]
    return any(
        disk.size is not None and any(size < disk.size for size in sizes)
        for _, disk in vm.all_disks
    )


def why_not_written(path: str, use: DiskUseState) -> str:
    """Return why a disk must not be given to a VM, nor a VM be started from it."""
    if path.casefold() not in (file.casefold() for file in use.files):
        return tr(
            "would depend on a parent that another VM writes to: {use}",
            use=use_of_disk(use, use.path),
        )
    text = use_of_disk(use, path)
    if path.casefold() == use.path.casefold():
        return tr("would have the disk of another VM: {use}", use=text)
    return tr("would write to a parent, which makes the disk on it unusable: {use}", use=text)


def why_image_is_not_copied(path: str, uses: Iterable[DiskUseState], *, exists: bool) -> str:
    """Return why an image must not be copied to a path in a nested host; empty if it may be.

    That is a VM or a checkpoint with that file, or with a disk that is based on it. Where a chain
    of parents could not be read, an existing file (`exists`) may be in it.
    """
    known = (use for use in uses if exists or not use.unread)
    reason = reason_of(why_disk_is_kept(path, known))
    if not reason:
        return ""
    return tr(
        "the copy of image {image} would replace a file in use: {use}",
        image=image_name_inside(path) or path,
        use=reason,
    )
