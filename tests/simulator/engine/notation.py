"""The notation of values in tests/cases/engine, and what the simulator makes of them.

Plain JSON stands for null, Boolean, String, Int32 (Int64 where it does not fit) and Object[];
everything else is a table whose first key is a short .NET type: ``{"Double": "1.5"}``,
``{"TimeSpan": ticks}``, ``{"DateTime": [ticks, kind]}``, ``{"enum": [type, name, number]}``,
``{"table": [[key, value]]}``, ``{"object": type names, "with": [[name, value]]}``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from nestlab.model import EnumValue, Record, Secret, SwitchParameter
from nestlab.simulator.powershell.objects import is_scalar, scalar_record, scalar_value
from nestlab.simulator.powershell.values.dotnet_values import dotnet_type_of, text_of, typed_integer
from nestlab.simulator.powershell.values.object_types import enum_value

CASES = Path(__file__).parents[2] / "cases" / "engine"
EPOCH = datetime(1, 1, 1)  # noqa: DTZ001  # .NET counts ticks from here, without a zone
TICK = 10
"""Ticks in a microsecond."""
CUSTOM = "System.Management.Automation.PSCustomObject"
VM = "Microsoft.HyperV.PowerShell.VirtualMachine"


def questions(name: str) -> list[dict]:
    """Return the rows of one file."""
    return [
        json.loads(line)
        for line in (CASES / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    ]


def value_of(data: object) -> object:
    """Return what the simulator has for a value of the notation."""
    if isinstance(data, list):
        return [value_of(item) for item in data]
    if not isinstance(data, dict):
        return data
    kind, content = next(iter(data.items()))
    return _READERS[kind](content, data) if kind in _READERS else _scalar(kind, content)


def _scalar(kind: str, content: str) -> object:
    match kind:
        case "Double" | "Single":
            return float(content.replace("Infinity", "inf"))
        case "Guid":
            return UUID(content)
        case "IPAddress" | "Version" | "Uri" | "String":
            return content
        case "TimeSpan":
            return timedelta(microseconds=int(content) // TICK)
        case _:
            return typed_integer(kind, int(content))


def _date_time(content: list | str, _data: dict) -> datetime:
    if isinstance(content, str):
        return datetime.fromisoformat(content)
    moment = EPOCH + timedelta(microseconds=int(content[0]) // TICK)
    return moment if content[1] == "Unspecified" else moment.replace(tzinfo=UTC)


def _enum(content: list, _data: dict) -> EnumValue:
    kind, name, number = content
    try:
        return enum_value(kind.rsplit(".", 1)[-1], name)
    except KeyError:
        return EnumValue(name, number)


def _object(content: list, data: dict) -> Record:
    properties = {name: value_of(value) for name, value in data["with"]}
    own = "@{" + "; ".join(f"{name}={text_of(value)}" for name, value in properties.items()) + "}"
    names = tuple(content) if len(content) > 1 else (*content, CUSTOM, "System.Object")
    return Record(names, properties, own if CUSTOM in names else data.get("text", own))


_READERS = {
    "DateTime": _date_time,
    "Switch": lambda content, _data: SwitchParameter.ON if content else SwitchParameter.OFF,
    "enum": _enum,
    "object": _object,
    "sent": lambda content, _data: content,
    "table": lambda content, _data: {value_of(key): value_of(value) for key, value in content},
    "vm": lambda name, _data: Record(
        (VM, "System.Object"), {"Name": name}, f"VirtualMachine (Name = '{name}')"
    ),
}


def as_record(value: object) -> Record:
    """Return a value as an object of a pipeline."""
    return value if isinstance(value, Record) else scalar_record(value)


def data_of(value: object) -> object:
    """Write what the simulator has in the notation."""
    if value is None or isinstance(value, bool | str):
        return value
    for kind, write in _WRITERS:
        if isinstance(value, kind):
            return write(value)
    raise TypeError(type(value))


def _ticks(value: timedelta) -> str:
    return str(value // timedelta(microseconds=1) * TICK)


def _integer(value: int) -> object:
    kind = dotnet_type_of(value).removeprefix("System.")
    return int(value) if kind == "Int32" else {kind: str(int(value))}


def _record_data(record: Record) -> object:
    if is_scalar(record):
        plain = data_of(scalar_value(record))
        notes = [
            [name, data_of(value)] for name, value in record.properties.items() if name != "Value"
        ]
        noted = notes and not isinstance(
            scalar_value(record), dict
        )  # the notes of a hashtable were not written down
        return {"noted": plain, "with": notes} if noted else plain
    if record.type_names[0] == VM:
        return {"vm": record["Name"]}
    return {
        "object": [record.type_names[0]],
        "with": [[name, data_of(value)] for name, value in record.properties.items()],
    }


_WRITERS = (
    (Record, _record_data),
    (EnumValue, lambda value: {"enum": [value.name, value.number]}),
    (SwitchParameter, lambda value: {"Switch": value is SwitchParameter.ON}),
    (float, lambda value: {"Double": repr(value)}),
    (UUID, lambda value: {"Guid": str(value)}),
    (timedelta, lambda value: {"TimeSpan": _ticks(value)}),
    (
        datetime,
        lambda value: {
            "DateTime": [
                _ticks(value.replace(tzinfo=None) - EPOCH),
                "Local" if value.tzinfo else "Unspecified",
            ]
        },
    ),
    (
        Mapping,
        lambda value: {"table": [[data_of(key), data_of(item)] for key, item in value.items()]},
    ),
    ((list, tuple), lambda value: [data_of(item) for item in value]),
    (int, _integer),
    (Secret, lambda value: {"credential": value.name}),
)


def plain_numbers(data: object) -> object:
    """Forget the widths of whole numbers, the types of enums and the spelling of Doubles: what the simulator does not keep."""
    if isinstance(data, list):
        return [plain_numbers(item) for item in data]
    if not isinstance(data, dict):
        return data
    kind, content = next(iter(data.items()))
    if kind in {
        "Byte",
        "SByte",
        "Int16",
        "UInt16",
        "Int64",
        "UInt32",
        "UInt64",
        "BigInteger",
        "Decimal",
    }:
        return int(content)
    if kind == "Double":
        return {"Double": str(float(content.replace("Infinity", "inf")))}
    if kind == "enum":
        return {"enum": content[-2:]}
    if kind in {"IPAddress", "Uri", "Version"}:
        return content
    if kind == "DateTime":
        return {"DateTime": [content[0], "Local" if content[1] == "Utc" else content[1]]}
    return {key: plain_numbers(item) for key, item in data.items()}
