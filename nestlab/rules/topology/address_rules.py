"""Rules about addresses, gateways and routes in a topology."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Interface

from nestlab.constants import ENABLE_NESTED, NAT_NETWORK, NEW_IP_ADDRESS, VIRTUAL_SWITCH
from nestlab.model.finding import Finding
from nestlab.model.machine_path import HOST
from nestlab.model.origin import Keys
from nestlab.model.topology import SwitchType
from nestlab.rules.topology.topology_index import Domain, Holder, Survey

_LAST_PREFIX_WITH_BROADCAST = 30  # /31 and /32 have neither network nor broadcast address


def duplicate_address(survey: Survey) -> Iterator[Finding]:
    """Two holders of one address in one broadcast domain: Windows disables the second."""
    for holders in survey.by_domain.values():
        first: dict[IPv4Address, Holder] = {}
        for holder in holders:
            known = first.setdefault(holder.address.ip, holder)
            if known is not holder:
                yield survey.finding(
                    "duplicate-address",
                    "error",
                    holder.subject,
                    holder.keys,
                    f"has the address {holder.address.ip} of {known.subject}, on the same network",
                    hint="Give each its own address.",
                    source=NEW_IP_ADDRESS,
                )


def address_not_usable(survey: Survey) -> Iterator[Finding]:
    """The network's own address, its broadcast address, and addresses that no adapter can have."""
    for subject, address, _, keys in _interfaces(survey):
        why = _unusable(address)
        if why:
            yield survey.finding(
                "address-not-usable",
                "error",
                subject,
                (*keys, "ip_address"),
                f"has the address {address}, which is {why}",
                hint="Choose an address inside the network.",
                source=NEW_IP_ADDRESS,
            )


def _unusable(address: IPv4Interface) -> str:
    if address.is_multicast or address.is_loopback or address.is_unspecified:
        return "no address of an adapter"
    if address.network.prefixlen <= _LAST_PREFIX_WITH_BROADCAST:
        if address.ip == address.network.network_address:
            return f"the network {address.network} itself"
        if address.ip == address.network.broadcast_address:
            return f"the broadcast address of {address.network}"
    return ""


def address_without_adapter(survey: Survey) -> Iterator[Finding]:
    """An address for a machine's own adapter on a switch where the machine has none."""
    for place in survey.switches:
        switch = place.switch
        if switch.ip_address and not switch.has_management_adapter:
            why = (
                "is Private"
                if switch.switch_type is SwitchType.PRIVATE
                else "is External with allow_management_os: false"
            )
            yield survey.finding(
                "address-without-adapter",
                "error",
                place.subject,
                (*place.keys, "ip_address"),
                f"{why}, so the machine has no adapter on it that could have {switch.ip_address}",
                hint="Make it Internal, or remove ip_address.",
                source=VIRTUAL_SWITCH,
            )


def dhcp_and_address(survey: Survey) -> Iterator[Finding]:
    """A static address and DHCP on one adapter: New-NetIPAddress turns DHCP off."""
    for place in survey.adapters:
        if place.adapter.dhcp and place.adapter.ip_address:
            yield survey.finding(
                "dhcp-and-address",
                "warning",
                place.subject,
                (*place.keys, "dhcp"),
                f"has dhcp: true and the address {place.adapter.ip_address}; the address wins, and DHCP is turned off",
                hint="Keep one of the two.",
                source=NEW_IP_ADDRESS,
            )


def gateway_outside_subnet(survey: Survey) -> Iterator[Finding]:
    """A gateway has to be a neighbour."""
    for subject, address, gateway, keys in _interfaces(survey):
        if gateway is not None and gateway not in address.network:
            yield survey.finding(
                "gateway-outside-subnet",
                "error",
                subject,
                (*keys, "gateway"),
                f"has the gateway {gateway}, which is not in its network {address.network}",
                hint=f"Choose a gateway in {address.network}, or correct the address or its prefix length.",
                evidence=f"address {address}, gateway {gateway}",
                source=NEW_IP_ADDRESS,
            )


def gateway_is_nobody(survey: Survey) -> Iterator[Finding]:
    """A gateway that nobody on that network is."""
    upstream = _upstream_gateways(survey)
    for holder in survey.holders:
        gateway = holder.gateway
        if gateway is None or gateway not in holder.address.network:
            continue
        if gateway == holder.address.ip:
            message, hint = (
                f"is its own gateway ({gateway})",
                "Name the neighbour that leads out, or remove the gateway.",
            )
        elif _is_somebody(survey, holder.domain, gateway, upstream):
            continue
        else:
            message = f"has the gateway {gateway}, and nobody on that network has this address"
            hint = _gateway_hint(survey, holder)
        keys = (*holder.keys[:-1], "gateway")
        yield survey.finding(
            "gateway-is-nobody",
            "warning",
            holder.subject,
            keys,
            message,
            hint=hint,
            source=ENABLE_NESTED,
        )


def _upstream_gateways(survey: Survey) -> dict[Domain, IPv4Address]:
    return {
        (HOST, f"wire {u.net_adapter}".casefold(), 0): u.gateway
        for u in survey.topology.uplinks
        if u.gateway
    }


def _is_somebody(
    survey: Survey, domain: Domain, gateway: IPv4Address, upstream: dict[Domain, IPv4Address]
) -> bool:
    if any(other.address.ip == gateway for other in survey.by_domain.get(domain, ())):
        return True
    # On a wire that the topology says nothing about, the gateway may be any machine out there.
    on_wire = domain[0] == HOST and domain[1].startswith("wire ")
    return on_wire and upstream.get(domain, gateway) == gateway


def _gateway_hint(survey: Survey, holder: Holder) -> str:
    ways = [
        other.address.ip
        for other in survey.by_domain.get(holder.domain, ())
        if other.subject.startswith("switch ") and other.address.ip in holder.address.network
    ]
    return (
        f"The machine's own address there is {ways[0]}."
        if ways
        else "Give this address to the machine that is to lead out, or choose another gateway."
    )


def gateway_missing(survey: Survey) -> Iterator[Finding]:
    """A VM behind a NAT that has no gateway stays inside its network."""
    exits = {
        survey.climbed(place.machine, place.switch.name, 0): place.switch
        for place in survey.switches
        if place.switch.nat and place.switch.ip_address and place.switch.has_management_adapter
    }
    gateways = {holder.machine for holder in survey.holders if holder.gateway}
    for place in survey.adapters:
        adapter = place.adapter
        if (
            adapter.ip_address is None
            or place.machine in gateways
            or (domain := survey.domain(place)) not in exits
        ):
            continue
        switch = exits[domain]
        if switch.ip_address and switch.ip_address.ip in adapter.ip_address.network:
            yield survey.finding(
                "gateway-missing",
                "warning",
                place.subject,
                place.keys,
                f"is behind the NAT of switch {switch.name} and has no gateway, so it stays inside {adapter.ip_address.network}",
                hint=f"Add gateway: {switch.ip_address.ip}.",
                source=NAT_NETWORK,
            )


def several_gateways(survey: Survey) -> Iterator[Finding]:
    """Two default gateways on one machine: the metric decides, not the network."""
    first: dict[tuple[str, ...], Holder] = {}
    for holder in survey.holders:
        if holder.gateway is None:
            continue
        known = first.setdefault(holder.machine, holder)
        if known is not holder and known.gateway != holder.gateway:
            yield survey.finding(
                "several-gateways",
                "warning",
                holder.subject,
                (*holder.keys[:-1], "gateway"),
                f"has the gateway {holder.gateway}, and {known.subject} of the same machine has {known.gateway}: the lower metric wins",
                hint="Keep one gateway a machine, and add routes for the rest; or set interface_metric on both.",
                source=NEW_IP_ADDRESS,
            )


def _interfaces(survey: Survey) -> Iterator[tuple[str, IPv4Interface, IPv4Address | None, Keys]]:
    """Yield everything that has an address, connected or not: subject, address, gateway, keys."""
    for index, uplink in enumerate(survey.topology.uplinks):
        if uplink.ip_address:
            yield (
                f"uplink {uplink.net_adapter}",
                uplink.ip_address,
                uplink.gateway,
                ("uplinks", index),
            )
    for switch in survey.switches:
        if switch.switch.ip_address:
            yield switch.subject, switch.switch.ip_address, switch.switch.gateway, switch.keys
    for adapter in survey.adapters:
        if adapter.adapter.ip_address:
            yield adapter.subject, adapter.adapter.ip_address, adapter.adapter.gateway, adapter.keys
