"""The rule about External switches that take the network of the host away from itself."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import VIRTUAL_SWITCH
from nestlab.model.finding import Finding
from nestlab.model.machine_path import HOST
from nestlab.model.state import IPInterfaceState, management_alias
from nestlab.model.topology import Switch, SwitchType, vlan_text
from nestlab.rules.evidence import evidence_from
from nestlab.rules.match.host_match import HostMatch
from nestlab.rules.rule import Rule, Scope, detects
from nestlab.texts import tr

HOST_LOSES_NETWORK = Rule(
    code="host-loses-network",
    severity="warning",
    looks_at=(Scope.MATCH,),
    meaning="An External switch takes the adapter with the only default gateway of the host, and leaves the host no adapter in that network.",
    why="The host loses that network in the middle of the run. Connections to it break: also that of nestlab, unless it runs on the host.",
    fix="Leave out allow_management_os: false, vlan and ip_address of the switch, so that its management adapter takes over the host's address; or bind the switch to another adapter.",
    example="Get-NetIPConfiguration: InterfaceAlias = Ethernet, IPv4DefaultGateway = 192.0.2.1",
    source=VIRTUAL_SWITCH,
)


@detects(HOST_LOSES_NETWORK)
def host_loses_network(match: HostMatch) -> Iterator[Finding]:
    """An External switch that takes the adapter with the host's only gateway for itself.

    By default, the management adapter of a new External switch takes over the address and the
    gateway of the adapter below it.
    """
    with_gateway = [each for each in match.state.ip_interfaces if each.gateway is not None]
    for place in match.own_switches if match.place.path == HOST else ():
        switch = place.switch
        if switch.switch_type is not SwitchType.EXTERNAL:
            continue
        below = {name.casefold() for name in switch.net_adapters}
        alias = management_alias(match.state, switch.name)
        below |= {alias.casefold()} if alias else set()
        taken = [each for each in with_gateway if each.interface_alias.casefold() in below]
        key, what = _taken_away(switch, taken[0]) if taken else ("", "")
        # With the switch there, the adapter is its own, and may have the VLAN already.
        is_there = bool(alias) and key == "vlan"
        if what and len(taken) == len(with_gateway) and not is_there:
            keys = (*place.keys, key)
            message = tr(
                "takes {adapter!r}, over which the host has its only default gateway, and {effect}",
                adapter=taken[0].interface_alias,
                effect=what,
            )
            hint = tr(
                "Leave out {setting}, so that the management adapter of the switch takes over the host's address; or bind the switch to another adapter. Where it is meant so, run nestlab on the host itself (--host local:).",
                setting=f"{key}: false" if key == "allow_management_os" else key,
            )
            evidence = evidence_from(
                "Get-NetIPConfiguration",
                InterfaceAlias=taken[0].interface_alias,
                IPv4DefaultGateway=taken[0].gateway,
            )
            yield match.finding(
                HOST_LOSES_NETWORK, place.subject, keys, message, hint=hint, evidence=evidence
            )


def _taken_away(switch: Switch, now: IPInterfaceState) -> tuple[str, str]:
    """Return the key of a switch that takes an interface's network away, and how; empty if none."""
    kept = {address.network for address in now.ip_addresses}
    addresses = {own.ip_address.network for own in switch.all_management_adapters if own.ip_address}
    if kept & addresses:
        return "", ""
    if not switch.has_management_adapter:
        return "allow_management_os", tr("leaves it no adapter there (allow_management_os: false)")
    if switch.vlan is not None:
        return "vlan", tr(
            "puts its own adapter there into another VLAN ({vlan})",
            vlan=vlan_text(switch.vlan),
        )
    if switch.ip_address:
        return "ip_address", tr(
            "replaces its address there by {address}", address=switch.ip_address
        )
    return "", ""


DETECTORS = (host_loses_network,)
"""The detectors of this module."""
