"""Steps that create virtual switches, and change those that differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nestlab.dataclass import replace
from nestlab.enumerations import all_of
from nestlab.errors import PlanRefused
from nestlab.model import Cmdlet, Finding, Findings, SwitchParameter
from nestlab.model.ownership import owner_mark
from nestlab.model.state import SwitchState
from nestlab.model.topology import Switch, SwitchType
from nestlab.plan.changed_adapters import not_documented
from nestlab.plan.cmdlet_targets import on_switch, switch_target
from nestlab.plan.entries_of_others import goes_with_it
from nestlab.plan.existing_switch import existing_switch
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.management_adapter_steps import (
    adapters_that_others_added,
    own_adapters_on,
)
from nestlab.plan.plan_refusals import CANNOT_CHANGE, refuse_switch_in_use, refuse_unmarked
from nestlab.plan.planned_machine import PlannedMachine, or_unchanged
from nestlab.plan.step import Hazard, Planned, Step, StepTarget
from nestlab.plan.switch_bindings import (
    Names,
    binding,
    binding_now,
    new_binding,
    not_shared_first,
)
from nestlab.plan.taken_adapters import (
    Taken,
    bound_adapters,
    clauses,
    joining_a_team,
    net_adapter_names,
    restored_settings,
    taken_by,
    taken_from_switch,
)
from nestlab.plan.unmarked import NOT_CREATED
from nestlab.texts import tr, translate


def switch_steps(machine: PlannedMachine, switch: Switch) -> Iterator[Planned]:
    """Yield the steps that create a switch, or change it to match the topology."""
    if switch.existing:
        yield existing_switch(machine, switch)
        return
    current = machine.switch(switch.name)
    if current is None:
        yield _create(machine, switch)
        return
    refuse_unmarked(machine, f"switch {switch.name}", current.notes)
    if current.id in machine.unmarked:
        why = f"{tr('it is {type}', type=current.switch_type)}; {translate(NOT_CREATED)}"
    else:
        mark_text = owner_mark(machine.topology)
        why = tr("it is {type} and has the mark {mark}", type=current.switch_type, mark=mark_text)
    subject = tr("{machine}: switch {switch}", machine=machine.name, switch=switch.name)
    yield from or_unchanged(subject, why, _changes(machine, switch, current))


def _create(machine: PlannedMachine, switch: Switch) -> Step:
    # SwitchType accepts Internal and Private only; External follows from NetAdapterName.
    # AllowManagementOS is accepted with adapters only.
    taken: tuple[Taken, ...] = ()
    if switch.switch_type is SwitchType.EXTERNAL:
        adapters = net_adapter_names(machine, switch)
        taken = tuple(taken_by(machine, switch, adapters))
        kind = new_binding(adapters, switch)
        title = (
            tr(
                "Create the External switch {switch} on the adapter {adapter}",
                switch=switch.name,
                adapter=adapters[0],
            )
            if len(adapters) == 1
            else tr(
                "Create the External switch {switch} on a team of {adapters}",
                switch=switch.name,
                adapters=all_of(adapters),
            )
        )
    else:
        kind = {"SwitchType": str(switch.switch_type)}
        title = tr("Create the {type} switch {switch}", type=switch.switch_type, switch=switch.name)
    return machine.step(
        Action.CREATE_SWITCH,
        switch.name,
        title,
        tr("{machine} has no switch {switch}", machine=machine.name, switch=switch.name)
        + clauses(taken),
        Cmdlet(
            "New-VMSwitch", {"Name": switch.name, **kind, "Notes": owner_mark(machine.topology)}
        ),
        target=StepTarget(TargetKind.SWITCH, switch.name),
        creates=True,
        undo=(
            on_switch(
                SwitchState(id="", name=switch.name, switch_type=""),
                Cmdlet("Remove-VMSwitch", {"Force": SwitchParameter.ON}),
            ),
            *restored_settings(taken),
        ),
        # The address of the adapter moves to the switch's management adapter while the switch is
        # made.
        hazard=Hazard.MAY_CUT_CONNECTION
        if switch.switch_type is SwitchType.EXTERNAL
        else Hazard.NONE,
    )


def _changes(machine: PlannedMachine, switch: Switch, current: SwitchState) -> Iterator[Step]:
    now = bound_adapters(machine, current)
    if switch.switch_type is SwitchType.EXTERNAL:
        wanted = net_adapter_names(machine, switch)
        same = {name.casefold() for name in now} == {name.casefold() for name in wanted}
        if current.switch_type == "External" and same:
            yield from _sharing(machine, switch, current, now)
        elif current.embedded_teaming:
            yield from _members(machine, switch, current, now)
        elif switch.is_team:
            raise _team_refusal(machine, switch)
        else:
            yield from _rebind(machine, switch, current, now)
    elif switch.switch_type is not None and current.switch_type != switch.switch_type:
        if current.embedded_teaming and len(now) > 1:
            raise _team_refusal(machine, switch)
        yield _set(
            machine,
            current,
            tr(
                "{switch} is {type}, and should be {wanted}",
                switch=current.name,
                type=current.switch_type,
                wanted=switch.switch_type,
            ),
            binding(switch.switch_type),
            binding_now(current, now),
            taken=taken_from_switch(machine, current, to=next(iter(now), "")),
            not_sure=not_documented(machine, switch, current),
        )


def _rebind(
    machine: PlannedMachine, switch: Switch, current: SwitchState, now: Names
) -> Iterator[Step]:
    (adapter,) = net_adapter_names(machine, switch)
    forward = binding("External", adapter, allow=switch.allow_management_os)
    back = binding_now(current, now)
    yield _set(
        machine,
        current,
        tr(
            "{switch} is External on {adapters}, and should be External on {wanted}",
            switch=current.name,
            adapters=all_of(now),
            wanted=adapter,
        )
        if current.switch_type == "External"
        else tr(
            "{switch} is {type}, and should be External on {wanted}",
            switch=current.name,
            type=current.switch_type,
            wanted=adapter,
        ),
        forward,
        back,
        taken=[
            *taken_from_switch(machine, current, to=next(iter(now), "")),
            *taken_by(machine, switch, [adapter]),
        ],
        not_sure=not_documented(machine, switch, current, adapter),
        is_external=current.switch_type == "External",
    )


def _sharing(
    machine: PlannedMachine, switch: Switch, current: SwitchState, now: Names
) -> Iterator[Step]:
    # AllowManagementOS is True for a switch with any management adapter.
    allowed = switch.allow_management_os or bool(switch.additional_adapters)
    if current.allow_management_os == allowed or (
        switch.additional_adapters and not switch.allow_management_os
    ):
        return
    forward: dict[str, object] = {"AllowManagementOS": switch.allow_management_os}
    back: dict[str, object] = {"AllowManagementOS": current.allow_management_os}
    if not current.embedded_teaming:
        forward, back = {"NetAdapterName": now[0], **forward}, {"NetAdapterName": now[0], **back}
    yield _set(
        machine,
        current,
        tr(
            "{switch} has AllowManagementOS {value}, and should have {wanted}",
            switch=current.name,
            value=current.allow_management_os,
            wanted=switch.allow_management_os,
        ),
        forward,
        back,
        taken=()
        if switch.allow_management_os
        else taken_from_switch(machine, current, below=now[0]),
    )


def _members(
    machine: PlannedMachine, switch: Switch, current: SwitchState, now: Names
) -> Iterator[Step]:
    """Yield the change of a team's members, which is possible in place."""
    wanted = net_adapter_names(machine, switch)
    yield _set(
        machine,
        current,
        tr(
            "{switch} has the team of {adapters}, and should have {wanted}",
            switch=current.name,
            adapters=all_of(now),
            wanted=all_of(wanted),
        ),
        {"NetAdapterName": list(wanted)},
        {"NetAdapterName": list(now)},
        taken=joining_a_team(machine, [name for name in wanted if name not in now]),
        cmdlet="Set-VMSwitchTeam",
    )
    yield from _sharing(machine, switch, current, wanted)


def _team_refusal(machine: PlannedMachine, switch: Switch) -> PlanRefused:
    # EnableEmbeddedTeaming is a parameter of New-VMSwitch alone.
    subject = f"switch {'/'.join((*machine.path, switch.name))}"
    message = tr("a switch becomes a team, or stops being one, only when it is created again")
    hint = tr("Remove it from the file and apply with `--prune`; then add it again and apply.")
    if machine.is_unmarked_switch(switch):
        message = tr(
            "nestlab did not create it, and it differs from the file: {difference}",
            difference=message,
        )
        hint = tr(
            "Write into the file what the host has, or give the one in the file another name."
        )
    return PlanRefused(Findings([Finding(CANNOT_CHANGE, "error", subject, message, hint)]))


def _set(
    machine: PlannedMachine,
    current: SwitchState,
    why: str,
    forward: dict[str, object],
    back: dict[str, object],
    *,
    taken: Iterable[Taken] = (),
    cmdlet: str = "Set-VMSwitch",
    not_sure: str = "",
    is_external: bool = False,
) -> Step:
    name = current.name
    do, undo = ([each] for each in (forward, back))
    if is_external:
        do, undo = not_shared_first(back, forward), not_shared_first(forward, back)
    may_stay = bool(not_sure) or len(do) > 1 or len(undo) > 1
    taken = [replace(each, may_stay=True) if may_stay else each for each in taken]
    title = tr("Change the switch {switch}", switch=name)
    removes = cmdlet == "Set-VMSwitch"
    others = adapters_that_others_added(machine, current) if removes else []
    lost = [tr("management adapter {adapter}", adapter=each.name) for each in others]
    if lost and not machine.disconnect_others:
        refuse_switch_in_use(machine, name, title, all_of(lost))
    agreed = (
        *(own_adapters_on(machine, current) if removes else ()),
        *(others if machine.disconnect_others else ()),
    )
    return machine.step(
        Action.SET_SWITCH,
        name,
        title,
        why
        + clauses(taken)
        + not_sure
        + goes_with_it(machine.topology, lost, is_sure=not not_sure),
        *(on_switch(current, Cmdlet(cmdlet, each)) for each in do),
        target=switch_target(current),
        undo=(
            *(on_switch(current, Cmdlet(cmdlet, each)) for each in undo),
            *restored_settings(taken),
        ),
        hazard=Hazard.MAY_CUT_CONNECTION,
        disconnects=tuple(each.id for each in agreed),
    )
