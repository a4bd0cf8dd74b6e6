"""Forwarding between adapters and static routes of a machine."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.model import Cmdlet, SwitchParameter
from nestlab.model.topology import Route
from nestlab.plan.interfaces import WantedInterface, all_interfaces
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.planned_machine import PlannedMachine, or_unchanged
from nestlab.plan.step import Planned, Step, StepTarget, Unchanged


def routing_steps(machine: PlannedMachine) -> Iterator[Planned]:
    """Yield the steps for forwarding and static routes of a machine.

    On adapters that the topology owns, other routes are removed.
    """
    interfaces = all_interfaces(machine)
    if machine.wanted.forwarding:
        yield from or_unchanged(
            f"{machine.name}: forwarding",
            "every adapter forwards",
            _forwarding(machine, interfaces, wanted=True),
        )
    else:
        yield from _forwarding(
            machine, [interface for interface in interfaces if not interface.shared], wanted=False
        )
    yield from _other_routes(machine, interfaces)
    for route in machine.wanted.routes:
        yield from _route(machine, route, interfaces)


def _forwarding(
    machine: PlannedMachine, interfaces: list[WantedInterface], *, wanted: bool
) -> Iterator[Step]:
    for interface in interfaces:
        if interface.current.forwarding == wanted:
            continue
        here = {"InterfaceAlias": interface.alias, "AddressFamily": "IPv4"}
        do_parameters, back = ("Enabled", "Disabled") if wanted else ("Disabled", "Enabled")
        yield machine.step(
            Action.SET_FORWARDING if wanted else Action.STOP_FORWARDING,
            interface.label,
            f"{'Enable' if wanted else 'Disable'} forwarding on {interface.alias}",
            "Windows does not forward packets by default"
            if wanted
            else f"the file does not enable forwarding on {machine.name}",
            Cmdlet("Set-NetIPInterface", {**here, "Forwarding": do_parameters}),
            target=interface.target,
            undo=(Cmdlet("Set-NetIPInterface", {**here, "Forwarding": back}),),
        )


def _other_routes(machine: PlannedMachine, interfaces: list[WantedInterface]) -> Iterator[Step]:
    """Yield the removal of routes that the file does not have, on adapters of the topology.

    A default gateway does not count as a route.
    """
    wanted = {(route.to, route.via) for route in machine.wanted.routes}
    for interface in interfaces:
        for to, via in () if interface.shared else interface.current.routes:
            if to.prefixlen == 0 or (to, via) in wanted:
                continue
            where = {
                "DestinationPrefix": str(to),
                "InterfaceAlias": interface.alias,
                "NextHop": str(via),
            }
            yield machine.step(
                Action.REMOVE_ROUTE,
                f"{to}/{interface.label}",
                f"Remove the route to {to} via {via}",
                f"the file has no such route for {machine.name}",
                Cmdlet("Remove-NetRoute", {**where, "Confirm": SwitchParameter.OFF}),
                target=StepTarget(TargetKind.WINDOWS, interface.alias),
                undo=(Cmdlet("New-NetRoute", where),),
            )


def _route(
    machine: PlannedMachine, route: Route, interfaces: list[WantedInterface]
) -> Iterator[Planned]:
    subject = f"{machine.name}: route to {route.to}"
    alias = _alias_towards(machine, route, interfaces)
    if alias is None:
        yield Unchanged(subject, f"no adapter of {machine.name} is on the network of {route.via}")
        return
    current = machine.interface(alias)
    if current is not None and (route.to, route.via) in current.routes:
        yield Unchanged(subject, f"it goes via {route.via} on {alias}")
        return
    where = {"DestinationPrefix": str(route.to), "InterfaceAlias": alias, "NextHop": str(route.via)}
    yield machine.step(
        Action.ADD_ROUTE,
        str(route.to),
        f"Add a route to {route.to} via {route.via}",
        f"{machine.name} has no such route on {alias}",
        Cmdlet("New-NetRoute", where),
        target=StepTarget(TargetKind.WINDOWS, alias),
        undo=(Cmdlet("Remove-NetRoute", {**where, "Confirm": SwitchParameter.OFF}),),
    )


def _alias_towards(
    machine: PlannedMachine, route: Route, interfaces: list[WantedInterface]
) -> str | None:
    for wanted in interfaces:
        addresses = [wanted.ip_address, *wanted.current.ip_addresses]
        if any(address and route.via in address.network for address in addresses):
            return wanted.alias
    taken = _taken_over(machine)
    for interface in machine.state.ip_interfaces:
        if interface.interface_alias not in taken and any(
            route.via in address.network for address in interface.ip_addresses
        ):
            return interface.interface_alias
    return None


def _taken_over(machine: PlannedMachine) -> set[str]:
    """Return the adapters that External switches of this plan take over.

    They are no longer IP interfaces of Windows then.
    """
    below = (
        machine.net_adapter(name) for switch in machine.own_switches for name in switch.net_adapters
    )
    return {adapter.name for adapter in below if adapter is not None}
