"""The JSON Schema of the topology file, so that editors complete it.

It is generated from the key table.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nestlab.topology_file.key_types import Key, Kind, ListOf, MapOf, Scalar, Shape
from nestlab.topology_file.keys import COUNT, TOPOLOGY
from nestlab.topology_file.reader import USER_KEY_PREFIX
from nestlab.topology_file.reference import shapes_of
from nestlab.topology_file.scalars import NON_EMPTY_TEXT, TEXT, TRUE, any_case

PATH = Path(__file__).with_name("topology.schema.json")
_PLACEHOLDERS = {
    "type": "string",
    "pattern": r"\{[A-Za-z_][A-Za-z0-9_]*([+-][0-9]+)?(:0[1-9])?\}",
    "description": "A text in a counted item that contains a placeholder for the number of the copy: {n}, {n+10}, {n:02}.",
}


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
    writer = _SchemaWriter(definitions, _inside_counted(shape))
    root = writer.shape(shape)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "description": description,
        **root,
        "$defs": definitions,
    }


def schema_text() -> str:
    """Return the text of the schema file that is part of the package."""
    return text_of(schema())


def text_of(schema: Mapping[str, Any]) -> str:
    """Return the text of a schema file."""
    return json.dumps(schema, indent=2) + "\n"


def _inside_counted(root: Shape) -> set[Shape]:
    """Return the shapes whose texts can have placeholders.

    These are the shapes of counted items, and of the defaults, which are merged into them.
    """
    found: set[Shape] = set()
    for shape in shapes_of(root):
        if COUNT in shape.short_forms:
            found |= set(shapes_of(shape))
    return found | {
        inner
        for shape in shapes_of(root)
        for key in shape.short_forms
        for inner in shapes_of(key.value_kind)
    }


class _SchemaWriter:
    """Writes shapes as schemas; the texts of `with_placeholders` can have placeholders."""

    def __init__(self, definitions: dict[str, Any], with_placeholders: set[Shape]) -> None:
        self.definitions = definitions
        self.with_placeholders = with_placeholders

    def shape(self, shape: Shape) -> dict[str, Any]:
        """Return the schema of a mapping."""
        properties = {
            key.name: {**self._key(key, shape), "description": shape.help(key)}
            for key in (*shape.keys, *shape.short_forms)
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

    def _key(self, key: Key, shape: Shape) -> dict[str, Any]:
        """Return the schema of a key's value; one that is not required can also be null."""
        value = self._kind(key.value_kind, placeholders=shape in self.with_placeholders)
        if key.required and not key.unless:
            return value
        choices = value["anyOf"] if value.keys() == {"anyOf"} else [value]
        return {"anyOf": [*choices, {"type": "null"}]}

    def _kind(self, kind: Kind, *, placeholders: bool) -> dict[str, Any]:
        if isinstance(kind, Scalar):
            return self._scalar(kind, placeholders=placeholders)
        if isinstance(kind, ListOf):
            item = self._kind(kind.item, placeholders=placeholders)
            array = {"type": "array", "items": item}
            return {"anyOf": [array, {"type": "string"}, item]} if kind.split else array
        if isinstance(kind, MapOf):
            return {
                "type": "object",
                "propertyNames": dict(kind.key.schema),
                "additionalProperties": self._kind(kind.item, placeholders=False),
            }
        name = kind.definition or kind.model.__name__
        if name not in self.definitions:
            self.definitions[
                name
            ] = {}  # a VM contains VMs, so the name is defined before its content
            self.definitions[name] = self.shape(kind)
        return {"$ref": f"#/$defs/{name}"}

    def _scalar(self, kind: Scalar, *, placeholders: bool) -> dict[str, Any]:
        if not placeholders or kind in (TEXT, NON_EMPTY_TEXT):
            return dict(kind.schema)
        self.definitions["Placeholders"] = _PLACEHOLDERS
        choices = kind.schema["anyOf"] if kind.schema.keys() == {"anyOf"} else [dict(kind.schema)]
        return {"anyOf": [*choices, {"$ref": "#/$defs/Placeholders"}]}


def _is_true(name: str) -> dict[str, Any]:
    is_true = {"anyOf": [{"const": True}, any_case(TRUE)]}
    return {"required": [name], "properties": {name: is_true}}


def _alternative(names: tuple[str, ...], shape: Shape) -> dict[str, Any]:
    """Return the schema of a mapping that has these keys, and no others."""
    others = [key.name for key in shape.keys if key.name not in names]
    return {"required": list(names), "properties": {key: {"type": "null"} for key in others}}
