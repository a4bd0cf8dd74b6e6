"""Ownership: the mark in the Notes of every VM and switch that nestlab creates.

Undo and destroy touch only what carries the mark of their topology. Text that people add to the Notes beside the
mark does not disturb it.
"""

from __future__ import annotations

import re

_MARK = re.compile(r"(?<!\S)nestlab:([A-Za-z0-9-]{1,40})(?!\S)")


def owner_mark(topology_name: str) -> str:
    """Return the mark of a topology's objects.

    >>> owner_mark("nat-lab")
    'nestlab:nat-lab'
    """
    return f"nestlab:{topology_name}"


def owner_of(notes: str | None) -> str | None:
    r"""Return the name of the topology whose mark is in these Notes; None where there is none.

    >>> owner_of("Ask Ada before deleting.\nnestlab:nat-lab"), owner_of("made with nestlab")
    ('nat-lab', None)
    """
    match = _MARK.search(notes or "")
    return match[1] if match else None


def is_marked(notes: str | None, topology_name: str) -> bool:
    """Whether these Notes carry the mark of this topology. Names compare without case, as Hyper-V's do.

    >>> is_marked("nestlab:nat-lab", "nat-lab"), is_marked("nestlab:nat-lab-2", "nat-lab"), is_marked(None, "nat-lab")
    (True, False, False)
    """
    return any(match[1].casefold() == topology_name.casefold() for match in _MARK.finditer(notes or ""))


def marked_notes(notes: str, topology_name: str) -> str:
    r"""Return Notes with the mark on a last line of its own, added where it is missing.

    >>> marked_notes("Web server of seat 3", "nat-lab")
    'Web server of seat 3\nnestlab:nat-lab'
    """
    if is_marked(notes, topology_name):
        return notes
    return "\n".join(part for part in (notes.rstrip(), owner_mark(topology_name)) if part)


def without_mark(notes: str) -> str:
    r"""Return what people wrote in the Notes, without any mark.

    >>> without_mark("Web server of seat 3\nnestlab:nat-lab")
    'Web server of seat 3'
    """
    return _MARK.sub("", notes).strip()


def is_ours_by_name(name: str, topology_name: str) -> bool:
    """Whether the name of an object without Notes (a NAT, a DHCP scope) says that it was made for this topology.

    >>> is_ours_by_name("nestlab.nat-lab.LabNet", "nat-lab"), is_ours_by_name("DockerNAT", "nat-lab")
    (True, False)
    """
    return name.casefold().startswith(f"nestlab.{topology_name}.".casefold())
