"""Addresses of a guest that serves others: their gateway or DHCP server, which a step changes."""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import ip_address

from nestlab.enumerations import all_of
from nestlab.model.state import NetworkAdapterState, VirtualMachineState
from nestlab.model.topology import VM
from nestlab.plan.address_users import may_also_use
from nestlab.plan.guest_services import made_services, observed_services
from nestlab.plan.planned_machine import PlannedMachine, named_adapter
from nestlab.plan.served_others import Served, others_on_switches, served_by


def windows_address_clause(
    machine: PlannedMachine, adapter: str, addresses: Collection[object]
) -> str:
    """Return a clause about VMs of others that may use addresses which a step removes in a guest.

    `adapter` is the name of an adapter of its VM. The clause is empty without any.
    """
    above, vm = machine.states.get(machine.path[:-1]), machine.as_vm
    found = named_adapter(vm, adapter) if vm else None
    if above is None or vm is None or found is None:
        return ""
    services = observed_services(machine.state, machine.topology, machine.path)
    on_switches = others_on_switches(above.hyper_v, machine.topology, vm)
    return _clause(served_by(vm, services, machine.topology, on_switches), found, addresses)


def linux_address_clauses(machine: PlannedMachine, vm: VM, current: VirtualMachineState) -> str:
    """Return clauses about addresses of a Linux guest which its new seed disk does not have.

    They are known while the guest runs.
    """
    path = (*machine.path, vm.name)
    services = made_services(machine.read_made_entries(), path, current, machine.topology)
    on_switches = others_on_switches(machine.state.hyper_v, machine.topology, current)
    served, clauses = served_by(current, services, machine.topology, on_switches), []
    for wanted in vm.network_adapters:
        adapter = named_adapter(current, wanted.name)
        if adapter is None:
            continue
        new = wanted.ip_address.ip if wanted.ip_address else None
        found = [ip_address(each) for each in adapter.ip_addresses]
        lost = [each for each in found if each.version == 4 and not each.is_link_local]  # noqa: PLR2004  # IPv4
        lost = [each for each in lost if each != new]
        clauses.append(_clause(served, adapter, lost))
    return "".join(clauses)


def _clause(found: Served, adapter: NetworkAdapterState, addresses: Collection[object]) -> str:
    pairs = found.on({adapter.switch_id})
    vms = [f"VM {user.name}" for _, user in (*pairs.translated, *pairs.served)]
    used = vms and addresses
    return may_also_use(all_of(vms), adapter.switch_name, addresses) if used else ""
