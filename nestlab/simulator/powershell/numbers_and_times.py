"""Numbers, enums and times from what somebody typed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from nestlab.model import EnumValue, Switch
from nestlab.model.cmdlet import Value
from nestlab.simulator.powershell.net_values import Refused, cannot_convert, net_type_of, text_of, wrong_type

INTEGERS = {
    "Byte": (0, 2**8 - 1, "an unsigned byte"),
    "Int16": (-(2**15), 2**15 - 1, "an Int16"),
    "Int32": (-(2**31), 2**31 - 1, "an Int32"),
    "Int64": (-(2**63), 2**63 - 1, "an Int64"),
    "UInt16": (0, 2**16 - 1, "a UInt16"),
    "UInt32": (0, 2**32 - 1, "a UInt32"),
    "UInt64": (0, 2**64 - 1, "a UInt64"),
}
_NUMBER = re.compile(r"\s*([+-]?)(?:0x([0-9a-f]+)|(\d+(?:\.\d*)?(?:e[+-]?\d+)?))\s*([kmgtp]b)?\s*", re.IGNORECASE)
_DIGITS = re.compile(r"\s*\d{1,18}\s*", re.ASCII)
_FACTORS = {"": 1, "kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30, "tb": 1 << 40, "pb": 1 << 50}


def to_integer(value: Value, type_name: str, net_type: str) -> int:
    """Convert to an integer type of .NET: null is 0, halves go to the even number, text may carry a unit. Raises Refused.

    >>> to_integer("4GB", "Int64", "System.Int64"), to_integer("0x10", "Byte", "System.Byte"), to_integer(2.5, "Int32", "System.Int32")
    (4294967296, 16, 2)
    """
    low, high, article = INTEGERS[type_name]
    match value:
        case None:
            number = 0
        case EnumValue():
            number = value.number
        case bool() | int():
            number = int(value)
        case float() if value == value and abs(value) != float("inf"):  # noqa: PLR0124  # NaN is not itself
            number = round(value)
        case str():
            number = _parse_integer(value, net_type)
        case _:
            raise wrong_type(value, net_type)
    if not low <= number <= high:
        raise cannot_convert(value, net_type, f"Value was either too large or too small for {article}.")
    return number


def _parse_integer(text: str, net_type: str) -> int:
    if not text.strip():
        return 0
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise cannot_convert(text, net_type, "Input string was not in a correct format.")
    sign, hexadecimal, decimal, unit = match.groups()
    factor = _FACTORS[(unit or "").lower()]
    plain = hexadecimal is None and decimal.isdigit()
    try:
        magnitude = int(hexadecimal, 16) * factor if hexadecimal else int(decimal) * factor if plain else round(float(decimal) * factor)
    except (OverflowError, ValueError):
        raise cannot_convert(text, net_type, "Value was either too large or too small.") from None
    return -magnitude if sign == "-" else magnitude


def to_double(value: Value, net_type: str) -> float:
    """Convert to a Double. Raises Refused."""
    match value:
        case None:
            return 0.0
        case bool() | int() | float():
            return float(value)
        case str():
            match = _NUMBER.fullmatch(value)
            if match is None or match[2]:
                raise cannot_convert(value, net_type, "Input string was not in a correct format.")
            return float(match[1] + match[3]) * _FACTORS[(match[4] or "").lower()]
        case _:
            raise wrong_type(value, net_type)


def to_enum(value: Value, numbers: Mapping[str, int], net_type: str) -> EnumValue:
    """Convert to an enum: by name in any case, by an unambiguous beginning, or by number."""
    if isinstance(value, EnumValue):
        value = value.name
    match value:
        case None:
            quoted = ",".join(numbers)
            msg = (
                f'Cannot convert null to type "{net_type}" due to enumeration values that are not valid. Specify one of the following '
                f'enumeration values and try again. The possible enumeration values are "{quoted}".'
            )
            raise Refused(msg)
        case bool() | Switch() | timedelta() | datetime() | UUID():
            raise cannot_convert(value, net_type, f"Invalid cast from '{net_type_of(value)}' to '{net_type}'.")
        case int():
            return _enum_number(value, numbers, net_type)
        case str():
            return _enum_number(int(value), numbers, net_type) if _DIGITS.fullmatch(value) else _enum_name(value.strip(), numbers, net_type)
        case _:
            raise wrong_type(value, net_type)


def _enum_number(number: int, numbers: Mapping[str, int], net_type: str) -> EnumValue:
    for name, known in numbers.items():
        if known == number:
            return EnumValue(name, known)
    msg = (
        f'Cannot convert value "{number:d}" to type "{net_type}" due to enumeration values that are not valid. Specify one of the '
        f'following enumeration values and try again. The possible enumeration values are "{",".join(numbers)}".'
    )
    raise Refused(msg)


def _enum_name(text: str, numbers: Mapping[str, int], net_type: str) -> EnumValue:
    exact = [name for name in numbers if name.lower() == text.lower()]
    matches = exact or [name for name in numbers if text and name.lower().startswith(text.lower())]
    if len(matches) == 1:
        return EnumValue(matches[0], numbers[matches[0]])
    listed = ", ".join(matches or numbers)
    problem = (
        f"The identifier name {text} cannot be processed because it matches multiple enumerator names. Try a more specific name or "
        f"one of the following enumerator names: {listed}"
        if matches
        else f"Unable to match the identifier name {text} to a valid enumerator name. Specify one of the following enumerator names "
        f"and try again: {listed}"
    )
    raise cannot_convert(text, net_type, problem)


_TIME = re.compile(r"(-?)(?:(\d{1,8})\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7}))?)?|(-?)(\d{1,8})", re.ASCII)
_TICKS_PER_MICROSECOND = 10


def to_time_span(value: Value, net_type: str) -> timedelta:
    """Convert to a TimeSpan: ``d.hh:mm:ss``, a text of digits counts days, a number counts ticks of 100 ns. Raises Refused.

    >>> to_time_span("00:01:30", "System.TimeSpan"), to_time_span(10_000_000, "System.TimeSpan")
    (datetime.timedelta(seconds=90), datetime.timedelta(seconds=1))
    """
    if isinstance(value, timedelta):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63:
        return timedelta(microseconds=value // _TICKS_PER_MICROSECOND)
    match = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise cannot_convert(value, net_type, "String was not recognized as a valid TimeSpan.")
    minus, days, hours, minutes, seconds, fraction, minus_days, only_days = match.groups()
    span = timedelta(
        days=int(days or only_days or 0),
        hours=int(hours or 0),
        minutes=int(minutes or 0),
        seconds=int(seconds or 0),
        microseconds=int((fraction or "0").ljust(7, "0")) // _TICKS_PER_MICROSECOND,
    )
    return -span if minus or minus_days else span


def to_date_time(value: Value, net_type: str) -> datetime:
    """Convert to a DateTime from ISO 8601. Raises Refused."""
    if isinstance(value, datetime):
        return value
    try:
        return datetime.fromisoformat(text_of(value))
    except ValueError:
        raise cannot_convert(value, net_type, "String was not recognized as a valid DateTime.") from None
