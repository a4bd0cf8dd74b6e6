"""The IP settings of the adapters that a change of a switch takes from Windows, or gives back.

Creating or removing an External switch moves the settings of its adapter to the management adapter,
and back (https://learn.microsoft.com/windows-server/virtualization/hyper-v/get-started/create-a-virtual-switch-for-hyper-v-virtual-machines).
Windows does not use an adapter whose settings move nowhere while the switch has it. The settings
were observed to come back with the adapter (https://github.com/microsoft/SDN/issues/498); that is
not documented, so undo sets again those that did not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nestlab.dataclass import dataclass, replace
from nestlab.enumerations import all_of
from nestlab.model import Cmdlet
from nestlab.model.state import IPInterfaceState, SwitchState, expected_management_alias
from nestlab.model.topology import Switch, SwitchType
from nestlab.plan.address_cmdlets import (
    DEFAULT_ROUTE,
    add_address,
    add_default_route,
    restored_routes,
    set_dhcp,
)
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.texts import tr


@dataclass(frozen=True)
class Taken:
    """An adapter of Windows with its settings, and the adapter `to` which they move.

    If they move to none, they are not in use while the switch has the adapter `below`; without one,
    they are lost.
    With `may_stay`, it is not documented whether they move at all.
    """

    interface: IPInterfaceState
    to: str = ""
    below: str = ""
    may_stay: bool = False

    @property
    def clause(self) -> str:
        """A clause about the settings, for the reason of a step; empty without any."""
        adapter, settings = self.interface.interface_alias, _settings(self.interface)
        if not settings:
            return ""
        if self.to:
            return tr(
                "; {adapter} has {settings}, which move to {new}",
                adapter=adapter,
                settings=settings,
                new=self.to,
            )
        if self.below:
            return tr(
                "; {adapter} has {settings}, which Windows does not use while the switch has {below}",
                adapter=adapter,
                settings=settings,
                below=self.below,
            )
        if self.interface.dhcp:
            return tr(
                "; {adapter} has {settings}, which are lost", adapter=adapter, settings=settings
            )
        return tr(
            "; {adapter} has {settings}, which are lost, and which undo sets again",
            adapter=adapter,
            settings=settings,
        )


def clauses(taken: Iterable[Taken]) -> str:
    """Return the clauses about adapters as one text."""
    return "".join(each.clause for each in taken)


def taken_by(machine: PlannedMachine, switch: Switch, joining: Iterable[str]) -> Iterator[Taken]:
    """Yield the adapters that a new External switch takes, or one that gets another adapter.

    The settings of the first one move to the machine's first adapter on the switch. In a team,
    those of the further members do not.
    """
    for number, name in enumerate(joining):
        if interface := machine.interface(name):
            to = "" if number else first_alias(machine, switch)
            # That one which is added to the switch later gets the settings is not documented.
            yield Taken(interface, to, name, may_stay=not switch.has_management_adapter)


def joining_a_team(machine: PlannedMachine, joining: Iterable[str]) -> Iterator[Taken]:
    """Yield the adapters that become members of an existing team."""
    for name in joining:
        if interface := machine.interface(name):
            yield Taken(interface, below=name)


def taken_from_switch(
    machine: PlannedMachine, current: SwitchState, *, to: str = "", below: str = ""
) -> Iterator[Taken]:
    """Yield the machine's adapter on a switch, which a change of the switch removes."""
    interface = machine.interface(expected_management_alias(machine.state, current.name))
    if current.allow_management_os and interface is not None:
        yield Taken(interface, to, below)


def released_adapters(machine: PlannedMachine) -> Iterator[IPInterfaceState]:
    """Yield the adapters that switches of the topology release, with what moves back to them."""
    for switch in machine.own_switches:
        current = machine.switch(switch.name)
        if current is None or not is_rebound(machine, switch, current):
            continue
        for below in bound_adapters(machine, current)[:1]:
            for each in taken_from_switch(machine, current, to=below):
                yield replace(each.interface, interface_alias=below)


def first_alias(machine: PlannedMachine, switch: Switch) -> str:
    """Return the name of the machine's first adapter on a wanted switch; empty without any."""
    if switch.has_management_adapter:
        return machine.management_alias(switch)
    further = switch.additional_adapters
    return machine.adapter_alias(switch, further[0]) if further else ""


def restored_settings(taken: Iterable[Taken]) -> Iterator[Cmdlet]:
    """Yield the cmdlets that set again what the adapters have now and what would move nowhere."""
    for each in taken:
        if (each.may_stay or not each.to) and not each.interface.dhcp:
            yield from _restored(each.interface)


def _restored(interface: IPInterfaceState) -> Iterator[Cmdlet]:
    alias = interface.interface_alias
    addresses = [each for each in interface.ip_addresses if not each.ip.is_link_local]
    if addresses:
        yield set_dhcp(alias, "Disabled")
    for address in addresses:
        yield add_address(alias, address, None)
    if interface.gateway:
        yield add_default_route(alias, interface.gateway)
    yield from restored_routes(interface)


def _settings(interface: IPInterfaceState) -> str:
    """Return the settings of an adapter as an enumeration, without automatic addresses."""
    found = [str(each) for each in interface.ip_addresses if not each.ip.is_link_local]
    for to, via in interface.routes:
        found.append(
            tr("gateway {gateway}", gateway=via)
            if str(to) == DEFAULT_ROUTE
            else tr("the route to {destination} via {next_hop}", destination=to, next_hop=via)
        )
    if interface.dns_servers:
        found.append(f"DNS {', '.join(map(str, interface.dns_servers))}")
    return all_of(found)


def is_rebound(machine: PlannedMachine, switch: Switch, current: SwitchState) -> bool:
    """Whether a switch gets another type or adapter, and the machine's adapter other settings."""
    if switch.switch_type is not SwitchType.EXTERNAL:
        return bool(switch.switch_type) and current.switch_type != switch.switch_type
    if current.switch_type != SwitchType.EXTERNAL:
        return True
    now = bound_adapters(machine, current)
    wanted = {name.casefold() for name in net_adapter_names(machine, switch)}
    return not current.embedded_teaming and {name.casefold() for name in now} != wanted


def net_adapter_names(machine: PlannedMachine, switch: Switch) -> tuple[str, ...]:
    """Return the Windows names of the adapters that a switch should be bound to."""
    found = ((name, machine.net_adapter(name)) for name in switch.net_adapters or ("",))
    return tuple(adapter.name if adapter else name for name, adapter in found)


def bound_adapters(machine: PlannedMachine, current: SwitchState) -> tuple[str, ...]:
    """Return the Windows names of the adapters that a switch is bound to."""
    bound = set(current.net_adapter_interface_descriptions)
    return tuple(a.name for a in machine.state.net_adapters if a.interface_description in bound)
