"""Values in .NET: type names, string forms, conversion errors."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from nestlab.model import EnumValue, Record, Secret, Size, SwitchParameter
from nestlab.model.parameter_values import Value


class InvalidCastError(Exception):
    """A value cannot be converted. `reason` is .NET's message."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class DotNetInteger(int):
    """A whole number with an explicit .NET type."""

    dotnet_type: str

    def __new__(cls, value: int, dotnet_type: str) -> Self:
        """Return the number with the full name of its type."""
        number = super().__new__(cls, value)
        number.dotnet_type = dotnet_type
        return number


def typed_integer(kind: str, value: int) -> int:
    """Return a number with this .NET type, given without its namespace.

    >>> dotnet_type_of(typed_integer("UInt32", 5)), dotnet_type_of(typed_integer("Int32", 5))
    ('System.UInt32', 'System.Int32')
    """
    return value if kind == "Int32" else DotNetInteger(value, f"System.{kind}")


def dotnet_type_of(value: Value) -> str:
    """Return the .NET type name of a value.

    >>> dotnet_type_of("x"), dotnet_type_of(True), dotnet_type_of(2**40), dotnet_type_of([1])
    ('System.String', 'System.Boolean', 'System.Int64', 'System.Object[]')
    """
    match value:
        case bool():
            return "System.Boolean"
        case DotNetInteger():
            return value.dotnet_type
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
    for kind, name in _DOTNET_TYPES:
        if isinstance(value, kind):
            return name
    return "System.Object"


_DOTNET_TYPES: tuple[tuple[type, str], ...] = (
    (str, "System.String"),
    (float, "System.Double"),
    (datetime, "System.DateTime"),
    (timedelta, "System.TimeSpan"),
    (UUID, "System.Guid"),
    (SwitchParameter, "System.Management.Automation.SwitchParameter"),
    (Secret, "System.Management.Automation.PSCredential"),
    (EnumValue, "System.Enum"),
)


def text_of(value: Value) -> str:
    """Return a value as PowerShell converts it to a string, in the invariant culture.

    >>> text_of(True)
    'True'
    >>> text_of(Size.parse("1KB"))
    '1024'
    >>> text_of(None)
    ''
    >>> text_of([1, "a"])
    '1 a'
    >>> text_of(1e20)
    '1E+20'
    >>> text_of(timedelta(hours=1))
    '01:00:00'
    """
    match value:
        case str():
            return value
        case None:
            return ""
        case SwitchParameter():
            return str(value is SwitchParameter.ON)
        case Record():
            return value.text
        case bool():
            return str(value)
        case int():
            return int.__repr__(value)
        case list() | tuple():
            return " ".join(text_of(item) for item in value)
        case _:
            return _other_text(value)


def _other_text(value: Value) -> str:
    match value:
        case float():
            return _double_text(value)
        case timedelta():
            return time_span_text(value)
        case datetime():
            return value.strftime("%m/%d/") + f"{value.year:04}" + value.strftime(" %H:%M:%S")
        case Mapping():
            return "System.Collections.Hashtable"
        case Secret():
            return "System.Management.Automation.PSCredential"
        case _:
            return str(value)


def _double_text(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return f"{value:.15G}"  # PowerShell writes a Double with 15 digits


def time_span_text(value: timedelta) -> str:
    """Return the text of a TimeSpan: ``[-][d.]hh:mm:ss[.fffffff]``.

    >>> time_span_text(timedelta(days=1, seconds=1)), time_span_text(timedelta(milliseconds=-500))
    ('1.00:00:01', '-00:00:00.5000000')
    """
    microseconds = value // timedelta(microseconds=1)
    sign, microseconds = ("-", -microseconds) if microseconds < 0 else ("", microseconds)
    seconds, fraction = divmod(microseconds, 1_000_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"{sign}{f'{days}.' if days else ''}{hours:02}:{minutes:02}:{seconds:02}" + (
        f".{fraction:06}0" if fraction else ""
    )


def display_text(value: Value) -> str:
    """Return a value as .NET's ToString does, for error messages; a list is its type name.

    >>> display_text([1, 2]), display_text(None), display_text(True)
    ('System.Object[]', '', 'True')
    """
    return "System.Object[]" if isinstance(value, list | tuple) else text_of(value)


def cannot_convert(value: Value, dotnet_type: str, error: str) -> InvalidCastError:
    """Return the error of a failed conversion, with .NET's message."""
    return InvalidCastError(
        f'Cannot convert value "{display_text(value)}" to type "{dotnet_type}". Error: "{error}"'
    )


def wrong_type(value: Value, dotnet_type: str) -> InvalidCastError:
    """Return the error of a value for which there is no conversion."""
    return InvalidCastError(
        f'Cannot convert the "{display_text(value)}" value of type "{dotnet_type_of(value)}" to type "{dotnet_type}".'
    )


def invalid_cast(value: Value, dotnet_type: str) -> InvalidCastError:
    """Return the error of a plain value that cannot be cast."""
    return cannot_convert(
        value, dotnet_type, f"Invalid cast from '{dotnet_type_of(value)}' to '{dotnet_type}'."
    )
