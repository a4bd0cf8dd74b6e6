"""Why a plan is refused that would write to a disk on which something else depends."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from nestlab.model import Finding, path_text
from nestlab.model.finding import PlanOption
from nestlab.model.state import DiskUseState, HostState
from nestlab.model.topology import VM, Topology
from nestlab.plan.existing_disks import (
    use_by_others,
    why_image_is_not_copied,
    why_not_written,
)
from nestlab.plan.image_steps import image_steps
from nestlab.plan.in_use import disk_uses
from nestlab.plan.plan_refusals import DISK_IN_USE, location
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.remainder import MachineRemainder
from nestlab.plan.step import Planned, Step
from nestlab.plan.undeclared_disks import without_detached
from nestlab.texts import tr


def refusing_disks_in_use(
    topology: Topology,
    machine: PlannedMachine,
    vm: VM,
    items: Iterable[Planned],
    uses: Collection[DiskUseState],
    *,
    refused: list[Finding],
) -> Iterator[Planned]:
    """Yield what is planned for a VM; the findings of its steps are added to `refused`, once."""
    for item in items:
        for found in _disk_in_use(topology, machine, vm, item, uses):
            if (found.subject, found.hint) not in {(each.subject, each.hint) for each in refused}:
                refused.append(found)
        yield item


def image_copies(
    topology: Topology,
    machine: PlannedMachine,
    vm: VM,
    host_state: HostState,
    *,
    refused: list[Finding],
) -> Iterator[Planned]:
    """Yield what `image_steps` plans for the images in a nested host.

    A finding is added to `refused` for each file in use that a copy would replace.
    """
    for item in image_steps(machine, vm, host_state):
        for path in item.existing_disks if isinstance(item, Step) else ():
            why = why_image_is_not_copied(path, disk_uses(machine.hyper_v), exists=True)
            if why:
                refused.append(
                    Finding(
                        DISK_IN_USE,
                        "error",
                        machine.name,
                        why,
                        tr(
                            "In {machine}, remove or move what uses the file; or give the image another name under `images`, by which its file there is named.",
                            machine=machine.name,
                        ),
                        location=location(topology, machine.path),
                    )
                )
        yield item


def _disk_in_use(
    topology: Topology,
    machine: PlannedMachine,
    vm: VM,
    step: Planned,
    uses: Collection[DiskUseState],
) -> Iterator[Finding]:
    """Yield the finding of a step that writes to a disk on which something else depends.

    Where the file names a disk by its path, the rule with the same code says it.
    """
    named = {disk.path.casefold() for _, disk in vm.all_disks if disk.path}
    current = machine.vm(vm.name)
    own_ids = () if current is None else (current.id,)
    for path in step.existing_disks if isinstance(step, Step) else ():
        use = None if path.casefold() in named else use_by_others(path, uses, own_ids)
        if use is not None:
            where = (*machine.path, vm.name)
            left_over = _is_left_over(machine, use)
            yield Finding(
                DISK_IN_USE,
                "error",
                path_text(where),
                why_not_written(path, use),
                _hint(vm, path, use, is_new=current is None, is_left_over=left_over),
                location=location(topology, where),
                plan_option=PlanOption.PRUNE if left_over else None,
            )


def _is_left_over(machine: PlannedMachine, use: DiskUseState) -> bool:
    """Whether a disk is used by a VM that the topology owns and its file does not name."""
    named = {vm.name.casefold() for vm in machine.wanted.vms}
    ours = {vm.id for vm in machine.hyper_v.vms_of(machine.topology)}
    return use.vm_id in ours and use.vm_name.casefold() not in named


def uses_that_remain(remainder: MachineRemainder, *, prune: bool) -> tuple[DiskUseState, ...]:
    """Return the uses of disks on a machine; with `prune`, once the remainder is removed."""
    if not prune:
        return disk_uses(remainder.machine.hyper_v)
    uses = disk_uses(without_detached(remainder.machine).hyper_v)
    return tuple(use for use in uses if use.vm_id not in remainder.removed_ids)


def _hint(vm: VM, path: str, use: DiskUseState, *, is_new: bool, is_left_over: bool) -> str:
    if path.casefold() not in (file.casefold() for file in use.files):
        return tr(
            "Detach {path} from {other}: {vm} has a disk on it.",
            path=use.path,
            other=use.vm_name,
            vm=vm.name,
        )
    if path.casefold() != use.path.casefold():
        return (
            tr(
                "Remove what depends on the disk, or give {vm} another name in the file: it gets a new disk then.",
                vm=vm.name,
            )
            if is_new
            else tr(
                "Remove what depends on the disk, or keep it as it is: write state: 'Off' for {vm}.",
                vm=vm.name,
            )
        )
    if is_left_over:
        return tr(
            "If {other} is {vm} under a new name, rename it back (`Rename-VM`) or change the name in the file; else remove it with `--prune`, which leaves this disk to {vm}.",
            other=use.vm_name,
            vm=vm.name,
        )
    return tr(
        "Detach the disk from {other}, or give {vm} another name in the file: it gets a new disk then.",
        other=use.vm_name,
        vm=vm.name,
    )
