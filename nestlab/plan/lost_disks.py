"""Disks that prevent a reset to a checkpoint: it lacks them, or other VMs write to them."""

from __future__ import annotations

from collections.abc import Collection

from nestlab.dataclass import dataclass
from nestlab.model.state import DiskUseState, HardDiskState
from nestlab.plan.disks import is_at
from nestlab.plan.existing_disks import writer_of
from nestlab.plan.in_use import base_of


@dataclass(frozen=True)
class LostDisk:
    """A disk that a reset detaches: its base disk, and the file that the VM writes to now."""

    base: str
    path: str

    @property
    def key(self) -> str:
        """The path of the base disk, in lower case."""
        return self.base.lower()

    def __str__(self) -> str:
        return self.base if self.base == self.path else f"{self.base} ({self.path})"


def lost_disks(
    uses: Collection[DiskUseState], vm_id: str, checkpoint_id: str
) -> tuple[LostDisk, ...]:
    """Return the disks of a VM that its checkpoint does not have.

    Restore-VMSnapshot restores "the configuration of the virtual machine", with its drives
    (https://learn.microsoft.com/powershell/module/hyper-v/restore-vmsnapshot).
    """
    own = [use for use in uses if use.vm_id == vm_id]
    bases = [base_of(use) for use in own if use.checkpoint and use.checkpoint_id == checkpoint_id]
    return tuple(
        LostDisk(base_of(use), use.path)
        for use in own
        if not use.checkpoint
        and not any(is_at(HardDiskState(path=base_of(use)), base) for base in bases)
    )


def writer_below(
    uses: Collection[DiskUseState], vm_id: str, checkpoint_ids: Collection[str]
) -> DiskUseState | None:
    """Return the use by another VM of a disk of these checkpoints, or of a parent of one.

    None if there is none.
    """
    files = [file for use in uses if use.checkpoint_id in checkpoint_ids for file in use.files]
    return writer_of(files, uses, {vm_id})
