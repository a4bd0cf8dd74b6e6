"""Ownership: marks in the Notes of VMs and switches, and names where there are no Notes.

Undo and destroy change only objects with the mark of their topology. The mark counts only on a
separate line, as nestlab writes it: Notes that mention it in a sentence are not marked, and text on
other lines has no effect on it. Disks, NATs and DHCP scopes have no Notes, and checkpoints have
those of their VM, so their names identify the owner.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import PureWindowsPath
from typing import Protocol

from nestlab.enumerations import all_of
from nestlab.model.first_boot_note import with_first_boot
from nestlab.pattern import pattern
from nestlab.texts import tr


class _Disk(Protocol):
    @property
    def path(self) -> str: ...


class _Vm(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def notes(self) -> str: ...
    @property
    def hard_disks(self) -> Sequence[_Disk]: ...


_TOPOLOGY_NAME = r"[A-Za-z0-9-]{1,40}"
_OWNED_NAME = pattern(rf"nestlab\.({_TOPOLOGY_NAME})\.", re.IGNORECASE)
_MARK = pattern(rf"nestlab:({_TOPOLOGY_NAME})")
_MARK_LINE = pattern(
    rf"^[ \t]*nestlab:{_TOPOLOGY_NAME}(?:[ \t]+nestlab:{_TOPOLOGY_NAME})*[ \t\r]*$", re.MULTILINE
)
# Characters that Windows does not allow in file names, and % itself, which marks the replacement.
_NOT_IN_FILE_NAMES = pattern(r'[<>:"/\\|?*%\x00-\x1f]')


def is_topology_name(text: str) -> bool:
    """Whether a string is a valid topology name: the name becomes part of the mark.

    >>> is_topology_name("nat-lab"), is_topology_name("nat lab"), is_topology_name("")
    (True, False, False)
    """
    return re.fullmatch(_TOPOLOGY_NAME, text) is not None


def owner_mark(topology_name: str) -> str:
    """Return the mark of a topology's objects.

    >>> owner_mark("nat-lab")
    'nestlab:nat-lab'
    """
    return f"nestlab:{topology_name}"


def mark_line_pattern(topology_name: str) -> str:
    r"""Return the regular expression that finds a topology's mark in Notes, as PowerShell reads it.

    >>> mark_line_pattern("nat-lab")
    '(?m)^[ \\t]*nestlab:nat-lab[ \\t\\r]*$'
    """
    return rf"(?m)^[ \t]*{owner_mark(topology_name)}[ \t\r]*$"


def owner_of(notes: str | None) -> str | None:
    r"""Return the name of the topology whose mark is in these Notes.

    None if there is no mark, or more than one.

    >>> owner_of("Ask Ada before deleting.\nnestlab:nat-lab"), owner_of("copied from nestlab:lab")
    ('nat-lab', None)
    """
    owners = owners_of(notes)
    return owners[0] if len(owners) == 1 else None


@lru_cache(maxsize=4096)  # the notes of all VMs of a host are read again after each step
def owners_of(notes: str | None) -> tuple[str, ...]:
    """Return the topologies whose marks are in these Notes. With two marks there is no owner.

    >>> both = "nestlab:a nestlab:b"
    >>> owners_of("nestlab:nat-lab nestlab:NAT-lab"), owners_of(both), owner_of(both)
    (('nat-lab',), ('a', 'b'), None)
    """
    lines = (match[0] for match in _MARK_LINE.finditer(notes or ""))
    found = [name for line in lines for name in _MARK.findall(line)]
    return tuple({name.casefold(): name for name in reversed(found)}.values())[::-1]


def why_not_owned(notes: str | None, topology_name: str) -> str:
    """Return why an object with these Notes is not the topology's; empty if it is.

    >>> print(why_not_owned("nestlab:a nestlab:b", "a"))
    carries the marks of a and b, so it has no owner
    """
    owners = owners_of(notes)
    if len(owners) > 1:
        return tr("carries the marks of {names}, so it has no owner", names=all_of(owners))
    return (
        ""
        if is_marked(notes, topology_name)
        else tr("does not carry the mark of {topology}", topology=topology_name)
    )


@lru_cache(maxsize=4096)
def is_marked(notes: str | None, topology_name: str) -> bool:
    """Whether these Notes carry the mark of this topology, and of no other.

    Names compare without case, as Hyper-V's do.

    >>> [is_marked(notes, "nat-lab") for notes in ("nestlab:nat-lab", "nestlab:nat-lab-2", None)]
    [True, False, False]
    """
    return {owner.casefold() for owner in owners_of(notes)} == {topology_name.casefold()}


def marked_notes(notes: str, topology_name: str) -> str:
    r"""Return Notes with the mark, added as the last line if it is missing.

    >>> marked_notes("Web server of seat 3", "nat-lab")
    'Web server of seat 3\nnestlab:nat-lab'
    """
    if is_marked(notes, topology_name):
        return notes
    notes = without_mark(notes) if owners_of(notes) else notes
    return "\n".join(part for part in (notes.rstrip(), owner_mark(topology_name)) if part)


def without_mark(notes: str) -> str:
    r"""Return the Notes without any mark, and without the line about the first boot.

    >>> without_mark("Web server of seat 3\nnestlab:nat-lab")
    'Web server of seat 3'
    """
    return with_first_boot(_MARK_LINE.sub("", notes).strip(), None)


def _named(topology_name: str, name: str) -> str:
    return f"nestlab.{topology_name}.{name}"


def is_owned_by_name(name: str, topology_name: str) -> bool:
    """Whether an object without Notes (a NAT, a DHCP scope) was created for this topology.

    >>> [is_owned_by_name(name, "nat-lab") for name in ("nestlab.nat-lab.LabNet", "DockerNAT")]
    [True, False]
    """
    return name.casefold().startswith(_named(topology_name, "").casefold())


def lab_of_name(name: str) -> str:
    """Return the topology that an object without Notes was created for; empty if for none.

    >>> lab_of_name("nestlab.nat-lab.LabNet"), lab_of_name("DockerNAT")
    ('nat-lab', '')
    """
    found = _OWNED_NAME.match(name)
    return found[1] if found else ""


def nat_name(topology_name: str, switch_name: str) -> str:
    """Return the name of the NAT of a switch; its DHCP scope has the same name.

    >>> nat_name("nat-lab", "LabNet")
    'nestlab.nat-lab.LabNet'
    """
    return _named(topology_name, switch_name)


def checkpoint_name(topology_name: str, name: str) -> str:
    """Return the name that a checkpoint of the file has on the host.

    Its Notes do not tell who took it: each checkpoint of a marked VM has the mark.

    >>> checkpoint_name("nat-lab", "clean")
    'nestlab.nat-lab.clean'
    """
    return _named(topology_name, name)


def checkpoint_in_file(topology_name: str, name: str) -> str:
    """Return the name in the file of a checkpoint of the host; empty if it is not the topology's.

    >>> [checkpoint_in_file("lab", name) for name in ("nestlab.lab.clean", "clean")]
    ['clean', '']
    """
    return name[len(_named(topology_name, "")) :] if is_owned_by_name(name, topology_name) else ""


def disk_name(topology_name: str, vm_name: str) -> str:
    """Return the file name, without extension, of the disk that nestlab creates for a VM.

    >>> disk_name("lab", "a/b")
    'nestlab.lab.a%2Fb'
    """
    return _named(
        topology_name, _NOT_IN_FILE_NAMES.sub(lambda match: f"%{ord(match[0]):02X}", vm_name)
    )


def is_owned_disk(path: str, topology_name: str) -> bool:
    r"""Whether nestlab created a disk for the topology; never true of parents and existing disks.

    >>> [is_owned_disk(p, "lab") for p in (r"D:\VHD\nestlab.lab.HV1.vhdx", r"D:\ws2022.vhdx")]
    [True, False]
    """
    return is_owned_by_name(PureWindowsPath(path).name, topology_name)


def is_left_behind(vm: _Vm, topology_name: str) -> bool:
    """Whether nestlab was interrupted between creating this VM and marking it.

    New-VM has no Notes parameter: a Set-VM after it sets the mark. Between the two the VM is Off,
    has no Notes, and its system disk is the one that nestlab creates for a VM of this name. A VM
    that has Notes or runs was changed by someone else.
    """
    if vm.state != "Off" or not vm.hard_disks or vm.notes.strip():
        return False
    return (
        PureWindowsPath(vm.hard_disks[0].path).stem.casefold()
        == disk_name(topology_name, vm.name).casefold()
    )
