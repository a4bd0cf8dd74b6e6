"""Addresses of the topology that others on the same switch of the machine already have."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address, IPv4Interface

from nestlab.constants import NEW_IP_ADDRESS
from nestlab.dataclass import dataclass
from nestlab.model.finding import Finding
from nestlab.model.origin import KeyPath
from nestlab.model.ownership import is_marked
from nestlab.model.spelling import same_name
from nestlab.model.state import (
    NetworkAdapterState,
    SwitchState,
    VirtualMachineState,
    management_alias,
)
from nestlab.model.topology import DhcpRange, Switch, SwitchType, Vlan
from nestlab.rules.evidence import evidence_from
from nestlab.rules.match.host_match import HostMatch
from nestlab.rules.match.segments import NO_VLAN, switches_of, vlans_of, vm_phrase
from nestlab.rules.rule import Rule, Scope, detects
from nestlab.rules.topology.places import SwitchPlace
from nestlab.texts import tr

ADDRESS_IN_USE = Rule(
    code="address-in-use",
    severity="error",
    looks_at=(Scope.MATCH,),
    meaning="A VM or adapter that is not of this topology already has an address of the file, on the same switch.",
    why="Windows detects the duplicate and does not use the address, so the second machine cannot communicate; Linux does not detect it, and packets reach the two machines alternately.",
    fix="Write an address that is not used on that switch; `ip_address: auto` does not look at hosts.",
    example="Get-VMNetworkAdapter: IPAddresses = 192.168.60.11",
    source=NEW_IP_ADDRESS,
)


@dataclass(frozen=True)
class _Wanted:
    """An address that the file assigns on a switch, in a VLAN (0: none).

    `is_own`: it is for the machine itself; where an adapter of the machine already has it, the
    finding is `address-overlap`.
    """

    subject: str
    keys: KeyPath
    address: IPv4Interface
    vlan: int
    is_own: bool = False


@dataclass(frozen=True)
class _Occupant:
    """Who has an address now, as a phrase, and the evidence."""

    phrase: str
    evidence: str


@detects(ADDRESS_IN_USE)
def address_in_use(match: HostMatch) -> Iterator[Finding]:
    """An address of the file that another VM, or the machine itself, has on the same switch."""
    if match.hyper_v is None:
        return
    holders = match.index.holders
    planned = {holder.address.ip for holder in holders}
    planned |= {holder.gateway for holder in holders if holder.gateway}
    planned |= {via for interface in match.state.ip_interfaces for _, via in interface.routes}
    for place in match.place.switches:
        found = switches_of(match, place.switch)
        if len(found) > 1:
            continue  # an ambiguous name is another finding
        of_vms, of_machine = _of_vms(match, found), _of_machine(match, place.switch, found)
        taken = {address for address, _ in (*of_vms, *of_machine)} | planned
        for wanted in _wanted(match, place):
            key = (wanted.address.ip, wanted.vlan)
            occupant = of_vms.get(key) or (None if wanted.is_own else of_machine.get(key))
            if occupant is not None:
                free = _next_free(wanted.address, taken, _leased(match))
                taken |= {free} if free else set()
                yield _finding(match, place, wanted, occupant, free)


def _finding(
    match: HostMatch,
    place: SwitchPlace,
    wanted: _Wanted,
    occupant: _Occupant,
    free: IPv4Address | None,
) -> Finding:
    length = wanted.address.network.prefixlen
    proposed = tr(", {address} for example", address=f"{free}/{length}") if free else ""
    keys = (*wanted.keys, "ip_address")
    message = tr(
        "would have {address} on the switch {switch} of {machine}, but {occupant} already has that address",
        address=wanted.address.ip,
        switch=place.switch.name,
        machine=match.machine_name,
        occupant=occupant.phrase,
    )
    hint = tr(
        "Write an address that is not used there{proposal}; `auto` gives addresses by the file alone, without looking at the host.",
        proposal=proposed,
    )
    return match.finding(
        ADDRESS_IN_USE, wanted.subject, keys, message, hint=hint, evidence=occupant.evidence
    )


# -- who has addresses


def _of_vms(
    match: HostMatch, switches: list[SwitchState]
) -> dict[tuple[IPv4Address, int], _Occupant]:
    """Return others' VMs with an address on the switch, by address and VLAN."""
    ids = {switch.id for switch in switches}
    return {
        (address, vlan): _vm_occupant(vm, adapter, address)
        for vm in (match.hyper_v.vms if match.hyper_v else ())
        if not is_marked(vm.notes, match.topology_name)
        for adapter in vm.network_adapters
        if adapter.switch_id in ids
        for vlan in vlans_of(adapter.vlan)
        for address in _addresses(adapter.ip_addresses)
    }


def _vm_occupant(
    vm: VirtualMachineState, adapter: NetworkAdapterState, address: IPv4Address
) -> _Occupant:
    evidence = evidence_from(
        "Get-VMNetworkAdapter", VMName=vm.name, Name=adapter.name, IPAddresses=address
    )
    return _Occupant(vm_phrase(vm), evidence)


def _of_machine(
    match: HostMatch, switch: Switch, found: list[SwitchState]
) -> dict[tuple[IPv4Address, int], _Occupant]:
    """Return the machine's own addresses on the switch that the file does not set."""
    return {
        (address.ip, vlan): _Occupant(
            tr("the adapter {alias!r} of {machine}", alias=alias, machine=match.machine_name),
            f"{alias}: {address}",
        )
        for alias, vlan in _own_adapters(match, switch, found)
        for interface in match.state.ip_interfaces
        if same_name(interface.interface_alias, alias)
        for address in interface.ip_addresses
        if not address.is_link_local
    }


def _own_adapters(
    match: HostMatch, switch: Switch, found: list[SwitchState]
) -> Iterator[tuple[str, int]]:
    """Yield the machine's adapters on the switch that nestlab does not set, each with its VLAN."""
    # On its own Internal switches, nestlab removes addresses that the file does not name.
    is_internal = switch.switch_type is SwitchType.INTERNAL
    is_set = not switch.existing and (is_internal or switch.ip_address is not None)
    own = {switch.name.casefold()} if is_set else set()
    own |= {adapter.name.casefold() for adapter in switch.management_adapters}
    ids = {each.id for each in found}
    for adapter in match.hyper_v.management_adapters if match.hyper_v else ():
        if adapter.switch_id in ids and adapter.name.casefold() not in own:
            alias = management_alias(match.state, adapter.switch_name, adapter.name)
            yield from ((alias or "", vlan) for vlan in vlans_of(adapter.vlan))
    if not found and switch.switch_type is SwitchType.EXTERNAL and not switch.ip_address:
        # The switch takes the adapter over, with its addresses.
        yield from ((name, NO_VLAN) for name in switch.net_adapters if not match.place.path)


def _addresses(texts: tuple[str, ...]) -> Iterator[IPv4Address]:
    for text in texts:
        try:
            address = IPv4Address(text)
        except AddressValueError:
            continue  # an IPv6 address
        if not address.is_link_local:
            yield address


# -- what the file assigns


def _wanted(match: HostMatch, place: SwitchPlace) -> Iterator[_Wanted]:
    """Yield the addresses that the file assigns on a switch: to VMs, and to the machine itself."""
    switch = place.switch
    if switch.ip_address and not switch.existing:
        for vlan in _declared_vlans(switch.vlan):
            yield _Wanted(place.subject, place.keys, switch.ip_address, vlan, is_own=True)
    for adapter in match.index.adapters:
        on = adapter.adapter
        if adapter.machine[:-1] == match.place.path and same_name(on.switch or "", switch.name):
            for vlan in _declared_vlans(on.vlan) if on.ip_address else ():
                if on.ip_address:
                    yield _Wanted(adapter.subject, adapter.keys, on.ip_address, vlan)


def _declared_vlans(vlan: Vlan | None) -> tuple[int, ...]:
    if vlan is None:
        return (NO_VLAN,)
    return () if vlan.access is None else (vlan.access,)


def _leased(match: HostMatch) -> list[DhcpRange]:
    """Return the ranges that DHCP servers of the file lease."""
    return [place.scope for place in match.index.dhcp_servers]


def _next_free(
    wanted: IPv4Interface, taken: set[IPv4Address], leased: list[DhcpRange]
) -> IPv4Address | None:
    """Return the next address of the network, from the wanted one up, that is free."""
    network = wanted.network
    first, last = int(network.network_address) + 1, int(network.broadcast_address) - 1
    after = range(int(wanted.ip) + 1, last + 1)
    before = range(first, int(wanted.ip))
    numbers = (number for part in (after, before) for number in part)
    return next(
        (
            address
            for number in numbers
            if (address := IPv4Address(number)) not in taken
            and not any(each.first <= address <= each.last for each in leased)
        ),
        None,
    )


DETECTORS = (address_in_use,)
