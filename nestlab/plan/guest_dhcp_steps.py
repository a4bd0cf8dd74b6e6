"""Steps for the DHCP scopes that a Windows guest serves on adapters of its VM.

The DHCP server listens on every adapter with a static address, and answers a client from the scope
of the network of the adapter that its request came in by: no scope, no answer
(https://learn.microsoft.com/windows-server/networking/technologies/dhcp/dhcp-top). So a scope for
the network of one adapter serves that adapter, and no binding has to be set.
"""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import PRODUCT_WORKSTATION
from nestlab.model.state import DhcpScopeState
from nestlab.model.topology import VM, guest_dhcp_servers
from nestlab.plan.dhcp_options import reservations_of_no_run
from nestlab.plan.dhcp_steps import scope_left_over, scope_steps
from nestlab.plan.disk_names import is_guest_scope
from nestlab.plan.entries_of_others import SwitchEntries
from nestlab.plan.guest_entries import adapter_of_scope, entries_of_guest
from nestlab.plan.kinds import TargetKind
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.served_scope import scope_of_guest
from nestlab.plan.step import Planned, Remainder, Step, StepTarget
from nestlab.texts import tr


def guest_dhcp_steps(machine: PlannedMachine, vm: VM) -> Iterator[Planned]:
    """Yield the steps for the scopes of a guest with the DHCP server role.

    A scope that nestlab made there and that the file no longer has is removed first, so that its
    network is free for another; it is left over while VMs of others are beside the guest.
    """
    if machine.state.computer.product_type == PRODUCT_WORKSTATION:
        return  # guest-needs-server reports it
    wanted = [scope_of_guest(machine, vm, server) for server in guest_dhcp_servers(vm)]
    names = {each.scope_name.casefold() for each in wanted if each.scope is not None}
    for scope in machine.state.dhcp_scopes:
        is_own = is_guest_scope(scope.name, machine.topology, machine.path)
        if is_own and scope.name.casefold() not in names:
            yield _left_over(machine, scope)
    for each in wanted:
        yield from scope_steps(each)


def _left_over(machine: PlannedMachine, scope: DhcpScopeState) -> Step | Remainder:
    """Return the removal of a scope that the file no longer has, or why it is left over."""
    adapter = adapter_of_scope(machine.as_vm, scope.name, machine.topology)
    found = entries_of_guest(machine, adapter.name) if adapter else None
    entries = found or SwitchEntries(machine, "")
    return scope_left_over(
        entries,
        scope,
        tr("the file declares no DHCP server for it"),
        StepTarget(TargetKind.SCOPE, scope.name),
        reservations_of_no_run(entries, scope),
    )
