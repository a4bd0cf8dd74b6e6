"""The disks of a machine's VMs, and the files on the machine that they are based on."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.dataclass import dataclass
from nestlab.model.machine_path import MachinePath, path_text
from nestlab.model.origin import KeyPath
from nestlab.model.topology import Disk, image_named
from nestlab.rules.match.host_match import HostMatch


@dataclass(frozen=True)
class NeededParent:
    """A file that a disk is based on: its path on the machine, who needs it, and its key.

    `is_copy` is whether nestlab copies it there: an image in a nested host.
    """

    disk: Disk
    path: str
    subject: str
    keys: KeyPath
    is_copy: bool = False


def disks_of(match: HostMatch) -> Iterator[tuple[Disk, MachinePath, KeyPath]]:
    """Yield all disks of the VMs of a machine, each with the path of its VM and its keys."""
    for vm, path, vm_keys in match.vms:
        for keys, disk in vm.all_disks:
            yield disk, path, (*vm_keys, *keys)


def needed_parents(match: HostMatch) -> Iterator[NeededParent]:
    """Yield each disk whose parent must be on the machine before nestlab acts there.

    nestlab copies images into nested hosts; those of all levels come from the host.
    """
    return (parent for parent in parents_with_copies(match) if not parent.is_copy)


def parents_with_copies(match: HostMatch) -> Iterator[NeededParent]:
    """Yield each disk whose parent is on the machine, or is copied to it or by way of it."""
    for disk, path, keys in disks_of(match):
        if disk.parent and not disk.image:
            yield NeededParent(disk, disk.parent, path_text(path), (*keys, "parent"))
    machine, images = match.place.path, match.index.topology.images
    for place, vm in match.index.vms if images else ():
        if place.path[: len(machine)] != machine or place.path == machine:
            continue
        for keys, disk in vm.all_disks:
            image = image_named(images, disk.image)
            if image is not None:
                file = image.path_on(machine, match.disk_folder) if machine else image.path
                where = (*place.keys, *keys, "image")
                yield NeededParent(disk, file, place.subject, where, is_copy=bool(machine))
