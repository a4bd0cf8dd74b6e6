"""Primitive values of CLIXML and its encoded text (MS-PSRP 2.2.5.1, 2.2.5.3.2)."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from nestlab.model import Secret
from nestlab.pattern import pattern

REPLACEMENT = "\ufffd"
"""Replaces a character that XML does not allow."""

_ESCAPED = pattern("((?:_x[0-9A-Fa-f]{4}_)+)")
_ENTITY = pattern("&(?:#x([0-9A-Fa-f]{1,6})|#([0-9]{1,7})|(lt|gt|amp|quot|apos));|&")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_REFERENCE = pattern("&#(?:x([0-9A-Fa-f]{1,6})|([0-9]{1,7}));")
_FORBIDDEN = pattern("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CODE_POINTS = 0x110000
_DURATION = pattern(r"(-)?P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d+))?S)?)?$")
_FRACTION = pattern(r"(\.\d{6})\d+")
_MICROSECONDS = 6


class NotSimpleXml(Exception):
    """The text is not in the subset of XML that serializers write."""


def replace_forbidden(xml: str) -> tuple[str, int]:
    r"""Return the XML with forbidden characters replaced, and how many there were.

    PowerShell writes U+FFFE and U+FFFF into its XML, which XML 1.0 does not allow.

    >>> replace_forbidden("<S>a&#xFFFE;&#65535;\ufffe&#65;</S>")
    ('<S>a\ufffd\ufffd\ufffd&#65;</S>', 3)
    """
    count = 0

    def reference(match: re.Match[str]) -> str:
        nonlocal count
        code = int(match[1], 16) if match[1] else int(match[2])
        if code < _CODE_POINTS and not _FORBIDDEN.match(chr(code)):
            return match[0]
        count += 1
        return REPLACEMENT

    xml, raw = _FORBIDDEN.subn(REPLACEMENT, _REFERENCE.sub(reference, xml))
    return xml, count + raw


def unescaped(text: str) -> str:
    """Return text with its XML entities replaced."""
    return _ENTITY.sub(_entity, text) if "&" in text else text


def _entity(match: re.Match[str]) -> str:
    hexadecimal, decimal, name = match.groups()
    if name:
        return _NAMED[name]
    if not hexadecimal and not decimal:
        raise NotSimpleXml
    code = int(hexadecimal, 16) if hexadecimal else int(decimal)
    return chr(code) if code < _CODE_POINTS and not _FORBIDDEN.match(chr(code)) else REPLACEMENT


def decoded(text: str) -> str:
    r"""Return the text of an element, without XML entities and CLIXML escapes.

    >>> decoded("a_x000A_b &amp; c"), decoded("_x005F_x0041_"), decoded("_xD83D__xDE00_")
    ('a\nb & c', '_x0041_', '😀')
    """
    text = unescaped(text)
    return _ESCAPED.sub(_decode_run, text) if "_x" in text else text


def _decode_run(match: re.Match[str]) -> str:
    units = b"".join(
        bytes.fromhex(match[0][start + 2 : start + 6]) for start in range(0, len(match[0]), 7)
    )
    return units.decode("utf-16-be", "surrogatepass")


def _date(text: str) -> datetime:
    # .NET writes seven digits of a second, Python supports six.
    return datetime.fromisoformat(_FRACTION.sub(r"\1", text))


def _time_span(text: str) -> timedelta | str:
    match = _DURATION.match(text)
    if match is None:
        return text
    sign, days, hours, minutes, seconds, fraction = match.groups()
    # The seventh digit of a second is truncated.
    microseconds = int(((fraction or "") + "0" * _MICROSECONDS)[:_MICROSECONDS])
    span = timedelta(
        days=int(days or 0),
        hours=int(hours or 0),
        minutes=int(minutes or 0),
        seconds=int(seconds or 0),
        microseconds=microseconds,
    )
    return -span if sign else span


def _or_text(convert: Callable[[str], Any]) -> Callable[[str], Any]:
    """Return a reader that returns the text itself if it cannot be converted."""

    def read(text: str) -> Any:
        try:
            return convert(text)
        except (ArithmeticError, OverflowError, ValueError):
            return text

    return read


SCALARS: Mapping[str, Callable[[str], Any]] = {
    **dict.fromkeys(("S", "URI", "XD", "SBK", "Version"), decoded),
    **dict.fromkeys(("By", "SB", "U16", "I16", "U32", "I32", "U64", "I64"), _or_text(int)),
    **dict.fromkeys(("Sg", "Db"), _or_text(float)),
    "B": lambda text: text.lower() in {"true", "1"},
    "BA": _or_text(base64.b64decode),
    "C": _or_text(lambda text: chr(int(text))),
    "D": _or_text(Decimal),
    "DT": _or_text(_date),
    "G": _or_text(UUID),
    "Nil": lambda _text: None,
    # A secure string is not decrypted.
    "SS": lambda _text: Secret("secure string"),  # not shown
    "TS": _or_text(_time_span),
}
"""The reader of each element that is a primitive value."""

SCALAR_NAMES: Mapping[str, str] = {
    "B": "System.Boolean",
    "BA": "System.Byte[]",
    "By": "System.Byte",
    "C": "System.Char",
    "D": "System.Decimal",
    "DT": "System.DateTime",
    "Db": "System.Double",
    "G": "System.Guid",
    "I16": "System.Int16",
    "I32": "System.Int32",
    "I64": "System.Int64",
    "S": "System.String",
    "SB": "System.SByte",
    "SBK": "System.Management.Automation.ScriptBlock",
    "SS": "System.Security.SecureString",
    "Sg": "System.Single",
    "TS": "System.TimeSpan",
    "U16": "System.UInt16",
    "U32": "System.UInt32",
    "U64": "System.UInt64",
    "URI": "System.Uri",
    "Version": "System.Version",
    "XD": "System.Xml.XmlDocument",
}
"""The .NET types of primitive values."""
