"""Steps that stop and start VMs; a VM is shut down if its guest can shut down, else turned off."""

from __future__ import annotations

from nestlab.model import Cmdlet, SwitchParameter
from nestlab.model.state import VirtualMachineState
from nestlab.plan.cmdlet_targets import on_vm, vm_target
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.planned_machine import ObservedMachine, PlannedMachine
from nestlab.plan.step import Hazard, Step, StepTarget
from nestlab.texts import mark, tr

ON_STATES = frozenset(
    {"Running", "Starting", "Paused", "Resuming", "Pausing", "Stopping", "Saving", "Reset"}
)
"""The names of VMState in which a VM holds memory and its settings are locked."""

RECREATED_FIRST = mark("{vm} is recreated first, and its Windows answers after that")
POWER_CHANGES = {
    Action.STOP_VM: mark(
        "{vm} is stopped and started for its new settings first, and its Windows answers after that"
    ),
    Action.START_VM: mark("{vm} is started first, and its Windows answers after that"),
    Action.REMOVE_VM: RECREATED_FIRST,
}
"""Why the inside of a VM is planned later, by the action of a step that comes first."""


def stop_cmdlet(vm: VirtualMachineState) -> Cmdlet:
    """Return the cmdlet that shuts a VM down, or turns it off if its guest has no heartbeat."""
    if vm.heartbeat.startswith("Ok") and vm.state == "Running":
        return on_vm(vm, Cmdlet("Stop-VM", {"Force": SwitchParameter.ON}))
    return turn_off_cmdlet(vm)


def turn_off_cmdlet(vm: VirtualMachineState) -> Cmdlet:
    """Return the cmdlet that turns a VM off at once."""
    return on_vm(
        vm, Cmdlet("Stop-VM", {"TurnOff": SwitchParameter.ON, "Force": SwitchParameter.ON})
    )


def stop_step(machine: PlannedMachine, vm: VirtualMachineState, why: str) -> Step:
    """Return the step that stops a VM; its undo starts it."""
    return machine.step(
        Action.STOP_VM,
        vm.name,
        tr("Stop {vm}", vm=vm.name),
        tr("{vm} is {state}: {why}", vm=vm.name, state=vm.state, why=why),
        stop_cmdlet(vm),
        target=vm_target(vm),
        undo=(on_vm(vm, Cmdlet("Start-VM")),),
        hazard=Hazard.STOPS_VM,
    )


def discard_saved_state(machine: ObservedMachine, vm: VirtualMachineState, why: str) -> Step:
    """Return the step that deletes a saved state: the contents of the guest's memory are lost."""
    return machine.step(
        Action.REMOVE_SAVED_STATE,
        vm.name,
        tr("Delete the saved state of {vm}", vm=vm.name),
        tr("{vm} is Saved: {why}", vm=vm.name, why=why),
        on_vm(vm, Cmdlet("Remove-VMSavedState")),
        target=vm_target(vm),
        hazard=Hazard.DELETES_DATA,
    )


def start_step(
    machine: PlannedMachine,
    name: str,
    current: VirtualMachineState,
    why: str,
    needs: tuple[str, ...] = (),
) -> Step:
    """Return the step that starts a VM, called `name` in the topology; its undo turns it off."""
    return machine.step(
        Action.START_VM,
        name,
        tr("Start {vm}", vm=name),
        why,
        on_vm(current, Cmdlet("Start-VM")),
        target=StepTarget(TargetKind.VM, name, current.id),
        undo=(turn_off_cmdlet(current),),
        needs=needs,
    )
