"""The options of a DHCP scope, router and DNS servers, and its reservations.

Without -Force, the cmdlet queries each DNS server and refuses one that does not answer, such as a
VM of the lab that does not exist yet
(https://learn.microsoft.com/powershell/module/dhcpserver/set-dhcpserverv4optionvalue).
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from nestlab.dataclass import replace
from nestlab.model import Cmdlet, SwitchParameter
from nestlab.model.spelling import hyphenated_mac
from nestlab.model.state import DhcpReservationState, DhcpScopeState
from nestlab.model.topology import DhcpReservation
from nestlab.plan.entries_of_others import SwitchEntries, on_switch_text, reservation_text
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.made_entries import MadeEntry, reservation
from nestlab.plan.plan_refusals import refuse_taken_entry
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.served_scope import ServedScope
from nestlab.plan.step import Remainder, Step, StepTarget
from nestlab.texts import tr

_ROUTER, _DNS = 3, 6  # DHCP options: RFC 2132, 3.5 and 3.8


def router_cmdlet(scope_id: str, router: str | list[str]) -> Cmdlet:
    """Return the cmdlet that sets the router option of a scope."""
    return Cmdlet("Set-DhcpServerv4OptionValue", {"ScopeId": scope_id, "Router": router})


def restoring_cmdlets(scope: DhcpScopeState) -> Iterator[Cmdlet]:
    """Yield the cmdlets that give a new scope the options and reservations of an observed one."""
    scope_id = str(scope.scope_id)
    if scope.routers:
        yield router_cmdlet(scope_id, [*map(str, scope.routers)])
    if scope.dns_servers:
        yield _set_dns_servers(scope_id, scope.dns_servers)
    for each in scope.reservations or ():
        yield _add_reservation(scope_id, each, each.name)


def option_steps(served: ServedScope, scope: DhcpScopeState) -> Iterator[Step | Remainder]:
    """Yield the changes of a scope that has its range: router, DNS servers and reservations."""
    yield from _router(served, scope)
    yield from added_option_steps(served, scope)


def added_option_steps(served: ServedScope, scope: DhcpScopeState) -> Iterator[Step | Remainder]:
    """Yield the steps for DNS servers and reservations, which a new scope lacks as well."""
    yield from _dns_servers(served, scope)
    yield from _reservations(served, scope)


def _target(served: ServedScope, scope: DhcpScopeState) -> StepTarget:
    return StepTarget(TargetKind.SCOPE, scope.name, str(scope.scope_id), served.switch)


def _remove_option(scope: DhcpScopeState, option: int) -> Cmdlet:
    return Cmdlet(
        "Remove-DhcpServerv4OptionValue", {"ScopeId": str(scope.scope_id), "OptionId": option}
    )


def _set_dns_servers(scope_id: str, servers: tuple[IPv4Address, ...]) -> Cmdlet:
    values = {
        "ScopeId": scope_id,
        "DnsServer": [*map(str, servers)],
        "Force": SwitchParameter.ON,
    }
    return Cmdlet("Set-DhcpServerv4OptionValue", values)


def _router(served: ServedScope, scope: DhcpScopeState) -> Iterator[Step]:
    """Yield the change of a scope's router where it is not the one of the file."""
    wanted, machine = served.router, served.machine
    if scope.routers is None or scope.routers == ((wanted,) if wanted else ()):
        return
    scope_id = str(scope.scope_id)
    given = ", ".join(map(str, scope.routers))
    yield machine.step(
        Action.SERVE_ADDRESSES,
        served.subject,
        tr("Set the DHCP router option on {switch} to {router}", switch=served.name, router=wanted)
        if wanted
        else tr("Remove the DHCP router option on {switch}", switch=served.name),
        tr("it is {routers}", routers=given) if given else tr("it is not set"),
        router_cmdlet(scope_id, str(wanted)) if wanted else _remove_option(scope, _ROUTER),
        target=_target(served, scope),
        undo=(
            router_cmdlet(scope_id, [*map(str, scope.routers)])
            if scope.routers
            else _remove_option(scope, _ROUTER),
        ),
        needs=(served.address_step,),
    )


def _dns_servers(served: ServedScope, scope: DhcpScopeState) -> Iterator[Step]:
    wanted, machine = served.scope.dns_servers if served.scope else (), served.machine
    current = scope.dns_servers
    if current is None or current == wanted:
        return
    given = ", ".join(map(str, current))
    title = (
        tr(
            "Set the DNS servers that DHCP gives on {switch} to {servers}",
            switch=served.name,
            servers=", ".join(map(str, wanted)),
        )
        if wanted
        else tr("Remove the DNS servers that DHCP gives on {switch}", switch=served.name)
    )

    def setting(servers: tuple[IPv4Address, ...]) -> Cmdlet:
        if not servers:
            return _remove_option(scope, _DNS)
        return _set_dns_servers(str(scope.scope_id), servers)

    yield machine.step(
        Action.SET_DHCP_DNS,
        served.subject,
        title,
        tr("they are {servers}", servers=given) if given else tr("it gives none"),
        setting(wanted),
        target=_target(served, scope),
        undo=(setting(current),),
        needs=(machine.step_id(Action.SERVE_ADDRESSES, served.subject),),
    )


def _name_of(machine: PlannedMachine, mac_address: str) -> str:
    """Return the name of the machine's VM with a static MAC address; empty if none has it."""
    vms = (
        vm.name
        for vm in machine.wanted.vms
        if any(adapter.mac_address == mac_address for adapter in vm.network_adapters)
    )
    return next(vms, "")


def _add_reservation(
    scope_id: str, reserved: DhcpReservation | DhcpReservationState, name: str
) -> Cmdlet:
    values = {
        "ScopeId": scope_id,
        "IPAddress": str(reserved.ip_address),
        "ClientId": hyphenated_mac(reserved.mac_address),
        **({"Name": name} if name else {}),
    }
    return Cmdlet("Add-DhcpServerv4Reservation", values)


def _remove_reservation(scope_id: str, mac_address: str) -> Cmdlet:
    values = {"ScopeId": scope_id, "ClientId": hyphenated_mac(mac_address)}
    return Cmdlet("Remove-DhcpServerv4Reservation", values)


def reservation_entry(
    machine: PlannedMachine, scope: DhcpScopeState, current: DhcpReservationState
) -> MadeEntry:
    """Return a reservation as an entry, to compare it with those that runs made."""
    return reservation(machine.path, scope.scope_id, current.mac_address, current.ip_address)


def lost_reservations(served: ServedScope, scope: DhcpScopeState) -> list[str]:
    """Return the reservations that no run made, and the file does not have, as phrases."""
    own = served.server.scope.reservations if served.server else ()
    return reservations_of_no_run(served.entries, scope, own)


def reservations_of_no_run(
    entries: SwitchEntries, scope: DhcpScopeState, wanted: tuple[DhcpReservation, ...] = ()
) -> list[str]:
    """Return the reservations that no run made and that are not in `wanted`, as phrases."""
    pairs = {(each.ip_address, each.mac_address) for each in wanted}
    return [
        reservation_text(each)
        for each in scope.reservations or ()
        if (each.ip_address, each.mac_address) not in pairs
        and entries.is_of_no_run(reservation_entry(entries.machine, scope, each))
    ]


def _reservations(served: ServedScope, scope: DhcpScopeState) -> Iterator[Step | Remainder]:
    wanted, machine = served.reservations, served.machine
    if scope.reservations is None:
        return
    pairs = {(each.ip_address, each.mac_address) for each in wanted}
    for current in scope.reservations:
        if (current.ip_address, current.mac_address) not in pairs:
            yield _undeclared(served, scope, current)
    there = {(each.ip_address, each.mac_address) for each in scope.reservations}
    for each in dict.fromkeys(wanted):
        if (each.ip_address, each.mac_address) not in there:
            yield _reserve(served, scope, each, _name_of(machine, each.mac_address))


def _undeclared(
    served: ServedScope, scope: DhcpScopeState, current: DhcpReservationState
) -> Step | Remainder:
    """Return the removal of a reservation that the file does not have, or why it is kept."""
    machine, entries = served.machine, served.entries
    entry = reservation_entry(machine, scope, current)
    step = _release(served, scope, current)
    if _name_of(machine, current.mac_address):  # it is for a VM of the file
        return step
    taken = next((each for each in served.reservations if _conflict(each, current)), None)
    if entries.keeps(entry, replaced=taken is not None):
        if taken is not None:
            _refuse_taken(entries, current, taken)
        return entries.kept(on_switch_text(reservation_text(current), served.name))
    return replace(step, why=step.why + entries.of_no_run(entry), **entries.removal(entry))


def _conflict(wanted: DhcpReservation, current: DhcpReservationState) -> bool:
    """Whether a reservation of the file is for the same address, or for the same client."""
    return wanted.ip_address == current.ip_address or wanted.mac_address == current.mac_address


def _refuse_taken(
    entries: SwitchEntries, kept: DhcpReservationState, wanted: DhcpReservation
) -> None:
    """Raise PlanRefused for a reservation of the file that conflicts with a kept one."""
    message = tr(
        "reserves {address} for {mac}, and its DHCP scope has another entry: {entry}",
        address=wanted.ip_address,
        mac=hyphenated_mac(wanted.mac_address),
        entry=reservation_text(kept),
    )
    refuse_taken_entry(entries.machine, entries.switch, message, entries.why_kept)


def _reserve(
    served: ServedScope,
    scope: DhcpScopeState,
    wanted: DhcpReservation,
    name: str,
) -> Step:
    mac, scope_id = hyphenated_mac(wanted.mac_address), str(scope.scope_id)
    return served.machine.step(
        Action.RESERVE_ADDRESS,
        f"{served.subject}/{wanted.ip_address}",
        tr(
            "Reserve {address} on {switch} for {vm} ({mac})",
            address=wanted.ip_address,
            switch=served.name,
            vm=name,
            mac=mac,
        )
        if name
        else tr(
            "Reserve {address} on {switch} for the MAC address {mac}",
            address=wanted.ip_address,
            switch=served.name,
            mac=mac,
        ),
        tr("the scope does not reserve it"),
        _add_reservation(scope_id, wanted, name),
        target=_target(served, scope),
        undo=(_remove_reservation(scope_id, wanted.mac_address),),
        needs=(served.machine.step_id(Action.SERVE_ADDRESSES, served.subject),),
    )


def _release(served: ServedScope, scope: DhcpScopeState, current: DhcpReservationState) -> Step:
    scope_id = str(scope.scope_id)
    return served.machine.step(
        Action.REMOVE_RESERVATION,
        f"{served.subject}/{current.ip_address}",
        tr(
            "Remove the reservation of {address} on {switch} for the MAC address {mac}",
            address=current.ip_address,
            switch=served.name,
            mac=hyphenated_mac(current.mac_address),
        ),
        tr("the file does not reserve it"),
        _remove_reservation(scope_id, current.mac_address),
        target=_target(served, scope),
        undo=(_add_reservation(scope_id, current, current.name),),
    )
