"""What destroy leaves on the machine, listed.

Settings of Windows carry no mark, so their owner is not known.
"""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.model.state import IPInterfaceState, expected_management_alias
from nestlab.model.topology import SwitchType, Topology
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.step import Unchanged

_BACK = "`undo` with the journal of the apply gives back what was there before"


def kept_by_destroy(machine: PlannedMachine) -> Iterator[Unchanged]:
    """Yield what the topology may have set on the machine's own Windows and what stays there."""
    yield from _dhcp_role(machine)
    staying = _staying_interfaces(machine)
    if machine.wanted.forwarding:
        for alias, interface in staying.items():
            if interface.forwarding:
                off = f"Set-NetIPInterface -InterfaceAlias '{alias}' -AddressFamily IPv4 -Forwarding Disabled"
                yield Unchanged(
                    f"forwarding on {alias}",
                    f"it stays on: whether it was on before is not known here; {_BACK}, or {off} ends it",
                )
    for route in machine.wanted.routes:
        for alias, interface in staying.items():
            if (route.to, route.via) in interface.routes:
                yield Unchanged(
                    f"route to {route.to}", f"it stays, over {route.via} on {alias}; {_BACK}"
                )
    for switch in machine.own_switches:
        if (
            switch.switch_type is SwitchType.EXTERNAL
            and switch.net_adapter
            and (switch.ip_address or switch.gateway or switch.dns_servers)
        ):
            why = f"it moves back to {switch.net_adapter} with the switch {switch.name}; {_BACK}"
            yield Unchanged(
                f"address and DNS servers of {expected_management_alias(machine.state, switch.name)}",
                why,
            )


def _dhcp_role(machine: PlannedMachine) -> Iterator[Unchanged]:
    if "DHCP" in machine.state.features and any(switch.dhcp for switch in machine.own_switches):
        why = f"it stays installed: others may use it by now; {_BACK}, or Uninstall-WindowsFeature -Name DHCP removes it"
        yield Unchanged("the DHCP server role", why)


def _staying_interfaces(machine: PlannedMachine) -> dict[str, IPInterfaceState]:
    """Return the interfaces that remain without the switches, by their name then.

    Only those that the topology speaks of.
    """
    there: dict[str, IPInterfaceState] = {}
    for uplink in machine.wanted.uplinks if isinstance(machine.wanted, Topology) else ():
        if interface := machine.interface(uplink.net_adapter):
            there[uplink.net_adapter] = interface
    for switch in machine.own_switches:
        # An External switch gives what its own adapter has back to the adapter below it.
        if switch.switch_type is SwitchType.EXTERNAL and switch.net_adapter:
            interface = machine.interface(
                expected_management_alias(machine.state, switch.name)
            ) or machine.interface(switch.net_adapter)
            if interface is not None:
                there[switch.net_adapter] = interface
    return there
