"""From the value somebody typed to the type a parameter has, by PowerShell's rules (about_Type_Conversion)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from nestlab.model import EnumValue, Record, Secret, Size, Switch
from nestlab.model.cmdlet import Value
from nestlab.simulator.powershell.object_types import enum_table


class Refused(Exception):
    """A value does not convert. `reason` is .NET's sentence; `kind` is set where conversion is not even tried."""

    def __init__(self, reason: str, kind: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.kind = kind


_INTEGERS = {
    "Byte": (0, 2**8 - 1, "an unsigned byte"),
    "Int16": (-(2**15), 2**15 - 1, "an Int16"),
    "Int32": (-(2**31), 2**31 - 1, "an Int32"),
    "Int64": (-(2**63), 2**63 - 1, "an Int64"),
    "UInt16": (0, 2**16 - 1, "a UInt16"),
    "UInt32": (0, 2**32 - 1, "a UInt32"),
    "UInt64": (0, 2**64 - 1, "a UInt64"),
}
_NUMBER = re.compile(r"\s*([+-]?)(?:0x([0-9a-f]+)|(\d+(?:\.\d*)?(?:e[+-]?\d+)?))\s*([kmgtp]b)?\s*", re.IGNORECASE)
_FACTORS = {"": 1, "kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30, "tb": 1 << 40, "pb": 1 << 50}


def net_type_of(value: Value) -> str:
    """Return the .NET type name of a value.

    >>> net_type_of("x"), net_type_of(True), net_type_of(2**40), net_type_of([1])
    ('System.String', 'System.Boolean', 'System.Int64', 'System.Object[]')
    """
    match value:
        case bool():
            return "System.Boolean"
        case Size():
            return "System.Int64"
        case int():
            return "System.Int32" if -(2**31) <= value < 2**31 else "System.Int64"
        case Record():
            return value.type_names[0] if value.type_names else "System.Object"
        case Mapping():
            return "System.Collections.Hashtable"
        case list() | tuple():
            return "System.Object[]"
    for kind, name in _NET_TYPES:
        if isinstance(value, kind):
            return name
    return "System.Object"


_NET_TYPES: tuple[tuple[type, str], ...] = (
    (str, "System.String"),
    (float, "System.Double"),
    (datetime, "System.DateTime"),
    (timedelta, "System.TimeSpan"),
    (UUID, "System.Guid"),
    (Switch, "System.Management.Automation.SwitchParameter"),
    (Secret, "System.Management.Automation.PSCredential"),
)


def text_of(value: Value) -> str:
    """Return a value as PowerShell writes it into a string.

    >>> text_of(True), text_of(Size.parse("1KB")), text_of(None), text_of([1, "a"])
    ('True', '1024', '', '1 a')
    """
    match value:
        case None:
            return ""
        case Switch():
            return str(value is Switch.ON)
        case Record():
            return value.text
        case Size():
            return int.__repr__(value)
        case list() | tuple():
            return " ".join(text_of(item) for item in value)
        case Mapping():
            return "System.Collections.Hashtable"
        case _:
            return str(value)


def convert(value: Value, type_name: str, net_type: str, enum: Mapping[str, int] | None = None) -> Value:
    """Convert one value to one (not array) type. Raises Refused.

    >>> convert("4GB", "Int64", "System.Int64"), convert(5, "String", "System.String"), convert("off", "OnOffState", "OnOffState")
    (4294967296, '5', EnumValue(name='Off', number=1))
    """
    if isinstance(value, list | tuple) and type_name not in _TAKE_LISTS:
        msg = "Specified method is not supported."
        raise Refused(msg, net_type_of(value))
    if type_name in _INTEGERS:
        return _to_integer(value, type_name, net_type)
    if type_name in _CONVERTERS:
        return _CONVERTERS[type_name](value, net_type)
    numbers = enum if enum is not None else enum_table(type_name)
    if numbers is not None:
        return to_enum(value, numbers, net_type)
    return _to_object(value, type_name, net_type)


def _cannot_convert(value: Value, net_type: str, error: str) -> Refused:
    return Refused(f'Cannot convert value "{text_of(value)}" to type "{net_type}". Error: "{error}"')


def _wrong_type(value: Value, net_type: str) -> Refused:
    return Refused(f'Cannot convert the "{text_of(value)}" value of type "{net_type_of(value)}" to type "{net_type}".')


def _to_string(value: Value, _net_type: str) -> Value:
    return text_of(value)


def _to_switch(value: Value, net_type: str) -> Value:
    # An argument without a value arrives as null, and means that the switch is there.
    if value is None or value is Switch.ON:
        return Switch.ON
    return Switch.ON if _to_boolean(value, net_type) else Switch.OFF


def _to_boolean(value: Value, _net_type: str) -> Value:
    match value:
        case Switch():
            return value is Switch.ON
        case bool() | int() | float():
            return bool(value)
        case _:
            raise Refused(
                f'Cannot convert value "{net_type_of(value)}" to type "System.Boolean". Boolean parameters accept only Boolean values '
                "and numbers, such as $True, $False, 1 or 0.",
                net_type_of(value),
            )


def _to_integer(value: Value, type_name: str, net_type: str) -> Value:
    low, high, article = _INTEGERS[type_name]
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
            raise _wrong_type(value, net_type)
    if not low <= number <= high:
        raise _cannot_convert(value, net_type, f"Value was either too large or too small for {article}.")
    return number


def _parse_integer(text: str, net_type: str) -> int:
    if not text.strip():
        return 0
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise _cannot_convert(text, net_type, "Input string was not in a correct format.")
    sign, hexadecimal, decimal, unit = match.groups()
    factor = _FACTORS[(unit or "").lower()]
    plain = hexadecimal is None and decimal.isdigit()
    try:
        magnitude = int(hexadecimal, 16) * factor if hexadecimal else int(decimal) * factor if plain else round(float(decimal) * factor)
    except (OverflowError, ValueError):
        raise _cannot_convert(text, net_type, "Value was either too large or too small.") from None
    return -magnitude if sign == "-" else magnitude


def _to_double(value: Value, net_type: str) -> Value:
    match value:
        case None:
            return 0.0
        case bool() | int() | float():
            return float(value)
        case str():
            match = _NUMBER.fullmatch(value)
            if match is None or match[2]:
                raise _cannot_convert(value, net_type, "Input string was not in a correct format.")
            return float(match[1] + match[3]) * _FACTORS[(match[4] or "").lower()]
        case _:
            raise _wrong_type(value, net_type)


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
            raise _cannot_convert(value, net_type, f"Invalid cast from '{net_type_of(value)}' to '{net_type}'.")
        case int():
            return _enum_number(value, numbers, net_type)
        case str():
            stripped = value.strip()
            return _enum_number(int(stripped), numbers, net_type) if stripped.isdecimal() else _enum_name(stripped, numbers, net_type)
        case _:
            raise _wrong_type(value, net_type)


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
    raise _cannot_convert(text, net_type, problem)


def _to_guid(value: Value, net_type: str) -> Value:
    if isinstance(value, UUID):
        return value
    try:
        return UUID(text_of(value)) if isinstance(value, str) else _raise(_wrong_type(value, net_type))
    except ValueError:
        error = "Guid should contain 32 digits with 4 dashes (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx)."
        raise _cannot_convert(value, net_type, error) from None


def _raise(error: Refused) -> Value:
    raise error


def _to_version(value: Value, net_type: str) -> Value:
    parts = text_of(value).split(".")
    if not 2 <= len(parts) <= 4:  # noqa: PLR2004  # System.Version has major.minor[.build[.revision]]
        raise _cannot_convert(value, net_type, "Version string portion was too short or too long.")
    if not all(part.isdecimal() for part in parts):
        raise _cannot_convert(value, net_type, "Input string was not in a correct format.")
    return ".".join(str(int(part)) for part in parts)


def _to_ip_address(value: Value, net_type: str) -> Value:
    try:
        return str(ipaddress.ip_address(text_of(value).strip()))
    except ValueError:
        raise _cannot_convert(value, net_type, "An invalid IP address was specified.") from None


_TIME = re.compile(r"(-?)(?:(\d+)\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7}))?)?")


def _to_time_span(value: Value, net_type: str) -> Value:
    match value:
        case timedelta():
            return value
        case bool():
            raise _wrong_type(value, net_type)
        case int() if abs(value) < 10**18:
            return timedelta(microseconds=value / 10)  # .NET counts ticks of 100 ns
        case str() if value.strip().isdecimal():
            return timedelta(days=int(value)) if len(value.strip()) <= 8 else _raise(_overflow(value, net_type))  # noqa: PLR2004  # .NET's limit
        case str() if match := _TIME.fullmatch(value.strip()):
            sign, days, hours, minutes, seconds, fraction = match.groups()
            if len(days or "") > 8:  # noqa: PLR2004  # the limit of TimeSpan is 10,675,199 days
                raise _overflow(value, net_type)
            span = timedelta(int(days or 0), int(seconds or 0), 0, 0, int(minutes), int(hours)) + timedelta(
                microseconds=int((fraction or "0").ljust(7, "0")) / 10
            )
            return -span if sign else span
    raise _cannot_convert(value, net_type, "String was not recognized as a valid TimeSpan.")


def _overflow(value: Value, net_type: str) -> Refused:
    return _cannot_convert(value, net_type, "The TimeSpan could not be parsed because at least one of the numeric components is out of range.")


def _to_date_time(value: Value, net_type: str) -> Value:
    if isinstance(value, datetime):
        return value
    try:
        return datetime.fromisoformat(text_of(value))
    except ValueError:
        raise _cannot_convert(value, net_type, "String was not recognized as a valid DateTime.") from None


def _to_hashtable(value: Value, net_type: str) -> Value:
    if value is None or isinstance(value, Mapping):
        return value
    raise _wrong_type(value, net_type)


def _to_credential(value: Value, net_type: str) -> Value:
    if value is None or isinstance(value, Secret):
        return value
    raise _wrong_type(value, net_type)


def _never_from_text(value: Value, net_type: str) -> Value:
    # Remoting turns a script block into text, and PowerShell does not turn text into a script block while binding.
    raise _wrong_type(value, net_type)


def _as_it_is(value: Value, _net_type: str) -> Value:
    return value


def _to_object(value: Value, type_name: str, net_type: str) -> Value:
    if value is None:
        return None
    if isinstance(value, Record) and is_instance(value, type_name):
        return value
    raise _wrong_type(value, net_type)


def is_instance(record: Record, type_name: str) -> bool:
    """Whether the record is an object of that short type, and a live one: ``Deserialized.`` and ``Selected.`` objects are not."""
    names = (name.split("#")[0].rsplit(".", 1)[-1] for name in record.type_names if not name.startswith(("Deserialized.", "Selected.")))
    return type_name in names


_TAKE_LISTS = frozenset({"Object", "PSObject", "IDictionary", "Hashtable", "SwitchParameter", "Boolean"})
_CONVERTERS: Mapping[str, Callable[[Value, str], Any]] = {
    "Boolean": _to_boolean,
    "DateTime": _to_date_time,
    "Double": _to_double,
    "Guid": _to_guid,
    "Hashtable": _to_hashtable,
    "IDictionary": _to_hashtable,
    "IPAddress": _to_ip_address,
    "Object": _as_it_is,
    "PSCredential": _to_credential,
    "PSObject": _as_it_is,
    "ScriptBlock": _never_from_text,
    "String": _to_string,
    "SwitchParameter": _to_switch,
    "TimeSpan": _to_time_span,
    "Uri": _to_string,
    "Version": _to_version,
}
