"""The JSON Schema of the topology file, so that editors complete it.

Written from the table of keys.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nestlab.topology_file.key_types import Key, Kind, ListOf, MapOf, Scalar, Shape
from nestlab.topology_file.keys import TOPOLOGY
from nestlab.topology_file.reader import USER_KEY_PREFIX
from nestlab.topology_file.scalars import TRUE, any_case

PATH = Path(__file__).with_name("topology.schema.json")


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the topology file."""
    return schema_of(
        TOPOLOGY,
        "nestlab topology",
        "Switches, VMs, adapters, addresses and NAT of a nested Hyper-V lab, at every level.",
    )


def schema_of(shape: Shape, title: str, description: str) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a file that a table of keys describes."""
    definitions: dict[str, Any] = {}
    root = _shape(shape, definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "description": description,
        **root,
        "$defs": definitions,
    }


def schema_text() -> str:
    """Return the schema as the shipped file has it."""
    return json.dumps(schema(), indent=2) + "\n"


def _kind(kind: Kind, definitions: dict[str, Any]) -> dict[str, Any]:
    if isinstance(kind, Scalar):
        return dict(kind.schema)
    if isinstance(kind, ListOf):
        item = _kind(kind.item, definitions)
        array = {"type": "array", "items": item}
        return {"anyOf": [array, {"type": "string"}, item]} if kind.split else array
    if isinstance(kind, MapOf):
        return {
            "type": "object",
            "propertyNames": dict(kind.key.schema),
            "additionalProperties": _kind(kind.item, definitions),
        }
    name = kind.model.__name__
    if name not in definitions:
        definitions[name] = {}  # a VM contains VMs: the name is there before its content
        definitions[name] = _shape(kind, definitions)
    return {"$ref": f"#/$defs/{name}"}


def _key(key: Key, definitions: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a key's value; one that is not required can also be null."""
    value = _kind(key.value_kind, definitions)
    if key.required and not key.unless:
        return value
    choices = value["anyOf"] if value.keys() == {"anyOf"} else [value]
    return {"anyOf": [*choices, {"type": "null"}]}


def _shape(shape: Shape, definitions: dict[str, Any]) -> dict[str, Any]:
    properties = {
        key.name: {**_key(key, definitions), "description": shape.help(key)} for key in shape.keys
    }
    required = [key.name for key in shape.keys if key.required and not key.unless]
    either = [
        {"anyOf": [{"required": [key.name]}, _is_true(key.unless)]}
        for key in shape.keys
        if key.required and key.unless
    ]
    found: dict[str, Any] = {
        "type": "object",
        "properties": properties,
        "patternProperties": {f"^{USER_KEY_PREFIX}": {}},
        "additionalProperties": False,
    }
    if required:
        found["required"] = required
    if either:
        found["allOf"] = either
    if shape.alternatives:
        found["anyOf"] = [_alternative(names, shape) for names in shape.alternatives]
    return {**found, **shape.schema}


def _is_true(name: str) -> dict[str, Any]:
    is_true = {"anyOf": [{"const": True}, any_case(TRUE)]}
    return {"required": [name], "properties": {name: is_true}}


def _alternative(names: tuple[str, ...], shape: Shape) -> dict[str, Any]:
    """Return the schema of a mapping that has these of the alternative keys, and no others."""
    others = [key.name for key in shape.keys if key.name not in names]
    return {"required": list(names), "properties": {key: {"type": "null"} for key in others}}
