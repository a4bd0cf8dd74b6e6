"""Rules about the NAT of a VM that is a router."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nestlab.constants import NAT_NETWORK
from nestlab.enumerations import one_of
from nestlab.model.finding import Finding
from nestlab.model.topology import VM, GuestNat, NetworkAdapter
from nestlab.rules.rule import Rule, Scope, detects
from nestlab.rules.topology.places import MachinePlace
from nestlab.rules.topology.topology_index import TopologyIndex
from nestlab.texts import tr

GUEST_NAT_OUTSIDE = Rule(
    code="guest-nat-outside",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="The outside of a VM's NAT is none of its adapters, and no switch that one of them is on.",
    why="What it translates leaves by that adapter; without it, nothing is translated.",
    fix="Name an adapter of the VM under outside, or the switch that it is on.",
    example="switches: [{name: A, switch_type: Private}, {name: B, switch_type: Private}]\nvms: [{name: r, guest: {os: windows, credential: lab}, disk: {path: 'D:\\r.vhdx'}, network_adapters: [{name: In, switch: A, ip_address: 10.0.0.1/24}, {name: Out, switch: B, ip_address: 10.1.0.2/24}], nat: {inside: 10.0.0.0/24, outside: Internet}}]",
    source=NAT_NETWORK,
)


@detects(GUEST_NAT_OUTSIDE)
def guest_nat_outside(index: TopologyIndex) -> Iterator[Finding]:
    """A NAT whose outside adapter the VM does not have."""
    for place, vm, nat in _routers(index):
        if vm.outside_adapter is not None:
            continue
        names = [adapter.name for adapter in vm.network_adapters if not _is_inside(adapter, nat)]
        yield index.finding(
            GUEST_NAT_OUTSIDE,
            place.subject,
            (*place.keys, "nat", "outside"),
            tr(
                "has a NAT to {outside}, and has no adapter of that name and none on a switch of that name",
                outside=nat.outside,
            ),
            hint=tr("Write outside: {adapters}.", adapters=one_of(names))
            if names
            else tr("Add an adapter for the other side to the VM, and name it under outside."),
        )


GUEST_NAT_INSIDE = Rule(
    code="guest-nat-inside",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="No adapter of a VM has its network inside the VM's NAT.",
    why="The address of the VM in the internal network is the gateway of the machines behind the NAT. New-NetNat refuses an internal network that is only a part of an adapter's.",
    fix="Set inside to the network of the VM's adapter on that side, or give the adapter an ip_address in it.",
    example="switches: [{name: A, switch_type: Private}, {name: B, switch_type: Private}]\nvms: [{name: r, guest: {os: windows, credential: lab}, disk: {path: 'D:\\r.vhdx'}, network_adapters: [{name: In, switch: A, ip_address: 10.0.0.1/24}, {name: Out, switch: B, ip_address: 10.1.0.2/24}], nat: {inside: 10.7.0.0/24, outside: Out}}]",
    source=NAT_NETWORK,
)


@detects(GUEST_NAT_INSIDE)
def guest_nat_inside(index: TopologyIndex) -> Iterator[Finding]:
    """A NAT for a network that no adapter of the VM has, or that is a part of one."""
    for place, vm, nat in _routers(index):
        outside = vm.outside_adapter
        others = [adapter for adapter in vm.network_adapters if adapter is not outside]
        part = next((each for each in others if _has_part(each, nat)), None)
        is_inside = any(_is_inside(each, nat) for each in others)
        is_outside = outside is not None and _is_inside(outside, nat)  # guest-nat-one-network
        if not is_outside and (part is not None or not is_inside):
            keys = (*place.keys, "nat", "inside")
            message, hint = _not_inside(nat, [part] if part else others, part)
            yield index.finding(GUEST_NAT_INSIDE, place.subject, keys, message, hint=hint)


def _not_inside(
    nat: GuestNat, adapters: Sequence[NetworkAdapter], part: NetworkAdapter | None
) -> tuple[str, str]:
    """Return message and hint about a NAT whose network is that of none of these adapters."""
    networks = [str(each.ip_address.network) for each in adapters if each.ip_address]
    if part is not None:
        message = tr(
            "translates {inside}, which is only a part of {network} of its adapter {adapter}",
            inside=nat.inside,
            network=networks[0],
            adapter=part.name,
        )
    else:
        message = tr(
            "translates {inside}, and no adapter has an address in it: the machines behind it have no gateway",
            inside=nat.inside,
        )
    if networks:
        return message, tr("Write inside: {networks}.", networks=one_of(networks))
    first = next(iter(nat.inside.hosts()), nat.inside.network_address)
    address = f"{first}/{nat.inside.prefixlen}"
    return message, tr("Give the adapter on that side ip_address: {address}.", address=address)


GUEST_NAT_ONE_NETWORK = Rule(
    code="guest-nat-one-network",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="Both sides of a VM's NAT are one network.",
    why="Machines of one network reach each other without a router, so nothing passes the NAT; New-NetNat refuses an internal network that overlaps the outside one.",
    fix="Set outside to an adapter on another switch and in another network, or correct inside.",
    example="switches: [{name: A, switch_type: Private}, {name: B, switch_type: Private}]\nvms: [{name: r, guest: {os: windows, credential: lab}, disk: {path: 'D:\\r.vhdx'}, network_adapters: [{name: In, switch: A, ip_address: 10.0.0.1/24}, {name: Out, switch: B, ip_address: 10.1.0.2/24}], nat: {inside: 10.1.0.0/24, outside: Out}}]",
    source=NAT_NETWORK,
)


@detects(GUEST_NAT_ONE_NETWORK)
def guest_nat_one_network(index: TopologyIndex) -> Iterator[Finding]:
    """A NAT whose outside adapter has an address of the internal network, or is on its segment."""
    for place, vm, nat in _routers(index):
        outside = vm.outside_adapter
        message = _one_network(index, place, outside, nat) if outside else ""
        if outside is not None and message:
            others = [each for each in vm.network_adapters if not _is_inside(each, nat)]
            names = [each.name for each in others if each is not outside]
            hint = _other_outside(outside, names)
            keys = (*place.keys, "nat", "outside")
            yield index.finding(GUEST_NAT_ONE_NETWORK, place.subject, keys, message, hint=hint)


def _other_outside(outside: NetworkAdapter, others: Sequence[str]) -> str:
    if others:
        return tr("Write outside: {adapters}, or correct inside.", adapters=one_of(others))
    return tr(
        "Connect the adapter {adapter} to another switch, with an address of another network; or correct inside.",
        adapter=outside.name,
    )


def _one_network(
    index: TopologyIndex, place: MachinePlace, outside: NetworkAdapter, nat: GuestNat
) -> str:
    """Return the message about a NAT with one network on both sides; empty if it has two."""
    if outside.ip_address is not None and outside.ip_address.network.overlaps(nat.inside):
        return tr(
            "translates {inside} to its adapter {adapter}, which is in {network}: both sides are one network",
            inside=nat.inside,
            adapter=outside.name,
            network=outside.ip_address.network,
        )
    inside = _on_its_segment(index, place, outside, nat)
    if inside is None:
        return ""
    return tr(
        "translates {inside} between its adapters {first} and {second}, which are on one segment: switch {switch}",
        inside=nat.inside,
        first=inside.name,
        second=outside.name,
        switch=outside.switch,
    )


def _on_its_segment(
    index: TopologyIndex, place: MachinePlace, outside: NetworkAdapter, nat: GuestNat
) -> NetworkAdapter | None:
    """Return an adapter inside the NAT that is on the segment of the outside adapter."""
    domains = {each.adapter.name: index.domain(each) for each in place.adapters}
    domain = domains.get(outside.name)
    inside = (each.adapter for each in place.adapters if _is_inside(each.adapter, nat))
    found = (each for each in inside if each is not outside and domains[each.name] == domain)
    return next(found, None) if domain is not None else None


GUEST_NAT_AND_SWITCH_NAT = Rule(
    code="guest-nat-and-switch-nat",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A nested host has a NAT for its own adapters, and another for one of its switches.",
    why="One NAT for each machine is documented as supported. Before build 20348 New-NetNat refuses the second.",
    fix="Remove one of them, or let another VM be the router.",
    example="switches: [{name: A, switch_type: Private}, {name: B, switch_type: Private}]\nvms: [{name: h, memory_startup: 8GB, guest: {os: windows, credential: lab}, disk: {path: 'D:\\h.vhdx'}, network_adapters: [{name: In, switch: A, ip_address: 10.0.0.1/24}, {name: Out, switch: B, ip_address: 10.1.0.2/24}], nat: {inside: 10.0.0.0/24, outside: Out}, nested: {switches: [{name: C, switch_type: Internal, ip_address: 10.2.0.1/24, nat: 10.2.0.0/24}]}}]",
    source=NAT_NETWORK,
)


@detects(GUEST_NAT_AND_SWITCH_NAT)
def guest_nat_and_switch_nat(index: TopologyIndex) -> Iterator[Finding]:
    """A nested host with its own NAT and that of a switch."""
    for place, vm, _ in _routers(index):
        switch = next((switch for switch in vm.switches if switch.nat is not None), None)
        if switch is not None:
            yield index.finding(
                GUEST_NAT_AND_SWITCH_NAT,
                place.subject,
                (*place.keys, "nat"),
                tr(
                    "has a NAT of its own and one for its switch {switch}; one per machine is supported",
                    switch=switch.name,
                ),
                hint=tr(
                    "Remove nat here or on the switch {switch}, or let another VM be the router.",
                    switch=switch.name,
                ),
            )


def _routers(index: TopologyIndex) -> Iterator[tuple[MachinePlace, VM, GuestNat]]:
    return ((place, vm, vm.nat) for place, vm in index.vms if vm.nat is not None)


def _is_inside(adapter: NetworkAdapter, nat: GuestNat) -> bool:
    return adapter.ip_address is not None and adapter.ip_address.ip in nat.inside


def _has_part(adapter: NetworkAdapter, nat: GuestNat) -> bool:
    """Whether the internal network is only a part of the network of an adapter."""
    network = adapter.ip_address.network if adapter.ip_address else None
    return (
        network is not None and network.overlaps(nat.inside) and not network.subnet_of(nat.inside)
    )


DETECTORS = (
    guest_nat_outside,
    guest_nat_inside,
    guest_nat_one_network,
    guest_nat_and_switch_nat,
)
"""The detectors of this module, in the order of their findings."""
