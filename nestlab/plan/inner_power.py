"""VMs inside a nested host that a step turns off or restarts: named, and started again.

Hyper-V inside saves, shuts down or turns off its VMs (AutomaticStopAction), and starts them again
or not (AutomaticStartAction). Where it leaves one off, the plan starts it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from nestlab.dataclass import replace
from nestlab.model import Cmdlet, MachinePath, path_text
from nestlab.model.state import HostState, VirtualMachineState
from nestlab.model.topology import VM, Topology, VMState
from nestlab.plan.cmdlet_targets import on_vm, vm_target
from nestlab.plan.kinds import Action
from nestlab.plan.planned_machine import ObservedMachine, PlannedMachine
from nestlab.plan.power_steps import ON_STATES
from nestlab.plan.step import InnerVM, Step
from nestlab.texts import mark, tr, translate

InnerVMs = Mapping[MachinePath, tuple[InnerVM, ...]]
"""By nested host: the VMs inside it that were on before it was turned off."""

STARTED_AGAIN = mark(
    "{why}; VMs inside it stop too, and are started again when the changes are done: {names}"
)
CANNOT_START_AGAIN = mark(
    "{why}; VMs inside it stop too, and cannot start again, because the extensions are hidden: {names}"
)
_STAY_OFF = mark("{why}; VMs inside it stop too, and stay off: {names}")
_RESTARTS = "Restart-Computer"
_STOPS = frozenset({"Stop-VM", _RESTARTS})
_STOPPED_STATES = frozenset({"Off", "Saved"})


def stopped_machine_of(step: Step) -> MachinePath | None:
    """Return the path of the machine that a step turns off or restarts; None if it does not."""
    if not any(cmdlet.last_command.name in _STOPS for cmdlet in step.cmdlets):
        return None
    restarts = any(cmdlet.last_command.name == _RESTARTS for cmdlet in step.cmdlets)
    return step.machine if restarts else (*step.machine, step.target.name)


def vms_inside(path: MachinePath, states: Mapping[MachinePath, HostState]) -> tuple[InnerVM, ...]:
    """Return the VMs inside a machine that are on, at every level that was observed."""
    return tuple(
        InnerVM(host, vm.id, vm.name, "Paused" if vm.state == "Paused" else "Running")
        for host, state in states.items()
        if is_at_or_inside(path, host) and state.hyper_v is not None
        for vm in state.hyper_v.vms
        if vm.state in ON_STATES
    )


def is_at_or_inside(outer: MachinePath, path: MachinePath) -> bool:
    """Whether the machine at `path` is the one at `outer`, or inside it."""
    return tuple(map(str.casefold, path[: len(outer)])) == tuple(map(str.casefold, outer))


def vms_by_host(vms: Collection[InnerVM]) -> dict[MachinePath, tuple[InnerVM, ...]]:
    """Return VMs grouped by the nested host that they are in."""
    hosts = dict.fromkeys(vm.machine for vm in vms)
    return {host: tuple(vm for vm in vms if vm.machine == host) for host in hosts}


def with_inner_vms(step: Step, topology: Topology, states: Mapping[MachinePath, HostState]) -> Step:
    """Return a step with the VMs that stop with the nested host that it turns off, if any.

    Its reason names them.
    """
    path = stopped_machine_of(step)
    if path is None or not path or step.action == Action.REMOVE_VM:
        return step
    outer = states[path[:-1]].hyper_v if path[:-1] in states else None
    current = outer.vm(path[-1]) if outer else None
    if path not in states:
        is_host = current is not None and current.expose_virtualization_extensions
        unknown = tr(
            "{machine} does not answer, so it is not known which VMs inside it stop too",
            machine=path_text(path),
        )
        return replace(step, why=f"{step.why}; {unknown}") if is_host else step
    inside = vms_inside(path, states)
    if not inside:
        return step
    text = _consequence(topology.machine(path), current)
    return replace(step, inside=inside, why=with_vms_inside(step.why, text, inside))


def _consequence(wanted: Topology | VM, current: VirtualMachineState | None) -> str:
    if isinstance(wanted, VM) and wanted.state is VMState.OFF:
        return _STAY_OFF
    exposed = current is not None and current.expose_virtualization_extensions
    if exposed and isinstance(wanted, VM) and not wanted.exposes_extensions:
        return CANNOT_START_AGAIN
    return STARTED_AGAIN


def with_vms_inside(why: str, text: str, inside: Collection[InnerVM]) -> str:
    """Return the reason for a step with its effect on VMs inside; `text` is a constant above."""
    names = ", ".join(f"{vm.name} ({vm.state})" for vm in inside)
    return translate(text, why=why, names=names)


def inner_vm_steps(
    machine: PlannedMachine, inner_vms: InnerVMs, removed: Collection[VirtualMachineState]
) -> Iterator[Step]:
    """Yield the steps that start VMs again that were on before their nested host was turned off.

    VMs that the file names and that have the mark are left out, because other steps set their power
    state; so are `removed` VMs.
    """
    if machine.as_vm is None or not machine.as_vm.expose_virtualization_extensions:
        return
    unmarked = {vm.name for vm in machine.hyper_v.vms if vm.id in machine.unmarked}
    skipped = {vm.name for vm in machine.wanted.vms} - unmarked | {vm.name for vm in removed}
    yield from restore_steps(machine, inner_vms.get(machine.path, ()), skipped=skipped)


def restore_steps(
    machine: ObservedMachine, before: Collection[InnerVM], *, skipped: Collection[str] = ()
) -> Iterator[Step]:
    """Yield the steps that start, or pause again, the VMs that were on before their host stopped.

    `skipped` are the names of VMs that other steps start or remove.
    """
    names = {name.casefold() for name in skipped}
    for earlier in before:
        vm = next((vm for vm in machine.hyper_v.vms if vm.id == earlier.id), None)
        if vm is None or vm.name.casefold() in names:
            continue
        if vm.state in _STOPPED_STATES:
            yield _step(machine, vm, Action.START_VM, "Start-VM", earlier)
        if earlier.state == "Paused" and vm.state != "Paused":
            yield _step(machine, vm, Action.SUSPEND_VM, "Suspend-VM", earlier)


def _step(
    machine: ObservedMachine, vm: VirtualMachineState, action: Action, cmdlet: str, was: InnerVM
) -> Step:
    title = (
        tr("Start {vm} again", vm=vm.name)
        if action is Action.START_VM
        else tr("Pause {vm} again", vm=vm.name)
    )
    # Has no undo of its own: undoing the step that turned the host off restores the VMs inside too.
    return machine.step(
        action,
        vm.name,
        title,
        tr(
            "it is {state}, and was {earlier_state} before {machine} was turned off",
            state=vm.state,
            earlier_state=was.state,
            machine=machine.name,
        ),
        on_vm(vm, Cmdlet(cmdlet)),
        target=vm_target(vm),
        by_request=True,
    )
