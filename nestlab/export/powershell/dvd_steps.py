"""The code of the steps for DVD drives of VMs, with tests whether they are needed."""

from __future__ import annotations

from collections.abc import Mapping

from nestlab.export.powershell import queries as q
from nestlab.export.powershell.step_code import (
    Absent,
    Build,
    StepCode,
    equal_values,
    last_parameters,
    simple,
    vm_of,
)
from nestlab.model import Cmdlet
from nestlab.plan import Action, Step


def _with_drive(step: Step) -> StepCode:
    """Return the code of a step after which a drive has the values of its last command."""
    return simple(step, _dvd_drive(step, *equal_values(last_parameters(step))))


def _remove_drive(step: Step) -> StepCode:
    # Without the VM there is no drive either: the step is needed once there is one.
    return simple(step, q.vm(vm_of(step)), Absent(_dvd_drive(step)))


def _dvd_drive(step: Step, *further: Cmdlet) -> Cmdlet:
    return q.vm(vm_of(step), Cmdlet("Get-VMDvdDrive"), *further)


DVD_BUILDERS: Mapping[Action, Build] = {
    Action.ADD_DVD_DRIVE: _with_drive,
    Action.INSERT_DVD: _with_drive,
    Action.REMOVE_DVD_DRIVE: _remove_drive,
}
"""The code of each kind of step about DVD drives."""
