"""Disk images of a topology, which VMs' disks are based on, and the path of each on a machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import is_
from pathlib import PureWindowsPath
from typing import Any, TypeVar

from nestlab.dataclass import dataclass, replace
from nestlab.model.machine_path import HOST, MachinePath
from nestlab.model.plain import Declared
from nestlab.model.spelling import path_key, windows_path
from nestlab.model.topology.declared_vm import SECURE_BOOT_TEMPLATES, VM, Disk, SecureBoot

NESTED_IMAGE_FOLDER = "nestlab-images"
"""The folder for images, inside a nested host's default folder for virtual hard disks."""


@dataclass(frozen=True, kw_only=True)
class Image(Declared):
    """A disk image on the host; `name` is what `disk: {image: ...}` calls it.

    A `prepared` image boots with a known account. Any other is generalized: nestlab sets up its
    Windows at the first boot with an answer file. `generation` is that of the VMs that boot from
    it; None if the topology file does not say. These properties apply to every VM whose disk uses
    the image, even if the topology file gives the path instead of the image's name.
    """

    name: str
    path: str
    os: str = "windows"  # windows | linux
    prepared: bool = True
    generation: int | None = None

    def path_inside(self, folder: str) -> str:
        r"""Return the path of the image in a nested host with this folder for virtual hard disks.

        >>> Image(name="ws2022", path=r"D:\images\a.vhdx").path_inside(r"C:\Disks")
        'C:\\Disks\\nestlab-images\\ws2022.vhdx'
        """
        suffix = PureWindowsPath(self.path).suffix
        return str(PureWindowsPath(folder) / NESTED_IMAGE_FOLDER / f"{self.name}{suffix}")

    def path_on(self, machine: MachinePath, folder: str) -> str:
        """Return the path on a machine: on the host as declared, else where nestlab puts it."""
        return windows_path(self.path) if machine == HOST else self.path_inside(folder)


def image_name_inside(path: str) -> str | None:
    r"""Return the name of an image from its path in a nested host; None for any other path.

    >>> image_name_inside(r"C:\Disks\nestlab-images\ws2022.vhdx"), image_name_inside(r"C:\a.vhdx")
    ('ws2022', None)
    """
    file = PureWindowsPath(path)
    there = file.parent.name.casefold() == NESTED_IMAGE_FOLDER.casefold()
    return file.stem if there else None


def images_by_name(images: tuple[Image, ...]) -> dict[str, Any]:
    """Return images as the topology file has them: by name."""
    return {
        image.name: {key: value for key, value in image.to_dict().items() if key != "name"}
        for image in images
    }


def image_named(images: tuple[Image, ...], name: str | None) -> Image | None:
    """Return the image of a name; None if there is none."""
    return next((image for image in images if image.name == name), None)


def image_at(images: tuple[Image, ...], path: str | None) -> Image | None:
    """Return the first image whose file has this path; None where there is none."""
    if not path or not images:
        return None
    key = path_key(path)
    return next((image for image in images if path_key(image.path) == key), None)


def image_of(images: tuple[Image, ...], vm: VM) -> Image | None:
    """Return the image that a VM's system disk is based on or is, by its name or its file's path.

    None where there is none. In a nested host, a file with the path of an image counts as a copy.
    """
    return image_of_disk(images, vm.disk) if vm.disk is not None else None


def image_of_disk(images: tuple[Image, ...], disk: Disk) -> Image | None:
    """Return the image that a disk is based on or is, found as by `image_of`."""
    if disk.image is not None:
        return image_named(images, disk.image)
    return image_at(images, disk.parent or disk.path)


def installed_system(images: tuple[Image, ...], vm: VM) -> str:
    """Return the operating system on a VM's disk: that of its image, else what `guest` says."""
    image = image_of(images, vm)
    return vm.guest.os if image is None else image.os


def secure_boot_template(images: tuple[Image, ...], vm: VM) -> SecureBoot | None:
    """Return the desired template, `SecureBoot.OFF`, or None if Secure Boot is not changed.

    Generation 1 has no Secure Boot. Without `secure_boot` in the file, the operating system on the
    disk decides; if that is not known, the VM keeps its template.
    """
    if vm.generation == 1:
        return None
    if vm.secure_boot in (None, SecureBoot.ON):
        known = SECURE_BOOT_TEMPLATES.get(installed_system(images, vm))
        return SecureBoot.WINDOWS if known is None and vm.secure_boot else known
    return vm.secure_boot


def is_generalized(images: tuple[Image, ...], vm: VM) -> bool:
    """Whether a VM's Windows is on a generalized image, and is set up at its first boot."""
    if vm.disk is None or not vm.disk.is_differencing or vm.guest.os != "windows":
        return False
    image = image_of(images, vm)
    return image is not None and not image.prepared


def image_names_used(vms: tuple[VM, ...]) -> Iterator[str]:
    """Yield the names of the images that VMs, and all VMs inside them, use."""
    for vm in vms:
        yield from (disk.image for _, disk in vm.all_disks if disk.image)
        yield from image_names_used(vm.vms)


def images_used_inside(images: tuple[Image, ...], vm: VM) -> tuple[Image, ...]:
    """Return the images that VMs inside a VM use, at any level, in the order of the file."""
    used = set(image_names_used(vm.vms))
    return tuple(image for image in images if image.name in used)


_Machine = TypeVar("_Machine", bound=Any)
_Disk = TypeVar("_Disk", bound=Disk)


def with_image_paths(
    machine: _Machine, images: tuple[Image, ...], path: MachinePath, folder: str
) -> _Machine:
    """Return a machine in which the parent of each disk of a VM is the path of its image.

    `machine` is a topology, or a VM with `nested`; `path` is its machine path, and `folder` its
    default folder for virtual hard disks. Paths are written as Windows writes them.
    """
    named = machine if path else with_image_names(machine, images)
    vms = tuple(_with_parent(vm, images, path, folder) for vm in named.vms)
    return _with_vms(named, machine.vms, vms)


def _with_vms(machine: _Machine, before: tuple[VM, ...], vms: tuple[VM, ...]) -> _Machine:
    if all(vm is old for vm, old in zip(vms, before, strict=True)):
        return machine
    if isinstance(machine, VM):
        return replace(machine, nested=machine.nested and replace(machine.nested, vms=vms))
    return replace(machine, vms=vms)


def _with_parent(vm: VM, images: tuple[Image, ...], path: MachinePath, folder: str) -> VM:
    def of_disk(disk: _Disk) -> _Disk:
        image = image_named(images, disk.image)
        parent = image.path_on(path, folder) if image else windows_path(disk.parent or "") or None
        file = windows_path(disk.path or "") or None
        same = (parent, file) == (disk.parent, disk.path)
        return disk if same else replace(disk, parent=parent, path=file)

    return _with_paths_of_drives(_with_each_disk(vm, of_disk))


def _with_paths_of_drives(vm: VM) -> VM:
    drives = tuple(
        replace(each, path=windows_path(each.path)) if each.path else each
        for each in vm.dvd_drives or ()
    )
    return vm if drives == (vm.dvd_drives or ()) else replace(vm, dvd_drives=drives)


def _with_each_disk(vm: VM, change: Callable[[Any], Any]) -> VM:
    """Return a VM with each disk changed; the same VM where none is."""
    disk = change(vm.disk) if vm.disk is not None else None
    disks = tuple(map(change, vm.disks))
    if disk is vm.disk and all(map(is_, disks, vm.disks)):
        return vm
    return replace(vm, disk=disk, disks=disks)


def with_image_names(host: _Machine, images: tuple[Image, ...]) -> _Machine:
    """Return the host with image names for the disks of its VMs whose parent is an image's file.

    A path inside a nested host names another file, so VMs there are not changed.
    """
    if not images:
        return host
    return _with_vms(host, host.vms, tuple(with_image_name(vm, images) for vm in host.vms))


def with_image_name(vm: VM, images: tuple[Image, ...]) -> VM:
    """Return a VM of the host with image names for its disks whose parent is an image's file."""

    def of_disk(disk: _Disk) -> _Disk:
        image = image_at(images, disk.parent) if disk.image is None else None
        return disk if image is None else replace(disk, image=image.name)

    return _with_each_disk(vm, of_disk)
