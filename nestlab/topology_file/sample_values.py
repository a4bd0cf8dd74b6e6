"""Sample values in place of unreadable ones: those that a finding could depend on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nestlab.model.origin import KeyPath
from nestlab.topology_file.key_types import Kind, ListOf, MapOf, Scalar, Shape
from nestlab.topology_file.keys import TOPOLOGY
from nestlab.topology_file.scalars import BOOLEAN, SIZE, VERSION

_KNOWN = (
    (BOOLEAN, ("true", "false")),
    (SIZE, ("32MB", "4GB", "64TB")),  # from the least memory of a VM to the largest disk
    (VERSION, ("5.0", "8.0", "10.0")),
)

_FEW = 5


def sample_values(kind: Kind | None) -> tuple[str, ...]:
    """Return sample texts of a kind; what is true of all samples is true of any value.

    These are all words of a choice, or the ends of a range. Empty for kinds such as names and
    addresses, for which a few samples cannot represent all values.

    >>> sample_values(BOOLEAN), sample_values(kind_at(("vms", 0, "generation")))
    (('true', 'false'), ('1', '2'))
    """
    if not isinstance(kind, Scalar):
        return ()
    known = next((texts for scalar, texts in _KNOWN if scalar is kind), ())
    return known or _from_schema(kind.schema)


def words_of(kind: Kind) -> tuple[str, ...]:
    """Return the words or numbers that a value can be; empty where numbers are more than 5.

    >>> words_of(BOOLEAN), words_of(kind_at(("vms", 0, "generation")))
    ((), ('1', '2'))
    """
    schema = kind.schema if isinstance(kind, Scalar) else {}
    first = (schema.get("anyOf") or [schema])[0]
    if first.get("type") == "integer" and {"minimum", "maximum"} <= first.keys():
        numbers = range(first["minimum"], first["maximum"] + 1)
        return tuple(map(str, numbers)) if len(numbers) <= _FEW else ()
    return tuple(map(str, first.get("enum", ())))


def _from_schema(schema: Mapping[str, Any]) -> tuple[str, ...]:
    first = (schema.get("anyOf") or [schema])[0]
    if "enum" in first and "anyOf" in schema:
        return tuple(map(str, first["enum"]))
    if first.get("type") == "integer" and "maximum" in first:
        return tuple(dict.fromkeys((str(first["minimum"]), str(first["maximum"]))))
    return ()


def kind_at(keys: KeyPath) -> Kind | None:
    """Return the kind of the value at a key path of a topology; None if there is none.

    >>> kind_at(("vms", 2, "guest", "os")).noun, kind_at(("vms", 2, "gust"))
    ('windows, linux or none', None)
    """
    kind: Kind = TOPOLOGY
    for key in keys:
        if isinstance(kind, ListOf | MapOf):
            kind = kind.item
        elif isinstance(kind, Shape) and key in kind.by_name:
            kind = kind.by_name[str(key)].value_kind
        else:
            return None
    return kind
