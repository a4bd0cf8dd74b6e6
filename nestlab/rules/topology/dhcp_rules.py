"""Rules about DHCP in a topology."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network

from nestlab.constants import NAT_NETWORK, NEW_IP_ADDRESS
from nestlab.model.broadcast_domain import BroadcastDomain
from nestlab.model.finding import Finding
from nestlab.model.machine_path import MachinePath
from nestlab.model.topology import SwitchType
from nestlab.rules.rule import INFERRED, Rule, Scope, Variant, detects
from nestlab.rules.topology.dhcp_hints import how_to_be_served
from nestlab.rules.topology.dhcp_networks import has_own_adapter
from nestlab.rules.topology.gateway_rules import SEVERAL_GATEWAYS
from nestlab.rules.topology.places import AdapterPlace, DhcpServerPlace
from nestlab.rules.topology.topology_index import TopologyIndex
from nestlab.texts import tr

DHCP_AND_ADDRESS = Rule(
    code="dhcp-and-address",
    severity="warning",
    looks_at=(Scope.TOPOLOGY,),
    meaning="An adapter has both DHCP and a static address.",
    why="New-NetIPAddress turns DHCP off, so only the static address takes effect.",
    fix="Keep one of the two.",
    example="switches: [{name: A, switch_type: Internal, ip_address: 10.0.0.1/24, dhcp: {range: 10.0.0.100-10.0.0.200}}]\nvms: [{name: a, network_adapters: [{switch: A, dhcp: true, ip_address: 10.0.0.5/24}]}]",
    source=NEW_IP_ADDRESS,
)


@detects(DHCP_AND_ADDRESS)
def dhcp_and_address(index: TopologyIndex) -> Iterator[Finding]:
    """An adapter with DHCP and a static address: New-NetIPAddress turns DHCP off."""
    for place in index.adapters:
        if place.adapter.dhcp and place.adapter.ip_address:
            yield index.finding(
                DHCP_AND_ADDRESS,
                place.subject,
                (*place.keys, "dhcp"),
                tr(
                    "has dhcp: true and the address {address}; the address takes precedence, and DHCP is turned off",
                    address=place.adapter.ip_address,
                ),
            )


DHCP_WRONG = Rule(
    code="dhcp-wrong",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="The DHCP range of a switch or adapter does not fit the network of the address that it is served from, or the machine serves that network already.",
    why="A DHCP server answers only for the network of its own address, must not give that address away, and has one scope for each network.",
    fix="Give the adapter an ip_address, or make the switch Internal with one; and choose a range in its network without that address.",
    example="switches: [{name: A, switch_type: Internal, ip_address: 10.0.0.1/24, dhcp: {range: 10.0.9.100-10.0.9.200}}]",
    source=INFERRED,
)


@detects(DHCP_WRONG)
def dhcp_wrong(index: TopologyIndex) -> Iterator[Finding]:
    """A DHCP range outside the network of its server's address, or a second one in it."""
    served: dict[tuple[MachinePath, IPv4Network], DhcpServerPlace] = {}
    for place in index.dhcp_servers:
        wrong = _wrong(index, place)
        if wrong is None and place.address:
            other = served.setdefault((place.machine, place.address.network), place)
            wrong = _served_twice(other, place, place.address.network)
        if wrong:
            message, hint = wrong
            yield index.finding(DHCP_WRONG, place.subject, place.keys, message, hint=hint)


def _served_twice(
    first: DhcpServerPlace, place: DhcpServerPlace, network: IPv4Network
) -> tuple[str, str] | None:
    """Return message and hint about a second scope in a network; None if it is the first one."""
    if first is place:
        return None
    message = tr(
        "serves {network}, which {switch} of the same machine already does",
        network=network,
        switch=first.name,
    )
    if not first.server.is_in_guest and not place.server.is_in_guest:
        hint = tr("Give the two switches networks of their own, or serve DHCP on one of them.")
    else:
        hint = tr("Give each of the two a network of its own, or serve DHCP on one of them.")
    return message, hint


def _not_served(index: TopologyIndex, place: DhcpServerPlace) -> tuple[str, str] | None:
    """Return message and hint about a scope without an address or a network to serve."""
    if isinstance(place.owner, AdapterPlace):
        if place.domain is None:
            message = tr("serves DHCP and is not connected, so that no client reaches it")
            return message, tr("Connect the adapter to a switch, or remove dhcp_server.")
        if index.is_address_replaced(place.owner):
            message = tr(
                "serves DHCP, and a switch of the nested host takes over the adapter, with another address or none"
            )
            return message, tr("Write dhcp on that switch, in place of dhcp_server here.")
        if place.address is None:
            message = tr("serves DHCP and has no ip_address: a DHCP server needs a static address")
            return message, tr("Add ip_address to the adapter, and remove dhcp: true from it.")
    elif place.address is None or not has_own_adapter(place):
        message = tr("serves DHCP but the machine has no address on it")
        return message, tr("Make it Internal and add ip_address.")
    return None


def _wrong(index: TopologyIndex, place: DhcpServerPlace) -> tuple[str, str] | None:
    """Return message and hint; None if the range fits the address that it is served from."""
    found, scope, address = _not_served(index, place), place.scope, place.address
    if found is not None or address is None:
        return found
    if scope.first not in address.network or scope.last not in address.network:
        message = tr(
            "serves {first}-{last}, which is not inside its network {network}",
            first=scope.first,
            last=scope.last,
            network=address.network,
        )
        return message, tr("Choose a range in {network}.", network=address.network)
    if scope.first <= address.ip <= scope.last and place.server.is_in_guest:
        message = tr(
            "serves {first}-{last}, which contains its own {address}",
            first=scope.first,
            last=scope.last,
            address=address.ip,
        )
        return message, tr("Leave that address out of the range.")
    if scope.first <= address.ip <= scope.last:
        message = tr(
            "serves {first}-{last}, which contains the machine's own {address}",
            first=scope.first,
            last=scope.last,
            address=address.ip,
        )
        return message, tr("Leave that address out of the range.")
    return None


DHCP_WITHOUT_SERVER = Rule(
    code="dhcp-without-server",
    severity="warning",
    looks_at=(Scope.TOPOLOGY, Scope.MATCH),
    meaning="An adapter requests an address by DHCP, but no DHCP server is known on its network.",
    why="WinNAT does not serve DHCP. The guest gives itself an address of 169.254.0.0/16 and reaches nothing.",
    fix="Give the adapter an ip_address, add dhcp: {range: ...} to the switch of a Windows Server, or dhcp_server: {range: ...} to the adapter of a VM on its network.",
    example="switches: [{name: A, switch_type: Internal, ip_address: 10.0.0.1/24}]\nvms: [{name: a, network_adapters: [{switch: A, dhcp: true}]}]",
    source=NAT_NETWORK,
    formerly=("dhcp-nobody",),
    variants=(
        Variant(
            "info",
            "if it is on an existing switch, and neither the file nor the host shows whether something serves DHCP there",
        ),
    ),
)


@detects(DHCP_WITHOUT_SERVER)
def dhcp_without_server(index: TopologyIndex) -> Iterator[Finding]:
    """An adapter that requests an address where nothing serves DHCP: WinNAT does not."""
    serving = {place.domain for place in index.dhcp_servers}
    for place in index.adapters:
        if not place.adapter.dhcp:
            continue
        domain = index.domain(place)
        if domain is None or domain in serving or domain.physical:
            continue
        if index.is_existing(domain):
            yield from _on_existing_switch(index, place, domain)
            continue
        yield index.finding(
            DHCP_WITHOUT_SERVER,
            place.subject,
            (*place.keys, "dhcp"),
            tr("requests an address by DHCP, but nothing on its network serves DHCP; NAT does not"),
            hint=how_to_be_served(index, place),
        )


def _on_existing_switch(
    index: TopologyIndex, place: AdapterPlace, domain: BroadcastDomain
) -> Iterator[Finding]:
    """Yield findings about what the file leaves open; if the host is known, it is checked there.

    Windows serves DHCP on the Default Switch, and physical networks have servers of their own.
    """
    switch = index.switch(domain.machine, domain.name)
    if switch is None or switch.is_default_switch or domain.machine in index.observed:
        return
    if switch.switch_type is not SwitchType.EXTERNAL and not place.adapter.ip_address:
        keys = (*place.keys, "dhcp")
        message = tr(
            "requests an address by DHCP on the existing switch {switch}: the file does not show whether something serves DHCP there",
            switch=switch.name,
        )
        hint = tr(
            "`nestlab check FILE --host HOST` reads the switch, the DHCP scopes and the VMs of the host. Or give the adapter an ip_address."
        )
        yield index.finding(DHCP_WITHOUT_SERVER.at("info"), place.subject, keys, message, hint=hint)


@detects(SEVERAL_GATEWAYS)
def gateway_beside_dhcp(index: TopologyIndex) -> Iterator[Finding]:
    """A gateway beside one that the DHCP server of a physical network is likely to give.

    With interface_metric on both adapters, the file says which of them is used.
    """
    fixed: dict[MachinePath, AdapterPlace] = {}
    for adapter in index.adapters:
        if adapter.adapter.gateway and adapter.adapter.ip_address:
            fixed.setdefault(adapter.machine, adapter)
    for gateway in index.default_gateways:
        place, other = gateway.owner, fixed.get(gateway.machine)
        if gateway.address is not None or other is None or not isinstance(place, AdapterPlace):
            continue  # several_gateways reports those that are in the file
        if place.adapter.interface_metric and other.adapter.interface_metric:
            continue
        keys = (*place.keys, "dhcp")
        message = tr(
            "may get a gateway from DHCP, and {other} of the same machine has {gateway}: the lower metric wins",
            other=other.name,
            gateway=other.adapter.gateway,
        )
        hint = tr(
            "Remove gateway from {other} if the machine is to reach other networks through {adapter}; add routes for the rest. To keep both, set interface_metric on both.",
            other=other.name,
            adapter=place.adapter.name,
        )
        yield index.finding(SEVERAL_GATEWAYS.at("info"), place.subject, keys, message, hint=hint)


DETECTORS = (dhcp_and_address, dhcp_wrong, dhcp_without_server, gateway_beside_dhcp)
