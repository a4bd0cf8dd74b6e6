"""The step that deletes disks that nestlab created, except those that other VMs use."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from nestlab.model.ownership import (
    is_owned_disk,
)
from nestlab.model.state import (
    SwitchState,
    VirtualMachineState,
)
from nestlab.plan.cmdlet_targets import delete_files
from nestlab.plan.in_use import (
    base_of,
    disk_uses,
    is_checkpoint_disk,
    why_disks_are_kept,
)
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.step import Hazard, Planned, Step, StepTarget, Unchanged
from nestlab.texts import tr, tr_count


def unique_subject(
    name: str, identity: str, named: list[VirtualMachineState] | list[SwitchState]
) -> str:
    """Return a name for a step's id; with the object's Id if `named` has more than one."""
    return f"{name} ({identity})" if len(named) > 1 else name


def remove_disks(
    machine: PlannedMachine,
    removed_ids: Collection[str],
    only: Collection[str] | None = None,
    detached: Mapping[str, str] | None = None,
) -> Iterator[Planned]:
    """Yield the step that deletes disks of the topology, and why others are kept.

    These are the disks of removed VMs (the base disks, because removing a VM merges its
    checkpoints), and disks with names of the topology that are attached to no VM. One step deletes
    all of them, so that the parents of all disks are read once, right before it. `only` limits it
    to these paths (lower case). `detached` are those that earlier steps detach from VMs that stay:
    the step's id by path. What others use is kept, and the plan says so.
    """
    uses = disk_uses(machine.hyper_v)
    candidates = {path: path for path in machine.hyper_v.existing_disks} | {
        file.path.lower(): file.path for file in machine.hyper_v.disk_files
    }
    candidates |= {base_of(use).lower(): base_of(use) for use in uses if use.vm_id in removed_ids}
    vms = {vm.id: vm for vm in machine.hyper_v.vms if vm.id in removed_ids}
    owners = {base_of(use).lower(): vms[use.vm_id] for use in uses if use.vm_id in vms}
    paths = [
        path
        for key, path in sorted(candidates.items())
        if is_owned_disk(path, machine.topology)
        and not is_checkpoint_disk(path)
        and (only is None or key in only)
    ]
    kept = why_disks_are_kept(paths, uses, removed_ids)
    yield from (
        Unchanged(tr("disk {path}", path=path), kept[path]) for path in paths if path in kept
    )
    deleted = [path for path in paths if path not in kept]
    if deleted:
        owners_of_deleted = dict.fromkeys(
            owners[path.lower()] for path in deleted if path.lower() in owners
        )
        steps = (step for path, step in (detached or {}).items() if path in map(str.lower, deleted))
        owned = [path for path in deleted if path.lower() in {*owners, *(detached or {})}]
        yield _deletion(machine, deleted, owned, owners_of_deleted, steps)


def _deletion(
    machine: PlannedMachine,
    paths: list[str],
    owned: Collection[str],
    owners: Iterable[VirtualMachineState],
    detachments: Iterable[str],
) -> Step:
    one = len(paths) == 1
    return machine.step(
        Action.DELETE_DISK,
        paths[0] if one else f"{paths[0]} and {len(paths) - 1} more",
        tr("Delete the disk {path}", path=paths[0])
        if one
        else tr("Delete {count} disks", count=len(paths)),
        _why_deleted(paths, owned),
        delete_files(*paths),
        target=StepTarget(TargetKind.DISK, ", ".join(paths)),
        hazard=Hazard.DELETES_DATA,
        needs=tuple(
            machine.step_id(
                Action.REMOVE_VM, unique_subject(vm.name, vm.id, machine.hyper_v.vms_named(vm.name))
            )
            for vm in owners
        )
        + tuple(detachments),
    )


def _why_deleted(paths: Collection[str], owned: Collection[str]) -> str:
    """Return why disks are deleted: `owned` are those that a VM of the topology has.

    Of the others only the name shows whose they are.
    """
    by_name = [path for path in paths if path not in owned]
    if not owned:
        return tr_count(
            "its name is that of a disk of this topology, and no VM has it; nothing else shows who created it",
            "their names are those of disks of this topology, and no VM has them; nothing else shows who created them",
            len(by_name),
        )
    why = tr_count(
        "nestlab created it for this topology",
        "nestlab created them for this topology",
        len(paths),
    )
    if not by_name:
        return why
    return tr(
        "{why}; of those that no VM has, only the name shows it: {paths}",
        why=why,
        paths=", ".join(by_name),
    )
