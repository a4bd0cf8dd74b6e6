"""Finding the Windows partition of a disk, after a step has mounted it and before it writes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from nestlab.errors import CmdletError, SeveralWindowsInstallations
from nestlab.model import Outcome, path_text
from nestlab.plan import PartitionProbe, Step, after_mounting, mounting, partition_probes
from nestlab.transport.session import Cancel

Run = Callable[..., Outcome]


def mounted(step: Step, run: Run, cancel: Cancel | None) -> Step:
    """Mount the disk of a step; return the rest of the step, for the partition with Windows.

    If no partition has Windows, the rest is for the largest one: the step itself looks for Windows
    there, and reports the error. Raises SeveralWindowsInstallations, and the errors of `run`.
    """
    mount, list_partitions = mounting(step)
    run(*mount, cancel=cancel)
    possible = partition_probes(step, run(list_partitions, cancel=cancel).of_type("MSFT_Partition"))
    found = [look.number for look in possible]
    if len(found) > 1:
        found = [look.number for look in possible if _holds_windows(look, run, cancel)]
    if len(found) > 1:
        raise SeveralWindowsInstallations(path_text((*step.machine, step.subject)), found)
    return after_mounting(step, found[0] if found else None)


def _holds_windows(look: PartitionProbe, run: Run, cancel: Cancel | None) -> bool:
    try:
        run(look.add, cancel=cancel)
    except CmdletError:
        return False  # a partition without a file system that Windows knows
    try:
        return run(look.ask, cancel=cancel).records[0]["Value"] is True
    finally:
        with contextlib.suppress(CmdletError):
            run(look.remove)
