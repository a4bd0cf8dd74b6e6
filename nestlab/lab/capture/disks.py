"""The disks of captured VMs: created by nestlab, or attached by their path; and their images."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PureWindowsPath
from typing import TypeVar

from nestlab.dataclass import replace
from nestlab.lab.capture.machine import CapturedMachine
from nestlab.model import HOST, MachinePath, path_text
from nestlab.model.first_boot_note import first_boot_of
from nestlab.model.origin import KeyPath
from nestlab.model.ownership import owner_of
from nestlab.model.size import Size
from nestlab.model.spelling import extension, same_name, same_path
from nestlab.model.state import (
    DiskFileState,
    DvdDriveState,
    HardDiskState,
    HostState,
    VirtualMachineState,
)
from nestlab.model.topology import (
    VM,
    DataDisk,
    Disk,
    DvdDrive,
    Image,
    SecureBoot,
    Topology,
    image_name_inside,
)
from nestlab.plan import data_disk_number, is_checkpoint_disk, is_seed, own_disk_path
from nestlab.texts import tr

_Disk = TypeVar("_Disk", bound=Disk)


def system_disk(machine: CapturedMachine, topology: str, vm: VirtualMachineState) -> Disk | None:
    """Return the system disk of a VM as a file of this topology declares it; None without one.

    A disk with the name that nestlab gives to a VM's disk is declared by its parent or its size,
    so that it is created where it is missing. Any other disk is declared by its path.
    """
    attached = _system_disk(topology, vm)
    if attached is None:
        return None
    path = _without_checkpoints(machine.state, attached.path)
    file = _file(machine.state, path)
    folder = machine.state.hyper_v.vm_host.virtual_hard_disk_path if machine.state.hyper_v else ""
    if file is None or not same_name(
        path, own_disk_path(folder, topology, vm.name, file.parent or None)
    ):
        return Disk(path=path)
    parent, size = _parent_and_size(machine.state, file)
    return Disk(parent=parent, size=size)


def data_disks(
    machine: CapturedMachine, topology: str, vm: VirtualMachineState
) -> tuple[DataDisk, ...]:
    """Return the data disks of a VM as a file of this topology declares them.

    Those with the name that nestlab gives to data disks of the VM are declared by their parent or
    size, others by their path.
    """
    system = _system_disk(topology, vm)
    return tuple(
        _data_disk(machine.state, topology, vm.name, disk.path)
        for disk in _without_seeds(vm, topology)
        if disk is not system
    )


def dvd_drives(vm: VirtualMachineState) -> tuple[DvdDrive, ...] | None:
    """Return the DVD drives of a VM; None if it has those that Hyper-V gives every such VM.

    None, too, if a topology file cannot say what is in them: `expressible_state` records the loss.
    """
    if any(map(is_no_iso_file, vm.dvd_drives)):
        return None
    found = tuple(DvdDrive(path=drive.path or None) for drive in vm.dvd_drives)
    usual = (DvdDrive(),) if vm.generation == 1 else ()
    return None if found == usual else found


def is_no_iso_file(drive: DvdDriveState) -> bool:
    """Whether what is in a DVD drive has no place in a file: the host's own drive, for example."""
    is_iso_file = extension(drive.path) == ".iso" and drive.path.isprintable()
    return bool(drive.path) and not is_iso_file


def seed_disks(machine: CapturedMachine, vm: VirtualMachineState) -> tuple[DataDisk, ...]:
    """Return the seed disks that nestlab wrote for a VM as data disks with their paths."""
    owner = owner_of(vm.notes) or ""
    found = (disk.path for disk in vm.hard_disks if is_seed(disk, owner, vm.name))
    return tuple(DataDisk(path=_without_checkpoints(machine.state, path)) for path in found)


def _data_disk(state: HostState, topology: str, vm: str, attached: str) -> DataDisk:
    path = _without_checkpoints(state, attached)
    file = _file(state, path)
    if file is None or not data_disk_number(path, topology, vm):
        return DataDisk(path=path)
    parent, size = _parent_and_size(state, file)
    return DataDisk(parent=parent, size=size)


def _parent_and_size(state: HostState, file: DiskFileState) -> tuple[str | None, Size | None]:
    """Return the parent of a disk that nestlab created, and its size where the file declares it."""
    if not file.parent:
        return None, file.size
    parent = _file(state, file.parent)
    return file.parent, file.size if parent is not None and parent.size != file.size else None


def _system_disk(topology: str, vm: VirtualMachineState) -> HardDiskState | None:
    """Return the first disk of a VM that is not a data disk; generation 1 boots from IDE only."""
    candidates = (
        disk
        for disk in _without_seeds(vm, topology)
        if not data_disk_number(disk.path, topology, vm.name)
        and (vm.generation != 1 or disk.controller_type == "IDE")
    )
    return next(candidates, None)


def _without_seeds(vm: VirtualMachineState, topology: str) -> Iterator[HardDiskState]:
    """Yield the disks of a VM that are files, without the seed disks that nestlab wrote."""
    return (disk for disk in vm.hard_disks if disk.path and not is_seed(disk, topology, vm.name))


def _file(state: HostState, path: str) -> DiskFileState | None:
    files = state.hyper_v.disk_files if state.hyper_v else ()
    return next((file for file in files if same_path(file.path, path)), None)


def _without_checkpoints(state: HostState, path: str) -> str:
    """Return the disk under the checkpoints of a VM, as far as the chain was read."""
    seen: set[str] = set()
    while is_checkpoint_disk(path) and path not in seen:
        seen.add(path)
        file = _file(state, path)
        path = file.parent if file and file.parent else path
    return path


def with_images(topology: Topology, machines: dict[MachinePath, CapturedMachine]) -> Topology:
    """Return a topology whose VMs use images where nestlab needs them.

    Images are needed for VMs in nested hosts, because nestlab copies their parent disks there, and
    for Windows guests that an answer file set up. Where the image of a VM in a nested host is not
    found among the disks of the host, the VM keeps the path, and a loss is recorded.
    """
    finder = _ImageFinder(topology, machines)
    vms = tuple(finder.with_images_in(HOST, topology.vms))
    return replace(topology, vms=vms, images=tuple(finder.images.values()))


class _ImageFinder:
    """Finds the images that a file has to declare; `images` has them by name.

    An image in a nested host has its name in its path there; other images are named after their
    file.
    """

    def __init__(self, topology: Topology, machines: dict[MachinePath, CapturedMachine]) -> None:
        self._machines = machines
        hyper_v = machines[HOST].state.hyper_v
        self._parents = (
            {file.parent.casefold() for file in hyper_v.disk_files} if hyper_v else set()
        )
        self.images: dict[str, Image] = {}
        self._names: dict[tuple[MachinePath, KeyPath], str] = {}
        vms = [(path, vm) for path, vm in topology.machines() if isinstance(vm, VM)]
        # VMs in nested hosts come first, because the names of their images are fixed.
        for path, vm in sorted(vms, key=lambda item: len(item[0]) == 1):
            for keys, disk in vm.all_disks:
                on_host = self._path_on_host(path, disk)
                boots = disk is vm.disk and self._had_first_boot(path)
                if on_host and (len(path) > 1 or boots):
                    self._add(on_host, path, vm, keys)

    def _had_first_boot(self, path: MachinePath) -> bool:
        machine = self._machines[path[:-1]]
        found = (vm for vm in machine.vms if same_name(vm.name, path[-1]))
        return any(first_boot_of(vm.notes) for vm in found)

    def _path_on_host(self, path: MachinePath, disk: Disk) -> str | None:
        """Return the parent of a disk of a VM, as a path on the host; None if it is not known.

        A copy in a nested host has the size of the file that it was copied from. Of several such
        files, the likeliest has the image's name, or is the parent of another disk.
        """
        parent = disk.parent
        if parent is None or len(path) == 1:
            return parent
        name, copy = image_name_inside(parent), _file(self._machines[path[:-1]].state, parent)
        if name is None or copy is None:
            return None
        hyper_v = self._machines[HOST].state.hyper_v
        same = [
            file.path
            for file in (hyper_v.disk_files if hyper_v else ())
            if not file.parent
            and (file.size, file.file_size) == (copy.size, copy.file_size)
            and PureWindowsPath(file.path).suffix.casefold()
            == PureWindowsPath(parent).suffix.casefold()
        ]
        named = [file for file in same if same_name(PureWindowsPath(file).stem, name)]
        in_use = [file for file in same if file.casefold() in self._parents]
        likeliest = named or in_use or same
        return likeliest[0] if len(likeliest) == 1 else None

    def _add(self, on_host: str, path: MachinePath, vm: VM, keys: KeyPath) -> None:
        """Declare the image of a disk, unless another file of the host has its name already.

        The operating system of the VM is on its system disk; what is on a data disk is not known.
        """
        disk = dict(vm.all_disks)[keys]
        inside = image_name_inside(disk.parent or "")
        name = inside if inside and len(path) > 1 else self._name_of(on_host)
        known = self.images.get(name)
        if known and not same_path(known.path, on_host):
            return
        self._names[path, keys] = name
        if disk is not vm.disk:
            self.images[name] = known or Image(name=name, path=on_host)
            return
        prepared = not self._had_first_boot(path) and (known is None or known.prepared)
        is_linux = vm.guest.os == "linux" or vm.secure_boot is SecureBoot.UEFI_CA
        os = "linux" if is_linux else "windows"
        is_generation_1 = vm.generation == 1 and os == "windows"
        generation = 1 if is_generation_1 else known.generation if known else None
        self.images[name] = Image(
            name=name, path=on_host, os=os, prepared=prepared, generation=generation
        )

    def _name_of(self, on_host: str) -> str:
        """Return the name of the image with this file; a new one after the file's name."""
        known = (i.name for i in self.images.values() if same_path(i.path, on_host))
        stem = re.sub(r"[^A-Za-z0-9_-]+", "-", PureWindowsPath(on_host).stem).strip("-_")[:50]
        names = (stem or "image", *(f"{stem or 'image'}-{number}" for number in range(2, 1000)))
        taken = {name.casefold() for name in self.images}
        return next(known, next(name for name in names if name.casefold() not in taken))

    def with_images_in(self, path: MachinePath, vms: tuple[VM, ...]) -> Iterator[VM]:
        """Yield the VMs of a machine, and those inside them, on their images."""
        for vm in vms:
            inner = (*path, vm.name)
            nested = vm.nested and replace(vm.nested, vms=tuple(self.with_images_in(inner, vm.vms)))
            yield replace(self._with_image(inner, vm), nested=nested)

    def _with_image(self, path: MachinePath, vm: VM) -> VM:
        disk = self._on_image(path, ("disk",), vm.disk) if vm.disk else None
        disks = (self._on_image(path, ("disks", n), each) for n, each in enumerate(vm.disks))
        return replace(vm, disk=disk, disks=tuple(disks))

    def _on_image(self, path: MachinePath, keys: KeyPath, disk: _Disk) -> _Disk:
        name = self._names.get((path, keys))
        if disk.parent is None:
            return disk
        if name is not None:
            return replace(disk, image=name, parent=None)
        if len(path) > 1:
            self._machines[HOST].record_loss(
                f"VM {path_text(path)}",
                tr(
                    "it is not known which file of the host {parent} was copied from; declare it in images to build this lab on another host",
                    parent=disk.parent,
                ),
            )
        return disk
