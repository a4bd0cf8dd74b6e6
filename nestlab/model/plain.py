"""Declared values as the plain data of a topology file: dictionaries, lists, strings, numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Any, NamedTuple

from nestlab.dataclass import MISSING, fields
from nestlab.model.size import Size
from nestlab.model.vlan_ids import vlan_item_text

Plain = Any  # what JSON and YAML can express: bool, int, str, list, dict


class Declared:
    """A value that a topology file declares.

    Subclasses are frozen dataclasses whose fields are the keys of the file, in its order. The
    metadata of a field gives its key, ``{"key": "from"}``, where that differs from its name, and
    the function that writes it, ``{"write": function}``, where it has a special notation.
    """

    def to_dict(self) -> dict[str, Any]:
        """Return the plain data of the topology file, without values that equal their default."""
        found: dict[str, Plain] = {}
        kind: Any = type(self)
        for item in written_fields(kind):
            value = getattr(self, item.attribute)
            if value is not None and value != item.default:
                found[item.key] = item.write(value)
        return found


class WrittenField(NamedTuple):
    """How a field of a declared value is written: its key in the file, and its value.

    `default` is MISSING if the field has none.
    """

    attribute: str
    key: str
    default: Any
    write: Callable[[Any], Plain]


def plain(value: Any) -> Plain:
    """Return one value as plain data of the file.

    >>> plain(Size(8 << 30)), plain((IPv4Address("10.0.0.1"), 5))
    ('8GB', ['10.0.0.1', 5])
    """
    return _WRITERS.get(type(value), _declared_or_text)(value)


def _declared_or_text(value: Any) -> Plain:
    return value.to_dict() if isinstance(value, Declared) else str(value)


def _unchanged(value: Plain) -> Plain:
    return value


def _size(size: Size) -> str | int:
    return text if (text := str(size)).endswith("B") else int(size)


_WRITERS: Mapping[type, Callable[[Any], Plain]] = {
    bool: _unchanged,
    int: _unchanged,
    str: _unchanged,
    Size: _size,
    range: vlan_item_text,
    IPv4Address: str,
    IPv4Interface: str,
    IPv4Network: str,
    tuple: lambda items: [plain(item) for item in items],
}


@cache
def written_fields(kind: Any) -> tuple[WrittenField, ...]:
    """Return how each field of a declared class is written, in the order of the file.

    Fields that are excluded from comparison, such as the origin of a topology, are not written.
    """
    return tuple(
        WrittenField(
            item.name,
            item.metadata.get("key", item.name),
            item.default if item.default_factory is MISSING else item.default_factory(),
            item.metadata.get("write", plain),
        )
        for item in fields(kind)
        if item.compare
    )
