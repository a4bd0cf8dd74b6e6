"""Virtual networks of AutomatedLab as switches."""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import IPv4Address, IPv4Interface

from nestlab.constants import VLAN_MAXIMUM
from nestlab.importers.automatedlab.values import Values, is_true
from nestlab.importers.draft import Item, LabDraft
from nestlab.importers.names import valid_name
from nestlab.importers.source import Source
from nestlab.importers.xml_text import Element
from nestlab.model.plain import Plain
from nestlab.model.spelling import same_name
from nestlab.texts import tr

DEFAULT_SWITCH = "Default Switch"  # not shown
_KINDS = ("Internal", "External", "Private")


def resource_name(element: Element) -> str:
    """Return the name of an object on the host: its FriendlyName, or else its Name."""
    friendly_name = element.value("FriendlyName")
    return friendly_name or element.attributes.get("Name", "") or element.value("Name")


class Networks:
    """The switches of a lab by the names of its virtual networks."""

    def __init__(self, source: Source, draft: LabDraft, taken: Collection[IPv4Address]) -> None:
        self._source, self._draft = source, draft
        self._taken = taken  # addresses of machines
        self._switches: dict[str, str] = {}

    def switch(self, network: Element) -> str:
        """Return the name in the file of a virtual network; a new switch is added to the draft."""
        name = resource_name(network)
        key = name.casefold()
        if key not in self._switches:
            self._switches[key] = self._draft.switch_name(name)
            self._draft.switches.append(self._item(self._switches[key], network))
        return self._switches[key]

    def _item(self, name: str, network: Element) -> Item:
        if same_name(name, DEFAULT_SWITCH):
            return Item({"name": name, "existing": True})
        kind = network.attributes.get("SwitchType", "Internal")
        values = Values(self._source, tr("virtual network {network}", network=name))
        if kind not in _KINDS:
            raise values.wrong(network, tr("of the type Internal, External or Private"), kind)
        data: dict[str, Plain] = {"name": name, "switch_type": kind}
        managed = network.attributes.get("EnableManagementAdapter", "true") != "false"
        if kind == "External":
            data["net_adapter"] = valid_name(network.attributes.get("AdapterName", ""), "Ethernet")
            data["allow_management_os"] = managed
        if managed and kind != "Private":
            data |= self._management(values, network)
        if is_true(network.value("UseNat")) and kind == "Internal" and "ip_address" in data:
            data["nat"] = str(IPv4Interface(data["ip_address"]).network)
        return Item(data)

    def _management(self, values: Values, network: Element) -> dict[str, Plain]:
        """Return the settings of the host's adapter, as New-LWHypervNetworkSwitch.ps1 does."""
        adapter = network.child("ManagementAdapter")
        if adapter is not None and adapter.value("InterfaceName"):
            return self._stated(values, adapter)
        space = network.child("AddressSpace")
        found = values.interface(space) if space is not None and space.attributes else None
        if found is None:
            return {}
        # The first address of the network, or the next that no machine has.
        address = found.ip + 1 if found.ip == found.network.network_address else found.ip
        while address in self._taken and address + 1 in found.network:
            address += 1
        return {"ip_address": f"{address}/{found.network.prefixlen}"}

    def _stated(self, values: Values, adapter: Element) -> dict[str, Plain]:
        data: dict[str, Plain] = {}
        for interface in values.interfaces(adapter, "Ipv4Address")[:1]:
            first = interface.network.network_address + 1
            is_network = interface.ip == interface.network.network_address
            data["ip_address"] = (
                f"{first if is_network else interface.ip}/{interface.network.prefixlen}"
            )
        for gateway in values.addresses(adapter, "Ipv4Gateway")[:1]:
            data["gateway"] = str(gateway)
        vlan = values.whole(adapter, "AccessVLANID", highest=VLAN_MAXIMUM)
        return {**data, **({"vlan": {"access": vlan}} if vlan else {})}
