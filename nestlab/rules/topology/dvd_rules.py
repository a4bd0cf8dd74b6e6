"""Rules about the DVD drives of VMs in a topology, and the ISO files in them."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import GENERATIONS, IDE_LOCATIONS, SCSI_LOCATIONS
from nestlab.model.finding import Finding
from nestlab.model.machine_path import path_text
from nestlab.model.spelling import extension
from nestlab.model.topology import VM
from nestlab.rules.rule import INFERRED, Rule, Scope, detects
from nestlab.rules.topology.files_inside import PATH_INSIDE_NESTED_HOST
from nestlab.rules.topology.topology_index import TopologyIndex
from nestlab.texts import tr

ISO_FILE_WRONG = Rule(
    code="iso-file-wrong",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A file that is not an ISO file is to be in a DVD drive.",
    why="A DVD drive reads the image of a disc, an ISO file; virtual hard disks are attached as disks.",
    fix="Name an .iso file, or attach a virtual hard disk by disk or disks.",
    example="vms: [{name: a, dvd_drives: [{path: 'D:\\images\\ws2022.vhdx'}]}]",
    source=INFERRED,
)


@detects(ISO_FILE_WRONG)
def iso_file_wrong(index: TopologyIndex) -> Iterator[Finding]:
    """A file in a DVD drive whose extension is not that of an ISO file."""
    for place, keys, path in index.iso_files:
        if extension(path) != ".iso":
            message = tr(
                "names {path} for a DVD drive, whose extension is not that of an ISO file",
                path=path,
            )
            yield index.finding(ISO_FILE_WRONG, place.subject, keys, message)


TOO_MANY_DVD_DRIVES = Rule(
    code="too-many-dvd-drives",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A VM has more DVD drives than there are places for on its controllers.",
    why="DVD drives of generation 1 are on its two IDE controllers, which have 4 locations, one of them for the system disk. Those of generation 2 share the 64 locations of the SCSI controller with its disks. Add-VMDvdDrive refuses a further drive.",
    fix="Declare fewer DVD drives.",
    example="vms: [{name: a, generation: 1, disk: {size: 20GB}, dvd_drives: [{}, {}, {}, {}]}]",
    source=GENERATIONS,
)


@detects(TOO_MANY_DVD_DRIVES)
def too_many_dvd_drives(index: TopologyIndex) -> Iterator[Finding]:
    """More DVD drives than the controllers of a VM have locations for beside its disks."""
    for place, vm in index.vms:
        if not vm.dvd_drives:
            continue
        most = max(_places(vm) - _disks(vm), 0)
        if len(vm.dvd_drives) > most:
            yield index.finding(
                TOO_MANY_DVD_DRIVES,
                place.subject,
                (*place.keys, "dvd_drives"),
                tr(
                    "has {count} DVD drives; its controllers have places for {most} beside its disks",
                    count=len(vm.dvd_drives),
                    most=most,
                ),
                hint=tr("Declare at most {most} DVD drives.", most=most),
            )


def _places(vm: VM) -> int:
    return IDE_LOCATIONS if vm.generation == 1 else SCSI_LOCATIONS


def _disks(vm: VM) -> int:
    """Return how many disks are on the controllers that have the DVD drives."""
    return (vm.disk is not None) + (vm.has_seed + len(vm.disks)) * (vm.generation != 1)


@detects(PATH_INSIDE_NESTED_HOST)
def iso_file_inside_nested_host(index: TopologyIndex) -> Iterator[Finding]:
    """An ISO file at a path inside a nested host, where nothing copies it."""
    for place, keys, path in index.iso_files:
        if len(place.path) > 1:
            outer = path_text(place.path[:-1])
            message = tr(
                "needs the ISO file {path} inside {vm}, but nothing copies it there",
                path=path,
                vm=outer,
            )
            yield index.finding(
                PATH_INSIDE_NESTED_HOST, place.subject, keys, message, hint=iso_file_hint(outer)
            )


def iso_file_hint(outer: str) -> str:
    """Return the hint about an ISO file inside a nested host."""
    return tr(
        "Copy it into the image of {vm}, or later into {vm} itself and leave out path until then.",
        vm=outer,
    )


DETECTORS = (iso_file_wrong, too_many_dvd_drives, iso_file_inside_nested_host)
"""The detectors of this module, in the order of their findings."""
