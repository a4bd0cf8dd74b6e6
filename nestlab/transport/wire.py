"""Values on the wire: cmdlet parameters to CLIXML, CLIXML to records (MS-PSRP 2.2.5)."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID
from xml.etree import ElementTree as ET

from pypsrp.complex_objects import PSCredential
from pypsrp.serializer import Serializer, TaggedValue

from nestlab.model import EnumValue, Record, Secret, Switch
from nestlab.model.cmdlet import Value

_INT32_LIMIT = 1 << 31
_ESCAPED = re.compile("((?:_x[0-9A-Fa-f]{4}_)+)")
_DURATION = re.compile(r"(-)?P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d+))?S)?)?$")
_FRACTION = re.compile(r"(\.\d{6})\d+")
_MICROSECONDS = 6


def wire_value(value: Value) -> Any:
    """Return what pypsrp sends for a parameter's value; secrets need the session key of their pool.

    pypsrp itself sends every int as Int32, every float as Single, and no date at all.
    """
    match value:
        case None | Switch.ON:
            # A parameter without a value is, to a switch, its presence.
            return None
        case Switch.OFF:
            return False
        case Secret():
            return credential(value.username, value.value) if value.username else TaggedValue("SS", value.value)
        case Mapping():
            return {str(key): wire_value(item) for key, item in value.items()}
        case list() | tuple():
            return [wire_value(item) for item in value]
        case _:
            return _wire_scalar(value)


def _wire_scalar(value: Value) -> Any:
    match value:
        case bool() | bytes() | UUID():
            return value
        case int():
            return int(value) if type(value) is int and -_INT32_LIMIT <= value < _INT32_LIMIT else TaggedValue("I64", int(value))
        case float():
            return TaggedValue("Db", value)
        case EnumValue():
            return value.name
        case datetime():
            return _element("DT", value.isoformat())
        case timedelta():
            return _element("TS", _duration(value))
        case _:
            return str(value)


def credential(username: str, password: str) -> PSCredential:
    """Return a PSCredential, whose password travels under the session key."""
    return PSCredential(username=username, password=password)  # type: ignore[no-untyped-call]  # pypsrp's constructor


def _element(tag: str, text: str) -> ET.Element:
    element = ET.Element(tag)
    element.text = text
    return element


def _duration(value: timedelta) -> str:
    microseconds = value // timedelta(microseconds=1)
    sign, microseconds = ("-", -microseconds) if microseconds < 0 else ("", microseconds)
    return f"{sign}PT{microseconds // 1_000_000}.{microseconds % 1_000_000:06d}S"


class RecordReader(Serializer):
    """pypsrp's serializer, with its own reading of pipeline output.

    pypsrp loses what a date or a time span was, gives up on lists of types it does not know, and writes each node
    back as text; this reads an object once, typed.
    """

    def deserialize(self, element: Any, metadata: Any = None, clear: bool = True) -> Any:  # noqa: FBT001, FBT002  # pypsrp's signature
        """Read pipeline output, which alone comes as text without metadata, as a record; anything else as pypsrp does."""
        if isinstance(element, str) and metadata is None:
            return read_output(element)
        return super().deserialize(element, metadata, clear)


def read_output(xml: str) -> Record | None:
    """Read one object of a pipeline's output; None for a null.

    >>> read_output('<Obj RefId="0"><TN RefId="0"><T>A.B</T></TN><ToString>x</ToString><Props><I64 N="Size">5</I64></Props></Obj>')
    Record(type_names=('A.B',), properties=mappingproxy({'Size': 5}), text='x')
    """
    if not xml:
        return None
    root = ET.fromstring(xml)  # noqa: S314  # Python's expat expands no external entities, and the host is authenticated
    return _Document().record(root)


class _Document:
    """One CLIXML document: its type lists and objects may be referred to by number."""

    def __init__(self) -> None:
        self._types: dict[str, tuple[str, ...]] = {}
        self._objects: dict[str, Any] = {}

    def record(self, root: ET.Element) -> Record | None:
        """Read the document's object; a plain value becomes a record whose only property is ``Value``."""
        if root.tag != "Obj":
            value = self.value(root)
            return (
                None
                if value is None
                else Record((_SCALAR_NAMES.get(root.tag, "System.String"), "System.Object"), {"Value": value}, str(value))
            )
        names, text, properties, content = self._parts(root)
        if not properties and content is not None:
            properties = {"Value": content}
        return Record(names, properties, text)

    def value(self, element: ET.Element) -> Any:
        """Read one value: a nested object is its text, an enum value both name and number."""
        reader = _SCALARS.get(element.tag)
        if reader is not None:
            return reader(element.text or "")
        if element.tag == "Ref":
            return self._objects.get(element.get("RefId", ""))
        value = self._object(element)
        self._objects[element.get("RefId", "")] = value
        return value

    def _object(self, element: ET.Element) -> Any:
        names, text, properties, content = self._parts(element)
        if isinstance(content, list | dict) and not properties:
            return content
        if any(name.removeprefix("Deserialized.") == "System.Enum" for name in names):
            return EnumValue(text, content if isinstance(content, int) else 0)
        if content is not None and not properties:
            return content
        return text or (names[0] if names else "")

    def _parts(self, element: ET.Element) -> tuple[tuple[str, ...], str, dict[str, Any], Any]:
        names: tuple[str, ...] = ()
        text = ""
        properties: dict[str, Any] = {}
        content: Any = None
        for child in element:
            match child.tag:
                case "TN":
                    names = self._types[child.get("RefId", "")] = tuple(item.text or "" for item in child)
                case "TNRef":
                    names = self._types.get(child.get("RefId", ""), ())
                case "ToString":
                    text = decoded(child.text or "")
                case "Props" | "MS":
                    properties.update((decoded(item.get("N", "")), self.value(item)) for item in child)
                case "LST" | "IE" | "STK" | "QUE":
                    content = [self.value(item) for item in child]
                case "DCT":
                    content = dict(self._entry(entry) for entry in child)
                case _:
                    content = self.value(child)
        return names, text, properties, content

    def _entry(self, entry: ET.Element) -> tuple[Any, Any]:
        parts = {item.get("N", ""): self.value(item) for item in entry}
        return parts.get("Key"), parts.get("Value")


def decoded(text: str) -> str:
    r"""Read CLIXML's own escapes.

    >>> decoded("a_x000A_b"), decoded("_x005F_x0041_"), decoded("_xD83D__xDE00_")
    ('a\nb', '_x0041_', '😀')
    """
    if "_x" not in text:
        return text
    return _ESCAPED.sub(_decode_run, text)


def _decode_run(match: re.Match[str]) -> str:
    units = b"".join(bytes.fromhex(match[0][start + 2 : start + 6]) for start in range(0, len(match[0]), 7))
    return units.decode("utf-16-be", "surrogatepass")


def _date(text: str) -> datetime | str:
    try:
        # .NET writes seven digits of a second's fraction, Python knows six.
        return datetime.fromisoformat(_FRACTION.sub(r"\1", text))
    except ValueError:
        return text


def _time_span(text: str) -> timedelta | str:
    match = _DURATION.match(text)
    if match is None:
        return text
    sign, days, hours, minutes, seconds, fraction = match.groups()
    microseconds = int(((fraction or "") + "0" * _MICROSECONDS)[:_MICROSECONDS])
    span = timedelta(
        days=int(days or 0), hours=int(hours or 0), minutes=int(minutes or 0), seconds=int(seconds or 0), microseconds=microseconds
    )
    return -span if sign else span


@lru_cache(maxsize=4096)
def _guid(text: str) -> UUID:
    return UUID(text)


_SCALARS: Mapping[str, Callable[[str], Any]] = {
    **dict.fromkeys(("S", "URI", "XD", "SBK", "Version", "D"), decoded),
    **dict.fromkeys(("By", "SB", "U16", "I16", "U32", "I32", "U64", "I64"), int),
    **dict.fromkeys(("Sg", "Db"), float),
    "B": lambda text: text.lower() == "true",
    "BA": base64.b64decode,
    "C": lambda text: chr(int(text)),
    "DT": _date,
    "G": _guid,
    "Nil": lambda _text: None,
    # A secure string stays what it is: nobody reads passwords back.
    "SS": lambda _text: Secret("secure string"),
    "TS": _time_span,
}
_SCALAR_NAMES: Mapping[str, str] = {
    "B": "System.Boolean",
    "BA": "System.Byte[]",
    "Db": "System.Double",
    "DT": "System.DateTime",
    "G": "System.Guid",
    "I32": "System.Int32",
    "I64": "System.Int64",
    "S": "System.String",
    "Sg": "System.Single",
    "TS": "System.TimeSpan",
}
