"""Why a VM needs no step, with notes on a saved state, a checkpoint and its heartbeat."""

from __future__ import annotations

from nestlab.model.ownership import owner_mark
from nestlab.model.state import VirtualMachineState
from nestlab.model.topology import VM, VMState
from nestlab.plan.heartbeats import heartbeat_text
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.unmarked import NOT_CREATED
from nestlab.texts import tr, translate


def why_vm_is_unchanged(machine: PlannedMachine, vm: VM, current: VirtualMachineState) -> str:
    """Return why a VM needs no step, as one reason for a plan."""
    if current.id in machine.unmarked:
        return f"{tr('it is {state}', state=current.state)}; {translate(NOT_CREATED)}"
    why = tr(
        "it has the mark {mark}, is {state}, and nothing differs",
        mark=owner_mark(machine.topology),
        state=current.state,
    )
    return f"{why}{_saved_text(vm, current)}{_checkpoint_text(vm, current)}{heartbeat_text(vm, current)}"


def _saved_text(vm: VM, current: VirtualMachineState) -> str:
    is_accepted = vm.state is VMState.OFF and current.state == "Saved"
    return tr("; a saved VM is accepted for state: 'Off'") if is_accepted else ""


def _checkpoint_text(vm: VM, current: VirtualMachineState) -> str:
    """Return a note if a VM still has an automatic checkpoint, although the file disables them."""
    if vm.automatic_checkpoints_enabled or not current.automatic_checkpoint:
        return ""
    return tr(
        "; an earlier automatic checkpoint of it exists, until its guest shuts down or it is removed by hand"
    )
