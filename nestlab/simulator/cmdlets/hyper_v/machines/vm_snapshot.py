"""Checkpoint-VM, and Get-, Restore-, Remove- and Rename-VMSnapshot."""

from __future__ import annotations

import copy

from nestlab.model import Record
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.behaviour import power
from nestlab.simulator.cmdlets.duration import pass_time
from nestlab.simulator.cmdlets.hyper_v.machines.vm_state import warn_about_running_vms
from nestlab.simulator.cmdlets.hyper_v.vm_records import snapshot_record, vm_record
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.cmdlets.selection import require_hyper_v, same_id, select_vms
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import PowerShellError, Sink
from nestlab.simulator.powershell.values.wildcard import has_wildcard, matches
from nestlab.simulator.state import disk_files
from nestlab.simulator.state.clock import utc_time
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.virtual_machine import VirtualMachine, VMSnapshot

_MAXIMUM_CHECKPOINTS = 50


@cmdlet("Checkpoint-VM")
def checkpoint_vm(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Checkpoint-VM: keeps settings and disks; the VM continues on differencing disks."""
    for vm in select_vms(machine, bound, sink):
        error = _creation_error(bound, vm) or warn_about_running_vms(machine, bound, sink, vm)
        if error is not None:
            sink.error(error.record)
            continue
        pass_time(machine, sink, f"Creating checkpoint of virtual machine {vm.name}", 5.0)
        name = (
            bound.text("SnapshotName")
            or f"{vm.name} - ({utc_time(machine.world.clock.now):%m/%d/%Y - %I:%M:%S %p})"
        )
        snapshot = disk_files.add_checkpoint(machine, vm, name)
        if bound.is_present("Passthru"):
            sink.output(snapshot_record(machine, vm, snapshot))


def _creation_error(bound: Bound, vm: VirtualMachine) -> PowerShellError | None:
    failed = f"Checkpoint operation for '{vm.name}' failed. (Virtual machine ID {vm.id.upper()})"
    if vm.checkpoint_type == "Disabled":
        return cmdlet_errors.hyper_v(
            bound.name,
            "InvalidState",
            f"{failed}\nCheckpoints are disabled for this virtual machine.",
            vm.name,
        )
    if len(vm.snapshots) >= _MAXIMUM_CHECKPOINTS:
        return cmdlet_errors.hyper_v(
            bound.name,
            "InvalidState",
            f"{failed}\nThe maximum of {_MAXIMUM_CHECKPOINTS} checkpoints is reached.",
            vm.name,
        )
    if vm.state not in ("Off", "Running", "Saved", "Paused"):
        return cmdlet_errors.hyper_v(
            bound.name, "InvalidState", f"{failed}\n{cmdlet_errors.WRONG_STATE}", vm.name
        )
    return None


def _select(machine: Machine, bound: Bound, sink: Sink) -> list[tuple[VirtualMachine, VMSnapshot]]:
    hyper_v = require_hyper_v(machine, bound)
    every = [(vm, snapshot) for vm in hyper_v.vms for snapshot in vm.snapshots]
    if "ParentOf" in bound or "ChildOf" in bound:
        return _named(bound, sink, [pair for pair in every if _is_relative(bound, pair[1])])
    ids = [
        item["Id"] for item in bound.values("VMSnapshot") if isinstance(item, Record)
    ] or bound.values("Id")
    if ids:
        # The page of Get-VMSnapshot describes -Id as the Id of the virtual machine; through the
        # pipeline comes the Id of a checkpoint.
        return [
            (vm, snapshot)
            for vm, snapshot in every
            if any(same_id(own, wanted_id) for wanted_id in ids for own in (snapshot.id, vm.id))
        ]
    return _named(
        bound,
        sink,
        [
            (vm, snapshot)
            for vm in select_vms(machine, bound, sink, "VMName")
            for snapshot in vm.snapshots
        ],
    )


def _is_relative(bound: Bound, snapshot: VMSnapshot) -> bool:
    child, parent = bound.get("ParentOf"), bound.get("ChildOf")
    if isinstance(child, Record):
        return child.get("ParentSnapshotId") is not None and same_id(
            snapshot.id, child["ParentSnapshotId"]
        )
    return (
        isinstance(parent, Record)
        and bool(snapshot.parent_id)
        and same_id(snapshot.parent_id, parent["Id"])
    )


def _named(
    bound: Bound, sink: Sink, chosen: list[tuple[VirtualMachine, VMSnapshot]]
) -> list[tuple[VirtualMachine, VMSnapshot]]:
    if bound.text("SnapshotType", "Standard") != "Standard":
        return []  # other types of checkpoints (replica, backup) are not simulated
    names = [str(item) for item in bound.values("Name")]
    found = [
        (vm, snapshot)
        for vm, snapshot in chosen
        if not names or any(matches(name, snapshot.name) for name in names)
    ]
    if names and not found and not any(has_wildcard(name) for name in names):
        message = f'Hyper-V was unable to find a checkpoint with name "{names[0]}".'
        sink.error(cmdlet_errors.hyper_v(bound.name, "ObjectNotFound", message, names[0]).record)
    return found


@cmdlet("Get-VMSnapshot")
def get_vm_snapshot(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-VMSnapshot."""
    for vm, snapshot in _select(machine, bound, sink):
        sink.output(snapshot_record(machine, vm, snapshot))


@cmdlet("Restore-VMSnapshot")
def restore_vm_snapshot(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Restore-VMSnapshot: restores settings and disks; later changes are lost.

    Other checkpoints remain.
    """
    for vm, snapshot in _select(machine, bound, sink)[:1]:
        if vm.is_powered_on:
            power.turn_off(machine, vm, power_cut=True)
        vm.settings = copy.deepcopy(snapshot.settings)
        disk_files.invalidate_drive_index(machine)
        for drive in vm.settings.drives:
            if drive.kind == "disk" and drive.path:
                disk_files.add_differencing_disk(machine, drive, machine.world.new_id())
        vm.state, vm.parent_snapshot_id = snapshot.state, snapshot.id
        disk_files.delete_unused_checkpoint_disks(machine, vm)
        pass_time(machine, sink, f"Applying checkpoint to virtual machine {vm.name}", 5.0)
        if bound.is_present("Passthru"):
            sink.output(vm_record(machine, vm))


@cmdlet("Remove-VMSnapshot")
def remove_vm_snapshot(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Remove-VMSnapshot: merges the checkpoint's disks; the VM itself does not change."""
    for vm, snapshot in _select(machine, bound, sink):
        removed = [snapshot]
        if bound.is_present("IncludeAllChildSnapshots"):
            removed += _descendants(vm, snapshot)
        # It may have been removed already, together with an earlier one that is its parent.
        removed = [entry for entry in removed if entry in vm.snapshots]
        for entry in reversed(removed):
            disk_files.remove_checkpoint(machine, vm, entry)
            pass_time(machine, sink, f"Merging disks of virtual machine {vm.name}", 10.0)
        if bound.is_present("Passthru"):
            sink.output(snapshot_record(machine, vm, snapshot))


def _descendants(vm: VirtualMachine, snapshot: VMSnapshot) -> list[VMSnapshot]:
    children = [entry for entry in vm.snapshots if entry.parent_id == snapshot.id]
    return [entry for child in children for entry in (child, *_descendants(vm, child))]


@cmdlet("Rename-VMSnapshot")
def rename_vm_snapshot(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Rename-VMSnapshot."""
    for vm, snapshot in _select(machine, bound, sink):
        snapshot.name = bound.text("NewName")
        if bound.is_present("Passthru"):
            sink.output(snapshot_record(machine, vm, snapshot))
