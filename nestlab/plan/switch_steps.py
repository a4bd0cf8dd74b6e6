"""Virtual switches: created, and changed where they differ."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.errors import PlanRefused
from nestlab.model import Cmdlet, Finding, Findings, SwitchParameter
from nestlab.model.ownership import is_marked, owner_mark
from nestlab.model.spelling import same_name
from nestlab.model.state import SwitchState
from nestlab.model.topology import Switch, SwitchType
from nestlab.plan.cmdlet_targets import on_switch, switch_target
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.planned_machine import PlannedMachine, or_unchanged
from nestlab.plan.step import Hazard, Planned, Step, StepTarget, Unchanged


def switch_steps(machine: PlannedMachine, switch: Switch) -> Iterator[Planned]:
    """Yield the steps that create a switch, or change it to match the topology."""
    if switch.existing:
        yield _used(machine, switch)
        return
    current = machine.switch(switch.name)
    if current is None:
        yield _create(machine, switch)
        return
    refuse_unmarked(machine, f"switch {switch.name}", current.notes)
    why = f"it is {current.switch_type} and has the mark {owner_mark(machine.topology)}"
    yield from or_unchanged(
        f"{machine.name}: switch {switch.name}", why, _changes(machine, switch, current)
    )


def _used(machine: PlannedMachine, switch: Switch) -> Unchanged:
    """Return that an existing switch is not changed; raises PlanRefused unless exactly one fits."""
    found = machine.hyper_v.existing_switches(switch)
    subject = f"{machine.name}: switch {switch.name}"
    if len(found) == 1:
        by = "" if same_name(found[0].name, switch.name) else f", by its Id {found[0].name},"
        why = f"the file uses the existing one{by} of type {found[0].switch_type}, which is not changed"
        return Unchanged(subject, why)
    code = "name-clash" if found else "existing-switch-missing"
    message = f"{machine.name} has {len(found) or 'no'} switch{'es' if found else ''} {switch.name}"
    hint = (
        "Rename one of them, so that the name means one switch."
        if found
        else "Write the name of a switch that Get-VMSwitch shows there, or remove existing and give it a switch_type."
    )
    raise PlanRefused(Findings([Finding(code, "error", subject, message, hint)]))


def refuse_unmarked(machine: PlannedMachine, subject: str, notes: str) -> None:
    """Raise PlanRefused where an object of a wanted name does not carry the mark."""
    if is_marked(notes, machine.topology):
        return
    message = f"{subject} exists on {machine.name} and does not carry the mark {owner_mark(machine.topology)}"
    hint = "Give the one in the topology another name, or remove or rename the one on the machine."
    raise PlanRefused(
        Findings([Finding("name-clash", "error", f"{machine.name}: {subject}", message, hint)])
    )


def _create(machine: PlannedMachine, switch: Switch) -> Step:
    # SwitchType takes Internal and Private only; External follows from NetAdapterName.
    # AllowManagementOS is accepted with adapters only.
    if switch.switch_type is SwitchType.EXTERNAL:
        adapter = _net_adapter_name(machine, switch)
        kind = {"NetAdapterName": adapter, "AllowManagementOS": switch.allow_management_os}
        title = f"Create the External switch {switch.name} on the adapter {adapter}"
    else:
        kind = {"SwitchType": str(switch.switch_type)}
        title = f"Create the {switch.switch_type} switch {switch.name}"
    return machine.step(
        Action.CREATE_SWITCH,
        switch.name,
        title,
        f"{machine.name} has no switch {switch.name}",
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
        ),
        # The address of the adapter moves to the switch's management adapter while the switch is
        # made.
        hazard=Hazard.MAY_CUT_CONNECTION
        if switch.switch_type is SwitchType.EXTERNAL
        else Hazard.NONE,
    )


def _changes(machine: PlannedMachine, switch: Switch, current: SwitchState) -> Iterator[Step]:
    back = _binding(
        current.switch_type, _current_adapter(machine, current), allow=current.allow_management_os
    )
    if switch.switch_type is SwitchType.EXTERNAL:
        adapter = _net_adapter_name(machine, switch)
        forward = _binding("External", adapter, allow=switch.allow_management_os)
        if current.switch_type != "External" or not same_name(
            _current_adapter(machine, current), adapter
        ):
            observed = f"{current.switch_type}" + (
                f" on {_current_adapter(machine, current)}"
                if current.switch_type == "External"
                else ""
            )
            yield _set(
                machine, current, f"is {observed}, wanted External on {adapter}", forward, back
            )
        elif current.allow_management_os != switch.allow_management_os:
            yield _set(
                machine,
                current,
                f"has AllowManagementOS {current.allow_management_os}, wanted {switch.allow_management_os}",
                forward,
                back,
            )
    elif switch.switch_type is not None and current.switch_type != switch.switch_type:
        yield _set(
            machine,
            current,
            f"is {current.switch_type}, wanted {switch.switch_type}",
            _binding(switch.switch_type),
            back,
        )


def _set(
    machine: PlannedMachine,
    current: SwitchState,
    why: str,
    forward: dict[str, object],
    back: dict[str, object],
) -> Step:
    name = current.name
    return machine.step(
        Action.SET_SWITCH,
        name,
        f"Change the switch {name}",
        f"{name} {why}",
        on_switch(current, Cmdlet("Set-VMSwitch", forward)),
        target=switch_target(current),
        undo=(on_switch(current, Cmdlet("Set-VMSwitch", back)),),
        hazard=Hazard.MAY_CUT_CONNECTION,
    )


def _binding(switch_type: str, adapter: str = "", *, allow: bool = True) -> dict[str, object]:
    return (
        {"NetAdapterName": adapter, "AllowManagementOS": allow}
        if switch_type == "External"
        else {"SwitchType": str(switch_type)}
    )


def _net_adapter_name(machine: PlannedMachine, switch: Switch) -> str:
    wanted = switch.net_adapter or ""
    adapter = machine.net_adapter(wanted)
    return adapter.name if adapter else wanted


def _current_adapter(machine: PlannedMachine, current: SwitchState) -> str:
    bound = set(current.net_adapter_interface_descriptions)
    return next(
        (a.name for a in machine.state.net_adapters if a.interface_description in bound), ""
    )
