"""The observed switches that a switch of the file names, and the VLANs of adapters on them."""

from __future__ import annotations

from nestlab.model.ownership import owner_of
from nestlab.model.spelling import same_name
from nestlab.model.state import SwitchState, VirtualMachineState, VlanState
from nestlab.model.topology import Switch
from nestlab.rules.match.host_match import HostMatch
from nestlab.texts import tr

NO_VLAN = 0


def switches_of(match: HostMatch, switch: Switch) -> list[SwitchState]:
    """Return the observed switches that a switch of the file names."""
    if match.hyper_v is None:
        return []
    if switch.existing:
        return match.hyper_v.existing_switches(switch)
    return [found for found in match.switches if same_name(found.name, switch.name)]


def vlans_of(vlan: VlanState) -> tuple[int, ...]:
    """Return the VLAN of an adapter, 0 without one; empty for a trunk or a private VLAN."""
    access = (vlan.access_vlan_id,) if vlan.operation_mode == "Access" else ()
    return (NO_VLAN,) if vlan.operation_mode == "Untagged" else access


def vm_phrase(vm: VirtualMachineState) -> str:
    """Return the name of a VM for a sentence, with the topology that it belongs to."""
    owner = owner_of(vm.notes)
    return (
        tr("the VM {vm} of the topology {owner}", vm=vm.name, owner=owner)
        if owner
        else tr("the VM {vm}", vm=vm.name)
    )
