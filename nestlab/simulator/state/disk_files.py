"""Virtual disk files: chains of differencing disks, and the effect of checkpoints on them."""

from __future__ import annotations

import copy
import ntpath
from collections.abc import Collection

from nestlab.simulator.state.machine import File, Machine
from nestlab.simulator.state.virtual_machine import VirtualMachine, VMDrive, VMSnapshot

CHANGED_PARENT = (
    "The chain of virtual hard disks is corrupted. "
    "There is a mismatch in the identifiers of the parent virtual hard disk and differencing disk."
)
"""The message of Windows for a differencing disk whose parent has changed (0xC03A000E)."""

INITIAL_FILE_SIZE = 4 << 20
"""Size in bytes of a new dynamic or differencing disk file."""


def create(
    machine: Machine, path: str, *, size: int, disk_type: str = "Dynamic", parent: str = ""
) -> File:
    """Create a virtual disk file; `size` is in bytes."""
    length = size if disk_type == "Fixed" else INITIAL_FILE_SIZE
    parent_file = machine.file(parent) if parent else None
    writes = parent_file.writes if parent_file else 0
    file = File(
        path,
        "vhd",
        length=length,
        size=size,
        disk_type=disk_type,
        parent=parent,
        parent_writes=writes,
    )
    machine.files[path.lower()] = file
    return file


def record_write(file: File) -> None:
    """Record a write to a disk, by a running VM or a mount.

    Differencing disks on top of it no longer match it.
    """
    file.writes += 1


def mismatched_disk(machine: Machine, path: str) -> str:
    """Return the first disk of a chain whose parent was written to after the disk was created.

    Empty if all match. A differencing disk stores the identifier of its parent, which changes with
    each write to the parent ([MS-VHDX], parent locator).
    """
    for key in chain(machine, path):
        file = machine.file(key)
        parent_file = machine.file(file.parent) if file and file.parent else None
        if (
            file is not None
            and parent_file is not None
            and file.parent_writes != parent_file.writes
        ):
            return file.path
    return ""


def file_open_for_writing(
    machine: Machine, path: str, ignored_vm: VirtualMachine | None = None
) -> str:
    """Return the file of a chain that a VM or a mount has open for writing; empty if none."""
    return _attached(machine, chain(machine, path), ignored_vm)


def blocking_file(machine: Machine, path: str, ignored_vm: VirtualMachine | None = None) -> str:
    """Return the file that prevents a disk from being opened for writing; empty if none does.

    A VM writes to its disk and reads the disk's parents. Several VMs may read one parent, as long
    as none writes to it.
    """
    users = _descendants(machine, path) - {path.lower()}
    if users and _attached(machine, users, ignored_vm):
        return path
    return _attached(machine, chain(machine, path), ignored_vm)


def _attached(machine: Machine, keys: Collection[str], ignored_vm: VirtualMachine | None) -> str:
    """Return the first of these files that is attached to a running VM or mounted; else empty.

    `keys` are lower-case paths.
    """
    for key in keys:
        for vm, drive in machine.hyper_v.drives_at(key) if machine.hyper_v else ():
            if drive.kind == "disk" and vm.is_powered_on and vm is not ignored_vm:
                return drive.path
    for key in keys:
        file = machine.files.get(key)
        if file is not None and file.disk_number is not None:
            return file.path
    return ""


def is_open(machine: Machine, path: str) -> bool:
    """Whether a running VM or a mount has a file open, for writing or for reading."""
    return path.lower() in open_files(machine)


def open_files(machine: Machine) -> set[str]:
    """Return the files that running VMs or mounts have open, as lower-case paths."""
    vms = machine.hyper_v.vms if machine.hyper_v else []
    attached = [drive.path for vm in vms if vm.is_powered_on for drive in vm.settings.drives]
    mounted = [file.path for file in machine.files.values() if file.disk_number is not None]
    found: set[str] = set()
    for path in (*filter(None, attached), *mounted):
        key = path.lower()
        while key not in found:
            found.add(key)
            file = machine.files.get(key)
            if file is None or not file.parent:
                break
            key = file.parent.lower()
    return found


def _descendants(machine: Machine, path: str) -> set[str]:
    """Return a disk and all disks whose chain contains it, as lower-case paths."""
    found: set[str] = set()
    new = {path.lower()}
    while new:  # one generation of differencing disks at a time; most disks have no children
        found |= new
        parents = {file.parent for file in machine.files.values()}  # many disks may share one image
        parents = {parent for parent in parents if parent.lower() in new}
        new = {key for key, file in machine.files.items() if file.parent in parents} - found
    return found


def chain(machine: Machine, path: str) -> list[str]:
    """Return a disk and its parents, as lower-case paths, down to the base."""
    found: list[str] = []
    while path and path.lower() not in found:
        found.append(path.lower())
        file = machine.file(path)
        path = file.parent if file else ""
    return found


def add_differencing_disk(machine: Machine, drive: VMDrive, name: str) -> None:
    """Put a differencing disk on top of an attached disk, as a checkpoint does."""
    parent = machine.file(drive.path)
    stem = ntpath.splitext(drive.path)[0].partition("_CHECKPOINT_")[0]
    path = f"{stem}_CHECKPOINT_{name.upper()}.avhdx"
    child = create(
        machine,
        path,
        size=parent.size if parent else 0,
        disk_type="Differencing",
        parent=drive.path,
    )
    if parent is not None and parent.system is not None:
        child.system = copy_system(parent.system)
    drive.path = path
    invalidate_drive_index(machine)


def invalidate_drive_index(machine: Machine) -> None:
    """Drop a machine's index of drives, because drives of a VM, or their paths, have changed."""
    if machine.hyper_v is not None:
        machine.hyper_v.invalidate_drive_index()


def add_checkpoint(
    machine: Machine, vm: VirtualMachine, name: str, *, automatic: bool = False
) -> VMSnapshot:
    """Take a checkpoint: copy the settings, and continue on differencing disks."""
    world = machine.world
    # A production checkpoint contains the disks, made consistent by the guest; a standard one
    # contains the memory, too.
    keeps_memory = vm.state != "Off" and vm.checkpoint_type == "Standard"
    snapshot = VMSnapshot(
        id=world.new_id(),
        name=name,
        created=world.clock.now,
        parent_id=vm.parent_snapshot_id,
        state="Saved" if keeps_memory else "Off",
        settings=copy.deepcopy(vm.settings),
        automatic=automatic,
    )
    for drive in vm.settings.drives:
        if drive.kind == "disk" and drive.path:
            add_differencing_disk(machine, drive, world.new_id())
    vm.snapshots.append(snapshot)
    vm.parent_snapshot_id = snapshot.id
    return snapshot


def remove_checkpoint(machine: Machine, vm: VirtualMachine, snapshot: VMSnapshot) -> None:
    """Remove a checkpoint, and merge its disks; the VM itself does not change."""
    vm.snapshots.remove(snapshot)
    for entry in vm.snapshots:
        if entry.parent_id == snapshot.id:
            entry.parent_id = snapshot.parent_id
    if vm.parent_snapshot_id == snapshot.id:
        vm.parent_snapshot_id = snapshot.parent_id
    delete_unused_checkpoint_disks(machine, vm)
    for drive in snapshot.settings.drives:
        if drive.kind == "disk" and drive.path:
            merge_child(machine, vm, drive.path)


def copy_system(system: Machine) -> Machine:
    """Return a copy of an installed system in its current state."""
    memo = {id(system.world): system.world, id(system.outer_host): system.outer_host}
    copied = copy.deepcopy(system, memo)
    copied.attach(system.world, system.outer_host)
    return copied


def merge_child(machine: Machine, vm: VirtualMachine, path: str) -> None:
    """Merge the only child of a disk, created by a checkpoint, into the disk.

    All references to the child then point to the disk. A disk with several children does not
    change.
    """
    children = [
        file
        for file in machine.files.values()
        if file.parent.lower() == path.lower() and file.path.lower().endswith(".avhdx")
    ]
    parent = machine.file(path)
    if parent is None or len(children) != 1:
        return
    child = children[0]
    parent.system = child.system or parent.system
    record_write(parent)
    del machine.files[child.path.lower()]
    for file in machine.files.values():
        if file.parent.lower() == child.path.lower():
            file.parent, file.parent_writes = parent.path, parent.writes
    for settings in (vm.settings, *(snapshot.settings for snapshot in vm.snapshots)):
        for drive in settings.drives:
            if drive.path.lower() == child.path.lower():
                drive.path = parent.path
    invalidate_drive_index(machine)


def delete_unused_checkpoint_disks(machine: Machine, vm: VirtualMachine) -> None:
    """Delete the checkpoint disks (.avhdx) of a VM that no VM or checkpoint uses any more."""
    own = {
        ntpath.splitext(d.path)[0].partition("_CHECKPOINT_")[0].lower()
        for d in vm.settings.drives
        if d.kind == "disk"
    }
    left = [
        key
        for key in machine.files
        if ".avhdx" in key and key.endswith(".avhdx") and key.partition("_checkpoint_")[0] in own
    ]
    if not left:
        return
    vms = {
        id(known): known for known in (*(machine.hyper_v.vms if machine.hyper_v else ()), vm)
    }.values()
    kept = (
        settings
        for known in vms
        for settings in (known.settings, *(snapshot.settings for snapshot in known.snapshots))
    )
    used = {
        path
        for settings in kept
        for drive in settings.drives
        for path in chain(machine, drive.path)
    }
    for key in left:
        if key not in used:
            del machine.files[key]


def merge_all_checkpoints(machine: Machine, vm: VirtualMachine) -> None:
    """Merge the disks of all checkpoints of a VM, and delete the checkpoints."""
    vm.snapshots.clear()
    vm.parent_snapshot_id = ""
    delete_unused_checkpoint_disks(machine, vm)
    for drive in vm.settings.drives:
        while drive.path.lower().endswith(".avhdx"):
            top = machine.file(drive.path)
            if top is None or machine.file(top.parent) is None:
                break
            merge_child(machine, vm, top.parent)
