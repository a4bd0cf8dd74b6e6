# ruff: noqa: EM101  # each message is written where the problem is found
"""The domain controller of an MSLab lab, which its scripts always create: `DC`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from nestlab.importers.draft import WINDOWS_CREDENTIAL, Item, LabDraft, size_text
from nestlab.importers.mslab.adapters import (
    additional_networks,
    management_adapters,
    with_unique_names,
)
from nestlab.importers.mslab.lab_settings import LabSettings
from nestlab.importers.mslab.machine import MAXIMUM, image_of
from nestlab.model.plain import Plain
from nestlab.model.size import Size
from nestlab.pattern import pattern
from nestlab.texts import tr

_NAME = "DC"
_MEMORY = Size(2 << 30)  # 0_DCHydrate.ps1: startup and minimum
_PROCESSORS = 2
_SERVER_DISK = pattern(r"(win20\d\d)(?:core|nanohv)?_g2\.vhdx", re.IGNORECASE)
_NEWEST = "Win2025"
_CORE_EDITIONS = ("3", "serverdatacentercore")


class DomainController:
    """The VM DC: address .1 of the DHCP scope, with an adapter for the internet if configured."""

    def __init__(self, settings: LabSettings, draft: LabDraft) -> None:
        self._settings, self._draft = settings, draft

    def item(self, parents: Sequence[str]) -> Item:
        """Return the VM; `parents` are the parent disks of the other VMs."""
        settings, fields = self._settings, self._settings.fields
        name = self._draft.vm_name(f"{settings.prefix}{_NAME}")
        image = image_of(self._draft, settings, self._disk(parents), "windows", 2)
        adapters = with_unique_names(self._adapters())
        data: dict[str, Plain] = {
            "name": name,
            "processor_count": fields.whole("DCVMProcessorCount", lowest=1, highest=2048)
            or _PROCESSORS,
            "memory_startup": size_text(_MEMORY),
            "dynamic_memory": {"minimum": size_text(_MEMORY), "maximum": size_text(MAXIMUM)},
            **self._version(),
            "disk": {"image": image},
            "guest": {
                "os": "windows",
                "credential": WINDOWS_CREDENTIAL,
                **({"computer_name": _NAME} if name != _NAME else {}),
            },
            **self._nat(adapters),
            "network_adapters": adapters,
            **({"secure_boot": False} if settings.secure_boot_off else {}),
        }
        self._leave_out(name, image)
        return Item(
            data,
            (tr("Domain controller, DNS and DHCP server of {domain}", domain=settings.domain),),
        )

    def _version(self) -> dict[str, Plain]:
        fields = self._settings.fields
        text = fields.text("DCVMVersion")
        if text and not all(part.isdecimal() for part in text.split(".", 1)):
            raise fields.wrong("DCVMVersion", tr("a configuration version such as 9.0"))
        return {"version": text if "." in text else f"{text}.0"} if text else {}

    def _disk(self, parents: Sequence[str]) -> str:
        """Return the parent disk: that of the newest Windows Server that other VMs use."""
        found = (match for parent in parents if (match := _SERVER_DISK.fullmatch(parent)))
        newest = max((match[1] for match in found), default=_NEWEST)
        core = self._settings.fields.text("DCEdition").casefold() in _CORE_EDITIONS
        return f"{newest}{'Core' if core else ''}_G2.vhdx"

    def _adapters(self) -> list[dict[str, Plain]]:
        settings = self._settings
        number = max(settings.fields.whole("MGMTNICsInDC") or 1, 1)
        first, *others = management_adapters(settings, number)
        address = str(settings.scope.network_address + 1)
        del first["dhcp"]
        static = {"ip_address": f"{address}/{settings.scope.prefixlen}", "dns_servers": [address]}
        served: dict[str, Plain] = {"dhcp_server": self._dhcp_server(address)}
        name = {key: first.pop(key) for key in ("name", "switch")}
        adapters: list[dict[str, Plain]] = [{**name, **static, **served, **first}, *others]
        if settings.networks_in_controller:
            adapters += additional_networks(settings, 1)
        if settings.internet:
            adapters.append(self._internet_adapter())
        return adapters

    def _nat(self, adapters: Sequence[Mapping[str, Plain]]) -> dict[str, Plain]:
        """Return the translation to the internet, by the last adapter, if it is configured."""
        inside, outside = str(self._settings.scope), adapters[-1]["name"]
        return {"nat": {"inside": inside, "outside": outside}} if self._settings.internet else {}

    def _dhcp_server(self, address: str) -> dict[str, Plain]:
        """Return the scope and the options that MSLab gives its domain controller."""
        scope = self._settings.scope.network_address
        return {"range": f"{scope + 10}-{scope + 254}", "router": address, "dns_servers": [address]}

    def _internet_adapter(self) -> dict[str, Plain]:
        settings = self._settings
        vlan: dict[str, Plain] = (
            {"vlan": {"access": settings.internet_vlan}} if settings.internet_vlan else {}
        )
        return {
            "name": "Internet",
            "switch": settings.internet_switch,
            "dhcp": True,
            "mac_address_spoofing": True,
            "allow_teaming": True,
            **vlan,
        }

    def _leave_out(self, name: str, image: str) -> None:
        draft = self._draft
        draft.leave_out(
            name,
            tr(
                "its parent disk, which MSLab makes from an ISO file: {image} is assumed",
                image=image,
            ),
        )
        draft.leave_out(name, tr("its tools disk"))
