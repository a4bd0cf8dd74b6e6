"""Rules about VLANs and MAC addresses in a topology."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import SET_ADAPTER, SET_VLAN, VLAN_MAXIMUM, VLAN_MINIMUM
from nestlab.model.broadcast_domain import BroadcastDomain
from nestlab.model.finding import Finding
from nestlab.model.origin import KeyPath
from nestlab.model.spelling import hyphenated_mac
from nestlab.model.topology import Vlan
from nestlab.rules.rule import Rule, Scope, detects
from nestlab.rules.topology.places import AdapterPlace, ManagementAdapterPlace, SwitchPlace
from nestlab.rules.topology.topology_index import TopologyIndex
from nestlab.texts import tr

DUPLICATE_MAC = Rule(
    code="duplicate-mac",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="Two adapters on one network have the same static MAC address.",
    why="Switches deliver frames to the port that used the address last, so both VMs lose packets at random.",
    fix="Give one of them another address, or remove mac_address so that Hyper-V chooses one.",
    example="switches: [{name: A, switch_type: Private}]\nvms:\n  - {name: a, network_adapters: [{switch: A, mac_address: 00-15-5D-00-00-01}]}\n  - {name: b, network_adapters: [{switch: A, mac_address: 00-15-5D-00-00-01}]}",
    source=SET_ADAPTER,
)


@detects(DUPLICATE_MAC)
def duplicate_mac(index: TopologyIndex) -> Iterator[Finding]:
    """The same static MAC address twice in one broadcast domain."""
    first: dict[tuple[BroadcastDomain, str], str] = {}
    for place in index.adapters:
        mac = place.adapter.mac_address
        domain = index.domain(place) if mac is not None else None
        if mac is None or domain is None:
            continue
        if (domain, mac) in first:
            yield index.finding(
                DUPLICATE_MAC,
                place.subject,
                (*place.keys, "mac_address"),
                tr(
                    "has the MAC address {address} of {adapter}, on the same network",
                    address=hyphenated_mac(mac),
                    adapter=first[domain, mac],
                ),
            )
        first.setdefault((domain, mac), place.name)


VLAN_MODE_CONFLICT = Rule(
    code="vlan-mode-conflict",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="The VLAN settings of an adapter mix access mode and trunk mode, or a trunk has no native VLAN.",
    why="A port is either an access port or a trunk, and Set-VMNetworkAdapterVlan needs the native VLAN of a trunk.",
    fix="Keep access, or keep trunk and native.",
    example="vms: [{name: a, network_adapters: [{vlan: {access: 10, trunk: [20], native: 0}}]}]",
    source=SET_VLAN,
)


@detects(VLAN_MODE_CONFLICT)
def vlan_mode_conflict(index: TopologyIndex) -> Iterator[Finding]:
    """Access mode and trunk mode at once, or a trunk without its native VLAN."""
    for place, vlan in _vlans(index):
        if vlan.access is not None and (vlan.trunk or vlan.native is not None):
            message, hint = (
                tr("is in access mode and in trunk mode at once"),
                tr("Keep access, or keep trunk and native."),
            )
        elif vlan.trunk and vlan.native is None:
            message, hint = (
                tr("is in trunk mode but names no native VLAN"),
                tr("Add native: the VLAN of frames without a tag, 0 for none."),
            )
        else:
            continue
        keys = (*place.keys, "vlan")
        yield index.finding(VLAN_MODE_CONFLICT, place.subject, keys, message, hint=hint)


VLAN_OUT_OF_RANGE = Rule(
    code="vlan-out-of-range",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A VLAN identifier is outside the range that a frame can carry.",
    why="IEEE 802.1Q has 12 bits for it, and Hyper-V accepts 1 to 4094; as native VLAN of a trunk also 0, which stands for none.",
    fix="Choose a number in the range, or leave vlan out for untagged frames.",
    example="vms: [{name: a, network_adapters: [{vlan: {access: 4095}}]}]",
    source=SET_VLAN,
)


@detects(VLAN_OUT_OF_RANGE)
def vlan_out_of_range(index: TopologyIndex) -> Iterator[Finding]:
    """VLAN identifiers outside the range that a frame can carry."""
    for place, vlan in _vlans(index):
        for keys, vlan_id, minimum in _vlan_ids(vlan):
            if not minimum <= vlan_id <= VLAN_MAXIMUM:
                yield index.finding(
                    VLAN_OUT_OF_RANGE,
                    place.subject,
                    (*place.keys, "vlan", *keys),
                    tr(
                        "has VLAN {vlan}; a VLAN is a number from {minimum} to {maximum}",
                        vlan=vlan_id,
                        minimum=minimum,
                        maximum=VLAN_MAXIMUM,
                    ),
                    hint=tr("Leave vlan out for frames without a tag.")
                    if vlan_id == 0
                    else tr("Choose a number in that range."),
                )


def _vlans(
    index: TopologyIndex,
) -> Iterator[tuple[AdapterPlace | SwitchPlace | ManagementAdapterPlace, Vlan]]:
    """Yield the VLAN settings of adapters of VMs, and of machines' own adapters on switches."""
    for adapter in index.adapters:
        if adapter.adapter.vlan is not None:
            yield adapter, adapter.adapter.vlan
    for switch in index.switches:
        if switch.switch.vlan is not None:
            yield switch, switch.switch.vlan
    for own in index.management_adapters:
        if own.adapter.vlan is not None:
            yield own, own.adapter.vlan


def _vlan_ids(vlan: Vlan) -> Iterator[tuple[KeyPath, int, int]]:
    if vlan.access is not None:
        yield ("access",), vlan.access, VLAN_MINIMUM
    for position, item in enumerate(vlan.trunk):
        for vlan_id in (item[0], item[-1]) if isinstance(item, range) else (item,):
            yield ("trunk", position), vlan_id, VLAN_MINIMUM
    if vlan.native is not None:
        yield ("native",), vlan.native, 0


DETECTORS = (duplicate_mac, vlan_mode_conflict, vlan_out_of_range)
