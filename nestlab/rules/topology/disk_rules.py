"""Rules about the disks of VMs in a topology."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PureWindowsPath

from nestlab.constants import DISK_SIZE_MAXIMUM, DISK_SIZE_MINIMUM, NEW_VHD, SECURE_BOOT
from nestlab.model.finding import Finding
from nestlab.model.machine_path import MachinePath
from nestlab.model.spelling import path_key
from nestlab.model.topology import VM, Disk, VMState, image_named
from nestlab.rules.rule import INFERRED, Rule, Scope, Variant, detects
from nestlab.rules.topology.topology_index import TopologyIndex

_DISKS = frozenset({".vhdx", ".vhd", ".vhds", ".avhdx", ".avhd"})
_OLD_FORMAT = frozenset({".vhd", ".avhd"})
_CONVERT = "Name a .vhdx file: qemu-img convert -O vhdx makes one of it."
_HINTS = {
    ".iso": "Name a .vhdx file with an installed system: an ISO file is an installation medium, and nestlab installs none.",
    **dict.fromkeys((".qcow2", ".qcow", ".vmdk", ".vdi", ".img", ".raw"), _CONVERT),
}

DISK_SIZE_NOT_POSSIBLE = Rule(
    code="disk-size-not-possible",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A disk has a size that New-VHD does not create.",
    why="A disk in the VHDX format is 3 MB to 64 TB in size; New-VHD refuses any other size.",
    fix="Set size to a value from 3MB to 64TB. An empty disk takes space only as it is written to.",
    example="vms: [{name: a, disk: {size: 100TB}}]",
    source=NEW_VHD,
)


@detects(DISK_SIZE_NOT_POSSIBLE)
def disk_size_not_possible(index: TopologyIndex) -> Iterator[Finding]:
    """A disk that is smaller or larger than New-VHD creates."""
    for place, vm in index.vms:
        size = vm.disk.size if vm.disk else None
        if size is None or DISK_SIZE_MINIMUM <= size <= DISK_SIZE_MAXIMUM:
            continue
        small = size < DISK_SIZE_MINIMUM
        limit = f"at least {DISK_SIZE_MINIMUM}" if small else f"at most {DISK_SIZE_MAXIMUM}"
        yield index.finding(
            DISK_SIZE_NOT_POSSIBLE,
            place.subject,
            (*place.keys, "disk", "size"),
            f"has a disk of {size}; a disk must be {limit}",
            hint=f"Set size to {limit}.",
        )


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
    for place, vm in index.vms:
        disk = vm.disk or Disk()
        image = image_named(index.topology.images, disk.image)
        file = image.path if image and not disk.parent else None
        named = (("image", file), ("parent", disk.parent), ("path", disk.path))
        for key, path in named:
            suffix = PureWindowsPath(path).suffix.lower() if path else ".vhdx"
            if suffix not in _DISKS:
                message = f"names {path}, whose extension is not that of a virtual hard disk"
                hint = _HINTS.get(suffix, "Name a .vhdx file.")
            elif vm.generation == 2 and suffix in _OLD_FORMAT:  # noqa: PLR2004  # generation 1 takes both formats
                message = f"is of generation 2, which does not support the format of {path}"
                hint = f"Name a .vhdx file: Convert-VHD converts it; or set generation: 1. {place.generation_hint}"
            else:
                continue
            keys = (*place.keys, "disk", key)
            yield index.finding(DISK_FORMAT_WRONG, place.subject, keys, message, hint=hint)


DISK_IN_TWO_VMS = Rule(
    code="disk-in-two-vms",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="Two VMs of one machine have the same file as their disk.",
    why="A VM opens its disk exclusively: the second VM does not start while the first one runs.",
    fix="Give each VM its own disk: disk: {parent: ...} creates a differencing disk for each.",
    example="vms:\n  - {name: a, disk: {path: 'D:\\VMs\\lab.vhdx'}}\n  - {name: b, disk: {path: 'D:\\VMs\\lab.vhdx'}}",
    source=INFERRED,
    variants=(Variant("warning", "if at most one of the two is to run"),),
)


@detects(DISK_IN_TWO_VMS)
def disk_in_two_vms(index: TopologyIndex) -> Iterator[Finding]:
    """The same file as the disk of two VMs: only one of them can run."""
    first: dict[tuple[MachinePath, str], VM] = {}
    for place, vm in index.vms:
        path = vm.disk.path if vm.disk else None
        if not path:
            continue
        other = first.setdefault((place.path[:-1], path_key(path)), vm)
        if other is vm:
            continue
        both = vm.state is VMState.RUNNING and other.state is VMState.RUNNING
        yield index.finding(
            DISK_IN_TWO_VMS.at("error" if both else "warning"),
            place.subject,
            (*place.keys, "disk", "path"),
            f"has the disk {path} of {other.name}: only one of them can run",
        )
