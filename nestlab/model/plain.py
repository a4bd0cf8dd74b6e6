"""Declared values as the plain data of a topology file: dictionaries, lists, texts, numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields
from functools import cache
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Any

from nestlab.model.size import Size

Plain = Any  # what JSON and YAML know: bool, int, str, list, dict


class Declared:
    """A value that a topology file declares.

    Subclasses are frozen dataclasses whose fields are the keys of the file, in its order. A field
    that the file calls by another name says so in its metadata, ``{"key": "from"}``, and one that
    it writes in its own notation, ``{"write": function}``.
    """

    def to_dict(self) -> dict[str, Any]:
        """Return the plain data of the topology file; what equals its default is left out."""
        found: dict[str, Plain] = {}
        kind: Any = type(self)
        for attribute, key, default, write in _written_fields(kind):
            value = getattr(self, attribute)
            if value is not None and value != default:
                found[key] = write(value)
        return found


def plain(value: Any) -> Plain:
    """Return one value as the file says it.

    >>> plain(Size(8 << 30)), plain((IPv4Address("10.0.0.1"), 5))
    ('8GB', ['10.0.0.1', 5])
    """
    return _WRITERS.get(type(value), _declared_or_text)(value)


def _declared_or_text(value: Any) -> Plain:
    return value.to_dict() if isinstance(value, Declared) else str(value)


def _same(value: Plain) -> Plain:
    return value


def _size(size: Size) -> str | int:
    return text if (text := str(size)).endswith("B") else int(size)


_WRITERS: Mapping[type, Callable[[Any], Plain]] = {
    bool: _same,
    int: _same,
    str: _same,
    Size: _size,
    IPv4Address: str,
    IPv4Interface: str,
    IPv4Network: str,
    tuple: lambda items: [plain(item) for item in items],
}


@cache
def _written_fields(kind: Any) -> tuple[tuple[str, str, Any, Callable[[Any], Plain]], ...]:
    return tuple(
        (
            item.name,
            item.metadata.get("key", item.name),
            _default(item),
            item.metadata.get("write", plain),
        )
        for item in fields(kind)
        if item.compare
    )


def _default(item: Field[Any]) -> Any:
    return item.default if item.default_factory is MISSING else item.default_factory()
