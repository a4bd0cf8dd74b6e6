"""The chain of parents of every disk of every VM and of every checkpoint on a machine."""

from __future__ import annotations

from functools import lru_cache

from nestlab.constants.commands import SELECT_OBJECT
from nestlab.dataclass import dataclass, field, replace
from nestlab.model import Cmdlet, MachinePath, Record
from nestlab.model.state import DiskUseState, HostState
from nestlab.observe.reading import guid, text
from nestlab.transport.session import Cancel, Session

_CONTINUE = {"ErrorAction": "Continue"}
_ALL = {"VMName": "*", **_CONTINUE}
_EXTENSIONS = (".vhd", ".vhdx", ".avhd", ".avhdx", ".vhds")
_NOT_FOUND = frozenset({"ObjectNotFound"})
_PROPERTIES = ["VMId", "VMName", "Path"]
_PATHS = Cmdlet(SELECT_OBJECT, {"Property": _PROPERTIES})
_CHECKPOINT_PATHS = Cmdlet(SELECT_OBJECT, {"Property": [*_PROPERTIES, "VMSnapshotId"]})
_PARENT = Cmdlet(SELECT_OBJECT, {"Property": ["Path", "ParentPath"]})
_DRIVES = (
    Cmdlet("Get-VMHardDiskDrive", _ALL, _PATHS),
    Cmdlet("Get-VMSnapshot", _ALL, Cmdlet("Get-VMHardDiskDrive", {}, _CHECKPOINT_PATHS)),
)


@dataclass(frozen=True)
class ParentCache:
    """A cache of the parents of disk files, for one run: the parent of a file does not change.

    A merge of checkpoints makes a chain shorter. The cached chain then has one parent too many, so
    that file is not deleted. Files that were missing, could not be read, or are in no chain any
    more are not cached; which disk is attached to which VM is read each time. A file that was
    replaced by another one goes unnoticed, so the cache is dropped right before a disk is deleted.
    """

    _read: dict[MachinePath, dict[str, str]] = field(default_factory=dict)

    def parents_on(self, machine: MachinePath) -> dict[str, str]:
        """Return the cached parents of files on a machine, which the caller updates.

        Keys are paths in lower case; the parent of a base disk is "".
        """
        return self._read.setdefault(machine, {})

    def forget(self, machine: MachinePath) -> None:
        """Drop what was read on a machine."""
        self._read.pop(machine, None)


def read_disk_uses(
    session: Session, *, parent_cache: ParentCache | None = None, cancel: Cancel | None = None
) -> tuple[DiskUseState, ...]:
    """Return every use of a disk on a machine: by a VM or a checkpoint, with its chain of parents.

    It takes two calls, and one for each generation of the chains, including the attached disks; two
    if a file of that generation cannot be read. Parents in `parent_cache` are not read
    again, and those that are read are added to it. A use whose chain could not be read to its end
    is `unread`. Raises the errors of `Session.run`.
    """
    attached = session.run(_DRIVES[0], cancel=cancel).of_type("HardDiskDrive")
    in_checkpoints = session.run(_DRIVES[1], cancel=cancel).of_type("HardDiskDrive")
    drives = [(text(record, "Path"), record, False) for record in attached]
    drives += [(text(record, "Path"), record, True) for record in in_checkpoints]
    disks = [drive for drive in drives if drive[0].lower().endswith(_EXTENSIONS)]
    parents, unread = _follow_parents(
        session,
        {path for path, _, _ in disks},
        (parent_cache or ParentCache()).parents_on(session.machine),
        cancel,
    )
    return tuple(
        [
            _use(path, record, parents, unread, checkpoint=checkpoint)
            for path, record, checkpoint in disks
        ]
    )


def with_disk_uses(
    session: Session,
    state: HostState,
    *,
    parent_cache: ParentCache | None = None,
    cancel: Cancel | None = None,
) -> HostState:
    """Return the state with every use of a disk on the machine."""
    if state.hyper_v is None:
        return state
    return replace(
        state,
        hyper_v=replace(
            state.hyper_v,
            disk_uses=read_disk_uses(session, parent_cache=parent_cache, cancel=cancel),
        ),
    )


def _follow_parents(
    session: Session, paths: set[str], known: dict[str, str], cancel: Cancel | None
) -> tuple[dict[str, str], set[str]]:
    """Return the parents of all files of the chains, and the files that could not be read.

    Keys are paths in lower case; the parent of a base disk is "". `known` is a cache of parents:
    parents that are read are added to it, and files that are in none of the chains are removed.
    """
    parents: dict[str, str] = {}
    unread: set[str] = set()
    pending = {path.lower(): path for path in paths}
    while pending:
        unknown = {key: path for key, path in pending.items() if key not in known}
        found, failed = _read_files(session, unknown, cancel)
        unread |= failed
        known |= found
        generation = {key: known.get(key, "") for key in pending}
        parents |= generation
        pending = {
            parent.lower(): parent
            for parent in generation.values()
            if parent and parent.lower() not in parents
        }
    for gone in known.keys() - parents.keys():
        del known[gone]
    return parents, unread


def _read_files(
    session: Session, files: dict[str, str], cancel: Cancel | None
) -> tuple[dict[str, str], set[str]]:
    """Return the parents of the files that exist, and the files that could not be read.

    If one could not be read, every file that was not found counts as unread, because an error does
    not always name its file. Keys are paths in lower case.
    """
    if not files:
        return {}, set()
    paths = [path for _, path in sorted(files.items())]
    found, _ = _run_get_vhd(session, [paths], cancel)
    # Get-VHD stops at the first file that it cannot read. Each path that is left is then a
    # statement of its own.
    single = [[path] for path in paths if path.lower() not in found]
    more, failed = _run_get_vhd(session, single, cancel) if single else ({}, False)
    found |= more
    return found, files.keys() - found.keys() if failed else set()


def _run_get_vhd(
    session: Session, statements: list[list[str]], cancel: Cancel | None
) -> tuple[dict[str, str], bool]:
    """Return the parent of each file, and whether a file that exists could not be read.

    Each list of paths is one call of Get-VHD.
    """
    outcome = session.run(
        *(Cmdlet("Get-VHD", {"Path": paths, **_CONTINUE}, _PARENT) for paths in statements),
        cancel=cancel,
    )
    found = {text(record, "Path").lower(): text(record, "ParentPath") for record in outcome}
    return found, any(error.error_id not in _NOT_FOUND for error in outcome.errors)


def _use(
    path: str, record: Record, parents: dict[str, str], unread: set[str], *, checkpoint: bool
) -> DiskUseState:
    chain: list[str] = []
    parent = parents.get(path.lower(), "")
    while parent and parent not in chain:
        chain.append(parent)
        parent = parents.get(parent.lower(), "")
    is_unread = bool(unread) and not unread.isdisjoint(file.lower() for file in (path, *chain))
    vm_id, vm_name = guid(record, "VMId"), text(record, "VMName")
    checkpoint_id = guid(record, "VMSnapshotId") if checkpoint else ""
    return _shared_use((path, vm_id, vm_name, checkpoint, checkpoint_id, tuple(chain), is_unread))


@lru_cache(maxsize=4096)  # each observation of a host shows the same disks of others
def _shared_use(values: tuple[str, str, str, bool, str, tuple[str, ...], bool]) -> DiskUseState:
    path, vm_id, vm_name, checkpoint, checkpoint_id, parents, unread = values
    return DiskUseState(
        path=path,
        vm_id=vm_id,
        vm_name=vm_name,
        checkpoint=checkpoint,
        checkpoint_id=checkpoint_id,
        parents=parents,
        unread=unread,
    )
