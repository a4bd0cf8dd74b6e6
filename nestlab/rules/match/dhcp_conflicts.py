"""DHCP scopes of the host that conflict with those of the topology."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.model.finding import Finding
from nestlab.model.ownership import is_owned_by_name
from nestlab.rules.match.host_match import HostMatch
from nestlab.rules.rule import INFERRED, Rule, Scope, detects

DHCP_SCOPE_TAKEN = Rule(
    code="dhcp-scope-taken",
    severity="error",
    looks_at=(Scope.MATCH,),
    meaning="The DHCP server of the machine already serves a network of the topology.",
    why="A DHCP server has one scope for each network: Add-DhcpServerv4Scope refuses the second one.",
    fix="Choose another network, or remove the existing scope.",
    example="Get-DhcpServerv4Scope: Lab 10.0.0.0",
    source=INFERRED,
)


@detects(DHCP_SCOPE_TAKEN)
def dhcp_scope_taken(match: HostMatch) -> Iterator[Finding]:
    """A network for which the machine has a scope that this topology does not own."""
    taken = {
        scope.scope_id: scope
        for scope in match.state.dhcp_scopes
        if not is_owned_by_name(scope.name, match.topology_name)
    }
    for place in match.place.switches:
        address = place.switch.ip_address
        scope = taken.get(address.network.network_address) if address else None
        if place.switch.dhcp and address and scope is not None:
            yield match.finding(
                DHCP_SCOPE_TAKEN,
                place.subject,
                (*place.keys, "dhcp"),
                f"serves {address.network}, which the DHCP scope {scope.name} of {match.machine_name} already does",
                evidence=f"Get-DhcpServerv4Scope: {scope.name} {scope.scope_id}",
            )
