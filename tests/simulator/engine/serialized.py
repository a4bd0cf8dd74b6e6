"""How values that were read from CLIXML are compared with what the engine reads.

A row of ``serialize.jsonl`` and ``deserialize.jsonl`` has CLIXML, and in `gives` the engine's
reading: null, truth values, texts and Int32 are plain; a table of one .NET type is another plain
value, with its `names` where the type is another; `list`, `table`, `enum` (name, number) and
`object` (its text) have the type `names`, and `with` the properties. `any` was not written down.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from nestlab.model import EnumValue, Record
from tests.simulator.engine.notation import EPOCH, TICK

_TEXTS = {"Version", "Uri", "Xml.XmlDocument", "XmlDocument", "IPAddress", "CultureInfo"}
_REBUILT = {"IPAddress", "CultureInfo"}


def same(wanted: Any, found: Any) -> bool:
    """Whether a value is what the engine read; a record stands for what it carries."""
    if isinstance(wanted, Mapping) and "any" in wanted:
        return True
    if isinstance(found, Record) and not (isinstance(wanted, Mapping) and "object" in wanted):
        return _carries(wanted, found) or _is_shown(wanted, found)
    if not isinstance(wanted, Mapping):
        return type(found) is type(wanted) and found == wanted
    kind, content = next(iter(wanted.items()))
    return _same_kind(kind, content, wanted, found)


def _carries(wanted: Any, found: Record) -> bool:
    if not same(_without_notes(wanted), found.get("Value")):
        return False
    notes = wanted.get("with", ()) if isinstance(wanted, Mapping) else ()
    return all(name in found.properties and same(node, found[name]) for name, node in notes)


def _is_shown(wanted: Any, found: Record) -> bool:
    """Whether an object that .NET rebuilds from its text has that text, such as an IPAddress."""
    plain = wanted.get("plain", wanted) if isinstance(wanted, Mapping) else {}
    kind, content = next(iter(plain.items())) if isinstance(plain, Mapping) and plain else ("", "")
    return kind in _REBUILT and found.text == content


def _without_notes(wanted: Any) -> Any:
    if not isinstance(wanted, Mapping):
        return wanted
    if "plain" in wanted:
        return wanted["plain"]
    return {key: value for key, value in wanted.items() if key != "with"}


def _same_kind(kind: str, content: Any, wanted: Mapping[str, Any], found: Any) -> bool:
    match kind:
        case "plain":
            return same(content, found)
        case "list":
            return (
                isinstance(found, list)
                and len(found) == len(content)
                and all(same(one, other) for one, other in zip(content, found, strict=True))
            )
        case "table":
            return (
                isinstance(found, Mapping)
                and len(found) == len(content)
                and all(_has(found, key, value) for key, value in content)
            )
        case "enum":
            return isinstance(found, EnumValue) and (found.name, found.number) == tuple(content)
        case "object":
            return _same_object(wanted, found)
        case _:
            return _same_plain(kind, content, found)


def _has(found: Mapping[Any, Any], key: Any, value: Any) -> bool:
    return any(same(key, own) and same(value, found[own]) for own in found)


def _same_object(wanted: Mapping[str, Any], found: Any) -> bool:
    if not isinstance(found, Record) or _names(found.type_names) != _names(wanted["names"]):
        return False
    properties = wanted.get("with", ())
    return [name for name, _ in properties] == list(found.properties) and all(
        same(node, found[name]) for name, node in properties
    )


def _names(names: Iterable[str]) -> list[str]:
    return [name.removeprefix("Deserialized.") for name in names]


def _same_plain(kind: str, content: Any, found: Any) -> bool:
    match kind:
        case "Double" | "Single":
            return isinstance(found, float) and repr(found) == repr(
                float(content.replace("Infinity", "inf"))
            )
        case "Decimal":
            return Decimal(content) == found
        case "Guid":
            return found == UUID(content)
        case "TimeSpan":
            return found == timedelta(microseconds=_toward_zero(int(content), TICK))
        case "DateTime":
            return _same_moment(content, found)
        case "Char":
            return found == content
        case "Byte[]":
            return isinstance(found, bytes)
        case _ if kind in _TEXTS:
            return isinstance(found, str)
        case _:
            return isinstance(found, int) and str(int(found)) == content


def _toward_zero(number: int, divisor: int) -> int:
    return abs(number) // divisor * (1 if number >= 0 else -1)


def _same_moment(content: list[Any], found: Any) -> bool:
    if not isinstance(found, datetime):
        return False
    moment = EPOCH + timedelta(microseconds=int(content[0]) // TICK)
    if content[1] == "Unspecified":
        return found == moment
    if content[1] == "Utc":
        return found == moment.replace(tzinfo=UTC)
    utc = EPOCH + timedelta(microseconds=int(content[-1]) // TICK)
    return found.tzinfo is not None and found.astimezone(UTC) == utc.replace(tzinfo=UTC)
