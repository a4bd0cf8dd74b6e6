"""What the undo of a run needs: the disks that it re-attaches.

A disk that a run has detached or replaced is kept as a file, so that undo can restore it. It is
then attached to no VM, so it looks like a leftover.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator

from nestlab.dataclass import dataclass
from nestlab.model import Cmdlet, MachinePath
from nestlab.model.state import VirtualMachineState
from nestlab.plan.in_use import kept_text
from nestlab.plan.step import Step
from nestlab.texts import tr

_ATTACHES = frozenset({"Add-VMHardDiskDrive", "Set-VMHardDiskDrive"})


@dataclass(frozen=True)
class UndoNeed:
    """A disk that the undo of a journal attaches to a VM again.

    `vm_id` is empty if the journal knows the VM by its name only.
    """

    machine: MachinePath
    path: str
    vm_id: str
    vm_name: str
    journal: str

    @property
    def why(self) -> str:
        """Why the disk is kept, as a sentence for the plan."""
        return kept_text(
            tr(
                "the undo of {journal} attaches it to {vm} again; undo that run, or delete its journal, then `--prune` deletes the disk",
                journal=self.journal,
                vm=self.vm_name,
            )
        )

    def is_for(self, vm: VirtualMachineState) -> bool:
        """Whether the disk is attached to this VM again."""
        if self.vm_id:
            return vm.id == self.vm_id
        return vm.name.casefold() == self.vm_name.casefold()


ReadUndoNeeds = Callable[[], Collection[UndoNeed]]
"""Reads the journals of a topology on a host; called only where a plan finds leftover disks."""


def attached_disks(cmdlets: Iterable[Cmdlet]) -> Iterator[str]:
    """Yield the paths of the disks that cmdlets attach to VMs."""
    for cmdlet in cmdlets:
        last = cmdlet.last_command
        if last.name in _ATTACHES and "Path" in last.parameters:
            yield str(last.parameters["Path"])


def undo_needs(step: Step, journal: str) -> Iterator[UndoNeed]:
    """Yield what the undo of a step needs; `journal` is the name of the file that records it."""
    for path in attached_disks(step.undo):
        yield UndoNeed(step.machine, path, step.target.id, step.target.name, journal)
