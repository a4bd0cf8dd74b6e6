"""Disk images of a topology, which VMs' disks are based on, and the path of each on a machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PureWindowsPath
from typing import Any, TypeVar

from nestlab.dataclass import dataclass, replace
from nestlab.model.machine_path import HOST, MachinePath
from nestlab.model.plain import Declared
from nestlab.model.topology.declared_vm import VM, Disk

NESTED_IMAGE_FOLDER = "nestlab-images"
"""The folder for images, inside a nested host's default folder for virtual hard disks."""


@dataclass(frozen=True, kw_only=True)
class Image(Declared):
    """A disk image on the host; `name` is what `disk: {image: ...}` calls it.

    A `prepared` image boots with a known account. Any other is generalized: nestlab sets up its
    Windows at the first boot with an answer file. `generation` is that of the VMs that boot from
    it; None if the file does not say.
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
        return self.path if machine == HOST else self.path_inside(folder)


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


def is_generalized(images: tuple[Image, ...], vm: VM) -> bool:
    """Whether a VM's Windows is on a generalized image, and is set up at its first boot."""
    image = image_named(images, vm.disk.image) if vm.disk is not None else None
    return image is not None and not image.prepared and vm.guest.os == "windows"


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
    default folder for virtual hard disks.
    """
    if not any(vm.disk is not None and vm.disk.image for vm in machine.vms):
        return machine
    vms = tuple(_with_parent(vm, images, path, folder) for vm in machine.vms)
    if isinstance(machine, VM):
        return replace(machine, nested=machine.nested and replace(machine.nested, vms=vms))
    return replace(machine, vms=vms)


def _with_parent(vm: VM, images: tuple[Image, ...], path: MachinePath, folder: str) -> VM:
    image = image_named(images, vm.disk.image) if vm.disk is not None else None
    if vm.disk is None or image is None:
        return vm
    disk: Disk = replace(vm.disk, parent=image.path_on(path, folder))
    return replace(vm, disk=disk)
