"""The networks of one machine: switches with their adapters, addresses, NATs, DHCP scopes."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.model.topology import SwitchType
from nestlab.plan.address_steps import address_steps
from nestlab.plan.changed_adapters import without_changed_adapters
from nestlab.plan.created_again import with_added_again
from nestlab.plan.dhcp_steps import dhcp_removal, dhcp_steps
from nestlab.plan.interfaces import additional_interfaces, switch_interface
from nestlab.plan.management_adapter_steps import management_adapter_steps
from nestlab.plan.management_adapter_vlan import management_vlan_steps
from nestlab.plan.nat_steps import nat_removal, nat_steps
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.step import Planned
from nestlab.plan.switch_steps import switch_steps


def network_steps(machine: PlannedMachine) -> Iterator[Planned]:
    """Yield the steps for the switches of a machine; those that take over an adapter come last."""
    for switch in machine.wanted.switches:
        if switch.existing:
            yield from switch_steps(machine, switch)
    machine, removals = without_changed_adapters(machine)
    own = machine.own_switches
    for switch in own:
        yield from nat_removal(machine, switch)
        yield from dhcp_removal(machine, switch)
    # An External switch takes over the adapter that the session may use: everything that does not
    # need the switch is created before it.
    external = [switch for switch in own if switch.switch_type is SwitchType.EXTERNAL]
    for switches in ([switch for switch in own if switch not in external], external):
        for switch in switches:
            yield from removals.get(switch.name, ())
            yield from switch_steps(machine, switch)
            yield from management_adapter_steps(machine, switch)
            yield from management_vlan_steps(machine, switch)
            interface = switch_interface(machine, switch)
            for each in ([interface] if interface else []) + [
                *additional_interfaces(machine, switch)
            ]:
                yield from address_steps(machine, each)
        for switch in switches:
            yield from with_added_again(nat_steps(machine, switch))
            yield from with_added_again(dhcp_steps(machine, switch))
