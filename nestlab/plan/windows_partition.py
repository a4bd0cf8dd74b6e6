r"""The partition of a mounted disk that holds Windows.

A disk may have several: EFI system partition, Microsoft reserved partition, Windows, data, and the
recovery environment. Only their folders show which of them holds Windows, so it is known once the
disk is mounted.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from nestlab.dataclass import replace
from nestlab.model import Cmdlet, Record, SwitchParameter
from nestlab.plan.disk_contents import CLEANUP_COUNT, MOUNT_COUNT, mount_folder, on_disk
from nestlab.plan.kinds import Action
from nestlab.plan.step import Step

SYSTEM_FOLDER = r"Windows\System32"

# EFI system, Microsoft reserved, and recovery partition (PARTITION_INFORMATION_GPT, Win32 API).
_NEVER_WINDOWS = frozenset(
    {
        "c12a7328-f81f-11d2-ba4b-00a0c93ec93b",
        "e3c9e316-0b5c-4db8-817d-f92df00215ae",
        "de94bba4-06d1-4d40-a16a-bfd50179d6ac",
    }
)


class PartitionProbe(NamedTuple):
    """How one partition is examined: its access path is added, read, and removed."""

    number: int
    add: Cmdlet
    ask: Cmdlet
    remove: Cmdlet


def writes_into_windows(step: Step) -> bool:
    """Whether a step mounts a disk to write into Windows on it; False for its undo."""
    return step.action is Action.WRITE_ANSWER_FILE and step.cleanup_count == CLEANUP_COUNT


def mounting(step: Step) -> tuple[tuple[Cmdlet, ...], Cmdlet]:
    """Return the cmdlets of a step that mount its disk, and one that lists the partitions then."""
    return step.cmdlets[:MOUNT_COUNT], on_disk(step.target.name, Cmdlet("Get-Partition"))


def after_mounting(step: Step, number: int | None) -> Step:
    """Return what is left of a step after its disk was mounted, for the partition of this number.

    With None it is for the largest partition, as planned.
    """
    rest = step.cmdlets[MOUNT_COUNT:]
    if number is not None:
        rest = tuple(_on_partition(cmdlet, number) for cmdlet in rest)
    return replace(step, cmdlets=rest)


def partition_probes(step: Step, partitions: Iterable[Record]) -> tuple[PartitionProbe, ...]:
    """Return how to examine each of the listed partitions that could hold Windows."""
    disk, folder = step.target.name, mount_folder(step.target.name)
    numbers = [
        int(partition["PartitionNumber"])
        for partition in partitions
        if str(partition.get("GptType") or "").strip("{}").casefold() not in _NEVER_WINDOWS
    ]
    path = {"AccessPath": folder}
    return tuple(
        PartitionProbe(
            number,
            _of_number(disk, number, Cmdlet("Add-PartitionAccessPath", path)),
            Cmdlet("Test-Path", {"LiteralPath": rf"{folder}\{SYSTEM_FOLDER}"}),
            _of_number(disk, number, Cmdlet("Remove-PartitionAccessPath", path)),
        )
        for number in numbers
    )


def _of_number(disk: str, number: int, act: Cmdlet) -> Cmdlet:
    return on_disk(disk, Cmdlet("Get-Partition", {}, _where(number, act)))


def _where(number: int, act: Cmdlet | None) -> Cmdlet:
    same = {"Property": "PartitionNumber", "EQ": SwitchParameter.ON, "Value": number}
    return Cmdlet("Where-Object", same, act)


def _on_partition(cmdlet: Cmdlet, number: int) -> Cmdlet:
    """Return a cmdlet for the largest partition as one for the partition of this number."""
    following = cmdlet.pipe_to
    if cmdlet.name == "Get-Partition" and following is not None:
        return Cmdlet(cmdlet.name, cmdlet.parameters, _where(number, following.last_command))
    return Cmdlet(cmdlet.name, cmdlet.parameters, following and _on_partition(following, number))
