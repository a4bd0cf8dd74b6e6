"""Checkpoints of the file: taken when all other steps are done, those in nested hosts first.

A running VM is not stopped for them: with CheckpointType Production, the default, the guest makes
its disks consistent, and if it cannot, Hyper-V takes a Standard checkpoint, with the memory
(CHECKPOINTS). A nested host is shut down: checkpoints of running nested hosts are documented only
in pages of 2015 and 2016, which say that they fail while VMs run inside.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from nestlab.dataclass import replace
from nestlab.enumerations import all_of
from nestlab.model import Cmdlet, MachinePath, SwitchParameter
from nestlab.model.ownership import checkpoint_name
from nestlab.model.state import VirtualMachineState
from nestlab.model.topology import VM, VMState
from nestlab.plan.cmdlet_targets import on_vm
from nestlab.plan.inner_power import stopped_machine_of
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.plan import Plan
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.power_steps import ON_STATES, stop_cmdlet
from nestlab.plan.step import Deferred, Hazard, Step, StepTarget
from nestlab.texts import tr, tr_count


def checkpoint_steps(machine: PlannedMachine, vm: VM) -> Iterator[Step]:
    """Yield the step that takes the checkpoints that a VM of the file does not have yet.

    None if the existing checkpoints are not known, or the VM has no mark.
    """
    current = machine.vm(vm.name)
    missing = _missing(vm, current, machine.topology)
    if not missing or (current is not None and current.id in machine.unmarked):
        return
    vm_now = current or VirtualMachineState(id="", name=vm.name, state="Off")
    takes = tuple(_take(vm_now, machine.topology, name) for name in missing)
    stops = _stops(vm, current)
    start = (on_vm(vm_now, Cmdlet("Start-VM")),) if stops else ()
    yield machine.step(
        Action.CREATE_CHECKPOINT,
        vm.name,
        _title(vm.name, missing, stops=stops),
        tr_count(
            "{vm} has no checkpoint {names} of {topology}; it is taken when all other steps are done",
            "{vm} has no checkpoints {names} of {topology}; they are taken when all other steps are done",
            len(missing),
            vm=vm.name,
            names=all_of(missing),
            topology=machine.topology,
        ),
        *((_shut_down(current, vm_now),) if stops else ()),
        *takes,
        *start,
        target=StepTarget(TargetKind.VM, vm.name, vm_now.id),
        undo=tuple(_remove(vm_now, machine.topology, name) for name in reversed(missing)),
        hazard=Hazard.RESTARTS_VM if stops else Hazard.NONE,
        needs=(machine.step_id(Action.CREATE_VM, vm.name),),
        cleanup_count=len(start),
    )


def _missing(vm: VM, current: VirtualMachineState | None, topology: str) -> list[str]:
    if current is None:
        return [*vm.checkpoints]
    if current.checkpoints is None:
        return []
    existing = {checkpoint.name.casefold() for checkpoint in current.checkpoints}
    return [
        name
        for name in vm.checkpoints
        if checkpoint_name(topology, name).casefold() not in existing
    ]


def _stops(vm: VM, current: VirtualMachineState | None) -> bool:
    """Whether a VM is shut down for its checkpoints: a nested host that is on, or will be."""
    if current is None:
        return vm.exposes_extensions and vm.state is VMState.RUNNING
    return current.expose_virtualization_extensions and current.state in ON_STATES


def _title(vm: str, names: Sequence[str], *, stops: bool) -> str:
    if stops:
        return tr_count(
            "Take the checkpoint {names} of {vm} while it is off, and start it again",
            "Take the checkpoints {names} of {vm} while it is off, and start it again",
            len(names),
            names=all_of(names),
            vm=vm,
        )
    return tr_count(
        "Take the checkpoint {names} of {vm}",
        "Take the checkpoints {names} of {vm}",
        len(names),
        names=all_of(names),
        vm=vm,
    )


def _shut_down(current: VirtualMachineState | None, vm: VirtualMachineState) -> Cmdlet:
    if current is not None:
        return stop_cmdlet(current)
    return on_vm(vm, Cmdlet("Stop-VM", {"Force": SwitchParameter.ON}))


def _take(vm: VirtualMachineState, topology: str, name: str) -> Cmdlet:
    return on_vm(vm, Cmdlet("Checkpoint-VM", {"SnapshotName": checkpoint_name(topology, name)}))


def _remove(vm: VirtualMachineState, topology: str, name: str) -> Cmdlet:
    """Return the cmdlet that removes a checkpoint, if it is still there."""
    named = {
        "Property": "Name",
        "EQ": SwitchParameter.ON,
        "Value": checkpoint_name(topology, name),
    }
    remove = Cmdlet("Remove-VMSnapshot", {"Confirm": SwitchParameter.OFF})
    return on_vm(vm, Cmdlet("Get-VMSnapshot", {}, Cmdlet("Where-Object", named, remove)))


def without_checkpoints(plan: Plan) -> Plan:
    """Return a plan without the steps that take checkpoints."""
    steps = tuple(step for step in plan.steps if step.action is not Action.CREATE_CHECKPOINT)
    return plan if len(steps) == len(plan.steps) else replace(plan, steps=steps)


def next_checkpoints(plan: Plan) -> Plan | None:
    """Return the plan of the checkpoints to take next; None if something else is left to do.

    Checkpoints of the deepest level come first, so that the checkpoint of a nested host contains
    those of the VMs in it.
    """
    if plan.deferred or any(step.action is not Action.CREATE_CHECKPOINT for step in plan.steps):
        return None
    depth = max((len(step.machine) for step in plan.steps), default=0)
    ids = {step.id for step in plan.steps if len(step.machine) == depth}
    return with_checkpoints_of(plan, ids) if ids else None


def with_checkpoints_of(plan: Plan, ids: Collection[str]) -> Plan:
    """Return a plan in which only the checkpoint steps with these ids are left.

    The nested hosts that they stop are deferred until they have started again.
    """
    others = without_checkpoints(plan)
    taken = tuple(
        step for step in plan.steps if step.action is Action.CREATE_CHECKPOINT and step.id in ids
    )
    stopped = filter(None, map(stopped_machine_of, taken))
    deferred = tuple(_restarted(plan, path) for path in stopped if path in plan.states)
    return replace(others, steps=(*others.steps, *taken), deferred=(*plan.deferred, *deferred))


def _restarted(plan: Plan, path: MachinePath) -> Deferred:
    why = tr("{vm} is shut down for its checkpoint first, and started again", vm=path[-1])
    return Deferred(path, why, plan.states[path].computer.last_boot_up_time)
