"""The reference of the scenario file, from its JSON Schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nestlab

_PACKAGE = Path(nestlab.__file__).parent
_NAMES = {"": "The whole file"}


def scenario_page() -> str:
    """Return the page of the scenario file's keys."""
    return _page(
        "Keys of the scenario file",
        "A scenario file describes a simulated host, in YAML or JSON: "
        "[Scenarios of your own](../scenarios.md).",
        _schema("scenario.schema.json"),
    )


def _schema(name: str) -> dict[str, Any]:
    (path,) = _PACKAGE.rglob(name)
    schema: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return schema


def _page(title: str, introduction: str, schema: dict[str, Any]) -> str:
    shapes = {"": schema, **schema.get("$defs", {})}
    parts = [f"# {title}", introduction]
    for name, shape in shapes.items():
        if shape.get("properties"):
            parts += [f"## {_NAMES.get(name, name)}", shape.get("description", ""), _table(shape)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(shape: dict[str, Any]) -> str:
    required = set(shape.get("required", ()))
    rows = [
        f"| `{key}`{' (required)' if key in required else ''} | {_type(value)} "
        f"| {_cell(value.get('description', ''))} |"
        for key, value in shape["properties"].items()
        if not key.startswith("$")
    ]
    return "\n".join(["| key | value | meaning |", "|---|---|---|", *rows])


def _type(value: dict[str, Any]) -> str:
    """Return what a key takes, in words.

    >>> _type({"type": "array", "items": {"enum": ["On", "Off"]}})
    'list of `On` or `Off`'
    """
    if "$ref" in value:
        name = value["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})"
    for several in ("anyOf", "oneOf"):
        if several in value:
            return " or ".join(dict.fromkeys(map(_type, value[several])))
    if "enum" in value:
        return " or ".join(f"`{_cell(json.dumps(word).strip(chr(34)))}`" for word in value["enum"])
    if value.get("type") == "array":
        return f"list of {_type(value.get('items', {}))}"
    types = value.get("type", "any value")
    return " or ".join([types] if isinstance(types, str) else types) + _limits(value)


def _limits(value: dict[str, Any]) -> str:
    low, high = value.get("minimum"), value.get("maximum")
    if low is not None and high is not None:
        return f", {low} to {high}"
    return (
        f", at least {low}" if low is not None else f", at most {high}" if high is not None else ""
    )


def _cell(text: str) -> str:
    return " ".join(str(text).replace("|", r"\|").replace("<", r"\<").split())
