"""What cannot change in place: refused, or recreated where the user says so."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from nestlab.errors import UsageError
from nestlab.model import MachinePath, path_text
from nestlab.model.ownership import is_left_behind, is_marked, is_our_disk
from nestlab.model.state import VirtualMachineState
from nestlab.model.topology import VM, Topology
from nestlab.plan.destroying import going_of, remove_vm
from nestlab.plan.disk_names import disk_path
from nestlab.plan.disk_removal import remove_disks
from nestlab.plan.disks import cannot_become
from nestlab.plan.planned_machine import Site
from nestlab.plan.settings import can_upgrade
from nestlab.plan.step import Effect, Planned, Step, Unchanged
from nestlab.plan.vm_steps import vm_steps


def named_vms(topology: Topology, words: Collection[str]) -> frozenset[MachinePath]:
    """Return the VMs of these words: a machine path, or a name that one VM has.

    Raises UsageError for any other.
    """
    return frozenset(_named_vm(topology, word) for word in words)


def _named_vm(topology: Topology, word: str) -> MachinePath:
    paths = [path for path, _ in topology.machines() if path]
    wanted = word.strip().casefold()
    whole = [path for path in paths if path_text(path).casefold() == wanted]
    found = whole or [path for path in paths if path[-1].casefold() == wanted]
    if len(found) == 1:
        return found[0]
    if found:
        msg = f"{word} is the name of {len(found)} VMs of {topology.name}"
        raise UsageError(
            msg, hint=f"Name one by its machine path: {', '.join(map(path_text, found))}."
        )
    msg = f"{topology.name} has no VM {word}"
    raise UsageError(msg, hint=f"VMs of the file: {', '.join(map(path_text, paths)) or 'none'}.")


def obstacles(site: Site, vm: VM) -> tuple[str, ...]:
    """Return what of a VM cannot change in place, a sentence part each.

    Empty for VMs that are not this topology's.
    """
    current = site.vm(vm.name)
    if current is None:
        disk = cannot_become(site, vm, None)
        return (disk,) if disk else ()
    if not is_marked(current.notes, site.topology) and not is_left_behind(current, site.topology):
        return ()
    return tuple(_obstacles(site, vm, current))


def _obstacles(site: Site, vm: VM, current: VirtualMachineState) -> Iterator[str]:
    if current.generation != vm.generation:
        yield f"generation cannot change from {current.generation} to {vm.generation}"
    if (
        vm.version
        and current.version
        and vm.version != current.version
        and not can_upgrade(site, vm, current)
    ):
        yield f"configuration version cannot change from {current.version} to {vm.version}"
    disk = cannot_become(site, vm, current)
    if disk:
        yield disk


def why_not_recreated(site: Site, vm: VM) -> str:
    """Return what depends on a VM and its disks; empty where it can be recreated."""
    return next(
        (
            item.why.removeprefix("kept: ")
            for item in _removal(site, vm)
            if isinstance(item, Unchanged)
        ),
        "",
    )


def recreate_steps(site: Site, vm: VM, why: str) -> Iterator[Planned]:
    """Yield what removes a VM with the disks that nestlab made for it, and creates it again.

    A VM that other VMs depend on stays.
    """
    again = f"{why}: {vm.name} is recreated"
    for item in _removal(site, vm):
        yield replace(item, why=again, effect=Effect.RECREATE) if isinstance(item, Step) else item
    current = site.vm(vm.name)
    for item in vm_steps(_without(site, current, _disks_to_go(site, vm, current)), vm):
        yield replace(item, effect=Effect.RECREATE) if isinstance(item, Step) else item


def _removal(site: Site, vm: VM) -> Iterator[Planned]:
    current = site.vm(vm.name)
    going = going_of(site, [current] if current else [])
    if current:
        yield from remove_vm(site, current, going)
    yield from remove_disks(site, going, _disks_to_go(site, vm, current))


def _disks_to_go(site: Site, vm: VM, current: VirtualMachineState | None) -> frozenset[str]:
    paths = [disk.path for disk in current.hard_disks] if current else []
    wanted = disk_path(site.hyper_v.vm_host.virtual_hard_disk_path, site.topology, vm)
    return frozenset(
        path.lower()
        for path in (*paths, *([wanted] if wanted else []))
        if is_our_disk(path, site.topology)
    )


def _without(site: Site, current: VirtualMachineState | None, gone: Collection[str]) -> Site:
    there = site.hyper_v
    left = replace(
        there,
        vms=tuple(vm for vm in there.vms if current is None or vm.id != current.id),
        existing_disks=frozenset(path for path in there.existing_disks if path not in gone),
        disk_files=tuple(file for file in there.disk_files if file.path.lower() not in gone),
    )
    return replace(site, state=replace(site.state, hyper_v=left))
