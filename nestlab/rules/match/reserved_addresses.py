"""DHCP reservations of addresses that other machines on the switch already have."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from nestlab.constants import DHCP_RESERVED_IN_USE
from nestlab.dataclass import dataclass
from nestlab.model.finding import Finding
from nestlab.model.spelling import hyphenated_mac, plain_mac
from nestlab.model.state import SwitchState
from nestlab.model.topology import DhcpReservation
from nestlab.rules.evidence import evidence_from
from nestlab.rules.match.host_match import HostMatch
from nestlab.rules.match.segments import switches_of, vm_phrase
from nestlab.rules.rule import Rule, Scope, detects
from nestlab.rules.topology.places import AdapterPlace, DhcpServerPlace, SwitchPlace
from nestlab.texts import tr

DHCP_RESERVATION_IN_USE = Rule(
    code="dhcp-reservation-in-use",
    severity="warning",
    looks_at=(Scope.MATCH,),
    meaning="A VM already has an address that the file reserves for another adapter.",
    why="A reservation does not make a client give up an address: the adapter that it is for gets none until then.",
    fix="Reserve another address; or let the VM that has it release it (in Windows: ipconfig /release, then ipconfig /renew), or give it another one.",
    example="Get-VMNetworkAdapter: IPAddresses = 192.168.60.111",
    source=DHCP_RESERVED_IN_USE,
)


@dataclass(frozen=True)
class CurrentHolder:
    """The VM that has an address now, as a phrase, and the evidence."""

    phrase: str
    evidence: str


@detects(DHCP_RESERVATION_IN_USE)
def dhcp_reservation_in_use(match: HostMatch) -> Iterator[Finding]:
    """A reservation of the file whose address a VM with another MAC address has on the switch."""
    for place, on in _servers_on(match):
        for position, reservation in enumerate(place.scope.reservations):
            holder = _holder(match, switches_of(match, on.switch), reservation)
            if holder is None:
                continue
            message = tr(
                "reserves {address} for {mac}, but {holder} has that address now",
                address=reservation.ip_address,
                mac=hyphenated_mac(reservation.mac_address),
                holder=holder.phrase,
            )
            keys = (*place.keys, "reservations", position, "ip_address")
            yield match.finding(
                DHCP_RESERVATION_IN_USE, place.subject, keys, message, evidence=holder.evidence
            )


def reserved_for(
    match: HostMatch, declared: AdapterPlace
) -> tuple[IPv4Address, CurrentHolder] | None:
    """Return the address that is reserved for an adapter and that another VM has; None if none."""
    mac = declared.adapter.mac_address
    for place, on in _servers_on(match) if mac else ():
        if place.domain != match.index.domain(declared):
            continue
        for reservation in place.scope.reservations:
            if mac and plain_mac(reservation.mac_address) == plain_mac(mac):
                holder = _holder(match, switches_of(match, on.switch), reservation)
                if holder is not None:
                    return reservation.ip_address, holder
    return None


def _servers_on(match: HostMatch) -> Iterator[tuple[DhcpServerPlace, SwitchPlace]]:
    """Yield the DHCP scopes served on switches of the machine, by itself or by its VMs."""
    switches = {place.switch.name.casefold(): place for place in match.place.switches}
    for place in match.index.dhcp_servers:
        owner = place.owner
        if isinstance(owner, SwitchPlace):
            if owner.machine == match.place.path:
                yield place, owner
        elif owner.machine[:-1] == match.place.path:
            on = switches.get((owner.adapter.switch or "").casefold())
            if on is not None:
                yield place, on


def _holder(
    match: HostMatch, switches: list[SwitchState], reservation: DhcpReservation
) -> CurrentHolder | None:
    """Return the VM with another MAC address that has a reserved address on the switch."""
    if match.hyper_v is None or len(switches) != 1:
        return None
    address, own = str(reservation.ip_address), plain_mac(reservation.mac_address)
    for vm in match.hyper_v.vms:
        for adapter in vm.network_adapters:
            is_other = plain_mac(adapter.mac_address) != own
            if adapter.switch_id == switches[0].id and is_other and address in adapter.ip_addresses:
                evidence = evidence_from(
                    "Get-VMNetworkAdapter", VMName=vm.name, Name=adapter.name, IPAddresses=address
                )
                return CurrentHolder(vm_phrase(vm), evidence)
    return None


DETECTORS = (dhcp_reservation_in_use,)
