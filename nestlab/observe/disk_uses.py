"""What the disks of a machine stand on: the chain of every disk of every VM and of every checkpoint."""

from __future__ import annotations

from dataclasses import replace

from nestlab.model import Cmdlet, Record
from nestlab.model.state import DiskUseState, HostState
from nestlab.observe.reading import guid, text
from nestlab.transport.session import Cancel, Session

_CONTINUE = {"ErrorAction": "Continue"}
_ALL = {"VMName": "*", **_CONTINUE}
_DISKS = (".vhd", ".vhdx", ".avhd", ".avhdx", ".vhds")
_MISSING = frozenset({"ObjectNotFound"})
_DRIVES = (
    Cmdlet("Get-VMHardDiskDrive", _ALL),
    Cmdlet("Get-VMSnapshot", _ALL, Cmdlet("Get-VMHardDiskDrive")),
)


def read_disk_uses(session: Session, *, cancel: Cancel | None = None) -> tuple[DiskUseState, ...]:
    """Return every use of a disk on a machine, in one call and one more for each generation of parents.

    A chain that could not be read to its end says so. Raises what `Session.run` raises.
    """
    attached = session.run(_DRIVES[0], cancel=cancel).of_type("HardDiskDrive")
    kept = session.run(_DRIVES[1], cancel=cancel).of_type("HardDiskDrive")
    uses = [_use(record) for record in attached] + [replace(_use(record), checkpoint=True) for record in kept]
    uses = [use for use in uses if use.path.lower().endswith(_DISKS)]
    parents, unread = _parents(session, {use.path for use in uses}, cancel)
    return tuple(_with_chain(use, parents, unread) for use in uses)


def with_disk_uses(session: Session, state: HostState, *, cancel: Cancel | None = None) -> HostState:
    """Return the state with what its disks stand on."""
    if state.hyper_v is None:
        return state
    return replace(state, hyper_v=replace(state.hyper_v, disk_uses=read_disk_uses(session, cancel=cancel)))


def _use(record: Record) -> DiskUseState:
    return DiskUseState(path=text(record, "Path"), vm_id=guid(record, "VMId"), vm_name=text(record, "VMName"))


def _parents(session: Session, paths: set[str], cancel: Cancel | None) -> tuple[dict[str, str], set[str]]:
    """Return the parent of each file by its path in lower case, empty for a base; and the files that could not be read."""
    parents: dict[str, str] = {}
    unread: set[str] = set()
    ask = {path.lower(): path for path in paths}
    while ask:
        # Get-VHD ends at the first file that it cannot read, so each path is a statement of its own.
        outcome = session.run(*(Cmdlet("Get-VHD", {"Path": path, **_CONTINUE}) for _, path in sorted(ask.items())), cancel=cancel)
        found = {text(record, "Path").lower(): text(record, "ParentPath") for record in outcome}
        if any(error.error_id not in _MISSING for error in outcome.errors):
            unread |= ask.keys() - found.keys()
        parents |= {**dict.fromkeys(ask, ""), **found}
        ask = {parent.lower(): parent for parent in found.values() if parent and parent.lower() not in parents}
    return parents, unread


def _with_chain(use: DiskUseState, parents: dict[str, str], unread: set[str]) -> DiskUseState:
    chain: list[str] = []
    below = parents.get(use.path.lower(), "")
    while below and below not in chain:
        chain.append(below)
        below = parents.get(below.lower(), "")
    return replace(use, parents=tuple(chain), unread=not unread.isdisjoint(file.lower() for file in (use.path, *chain)))
