"""The step that deletes disks of nestlab, and leaves those that others use."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from nestlab.model.ownership import (
    is_our_disk,
)
from nestlab.model.state import (
    SwitchState,
    VirtualMachineState,
)
from nestlab.plan.cmdlet_targets import delete_files
from nestlab.plan.in_use import (
    base_of,
    disk_uses,
    is_of_checkpoint,
    why_disks_stay,
)
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.planned_machine import Site
from nestlab.plan.step import Hazard, Planned, Step, StepTarget, Unchanged


def numbered_subject(
    name: str, identity: str, named: list[VirtualMachineState] | list[SwitchState]
) -> str:
    """Return a name for a step's id: with the Id of the object where several are `named` so."""
    return f"{name} ({identity})" if len(named) > 1 else name


def remove_disks(
    site: Site, going: Collection[str], only: Collection[str] | None = None
) -> Iterator[Planned]:
    """Yield the removal of disks with names of nestlab.

    Those of the VMs that go, and those left over from a VM that was never created.

    One step deletes them all, so that the chains of everybody's disks are read once right before
    it. Of a chain of checkpoints the disk below is left once their VM is removed. `only` are the
    paths (lower case) that may go; without it all. What others use stays, and is said.
    """
    uses = disk_uses(site.hyper_v)
    ours = {path: path for path in site.hyper_v.existing_disks} | {
        file.path.lower(): file.path for file in site.hyper_v.disk_files
    }
    ours |= {base_of(use).lower(): base_of(use) for use in uses if use.vm_id in going}
    vms = {vm.id: vm for vm in site.hyper_v.vms if vm.id in going}
    owners = {base_of(use).lower(): vms[use.vm_id] for use in uses if use.vm_id in vms}
    paths = [
        path
        for key, path in sorted(ours.items())
        if is_our_disk(path, site.topology)
        and not is_of_checkpoint(path)
        and (only is None or key in only)
    ]
    stays = why_disks_stay(paths, uses, going)
    yield from (Unchanged(f"disk {path}", stays[path]) for path in paths if path in stays)
    goes = [path for path in paths if path not in stays]
    if goes:
        having = dict.fromkeys(owners[path.lower()] for path in goes if path.lower() in owners)
        yield _deletion(site, goes, having)


def _deletion(site: Site, paths: list[str], owners: Iterable[VirtualMachineState]) -> Step:
    one = len(paths) == 1
    return site.step(
        Action.DELETE_DISK,
        paths[0] if one else f"{paths[0]} and {len(paths) - 1} more",
        f"Delete the disk {paths[0]}" if one else f"Delete {len(paths)} disks",
        f"nestlab made {'it' if one else 'them'} for this topology",
        delete_files(*paths),
        target=StepTarget(TargetKind.DISK, ", ".join(paths)),
        hazard=Hazard.DELETES_DATA,
        needs=tuple(
            site.step_id(
                Action.REMOVE_VM, numbered_subject(vm.name, vm.id, site.hyper_v.vms_named(vm.name))
            )
            for vm in owners
        ),
    )
