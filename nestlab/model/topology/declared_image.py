"""Disk images of a topology, which VMs' disks are based on, and the path of each on a machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PureWindowsPath
from typing import Any, TypeVar

from nestlab.dataclass import dataclass, replace
from nestlab.model.machine_path import HOST, MachinePath
from nestlab.model.plain import Declared
from nestlab.model.spelling import same_path, windows_path
from nestlab.model.topology.declared_vm import SECURE_BOOT_TEMPLATES, VM, Disk, SecureBoot

NESTED_IMAGE_FOLDER = "nestlab-images"
"""The folder for images, inside a nested host's default folder for virtual hard disks."""


@dataclass(frozen=True, kw_only=True)
class Image(Declared):
    """A disk image on the host; `name` is what `disk: {image: ...}` calls it.

    A `prepared` image boots with a known account. Any other is generalized: nestlab sets up its
    Windows at the first boot with an answer file. `generation` is that of the VMs that boot from
    it; None if the file does not say. All of it holds for each VM that uses the file, also if it
    names the path instead of the image.
    """

    name: str
    path: str
    os: str = "windows"  # windows | linux
    prepared: bool = True
    generation: int | None = None

    def path_inside(self, folder: str) -> str:
        r"""Return where the image is in a nested host with this folder for virtual hard disks.

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
    if not path:
        return None
    return next((image for image in images if same_path(image.path, path)), None)


def image_of(images: tuple[Image, ...], vm: VM) -> Image | None:
    """Return the image that a VM's disk is based on or is, by its name or by the path of its file.

    None where there is none. In a nested host, a file with the path of an image counts as a copy.
    """
    if vm.disk is None:
        return None
    if vm.disk.image is not None:
        return image_named(images, vm.disk.image)
    return image_at(images, vm.disk.parent or vm.disk.path)


def installed_system(images: tuple[Image, ...], vm: VM) -> str:
    """Return the operating system on a VM's disk: that of its image, else what `guest` says."""
    image = image_of(images, vm)
    return vm.guest.os if image is None else image.os


def secure_boot_template(images: tuple[Image, ...], vm: VM) -> SecureBoot | None:
    """Return the desired template, `SecureBoot.OFF`, or None where Secure Boot is not changed.

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
        if vm.disk is not None and vm.disk.image:
            yield vm.disk.image
        yield from image_names_used(vm.vms)


def images_used_inside(images: tuple[Image, ...], vm: VM) -> tuple[Image, ...]:
    """Return the images that VMs inside a VM use, at any level, in the order of the file."""
    used = set(image_names_used(vm.vms))
    return tuple(image for image in images if image.name in used)


_Machine = TypeVar("_Machine", bound=Any)


def with_image_paths(
    machine: _Machine, images: tuple[Image, ...], path: MachinePath, folder: str
) -> _Machine:
    """Return a machine whose VMs have the path of their image as the parent of their disk.

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
    if vm.disk is None:
        return vm
    image = image_named(images, vm.disk.image)
    parent = image.path_on(path, folder) if image else windows_path(vm.disk.parent or "") or None
    file = windows_path(vm.disk.path or "") or None
    if (parent, file) == (vm.disk.parent, vm.disk.path):
        return vm
    disk: Disk = replace(vm.disk, parent=parent, path=file)
    return replace(vm, disk=disk)


def with_image_names(host: _Machine, images: tuple[Image, ...]) -> _Machine:
    """Return the host whose VMs on the file of an image name that image.

    A path inside a nested host names another file, so VMs there stay as they are.
    """
    return _with_vms(host, host.vms, tuple(with_image_name(vm, images) for vm in host.vms))


def with_image_name(vm: VM, images: tuple[Image, ...]) -> VM:
    """Return a VM of the host that names the image whose file is the parent of its disk."""
    if vm.disk is None or vm.disk.image is not None:
        return vm
    image = image_at(images, vm.disk.parent)
    return vm if image is None else replace(vm, disk=replace(vm.disk, image=image.name))
