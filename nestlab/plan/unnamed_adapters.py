"""The machine's own adapters on a switch of the topology that its file does not name.

They carry no mark, so it is not known whether this topology or another user added them.
"""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.model import Cmdlet, SwitchParameter
from nestlab.model.ownership import is_marked
from nestlab.model.spelling import same_name
from nestlab.model.state import (
    IPInterfaceState,
    NetworkAdapterState,
    SwitchState,
    VlanState,
    management_alias,
)
from nestlab.plan.cmdlet_targets import adapter_of_id
from nestlab.plan.in_use import extra_management_adapters
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.step import Hazard, Remainder, Step, StepTarget
from nestlab.plan.vlan_settings import SET_VLAN, same_vlan, vlan_mode

_ORIGIN = "it carries no mark: this topology or another user added it"


def unnamed_adapters(
    machine: PlannedMachine,
) -> tuple[tuple[SwitchState, NetworkAdapterState], ...]:
    """Return the adapters, each with its switch, which has the mark and is in the file."""
    return tuple(
        (current, adapter)
        for switch in machine.own_switches
        if (current := machine.switch(switch.name)) is not None
        and is_marked(current.notes, machine.topology)
        for adapter in extra_management_adapters(machine.hyper_v, current)
        if not any(same_name(own.name, adapter.name) for own in switch.further_adapters)
    )


def listed_adapters(machine: PlannedMachine) -> Iterator[Remainder]:
    """Yield each adapter with its addresses."""
    for switch, adapter in unnamed_adapters(machine):
        found = interface_of(machine, switch, adapter)
        addresses = (
            str(address)
            for address in (found.ip_addresses if found else ())
            if not address.is_link_local
        )
        subject = f"adapter {adapter.name} of the machine on switch {switch.name}"
        yield Remainder(machine.path, subject, (*addresses, _ORIGIN))


def adapter_removals(machine: PlannedMachine) -> Iterator[Step]:
    """Yield the steps that remove the adapters.

    They may be another user's, so each is asked for.
    """
    for switch, adapter in unnamed_adapters(machine):
        yield machine.step(
            Action.REMOVE_MANAGEMENT_ADAPTER,
            f"{switch.name}/{adapter.name}",
            f"Remove the adapter {adapter.name} of {machine.name} from the switch {switch.name}",
            f"the file does not name it; {_ORIGIN}",
            adapter_of_id(adapter.id, Cmdlet("Remove-VMNetworkAdapter"), management_os=True),
            target=StepTarget(TargetKind.SWITCH, switch.name, switch.id),
            undo=tuple(_add_again(machine, switch, adapter)),
            hazard=Hazard.MAY_CUT_CONNECTION,
        )


def _add_again(
    machine: PlannedMachine, switch: SwitchState, adapter: NetworkAdapterState
) -> Iterator[Cmdlet]:
    by: dict[str, object] = {
        "ManagementOS": SwitchParameter.ON,
        "Name": adapter.name,
        "SwitchName": switch.name,
    }
    yield Cmdlet("Add-VMNetworkAdapter", by)
    if not same_vlan(adapter.vlan, VlanState()):
        yield Cmdlet("Get-VMNetworkAdapter", by, Cmdlet(SET_VLAN, vlan_mode(adapter.vlan)))
    found = interface_of(machine, switch, adapter)
    if found is None or found.dhcp:
        return
    for address in found.ip_addresses:
        if not address.is_link_local:
            yield Cmdlet(
                "New-NetIPAddress",
                {
                    "InterfaceAlias": found.interface_alias,
                    "IPAddress": str(address.ip),
                    "PrefixLength": address.network.prefixlen,
                },
            )


def interface_of(
    machine: PlannedMachine, switch: SwitchState, adapter: NetworkAdapterState
) -> IPInterfaceState | None:
    """Return the IPv4 interface of an adapter, where it was observed."""
    alias = management_alias(machine.state, switch.name, adapter.name)
    return machine.interface(alias) if alias else None
