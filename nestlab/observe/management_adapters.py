"""Checks that the change of a switch removes no adapters of the machine that others added to it."""

from __future__ import annotations

from nestlab.enumerations import all_of
from nestlab.model import SwitchParameter
from nestlab.model.state import NetworkAdapterState, SwitchState
from nestlab.observe.hyper_v import hyper_v_state
from nestlab.observe.target_reader import GET_VM_HOST, TargetReader, query
from nestlab.plan import Step, extra_management_adapters
from nestlab.plan.cut_off import why_switch_is_unchanged
from nestlab.plan.cutting_steps import may_remove_management_adapters
from nestlab.plan.made_entries import management_adapter_entry
from nestlab.texts import tr


def why_adapters_keep(reader: TargetReader, step: Step) -> str:
    """Return why a switch stays as it is: adapters of others came since; empty if none did.

    A plan names those that were there. Undo also removes those that runs of the topology added.
    """
    if reader.may_disconnect_others or not may_remove_management_adapters(step):
        return ""
    found = hyper_v_state(
        reader.read(
            GET_VM_HOST,
            query("Get-VMSwitch", Id=step.target.id),
            query("Get-VMNetworkAdapter", ManagementOS=SwitchParameter.ON),
        )
    )
    others = [
        tr("management adapter {adapter}", adapter=adapter.name)
        for switch in (found.switches if found else ())
        for adapter in (extra_management_adapters(found, switch) if found else ())
        if _is_of_others(reader, switch, adapter)
    ]
    return why_switch_is_unchanged(all_of(others), step.target.name) if others else ""


def _is_of_others(reader: TargetReader, switch: SwitchState, adapter: NetworkAdapterState) -> bool:
    step = reader.step
    agreed = () if reader.is_undo else step.disconnects
    if adapter.id in agreed:
        return False
    made = reader.read_made_entries()
    names = (adapter.name, "")  # of an adoption, which names no adapter
    return not any(management_adapter_entry(step.machine, switch.name, n) in made for n in names)
