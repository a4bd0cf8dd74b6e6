"""Disks of the topology that are missing on the host, or used by something else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from pathlib import PureWindowsPath

from nestlab.model.finding import Finding
from nestlab.model.machine_path import MachinePath, path_text
from nestlab.model.origin import KeyPath
from nestlab.model.ownership import is_marked
from nestlab.model.spelling import path_key
from nestlab.model.state import DiskUseState, HyperVState
from nestlab.model.topology import Disk
from nestlab.rules.match.disk_parents import disks_of, needed_parents, parents_with_copies
from nestlab.rules.match.host_match import HostMatch
from nestlab.rules.rule import INFERRED, Rule, Scope, detects
from nestlab.rules.shared_causes import listed
from nestlab.rules.topology.disk_rules import DISK_IN_USE, parent_text
from nestlab.rules.topology.files_inside import image_instead
from nestlab.texts import mark, tr, tr_count, translate

_CHECKPOINT_SUFFIXES = frozenset({".avhdx", ".avhd"})


DISK_MISSING = Rule(
    code="disk-missing",
    severity="error",
    looks_at=(Scope.MATCH,),
    meaning="A disk that a VM needs is not on the machine.",
    why="New-VHD or New-VM fails.",
    fix="Copy the disk to that path, or correct the path.",
    example="D:\\images\\ws2022.vhdx",
    source=INFERRED,
    one_cause=True,
)


@detects(DISK_MISSING)
def disk_missing(match: HostMatch) -> Iterator[Finding]:
    """A disk, or a parent disk, that is not on the machine."""
    if match.hyper_v is None:
        return
    existing = match.hyper_v.existing_disks
    for disk, path, keys in disks_of(match):
        if disk.path and path_key(disk.path) not in existing:
            yield _missing(match, path, (*keys, "path"), disk.path)
    yield from _missing_images(match, existing)
    for disk, path, keys in disks_of(match):
        wanted = disk.parent if not disk.image else None
        if wanted and path_key(wanted) not in existing:
            yield _missing(match, path, (*keys, "parent"), wanted)


def _missing(match: HostMatch, path: MachinePath, keys: KeyPath, wanted: str) -> Finding:
    """Return the finding about a missing file; nestlab copies images into nested hosts."""
    message = tr(
        "needs the disk {path}, which is not on {machine}",
        path=wanted,
        machine=match.machine_name,
    )
    instead = (
        image_instead(match.index, path[:-1], wanted, is_data_disk="disks" in keys)
        if match.place.path
        else None
    )
    return match.finding(DISK_MISSING, path_text(path), keys, message, hint=instead)


def _missing_images(match: HostMatch, existing: Collection[str]) -> Iterator[Finding]:
    """Yield a finding for each image that is not on the host, with the VMs that use it."""
    users: dict[str, list[str]] = defaultdict(list)
    for place, vm in match.index.vms if not match.place.path else ():
        for name in dict.fromkeys(disk.image for _, disk in vm.all_disks if disk.image):
            users[name].append(place.subject)
    for image in match.index.topology.images:
        if image.name in users and path_key(image.path) not in existing:
            vms = users[image.name]

            message = tr_count(
                "is not on {machine}: {path}, which the disks of VM {vms} need",
                "is not on {machine}: {path}, which the disks of VMs {vms} need",
                len(vms),
                machine=match.machine_name,
                path=image.path,
                vms=listed(vms),
            )
            keys: KeyPath = ("images", image.name, "path")
            yield match.finding(DISK_MISSING, f"image {image.name}", keys, message)


@detects(DISK_IN_USE)
def disk_in_use(match: HostMatch) -> Iterator[Finding]:
    """A disk named by its path that something else uses.

    Writing to a parent destroys every disk that depends on it.
    """
    if match.hyper_v is None:
        return
    for disk, path, keys in disks_of(match):
        wanted = disk.path
        users = (
            (
                _use_as_parent(match, wanted),
                *(_use_by_vm(match, path[-1], wanted, use) for use in _uses(match.hyper_v)),
            )
            if wanted
            else ()
        )
        user = next(filter(None, users), "")
        if user:
            yield match.finding(
                DISK_IN_USE,
                path_text(path),
                (*keys, "path"),
                tr("has the disk {path}, which is {use}", path=wanted, use=user),
            )


PARENT_IN_USE = Rule(
    code="parent-in-use",
    severity="error",
    looks_at=(Scope.MATCH,),
    meaning="An image that differencing disks are to be created on is the disk of a VM.",
    why="While that VM runs, New-VHD fails with 0x80070020; as soon as it writes to its disk, every differencing disk on it is unusable.",
    fix="Copy the disk, and write the path of the copy.",
    example="D:\\VMs\\golden.vhdx",
    source=INFERRED,
    one_cause=True,
)


@detects(PARENT_IN_USE)
def parent_in_use(match: HostMatch) -> Iterator[Finding]:
    """A parent disk that a VM of the host writes to."""
    if match.hyper_v is None:
        return
    writers = {
        path_key(use.path): use
        for use in (*_uses(match.hyper_v), *match.hyper_v.parent_users)
        if not use.checkpoint
    }
    states = {vm.id: vm.state for vm in match.hyper_v.vms}
    for parent in parents_with_copies(match):
        use = writers.get(path_key(parent.path))
        if use is not None:
            text = _message_of(states.get(use.vm_id, "Off"))
            yield match.finding(
                PARENT_IN_USE,
                parent.subject,
                parent.keys,
                translate(text, path=parent.path, vm=use.vm_name),
                hint=_another_image(match.machine_name, use.vm_name) if parent.is_copy else None,
            )


def _another_image(machine: str, vm: str) -> str:
    """Return the hint about the file of an image in a nested host that is the disk of a VM."""
    return tr(
        "In {machine}, detach the disk from {vm}; or give the image another name under `images`, by which its file there is named.",
        machine=machine,
        vm=vm,
    )


def _message_of(state: str) -> str:
    """Return the message about a parent that is the disk of a VM in a state.

    A VM that is off or saved does not hold its disk, a paused one does.
    """
    if state.startswith(("Off", "Saved", "FastSaved")):
        return _NOT_HELD
    return _HELD_PAUSED if state.startswith("Paused") else _HELD_RUNNING


_NOT_HELD = mark(
    "is based on {path}, which is the disk of the existing VM {vm}: every disk based on it becomes unusable after that VM's next start"
)
_HELD_PAUSED = mark(
    "is based on {path}, which is the disk of the paused VM {vm}: New-VHD fails while it is paused (0x80070020), and every disk based on it becomes unusable once that VM writes again"
)
_HELD_RUNNING = mark(
    "is based on {path}, which is the disk of the running VM {vm}: New-VHD fails while it runs (0x80070020), and every disk based on it becomes unusable once that VM writes again"
)


DISK_SMALLER_THAN_IMAGE = Rule(
    code="disk-smaller-than-image",
    severity="error",
    looks_at=(Scope.MATCH,),
    meaning="A disk is to be smaller than the image that it is created on.",
    why="New-VHD refuses a differencing disk that is smaller than its parent.",
    fix="Write at least the size of the image, or no size.",
    example="D:\\images\\ws2022.vhdx",
    source=INFERRED,
)


@detects(DISK_SMALLER_THAN_IMAGE)
def disk_smaller_than_image(match: HostMatch) -> Iterator[Finding]:
    """A differencing disk with a size below that of its parent."""
    if match.hyper_v is None:
        return
    sizes = {path_key(file.path): file.size for file in match.hyper_v.disk_files}
    for parent in needed_parents(match):
        size, wanted = sizes.get(path_key(parent.path)), parent.disk.size
        if wanted and size and wanted < size:
            message = tr(
                "has a disk of {size} on the image {path}, which has {image_size}",
                size=wanted,
                path=parent.path,
                image_size=size,
            )
            keys = (*parent.keys[:-1], "size")
            yield match.finding(DISK_SMALLER_THAN_IMAGE, parent.subject, keys, message)


def _use_as_parent(match: HostMatch, wanted: str) -> str:
    """Return a clause saying that a disk is the parent of a VM's disk in the file; else empty.

    This includes existing disks, by the parents that were read, directly or indirectly.
    """
    files = match.hyper_v.disk_files if match.hyper_v is not None else ()
    parents = {path_key(file.path): file.parent for file in files}
    on_it = (
        vm.name
        for vm, _, _ in match.vms
        for _, disk in vm.all_disks
        if path_key(wanted) in _below(disk, parents)
    )
    name = next(on_it, "")
    return parent_text(name) if name else ""


def _below(disk: Disk, parents: Mapping[str, str]) -> set[str]:
    """Return the known parents of a disk, in normalized form for comparison."""
    found: set[str] = set()
    path = disk.parent or parents.get(path_key(disk.path), "") if disk.path else disk.parent
    while path and path_key(path) not in found:
        found.add(path_key(path))
        path = parents.get(path_key(path), "")
    return found


def _uses(hyper_v: HyperVState) -> tuple[DiskUseState, ...]:
    ids = {vm.id for vm in hyper_v.vms}
    if hyper_v.disk_uses is not None:
        return tuple(use for use in hyper_v.disk_uses if use.vm_id in ids)
    return tuple(
        DiskUseState(path=disk.path, vm_id=vm.id, vm_name=vm.name)
        for vm in hyper_v.vms
        for disk in vm.hard_disks
    )


def _use_by_vm(match: HostMatch, vm: str, wanted: str, use: DiskUseState) -> str:
    """Return how a VM of the host uses a disk, as text.

    Empty if it does not, or if it is attached to the same VM or to another one of the file. A
    parent is always reported.
    """
    files = [path_key(file) for file in use.files]
    if path_key(wanted) not in files:
        return ""
    place = files.index(path_key(wanted))
    if all(PureWindowsPath(file).suffix in _CHECKPOINT_SUFFIXES for file in files[:place]):
        same = vm.casefold() == use.vm_name.casefold()
        return "" if same or _is_ours(match, use) else tr("a disk of VM {vm}", vm=use.vm_name)
    return tr(
        "the parent of {path} of VM {vm}: writing to it would destroy that disk",
        path=use.files[place - 1],
        vm=use.vm_name,
    )


def _is_ours(match: HostMatch, use: DiskUseState) -> bool:
    """Whether a VM of this topology uses a disk: the plan detaches it where the file moves it."""
    named = {vm.name.casefold() for vm, _, _ in match.vms}
    return match.hyper_v is not None and any(
        vm.id == use.vm_id
        and vm.name.casefold() in named
        and is_marked(vm.notes, match.topology_name)
        for vm in match.hyper_v.vms
    )


DETECTORS = (disk_missing, parent_in_use, disk_smaller_than_image, disk_in_use)
"""The detectors of this module, in the order of their findings."""
