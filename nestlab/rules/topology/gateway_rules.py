"""Rules about default gateways in a topology."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from nestlab.constants import ENABLE_NESTED, NAT_NETWORK, NEW_IP_ADDRESS
from nestlab.model.broadcast_domain import BroadcastDomain, physical_domain
from nestlab.model.finding import Finding
from nestlab.model.machine_path import MachinePath, path_text
from nestlab.model.topology import SwitchType
from nestlab.rules.rule import Rule, Scope, Variant, detects
from nestlab.rules.topology.address_rules import interfaces
from nestlab.rules.topology.distant_gateways import in_another_vlan, on_another_network
from nestlab.rules.topology.gateway_texts import REMOVE_DHCP, in_its_network, two_gateways
from nestlab.rules.topology.places import (
    AdapterPlace,
    ManagementAdapterPlace,
    SwitchPlace,
    UplinkPlace,
)
from nestlab.rules.topology.subnet_masks import mask_of_gateway
from nestlab.rules.topology.topology_index import AddressHolder, DefaultGateway, TopologyIndex
from nestlab.texts import tr, translate

GATEWAY_OUTSIDE_SUBNET = Rule(
    code="gateway-outside-subnet",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A default gateway is not in the network of its adapter.",
    why="A gateway must be on the adapter's own network; otherwise packets to it are never sent.",
    fix="Choose a gateway in the network of the adapter, or correct the address or its prefix length.",
    example="vms: [{name: a, network_adapters: [{ip_address: 10.0.0.5/24, gateway: 10.0.1.1}]}]",
    source=NEW_IP_ADDRESS,
)


@detects(GATEWAY_OUTSIDE_SUBNET)
def gateway_outside_subnet(index: TopologyIndex) -> Iterator[Finding]:
    """A default gateway that is not in the network of its adapter."""
    for owner, address, gateway in interfaces(index):
        if gateway is not None and gateway not in address.network:
            yield index.finding(
                GATEWAY_OUTSIDE_SUBNET,
                owner.subject,
                (*owner.keys, "gateway"),
                tr(
                    "has the gateway {gateway}, which is not in its network {network}",
                    gateway=gateway,
                    network=address.network,
                ),
                hint=in_its_network(address.network, mask_of_gateway(index, owner, gateway)),
                evidence=tr(
                    "address {address}, gateway {gateway}", address=address, gateway=gateway
                ),
            )


GATEWAY_WITHOUT_ADDRESS = Rule(
    code="gateway-without-address",
    severity="warning",
    looks_at=(Scope.TOPOLOGY,),
    meaning="An adapter has a default gateway in the file, but no address.",
    why="Windows gets its address from DHCP, which provides a gateway as well; the one in the file is added to it. Without DHCP, nothing is sent to the gateway.",
    fix="Add ip_address, or remove the gateway.",
    example="switches: [{name: A, switch_type: Internal, gateway: 10.0.0.254}]",
    source=NEW_IP_ADDRESS,
)


@detects(GATEWAY_WITHOUT_ADDRESS)
def gateway_without_address(index: TopologyIndex) -> Iterator[Finding]:
    """A gateway on an adapter that has no address in the file.

    An External switch has the address of the adapter below it.
    """
    for place in index.switches:
        switch = place.switch
        if switch.gateway and not switch.ip_address and switch.switch_type is SwitchType.INTERNAL:
            yield _without_address(index, place, switch.gateway)
    for adapter in index.adapters:
        own = adapter.adapter
        if own.gateway and not own.ip_address and adapter.keys not in index.external_switches:
            yield _without_address(index, adapter, own.gateway)


def _without_address(
    index: TopologyIndex, place: SwitchPlace | AdapterPlace, gateway: IPv4Address
) -> Finding:
    message = tr("has the gateway {gateway} but no ip_address", gateway=gateway)
    keys = (*place.keys, "gateway")
    return index.finding(GATEWAY_WITHOUT_ADDRESS, place.subject, keys, message)


GATEWAY_WITHOUT_MACHINE = Rule(
    code="gateway-without-machine",
    severity="warning",
    looks_at=(Scope.TOPOLOGY,),
    meaning="No machine on the network has the address of the default gateway.",
    why="Packets that leave the network are lost: no neighbor answers for the gateway.",
    fix="Set the gateway to the address of the machine that forwards, or give that address to it.",
    example="switches: [{name: A, switch_type: Internal, ip_address: 10.0.0.1/24}]\nvms: [{name: a, network_adapters: [{switch: A, ip_address: 10.0.0.5/24, gateway: 10.0.0.254}]}]",
    source=ENABLE_NESTED,
    formerly=("gateway-is-nobody",),
)


@detects(GATEWAY_WITHOUT_MACHINE)
def gateway_without_machine(index: TopologyIndex) -> Iterator[Finding]:
    """A gateway whose address no machine on the network has."""
    upstream = _upstream_gateways(index)
    for holder in index.holders:
        gateway = holder.gateway
        if gateway is None:
            continue
        is_own = int(gateway) == holder.number
        if not is_own and _has_machine(index, holder.domain, gateway, upstream):
            continue
        if gateway not in holder.address.network:
            continue
        if is_own:
            message, hint = (
                tr("is its own gateway ({gateway})", gateway=gateway),
                tr("Name the neighbor that forwards, or remove the gateway."),
            )
        else:
            message, hint = _without_machine(index, holder)
        keys = (*holder.owner.keys, "gateway")
        yield index.finding(GATEWAY_WITHOUT_MACHINE, holder.subject, keys, message, hint=hint)


def _upstream_gateways(index: TopologyIndex) -> dict[BroadcastDomain, IPv4Address]:
    return {
        physical_domain(uplink.net_adapter): uplink.gateway
        for uplink in index.topology.uplinks
        if uplink.gateway
    }


def _has_machine(
    index: TopologyIndex,
    domain: BroadcastDomain,
    gateway: IPv4Address,
    upstream: dict[BroadcastDomain, IPv4Address],
) -> bool:
    if (domain, int(gateway)) in index.by_address:
        return True
    if index.is_existing(domain):
        return True  # the file does not list everything on an existing switch
    # On a physical network without an uplink in the file, any machine may be the gateway.
    return domain.physical and upstream.get(domain, gateway) == gateway


def _without_machine(index: TopologyIndex, holder: AddressHolder) -> tuple[str, str]:
    """Return message and hint: why no machine has the gateway's address, and what to change."""
    if (apart := in_another_vlan(index, holder)) is not None:
        return apart
    near = index.by_domain.get(holder.domain, ())
    own_addresses = [
        each
        for each in near
        if isinstance(each.owner, SwitchPlace | ManagementAdapterPlace)
        and each.address.ip in holder.address.network
    ]
    if not own_addresses and (elsewhere := on_another_network(index, holder)) is not None:
        return elsewhere
    message = tr(
        "has the gateway {gateway}, but no machine on that network has this address",
        gateway=holder.gateway,
    )
    if own_addresses:
        return message, _own_address(own_addresses[0])
    hint = tr(
        "Give this address to the machine that is to be the gateway, or choose another gateway."
    )
    return message, hint


def _own_address(own: AddressHolder) -> str:
    """Return a sentence with the address of the switch's own machine on it."""
    address = own.address.ip
    if own.machine:
        machine = path_text(own.machine)
        return tr("{machine}'s own address there is {address}.", machine=machine, address=address)
    return tr("The host's own address there is {address}.", address=address)


GATEWAY_MISSING = Rule(
    code="gateway-missing",
    severity="warning",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A VM behind a NAT has no default gateway.",
    why="It reaches its own network and nothing beyond.",
    fix="Set gateway to the machine's own address on that switch.",
    example="switches: [{name: A, switch_type: Internal, ip_address: 10.0.0.1/24, nat: 10.0.0.0/24}]\nvms: [{name: a, network_adapters: [{switch: A, ip_address: 10.0.0.5/24}]}]",
    source=NAT_NETWORK,
)


@detects(GATEWAY_MISSING)
def gateway_missing(index: TopologyIndex) -> Iterator[Finding]:
    """A VM behind a NAT without a gateway: it reaches its own network only.

    One finding for each VM: a gateway on a second adapter would be one too many.
    """
    nat_switches = {
        index.own_domain(place): place.switch
        for place in index.switches
        if place.switch.nat and place.switch.ip_address and place.switch.has_management_adapter
    }
    gateways = {gateway.machine for gateway in index.default_gateways}
    for place in index.adapters:
        adapter = place.adapter
        if (
            adapter.ip_address is None
            or place.machine in gateways
            or (domain := index.domain(place)) not in nat_switches
        ):
            continue
        switch = nat_switches[domain]
        if switch.ip_address and switch.ip_address.ip in adapter.ip_address.network:
            gateways.add(place.machine)
            message = tr(
                "is behind the NAT of switch {switch} and has no gateway, so it reaches only {network}",
                switch=switch.name,
                network=adapter.ip_address.network,
            )
            yield index.finding(
                GATEWAY_MISSING,
                place.subject,
                place.keys,
                message,
                hint=tr("Add gateway: {gateway}.", gateway=switch.ip_address.ip),
            )


SEVERAL_GATEWAYS = Rule(
    code="several-gateways",
    severity="warning",
    looks_at=(Scope.TOPOLOGY,),
    meaning="One machine has several default gateways.",
    why="Windows uses the one with the lowest metric, whatever network the packet is for.",
    fix="Keep one gateway for each machine and add routes for the rest, or set interface_metric on both.",
    example="switches: [{name: A, switch_type: Private}, {name: B, switch_type: Private}]\nvms:\n  - name: a\n    network_adapters:\n      - {name: one, switch: A, ip_address: 10.0.0.5/24, gateway: 10.0.0.1}\n      - {name: two, switch: B, ip_address: 10.0.1.5/24, gateway: 10.0.1.1}",
    source=NEW_IP_ADDRESS,
    variants=(
        Variant("info", "if one of them would come from a DHCP server that the file does not have"),
    ),
)


@detects(SEVERAL_GATEWAYS)
def several_gateways(index: TopologyIndex) -> Iterator[Finding]:
    """Several default gateways on one machine: the metric decides, not the network.

    Gateways that DHCP servers of the file assign are included.
    """
    first: dict[MachinePath, DefaultGateway] = {}
    for found in index.default_gateways:
        if found.address is None:
            continue
        known = first.setdefault(found.machine, found)
        if known is found or known.address == found.address:
            continue
        metrics = {_metric(known), _metric(found)}
        if len(metrics) > 1 and None not in metrics:
            continue
        yield index.finding(
            SEVERAL_GATEWAYS,
            found.owner.subject,
            (*found.owner.keys, "dhcp" if found.by_dhcp else "gateway"),
            two_gateways(found, known),
            hint=translate(REMOVE_DHCP) if found.by_dhcp or known.by_dhcp else None,
        )


def _metric(gateway: DefaultGateway) -> int | None:
    """Return the interface metric of the adapter; None for a gateway behind an uplink."""
    owner = gateway.owner
    if isinstance(owner, UplinkPlace):
        return None
    adapter = owner.switch if isinstance(owner, SwitchPlace) else owner.adapter
    return adapter.interface_metric


DETECTORS = (
    gateway_outside_subnet,
    gateway_without_address,
    gateway_without_machine,
    gateway_missing,
    several_gateways,
)
