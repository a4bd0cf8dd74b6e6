"""The rule about files of disks inside nested hosts."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.model.finding import Finding
from nestlab.model.machine_path import MachinePath, path_text
from nestlab.model.origin import KeyPath
from nestlab.model.topology import image_at
from nestlab.rules.rule import NESTLAB, Rule, Scope, Variant, detects
from nestlab.rules.topology.places import DiskPlace
from nestlab.rules.topology.topology_index import TopologyIndex
from nestlab.texts import tr

PATH_INSIDE_NESTED_HOST = Rule(
    code="path-inside-nested-host",
    severity="warning",
    looks_at=(Scope.TOPOLOGY, Scope.MATCH),
    meaning="A VM in a nested host has its disk, or the parent of it, at a path that nestlab copies no file to.",
    why="The path is one inside the nested host. Unless the file is in the image of the nested host, New-VHD or New-VM fails there, after the nested host was created and set up.",
    fix="Define the file on the host under images, and write disk: {image: NAME}, or disks: [{image: NAME}] for a data disk: nestlab copies it into nested hosts.",
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
    for disk, key, path in files_inside(index):
        outer = path_text(disk.machine.path[:-1])
        yield index.finding(
            PATH_INSIDE_NESTED_HOST,
            disk.subject,
            (*disk.keys, key),
            tr(
                "needs the disk {path} inside {vm}, but nothing copies it there",
                path=path,
                vm=outer,
            ),
            hint=image_instead(index, disk.machine.path, disk.keys, path),
        )


def files_inside(index: TopologyIndex) -> Iterator[tuple[DiskPlace, str, str]]:
    """Yield the disks inside nested hosts, with the key and the path of each file they name."""
    for disk in index.disks:
        for key, path in disk.files if len(disk.machine.path) > 1 else ():
            yield disk, key, path


def image_instead(index: TopologyIndex, vm: MachinePath, keys: KeyPath, path: str) -> str:
    """Return the hint for a path inside a nested host: the image to write instead.

    `keys` are those of the disk, or of a path of it.
    """
    image = image_at(index.topology.images, path)
    disk = f"{{image: {image.name if image else 'NAME'}}}"
    entry = f"disks: [{disk}]" if "disks" in keys else f"disk: {disk}"
    if image is None:
        return tr(
            "Define the file on the host under images, and write {entry}: nestlab copies it into nested hosts.",
            entry=entry,
        )
    return tr(
        "Write {entry}: nestlab copies that image into {vm}.", entry=entry, vm=path_text(vm[:-1])
    )
