"""Rules about the Windows paths of images and disks."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import FILE_NAMES
from nestlab.model.finding import Finding
from nestlab.model.origin import KeyPath
from nestlab.model.spelling import is_absolute
from nestlab.rules.rule import INFERRED, Rule, Scope, detects
from nestlab.rules.topology.topology_index import TopologyIndex
from nestlab.texts import tr

PATH_NOT_ABSOLUTE = Rule(
    code="path-not-absolute",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="The path of an image, of a disk or of an ISO file is relative.",
    why="Windows resolves a relative path against the current folder of its session.",
    fix="Write a full path such as 'D:\\images\\ws2022.vhdx', in single quotes.",
    example="images: {ws2022: {path: ws2022.vhdx}}\nvms: [{name: web1, disk: {image: ws2022}}]",
    source=INFERRED,
)


PATH_NOT_POSSIBLE = Rule(
    code="path-not-possible",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="The path of an image, of a disk or of an ISO file has a character that no file name in Windows has.",
    why="Windows cannot create or open such a file.",
    fix="Write a path without the characters that the message names.",
    example="vms: [{name: web1, disk: {path: 'D:\\vms\\web|1.vhdx'}}]",
    source=FILE_NAMES,
)
_RESERVED = '<>:"|?*'
_LONG_PATH_PREFIX = "\\\\?\\"


@detects(PATH_NOT_ABSOLUTE)
def path_not_absolute(index: TopologyIndex) -> Iterator[Finding]:
    """A path that depends on the folder that a session is in."""
    relative = {path for path in index.paths if not is_absolute(path)}
    for subject, keys, path in _paths(index) if relative else ():
        if path in relative:
            message = tr("has the path {path}, which is not absolute", path=path)
            yield index.finding(PATH_NOT_ABSOLUTE, subject, keys, message)


@detects(PATH_NOT_POSSIBLE)
def path_not_possible(index: TopologyIndex) -> Iterator[Finding]:
    """A path with a character that Windows reserves."""
    reserved = {path: found for path in index.paths if (found := _reserved(path))}
    for subject, keys, path in _paths(index) if reserved else ():
        if path in reserved:
            message = tr(
                "has the path {path}, in which Windows does not allow {characters}",
                path=path,
                characters=" ".join(reserved[path]),
            )
            yield index.finding(PATH_NOT_POSSIBLE, subject, keys, message)


def _reserved(path: str) -> list[str]:
    """Return the characters of a path that no file name has.

    The colon of a drive and the prefix of a long path are not among them. Control characters are
    refused when the file is read.
    """
    names = path.removeprefix(_LONG_PATH_PREFIX)
    names = names[2:] if names[1:2] == ":" else names
    return [char for char in dict.fromkeys(names) if char in _RESERVED]


def _paths(index: TopologyIndex) -> Iterator[tuple[str, KeyPath, str]]:
    for image in index.topology.images:
        yield f"image {image.name}", ("images", image.name, "path"), image.path
    for disk, key, path in index.disk_files:
        yield disk.subject, (*disk.keys, key), path
    for place, keys, path in index.iso_files:
        yield place.subject, keys, path


DETECTORS = (path_not_absolute, path_not_possible)
