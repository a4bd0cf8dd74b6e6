"""Disks at paths inside nested hosts that are still to be created."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PureWindowsPath

from nestlab.model.finding import Finding
from nestlab.model.machine_path import path_text
from nestlab.model.topology import VM, image_at
from nestlab.rules.match.host_match import HostMatch
from nestlab.rules.rule import detects
from nestlab.rules.topology.files_inside import (
    PATH_INSIDE_NESTED_HOST,
    files_inside,
    image_instead,
)
from nestlab.rules.topology.places import MachinePlace
from nestlab.texts import tr

_SYSTEM_DRIVE = "c:"


@detects(PATH_INSIDE_NESTED_HOST)
def file_not_in_new_nested_host(match: HostMatch) -> Iterator[Finding]:
    """A disk inside a nested host that does not exist yet, whose file nothing copies there.

    Only the disk of the nested host can contain it, on its only drive.
    """
    new = {place.path: place for place in match.new_nested_hosts}
    for disk, key, path in files_inside(match.index) if new else ():
        outer = new.get(disk.machine.path[:-1])
        if outer is None or may_be_there(match, outer, path):
            continue
        host = path_text(outer.path)
        yield match.finding(
            PATH_INSIDE_NESTED_HOST.at("error"),
            disk.subject,
            (*disk.keys, key),
            tr(
                "needs the disk {path} inside {vm}, which nestlab creates, and nothing copies it there",
                path=path,
                vm=host,
            ),
            hint=image_instead(match.index, outer.path, path, is_data_disk="disks" in disk.keys),
        )


def may_be_there(match: HostMatch, outer: MachinePlace, path: str) -> bool:
    """Whether the disk that the nested host starts with may have the file.

    Windows on one disk has the drive C: only, unless the disk was divided. A data disk that is not
    a new, empty one may have another drive.
    """
    if image_at(match.index.topology.images, path) is not None:
        return False  # a file of the host, which cannot be in the image
    vm = outer.machine if isinstance(outer.machine, VM) else None
    disk = vm.disk if vm else None
    is_installed = disk is not None and not disk.is_empty
    has_other_drives = vm is not None and not all(each.is_empty for each in vm.disks)
    on_system_drive = PureWindowsPath(path).drive.lower() == _SYSTEM_DRIVE
    return (is_installed and on_system_drive) or (has_other_drives and not on_system_drive)


DETECTORS = (file_not_in_new_nested_host,)
"""The detectors of this module, in the order of their findings."""
