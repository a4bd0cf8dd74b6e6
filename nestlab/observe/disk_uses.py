"""The parents of a machine's disks: the chain of every disk of every VM and of every checkpoint."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from nestlab.constants.commands import SELECT_OBJECT
from nestlab.model import Cmdlet, MachinePath, Record
from nestlab.model.state import DiskUseState, HostState
from nestlab.observe.reading import guid, text
from nestlab.transport.session import Cancel, Session

_CONTINUE = {"ErrorAction": "Continue"}
_ALL = {"VMName": "*", **_CONTINUE}
_DISKS = (".vhd", ".vhdx", ".avhd", ".avhdx", ".vhds")
_MISSING = frozenset({"ObjectNotFound"})
_PATHS = Cmdlet(SELECT_OBJECT, {"Property": ["VMId", "VMName", "Path"]})
_PARENT = Cmdlet(SELECT_OBJECT, {"Property": ["Path", "ParentPath"]})
_DRIVES = (
    Cmdlet("Get-VMHardDiskDrive", _ALL, _PATHS),
    Cmdlet("Get-VMSnapshot", _ALL, Cmdlet("Get-VMHardDiskDrive", {}, _PATHS)),
)


@dataclass(frozen=True)
class Chains:
    """The parents of disks, as far as one run has read them: while a disk is there, its file says the same.

    A merge of checkpoints makes a chain shorter, so what is remembered may name a parent too many
    and keeps that one. What was not there, could not be read, or is in no chain any more, is not
    remembered. What is attached where is read each time. A file that another one has replaced is
    not noticed, so right before a disk is deleted everything is forgotten and read again.
    """

    _read: dict[MachinePath, dict[str, str]] = field(default_factory=dict)

    def on(self, machine: MachinePath) -> dict[str, str]:
        """Return the parent of each file by its path in lower case, empty for a base."""
        return self._read.setdefault(machine, {})

    def forget(self, machine: MachinePath) -> None:
        """Forget what was read on a machine."""
        self._read.pop(machine, None)


def read_disk_uses(
    session: Session, *, chains: Chains | None = None, cancel: Cancel | None = None
) -> tuple[DiskUseState, ...]:
    """Return every use of a disk on a machine, in two calls and one more for each generation of parents.

    `chains` are parents that are known, and takes those that are read. A chain that could not be
    read to its end says so. Raises what `Session.run` raises.
    """
    attached = session.run(_DRIVES[0], cancel=cancel).of_type("HardDiskDrive")
    kept = session.run(_DRIVES[1], cancel=cancel).of_type("HardDiskDrive")
    uses = [_use(record) for record in attached] + [
        replace(_use(record), checkpoint=True) for record in kept
    ]
    uses = [use for use in uses if use.path.lower().endswith(_DISKS)]
    parents, unread = _parents(
        session, {use.path for use in uses}, (chains or Chains()).on(session.machine), cancel
    )
    return tuple(_with_chain(use, parents, unread) for use in uses)


def with_disk_uses(
    session: Session,
    state: HostState,
    *,
    chains: Chains | None = None,
    cancel: Cancel | None = None,
) -> HostState:
    """Return the state with the parents of its disks."""
    if state.hyper_v is None:
        return state
    return replace(
        state,
        hyper_v=replace(
            state.hyper_v, disk_uses=read_disk_uses(session, chains=chains, cancel=cancel)
        ),
    )


def _use(record: Record) -> DiskUseState:
    return DiskUseState(
        path=text(record, "Path"), vm_id=guid(record, "VMId"), vm_name=text(record, "VMName")
    )


def _parents(
    session: Session, paths: set[str], known: dict[str, str], cancel: Cancel | None
) -> tuple[dict[str, str], set[str]]:
    """Return the parent of each file by its path in lower case, empty for a base.

    And the files that could not be read.
    """
    parents: dict[str, str] = {}
    unread: set[str] = set()
    waiting = {path.lower(): path for path in paths}
    while waiting:
        ask = {key: path for key, path in waiting.items() if key not in known}
        found, failed = _asked(session, ask, cancel)
        unread |= failed
        known |= found
        generation = {key: known.get(key, "") for key in waiting}
        parents |= generation
        waiting = {
            parent.lower(): parent
            for parent in generation.values()
            if parent and parent.lower() not in parents
        }
    for gone in known.keys() - parents.keys():
        del known[gone]
    return parents, unread


def _asked(
    session: Session, ask: dict[str, str], cancel: Cancel | None
) -> tuple[dict[str, str], set[str]]:
    """Return the parents of files that are there, by their paths in lower case.

    And the files that could not be read.
    """
    if not ask:
        return {}, set()
    paths = [path for _, path in sorted(ask.items())]
    found, _ = _read_parents(session, [paths], cancel)
    # Get-VHD ends at the first file that it cannot read: then each path that has no answer is a
    # statement of its own.
    single = [[path] for path in paths if path.lower() not in found]
    more, failed = _read_parents(session, single, cancel) if single else ({}, False)
    found |= more
    return found, ask.keys() - found.keys() if failed else set()


def _read_parents(
    session: Session, statements: list[list[str]], cancel: Cancel | None
) -> tuple[dict[str, str], bool]:
    """Return what Get-VHD says of some lists of paths, and whether a file that is there was not read."""
    outcome = session.run(
        *(Cmdlet("Get-VHD", {"Path": paths, **_CONTINUE}, _PARENT) for paths in statements),
        cancel=cancel,
    )
    found = {text(record, "Path").lower(): text(record, "ParentPath") for record in outcome}
    return found, any(error.error_id not in _MISSING for error in outcome.errors)


def _with_chain(use: DiskUseState, parents: dict[str, str], unread: set[str]) -> DiskUseState:
    chain: list[str] = []
    below = parents.get(use.path.lower(), "")
    while below and below not in chain:
        chain.append(below)
        below = parents.get(below.lower(), "")
    return DiskUseState(
        path=use.path,
        vm_id=use.vm_id,
        vm_name=use.vm_name,
        checkpoint=use.checkpoint,
        parents=tuple(chain),
        unread=bool(unread) and not unread.isdisjoint(file.lower() for file in (use.path, *chain)),
    )
