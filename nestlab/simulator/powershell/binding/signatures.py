"""The signatures of all known commands, from the table `signatures.json`.

``tools/make_signatures.py`` generates the table from Microsoft's reference pages; each row names
its page. The table is read at its first use, and each row is parsed at the first use of its
command.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from nestlab.simulator.powershell.binding.parameters import (
    VALIDATE_SET_TYPES,
    Parameter,
    ParameterSetMetadata,
    Signature,
)
from nestlab.simulator.powershell.binding.type_names import (
    CDXML_MODULES,
    cim_class_name,
    command_class,
    dotnet_type_name,
)
from nestlab.simulator.powershell.values.object_types import enum_table

COMMON_PARAMETERS = {
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
"""Common parameters with type and alias (about_CommonParameters, Windows PowerShell 5.1)."""

ACTION_PREFERENCES = {
    "SilentlyContinue": 0,
    "Stop": 1,
    "Continue": 2,
    "Inquire": 3,
    "Ignore": 4,
    "Suspend": 5,
}
"""The values of ActionPreference."""

_RANGES = {"OutBuffer": (0, 2**31 - 1)}

SHOULD_PROCESS_PARAMETERS = {
    "WhatIf": ("SwitchParameter", "wi"),
    "Confirm": ("SwitchParameter", "cf"),
}


@cache
def _table() -> tuple[dict[str, str], dict[str, str]]:
    """Return the command of each alias, and the row of each command as JSON text.

    The generator writes each row on its own line, so that rows can be parsed one by one: a
    simulated host that is served over standard streams starts for each session, and needs few.
    """
    text = Path(__file__).with_name("signatures.json").read_text(encoding="utf-8")
    head, _, lines = text.partition(',\n"cmdlets": {\n')
    aliases: dict[str, str] = json.loads(f"{head}}}")["aliases"]
    rows = (line.removesuffix(",").partition(": ") for line in lines.splitlines())
    return aliases, {name.strip('"'): row for name, _, row in rows if row}


@cache
def _row(name: str) -> dict[str, Any]:
    _, rows = _table()
    row: dict[str, Any] = json.loads(rows[name])
    return row


@cache
def _canonical_names() -> dict[str, str]:
    aliases, rows = _table()
    return aliases | {name.lower(): name for name in rows}


def command_names() -> tuple[str, ...]:
    """Return the names of all commands in the table, sorted."""
    _, rows = _table()
    return tuple(sorted(rows))


def command_name(name: str) -> str | None:
    r"""Return the name of a command as the table spells it, or None; `name` as in `signature`.

    >>> command_name("get-vm"), command_name("gcim"), command_name("NetNat\\Get-VM")
    ('Get-VM', 'Get-CimInstance', None)
    """
    module, _, bare = name.rpartition("\\")
    found = _canonical_names().get(bare.lower())
    if found is None or (module and _row(found)["module"].lower() != module.lower()):
        return None
    return found


def signature(name: str) -> Signature | None:
    r"""Return the signature of a command, or None.

    `name` is its name or alias, in any case, with or without its module.

    >>> signature("get-vm").name
    'Get-VM'
    >>> signature("Hyper-V\\Get-VM").module
    'Hyper-V'
    >>> signature("gcim").name
    'Get-CimInstance'
    >>> signature("Get-Nothing")
    """
    canonical = command_name(name)
    return None if canonical is None else _signature(canonical)


@cache
def _signature(name: str) -> Signature:
    return make_signature(name, _row(name))


def make_signature(name: str, row: Mapping[str, Any]) -> Signature:
    """Return the signature of a row, which need not be in the table."""
    sets = tuple(row["sets"])
    parameters = {
        key: _parameter(key, data, name, row["module"], sets)
        for key, data in row["parameters"].items()
    }
    extra = {**COMMON_PARAMETERS, **(SHOULD_PROCESS_PARAMETERS if "impact" in row else {})}
    for key, (type_name, alias) in extra.items():
        roles = dict.fromkeys(sets, ParameterSetMetadata())
        dotnet_type = dotnet_type_name(type_name, "", name)
        values = ACTION_PREFERENCES if type_name == "ActionPreference" else None
        parameters[key] = Parameter(
            key,
            type_name,
            dotnet_type,
            roles,
            (alias,),
            common=True,
            in_all_sets=True,
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
    roles = (
        dict.fromkeys(sets, _role(where))
        if isinstance(where, str)
        else {key: _role(text) for key, text in where.items()}
    )
    pipeline = data.get("pipeline", "")
    mandatory = any(role.mandatory for role in roles.values())
    dotnet_type = data.get("net") or dotnet_type_name(
        data["type"].removesuffix("[]"), module, command
    )
    return Parameter(
        name=name,
        type=data["type"],
        dotnet_type=dotnet_type,
        roles=roles,
        aliases=tuple(data.get("aliases", ())),
        values=tuple(data.get("values", ())),
        range=tuple(data["range"]) if "range" in data else None,
        length=tuple(data["length"]) if "length" in data else None,
        by_value="ByValue" in pipeline,
        by_property_name="ByPropertyName" in pipeline,
        wildcards=data.get("wildcards", False),
        cim_class=cim_class_name(name, command)
        if data["type"].startswith("CimInstance") and module in CDXML_MODULES
        else "",
        in_all_sets=isinstance(where, str),
        enum=_enum_of(data["type"].removesuffix("[]"), dotnet_type, tuple(data.get("values", ()))),
        nullable=module == "Hyper-V"
        and not mandatory
        and data["type"] not in _NEVER_NULLABLE
        and not data["type"].endswith("[]"),
    )


def _enum_of(kind: str, dotnet_type: str, values: tuple[str, ...]) -> Mapping[str, int] | None:
    """Return the numbers of an enum.

    Value maps of CIM classes are found by class; other values are numbered in order.
    """
    if kind in VALIDATE_SET_TYPES:
        return None
    table = enum_table(kind)
    if table is not None or not values:
        return table
    cim_class = dotnet_type.rsplit(".", 2)[-2] if dotnet_type.count(".") else ""
    return enum_table(f"MSFT_{cim_class}.{kind}") or {
        name: number for number, name in enumerate(values)
    }


def _role(text: str) -> ParameterSetMetadata:
    """Read a role as the table writes it: the position, after ``!`` if the parameter is mandatory.

    >>> _role("!0")
    ParameterSetMetadata(mandatory=True, position=0)
    >>> _role("")
    ParameterSetMetadata(mandatory=False, position=None)
    """
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
