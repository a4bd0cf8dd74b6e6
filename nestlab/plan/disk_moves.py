"""Disks that the file names by their path, and that move from one VM of a machine to another."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter

from nestlab.model.topology import VM
from nestlab.plan.disk_names import disk_path, named_disks
from nestlab.plan.planned_machine import PlannedMachine


def ordered_by_disk_moves(machine: PlannedMachine) -> list[VM]:
    """Return the VMs in an order that detaches a disk from one before another gets it.

    Otherwise they are in the order of the file.
    """
    receivers = disk_receivers(machine)
    order: TopologicalSorter[str] = TopologicalSorter()
    for vm in machine.wanted.vms:
        order.add(vm.name)
        current, own = (machine.vm(vm.name), _own_paths(machine, vm)) if receivers else (None, ())
        for disk in current.hard_disks if current is not None else ():
            receiver = receivers.get(disk.path.lower(), vm.name)
            if receiver != vm.name and disk.path.lower() not in own:
                order.add(receiver, vm.name)
    try:
        place = {name: number for number, name in enumerate(order.static_order())}
    except (
        CycleError
    ):  # two VMs that swap their disks: there is no such order, and the host refuses the first
        return list(machine.wanted.vms)
    return (
        sorted(machine.wanted.vms, key=lambda vm: place[vm.name])
        if receivers
        else list(machine.wanted.vms)
    )


def disk_receivers(machine: PlannedMachine) -> dict[str, str]:
    """Return the VM that the file gives each disk to which it names by its path, in lower case."""
    return {
        disk.path.lower(): vm.name
        for vm in machine.wanted.vms
        for _, disk in vm.all_disks
        if disk.path
    }


def _own_paths(machine: PlannedMachine, vm: VM) -> frozenset[str]:
    folder = machine.hyper_v.vm_host.virtual_hard_disk_path
    system = disk_path(folder, machine.topology, vm)
    return frozenset(path.lower() for path in (system, *named_disks(vm)) if path)
