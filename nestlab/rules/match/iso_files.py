"""ISO files for DVD drives that are missing on the machine."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.model.finding import Finding
from nestlab.model.machine_path import path_text
from nestlab.model.spelling import path_key
from nestlab.rules.match.files_in_nested_hosts import may_be_there
from nestlab.rules.match.host_match import HostMatch
from nestlab.rules.rule import INFERRED, Rule, Scope, detects
from nestlab.rules.topology.dvd_rules import iso_file_hint
from nestlab.rules.topology.files_inside import PATH_INSIDE_NESTED_HOST
from nestlab.texts import tr

ISO_FILE_MISSING = Rule(
    code="iso-file-missing",
    severity="error",
    looks_at=(Scope.MATCH,),
    meaning="An ISO file that is to be in a DVD drive is not on the machine.",
    why="Add-VMDvdDrive and Set-VMDvdDrive fail, and a VM with such a drive does not start.",
    fix="Copy the file to that path, correct the path, or leave it out: the drive is empty then.",
    example="D:\\iso\\ws2022.iso",
    source=INFERRED,
)


@detects(ISO_FILE_MISSING)
def iso_file_missing(match: HostMatch) -> Iterator[Finding]:
    """An ISO file that is not on the machine."""
    if match.hyper_v is None:
        return
    for vm, path, keys in match.vms:
        for number, drive in enumerate(vm.dvd_drives or ()):
            if drive.path and path_key(drive.path) not in match.hyper_v.dvd_images:
                message = tr(
                    "needs the ISO file {path}, which is not on {machine}",
                    path=drive.path,
                    machine=match.machine_name,
                )
                where = (*keys, "dvd_drives", number, "path")
                yield match.finding(ISO_FILE_MISSING, path_text(path), where, message)


@detects(PATH_INSIDE_NESTED_HOST)
def iso_file_not_in_new_nested_host(match: HostMatch) -> Iterator[Finding]:
    """An ISO file inside a nested host that does not exist yet, and whose disk cannot have it."""
    new = {place.path: place for place in match.new_nested_hosts}
    for place, keys, path in match.index.iso_files if new else ():
        outer = new.get(place.path[:-1])
        if outer is None or may_be_there(match, outer, path):
            continue
        host = path_text(outer.path)
        message = tr(
            "needs the ISO file {path} inside {vm}, which nestlab creates, and nothing copies it there",
            path=path,
            vm=host,
        )
        rule = PATH_INSIDE_NESTED_HOST.at("error")
        yield match.finding(rule, place.subject, keys, message, hint=iso_file_hint(host))


DETECTORS = (iso_file_missing, iso_file_not_in_new_nested_host)
"""The detectors of this module, in the order of their findings."""
