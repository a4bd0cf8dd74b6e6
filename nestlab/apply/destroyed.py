"""Which steps of a journal a later destroy has made obsolete: their objects no longer exist."""

from __future__ import annotations

from collections.abc import Collection

from nestlab.model.spelling import same_name
from nestlab.model.topology.declared_network import management_alias_of
from nestlab.plan import Step, StepTarget, TargetKind, route_of


def is_removed(step: Step, removed: Collection[StepTarget]) -> bool:
    """Whether what a step created or changed was removed with these objects of the host."""
    return any(_is_removed_with(step, target) for target in removed)


def _is_removed_with(step: Step, removed: StepTarget) -> bool:
    target = step.target
    match removed.kind:
        case TargetKind.VM:
            machine = step.machine[0] if step.machine else ""
            is_vm = not machine and target.kind in (TargetKind.VM, TargetKind.ADAPTER)
            return same_name(machine, removed.name) or (is_vm and _same_object(target, removed))
        case _ if step.machine:
            return False
        case TargetKind.SWITCH:
            return _serves(target, removed.name) or (
                target.kind == TargetKind.SWITCH and _same_object(target, removed)
            )
        case TargetKind.DISK:
            # The removal of several disks is one step, whose target lists their paths.
            paths = removed.name.casefold().split(", ")
            return target.kind == TargetKind.DISK and target.name.casefold() in paths
        case TargetKind.WINDOWS:  # a route; nothing else of Windows is removed
            return removed.id != "" and str(route_of(step)) == removed.id
        case _:
            return target.kind == removed.kind and same_name(target.name, removed.name)


def _same_object(target: StepTarget, removed: StepTarget) -> bool:
    if target.id and removed.id:
        return target.id == removed.id
    return same_name(target.name, removed.name)


def _serves(target: StepTarget, switch: str) -> bool:
    """Whether a target is the address, the NAT, the scope or the Windows adapter of a switch."""
    return same_name(target.switch, switch) or (
        target.kind == TargetKind.WINDOWS and same_name(target.name, management_alias_of(switch))
    )
