"""What a plan needs from the journals of earlier runs of its topology, each read once at most."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from nestlab.dataclass import dataclass
from nestlab.model import MachinePath
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.made_entries import MadeEntry, ReadMadeEntries
from nestlab.plan.made_routes import MadeRoute, ReadMadeRoutes
from nestlab.plan.step import Step
from nestlab.plan.undo_needs import ReadUndoNeeds, UndoNeed, attached_disks


@dataclass(frozen=True)
class NewDisk:
    """A disk file that a run created and that no VM has been given since, on a machine.

    Windows on it has not booted. `key` is the path in lower case.
    """

    machine: MachinePath
    key: str


ReadNewDisks = Callable[[], Collection[NewDisk]]
"""Reads, in the journals of a topology on a host, the disks that runs created for no VM yet."""


def new_disks(steps: Iterable[tuple[Step, bool]]) -> tuple[NewDisk, ...]:
    """Return the disks that steps created and no later step gave to a VM.

    Each step comes with whether it finished. A disk counts as created once its step began; a disk
    counts as given to a VM only if that step finished.
    """
    found: dict[NewDisk, None] = {}
    for step, finished in steps:
        if step.action is Action.CREATE_DISK and step.target.kind is TargetKind.DISK:
            found[NewDisk(step.machine, step.target.name.lower())] = None
        for path in _given(step) if finished else ():
            found.pop(NewDisk(step.machine, path.lower()), None)
    return tuple(found)


def _given(step: Step) -> tuple[str, ...]:
    """Return the paths of the disks that a step gives to a VM."""
    first = step.cmdlets[0].parameters if step.cmdlets else {}
    if step.action is Action.CREATE_VM and "VHDPath" in first:
        return (str(first["VHDPath"]),)
    return tuple(attached_disks(step.cmdlets))


class PastRuns:
    """The earlier runs of a topology on a host; their journals are read if a plan needs them."""

    def __init__(
        self,
        read_undo_needs: ReadUndoNeeds = tuple,
        read_new_disks: ReadNewDisks = tuple,
        read_made_routes: ReadMadeRoutes = tuple,
        read_made_entries: ReadMadeEntries = tuple,
    ) -> None:
        self._read_undo_needs, self._read_new_disks = read_undo_needs, read_new_disks
        self._read_made_routes, self._read_made_entries = read_made_routes, read_made_entries
        self._undo_needs: Collection[UndoNeed] | None = None
        self._new_disks: Collection[NewDisk] | None = None
        self._made_routes: Collection[MadeRoute] | None = None
        self._made_entries: Collection[MadeEntry] | None = None

    def undo_needs(self) -> Collection[UndoNeed]:
        """Return the disks that the undo of these runs needs: read if disks are left over."""
        if self._undo_needs is None:
            self._undo_needs = self._read_undo_needs()
        return self._undo_needs

    def new_disks(self) -> Collection[NewDisk]:
        """Return the disks that no VM has been given: read if a VM gets an existing disk."""
        if self._new_disks is None:
            self._new_disks = self._read_new_disks()
        return self._new_disks

    def made_routes(self) -> Collection[MadeRoute]:
        """Return the routes that these runs added: read if the host has routes."""
        if self._made_routes is None:
            self._made_routes = self._read_made_routes()
        return self._made_routes

    def made_entries(self) -> Collection[MadeEntry]:
        """Return the entries of DHCP scopes, NATs and adapters that these runs made.

        They are read if a machine has entries that the file does not have.
        """
        if self._made_entries is None:
            self._made_entries = self._read_made_entries()
        return self._made_entries

    @property
    def what_was_read(self) -> dict[str, tuple[UndoNeed | NewDisk | MadeRoute | MadeEntry, ...]]:
        """What has been read, by the name of its field in a plan."""
        return {
            "undo_needs": tuple(self._undo_needs or ()),
            "new_disks": tuple(self._new_disks or ()),
            "made_routes": tuple(self._made_routes or ()),
            "made_entries": tuple(self._made_entries or ()),
        }
