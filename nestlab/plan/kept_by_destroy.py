"""The settings of Windows that destroy keeps on a machine: they carry no mark of an owner."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from nestlab.model import Cmdlet
from nestlab.model.ownership import is_owned_by_name
from nestlab.model.state import (
    IPInterfaceState,
    SwitchState,
    expected_management_alias,
)
from nestlab.model.topology import Switch, SwitchType, Topology
from nestlab.plan.disk_names import scope_name
from nestlab.plan.in_use import kept_text
from nestlab.plan.kept_routes import kept_routes
from nestlab.plan.made_routes import ReadMadeRoutes
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.step import Step, Unchanged
from nestlab.plan.switch_removal import KeptSwitches, kept_own_switches
from nestlab.plan.taken_adapters import bound_adapters
from nestlab.texts import mark, tr, translate

_UNDO = mark("`undo` with the journal of the apply restores the earlier value")


def kept_by_destroy(
    kept: KeptSwitches, removals: Collection[Step], read_made_routes: ReadMadeRoutes
) -> Iterator[Unchanged]:
    """Yield the settings of Windows that the topology may have made and destroy keeps.

    `removals` are the steps that remove routes; `read_made_routes` reads those that runs added.
    """
    machine, switches = kept.machine, kept_own_switches(kept)
    yield from _scopes_of_other_names(machine)
    yield from _dhcp_role(machine)
    yield from _addresses_of_kept(machine, switches)
    if machine.wanted.forwarding:
        for alias, interface in _remaining_interfaces(machine, switches).items():
            if interface.forwarding:
                yield _forwarding(alias)
    yield from kept_routes(kept, {step.target.id for step in removals}, read_made_routes)
    names = {switch.name.casefold() for switch in switches}
    yield from _not_shown(machine, names)
    for switch in machine.own_switches:
        if _moves_settings_back(switch) and switch.name.casefold() not in names:
            why = tr(
                "they move back to {adapter} when the switch {switch} is removed; {way_back}",
                adapter=switch.net_adapter,
                switch=switch.name,
                way_back=translate(_UNDO),
            )
            yield Unchanged(
                tr(
                    "IP settings of {adapter}",
                    adapter=expected_management_alias(machine.state, switch.name),
                ),
                why,
            )


def _not_shown(machine: PlannedMachine, kept: Collection[str]) -> Iterator[Unchanged]:
    """Yield the adapters of removed switches whose settings moved to no adapter of the machine."""
    for switch in machine.own_switches:
        current = machine.switch(switch.name)
        if current is None or current.name.casefold() in kept:
            continue
        bound = bound_adapters(machine, current)
        for adapter in bound[1:] if current.allow_management_os else bound:
            yield Unchanged(
                tr("IP settings of {adapter}", adapter=adapter),
                tr(
                    "Windows does not show them while the switch {switch} has the adapter; where they do not come back with its removal, `undo` with the journal of the apply sets them again",
                    switch=switch.name,
                ),
            )


def _forwarding(alias: str) -> Unchanged:
    off = (
        f"Set-NetIPInterface -InterfaceAlias '{alias}' "
        "-AddressFamily IPv4 -Forwarding Disabled"  # not shown
    )
    return Unchanged(
        tr("forwarding on {adapter}", adapter=alias),
        tr(
            "it is kept on, because it is not known here whether it was on before; {way_back}, or {cmdlet} turns it off",
            way_back=translate(_UNDO),
            cmdlet=off,
        ),
    )


def _moves_settings_back(switch: Switch) -> bool:
    """Whether the adapter below an External switch gets settings that the file gave the switch."""
    settings = (switch.ip_address, switch.gateway, switch.dns_servers, switch.interface_metric)
    return bool(switch.switch_type is SwitchType.EXTERNAL and switch.net_adapter and any(settings))


def _addresses_of_kept(
    machine: PlannedMachine, switches: Collection[SwitchState]
) -> Iterator[Unchanged]:
    """Yield the addresses that the machine keeps on switches that are kept."""
    declared = {s.name.casefold() for s in machine.own_switches if s.ip_address}
    for switch in switches:
        alias = expected_management_alias(machine.state, switch.name)
        interface = machine.interface(alias)
        if switch.name.casefold() in declared and machine.is_disabled(alias):
            yield Unchanged(
                tr("address of {adapter}", adapter=alias),
                tr(
                    "it is not known while the adapter is Disabled; it stays with the switch {switch}",
                    switch=switch.name,
                ),
            )
        if interface is None or interface.dhcp or switch.name.casefold() not in declared:
            continue
        for address in interface.ip_addresses:
            yield Unchanged(
                tr("address {address} of {adapter}", address=address, adapter=alias),
                kept_text(tr("it serves the switch {switch}, which is kept", switch=switch.name)),
            )


def _scopes_of_other_names(machine: PlannedMachine) -> Iterator[Unchanged]:
    """Yield the scopes where the file serves DHCP that do not have a name of the topology."""
    for switch in machine.own_switches:
        if not (switch.dhcp and switch.ip_address):
            continue
        for scope in machine.state.dhcp_scopes:
            is_own = is_owned_by_name(scope.name, machine.topology)
            if scope.scope_id not in switch.ip_address.network or is_own:
                continue
            why = tr(
                "it serves {network}, the network of switch {switch}, and its name is not {own}: nothing shows that this topology created it; {cmdlet} removes it",
                network=switch.ip_address.network,
                switch=switch.name,
                own=scope_name(machine.topology, switch.name),
                cmdlet=Cmdlet("Remove-DhcpServerv4Scope", {"ScopeId": str(scope.scope_id)}),
            )
            yield Unchanged(tr("DHCP scope {scope}", scope=scope.name), why)


def _dhcp_role(machine: PlannedMachine) -> Iterator[Unchanged]:
    if "DHCP" in machine.state.features and any(switch.dhcp for switch in machine.own_switches):
        why = tr(
            "it is kept, because others may use it; {way_back}, or Uninstall-WindowsFeature -Name DHCP removes it",
            way_back=translate(_UNDO),
        )
        yield Unchanged(tr("the DHCP server role"), why)


def _remaining_interfaces(
    machine: PlannedMachine, kept: Collection[SwitchState]
) -> dict[str, IPInterfaceState]:
    """Return the topology's interfaces that remain, including those on `kept` switches.

    The keys are their names after the removal.
    """
    found: dict[str, IPInterfaceState] = {}
    for switch in kept:
        alias = expected_management_alias(machine.state, switch.name)
        if interface := machine.interface(alias):
            found[alias] = interface
    for uplink in machine.wanted.uplinks if isinstance(machine.wanted, Topology) else ():
        if interface := machine.interface(uplink.net_adapter):
            found[uplink.net_adapter] = interface
    names = {switch.name.casefold() for switch in kept}
    for own in machine.own_switches:
        # The settings of an External switch's own adapter move back to the adapter below it.
        is_bound = own.switch_type is SwitchType.EXTERNAL and own.net_adapter
        if is_bound and own.net_adapter and own.name.casefold() not in names:
            below = machine.interface(
                expected_management_alias(machine.state, own.name)
            ) or machine.interface(own.net_adapter)
            if below is not None:
                found[own.net_adapter] = below
    return found
