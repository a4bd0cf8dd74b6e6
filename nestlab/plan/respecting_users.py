"""Steps of a plan that cut VMs of others off: refused, or with the consent of the user hazards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nestlab.dataclass import replace
from nestlab.model import path_text
from nestlab.plan.cut_off import StepOnMachine
from nestlab.plan.cutting_steps import hides_extensions
from nestlab.plan.ended_by_steps import ended_by_step, ending_services, respecting_served
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.plan_refusals import refuse_nested_host_in_use, refuse_switch_in_use
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.served_others import Served
from nestlab.plan.step import Hazard, Planned, Step


def respecting_users(machine: PlannedMachine, planned: Iterable[Planned]) -> Iterator[Planned]:
    """Yield the items of a machine; steps that cut VMs of others off say so.

    They also say what is not known of the VMs in nested hosts. Raises PlanRefused for them if the
    user does not consent to disconnect others.
    """
    items = [*_stopping_before_hiding(planned)]
    steps = [item for item in items if isinstance(item, Step)]
    stopped = {step.target.name for step in steps if step.action is Action.STOP_VM}
    for item in items:
        if isinstance(item, Step):
            step = _respecting_users(machine, ending_services(machine, item, stopped))
            yield _respecting_served(machine, step)
        else:
            yield item


def _stopping_before_hiding(items: Iterable[Planned]) -> Iterator[Planned]:
    """Yield the items; the step that stops a VM knows if a later one hides the extensions.

    The VMs inside can be seen only before that, so the later steps need it.
    """
    found = [*items]
    steps = [item for item in found if isinstance(item, Step)]
    hides = any(map(hides_extensions, steps))
    stops = {step.id for step in steps if hides and step.action is Action.STOP_VM}
    for item in found:
        if not stops or not isinstance(item, Step):
            yield item
        elif item.id in stops:
            yield replace(item, before_hiding=True)
        else:
            yield replace(item, needs=(*item.needs, *stops))


def _respecting_users(machine: PlannedMachine, step: Step) -> Step:
    on = StepOnMachine(step, machine.hyper_v, machine.topology, machine.states, machine.unread)
    step = replace(step, why="; ".join(filter(None, (step.why, on.not_known))))
    cut = None if _is_unmarked(machine, step) else on.cut_off
    if cut is None:
        return step
    if machine.disconnect_others:
        hazard = step.hazard if step.before_hiding else Hazard.MAY_CUT_CONNECTION
        ids = (*step.disconnects, *cut.ids)
        return replace(step, why=step.why + cut.clause, hazard=hazard, disconnects=ids)
    if step.target.kind is TargetKind.SWITCH:
        refuse_switch_in_use(machine, cut.switch, step.title, cut.users)
    elif not step.before_hiding:  # the step that hides them is refused
        refuse_nested_host_in_use(machine, path_text(on.host), step.title, cut.names)
    return step  # in a run, it looks again


def _respecting_served(machine: PlannedMachine, step: Step) -> Step:
    """Return a step that may end what the guest of its VM does for VMs of others."""
    ended = Served() if _is_unmarked(machine, step) else ended_by_step(machine, step)
    vm = (*machine.path, step.target.name)
    return respecting_served(machine, vm, step, ended, step.title)


def _is_unmarked(machine: PlannedMachine, step: Step) -> bool:
    """Whether a step acts on an object without a mark, which has to match the file."""
    return bool({step.target.id, machine.as_vm.id if machine.as_vm else ""} & machine.unmarked)
