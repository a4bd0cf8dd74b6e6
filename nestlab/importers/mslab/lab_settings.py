# ruff: noqa: EM101  # each message is written where the problem is found
"""The settings of an MSLab lab that concern all its VMs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network
from pathlib import PureWindowsPath

from nestlab.constants import VLAN_MAXIMUM
from nestlab.dataclass import dataclass
from nestlab.importers.addresses import prefix_length
from nestlab.importers.source import Fields
from nestlab.model.located import Table
from nestlab.model.plain import Plain
from nestlab.pattern import pattern
from nestlab.texts import tr

_VLANS = pattern(r"\s*(\d{1,4})\s*(?:-\s*(\d{1,4})\s*)?")
_SCOPE_PREFIX = 24  # "It's always /24" (LabConfig.ps1)
_DEFAULT_FOLDER = r"C:\MSLab"
DEFAULT_SWITCH = "Default Switch"  # not shown


@dataclass(frozen=True)
class AdditionalNetwork:
    """An entry of AdditionalNetworksConfig: an adapter of each VM that has additional networks."""

    name: str
    base: str  # the address without its last number, as in "172.16.1."
    prefix_length: int
    vlan: int

    def adapter(self, number: int, switch: str) -> dict[str, Plain]:
        """Return the adapter of the VM with this number, as data of the topology file."""
        data: dict[str, Plain] = {"name": self.name, "switch": switch}
        try:
            data["ip_address"] = f"{IPv4Address(f'{self.base}{number}')}/{self.prefix_length}"
        except ValueError:  # more than 254 VMs: MSLab sets no address either
            return data
        return {**data, **({"vlan": {"access": self.vlan}} if self.vlan else {})}


class LabSettings:
    """The settings of the lab in $LabConfig, with the defaults of 3_Deploy.ps1."""

    def __init__(self, fields: Fields) -> None:
        self.fields = fields
        self.folder = fields.text("LabFolder")
        folder_name = PureWindowsPath(self.folder).name
        self.prefix = fields.text("Prefix") or (f"{folder_name}-" if folder_name else "")
        self.switch_name = fields.text("SwitchName") or "LabSwitch"
        self.switch_adapters = [text for text in fields.texts("SwitchNICs") if text.strip()]
        self.internet = bool(fields.flag("Internet"))
        self.internet_vlan = (
            fields.whole("InternetVLAN", highest=VLAN_MAXIMUM)
            if fields.raw("InternetVLAN")
            else None
        )
        self.secure_boot_off = fields.flag("Secureboot") is False
        self.networks_in_controller = bool(fields.flag("AdditionalNetworksInDC"))
        self.domain = fields.text("DomainName") or "Corp.contoso.com"
        fields.use("DomainNetbiosName", "DefaultOUName", "DCEdition")
        self.vlans = _vlans(fields)
        self.networks = [
            _network(Fields(table, tr("a network of AdditionalNetworksConfig"), fields.source))
            for table in fields.tables("AdditionalNetworksConfig")
        ]
        self.scope = _scope(fields)

    @property
    def full_switch_name(self) -> str:
        """The name of the lab's switch on the host."""
        return f"{self.prefix}{self.switch_name}"

    @property
    def internet_switch(self) -> str:
        """The switch that the domain controller is connected to for the internet."""
        return DEFAULT_SWITCH

    @property
    def disk_folder(self) -> str:
        """The folder of the parent disks."""
        return rf"{self.folder or _DEFAULT_FOLDER}\ParentDisks"

    def management_vlan(self) -> dict[str, Plain]:
        """Return the VLAN setting of management adapters: a trunk without a native VLAN."""
        return {"trunk": list(self.vlans), "native": 0}

    def other_switches(self, vms: Sequence[Table]) -> Iterator[str]:
        """Yield the switches in AdditionalNetworkAdapters of VMs, which have to exist."""
        for table in vms:
            fields = Fields(table, tr("a VM"), self.fields.source)
            for adapter in fields.tables("AdditionalNetworkAdapters"):
                name = Fields(adapter, tr("an adapter"), self.fields.source).text(
                    "VirtualSwitchName"
                )
                if name.strip():
                    yield name


def _vlans(fields: Fields) -> tuple[int | str, ...]:
    """Return AllowedVLANs as numbers and ranges of the file."""
    text = ",".join(fields.texts("AllowedVLANs")) or "1-10"
    found: list[int | str] = []
    for part in text.split(","):
        match = _VLANS.fullmatch(part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not 0 < first <= last <= VLAN_MAXIMUM:
            raise fields.wrong("AllowedVLANs", tr("VLANs such as 1-10,711-719"))
        found.append(first if first == last else f"{first}-{last}")
    return tuple(found)


def _network(fields: Fields) -> AdditionalNetwork:
    base = fields.text("NetAddress")
    try:
        IPv4Address(f"{base}1")
    except ValueError:
        raise fields.wrong(
            "NetAddress", tr("the beginning of an address, such as 172.16.1.")
        ) from None
    try:
        length = prefix_length(fields.text("Subnet") or "255.255.255.0")
    except ValueError:
        raise fields.wrong("Subnet", tr("a mask such as 255.255.255.0")) from None
    vlan = fields.whole("NetVLAN", highest=VLAN_MAXIMUM) or 0
    return AdditionalNetwork(fields.text("NetName") or "Network", base, length, vlan)


def _scope(fields: Fields) -> IPv4Network:
    text = fields.text("DHCPscope") or "10.0.0.0"
    try:
        return IPv4Network(f"{IPv4Address(text)}/{_SCOPE_PREFIX}")
    except ValueError:
        raise fields.wrong("DHCPscope", tr("a network address that ends with .0")) from None
