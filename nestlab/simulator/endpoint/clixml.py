"""Records as CLIXML, the form in which remoting carries objects (MS-PSRP 2.2.5), written to depth 1."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID
from xml.sax.saxutils import escape, quoteattr

from nestlab.model import EnumValue, Record
from nestlab.simulator.powershell.objects import is_scalar, scalar_value

_CUSTOM_OBJECT = "System.Management.Automation.PSCustomObject"
_ENUM_TYPES = ("System.Enum", "System.ValueType", "System.Object")
_ARRAY_TYPES = ("System.Object[]", "System.Array", "System.Object")
_TABLE_TYPES = ("System.Collections.Hashtable", "System.Object")
_INT32_LIMIT = 1 << 31
# MS-PSRP 2.2.5.3.2: characters that XML cannot carry, and "_x" itself, are written as _xHHHH_.
_ENCODED = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]|_(?=[xX])")


def record_xml(record: Record) -> str:
    """Return the CLIXML of one record; what is nested deeper than one level becomes its text.

    >>> record_xml(Record(("Some.Type",), {"Name": "HV1"}, "HV1"))
    '<Obj RefId="0"><TN RefId="0"><T>Some.Type</T></TN><ToString>HV1</ToString><Props><S N="Name">HV1</S></Props></Obj>'
    """
    if is_scalar(record):
        return value_xml(scalar_value(record))
    writer = _Writer()
    properties = "".join(writer.element(name, value) for name, value in record.properties.items())
    text = f"<ToString>{encoded(record.text)}</ToString>" if record.text else ""
    # Select-Object and [pscustomobject] make note properties; .NET objects arrive with adapted ones.
    bag = "MS" if _is_custom(record.type_names) else "Props"
    return f'<Obj RefId="0">{type_names_xml(record.type_names, 0)}{text}<{bag}>{properties}</{bag}></Obj>'


def value_xml(value: Any) -> str:
    """Return the CLIXML of a plain value.

    >>> value_xml(5), value_xml(1 << 40), value_xml("a_x")
    ('<I32>5</I32>', '<I64>1099511627776</I64>', '<S>a_x005F_x</S>')
    """
    return _Writer().element("", value)


def encoded(text: str) -> str:
    """Return text as CLIXML writes it inside an element."""
    if _ENCODED.search(text):
        text = _ENCODED.sub(lambda match: "".join(f"_x{unit:04X}_" for unit in _utf16(match[0])), text)
    return escape(text)


@lru_cache(maxsize=512)
def type_names_xml(names: tuple[str, ...], reference: int) -> str:
    """Return the TN element of an object."""
    return f'<TN RefId="{reference}">' + "".join(f"<T>{escape(name)}</T>" for name in names) + "</TN>" if names else ""


def duration(value: timedelta) -> str:
    """Return a TimeSpan as XML duration.

    >>> duration(timedelta(hours=1, seconds=30)), duration(timedelta(0)), duration(-timedelta(days=1))
    ('PT1H30S', 'PT0S', '-P1D')
    """
    microseconds = value // timedelta(microseconds=1)
    sign, microseconds = ("-", -microseconds) if microseconds < 0 else ("", microseconds)
    minutes, rest = divmod(microseconds, 60_000_000)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    seconds = f"{rest // 1_000_000}.{rest % 1_000_000:06d}".rstrip("0").rstrip(".")
    time = "".join(f"{number}{unit}" for number, unit in ((hours, "H"), (minutes, "M")) if number) + (f"{seconds}S" if rest else "")
    if not days and not time:
        return "PT0S"
    return f"{sign}P{f'{days}D' if days else ''}{'T' + time if time else ''}"


def _is_custom(names: tuple[str, ...]) -> bool:
    return bool(names) and (_CUSTOM_OBJECT in names or names[0].startswith("Selected.") or names[0].startswith("Deserialized.Selected."))


def _utf16(character: str) -> list[int]:
    data = character.encode("utf-16-be", "surrogatepass")
    return [int.from_bytes(data[start : start + 2], "big") for start in range(0, len(data), 2)]


class _Writer:
    """Gives each nested object and type list of one document its number."""

    def __init__(self) -> None:
        self._objects = 0

    def element(self, name: str, value: Any) -> str:
        """Return one property element, or a list's item where `name` is empty."""
        key = f" N={quoteattr(encoded_name(name))}" if name else ""
        match value:
            case None:
                return f"<Nil{key} />"
            case str():
                return f"<S{key}>{encoded(value)}</S>"
            case bool():
                return f"<B{key}>{'true' if value else 'false'}</B>"
            case int():
                tag = "I32" if -_INT32_LIMIT <= value < _INT32_LIMIT else "I64"
                return f"<{tag}{key}>{int.__repr__(value)}</{tag}>"
            case EnumValue():
                return self._object(key, _ENUM_TYPES, f"<ToString>{encoded(value.name)}</ToString><I32>{value.number}</I32>")
            case float():
                return f"<Db{key}>{value!r}</Db>"
            case _:
                return self._rare(key, value)

    def _rare(self, key: str, value: Any) -> str:
        match value:
            case datetime():
                return f"<DT{key}>{value.isoformat()}</DT>"
            case timedelta():
                return f"<TS{key}>{duration(value)}</TS>"
            case UUID():
                return f"<G{key}>{value}</G>"
            case bytes():
                return f"<BA{key}>{base64.b64encode(value).decode()}</BA>"
            case Record():
                return f"<S{key}>{encoded(value.text)}</S>"
            case list() | tuple():
                return self._object(key, _ARRAY_TYPES, "<LST>" + "".join(self.element("", item) for item in value) + "</LST>")
            case Mapping():
                entries = (f"<En>{self.element('Key', item)}{self.element('Value', content)}</En>" for item, content in value.items())
                return self._object(key, _TABLE_TYPES, "<DCT>" + "".join(entries) + "</DCT>")
            case _:
                return f"<S{key}>{encoded(str(value))}</S>"

    def _object(self, key: str, types: tuple[str, ...], content: str) -> str:
        self._objects += 1
        return f'<Obj{key} RefId="{self._objects}">{type_names_xml(types, self._objects)}{content}</Obj>'


@lru_cache(maxsize=4096)
def encoded_name(name: str) -> str:
    """Return a property name as CLIXML writes it in an attribute."""
    return _ENCODED.sub(lambda match: "".join(f"_x{unit:04X}_" for unit in _utf16(match[0])), name)
