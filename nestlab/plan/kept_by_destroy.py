"""What destroy leaves on the machine, listed.

Settings of Windows carry no mark, so their owner is not known.
"""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.model.state import IPInterfaceState
from nestlab.model.topology import SwitchType, Topology
from nestlab.plan.planned_machine import Site, own_alias
from nestlab.plan.step import Unchanged

_BACK = "`undo` with the journal of the apply gives back what was there before"


def left_on_purpose(site: Site) -> Iterator[Unchanged]:
    """Yield what the topology may have set on the machine's own Windows and what stays there."""
    yield from _dhcp_role(site)
    staying = _staying_interfaces(site)
    if site.wanted.forwarding:
        for alias, interface in staying.items():
            if interface.forwarding:
                off = f"Set-NetIPInterface -InterfaceAlias '{alias}' -AddressFamily IPv4 -Forwarding Disabled"
                yield Unchanged(
                    f"forwarding on {alias}",
                    f"it stays on: whether it was on before is not known here; {_BACK}, or {off} ends it",
                )
    for route in site.wanted.routes:
        for alias, interface in staying.items():
            if (route.to, route.via) in interface.routes:
                yield Unchanged(
                    f"route to {route.to}", f"it stays, over {route.via} on {alias}; {_BACK}"
                )
    for switch in site.wanted.switches:
        if (
            switch.switch_type is SwitchType.EXTERNAL
            and switch.net_adapter
            and (switch.ip_address or switch.gateway or switch.dns_servers)
        ):
            why = f"it moves back to {switch.net_adapter} with the switch {switch.name}; {_BACK}"
            yield Unchanged(f"address and DNS servers of {own_alias(site.state, switch.name)}", why)


def _dhcp_role(site: Site) -> Iterator[Unchanged]:
    if "DHCP" in site.state.features and any(switch.dhcp for switch in site.wanted.switches):
        why = f"it stays installed: others may use it by now; {_BACK}, or Uninstall-WindowsFeature -Name DHCP removes it"
        yield Unchanged("the DHCP server role", why)


def _staying_interfaces(site: Site) -> dict[str, IPInterfaceState]:
    """Return the interfaces that remain without the switches, by their name then.

    Only those that the topology speaks of.
    """
    there: dict[str, IPInterfaceState] = {}
    for uplink in site.wanted.uplinks if isinstance(site.wanted, Topology) else ():
        if interface := site.interface(uplink.net_adapter):
            there[uplink.net_adapter] = interface
    for switch in site.wanted.switches:
        # An External switch gives what its own adapter has back to the adapter below it.
        if switch.switch_type is SwitchType.EXTERNAL and switch.net_adapter:
            interface = site.interface(own_alias(site.state, switch.name)) or site.interface(
                switch.net_adapter
            )
            if interface is not None:
                there[switch.net_adapter] = interface
    return there
