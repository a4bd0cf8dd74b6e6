"""The values in a client's messages, read from CLIXML (MS-PSRP 2.2.5)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from xml.etree import ElementTree as ET

from nestlab.dataclass import dataclass, field
from nestlab.model import Secret
from nestlab.pattern import pattern

Decrypt = Callable[[str], str]
"""Returns the plain text of a secure string; raises ValueError."""

_CREDENTIAL = "System.Management.Automation.PSCredential"
_MAX_DIGITS = 40  # more than any valid value has; Python refuses to convert thousands of digits
_INTEGER = pattern(rf"[+-]?[0-9]{{1,{_MAX_DIGITS}}}")
_MAX_INT32 = (1 << 31) - 1
_ESCAPED = pattern("(?:_x[0-9A-Fa-f]{4}_)+")
_FRACTION = pattern(r"(\.[0-9]{6})[0-9]+")
_SECONDS_OF_OFFSET = pattern(r"[+-]\d\d:\d\d:\d\d$")
_DURATION = pattern(
    r"(-)?P(?=.)(?:([0-9]+)Y)?(?:([0-9]+)M)?(?:([0-9]+)D)?"
    r"(?:T(?=.)(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)(?:\.([0-9]{1,7}))?S)?)?"
)
_DAYS_OF_YEAR, _DAYS_OF_MONTH = 365, 30  # as XmlConvert.ToTimeSpan counts them
_SPECIAL_DOUBLES = {"INF": "inf", "-INF": "-inf", "NaN": "nan"}
_NOT_DOUBLES = frozenset({"inf", "infinity", "nan"})
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}  # of XmlConvert.ToBoolean
_COLLECTIONS = frozenset({"LST", "IE", "STK", "QUE"})
_BAGS = frozenset({"Props", "MS"})


class UnreadableValue(Exception):
    """A message is not CLIXML, or has a value that .NET cannot read."""


@dataclass
class ClientObject:
    """An object with members, whose names are in lower case."""

    text: str = ""
    types: tuple[str, ...] = ()
    members: dict[str, Any] = field(default_factory=dict)

    def plain(self) -> Any:
        """Return a credential as a Secret, and any other object as its string."""
        if self.types[:1] != (_CREDENTIAL,):
            return self.text
        password = plain(self.members.get("password"))
        name = plain(self.members.get("username"))
        if not isinstance(password, Secret):
            raise UnreadableValue
        return Secret("credential", str(name), password.value)


def plain(value: Any) -> Any:
    """Return a value of a message as a value of the model.

    >>> plain([ClientObject("string"), {"key": 5}])
    ['string', {'key': 5}]
    """
    match value:
        case ClientObject():
            return value.plain()
        case list():
            return [plain(item) for item in value]
        case dict():
            return {key: plain(item) for key, item in value.items()}
        case _:
            return value


def read_message(xml: bytes, decrypt: Decrypt) -> Any:
    """Return the value of a message; an object is a `ClientObject`.

    >>> read_message(b'<Obj RefId="0"><MS><I32 N="Count">5</I32></MS></Obj>', str).members
    {'count': 5}

    Raises:
        UnreadableValue: The message is not CLIXML, or has a value that .NET cannot read.
    """
    try:
        # Without document types and entities, which begin with "<!".
        element = None if b"<!" in xml else ET.fromstring(xml)  # noqa: S314  # see above
    except ET.ParseError:
        element = None
    if element is None:
        raise UnreadableValue
    try:
        return _MessageValues(decrypt).value(element)
    except (ArithmeticError, LookupError, TypeError, ValueError, RecursionError):
        raise UnreadableValue from None


class _MessageValues:
    """Reads one message, in which objects and type lists can be referenced by their RefIds."""

    def __init__(self, decrypt: Decrypt) -> None:
        self._decrypt = decrypt
        self._objects: dict[str | None, Any] = {}
        self._types: dict[str | None, tuple[str, ...]] = {}

    def value(self, element: ET.Element) -> Any:
        tag = element.tag
        read = _SCALARS.get(tag)
        if read is not None:
            return read(element.text or "")
        if tag == "Obj":
            return self._object(element)
        if tag == "Ref":
            return self._objects[element.get("RefId")]
        if tag == "SS":
            return Secret("password", value=self._decrypt(element.text or ""))
        raise UnreadableValue

    def _object(self, element: ET.Element) -> Any:
        found = ClientObject()
        self._objects[element.get("RefId")] = found
        content: Any = found
        for part in element:
            tag = part.tag
            if tag in _BAGS:
                found.members.update(self._members(part))
            elif tag == "TN":
                found.types = tuple(decoded(name.text or "") for name in part)
                self._types[part.get("RefId")] = found.types
            elif tag == "TNRef":
                found.types = self._types[part.get("RefId")]
            elif tag == "ToString":
                found.text = decoded(part.text or "")
            else:
                content = self._content(part)
        self._objects[element.get("RefId")] = content
        return content

    def _content(self, part: ET.Element) -> Any:
        if part.tag in _COLLECTIONS:
            return [self.value(item) for item in part]
        if part.tag != "DCT":
            return self.value(part)
        entries = [self._members(entry) for entry in part]
        return {plain(entry["key"]): entry["value"] for entry in entries}

    def _members(self, bag: ET.Element) -> dict[str, Any]:
        return {decoded(item.get("N") or "").lower(): self.value(item) for item in bag}


def decoded(text: str) -> str:
    r"""Return a string with CLIXML's escape sequences decoded.

    >>> decoded("a_x000A_b"), decoded("_x005F_x0041_"), decoded("_xD83D__xDE00_")
    ('a\nb', '_x0041_', '😀')
    """
    return _ESCAPED.sub(_decoded_run, text) if "_x" in text else text


def _decoded_run(match: re.Match[str]) -> str:
    units = bytes.fromhex(match[0].replace("_x", "").replace("_", ""))
    return units.decode("utf-16-be", "surrogatepass")


def _integer(minimum: int, maximum: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not _INTEGER.fullmatch(text) or not minimum <= (number := int(text)) <= maximum:
            raise UnreadableValue
        return number

    return read


def _double(text: str) -> float:
    if text in _SPECIAL_DOUBLES:
        return float(_SPECIAL_DOUBLES[text])
    if text.lower().lstrip("+-") in _NOT_DOUBLES:
        raise UnreadableValue
    return float(text)


def _date(text: str) -> datetime:
    if _SECONDS_OF_OFFSET.search(text):
        raise UnreadableValue
    # .NET writes seven digits for fractions of a second, Python reads six.
    return datetime.fromisoformat(_FRACTION.sub(r"\1", text))


def _time_span(text: str) -> timedelta:
    match = _DURATION.fullmatch(text)
    if match is None:
        raise UnreadableValue
    sign, *units, fraction = match.groups("0")
    # XmlConvert.ToTimeSpan keeps each unit in an Int32.
    if any(len(unit) > _MAX_DIGITS or int(unit) > _MAX_INT32 for unit in units):
        raise UnreadableValue
    years, months, days, hours, minutes, seconds = map(int, units)
    span = timedelta(
        days=years * _DAYS_OF_YEAR + months * _DAYS_OF_MONTH + days,
        hours=hours,
        minutes=minutes,
        seconds=seconds,
        microseconds=int(fraction.ljust(6, "0")[:6]),
    )
    return -span if sign == "-" else span


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text)
    except binascii.Error:
        raise UnreadableValue from None


_SCALARS: Mapping[str, Callable[[str], Any]] = {
    **dict.fromkeys(("S", "URI", "XD", "SBK", "Version"), decoded),
    **{
        tag: _integer(-(1 << bits - 1), (1 << bits - 1) - 1)
        for tag, bits in (("SB", 8), ("I16", 16), ("I32", 32), ("I64", 64))
    },
    **{
        tag: _integer(0, (1 << bits) - 1)
        for tag, bits in (("By", 8), ("C", 16), ("U16", 16), ("U32", 32), ("U64", 64))
    },
    **dict.fromkeys(("Sg", "Db"), _double),
    "B": lambda text: _BOOLEANS[text.strip()],
    "BA": _bytes,
    "D": lambda text: str(Decimal(text)),
    "DT": _date,
    "G": UUID,
    "Nil": lambda _text: None,
    "TS": _time_span,
}
"""Element name -> function that reads its value."""
