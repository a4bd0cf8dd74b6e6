"""DHCP on the observed machine: conflicting scopes, and adapters that no server gave an address."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address

from nestlab.constants import LINK_LOCAL_ADDRESSES, PRODUCT_WORKSTATION
from nestlab.enumerations import all_of
from nestlab.model.cmdlet import Cmdlet
from nestlab.model.finding import Finding
from nestlab.model.ownership import is_marked, is_owned_by_name
from nestlab.model.renamed_adapters import renamed_adapters
from nestlab.model.spelling import same_name
from nestlab.model.state import DhcpScopeState, NetworkAdapterState, management_alias
from nestlab.model.topology import VM, NetworkAdapter, Switch
from nestlab.rules.evidence import evidence_from
from nestlab.rules.match.host_match import HostMatch
from nestlab.rules.match.reserved_addresses import CurrentHolder, reserved_for
from nestlab.rules.rule import INFERRED, Rule, Scope, detects
from nestlab.rules.topology.dhcp_hints import how_to_be_served
from nestlab.rules.topology.places import AdapterPlace
from nestlab.texts import tr

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

DHCP_UNANSWERED = Rule(
    code="dhcp-unanswered",
    severity="warning",
    looks_at=(Scope.MATCH,),
    meaning="An adapter is to get its address by DHCP, and its guest has given itself one of 169.254.0.0/16: no DHCP server gave it one.",
    why="With such an address the guest reaches nothing beyond its switch, and nothing reaches it.",
    fix="Give the adapter an ip_address, or see to it that a DHCP server on its network answers and has a free address: that of the physical network behind an External switch, or of dhcp: {range: ...} on a switch of the lab. Then restart the guest, or run in it: ipconfig /renew.",
    example="Get-VMNetworkAdapter: IPAddresses = 169.254.17.4",
    source=LINK_LOCAL_ADDRESSES,
)


DHCP_NOT_SERVED = Rule(
    code="dhcp-not-served",
    severity="warning",
    looks_at=(Scope.MATCH,),
    meaning="A DHCP scope gives no addresses: the DHCP server of the machine does not run, or the scope is inactive.",
    why="Clients on its network get no address, or keep theirs only until the lease ends.",
    fix="Start the DHCP server, and activate the scope.",
    example="Get-Service: DHCPServer Stopped",
    source=INFERRED,
)


@detects(DHCP_NOT_SERVED)
def dhcp_not_served(match: HostMatch) -> Iterator[Finding]:
    """A scope of the topology on a machine whose DHCP server is stopped, or an inactive scope."""
    for place in match.own_dhcp_servers:
        address = place.address
        for scope in match.state.dhcp_scopes if address else ():
            if address is None or scope.scope_id != address.network.network_address:
                continue
            service, fix = match.state.dhcp_server, []
            if service not in ("", "Running"):
                fix.append(Cmdlet("Start-Service", {"Name": "DHCPServer"}))
            if scope.is_inactive:
                which = {"ScopeId": str(scope.scope_id), "State": "Active"}
                fix.append(Cmdlet("Set-DhcpServerv4Scope", which))
            if fix:
                message = tr(
                    "is to give addresses of {network} by DHCP, and gives none: {reason}",
                    network=address.network,
                    reason=_stopped(service, scope),
                )
                yield match.finding(
                    DHCP_NOT_SERVED,
                    place.subject,
                    place.keys,
                    message,
                    evidence=_read(service, scope),
                    fix=tuple(fix),
                )


def _read(service: str, scope: DhcpScopeState) -> str:
    unread = tr("not read")
    read = (
        f"Get-Service: DHCPServer {service or unread}",  # not shown: a cmdlet
        f"Get-DhcpServerv4Scope: {scope.name} {scope.state or unread}",
    )
    return "; ".join(read)


def _stopped(service: str, scope: DhcpScopeState) -> str:
    server = (
        tr("the service DHCPServer is {service}", service=service)
        if service not in ("", "Running")
        else ""
    )
    inactive = tr("the scope {scope} is inactive", scope=scope.name) if scope.is_inactive else ""
    return all_of([clause for clause in (server, inactive) if clause])


@detects(DHCP_SCOPE_TAKEN)
def dhcp_scope_taken(match: HostMatch) -> Iterator[Finding]:
    """A network for which the machine has a scope that this topology does not own."""
    taken = {
        scope.scope_id: scope
        for scope in match.state.dhcp_scopes
        if not is_owned_by_name(scope.name, match.topology_name)
    }
    for place in match.dhcp_servers:
        address = place.address
        scope = taken.get(address.network.network_address) if address else None
        if address and scope is not None:
            message = tr(
                "serves {network}, which the DHCP scope {scope} of {machine} already does",
                network=address.network,
                scope=scope.name,
                machine=match.machine_name,
            )
            yield match.finding(
                DHCP_SCOPE_TAKEN,
                place.subject,
                place.keys,
                message,
                evidence=f"Get-DhcpServerv4Scope: {scope.name} {scope.scope_id}",
            )


@detects(DHCP_UNANSWERED)
def dhcp_unanswered(match: HostMatch) -> Iterator[Finding]:
    """An adapter with `dhcp: true` whose only IPv4 address is link-local.

    Hyper-V shows the addresses of the VMs on the machine. If one of its own External switches is
    bound to an adapter of the machine itself, that adapter has no address: the management adapter
    of that switch, in the machine's own Windows, requests it.
    """
    yield from _of_vms(match)
    yield from _of_own_switches(match)


def _of_vms(match: HostMatch) -> Iterator[Finding]:
    for declared in match.index.adapters:
        if declared.machine[:-1] != match.place.path or not declared.adapter.dhcp:
            continue
        for found in observed_adapters(match, declared):
            addresses = list(ipv4_addresses(found.ip_addresses))
            if addresses and all(address.is_link_local for address in addresses):
                evidence = evidence_from(
                    "Get-VMNetworkAdapter",
                    VMName=declared.machine[-1],
                    Name=found.name,
                    IPAddresses=addresses[0],
                )
                yield _unanswered(match, declared, addresses[0], evidence)


def _of_own_switches(match: HostMatch) -> Iterator[Finding]:
    for place in match.own_switches:
        bound = match.index.bound_adapters(place)[:1]  # Windows moves the settings of the first
        if not bound or not _inherits_dhcp(place.switch, bound[0].adapter):
            continue
        alias = management_alias(match.state, place.switch.name)
        found = [each for each in match.state.ip_interfaces if each.interface_alias == alias]
        addresses = [address.ip for each in found for address in each.ip_addresses]
        if addresses and all(address.is_link_local for address in addresses):
            evidence = evidence_from(
                "Get-NetIPAddress", InterfaceAlias=alias, IPAddress=addresses[0]
            )
            yield _unanswered(match, bound[0], addresses[0], evidence, alias)


def _inherits_dhcp(switch: Switch, bound: NetworkAdapter) -> bool:
    """Whether the machine's own adapter on a switch requests the address of the bound adapter."""
    return (
        switch.has_management_adapter
        and switch.ip_address is None
        and bound.dhcp
        and bound.ip_address is None
    )


def _unanswered(
    match: HostMatch,
    declared: AdapterPlace,
    own: IPv4Address,
    evidence: str,
    alias: str | None = None,
) -> Finding:
    """Return the finding about an adapter; `alias` is another adapter with its address, if any."""
    message = tr(
        "is to get its address by DHCP, and has {address}, which its guest gave itself: no DHCP server gave it one",
        address=own,
    )
    taken = reserved_for(match, declared)
    if taken:
        message = tr(
            "is to get its address by DHCP, and has {address}, which its guest gave itself: {reserved}, which is reserved for it, is an address of {holder}",
            address=own,
            reserved=taken[0],
            holder=taken[1].phrase,
        )
    if alias:
        message = tr(
            "is to get its address by DHCP, and has {address} on {alias}, which its guest gave itself: no DHCP server gave it one",
            address=own,
            alias=alias,
        )
    keys = (*declared.keys, "dhcp")
    return match.finding(
        DHCP_UNANSWERED,
        declared.subject,
        keys,
        message,
        hint=_how_to_be_answered(match, declared, taken),
        evidence=f"{evidence}; {taken[1].evidence}" if taken else evidence,
    )


def _how_to_be_answered(
    match: HostMatch, declared: AdapterPlace, taken: tuple[IPv4Address, CurrentHolder] | None
) -> str:
    """Return what to do for an adapter; `taken` is its reserved address, and who has it."""
    vm = match.index.topology.machine(declared.machine)
    then = (
        tr("Then restart the guest, or run in it: sudo dhclient -r; sudo dhclient.")
        if isinstance(vm, VM) and vm.guest.os == "linux"
        else tr("Then restart the guest, or run in it: ipconfig /renew.")
    )
    if taken:
        served = tr(
            "In the file, reserve another address for it; or let {holder} release {address} or use another one.",
            holder=taken[1].phrase,
            address=taken[0],
        )
        return f"{served} {then}"
    clients = [
        path
        for path, state in match.states.items()
        if state.computer.product_type == PRODUCT_WORKSTATION
    ]
    return f"{how_to_be_served(match.index, declared, clients)} {then}"


def observed_adapters(match: HostMatch, declared: AdapterPlace) -> list[NetworkAdapterState]:
    """Return the observed adapters of a VM that match a declared one, even if it was renamed."""
    vm = match.index.topology.machine(declared.machine)
    wanted = vm.network_adapters if isinstance(vm, VM) else ()
    found = []
    for current in match.hyper_v.vms_named(declared.machine[-1]) if match.hyper_v else ():
        if is_marked(current.notes, match.topology_name):
            names = renamed_adapters(wanted, current)
            found += [
                each
                for each in current.network_adapters
                if same_name(names.get(each.id, each.name), declared.adapter.name)
                and same_name(each.switch_name, declared.adapter.switch or "")
            ]
    return found


def ipv4_addresses(texts: tuple[str, ...]) -> Iterator[IPv4Address]:
    """Yield the IPv4 addresses among those that Hyper-V reports for an adapter."""
    for text in texts:
        try:
            yield IPv4Address(text)
        except AddressValueError:
            continue  # an IPv6 address


DETECTORS = (dhcp_scope_taken, dhcp_not_served, dhcp_unanswered)
