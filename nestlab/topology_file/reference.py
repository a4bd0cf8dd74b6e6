"""The reference page of the topology file: a table of all keys, from the key table."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.topology_file.key_types import Key, Kind, ListOf, MapOf, Scalar, Shape
from nestlab.topology_file.keys import TOPOLOGY

_INTRODUCTION = """\
# Keys of the topology file

Generated from the key table (`nestlab/topology_file/keys`); `pytest tests/project/test_keys.py
--update-cases` regenerates it. *Form*: what the designer calls the key.
"""


def reference() -> str:
    """Return the page as Markdown."""
    return "\n".join([_INTRODUCTION, *(_section(shape) for shape in shapes_of(TOPOLOGY))])


def shapes_of(kind: Kind) -> list[Shape]:
    """Return the shapes in a kind, with nested ones, each once, in the order of first use."""
    found: list[Shape] = []
    _collect(kind, found)
    return found


def _collect(kind: Kind, found: list[Shape]) -> None:
    if isinstance(kind, ListOf | MapOf):
        _collect(kind.item, found)
    elif isinstance(kind, Shape) and kind not in found:
        found.append(kind)
        for key in kind.keys:
            _collect(key.value_kind, found)


def _section(shape: Shape) -> str:
    rows = "\n".join(_row(shape, key) for key in (*shape.keys, *shape.short_forms))
    title = shape.noun[:1].upper() + shape.noun[1:]
    return (
        f"## {title}\n\n| key | value | default | form | meaning |\n|---|---|---|---|---|\n{rows}\n"
    )


def _row(shape: Shape, key: Key) -> str:
    default = "required" if key.required else shape.default_text(key)
    default += f", unless `{key.unless}`" if key.unless else ""
    set_by = f" `{key.setting.cmdlet} -{key.setting.parameter}`." if key.setting else ""
    cells = (f"`{key.name}`", _value(key.value_kind), default, key.label, key.doc + set_by)
    return f"| {' | '.join(_cells(cells))} |"


def _value(kind: Kind) -> str:
    if isinstance(kind, ListOf):
        item = kind.item.noun if isinstance(kind.item, Shape | Scalar) else "lists"
        return f"list, each {item}" + ("; a single one needs no list" if kind.split else "")
    if isinstance(kind, MapOf):
        return f"mapping: {kind.key.noun} to {kind.item.noun}"
    return kind.noun


def _cells(texts: tuple[str, ...]) -> Iterator[str]:
    return (text.replace("|", "\\|").replace("<", "&lt;") for text in texts)
