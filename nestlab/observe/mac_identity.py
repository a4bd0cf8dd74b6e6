"""Checks that no VM of others has taken a static MAC address since the plan was made."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants.commands import SELECT_OBJECT
from nestlab.model import Cmdlet, Outcome, Record, SwitchParameter
from nestlab.model.ownership import is_marked
from nestlab.model.spelling import hyphenated_mac, plain_mac, same_name
from nestlab.model.state import NetworkAdapterState, VirtualMachineState, VlanState
from nestlab.observe.hyper_v import hyper_v_state
from nestlab.observe.hyper_v_statements import ADAPTER_PROPERTIES, VLANS
from nestlab.observe.reading import flag, guid, text
from nestlab.observe.target_reader import GET_VM_HOST, TargetReader, query
from nestlab.plan import Refusal, Step
from nestlab.texts import tr

_CONTINUE = {"ErrorAction": "Continue"}
_SHOWN = Cmdlet(SELECT_OBJECT, {"Property": ["VMId", "Id", "SwitchName"]})


def refuse_taken_mac(
    reader: TargetReader, step: Step, vm_id: str, outcome: Outcome
) -> Refusal | None:
    """Return why an adapter must not get a static MAC address on its switch; None if it may.

    A step sets the address, or connects an adapter that has one. `outcome` has the adapters of the
    VM, if the step names one. An adapter on another VLAN may have the same address.
    """
    for mac in _static_addresses(step, outcome):
        has_it = {"Property": "MacAddress", "EQ": SwitchParameter.ON, "Value": mac}
        found = Cmdlet("Where-Object", has_it, _SHOWN)
        everyone = Cmdlet("Get-VMNetworkAdapter", {"VMName": "*", **_CONTINUE}, found)
        others = [each for each in reader.read(everyone) if guid(each, "VMId") != vm_id]
        if others and (why := next(_reasons(reader, step, vm_id, mac, others), "")):
            return Refusal(why, in_use=reader.is_undo)  # in a run, no VM starts without its adapter
    return None


def _static_addresses(step: Step, outcome: Outcome) -> Iterator[str]:
    """Yield the static MAC addresses that a step sets, or that the adapter it connects has."""
    stages = [stage for cmdlet in step.cmdlets for stage in cmdlet.stages]
    given = (stage.parameters.get("StaticMacAddress") for stage in stages)
    yield from (plain_mac(str(each)) for each in given if each)
    if any(stage.name == "Connect-VMNetworkAdapter" for stage in stages):
        chosen = _adapter_id(step)
        for each in outcome.of_type("VMNetworkAdapter"):
            if text(each, "Id") == chosen and not flag(each, "DynamicMacAddressEnabled"):
                yield plain_mac(text(each, "MacAddress"))


def _adapter_id(step: Step) -> str:
    """Return the Id of the adapter that a step selects; empty for a new one."""
    stages = (stage for cmdlet in step.cmdlets for stage in cmdlet.stages)
    ids = (each.parameters["Value"] for each in stages if each.parameters.get("Property") == "Id")
    return str(next(ids, ""))


def _reasons(
    reader: TargetReader, step: Step, vm_id: str, mac: str, others: list[Record]
) -> Iterator[str]:
    """Yield a reason for each VM of others that has the address on the same switch and VLAN."""
    own = _adapter(_vm(reader, vm_id), _adapter_id(step))
    stages = (stage for cmdlet in step.cmdlets for stage in cmdlet.stages)
    named = (
        str(each.parameters["SwitchName"]) for each in stages if "SwitchName" in each.parameters
    )
    switch = next(named, own.switch_name if own else "")
    for record in others:
        vm = _vm(reader, guid(record, "VMId"))
        theirs = _adapter(vm, text(record, "Id"))
        if vm is None or theirs is None or is_marked(vm.notes, reader.topology):
            continue
        same_vlan = theirs.vlan == (own.vlan if own else VlanState())
        if switch and same_name(theirs.switch_name, switch) and same_vlan:
            yield tr(
                "the VM {other} has the MAC address {address} on the switch {switch}, which VM {vm} was to have there",
                other=vm.name,
                address=hyphenated_mac(mac),
                switch=switch,
                vm=step.target.name,
            )


def _vm(reader: TargetReader, vm_id: str) -> VirtualMachineState | None:
    of_vm = {"Id": vm_id, **_CONTINUE}
    shown = (Cmdlet("Get-VMNetworkAdapter", {}, each) for each in (ADAPTER_PROPERTIES, VLANS))
    adapters = (Cmdlet("Get-VM", of_vm, each) for each in shown)
    state = hyper_v_state(reader.read(GET_VM_HOST, query("Get-VM", Id=vm_id), *adapters))
    return state.vms[0] if state and state.vms else None


def _adapter(vm: VirtualMachineState | None, adapter_id: str) -> NetworkAdapterState | None:
    return (
        next((each for each in vm.network_adapters if each.id == adapter_id), None) if vm else None
    )
