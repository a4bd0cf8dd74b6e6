"""Forwarding between adapters and static routes of a machine."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from ipaddress import IPv4Address, IPv4Interface

from nestlab.dataclass import replace
from nestlab.model import HOST, Cmdlet, SwitchParameter
from nestlab.model.spelling import same_name
from nestlab.model.state import (
    IPInterfaceState,
    NetAdapterState,
    disabled_adapters,
    expected_management_alias,
    management_alias,
)
from nestlab.model.topology import VM, Route
from nestlab.plan.ended_by_steps import without_forwarding
from nestlab.plan.interfaces import PlannedInterface, all_interfaces, guest_interfaces
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.other_routes import other_routes
from nestlab.plan.planned_machine import PlannedMachine, or_unchanged
from nestlab.plan.route_removals import replaced_routes
from nestlab.plan.step import Deferred, OutOfReach, Planned, Step, StepTarget, Unchanged
from nestlab.plan.switch_removal import KeptSwitches, removed_switches
from nestlab.plan.taken_adapters import released_adapters
from nestlab.texts import tr


def routing_steps(machine: PlannedMachine) -> Iterator[Planned]:
    """Yield the steps for forwarding and static routes of a machine.

    On adapters that the topology owns, other routes are removed.
    """
    # What a disabled adapter has is not known until it is enabled.
    interfaces = [each for each in all_interfaces(machine) if not each.is_disabled]
    if machine.wanted.forwards:
        yield from or_unchanged(
            tr("{machine}: forwarding", machine=machine.name),
            tr("every adapter forwards"),
            _forwarding(machine, interfaces, wanted=True),
        )
        yield from _not_forwarding(machine)
    else:
        own = [each for each in interfaces if each.current.forwarding and not each.shared]
        marked = [each for each in own if not _is_unmarked(machine, each)]
        if len(marked) < len(own) and _some_do_not_forward(machine, interfaces):
            # In a file, forwarding is on or off for all adapters of a machine. Where only some
            # forward, the file cannot match, and those that nestlab did not create are left alone.
            own = marked
        for step in _forwarding(machine, own, wanted=False):
            yield without_forwarding(machine, step)
    towards = {route: _alias_towards(machine, route, interfaces) for route in machine.wanted.routes}
    yield from other_routes(machine, interfaces, towards)
    if machine.path == HOST:
        placed = [route for route, alias in towards.items() if alias is not None]
        yield from replaced_routes(machine, placed, _left_alone(machine, interfaces))
    for route in machine.wanted.routes:
        yield from _route(machine, route, towards[route], interfaces)


def _not_forwarding(machine: PlannedMachine) -> Iterator[OutOfReach]:
    """Yield the adapters on existing switches that do not forward, and are left as they are.

    Windows forwards a packet only where the adapter that it arrives on has Forwarding enabled
    (https://learn.microsoft.com/powershell/module/nettcpip/set-netipinterface).
    """
    for switch in machine.wanted.switches if machine.state.hyper_v else ():
        found = machine.hyper_v.existing_switches(switch) if switch.existing else []
        alias = management_alias(machine.state, found[0].name) if len(found) == 1 else None
        interface = machine.interface(alias) if alias else None
        if interface is not None and not interface.forwarding:
            values = (tr("forwarding on {adapter}", adapter=interface.interface_alias),)
            why = tr(
                "the switch {switch} is an existing one, whose adapter nestlab leaves as it is",
                switch=found[0].name,
            )
            yield OutOfReach(machine.path, values, why, differs=True)


def _some_do_not_forward(machine: PlannedMachine, interfaces: list[PlannedInterface]) -> bool:
    """Whether an adapter of a machine does not forward: one of the file, or one on a switch."""
    aliases = (management_alias(machine.state, each.name) for each in machine.hyper_v.switches)
    on_switches = (machine.interface(alias) for alias in aliases if alias)
    found = [*(each.current for each in interfaces), *(each for each in on_switches if each)]
    return any(not each.forwarding for each in found)


def _is_unmarked(machine: PlannedMachine, interface: PlannedInterface) -> bool:
    """Whether an adapter is one of a VM, or on a switch, that nestlab did not create."""
    switch = machine.switch(interface.target.switch) if interface.target.switch else None
    is_of_vm = machine.as_vm is not None and machine.as_vm.id in machine.unmarked
    return is_of_vm or (switch is not None and switch.id in machine.unmarked)


def _forwarding(
    machine: PlannedMachine, interfaces: list[PlannedInterface], *, wanted: bool
) -> Iterator[Step]:
    for interface in interfaces:
        if interface.current.forwarding == wanted:
            continue
        here = {"InterfaceAlias": interface.alias, "AddressFamily": "IPv4"}
        value, previous = ("Enabled", "Disabled") if wanted else ("Disabled", "Enabled")
        yield machine.step(
            Action.SET_FORWARDING if wanted else Action.STOP_FORWARDING,
            interface.label,
            tr("Enable forwarding on {adapter}", adapter=interface.alias)
            if wanted
            else tr("Disable forwarding on {adapter}", adapter=interface.alias),
            tr("Windows does not forward packets by default")
            if wanted
            else tr("the file does not enable forwarding on {machine}", machine=machine.name),
            Cmdlet("Set-NetIPInterface", {**here, "Forwarding": value}),
            target=interface.target,
            undo=(Cmdlet("Set-NetIPInterface", {**here, "Forwarding": previous}),),
        )


def _route(
    machine: PlannedMachine,
    route: Route,
    alias: str | None,
    interfaces: list[PlannedInterface],
) -> Iterator[Planned]:
    if alias is None:
        if _waits_for_adapters(machine):
            return
        disabled = _disabled_on_existing(machine)
        why = tr(
            "no adapter of {machine} is on the network of {next_hop}",
            machine=machine.name,
            next_hop=route.via,
        )
        if disabled:
            why = tr(
                "it is not known while the adapter {adapter} is Disabled", adapter=disabled[0].name
            )
        # One that exists on an adapter of another network stays.
        exists = any((route.to, route.via) in each.routes for each in machine.state.ip_interfaces)
        values = (
            tr("route to {destination} via {next_hop}", destination=route.to, next_hop=route.via),
        )
        yield OutOfReach(machine.path, values, why, differs=not exists and not disabled)
        return
    # An External switch moves the routes of the adapter below it.
    released = (each for each in released_adapters(machine) if each.interface_alias == alias)
    expected = next((each.current for each in interfaces if each.alias == alias), None)
    current = expected or machine.interface(alias) or next(released, None)
    if current is not None and (route.to, route.via) in current.routes:
        subject = tr(
            "{machine}: route to {destination}", machine=machine.name, destination=route.to
        )
        yield Unchanged(
            subject, tr("it goes via {next_hop} on {adapter}", next_hop=route.via, adapter=alias)
        )
        return
    where = {"DestinationPrefix": str(route.to), "InterfaceAlias": alias, "NextHop": str(route.via)}
    yield machine.step(
        Action.ADD_ROUTE,
        str(route.to),
        tr("Add a route to {destination} via {next_hop}", destination=route.to, next_hop=route.via),
        tr("{machine} has no such route on {adapter}", machine=machine.name, adapter=alias),
        Cmdlet("New-NetRoute", where),
        target=StepTarget(TargetKind.WINDOWS, alias),
        undo=(Cmdlet("Remove-NetRoute", {**where, "Confirm": SwitchParameter.OFF}),),
    )


def _disabled_on_existing(machine: PlannedMachine) -> list[NetAdapterState]:
    """Return the machine's disabled adapters on existing switches: their networks are not known."""
    return [
        adapter
        for switch in machine.wanted.switches
        if switch.existing and machine.state.hyper_v
        for found in machine.hyper_v.existing_switches(switch)
        for adapter in disabled_adapters(machine.state, found)
    ]


def _alias_towards(
    machine: PlannedMachine, route: Route, interfaces: list[PlannedInterface]
) -> str | None:
    """Return the adapter that a route uses; None if no adapter can reach its next hop.

    It is the one whose network in the file has the next hop, else the one that is on that network
    now. Where there is none, an existing route stays where it is; a new one uses the first adapter
    that gets its address from DHCP, because Windows accepts any next hop.
    """
    addresses = {wanted.alias: _address_in_file(machine, wanted) for wanted in interfaces}
    for alias, address in addresses.items():
        if address and route.via in address.network:
            return alias
    if _waits_for_adapters(machine):
        return None
    of_dhcp = [wanted for wanted in interfaces if not addresses[wanted.alias]]
    candidates = [
        *(each.current for each in interfaces if each.shared or each in of_dhcp),
        *_others(machine, addresses),
        *released_adapters(machine),
    ]
    found = [each for each in candidates if _is_on(each, route.via)]
    found += [each for each in candidates if (route.to, route.via) in each.routes]
    if found:
        return found[0].interface_alias
    of_host = machine.path == HOST
    return next((each.alias for each in of_dhcp if not (each.shared and of_host)), None)


def _address_in_file(machine: PlannedMachine, interface: PlannedInterface) -> IPv4Interface | None:
    """Return the address of an adapter in the file.

    A nested host's management adapter on an External switch takes over the address of the adapter
    that the switch is bound to.
    """
    if interface.ip_address or not isinstance(machine.wanted, VM):
        return interface.ip_address
    switch = next((s for s in machine.own_switches if s.name == interface.target.switch), None)
    bound = (switch.net_adapter if switch else "") or ""
    found = (a.ip_address for a in machine.wanted.network_adapters if same_name(a.name, bound))
    return next(found, None)


def _waits_for_adapters(machine: PlannedMachine) -> bool:
    """Whether Windows does not show all adapters yet, or not what they have."""
    if any(each.is_disabled for each in all_interfaces(machine)):
        return True
    return isinstance(machine.wanted, VM) and any(
        isinstance(found, Deferred) for found in guest_interfaces(machine, machine.wanted)
    )


def _others(machine: PlannedMachine, own: Collection[str]) -> list[IPInterfaceState]:
    """Return the IP interfaces that the file does not configure and no switch takes over."""
    gone = {alias.casefold() for alias in (*own, *_taken_over(machine))}
    return [
        each for each in machine.state.ip_interfaces if each.interface_alias.casefold() not in gone
    ]


def _left_alone(
    machine: PlannedMachine, interfaces: list[PlannedInterface]
) -> list[IPInterfaceState]:
    """Return the interfaces whose routes are not all the topology's, and that remain."""
    kept = KeptSwitches(machine, disconnect_others=machine.disconnect_others)
    removed = [
        expected_management_alias(machine.state, each.name) for each in removed_switches(kept)
    ]
    return [
        *(replace(each.current, interface_alias=each.alias) for each in interfaces if each.shared),
        *_others(machine, [*(each.alias for each in interfaces), *removed]),
    ]


def _is_on(interface: IPInterfaceState, address: IPv4Address) -> bool:
    return any(address in own.network for own in interface.ip_addresses)


def _taken_over(machine: PlannedMachine) -> set[str]:
    """Return the adapters that External switches of this plan take over.

    They are no longer IP interfaces of Windows then.
    """
    bound = (
        machine.net_adapter(name) for switch in machine.own_switches for name in switch.net_adapters
    )
    return {adapter.name for adapter in bound if adapter is not None}
