"""Matching the data disks of a VM in the file with disk files on its host.

A topology file gives data disks no names, and users change the list: they insert, remove and
enlarge disks. Disks that nestlab created have numbers, which do not change. A disk in the file is
matched with the existing disk at the same position, if that has its size and parent; else with
another one that has them; else with an attached one that only needs another size. A disk without a
match is created.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import PureWindowsPath

from nestlab.dataclass import dataclass
from nestlab.model.spelling import same_path
from nestlab.model.state import DiskFileState, HyperVState
from nestlab.model.topology import VM, DataDisk
from nestlab.plan.disk_names import data_disk_number, own_data_disk_path
from nestlab.plan.in_use import is_checkpoint_disk


@dataclass(frozen=True, kw_only=True)
class PlacedDisk:
    """A data disk of the topology with its path, and its number if nestlab creates it.

    A disk that the file names by its path has the number 0.
    """

    disk: DataDisk
    path: str
    number: int

    @property
    def label(self) -> str:
        """Its name in the ids of steps."""
        return f"disk-{self.number}" if self.number else self.path


@dataclass(frozen=True)
class _Existing:
    """A data disk that nestlab created for a VM; `file` is None where it could not be read."""

    number: int
    path: str
    is_attached: bool
    file: DiskFileState | None

    def equals(self, disk: DataDisk) -> bool:
        """Whether it matches a disk of the topology unchanged; true if it could not be read."""
        if self.file is None:
            return True
        return self._has_parent_of(disk) and disk.size in (None, self.file.size)

    def can_become(self, disk: DataDisk) -> bool:
        """Whether it matches a disk of the topology once its size is changed.

        The size of a file that is attached to no VM is not changed.
        """
        return self.is_attached and self._has_parent_of(disk)

    def _has_parent_of(self, disk: DataDisk) -> bool:
        return self.file is None or same_path(self.file.parent, disk.parent or "")


def placed_disks(hyper_v: HyperVState, topology: str, vm: VM) -> tuple[PlacedDisk, ...]:
    """Return the data disks of a VM with their paths, in the order of the file.

    The disks of `vm` must have the paths of their parents (`with_image_paths`).
    """
    wanted = [disk for disk in vm.disks if disk.path is None]
    existing = _existing(hyper_v, topology, vm)
    found = _matched(wanted, existing)
    taken = {each.number for each in existing}
    numbers = (number for number in count(1) if number not in taken)
    folder, created = hyper_v.vm_host.virtual_hard_disk_path, iter(range(len(wanted)))
    placed = []
    for disk in vm.disks:
        if disk.path is not None:
            placed.append(PlacedDisk(disk=disk, path=disk.path, number=0))
        elif (match := found.get(next(created))) is not None:
            placed.append(PlacedDisk(disk=disk, path=match.path, number=match.number))
        else:
            number = next(numbers)
            path = own_data_disk_path(folder, topology, vm.name, number, disk.parent)
            placed.append(PlacedDisk(disk=disk, path=path, number=number))
    return tuple(placed)


def data_disk_files(hyper_v: HyperVState, topology: str, vm: VM) -> Iterator[str]:
    """Yield the paths of the files that may be data disks which nestlab created for a VM.

    New disks get the lowest free numbers, so these include all that an interrupted run may have
    left, unless the VM had more disks then.
    """
    folder, current = hyper_v.vm_host.virtual_hard_disk_path, hyper_v.vm(vm.name)
    attached = [
        (number, disk.path)
        for disk in (current.hard_disks if current else ())
        if (number := data_disk_number(disk.path, topology, vm.name))
    ]
    yield from (_base_path(path, topology, vm.name, number) for number, path in attached)
    parents = [disk.parent for disk in vm.disks if disk.path is None]
    for number in range(1, len(attached) + len(parents) + 1 if parents else 1):
        for parent in dict.fromkeys(parents):
            yield own_data_disk_path(folder, topology, vm.name, number, parent)


def _existing(hyper_v: HyperVState, topology: str, vm: VM) -> list[_Existing]:
    """Return the disks that nestlab created for a VM, attached ones first, by number."""
    current = hyper_v.vm(vm.name)
    attached = [disk.path for disk in current.hard_disks] if current else []
    files = {file.path.casefold(): file for file in hyper_v.disk_files}
    named = {disk.path.casefold() for disk in vm.disks if disk.path}
    found: dict[int, _Existing] = {}
    for path in (*attached, *(file.path for file in hyper_v.disk_files)):
        number = data_disk_number(path, topology, vm.name)
        if not number or number in found:
            continue
        base = _base_path(path, topology, vm.name, number)
        if base.casefold() not in named:
            file = files.get(base.casefold())
            if file is not None or path in attached:
                found[number] = _Existing(number, base, path in attached, file)
    return sorted(found.values(), key=lambda each: (not each.is_attached, each.number))


def _base_path(path: str, topology: str, vm: str, number: int) -> str:
    """Return the disk below a checkpoint, which Hyper-V names ``<name>_<GUID>.avhdx``."""
    if not is_checkpoint_disk(path):
        return path
    file = PureWindowsPath(path)
    suffix = f".{file.suffix[2:]}"
    return own_data_disk_path(str(file.parent), topology, vm, number, f"a{suffix}")


def _matched(wanted: Sequence[DataDisk], existing: Sequence[_Existing]) -> dict[int, _Existing]:
    """Return the existing disk that matches each wanted disk, by the index of the wanted disk."""
    found = {
        index: each
        for index, (disk, each) in enumerate(zip(wanted, existing, strict=False))
        if each.equals(disk)
    }
    for fits in (_Existing.equals, _Existing.can_become):
        for index, disk in enumerate(wanted):
            if index in found:
                continue
            taken = {each.number for each in found.values()}
            left = (each for each in existing if each.number not in taken)
            match = next((each for each in left if fits(each, disk)), None)
            if match is not None:
                found[index] = match
    return found
