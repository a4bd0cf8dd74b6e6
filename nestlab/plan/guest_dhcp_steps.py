"""Steps for the DHCP scopes that a Windows guest serves on adapters of its VM.

The DHCP server listens on every adapter with a static address, and answers a client from the scope
of the network of the adapter that its request came in by: no scope, no answer
(https://learn.microsoft.com/windows-server/networking/technologies/dhcp/dhcp-top). So a scope for
the network of one adapter serves that adapter, and no binding has to be set.
"""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import PRODUCT_WORKSTATION
from nestlab.model.topology import VM, guest_dhcp_servers
from nestlab.plan.dhcp_steps import scope_removal, scope_steps
from nestlab.plan.disk_names import is_guest_scope
from nestlab.plan.kinds import TargetKind
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.served_scope import scope_of_guest
from nestlab.plan.step import Planned, StepTarget
from nestlab.texts import tr


def guest_dhcp_steps(machine: PlannedMachine, vm: VM) -> Iterator[Planned]:
    """Yield the steps for the scopes of a guest with the DHCP server role.

    A scope that nestlab made there and that the file no longer has is removed first, so that its
    network is free for another.
    """
    if machine.state.computer.product_type == PRODUCT_WORKSTATION:
        return  # guest-needs-server reports it
    wanted = [scope_of_guest(machine, vm, server) for server in guest_dhcp_servers(vm)]
    names = {each.scope_name.casefold() for each in wanted if each.scope is not None}
    for scope in machine.state.dhcp_scopes:
        is_own = is_guest_scope(scope.name, machine.topology, machine.path)
        if is_own and scope.name.casefold() not in names:
            yield scope_removal(
                machine,
                scope,
                tr("the file declares no DHCP server for it"),
                StepTarget(TargetKind.SCOPE, scope.name),
            )
    for each in wanted:
        yield from scope_steps(each)
