"""Network adapters of AutomatedLab's machines, as data of the topology file."""

from __future__ import annotations

from ipaddress import IPv4Interface

from nestlab.constants import VLAN_MAXIMUM
from nestlab.importers.automatedlab.networks import Networks
from nestlab.importers.automatedlab.values import Values, is_true
from nestlab.importers.draft import LabDraft
from nestlab.importers.names import UniqueNames, valid_name
from nestlab.importers.xml_text import Element
from nestlab.model.plain import Plain
from nestlab.model.spelling import hyphenated_mac, plain_mac
from nestlab.pattern import pattern
from nestlab.texts import tr

_GENERATED_MAC = "0017FA"  # MacAddressPrefix of AutomatedLab: addresses that it has generated
_MAC = pattern(r"[0-9A-F]{12}")


def network_adapters(
    machine: Element, vm: str, values: Values, networks: Networks, draft: LabDraft
) -> list[dict[str, Plain]]:
    """Return the adapters of a machine; a single one has no name."""
    elements = machine.within("NetworkAdapters")
    unique = UniqueNames()
    found = []
    for element in elements:
        network = element.child("VirtualSwitch")
        data: dict[str, Plain] = {}
        if network is not None:
            switch = networks.switch(network)
            data = {"name": unique.take(valid_name(switch, "Adapter")), "switch": switch}
        data |= _address(element, vm, values, draft)
        data |= _layer_2(element, values)
        found.append(data)
    return [_without_name(found[0])] if len(found) == 1 else found


def _without_name(adapter: dict[str, Plain]) -> dict[str, Plain]:
    return {key: value for key, value in adapter.items() if key != "name"}


def _address(element: Element, vm: str, values: Values, draft: LabDraft) -> dict[str, Plain]:
    if is_true(element.value("UseDhcp")):
        return {"dhcp": True}
    addresses = values.interfaces(element, "Ipv4Address")
    for other in addresses[1:]:
        draft.leave_out(vm, tr("the address {address}: an adapter has one", address=other))
    if element.within("Ipv6Address"):
        draft.leave_out(vm, tr("IPv6 addresses: nestlab supports IPv4 only"))
    if not addresses:
        return {}
    first = addresses[0]
    data: dict[str, Plain] = {
        "ip_address": str(first),
        **_gateway(element, first, vm, values, draft),
    }
    servers = list(dict.fromkeys(map(str, values.addresses(element, "Ipv4DnsServers"))))
    return {**data, **({"dns_servers": servers} if servers else {})}


def _gateway(
    element: Element, address: IPv4Interface, vm: str, values: Values, draft: LabDraft
) -> dict[str, Plain]:
    for gateway in values.addresses(element, "Ipv4Gateway")[:1]:
        if gateway in address.network and gateway != address.ip:
            return {"gateway": str(gateway)}
        draft.leave_out(
            vm,
            tr(
                "the gateway {gateway}: not another address of {network}",
                gateway=gateway,
                network=address.network,
            ),
        )
    return {}


def _layer_2(element: Element, values: Values) -> dict[str, Plain]:
    data: dict[str, Plain] = {}
    mac = plain_mac(element.value("MacAddress"))
    if _MAC.fullmatch(mac) and not mac.startswith(_GENERATED_MAC):
        data["mac_address"] = hyphenated_mac(mac)
    vlan = values.whole(element, "AccessVLANID", highest=VLAN_MAXIMUM)
    return {**data, **({"vlan": {"access": vlan}} if vlan else {})}
