"""Types of objects and enums: properties, enum numbers, .NET names.

The table `types.json` is generated together with the signatures.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from nestlab.dataclass import dataclass
from nestlab.model import EnumValue


@dataclass(frozen=True, eq=False, repr=False)
class DotNetEnum(EnumValue):
    """An enum value with its enum type, so that names and numbers convert to it in comparisons."""

    enum: str = ""

    def __repr__(self) -> str:
        return f"EnumValue(name={self.name!r}, number={self.number!r})"


@dataclass(frozen=True)
class ObjectType:
    """A .NET type: its type names, most derived first, its properties and alias properties."""

    name: str
    type_names: tuple[str, ...]
    properties: Mapping[str, str]
    aliases: Mapping[str, str]

    @property
    def is_cim(self) -> bool:
        """Whether it is a CIM class, whose properties are null until they are set."""
        return self.type_names[0].startswith("Microsoft.Management.Infrastructure.CimInstance")


# Alias properties come from the modules' type files (Hyper-V.Types.ps1xml, NetAdapter.Types.ps1xml,
# NetTCPIP.Types.ps1xml).
_ALIASES: Mapping[str, Mapping[str, str]] = {
    "VirtualMachine": {
        "VMName": "Name",
        "VMId": "Id",
        "ParentCheckpointId": "ParentSnapshotId",
        "ParentCheckpointName": "ParentSnapshotName",
        "CheckpointFileLocation": "SnapshotFileLocation",
    },
    "VMSnapshot": {
        "ParentCheckpointId": "ParentSnapshotId",
        "ParentCheckpointName": "ParentSnapshotName",
        "CheckpointType": "SnapshotType",
    },
    "VirtualHardDisk": {"Number": "DiskNumber"},
    "MSFT_NetAdapter": {
        "InterfaceAlias": "Name",
        "ifAlias": "Name",
        "ifDesc": "InterfaceDescription",
        "ifIndex": "InterfaceIndex",
        "ifName": "InterfaceName",
    },
    "MSFT_NetIPAddress": {"ifIndex": "InterfaceIndex"},
    "MSFT_NetIPInterface": {"ifIndex": "InterfaceIndex"},
    "MSFT_NetRoute": {"ifIndex": "InterfaceIndex"},
}

_BASES: Mapping[str, tuple[str, ...]] = {
    "VirtualMachine": ("VirtualMachineBase",),
    "VMSnapshot": ("VirtualMachineBase",),
    "VMNetworkAdapter": ("VMNetworkAdapterBase",),
    "VMInternalNetworkAdapter": ("VMNetworkAdapterBase",),
    "VMExternalNetworkAdapter": ("VMNetworkAdapterBase",),
    "HardDiskDrive": ("Drive",),
    "DvdDrive": ("Drive",),
    "VMIdeController": ("VMDriveController",),
    "VMScsiController": ("VMDriveController",),
}
_VHD_TYPES = frozenset({"VirtualHardDisk", "VhdType", "VhdFormat", "VhdCompactMode"})


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(
        Path(__file__).with_name("types.json").read_text(encoding="utf-8")
    )
    return table


@cache
def object_type(name: str) -> ObjectType | None:
    """Return the type with this short name: ``VirtualMachine``, ``MSFT_NetNat``, or None."""
    row = _table()["objects"].get(name)
    if row is None:
        return None
    names = tuple(row.get("type_names") or _type_names(name))
    return ObjectType(
        name, names, row["properties"], {**_ALIASES.get(name, {}), **row.get("aliases", {})}
    )


def _type_names(name: str) -> tuple[str, ...]:
    root = "System.Object"
    if name.startswith("MSFT_"):
        base = "Microsoft.Management.Infrastructure.CimInstance"
        return f"{base}#ROOT/StandardCimv2/{name}", f"{base}#{name}", base, root
    if name.startswith("Win32_"):
        base = "Microsoft.Management.Infrastructure.CimInstance"
        return f"{base}#root/cimv2/{name}", f"{base}#{name}", base, root
    if name in _VHD_TYPES:
        return f"Microsoft.Vhd.PowerShell.{name}", root
    bases = tuple(f"Microsoft.HyperV.PowerShell.{base}" for base in _BASES.get(name, ()))
    return f"Microsoft.HyperV.PowerShell.{name}", *bases, root


@cache
def enum_table(name: str) -> Mapping[str, int] | None:
    """Return an enum's names and numbers in .NET's order, by number.

    CIM value maps are named by class and property: ``MSFT_NetIPAddress.AddressFamily``.

    >>> dict(enum_table("OnOffState"))
    {'On': 0, 'Off': 1}
    """
    table: dict[str, int] | None = _table()["enums"].get(name)
    return None if table is None else dict(sorted(table.items(), key=lambda item: item[1]))


@cache
def _enum_values(enum: str) -> Mapping[str | int, DotNetEnum]:
    values = {
        name: DotNetEnum(name, number, enum) for name, number in (enum_table(enum) or {}).items()
    }
    return {value.number: value for value in values.values()} | {
        name.lower(): value for name, value in values.items()
    }


def enum_value(enum: str, name: str | int) -> DotNetEnum:
    """Return an enum value by its name, in any case, or its number; raises KeyError.

    >>> enum_value("OnOffState", "on"), enum_value("VMState", 3)
    (EnumValue(name='On', number=0), EnumValue(name='Off', number=3))
    """
    value = _enum_values(enum).get(name.lower() if isinstance(name, str) else name)
    if value is None:
        msg = f"{enum} has no value {name!r}; it has {', '.join(enum_table(enum) or ())}"
        raise KeyError(msg)
    return value


def enum_type_name(enum: str) -> str:
    """Return the full .NET name of an enum of the table.

    >>> enum_type_name("VMState")
    'Microsoft.HyperV.PowerShell.VMState'
    >>> enum_type_name("MSFT_NetIPAddress.AddressFamily")
    'Microsoft.PowerShell.Cmdletization.GeneratedTypes.NetIPAddress.AddressFamily'
    """
    if enum.startswith("System."):
        return enum
    if enum.startswith("MSFT_"):
        return f"Microsoft.PowerShell.Cmdletization.GeneratedTypes.{enum.removeprefix('MSFT_')}"
    return f"Microsoft.{'Vhd' if enum in _VHD_TYPES else 'HyperV'}.PowerShell.{enum}"


@cache
def property_kinds(type_name: str) -> Mapping[str, str]:
    """Return the declared short types of the properties of a type, including alias properties.

    Empty if the table does not have the type.
    """
    known = object_type(re.split(r"[./#]", type_name)[-1])
    if known is None:
        return {}
    kinds = {
        **known.properties,
        **{a: known.properties.get(b, "") for a, b in known.aliases.items()},
    }
    return {name: kind.removeprefix("Nullable<").removesuffix(">") for name, kind in kinds.items()}


@cache
def property_kind(type_name: str, name: str) -> str:
    """Return the short type that a property is declared with; empty if the table has none.

    >>> property_kind("Microsoft.HyperV.PowerShell.VirtualMachine", "processorcount")
    'Int64'
    """
    kinds = {key.lower(): kind for key, kind in property_kinds(type_name).items()}
    return kinds.get(name.lower(), "")
