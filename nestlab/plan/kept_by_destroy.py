"""What destroy keeps on a machine: settings of Windows, which carry no mark of an owner."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.model.state import IPInterfaceState, expected_management_alias
from nestlab.model.topology import SwitchType, Topology
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.step import Unchanged
from nestlab.texts import mark, tr, translate

_UNDO = mark("`undo` with the journal of the apply restores the earlier value")


def kept_by_destroy(machine: PlannedMachine) -> Iterator[Unchanged]:
    """Yield the settings of Windows that the topology may have made and destroy keeps."""
    yield from _dhcp_role(machine)
    remaining = _remaining_interfaces(machine)
    if machine.wanted.forwarding:
        for alias, interface in remaining.items():
            if interface.forwarding:
                off = (
                    f"Set-NetIPInterface -InterfaceAlias '{alias}' "
                    "-AddressFamily IPv4 -Forwarding Disabled"  # not shown
                )
                yield Unchanged(
                    tr("forwarding on {adapter}", adapter=alias),
                    tr(
                        "it is kept on, because it is not known here whether it was on before; {way_back}, or {cmdlet} turns it off",
                        way_back=translate(_UNDO),
                        cmdlet=off,
                    ),
                )
    for route in machine.wanted.routes:
        for alias, interface in remaining.items():
            if (route.to, route.via) in interface.routes:
                yield Unchanged(
                    tr("route to {destination}", destination=route.to),
                    tr(
                        "it is kept, via {next_hop} on {adapter}; {way_back}",
                        next_hop=route.via,
                        adapter=alias,
                        way_back=translate(_UNDO),
                    ),
                )
    for switch in machine.own_switches:
        if (
            switch.switch_type is SwitchType.EXTERNAL
            and switch.net_adapter
            and (switch.ip_address or switch.gateway or switch.dns_servers)
        ):
            why = tr(
                "they move back to {adapter} when the switch {switch} is removed; {way_back}",
                adapter=switch.net_adapter,
                switch=switch.name,
                way_back=translate(_UNDO),
            )
            yield Unchanged(
                tr(
                    "address and DNS servers of {adapter}",
                    adapter=expected_management_alias(machine.state, switch.name),
                ),
                why,
            )


def _dhcp_role(machine: PlannedMachine) -> Iterator[Unchanged]:
    if "DHCP" in machine.state.features and any(switch.dhcp for switch in machine.own_switches):
        why = tr(
            "it is kept, because others may use it; {way_back}, or Uninstall-WindowsFeature -Name DHCP removes it",
            way_back=translate(_UNDO),
        )
        yield Unchanged(tr("the DHCP server role"), why)


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
