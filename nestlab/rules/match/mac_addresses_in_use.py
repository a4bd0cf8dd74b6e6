"""Static MAC addresses of the topology that others on a switch of the machine already have."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import SET_ADAPTER
from nestlab.dataclass import dataclass
from nestlab.model.broadcast_domain import BroadcastDomain
from nestlab.model.finding import Finding
from nestlab.model.ownership import is_marked
from nestlab.model.spelling import hyphenated_mac
from nestlab.model.state import (
    OTHERS_ON_SWITCHES,
    HyperVState,
    NetworkAdapterState,
    VirtualMachineState,
)
from nestlab.rules.evidence import evidence_from
from nestlab.rules.match.host_match import HostMatch
from nestlab.rules.match.segments import switches_of, vlans_of, vm_phrase
from nestlab.rules.rule import NESTLAB, Rule, Scope, Variant, detects
from nestlab.texts import tr

MAC_ADDRESS_IN_USE = Rule(
    code="mac-address-in-use",
    severity="error",
    looks_at=(Scope.MATCH,),
    meaning="A VM or adapter that the file does not describe already has a static MAC address of the file, on the same switch.",
    why="Switches deliver frames to the port that used the address last, so both machines lose packets at random.",
    fix="Write another mac_address, or remove the key so that Hyper-V chooses one.",
    example="Get-VMNetworkAdapter: MacAddress = 00155D020A01",
    source=SET_ADAPTER,
    variants=(Variant("warning", "if it is a VM of this topology that its file no longer names"),),
)


@dataclass(frozen=True)
class _MacHolder:
    """Who has a MAC address now, as a phrase, on which switch, and the evidence.

    `is_left_over`: it is a VM of the topology that the file does not name, which --prune removes.
    `is_machine`: it is an adapter of the machine itself.
    """

    phrase: str
    switch: str
    evidence: str
    is_left_over: bool = False
    is_machine: bool = False


@detects(MAC_ADDRESS_IN_USE)
def mac_address_in_use(match: HostMatch) -> Iterator[Finding]:
    """A static MAC address of the file that another VM, or the machine, has on the same switch.

    Adapters in nested hosts count where External switches lead from them to that switch.
    """
    occupants = _occupants(match)
    for place in match.index.adapters if occupants else ():
        mac = place.adapter.mac_address
        domain = match.index.domain(place) if mac else None
        occupant = occupants.get((domain, mac)) if domain and mac else None
        if mac is None or occupant is None:
            continue
        if occupant.is_machine and place.machine == match.place.path:
            continue  # the adapter on an External switch has the address of the one below it
        message = tr(
            "would have the MAC address {address} on the switch {switch} of {machine}, but {occupant} already has that MAC address",
            address=hyphenated_mac(mac),
            switch=occupant.switch,
            machine=match.machine_name,
            occupant=occupant.phrase,
        )
        yield match.finding(
            MAC_ADDRESS_IN_USE.at("warning" if occupant.is_left_over else "error"),
            place.subject,
            (*place.keys, "mac_address"),
            message,
            evidence=occupant.evidence,
        )


def _occupants(match: HostMatch) -> dict[tuple[BroadcastDomain, str], _MacHolder]:
    """Return who has a MAC address on the machine's switches, by domain and address."""
    if match.hyper_v is None:
        return {}
    found: dict[tuple[BroadcastDomain, str], _MacHolder] = {}
    for place in match.place.switches:
        states = switches_of(match, place.switch)
        if len(states) != 1:
            continue  # not created yet, or ambiguous, which is another finding
        domain = match.index.domain_of(place, None)
        for adapter, occupant in _on_switch(match, match.hyper_v, states[0].id):
            for vlan in vlans_of(adapter.vlan):
                found.setdefault((domain._replace(tag=vlan), adapter.mac_address.upper()), occupant)
    return found


def _on_switch(
    match: HostMatch, hyper_v: HyperVState, switch_id: str
) -> Iterator[tuple[NetworkAdapterState, _MacHolder]]:
    """Yield the adapters on a switch that the file does not describe, others' VMs first."""
    declared = {vm.name.casefold() for vm, _, _ in match.vms}
    vms = [vm for vm in hyper_v.vms if vm.name.casefold() not in declared]
    for vm in sorted(vms, key=lambda vm: is_marked(vm.notes, match.topology_name)):
        for adapter in _with_address(vm.network_adapters, switch_id):
            yield adapter, _vm_occupant(match, vm, adapter)
    for adapter in _with_address(hyper_v.management_adapters, switch_id):
        phrase = tr(
            "the adapter {alias!r} of {machine}",
            alias=adapter.name,
            machine=match.machine_name,
        )
        evidence = evidence_from(
            "Get-VMNetworkAdapter -ManagementOS", Name=adapter.name, MacAddress=adapter.mac_address
        )
        yield adapter, _MacHolder(phrase, adapter.switch_name, evidence, is_machine=True)


def _with_address(
    adapters: tuple[NetworkAdapterState, ...], switch_id: str
) -> Iterator[NetworkAdapterState]:
    """Yield the adapters on a switch; without those that have no MAC address yet."""
    for adapter in adapters:
        if adapter.switch_id == switch_id and adapter.mac_address.strip("0"):
            yield adapter


def _vm_occupant(
    match: HostMatch, vm: VirtualMachineState, adapter: NetworkAdapterState
) -> _MacHolder:
    evidence = evidence_from(
        "Get-VMNetworkAdapter", VMName=vm.name, Name=adapter.name, MacAddress=adapter.mac_address
    )
    is_left_over = is_marked(vm.notes, match.topology_name)
    return _MacHolder(vm_phrase(vm), adapter.switch_name, evidence, is_left_over)


OTHERS_NOT_READ = Rule(
    code="others-not-read",
    severity="warning",
    looks_at=(Scope.MATCH,),
    meaning="The network adapters of other VMs on switches of the topology could not be read.",
    why="Whether they have an address or a MAC address of the file, or use its NAT or DHCP scope, is not known.",
    fix="Read the host's error, and plan again.",
    example="Get-VMNetworkAdapter: Access is denied.",
    source=NESTLAB,
)


@detects(OTHERS_NOT_READ)
def others_not_read(match: HostMatch) -> Iterator[Finding]:
    """Adapters of other VMs on the topology's switches that could not be read."""
    for item in match.state.unread:
        if item.what == OTHERS_ON_SWITCHES:
            message = tr(
                "the network adapters of other VMs on the switches of {topology} could not be read, so it is not known whether they have addresses of the file",
                topology=match.topology_name,
            )
            yield match.finding(
                OTHERS_NOT_READ,
                match.place.subject,
                match.place.keys,
                message,
                evidence=item.error,
            )


DETECTORS = (mac_address_in_use, others_not_read)
