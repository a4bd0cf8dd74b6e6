"""Steps that rename the computer of a guest; the name changes at its next restart."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.model import Cmdlet, SwitchParameter
from nestlab.model.spelling import same_name
from nestlab.model.topology import VM
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.role_steps import restart_step
from nestlab.plan.step import Deferred, Planned, Step, StepTarget, Unchanged
from nestlab.texts import tr


def computer_name_steps(machine: PlannedMachine, vm: VM) -> Iterator[Planned]:
    """Yield the steps that rename the computer of a guest.

    Where the Hyper-V role is installed too, the restart for the role also applies the name.
    """
    wanted, current = vm.computer_name, machine.state.computer.name
    if wanted is None or not current:
        return
    if same_name(wanted, current):
        yield Unchanged(
            tr("{machine}: computer name", machine=machine.name),
            tr("it is {name}", name=current),
        )
        return
    yield _rename(machine, wanted, current)
    if vm.nested is None or machine.state.hyper_v is not None:
        yield restart_step(
            machine, tr("the computer name becomes {name} at the next start", name=wanted)
        )
        yield Deferred(
            machine.path,
            tr("{machine} answers after the restart", machine=machine.name),
            machine.state.computer.last_boot_up_time,
        )


def _rename(machine: PlannedMachine, wanted: str, current: str) -> Step:
    def to(name: str) -> Cmdlet:
        return Cmdlet("Rename-Computer", {"NewName": name, "Force": SwitchParameter.ON})

    return machine.step(
        Action.RENAME_COMPUTER,
        machine.name,
        tr("Name the computer {name}", name=wanted),
        tr("its name is {name}", name=current),
        to(wanted),
        target=StepTarget(TargetKind.WINDOWS, "computer name"),  # not shown
        undo=(to(current), Cmdlet("Restart-Computer", {"Force": SwitchParameter.ON})),
    )
