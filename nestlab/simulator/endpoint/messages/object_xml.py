"""Records as CLIXML, in which remoting carries objects to depth 1 (MS-PSRP 2.2.5)."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from nestlab.model import EnumValue, Record
from nestlab.pattern import pattern
from nestlab.simulator.powershell.object_texts import LazyTextRecord
from nestlab.simulator.powershell.objects import is_custom, is_scalar, scalar_value
from nestlab.simulator.powershell.values.object_types import (
    DotNetEnum,
    enum_type_name,
    property_kinds,
)

ENUM_TYPES = ("System.Enum", "System.ValueType", "System.Object")
_ARRAY_TYPES = ("System.Object[]", "System.Array", "System.Object")
_TABLE_TYPES = ("System.Collections.Hashtable", "System.Object")
_INTEGERS = (("I32", 1 << 31), ("I64", 1 << 63))
_NUMBER_TAGS = {
    "Byte": "By",
    "SByte": "SB",
    "Int16": "I16",
    "UInt16": "U16",
    "UInt32": "U32",
    "Int64": "I64",
    "UInt64": "U64",
}
# Between them .NET writes a Double without an exponent.
_MINIMUM_EXPONENT, _MAXIMUM_EXPONENT = -5, 15
_PLAIN = frozenset({str, int, bool, type(None), timedelta, UUID, bytes})
# -0.0 equals 0.0, and a time equals the same instant in another time zone: a cache mixes them up.
_EQUAL_BUT_DIFFERENT = frozenset({float, datetime})
# MS-PSRP 2.2.5.3.2: characters that XML does not allow, surrogates, and "_x" itself are written as
# _xHHHH_.
_ENCODED = pattern("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\U00010000-\U0010ffff]|_(?=[xX])")


def record_xml(record: Record) -> str:
    """Return the CLIXML of one record, flattened as `serialization.flatten` does.

    >>> record_xml(Record(("Type",), {"Name": "A"}, ""))
    '<Obj RefId="0"><TN RefId="0"><T>Type</T></TN><Props><S N="Name">A</S></Props></Obj>'
    >>> record_xml(Record(("System.String", "System.Object"), {"Value": "a", "PSPath": "b"}, "a"))
    '<Obj RefId="0"><S>a</S><MS><S N="PSPath">b</S></MS></Obj>'
    """
    if is_scalar(record):
        return _scalar_xml(record)
    custom = is_custom(record.type_names)
    writer = _Writer(record.type_names, enums_as_strings=not custom)
    properties = _members(record, writer)
    text = "" if custom or not record.text else f"<ToString>{encoded(record.text)}</ToString>"
    # Objects of Select-Object and [pscustomobject] have note properties (MS) and no string form;
    # .NET objects have adapted properties (Props).
    bag = "MS" if custom else "Props"
    return f'<Obj RefId="0">{type_names_xml(record.type_names, 0)}{text}<{bag}>{properties}</{bag}></Obj>'


def _scalar_xml(record: Record) -> str:
    """Return the CLIXML of a plain value; an enum value and a collection are objects themselves."""
    writer = _Writer()
    value = writer.element("", scalar_value(record))
    notes = "".join(
        [writer.element(name, note) for name, note in record.properties.items() if name != "Value"]
    )
    if not notes:
        return value
    if value.startswith("<Obj"):
        return f"{value.removesuffix('</Obj>')}<MS>{notes}</MS></Obj>"
    return f'<Obj RefId="0">{value}<MS>{notes}</MS></Obj>'


def record_message(record: Record) -> bytes:
    """Return the CLIXML of one record in UTF-8; it is cached on records that cache results."""
    derived = record.derived if type(record) is LazyTextRecord else None
    if derived is None:
        return record_xml(record).encode()
    cached: bytes | None = derived.get(record_message)
    if cached is None:
        cached = derived[record_message] = record_xml(record).encode()
    return cached


def _members(record: Record, writer: _Writer) -> str:
    tags = _number_tags(record.type_names[0]) if record.type_names else {}
    return "".join(
        [
            _plain(name, tags.get(name, int) if kind is int else kind, value)
            if (kind := value.__class__) in _PLAIN
            else writer.element(name, value)
            for name, value in record.properties.items()
        ]
    )


@cache
def _number_tags(type_name: str) -> Mapping[str, str]:
    """Return the element name of each numeric property of a type that is not an Int32."""
    return {
        name: _NUMBER_TAGS[kind]
        for name, kind in property_kinds(type_name).items()
        if kind in _NUMBER_TAGS
    }


def plain_xml(name: str, value: Any) -> str:
    """Return a plain value as a member with this name."""
    kind = value.__class__
    return (_plain if kind in _PLAIN else _plain_element)(name, kind, value)


def value_xml(value: Any) -> str:
    """Return the CLIXML of a plain value.

    >>> value_xml(5), value_xml(1 << 40), value_xml("a_x")
    ('<I32>5</I32>', '<I64>1099511627776</I64>', '<S>a_x005F_x</S>')
    """
    return _Writer().element("", value)


def escape(text: str) -> str:
    """Return text with the markup characters of XML escaped; xml.sax.saxutils imports urllib."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def encoded(text: str) -> str:
    """Return text as CLIXML writes it inside an element."""
    if _ENCODED.search(text):
        text = _ENCODED.sub(
            lambda match: "".join(f"_x{unit:04X}_" for unit in _utf16(match[0])), text
        )
    return escape(text)


@lru_cache(maxsize=2048)
def type_names_xml(names: tuple[str, ...], reference: int) -> str:
    """Return the TN element of an object."""
    return (
        f'<TN RefId="{reference}">' + "".join(f"<T>{escape(name)}</T>" for name in names) + "</TN>"
        if names
        else ""
    )


def double_text(value: float) -> str:
    """Return a Double as .NET writes it to XML (XmlConvert.ToString).

    >>> [double_text(value) for value in (1e20, 2.0, 0.1, -0.0, 1e-7, math.nan, -math.inf)]
    ['1E+20', '2', '0.1', '-0', '1E-07', 'NaN', '-INF']
    """
    if math.isinf(value):
        return "INF" if value > 0 else "-INF"
    if math.isnan(value):
        return "NaN"
    number = Decimal(repr(value)).normalize()
    exponent = number.adjusted()
    if number == 0 or _MINIMUM_EXPONENT <= exponent < _MAXIMUM_EXPONENT:
        return format(number, "f")
    mantissa = format(number.scaleb(-exponent), "f")
    return f"{mantissa}E{'+' if exponent > 0 else '-'}{abs(exponent):02d}"


def duration(value: timedelta) -> str:
    """Return a TimeSpan as an XML duration.

    >>> duration(timedelta(hours=1, seconds=30)), duration(-timedelta(days=1))
    ('PT1H30S', '-P1D')
    """
    microseconds = value // timedelta(microseconds=1)
    sign, microseconds = ("-", -microseconds) if microseconds < 0 else ("", microseconds)
    minutes, rest = divmod(microseconds, 60_000_000)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    seconds = f"{rest // 1_000_000}.{rest % 1_000_000:06d}".rstrip("0").rstrip(".")
    time = "".join(
        f"{number}{unit}" for number, unit in ((hours, "H"), (minutes, "M")) if number
    ) + (f"{seconds}S" if rest else "")
    if not days and not time:
        return "PT0S"
    return f"{sign}P{f'{days}D' if days else ''}{'T' + time if time else ''}"


def _utf16(character: str) -> list[int]:
    data = character.encode("utf-16-be", "surrogatepass")
    return [int.from_bytes(data[start : start + 2], "big") for start in range(0, len(data), 2)]


class _Writer:
    """Writes the values of one document; each nested object and type list gets a RefId."""

    def __init__(self, types: tuple[str, ...] = (), *, enums_as_strings: bool = False) -> None:
        self._enums_as_strings = enums_as_strings
        self._objects = 0
        self._types = {types: 0} if types else {}

    def element(self, name: str, value: Any) -> str:
        """Return the element of a property, or of a list item if `name` is empty."""
        kind = value.__class__
        if kind in _PLAIN:
            return _plain(name, kind, value)
        if kind in _EQUAL_BUT_DIFFERENT:
            return _plain_element(name, kind, value)
        match value:
            case list() | tuple():
                beginning = self._begin(name, _ARRAY_TYPES)
                items = "".join([self.element("", item) for item in value])
                return (
                    f"{beginning}<LST>{items}</LST></Obj>" if items else f"{beginning}<LST /></Obj>"
                )
            case EnumValue() if self._enums_as_strings:
                return _plain(name, str, value.name)
            case EnumValue():
                own = (enum_type_name(value.enum),) if isinstance(value, DotNetEnum) else ()
                return f"{self._begin(name, own + ENUM_TYPES)}<ToString>{encoded(value.name)}</ToString><I32>{value.number}</I32></Obj>"
            case Mapping():
                beginning = self._begin(name, _TABLE_TYPES)
                entries = [
                    f"<En>{self.element('Key', item)}{self.element('Value', content)}</En>"
                    for item, content in value.items()
                ]
                return (
                    f"{beginning}<DCT>{''.join(entries)}</DCT></Obj>"
                    if entries
                    else f"{beginning}<DCT /></Obj>"
                )
            case Record() if is_custom(value.type_names):
                members = "".join(
                    [self.element(key, item) for key, item in value.properties.items()]
                )
                return f"{self._begin(name, value.type_names)}<MS>{members}</MS></Obj>"
            case Record():
                return _plain(name, str, value.text)
            case int() | float() | str():
                return _plain(name, kind, value)
            case _:
                return _plain(name, str, str(value))

    def _begin(self, name: str, types: tuple[str, ...]) -> str:
        """Return the start tag of an object; a type list is written once, then referenced."""
        self._objects += 1
        number = self._types.get(types)
        if number is not None:
            return f'<Obj{_key(name)} RefId="{self._objects}"><TNRef RefId="{number}" />'
        number = self._types[types] = len(self._types)
        return f'<Obj{_key(name)} RefId="{self._objects}">{type_names_xml(types, number)}'


def _plain_element(name: str, kind: type | str, value: Any) -> str:
    """Return the element of a value; `kind` is its class, or the element name of a number."""
    key = _key(name)
    match value:
        case None:
            return f"<Nil{key} />"
        case str():
            return f"<S{key}>{encoded(value)}</S>"
        case bool():
            return f"<B{key}>{'true' if value else 'false'}</B>"
        case int():
            smallest = next((tag for tag, limit in _INTEGERS if -limit <= value < limit), "U64")
            tag = kind if isinstance(kind, str) else smallest
            return f"<{tag}{key}>{int.__repr__(value)}</{tag}>"
        case float():
            return f"<Db{key}>{double_text(value)}</Db>"
        case datetime():
            return f"<DT{key}>{value.isoformat()}</DT>"
        case timedelta():
            return f"<TS{key}>{duration(value)}</TS>"
        case UUID():
            return f"<G{key}>{value}</G>"
        case bytes():
            return f"<BA{key}>{base64.b64encode(value).decode()}</BA>"
        case _:
            msg = f"{type(value).__name__} is not a plain value"
            raise TypeError(msg)


# The kind is part of the cache key, because True equals 1, and an enum value equals its name.
_plain = lru_cache(maxsize=16384)(_plain_element)


@lru_cache(maxsize=4096)
def _key(name: str) -> str:
    return f' N="{escape(encoded_name(name)).replace(chr(34), "&quot;")}"' if name else ""


@lru_cache(maxsize=4096)
def encoded_name(name: str) -> str:
    """Return a property name as CLIXML writes it in an attribute."""
    return _ENCODED.sub(lambda match: "".join(f"_x{unit:04X}_" for unit in _utf16(match[0])), name)
