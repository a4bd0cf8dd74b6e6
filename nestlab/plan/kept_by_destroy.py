"""What destroy keeps on a machine: settings of Windows, which carry no mark of an owner."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.model.state import IPInterfaceState, expected_management_alias
from nestlab.model.topology import SwitchType, Topology
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.step import Unchanged

_UNDO = "`undo` with the journal of the apply restores the earlier value"


def kept_by_destroy(machine: PlannedMachine) -> Iterator[Unchanged]:
    """Yield the settings of Windows that the topology may have made and destroy keeps."""
    yield from _dhcp_role(machine)
    remaining = _remaining_interfaces(machine)
    if machine.wanted.forwarding:
        for alias, interface in remaining.items():
            if interface.forwarding:
                off = f"Set-NetIPInterface -InterfaceAlias '{alias}' -AddressFamily IPv4 -Forwarding Disabled"
                yield Unchanged(
                    f"forwarding on {alias}",
                    f"it is kept on, because it is not known here whether it was on before; {_UNDO}, or {off} turns it off",
                )
    for route in machine.wanted.routes:
        for alias, interface in remaining.items():
            if (route.to, route.via) in interface.routes:
                yield Unchanged(
                    f"route to {route.to}", f"it is kept, via {route.via} on {alias}; {_UNDO}"
                )
    for switch in machine.own_switches:
        if (
            switch.switch_type is SwitchType.EXTERNAL
            and switch.net_adapter
            and (switch.ip_address or switch.gateway or switch.dns_servers)
        ):
            why = f"they move back to {switch.net_adapter} when the switch {switch.name} is removed; {_UNDO}"
            yield Unchanged(
                f"address and DNS servers of {expected_management_alias(machine.state, switch.name)}",
                why,
            )


def _dhcp_role(machine: PlannedMachine) -> Iterator[Unchanged]:
    if "DHCP" in machine.state.features and any(switch.dhcp for switch in machine.own_switches):
        why = f"it is kept, because others may use it; {_UNDO}, or Uninstall-WindowsFeature -Name DHCP removes it"
        yield Unchanged("the DHCP server role", why)


def _remaining_interfaces(machine: PlannedMachine) -> dict[str, IPInterfaceState]:
    """Return the topology's interfaces that remain without its switches.

    The keys are the names that they have after the removal.
    """
    found: dict[str, IPInterfaceState] = {}
    for uplink in machine.wanted.uplinks if isinstance(machine.wanted, Topology) else ():
        if interface := machine.interface(uplink.net_adapter):
            found[uplink.net_adapter] = interface
    for switch in machine.own_switches:
        # The settings of an External switch's own adapter move back to the adapter below it.
        if switch.switch_type is SwitchType.EXTERNAL and switch.net_adapter:
            interface = machine.interface(
                expected_management_alias(machine.state, switch.name)
            ) or machine.interface(switch.net_adapter)
            if interface is not None:
                found[switch.net_adapter] = interface
    return found
