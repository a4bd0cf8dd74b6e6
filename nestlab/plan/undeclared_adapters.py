"""A machine's own adapters on switches of the topology that the file does not name.

They carry no mark, so it is not known whether this topology or another user added them: they are
removed only if the user consents to disconnect others.
"""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.model import Cmdlet, SwitchParameter
from nestlab.model.ownership import is_marked
from nestlab.model.spelling import plain_mac
from nestlab.model.state import (
    IPInterfaceState,
    NetworkAdapterState,
    SwitchState,
    VlanState,
    management_alias,
)
from nestlab.plan.address_cmdlets import restored_addresses, restored_routes
from nestlab.plan.cmdlet_targets import adapter_by_id
from nestlab.plan.in_use import extra_management_adapters
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.management_adapter_steps import declared_adapters_on, own_adapters_on
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.step import Hazard, Planned, Remainder, Step, StepTarget
from nestlab.plan.vlan_settings import SET_VLAN, same_vlan, vlan_parameters
from nestlab.texts import mark, tr, translate

DISCONNECT_OTHERS_OPTION = "`--disconnect-others`"
_KEPT = mark(
    "it carries no mark: this topology or another user added it; `--prune` with {option} removes it"
)


def undeclared_adapters(
    machine: PlannedMachine,
) -> tuple[tuple[SwitchState, NetworkAdapterState], ...]:
    """Return each adapter with its switch, which has the mark and is in the file."""
    return tuple(
        (current, adapter)
        for switch in machine.own_switches
        if (current := machine.switch(switch.name)) is not None
        and is_marked(current.notes, machine.topology)
        for adapter in extra_management_adapters(machine.hyper_v, current)
        if adapter
        not in (*own_adapters_on(machine, current), *declared_adapters_on(machine, current))
    )


def listed_adapters(machine: PlannedMachine) -> Iterator[Remainder]:
    """Yield each adapter with its addresses and routes."""
    for switch, adapter in undeclared_adapters(machine):
        subject = tr(
            "adapter {adapter} of the machine on switch {switch}",
            adapter=adapter.name,
            switch=switch.name,
        )
        kept = translate(_KEPT, option=DISCONNECT_OTHERS_OPTION)
        yield Remainder(machine.path, subject, (*entries_of(machine, switch, adapter), kept))


def adapter_removals(machine: PlannedMachine) -> Iterator[Planned]:
    """Yield the steps that remove the adapters; without the user's consent, they are listed."""
    if not machine.disconnect_others:
        yield from listed_adapters(machine)
        return
    for switch, adapter in undeclared_adapters(machine):
        why = tr(
            "the file does not name it; it carries no mark: this topology or another user added it"
        )
        yield removal(machine, switch, adapter, why)


def removal(
    machine: PlannedMachine,
    switch: SwitchState,
    adapter: NetworkAdapterState,
    why: str,
    *before: Cmdlet,
) -> Step:
    """Return the step that removes an adapter, after the cmdlets `before`; undo adds it again."""
    return machine.step(
        Action.REMOVE_MANAGEMENT_ADAPTER,
        f"{switch.name}/{adapter.name}",
        tr(
            "Remove the adapter {adapter} of {machine} from the switch {switch}",
            adapter=adapter.name,
            machine=machine.name,
            switch=switch.name,
        ),
        why + _goes_with_it(entries_of(machine, switch, adapter)),
        *before,
        adapter_by_id(adapter.id, Cmdlet("Remove-VMNetworkAdapter"), management_os=True),
        target=StepTarget(TargetKind.SWITCH, switch.name, switch.id),
        undo=tuple(_add_again(machine, switch, adapter)),
        hazard=Hazard.MAY_CUT_CONNECTION,
    )


def entries_of(
    machine: PlannedMachine, switch: SwitchState, adapter: NetworkAdapterState
) -> list[str]:
    """Return the addresses of an adapter, and its routes as phrases."""
    found = interface_of(machine, switch, adapter)
    if found is None:
        return []
    addresses = [str(each) for each in found.ip_addresses if not each.is_link_local]
    routes = (
        tr("route to {destination} via {next_hop}", destination=to, next_hop=via)
        for to, via in found.routes
        if to.prefixlen
    )
    return [*addresses, *routes]


def _goes_with_it(entries: list[str]) -> str:
    """Return a clause about what goes with a removed adapter; empty without any."""
    return tr("; with it go: {entries}", entries=", ".join(entries)) if entries else ""


def _add_again(
    machine: PlannedMachine, switch: SwitchState, adapter: NetworkAdapterState
) -> Iterator[Cmdlet]:
    """Yield the cmdlets that add a removed adapter with its settings again."""
    by: dict[str, object] = {
        "ManagementOS": SwitchParameter.ON,
        "Name": adapter.name,
        "SwitchName": switch.name,
    }
    mac = plain_mac(adapter.mac_address)
    static = {"StaticMacAddress": mac} if mac.strip("0") and not adapter.dynamic_mac_address else {}
    yield Cmdlet("Add-VMNetworkAdapter", {**by, **static})
    if not same_vlan(adapter.vlan, VlanState()):
        yield Cmdlet("Get-VMNetworkAdapter", by, Cmdlet(SET_VLAN, vlan_parameters(adapter.vlan)))
    found = interface_of(machine, switch, adapter)
    if found is None:
        return
    if not found.dhcp:
        own = [address for address in found.ip_addresses if not address.is_link_local]
        yield from restored_addresses(found.interface_alias, own, found.gateway)
    yield from restored_routes(found)


def interface_of(
    machine: PlannedMachine, switch: SwitchState, adapter: NetworkAdapterState
) -> IPInterfaceState | None:
    """Return the IPv4 interface of an adapter, where it was observed."""
    alias = management_alias(machine.state, switch.name, adapter.name)
    return machine.interface(alias) if alias else None
