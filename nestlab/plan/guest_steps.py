"""The steps inside a Windows guest: addresses, features, name, role, routes, NAT and DHCP."""

from __future__ import annotations

from collections.abc import Generator

from nestlab.model.topology import VM
from nestlab.plan.address_steps import address_steps
from nestlab.plan.computer_name_steps import computer_name_steps
from nestlab.plan.feature_steps import feature_restart, feature_steps, restarts_alone
from nestlab.plan.firewall_steps import firewall_steps
from nestlab.plan.first_boot_result import not_set_at_first_boot
from nestlab.plan.guest_dhcp_steps import guest_dhcp_steps
from nestlab.plan.guest_nat_steps import guest_nat_steps
from nestlab.plan.interfaces import PlannedInterface, guest_interfaces
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.role_steps import hyper_v_steps
from nestlab.plan.routing_steps import routing_steps
from nestlab.plan.step import Deferred, Planned


def guest_steps(machine: PlannedMachine, vm: VM) -> Generator[Planned, None, bool]:
    """Yield the steps of a guest, without what its Hyper-V is to have.

    Return whether the guest is restarted: everything inside is planned after that.
    """
    for interface in guest_interfaces(machine, vm):
        yield from (
            address_steps(machine, interface)
            if isinstance(interface, PlannedInterface)
            else (interface,)
        )
    yield from (*not_set_at_first_boot(machine, vm), *firewall_steps(machine, vm))
    features = [*feature_steps(machine, vm)]
    yield from features
    restarts = [*computer_name_steps(machine, vm)]
    if not any(isinstance(item, Deferred) for item in restarts) and restarts_alone(machine, vm):
        restarts += feature_restart(machine, vm, features)
    yield from restarts
    if any(isinstance(item, Deferred) for item in restarts):
        return True
    if vm.nested is not None:
        yield from hyper_v_steps(machine)
    else:
        yield from routing_steps(machine)
    if restarts_alone(machine, vm):
        yield from guest_nat_steps(machine, vm)
        yield from guest_dhcp_steps(machine, vm)
    return False
