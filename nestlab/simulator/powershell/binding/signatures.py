"""The signatures of the commands a host may know: parameter sets, positions, types, accepted values.

The table `signatures.json` is made by ``tools/make_signatures.py`` from Microsoft's reference pages
(the page of each command is in its row) and loaded once, at first use.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from nestlab.simulator.powershell.values.object_types import enum_table

OPTIONAL_COMMON = {
    "Debug": ("SwitchParameter", "db"),
    "ErrorAction": ("ActionPreference", "ea"),
    "ErrorVariable": ("String", "ev"),
    "InformationAction": ("ActionPreference", "infa"),
    "InformationVariable": ("String", "iv"),
    "OutBuffer": ("Int32", "ob"),
    "OutVariable": ("String", "ov"),
    "PipelineVariable": ("String", "pv"),
    "Verbose": ("SwitchParameter", "vb"),
    "WarningAction": ("ActionPreference", "wa"),
    "WarningVariable": ("String", "wv"),
}
"""about_CommonParameters (Windows PowerShell 5.1): type and alias."""

PREFERENCES = {
    "SilentlyContinue": 0,
    "Stop": 1,
    "Continue": 2,
    "Inquire": 3,
    "Ignore": 4,
    "Suspend": 5,
}
"""What ActionPreference has."""

_RANGES = {"OutBuffer": (0, 2**31 - 1)}

SHOULD_PROCESS = {"WhatIf": ("SwitchParameter", "wi"), "Confirm": ("SwitchParameter", "cf")}


@dataclass(frozen=True)
class ParameterSetMetadata:
    """Where a parameter stands in one parameter set."""

    mandatory: bool = False
    position: int | None = None


ALL = 0xFFFFFFFF
"""All parameter sets, as long as nothing has narrowed them down; in PowerShell a set is a bit, too."""


@dataclass(frozen=True)
class ParameterSetSpecificMetadata:
    """Where a parameter stands in one set, or in all of them at once: then the bit is `ALL`."""

    bit: int
    mandatory: bool
    position: int | None


@dataclass(frozen=True)
class Parameter:
    """One parameter of one command."""

    name: str
    type: str
    net_type: str
    places: Mapping[str, ParameterSetMetadata]
    aliases: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    range: tuple[int, int] | None = None
    length: tuple[int, int] | None = None
    by_value: bool = False
    by_property_name: bool = False
    wildcards: bool = False
    common: bool = False
    nullable: bool = False
    cim_class: str = ""
    everywhere: bool = False
    enum: Mapping[str, int] | None = None

    @cached_property
    def element_type(self) -> str:
        """The type of one element: ``String`` of ``String[]``."""
        return self.type.removesuffix("[]")

    @cached_property
    def is_array(self) -> bool:
        """Whether it takes several values."""
        return self.type.endswith("[]")

    @cached_property
    def is_mandatory(self) -> bool:
        """Whether any set demands it: such a parameter takes no null and no empty text."""
        return any(place.mandatory for place in self.places.values())

    @cached_property
    def is_value_type(self) -> bool:
        """Whether its type has no null of its own."""
        return not self.is_array and (self.enum is not None or self.element_type in VALUE_TYPES)

    def names(self) -> tuple[str, ...]:
        """The name and its aliases."""
        return (self.name, *self.aliases)


@dataclass(frozen=True)
class Signature:
    """How one command is called."""

    name: str
    module: str
    is_function: bool
    class_name: str
    sets: tuple[str, ...]
    default_set: str | None
    parameters: Mapping[str, Parameter]
    aliases: tuple[str, ...]
    output: tuple[str, ...]
    supports_should_process: bool
    confirm_impact: str

    @cached_property
    def by_name(self) -> Mapping[str, Parameter]:
        """The parameters by their names and aliases, in lower case."""
        aliases = {
            alias.lower(): parameter
            for parameter in self.parameters.values()
            for alias in parameter.aliases
        }
        return aliases | {name.lower(): parameter for name, parameter in self.parameters.items()}

    @cached_property
    def bits(self) -> Mapping[str, int]:
        """The bit of each set that has a name of its own."""
        named = [name for name in self.sets if name != "__AllParameterSets"]
        return {name: 1 << place for place, name in enumerate(named)}

    @cached_property
    def available(self) -> int:
        """The bits of all named sets."""
        return sum(self.bits.values())

    @cached_property
    def default_bit(self) -> int:
        """The bit of the default set, or 0."""
        return self.bits.get(self.default_set or "", 0)

    @cached_property
    def spots(self) -> Mapping[str, tuple[ParameterSetSpecificMetadata, ...]]:
        """Where each parameter stands."""
        return {name: tuple(self._spots(parameter)) for name, parameter in self.parameters.items()}

    def _spots(self, parameter: Parameter) -> Iterator[ParameterSetSpecificMetadata]:
        if parameter.everywhere:
            place = next(iter(parameter.places.values()))
            yield ParameterSetSpecificMetadata(ALL, place.mandatory, place.position)
            return
        for name, place in parameter.places.items():
            yield ParameterSetSpecificMetadata(
                self.bits.get(name, ALL), place.mandatory, place.position
            )

    @cached_property
    def masks(self) -> Mapping[str, int]:
        """The sets that each parameter is in."""
        return {
            name: ALL if any(spot.bit == ALL for spot in spots) else sum(spot.bit for spot in spots)
            for name, spots in self.spots.items()
        }

    @cached_property
    def mandatory(self) -> tuple[str, ...]:
        """The parameters that some set demands."""
        return tuple(
            name for name, spots in self.spots.items() if any(spot.mandatory for spot in spots)
        )

    @cached_property
    def from_pipeline(self) -> tuple[str, ...]:
        """The parameters that take objects, last first: the order in which the binder asks them."""
        taking = (
            name
            for name, parameter in self.parameters.items()
            if parameter.by_value or parameter.by_property_name
        )
        return tuple(reversed(tuple(taking)))

    def set_name(self, sets: int) -> str:
        """Return the name of the set that is left; of all sets, that of the default set."""
        if sets in (0, ALL):
            return self.default_set or "__AllParameterSets"
        return next((name for name, bit in self.bits.items() if bit == sets), "")

    @property
    def all_names(self) -> tuple[str, ...]:
        """The names of its own parameters, common ones left out."""
        return tuple(name for name, parameter in self.parameters.items() if not parameter.common)


@cache
def _table() -> dict[str, Any]:
    text = Path(__file__).with_name("signatures.json").read_text(encoding="utf-8")
    table: dict[str, Any] = json.loads(text)["cmdlets"]
    return table


@cache
def _canonical_names() -> dict[str, str]:
    names = {name.lower(): name for name in _table()}
    return {
        alias.lower(): name for name, row in _table().items() for alias in row.get("aliases", ())
    } | names


def command_names() -> tuple[str, ...]:
    """Return the names of all commands in the table, sorted."""
    return tuple(sorted(_table()))


def signature(name: str) -> Signature | None:
    r"""Return the signature of a command by its name or alias in any case, with or without its module.

    >>> signature("get-vm").name, signature("Hyper-V\\Get-VM").module, signature("gcim").name, signature("Get-Nothing")
    ('Get-VM', 'Hyper-V', 'Get-CimInstance', None)
    """
    module, _, bare = name.rpartition("\\")
    canonical = _canonical_names().get(bare.lower())
    if canonical is None or (module and _table()[canonical]["module"].lower() != module.lower()):
        return None
    return _signature(canonical)


@cache
def _signature(name: str) -> Signature:
    return make_signature(name, _table()[name])


def make_signature(name: str, row: Mapping[str, Any]) -> Signature:
    """Return the signature that a row of the table describes; the row may be of a command that the table does not have."""
    sets = tuple(row["sets"])
    parameters = {
        key: _parameter(key, data, name, row["module"], sets)
        for key, data in row["parameters"].items()
    }
    extra = {**OPTIONAL_COMMON, **(SHOULD_PROCESS if "impact" in row else {})}
    for key, (type_name, alias) in extra.items():
        places = dict.fromkeys(sets, ParameterSetMetadata())
        net_type = _net_type(type_name, "", name)
        values = PREFERENCES if type_name == "ActionPreference" else None
        parameters[key] = Parameter(
            key,
            type_name,
            net_type,
            places,
            (alias,),
            common=True,
            everywhere=True,
            enum=values,
            range=_RANGES.get(key),
        )
    return Signature(
        name=name,
        module=row["module"],
        is_function=row["type"] == "Function",
        class_name=row.get("class")
        or command_class(name, row["module"], is_function=row["type"] == "Function"),
        sets=sets,
        default_set=row["default"],
        parameters=parameters,
        aliases=tuple(row.get("aliases", ())),
        output=tuple(part.strip() for part in row["output"].split(";")),
        supports_should_process="impact" in row,
        confirm_impact=row.get("impact", "None"),
    )


def _parameter(
    name: str, data: dict[str, Any], command: str, module: str, sets: tuple[str, ...]
) -> Parameter:
    where = data.get("in", "")
    places = (
        dict.fromkeys(sets, _place(where))
        if isinstance(where, str)
        else {key: _place(text) for key, text in where.items()}
    )
    pipeline = data.get("pipeline", "")
    mandatory = any(place.mandatory for place in places.values())
    net_type = data.get("net") or _net_type(data["type"].removesuffix("[]"), module, command)
    return Parameter(
        name=name,
        type=data["type"],
        net_type=net_type,
        places=places,
        aliases=tuple(data.get("aliases", ())),
        values=tuple(data.get("values", ())),
        range=tuple(data["range"]) if "range" in data else None,
        length=tuple(data["length"]) if "length" in data else None,
        by_value="ByValue" in pipeline,
        by_property_name="ByPropertyName" in pipeline,
        wildcards=data.get("wildcards", False),
        cim_class=_cim_class(name, command)
        if data["type"].startswith("CimInstance") and module in _CDXML_MODULES
        else "",
        everywhere=isinstance(where, str),
        enum=_enum_of(data["type"].removesuffix("[]"), net_type, tuple(data.get("values", ()))),
        nullable=module == "Hyper-V"
        and not mandatory
        and data["type"] not in _NEVER_NULLABLE
        and not data["type"].endswith("[]"),
    )


# ValidateSet on a plain type names the texts that are taken; the values of any other type are those
# of an enum.
VALUE_SETS = frozenset(
    {"String", "Boolean", "Int16", "Int32", "Int64", "UInt16", "UInt32", "UInt64"}
)
VALUE_TYPES = frozenset(
    {
        "Boolean",
        "Byte",
        "DateTime",
        "Double",
        "Guid",
        "Int16",
        "Int32",
        "Int64",
        "SwitchParameter",
        "TimeSpan",
        "UInt16",
        "UInt32",
        "UInt64",
    }
)


def _enum_of(kind: str, net_type: str, values: tuple[str, ...]) -> Mapping[str, int] | None:
    """The numbers of an enum.

    Value maps of CIM classes are looked up by class; the rest are counted as listed.
    """
    if kind in VALUE_SETS:
        return None
    table = enum_table(kind)
    if table is not None or not values:
        return table
    cim_class = net_type.rsplit(".", 2)[-2] if net_type.count(".") else ""
    return enum_table(f"MSFT_{cim_class}.{kind}") or {
        name: number for number, name in enumerate(values)
    }


_CDXML_MODULES = frozenset({"DnsClient", "NetAdapter", "NetConnection", "NetNat", "NetTCPIP"})
_ASSOCIATED = {
    "Adapter": "NetAdapter",
    "IPAddress": "NetIPAddress",
    "IPInterface": "NetIPInterface",
    "Neighbor": "NetNeighbor",
    "Route": "NetRoute",
}


def _cim_class(name: str, command: str) -> str:
    """The CIM class that a parameter's PSTypeName attribute asks for."""
    noun = _ASSOCIATED.get(name.removeprefix("Associated")) or command.partition("-")[2]
    return f"MSFT_{noun.replace('DnsClient', 'DNSClient')}"


def _place(text: str) -> ParameterSetMetadata:
    position = text.removeprefix("!")
    return ParameterSetMetadata(text.startswith("!"), int(position) if position else None)


# Optional values of the Hyper-V module are Nullable<T> with ValidateNotNull (reflection of module
# 2.0.0.0).
_NEVER_NULLABLE = frozenset(
    {
        "String",
        "SwitchParameter",
        "Version",
        "CimSession",
        "PSCredential",
        "Object",
        "PSObject",
        "ScriptBlock",
        "Uri",
    }
)

_SYSTEM_TYPES = {
    *(
        "Boolean",
        "Byte",
        "DateTime",
        "Double",
        "Guid",
        "Int16",
        "Int32",
        "Int64",
        "Object",
        "String",
        "TimeSpan",
    ),
    *("UInt16", "UInt32", "UInt64", "Uri", "Version"),
}
_OTHER_TYPES = {
    "ActionPreference": "System.Management.Automation.ActionPreference",
    "CommandTypes": "System.Management.Automation.CommandTypes",
    "CimInstance": "Microsoft.Management.Infrastructure.CimInstance",
    "CimSession": "Microsoft.Management.Infrastructure.CimSession",
    "Hashtable": "System.Collections.Hashtable",
    "IDictionary": "System.Collections.IDictionary",
    "IPAddress": "System.Net.IPAddress",
    "PSCredential": "System.Management.Automation.PSCredential",
    "PSObject": "System.Management.Automation.PSObject",
    "ScriptBlock": "System.Management.Automation.ScriptBlock",
    "SwitchParameter": "System.Management.Automation.SwitchParameter",
    "VhdType": "Microsoft.Vhd.PowerShell.VhdType",
    "VhdCompactMode": "Microsoft.Vhd.PowerShell.VhdCompactMode",
}
_TYPE_NAMESPACES = {
    "Hyper-V": "Microsoft.HyperV.PowerShell.",
    "Dism": "Microsoft.Dism.Commands.",
    "DnsClient": "Microsoft.DnsClient.Commands.",
    "ServerManager": "Microsoft.Windows.ServerManager.Commands.",
}


def _net_type(short: str, module: str, command: str) -> str:
    if short in _SYSTEM_TYPES:
        return f"System.{short}"
    # CDXML modules generate their enums:
    # Microsoft.PowerShell.Cmdletization.GeneratedTypes.NetIPAddress.AddressFamily.
    generated = f"Microsoft.PowerShell.Cmdletization.GeneratedTypes.{command.partition('-')[2]}."
    return _OTHER_TYPES.get(short) or _TYPE_NAMESPACES.get(module, generated) + short


_CLASS_NAMESPACES = {
    "CimCmdlets": "Microsoft.Management.Infrastructure.CimCmdlets.{}Command",
    "Dism": "Microsoft.Dism.Commands.{}Command",
    "DnsClient": "Microsoft.DnsClient.Commands.{}",
    "Hyper-V": "Microsoft.HyperV.PowerShell.Commands.{}",
    "Microsoft.PowerShell.Core": "Microsoft.PowerShell.Commands.{}Command",
    "Microsoft.PowerShell.Management": "Microsoft.PowerShell.Commands.{}Command",
    "Microsoft.PowerShell.Utility": "Microsoft.PowerShell.Commands.{}Command",
    "Microsoft.WSMan.Management": "Microsoft.WSMan.Management.{}Command",
    "ServerManager": "Microsoft.Windows.ServerManager.Commands.{}Command",
}
# Install- and Uninstall-WindowsFeature are still the Add and Remove classes of Server 2008 R2.
_OLD_CLASS_NAMES = {
    "InstallWindowsFeature": "AddWindowsFeature",
    "UninstallWindowsFeature": "RemoveWindowsFeature",
}


def command_class(name: str, module: str, *, is_function: bool) -> str:
    """Return what stands after the comma of a fully qualified error id.

    >>> command_class("Set-VMProcessor", "Hyper-V", is_function=False), command_class("New-NetNat", "NetNat", is_function=True)
    ('Microsoft.HyperV.PowerShell.Commands.SetVMProcessor', 'New-NetNat')
    >>> command_class("New-VHD", "Hyper-V", is_function=False)
    'Microsoft.Vhd.PowerShell.Cmdlets.NewVhd'
    """
    bare = name.replace("-", "", 1)
    if is_function or module not in _CLASS_NAMESPACES:
        return name
    if module == "Hyper-V" and bare.endswith("VHD"):
        return f"Microsoft.Vhd.PowerShell.Cmdlets.{bare.removesuffix('VHD')}Vhd"
    return _CLASS_NAMESPACES[module].format(_OLD_CLASS_NAMES.get(bare, bare))
