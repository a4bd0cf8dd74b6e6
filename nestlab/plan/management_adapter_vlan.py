"""The VLAN of a machine's management adapter on a switch."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.model import Cmdlet, SwitchParameter
from nestlab.model.spelling import same_name
from nestlab.model.state import NetworkAdapterState, VlanState
from nestlab.model.topology import Switch, SwitchType
from nestlab.plan.cmdlet_targets import adapter_of_id
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.step import Hazard, Planned, Step, StepTarget
from nestlab.plan.vlan_settings import SET_VLAN, same_vlan, vlan_mode, vlan_state, vlan_state_text


def management_vlan_steps(machine: PlannedMachine, switch: Switch) -> Iterator[Planned]:
    """Yield the step that sets the VLAN of the management adapter on a switch."""
    if not switch.has_management_adapter:
        return
    now = _management_adapter(machine, switch)
    wanted = vlan_state(switch.vlan)
    if not same_vlan(wanted, now.vlan):
        yield _set(machine, switch, now, wanted)


def _management_adapter(machine: PlannedMachine, switch: Switch) -> NetworkAdapterState:
    """Return the management adapter named like the switch; without an Id if not created yet."""
    own = (
        adapter
        for adapter in machine.hyper_v.management_adapters
        if same_name(adapter.switch_name, switch.name) and same_name(adapter.name, switch.name)
    )
    return next(own, NetworkAdapterState(id="", name=switch.name, switch_name=switch.name))


def _set(
    machine: PlannedMachine, switch: Switch, now: NetworkAdapterState, wanted: VlanState
) -> Step:
    current = machine.switch(switch.name)
    external = switch.switch_type is SwitchType.EXTERNAL
    return machine.step(
        Action.SET_VLAN,
        f"switch {switch.name}",
        f"Set the VLAN of {machine.management_alias(switch)}: {vlan_state_text(wanted)}",
        f"it is {vlan_state_text(now.vlan)}",
        _on_management_adapter(machine, now, vlan_mode(wanted)),
        target=StepTarget(TargetKind.SWITCH, switch.name, current.id if current else ""),
        undo=(_on_management_adapter(machine, now, vlan_mode(now.vlan)),),
        hazard=Hazard.MAY_CUT_CONNECTION if external else Hazard.NONE,
        needs=(machine.step_id(Action.CREATE_SWITCH, switch.name),),
    )


def _on_management_adapter(
    machine: PlannedMachine, adapter: NetworkAdapterState, mode: dict[str, object]
) -> Cmdlet:
    """Return the cmdlet for a management adapter: by its Id; by its name if not created yet."""
    own: dict[str, object] = {"ManagementOS": SwitchParameter.ON}
    if adapter.id:
        return adapter_of_id(adapter.id, Cmdlet(SET_VLAN, mode), own=True)
    taken = any(same_name(a.name, adapter.name) for a in machine.hyper_v.management_adapters)
    if taken:  # on another switch: names of management adapters are not unique
        by = {**own, "Name": adapter.name, "SwitchName": adapter.switch_name}
        return Cmdlet("Get-VMNetworkAdapter", by, Cmdlet(SET_VLAN, mode))
    return Cmdlet(SET_VLAN, {**own, "VMNetworkAdapterName": adapter.name, **mode})
