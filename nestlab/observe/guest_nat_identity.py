"""Checks that a step on the NAT of a guest takes nothing from others, right before it runs.

The VMs that it serves are on switches of the machine that runs the guest.
"""

from __future__ import annotations

from ipaddress import IPv4Network

from nestlab.model import Cmdlet, Record
from nestlab.model.ownership import is_marked
from nestlab.model.state import ComputerState, HostState
from nestlab.observe.entries_of_others import entries_going, with_notice
from nestlab.observe.hyper_v import hyper_v_state
from nestlab.observe.hyper_v_statements import ADAPTER_PROPERTIES
from nestlab.observe.reading import text
from nestlab.observe.switch_services import agreed_to
from nestlab.observe.target_reader import GET_VM_HOST, TargetReader, query
from nestlab.observe.undone_settings import with_settings
from nestlab.plan import Refusal, Step, vms_left_out, why_nat_is_kept
from nestlab.plan.guest_entries import adapters_inside, why_forwards_are_kept
from nestlab.plan.nat_users import vms_of_others


def identify_guest_nat(reader: TargetReader, nat: Record) -> Step | Refusal:
    """Return a step on the NAT of a guest or its forwards, or why it must not run.

    A NAT that is removed or gets another prefix is kept for forwards that others added, and for VMs
    of others that it would not translate.
    """
    found = with_settings(reader)
    if isinstance(found, Refusal) or not reader.runs("Remove-NetNat"):
        return found
    going = entries_going(reader)
    if agreed_to(reader):
        return with_notice(reader, going)
    current = IPv4Network(text(nat, "InternalIPInterfaceAddressPrefix"))
    cut_off = _cut_off(reader, current)
    why = why_forwards_are_kept(reader.topology, going.values()) or why_nat_is_kept(cut_off)
    return Refusal(why, in_use=True) if why else found


def _cut_off(reader: TargetReader, current: IPv4Network) -> list[str]:
    """Return what VMs of others send that the step leaves without translation."""
    above, name, topology = reader.above, reader.step.machine[-1], reader.topology
    if above is None:
        return []
    adapters = Cmdlet("Get-VMNetworkAdapter", {}, ADAPTER_PROPERTIES)
    of_name = Cmdlet("Get-VM", {"Name": name, "ErrorAction": "Continue"}, adapters)
    machine = hyper_v_state(above.read(GET_VM_HOST, query("Get-VM", Name=name), of_name))
    own = [vm for vm in machine.vms if is_marked(vm.notes, topology)] if machine else []
    added = (each.parameters for each in reader.step.cmdlets if each.name == "New-NetNat")
    new = [IPv4Network(str(each["InternalIPInterfaceAddressPrefix"])) for each in added]
    found: list[str] = []
    for adapter in (each for vm in own for each in adapters_inside(vm, current)):
        hyper_v = above.hyper_v_of_switch(adapter.switch_id)
        state = HostState(computer=ComputerState(name=""), hyper_v=hyper_v)
        found += (
            vms_left_out(state, topology, adapter.switch_name, current, new[-1])
            if new
            else vms_of_others(state, topology, adapter.switch_name)
        )
    return found
