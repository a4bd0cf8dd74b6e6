"""VM adapters under their names in the file: a renamed adapter is renamed back, not replaced."""

from __future__ import annotations

from collections.abc import Mapping

from nestlab.dataclass import replace
from nestlab.model.renamed_adapters import renamed_adapters
from nestlab.model.state import VirtualMachineState
from nestlab.model.topology import VM, NetworkAdapter
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.seed_disks import with_static_macs
from nestlab.texts import tr


def with_adapter_names(machine: PlannedMachine, names: dict[str, str]) -> PlannedMachine:
    """Return a machine whose VMs have adapters with their names in the file.

    `names` maps adapter Ids of all machines to these names; those of this machine are added to it.
    """
    hyper_v = machine.state.hyper_v
    if hyper_v is None:
        return machine
    found: dict[str, str] = {}
    for vm in machine.wanted.vms:
        current = machine.vm(vm.name)
        if current is not None:
            found.update(_names(machine, vm, current))
    if not found:
        return machine
    names.update(found)
    state = replace(
        machine.state,
        hyper_v=replace(hyper_v, vms=tuple(with_names(vm, found) for vm in hyper_v.vms)),
    )
    observed = {a.id: a.name for vm in hyper_v.vms for a in vm.network_adapters}
    return replace(machine, state=state, renamed={each: observed[each] for each in found})


def _names(machine: PlannedMachine, vm: VM, current: VirtualMachineState) -> dict[str, str]:
    by_mac = renamed_adapters(with_static_macs(machine, vm).network_adapters, current)
    # An adapter without `mac_address` in the file may have any.
    return by_mac | renamed_adapters(vm.network_adapters, with_names(current, by_mac))


def with_names(vm: VirtualMachineState, names: Mapping[str, str]) -> VirtualMachineState:
    """Return a VM whose adapters have other names, given by adapter Id."""
    if not any(adapter.id in names for adapter in vm.network_adapters):
        return vm
    adapters = (
        replace(adapter, name=names.get(adapter.id, adapter.name))
        for adapter in vm.network_adapters
    )
    return replace(vm, network_adapters=tuple(adapters))


def set_at_start_text(current: VirtualMachineState, adapter: NetworkAdapter) -> str:
    """Return a clause about the address of a new adapter in a guest that cloud-init sets up.

    Empty for a VM that is created, and where the adapter gets no address.
    """
    address = adapter.ip_address or (tr("an address from DHCP") if adapter.dhcp else None)
    if address is None or not current.id:
        return ""
    return tr(
        "; cloud-init in its guest configures adapters by MAC address, when the guest starts: it has {address} there after the next start",
        address=address,
    )
