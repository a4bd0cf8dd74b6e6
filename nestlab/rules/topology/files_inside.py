"""The rule about files of disks inside nested hosts."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial

from nestlab.model.finding import Finding
from nestlab.model.machine_path import MachinePath, path_text
from nestlab.model.topology import image_at
from nestlab.rules.rule import NESTLAB, Rule, Scope, Variant, detects
from nestlab.rules.topology.places import DiskPlace
from nestlab.rules.topology.topology_index import TopologyIndex
from nestlab.texts import tr

PATH_INSIDE_NESTED_HOST = Rule(
    code="path-inside-nested-host",
    severity="warning",
    looks_at=(Scope.TOPOLOGY, Scope.MATCH),
    meaning="A VM in a nested host has its disk, the parent of it, or an ISO file at a path that nestlab copies no file to.",
    why="The path is one inside the nested host. Unless the file is in the image of the nested host, New-VHD, New-VM or Add-VMDvdDrive fails there, after the nested host was created and set up.",
    fix="Define the file on the host under images, and write disk: {image: NAME}, or disks: [{image: NAME}] for a data disk: nestlab copies it into nested hosts. An ISO file has to be in the image of the nested host.",
    example="vms: [{name: HV1, memory_startup: 8GB, guest: {os: windows, credential: c}, disk: {path: 'D:\\vms\\hv1.vhdx'}, nested: {vms: [{name: web1, disk: {parent: 'D:\\images\\ws2022.vhdx'}}]}}]",
    source=NESTLAB,
    variants=(
        Variant(
            "error",
            "on a host where the nested host is to be created, and its disk cannot have the file",
        ),
    ),
)


@detects(PATH_INSIDE_NESTED_HOST)
def path_inside_nested_host(index: TopologyIndex) -> Iterator[Finding]:
    """A disk or a parent named by a path inside a nested host, where nothing copies it."""
    texts = cache(partial(_texts, index))  # the VMs of a nested host often have the same path
    for disk, key, path in files_inside(index):
        message, hint = texts(disk.machine.path[:-1], path, disk.keys[-1] != "disk")
        keys = (*disk.keys, key)
        yield index.finding(PATH_INSIDE_NESTED_HOST, disk.subject, keys, message, hint=hint)


def _texts(
    index: TopologyIndex,
    outer: MachinePath,
    path: str,
    is_data_disk: bool,  # noqa: FBT001  # a cache takes longer for names
) -> tuple[str, str]:
    """Return message and hint about a path inside a nested host."""
    message = tr(
        "needs the disk {path} inside {vm}, but nothing copies it there",
        path=path,
        vm=path_text(outer),
    )
    return message, image_instead(index, outer, path, is_data_disk=is_data_disk)


def files_inside(index: TopologyIndex) -> Iterator[tuple[DiskPlace, str, str]]:
    """Return the disks inside nested hosts, with the key and the path of each file they name."""
    return (each for each in index.disk_files if len(each[0].machine.path) > 1)


def image_instead(
    index: TopologyIndex, outer: MachinePath, path: str, *, is_data_disk: bool
) -> str:
    """Return the hint for a path inside a nested host: the image to write instead.

    `outer` is the machine path of the nested host.
    """
    image = image_at(index.topology.images, path)
    disk = f"{{image: {image.name if image else 'NAME'}}}"
    entry = f"disks: [{disk}]" if is_data_disk else f"disk: {disk}"
    if image is None:
        return tr(
            "Define the file on the host under images, and write {entry}: nestlab copies it into nested hosts.",
            entry=entry,
        )
    return tr(
        "Write {entry}: nestlab copies that image into {vm}.", entry=entry, vm=path_text(outer)
    )
