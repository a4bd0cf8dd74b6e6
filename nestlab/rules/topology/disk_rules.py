"""Rules about the disks of VMs in a topology."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import (
    DISK_SIZE_MAXIMUM,
    DISK_SIZE_MINIMUM,
    NEW_VHD,
    SCALABILITY,
    SCSI_LOCATIONS,
    SECURE_BOOT,
    VHD_SIZE_MAXIMUM,
)
from nestlab.model.finding import Finding
from nestlab.model.machine_path import MachinePath
from nestlab.model.size import Size
from nestlab.model.spelling import extension, path_key
from nestlab.model.topology import VM, VMState
from nestlab.rules.rule import INFERRED, Rule, Scope, Variant, detects
from nestlab.rules.topology.places import DiskPlace
from nestlab.rules.topology.topology_index import TopologyIndex
from nestlab.texts import mark, tr, translate

_DISKS = frozenset({".vhdx", ".vhd", ".vhds", ".avhdx", ".avhd"})
_OLD_FORMAT = frozenset({".vhd", ".avhd"})
_CONVERT = mark("Name a .vhdx file: qemu-img convert -O vhdx makes one of it.")
_OTHER_FILE = mark("Name a .vhdx file.")
_HINTS = {
    ".iso": mark(
        "Name a .vhdx file with an installed system. An ISO file is an installation medium: dvd_drives inserts it into a DVD drive."
    ),
    **dict.fromkeys((".qcow2", ".qcow", ".vmdk", ".vdi", ".img", ".raw"), _CONVERT),
}

DISK_SIZE_NOT_POSSIBLE = Rule(
    code="disk-size-not-possible",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A disk has a size that New-VHD does not create.",
    why="A disk in the VHDX format is 3 MB to 64 TB in size, and one on a parent in the VHD format at most 2040 GB; New-VHD refuses any other size.",
    fix="Set size to a value from 3MB to 64TB. An empty disk takes space only as it is written to.",
    example="vms: [{name: a, disk: {size: 100TB}}]",
    source=NEW_VHD,
)


@detects(DISK_SIZE_NOT_POSSIBLE)
def disk_size_not_possible(index: TopologyIndex) -> Iterator[Finding]:
    """A disk that is smaller or larger than New-VHD creates."""
    for place in index.disks:
        size = place.disk.size
        if size is None or DISK_SIZE_MINIMUM <= size <= (most := _largest(place)):
            continue
        if size < DISK_SIZE_MINIMUM:
            limit = DISK_SIZE_MINIMUM
            message = tr(
                "has a disk of {size}; a disk must be at least {limit}", size=size, limit=limit
            )
            hint = tr("Set size to at least {limit}.", limit=limit)
        else:
            message = tr(
                "has a disk of {size}; a disk must be at most {limit}", size=size, limit=most
            )
            hint = tr("Set size to at most {limit}.", limit=most)
        keys = (*place.keys, "size")
        yield index.finding(DISK_SIZE_NOT_POSSIBLE, place.subject, keys, message, hint=hint)


def _largest(place: DiskPlace) -> Size:
    """Return the maximum size of a disk; one on a parent in the VHD format has that format too."""
    image = place.image if place.disk.image else None
    parent = (image.path if image else place.disk.parent) or ""
    return VHD_SIZE_MAXIMUM if extension(parent) in _OLD_FORMAT else DISK_SIZE_MAXIMUM


DISK_FORMAT_WRONG = Rule(
    code="disk-format-wrong",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A file that is not a virtual hard disk, or has the format VHD, is to be the disk of a VM.",
    why="Generation 2 supports disks in the VHDX format only, and New-VM and New-VHD refuse files of other kinds, such as ISO images.",
    fix="Name a .vhdx file: Convert-VHD converts a .vhd file. Generation 1 supports .vhd files too.",
    example="vms: [{name: a, disk: {parent: 'D:\\images\\ws2012.vhd'}}]",
    source=SECURE_BOOT,
)


@detects(DISK_FORMAT_WRONG)
def disk_format_wrong(index: TopologyIndex) -> Iterator[Finding]:
    """A disk that the VM's generation does not support, by its file extension."""
    for place in index.disks:
        generation, image = place.vm.generation, place.image
        named = place.files
        if image is not None and place.disk.image and not place.disk.parent:
            named = (("image", image.path), *named)
        for key, path in named:
            suffix = extension(path)
            if suffix not in _DISKS:
                message = tr(
                    "names {path}, whose extension is not that of a virtual hard disk", path=path
                )
                hint = translate(_HINTS.get(suffix, _OTHER_FILE))
            elif generation == 2 and suffix in _OLD_FORMAT:  # noqa: PLR2004  # generation 1 supports both
                message = tr(
                    "is of generation 2, which does not support the format of {path}", path=path
                )
                hint = " ".join(
                    (
                        tr("Name a .vhdx file: Convert-VHD converts it; or set generation: 1."),
                        place.machine.generation_hint,
                    )
                )
            else:
                continue
            keys = (*place.keys, key)
            yield index.finding(DISK_FORMAT_WRONG, place.subject, keys, message, hint=hint)


DISK_IN_TWO_VMS = Rule(
    code="disk-in-two-vms",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="Two VMs of one machine have the same file as their disk, or one VM has it twice.",
    why="A VM opens its disk exclusively: the second VM does not start while the first one runs. Add-VMHardDiskDrive refuses to attach a file to a VM twice.",
    fix="Give each VM its own disk: disk: {parent: ...}, or disks: [{parent: ...}] for a data disk, creates a differencing disk for each. A data disk that two VMs share cannot be described in a topology.",
    example="vms:\n  - {name: a, disk: {path: 'D:\\VMs\\lab.vhdx'}}\n  - {name: b, disk: {path: 'D:\\VMs\\lab.vhdx'}}",
    source=INFERRED,
    variants=(Variant("warning", "if at most one of the two is to run"),),
)


@detects(DISK_IN_TWO_VMS)
def disk_in_two_vms(index: TopologyIndex) -> Iterator[Finding]:
    """The same file as a disk of two VMs, only one of which can run; or twice in one VM."""
    first: dict[tuple[MachinePath, str], VM] = {}
    for place in index.disks:
        path = place.disk.path
        if not path:
            continue
        key = (place.machine.path[:-1], path_key(path))
        other = first.get(key)
        first.setdefault(key, place.vm)
        if other is not None:
            yield _second_use(index, place, path, other)
    yield from _names_of_data_disks(index)


def _second_use(index: TopologyIndex, place: DiskPlace, path: str, other: VM) -> Finding:
    """Return the finding that a disk is also one of another VM, or of the same."""
    vm, subject, keys = place.vm, place.subject, (*place.keys, "path")
    if other is vm:
        message = tr("has the disk {path} twice", path=path)
        return index.finding(DISK_IN_TWO_VMS, subject, keys, message, hint=translate(_TWICE))
    both = vm.state is VMState.RUNNING and other.state is VMState.RUNNING
    rule = DISK_IN_TWO_VMS.at("error" if both else "warning")
    message = tr("has the disk {path} of {vm}: only one of them can run", path=path, vm=other.name)
    hint = translate(_OWN_DATA_DISK if "disks" in keys else _OWN_DISK)
    return index.finding(rule, subject, keys, message, hint=hint)


_OWN_DISK = mark(
    "Give each VM its own disk: disk: {parent: ...} creates a differencing disk for each."
)
_OWN_DATA_DISK = mark(
    "Give each VM its own disk: disks: [{parent: ...}] creates a differencing disk for each. A disk that two VMs share cannot be described in a topology."
)
_TWICE = mark(
    "Name each file once. With a count, write its number into the path: 'D:\\VMs\\data{n}.vhdx'."
)


def _names_of_data_disks(index: TopologyIndex) -> Iterator[Finding]:
    """Yield the VMs whose system disk would have the file name of another VM's data disk."""
    creating = {
        (place.path[:-1], vm.name.casefold()): vm.name
        for place, vm in index.vms
        if any(disk.path is None for disk in vm.disks)
    }
    for place, vm in index.vms if creating else ():
        base, infix, number = vm.name.rpartition(".disk-")
        other = creating.get((place.path[:-1], base.casefold()))
        if infix and number.isdecimal() and other and vm.disk and not vm.disk.path:
            message = tr(
                "would have the file name of data disk {number} of {vm} for its disk",
                number=number,
                vm=other,
            )
            keys = (*place.keys, "name")
            hint = tr("Give one of the two VMs another name.")
            yield index.finding(DISK_IN_TWO_VMS, place.subject, keys, message, hint=hint)


TOO_MANY_DISKS = Rule(
    code="too-many-disks",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A VM has more disks than its SCSI controller takes.",
    why="A SCSI controller has 64 locations, and a new VM has one such controller. The data disks are on it; the system disk too in generation 2, and so is the seed disk for cloud-init. Add-VMHardDiskDrive refuses a further disk.",
    fix="Declare fewer data disks, or larger ones.",
    example="vms: [{name: a, disk: {size: 20GB}, disks: [{size: 4TB, count: 64}]}]",
    source=SCALABILITY,
)


@detects(TOO_MANY_DISKS)
def too_many_disks(index: TopologyIndex) -> Iterator[Finding]:
    """More disks on the SCSI controller of a VM than it has locations."""
    for place, vm in index.vms:
        system = vm.disk is not None and vm.generation == 2  # noqa: PLR2004  # generation 1 boots from IDE
        most = SCSI_LOCATIONS - system - vm.has_seed
        if len(vm.disks) > most:
            yield index.finding(
                TOO_MANY_DISKS,
                place.subject,
                (*place.keys, "disks"),
                translate(
                    _DATA_DISKS[system, vm.has_seed], count=len(vm.disks), most=SCSI_LOCATIONS
                ),
                hint=tr("Declare at most {most} data disks.", most=most),
            )


_DATA_DISKS = {
    (False, False): mark("has {count} data disks; a SCSI controller takes {most} disks"),
    (True, False): mark(
        "has {count} data disks beside its system disk; a SCSI controller takes {most} disks"
    ),
    (False, True): mark(
        "has {count} data disks beside its seed disk; a SCSI controller takes {most} disks"
    ),
    (True, True): mark(
        "has {count} data disks beside its system disk and its seed disk; a SCSI controller takes {most} disks"
    ),
}
"""The messages by whether the system disk and a seed disk are on the controller too."""


DISK_IN_USE = Rule(
    code="disk-in-use",
    severity="error",
    looks_at=(Scope.TOPOLOGY, Scope.MATCH),
    meaning="An existing disk that a VM of the topology would write to is used by something else: another VM of the host, or a differencing disk that has it as its parent.",
    why="Writing to a parent disk destroys every differencing disk on it; a disk cannot be attached to two running VMs.",
    fix="Copy the file, and write the path of the copy.",
    example="vms:\n  - {name: a, disk: {parent: 'D:\\vms\\base.vhdx'}}\n  - {name: b, disk: {path: 'D:\\vms\\base.vhdx'}}",
    source=INFERRED,
)


@detects(DISK_IN_USE)
def disk_is_parent(index: TopologyIndex) -> Iterator[Finding]:
    """A disk named by its path that is the parent of another VM's disk, on the same machine."""
    users: dict[tuple[MachinePath, str], str] = {}
    for place in index.disks:
        if place.disk.parent:
            users.setdefault((place.machine.path[:-1], path_key(place.disk.parent)), place.vm.name)
    for place in index.disks if users else ():
        path = place.disk.path
        if place.image is not None and len(place.machine.path) == 1:
            continue  # `image-as-disk`
        user = users.get((place.machine.path[:-1], path_key(path))) if path else None
        if user is not None:
            message = tr(
                "has the disk {path}, which is {use}",
                path=path,
                use=parent_text(user),
            )
            yield index.finding(DISK_IN_USE, place.subject, (*place.keys, "path"), message)


def parent_text(vm: str) -> str:
    """Return the clause about a disk that is the parent of a disk of a VM in the file."""
    return tr(
        "the parent of the disk that the file gives to VM {vm}: writing to it would destroy that disk",
        vm=vm,
    )


DETECTORS = (
    disk_size_not_possible,
    disk_format_wrong,
    disk_in_two_vms,
    disk_is_parent,
    too_many_disks,
)
"""The detectors of this module, in the order of their findings."""
