"""Static addresses of the file in guests that nestlab does not configure."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from nestlab.constants import LINK_LOCAL_ADDRESSES
from nestlab.model.finding import Finding
from nestlab.model.topology import VM
from nestlab.rules.evidence import evidence_from
from nestlab.rules.match.dhcp_conflicts import ipv4_addresses, observed_adapters
from nestlab.rules.match.host_match import HostMatch
from nestlab.rules.rule import Rule, Scope, detects
from nestlab.rules.topology.places import AdapterPlace
from nestlab.texts import tr

STATIC_ADDRESS_MISSING = Rule(
    code="static-address-missing",
    severity="warning",
    looks_at=(Scope.MATCH,),
    meaning="An adapter is to have a static address, its guest reports others, and nestlab does not set addresses in that guest: one with Linux, or without a credential.",
    why="Nothing reaches the machine at the address in the file. One of 169.254.0.0/16 is what a guest gives itself where nothing is set.",
    fix="Set the address in the guest by hand. A guest that cloud-init has set up configures adapters by MAC address when it starts: restart the VM; if the address is still missing, recreate the VM with `nestlab apply --recreate NAME`, which deletes its disks.",
    example="Get-VMNetworkAdapter: IPAddresses = 169.254.17.4",
    source=LINK_LOCAL_ADDRESSES,
)


@detects(STATIC_ADDRESS_MISSING)
def static_address_missing(match: HostMatch) -> Iterator[Finding]:
    """An adapter with `ip_address` for which Hyper-V reports other IPv4 addresses only.

    For guests that nestlab configures, a plan has a step instead. Hyper-V reports only the
    addresses of running guests with integration services.
    """
    for declared in match.index.adapters:
        address = declared.adapter.ip_address
        if declared.machine[:-1] != match.place.path or address is None:
            continue
        vm = match.index.topology.machine(declared.machine)
        if not isinstance(vm, VM) or (vm.guest.os == "windows" and vm.guest.credential):
            continue
        for found in observed_adapters(match, declared):
            addresses = list(ipv4_addresses(found.ip_addresses))
            if addresses and address.ip not in addresses:
                yield _missing(match, declared, found.name, addresses)


def _missing(
    match: HostMatch, declared: AdapterPlace, name: str, addresses: list[IPv4Address]
) -> Finding:
    shown = ", ".join(map(str, addresses))
    message = tr(
        "is to have {address}, and its guest reports {addresses}",
        address=declared.adapter.ip_address,
        addresses=shown,
    )
    if all(each.is_link_local for each in addresses):
        message = tr(
            "is to have {address}, and its guest reports {addresses}, which it gave itself",
            address=declared.adapter.ip_address,
            addresses=shown,
        )

    keys = (*declared.keys, "ip_address")
    evidence = evidence_from(
        "Get-VMNetworkAdapter", VMName=declared.machine[-1], Name=name, IPAddresses=shown
    )
    return match.finding(STATIC_ADDRESS_MISSING, declared.subject, keys, message, evidence=evidence)


DETECTORS = (static_address_missing,)
