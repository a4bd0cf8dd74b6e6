"""The VLAN of a machine's management adapter on a switch."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.model import Cmdlet, SwitchParameter
from nestlab.model.spelling import same_name
from nestlab.model.state import NetworkAdapterState
from nestlab.model.topology import ManagementAdapter, Switch, SwitchType
from nestlab.plan.cmdlet_targets import adapter_by_id
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.management_adapter_steps import management_adapter
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.step import Hazard, Planned, Step, StepTarget
from nestlab.plan.vlan_settings import (
    SET_VLAN,
    same_vlan,
    vlan_parameters,
    vlan_state,
    vlan_state_text,
)
from nestlab.texts import tr


def management_vlan_steps(machine: PlannedMachine, switch: Switch) -> Iterator[Planned]:
    """Yield the steps that set the VLANs of the machine's own adapters on a switch."""
    for own in switch.all_management_adapters:
        now = management_adapter(machine, switch.name, own.name) or NetworkAdapterState(
            id="", name=own.name, switch_name=switch.name
        )
        if not same_vlan(vlan_state(own.vlan), now.vlan):
            yield _set(machine, switch, own, now)


def _set(
    machine: PlannedMachine, switch: Switch, own: ManagementAdapter, now: NetworkAdapterState
) -> Step:
    wanted = vlan_state(own.vlan)
    current = machine.switch(switch.name)
    further = own in switch.additional_adapters
    external = switch.switch_type is SwitchType.EXTERNAL and not further
    made_by = machine.step_id(Action.CREATE_SWITCH, switch.name)
    if further:
        made_by = machine.step_id(Action.ADD_MANAGEMENT_ADAPTER, f"{switch.name}/{own.name}")
    return machine.step(
        Action.SET_VLAN,
        f"switch {switch.name}" + (f"/{own.name}" if further else ""),
        tr(
            "Set the VLAN of {adapter}: {vlan}",
            adapter=machine.adapter_alias(switch, own),
            vlan=vlan_state_text(wanted),
        ),
        tr("it is {vlan}", vlan=vlan_state_text(now.vlan)),
        _on_management_adapter(machine, now, vlan_parameters(wanted)),
        target=StepTarget(TargetKind.SWITCH, switch.name, current.id if current else ""),
        undo=(_on_management_adapter(machine, now, vlan_parameters(now.vlan)),),
        hazard=Hazard.MAY_CUT_CONNECTION if external else Hazard.NONE,
        needs=(made_by,),
    )


def _on_management_adapter(
    machine: PlannedMachine, adapter: NetworkAdapterState, mode: dict[str, object]
) -> Cmdlet:
    """Return the cmdlet for a management adapter, selected by Id, or by name if not created yet."""
    own: dict[str, object] = {"ManagementOS": SwitchParameter.ON}
    if adapter.id:
        return adapter_by_id(adapter.id, Cmdlet(SET_VLAN, mode), management_os=True)
    taken = any(same_name(a.name, adapter.name) for a in machine.hyper_v.management_adapters)
    if taken:  # on another switch: names of management adapters are not unique
        by = {**own, "Name": adapter.name, "SwitchName": adapter.switch_name}
        return Cmdlet("Get-VMNetworkAdapter", by, Cmdlet(SET_VLAN, mode))
    return Cmdlet(SET_VLAN, {**own, "VMNetworkAdapterName": adapter.name, **mode})
