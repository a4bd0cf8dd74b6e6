"""VMs inside nested hosts that stop because of a nesting change: named, and started again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nestlab.dataclass import replace
from nestlab.model import HOST, MachinePath
from nestlab.model.state import HostState, VirtualMachineState
from nestlab.plan.inner_power import (
    CANNOT_START_AGAIN,
    STARTED_AGAIN,
    InnerVMs,
    restore_steps,
    stopped_machine_of,
    vms_inside,
    with_vms_inside,
)
from nestlab.plan.kinds import Action
from nestlab.plan.plan import Plan
from nestlab.plan.planned_machine import ObservedMachine
from nestlab.plan.step import Deferred, InnerVM, Planned, Step
from nestlab.texts import mark, tr, translate

_NO_CREDENTIAL = mark(
    "no credential of its guest was given (--credential NAME, credential='NAME', or Guest credential in the panel)"
)


def nesting_plan_with_inner_vms(
    plan: Plan,
    states: Mapping[MachinePath, HostState],
    *,
    enable: bool,
    inner_vms: InnerVMs,
    credentials: Mapping[MachinePath, str],
) -> Plan:
    """Return a nesting plan that names the VMs that stop when their nested host is turned off.

    Where the extensions stay exposed, it also starts them again. `states` has the nested hosts that
    were read, `inner_vms` what an earlier plan of the same change found, `credentials` those of the
    guests.
    """
    host = states[HOST]
    steps = tuple(_with_inside(step, host, states, credentials, enable=enable) for step in plan)
    inside = dict(inner_vms)
    inside |= {(step.target.name,): step.inside for step in steps if step.inside}
    stopped = {step.target.name for step in steps if stopped_machine_of(step) is not None}
    stopped |= {step.target.name for step in steps if step.action is Action.START_VM}
    later = [
        item
        for path, vms in inside.items()
        if enable and vms and path in credentials
        for item in _restored(path, vms, host, states, is_stopped=path[-1] in stopped)
    ]
    return replace(
        plan,
        steps=(*steps, *(item for item in later if isinstance(item, Step))),
        deferred=tuple(item for item in later if isinstance(item, Deferred)),
        states=dict(states),
        credentials=dict(credentials),
    )


def _with_inside(
    step: Step,
    host: HostState,
    states: Mapping[MachinePath, HostState],
    credentials: Mapping[MachinePath, str],
    *,
    enable: bool,
) -> Step:
    path = stopped_machine_of(step)
    vm = _vm(host, path) if path else None
    if path is None or vm is None or not vm.expose_virtualization_extensions:
        return step
    if path not in states:
        why = tr("it does not answer") if path in credentials else translate(_NO_CREDENTIAL)
        unknown = tr("it is not known which VMs inside {vm} stop too: {why}", vm=vm.name, why=why)
        return replace(step, why=f"{step.why}; {unknown}")
    inside = vms_inside(path, states)
    if not inside:
        return step
    text = STARTED_AGAIN if enable else CANNOT_START_AGAIN
    return replace(step, inside=inside, why=with_vms_inside(step.why, text, inside))


def _vm(host: HostState, path: MachinePath) -> VirtualMachineState | None:
    return host.hyper_v.vm(path[-1]) if host.hyper_v else None


def _restored(
    path: MachinePath,
    vms: tuple[InnerVM, ...],
    host: HostState,
    states: Mapping[MachinePath, HostState],
    *,
    is_stopped: bool,
) -> Iterator[Planned]:
    """Yield the steps that start the VMs inside again, or defer them until their host answers."""
    vm = _vm(host, path)
    if vm is None or not (is_stopped or vm.state == "Running"):
        return
    state = states.get(path)
    if is_stopped or state is None:
        booted_at = state.computer.last_boot_up_time if state is not None else None
        why = tr("{vm} starts first; then VMs inside that were on are started again", vm=vm.name)
        yield Deferred(path, why, booted_at)
    else:
        yield from restore_steps(ObservedMachine(path=path, state=state), vms)
