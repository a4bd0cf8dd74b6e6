"""Checks that the removal of a VM that is a router cuts off no VMs of others, right before it."""

from __future__ import annotations

from nestlab.model import Cmdlet
from nestlab.model.state import VirtualMachineState
from nestlab.observe.hyper_v import hyper_v_state
from nestlab.observe.hyper_v_statements import ADAPTER_PROPERTIES
from nestlab.observe.target_reader import GET_VM_HOST, TargetReader, query
from nestlab.plan import other_vms_on, why_nat_is_kept
from nestlab.plan.guest_entries import adapters_inside
from nestlab.plan.made_entries import made_nats
from nestlab.plan.nat_users import sent_by


def why_router_is_kept(reader: TargetReader, vm: VirtualMachineState) -> str:
    """Return why a VM is not removed: VMs of others are behind a NAT that a run made in it.

    A plan names those that were there. Empty without any others.
    """
    step = reader.step
    prefixes = made_nats((*step.machine, vm.name), reader.read_made_entries())
    if not prefixes or reader.may_disconnect_others:
        return ""
    agreed = () if reader.is_undo else step.disconnects
    read = Cmdlet("Get-VMNetworkAdapter", {}, ADAPTER_PROPERTIES)
    of_vm = Cmdlet("Get-VM", {"Id": vm.id, "ErrorAction": "Continue"}, read)
    state = hyper_v_state(reader.read(GET_VM_HOST, query("Get-VM", Id=vm.id), of_vm))
    inside = {
        adapter.switch_id: adapter
        for each in (state.vms if state else ())
        for prefix in prefixes
        for adapter in adapters_inside(each, prefix, unknown=True)
    }
    found = []
    for adapter in inside.values():
        hyper_v = reader.hyper_v_of_switch(adapter.switch_id)
        switch = next((each for each in hyper_v.switches if each.id == adapter.switch_id), None)
        others = other_vms_on(hyper_v, switch, reader.topology) if switch else ()
        found += [(switch, each) for each in others if switch and each.id not in agreed]
    return why_nat_is_kept(sent_by(found))
