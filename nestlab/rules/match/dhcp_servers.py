"""Adapters that request an address by DHCP on existing switches of the observed machine."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.model.finding import Finding
from nestlab.model.ownership import is_marked
from nestlab.model.state import SwitchState
from nestlab.rules.evidence import evidence_from, why_unread
from nestlab.rules.match.host_match import HostMatch
from nestlab.rules.nesting.nesting_context import management_interface
from nestlab.rules.rule import detects
from nestlab.rules.shared_causes import listed
from nestlab.rules.topology.dhcp_rules import DHCP_WITHOUT_SERVER
from nestlab.rules.topology.places import AdapterPlace, SwitchPlace
from nestlab.texts import tr, tr_count

_SCOPES = "Get-DhcpServerv4Scope"


@detects(DHCP_WITHOUT_SERVER)
def dhcp_without_server_on_host(match: HostMatch) -> Iterator[Finding]:
    """An adapter with `dhcp: true` on an existing switch of a machine that has no scope for it.

    Windows serves DHCP on the Default Switch, and the physical network behind an External switch
    has servers of its own. A VM that the file does not have may serve DHCP as well.
    """
    for place, found in match.existing_switches:
        if len(found) != 1 or found[0].is_default_switch or found[0].switch_type == "External":
            continue
        if not _is_served(match, found[0]):
            for client in _clients(match, place):
                yield _finding(match, place, found[0], client)


def _is_served(match: HostMatch, switch: SwitchState) -> bool:
    """Whether the machine has a DHCP scope for its own network on a switch."""
    own = management_interface(match.state, switch)
    networks = {address.network.network_address for address in own.ip_addresses} if own else set()
    return any(scope.scope_id in networks for scope in match.state.dhcp_scopes)


def _clients(match: HostMatch, place: SwitchPlace) -> Iterator[AdapterPlace]:
    """Yield the adapters with DHCP on a switch, except those that a server of the file answers."""
    index = match.index
    domain = index.domain_outside(place.machine, place.switch.name, 0)
    serving = {other.domain for other in index.dhcp_servers}
    for found, adapters in index.adapters_by_domain.items():
        if found.untagged == domain and found not in serving:
            yield from (
                each for each in adapters if each.adapter.dhcp and not each.adapter.ip_address
            )


def _finding(
    match: HostMatch, place: SwitchPlace, switch: SwitchState, client: AdapterPlace
) -> Finding:
    others = _other_vms(match, switch)
    refusal = why_unread(match.state, _SCOPES)
    rule = DHCP_WITHOUT_SERVER
    if refusal:
        rule = DHCP_WITHOUT_SERVER.at("info")
        what = tr("the DHCP scopes of {machine} could not be read", machine=match.machine_name)
    elif others:
        rule = DHCP_WITHOUT_SERVER.at("info")
        what = tr_count(
            "{machine} has no DHCP scope for it, and whether {vms} serves DHCP there is not known",
            "{machine} has no DHCP scope for it, and whether {vms} serve DHCP there is not known",
            len(others),
            machine=match.machine_name,
            vms=listed(others),
        )
    else:
        what = tr(
            "{machine} has no DHCP scope for it, and no other VM is on it",
            machine=match.machine_name,
        )
    scopes = ", ".join(str(scope.scope_id) for scope in match.state.dhcp_scopes) or tr("none")
    keys = (*client.keys, "dhcp")
    message = tr(
        "requests an address by DHCP on the existing switch {switch}: {reason}",
        switch=place.switch.name,
        reason=what,
    )
    hint = tr(
        "Give the adapter an ip_address; or connect it to a switch that nestlab creates, with dhcp: {range: ...}. nestlab does not change an existing switch."
    )
    return match.finding(
        rule,
        client.subject,
        keys,
        message,
        hint=hint,
        evidence=refusal or evidence_from(_SCOPES, ScopeId=scopes),
    )


def _other_vms(match: HostMatch, switch: SwitchState) -> list[str]:
    """Return the VMs on a switch that are not of this topology."""
    vms = match.hyper_v.vms if match.hyper_v else ()
    return [
        vm.name
        for vm in vms
        if not is_marked(vm.notes, match.topology_name)
        and any(adapter.switch_id == switch.id for adapter in vm.network_adapters)
    ]


DETECTORS = (dhcp_without_server_on_host,)
"""The detectors of this module, in the order of their findings."""
