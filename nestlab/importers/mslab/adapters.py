# ruff: noqa: EM101  # each message is written where the problem is found
"""Network adapters of MSLab's VMs, as data of the topology file."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import VLAN_MAXIMUM
from nestlab.importers.addresses import interface, is_ipv6, prefix_length
from nestlab.importers.draft import LabDraft
from nestlab.importers.mslab.lab_settings import LabSettings
from nestlab.importers.names import UniqueNames, valid_name
from nestlab.importers.source import Fields
from nestlab.model.located import Table
from nestlab.model.plain import Plain
from nestlab.model.spelling import plain_mac
from nestlab.pattern import pattern
from nestlab.texts import tr

MANAGEMENT_ADAPTERS = 2
MANAGEMENT_ADAPTERS_MAXIMUM = 8
# 3_Deploy.ps1 sets both on all adapters of VMs with the prefix of the lab.
_ALWAYS: dict[str, Plain] = {"mac_address_spoofing": True, "allow_teaming": True}
_MAC = pattern(r"[0-9A-F]{12}")


def management_adapters(settings: LabSettings, number: int) -> list[dict[str, Plain]]:
    """Return adapters `Management1` and so on, each on the lab's switch by DHCP."""
    switch = valid_name(settings.full_switch_name, "Switch")
    vlan = settings.management_vlan()
    return [
        {"name": f"Management{index}", "switch": switch, "dhcp": True, **_ALWAYS, "vlan": vlan}
        for index in range(1, min(number, MANAGEMENT_ADAPTERS_MAXIMUM) + 1)
    ]


def additional_networks(settings: LabSettings, number: int) -> list[dict[str, Plain]]:
    """Return the adapters of AdditionalNetworksConfig for the VM with this number."""
    switch = valid_name(settings.full_switch_name, "Switch")
    return [{**network.adapter(number, switch), **_ALWAYS} for network in settings.networks]


def additional_adapters(fields: Fields, vm: str, draft: LabDraft) -> Iterator[dict[str, Plain]]:
    """Yield the adapters of AdditionalNetworkAdapters of a VM."""
    for table in fields.tables("AdditionalNetworkAdapters"):
        entry = Fields(table, tr("an adapter of {vm}", vm=vm), fields.source)
        switch = entry.text("VirtualSwitchName")
        if not switch.strip():
            raise entry.wrong("VirtualSwitchName", tr("the name of a switch"))
        data: dict[str, Plain] = {
            "name": valid_name(switch, "Adapter"),
            "switch": valid_name(switch, "Switch"),
            **_address(entry, vm, draft),
            **_ALWAYS,
        }
        mac, vlan = entry.text("Mac"), entry.whole("VlanId", highest=VLAN_MAXIMUM)
        if mac:
            digits = plain_mac(mac)
            if not _MAC.fullmatch(digits):
                raise entry.wrong("Mac", tr("a MAC address such as 00-15-5D-00-00-01"))
            data["mac_address"] = "-".join(digits[at : at + 2] for at in range(0, 12, 2))
        yield {**data, **({"vlan": {"access": vlan}} if vlan else {})}


def _address(fields: Fields, vm: str, draft: LabDraft) -> dict[str, Plain]:
    if not isinstance(fields.raw("IpConfiguration"), Table):
        return {"dhcp": True}
    configuration = fields.inner("IpConfiguration")
    text, mask = configuration.text("IpAddress"), configuration.text("Subnet")
    if is_ipv6(text):
        draft.leave_out(
            vm, tr("{key} {value}: nestlab supports IPv4 only", key="IpAddress", value=text)
        )
        return {}
    try:
        return {"ip_address": str(interface(text, prefix_length(mask or "24")))}
    except ValueError:
        raise configuration.wrong(
            "IpAddress", tr("an IPv4 address with a mask in Subnet")
        ) from None


def with_unique_names(adapters: list[dict[str, Plain]]) -> list[dict[str, Plain]]:
    """Return adapters with valid names that are not used twice."""
    unique = UniqueNames()
    return [
        {**adapter, "name": unique.take(valid_name(adapter["name"], "Adapter"))}
        for adapter in adapters
    ]
