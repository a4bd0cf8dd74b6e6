"""A machine's adapters on switches of the topology that the file names and that no run added.

An adapter of the management OS carries no mark, so nothing on the machine says who added it. The
journals of the topology do. One that no run added is another user's: it is configured only if the
user consents to disconnect others, and keeps its switch as the adapters do that the file does not
name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nestlab.dataclass import dataclass, replace
from nestlab.model.spelling import same_name
from nestlab.model.topology import ManagementAdapter, Switch
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.made_entries import management_adapter_entry
from nestlab.plan.plan_refusals import refuse_adapter_of_others
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.step import Hazard, Planned, Step
from nestlab.texts import tr

_ON_WINDOWS = (TargetKind.ADDRESS, TargetKind.WINDOWS)


def is_of_no_run(machine: PlannedMachine, switch: str, adapter: str) -> bool:
    """Whether the journals show no run that added an existing adapter to a switch.

    The adapters of an adopted switch count as added. One on a switch without the mark, or in a VM
    without it, has to match the file, and is not looked up.
    """
    current = machine.switch(switch)
    ids = {current.id if current else "", machine.as_vm.id if machine.as_vm else ""}
    if ids & machine.unmarked:
        return False
    made = machine.read_made_entries()
    names = (adapter, "")  # of an adoption, which names no adapter
    return not any(management_adapter_entry(machine.path, switch, name) in made for name in names)


@dataclass(frozen=True)
class _AdapterOfOthers:
    """An adapter that the file names and that no run added, with its name in Windows."""

    switch: Switch
    adapter: ManagementAdapter
    alias: str

    def is_changed_by(self, step: Step) -> bool:
        """Whether a step changes its addresses, its routes, its forwarding or its VLAN."""
        if step.action is Action.SET_VLAN:
            return step.subject == f"switch {self.switch.name}/{self.adapter.name}"
        return step.target.kind in _ON_WINDOWS and same_name(step.target.name, self.alias)


def respecting_adapters_of_others(
    machine: PlannedMachine, planned: Iterable[Planned]
) -> Iterator[Planned]:
    """Yield the items of the networks of a machine; those that change others' adapters say so.

    Raises PlanRefused for them if the user does not consent to disconnect others.
    """
    found = _found(machine)
    for item in planned:
        changed = [a for a in found if isinstance(item, Step) and a.is_changed_by(item)]
        if not (changed and isinstance(item, Step)):
            yield item
            continue
        if not machine.disconnect_others:
            refuse_adapter_of_others(
                machine, changed[0].switch.name, changed[0].adapter.name, item.title
            )
        why = tr(
            "{why}; no run of {topology} added this adapter, as the journals here show: it may be another user's",
            why=item.why,
            topology=machine.topology,
        )
        yield replace(item, why=why, hazard=Hazard.MAY_CUT_CONNECTION)


def _found(machine: PlannedMachine) -> list[_AdapterOfOthers]:
    if machine.state.hyper_v is None:
        return []
    return [
        _AdapterOfOthers(switch, own, machine.adapter_alias(switch, own))
        for switch in machine.own_switches
        for own in switch.additional_adapters
        if any(
            same_name(each.switch_name, switch.name) and same_name(each.name, own.name)
            for each in machine.hyper_v.management_adapters
        )
        and is_of_no_run(machine, switch.name, own.name)
    ]
