"""Conversion to numbers: PowerShell's literals first, then .NET's parsers.

.NET's parsers accept thousands separators and ``#FF``.
"""

from __future__ import annotations

import math
import re

from nestlab.model import EnumValue
from nestlab.model.parameter_values import Value
from nestlab.simulator.powershell.values.dotnet_values import (
    InvalidCastError,
    cannot_convert,
    dotnet_type_of,
    invalid_cast,
    text_of,
    wrong_type,
)

INTEGERS = {
    "Byte": (0, 2**8 - 1, "an unsigned byte"),
    "SByte": (-(2**7), 2**7 - 1, "a signed byte"),
    "Int16": (-(2**15), 2**15 - 1, "an Int16"),
    "Int32": (-(2**31), 2**31 - 1, "an Int32"),
    "Int64": (-(2**63), 2**63 - 1, "an Int64"),
    "UInt16": (0, 2**16 - 1, "a UInt16"),
    "UInt32": (0, 2**32 - 1, "a UInt32"),
    "UInt64": (0, 2**64 - 1, "a UInt64"),
}
WRONG_FORMAT = "Input string was not in a correct format."
_BLANKS = " \t\n\v\f\r"

# A number as PowerShell's tokenizer reads it: no blanks inside, a type suffix, a unit.
_LITERAL = r"(?P<sign>[+-]?)(?:0x(?P<hex>[0-9a-f]+)|(?P<real>(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?))(?P<suffix>[ld]?)(?P<unit>[kmgtp]b)?"
_FACTORS = {"": 1, "kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30, "tb": 1 << 40, "pb": 1 << 50}
# The formats of Int32.Parse and the like, and the hexadecimal formats of .NET's type converters.
_WHOLE = r"[+-]?\d+"
_HEXADECIMAL = r"(?:#|0x|&h)([0-9a-f]*)"
# Double.Parse with AllowThousands: separators anywhere after the first digit.
_REAL = r"[+-]?(?:\d[\d,]*\.?\d*|\.\d+)(?:e[+-]?\d+)?"
_WORDS = {
    "nan": math.nan,
    "infinity": math.inf,
    "+infinity": math.inf,
    "-infinity": -math.inf,
    "∞": math.inf,
    "-∞": -math.inf,
}
_EIGHT_DIGITS, _SIXTEEN_DIGITS = 8, 16


def literal_number(text: str) -> int | float | None:
    """Return the number that PowerShell's tokenizer reads, or None. White space alone is 0.

    >>> literal_number("4GB")
    4294967296
    >>> literal_number("1.5kb")
    1536.0
    >>> literal_number("0xFFFFFFFF")
    -1
    >>> literal_number("4 GB")
    >>> literal_number("1,5")
    """
    text = text.strip(_BLANKS)
    if not text:
        return 0
    match = re.fullmatch(_LITERAL, text, re.IGNORECASE | re.ASCII)
    if match is None:
        return None
    number = _hexadecimal(match["hex"]) if match["hex"] else _decimal(match["real"])
    if number is None:
        return None
    return (-number if match["sign"] == "-" else number) * _FACTORS[(match["unit"] or "").lower()]


def _hexadecimal(digits: str) -> int | None:
    # Eight digits are an Int32 and sixteen an Int64, with the highest bit as the sign.
    width = 32 if len(digits) <= _EIGHT_DIGITS else 64 if len(digits) <= _SIXTEEN_DIGITS else 0
    if not width:
        return None
    number = int(digits, 16)
    return number - (1 << width) if number >= 1 << (width - 1) else number


def _decimal(text: str) -> int | float | None:
    if text.isdigit():
        return int(text)
    number = float(text)
    return None if math.isinf(number) else number


def real_number(text: str) -> float | None:
    """Return the number that Double.Parse reads, or None; thousands separators may be anywhere.

    >>> real_number("1,5"), real_number(" 2.5 "), real_number("many")
    (15.0, 2.5, None)
    """
    text = text.rstrip("\0").strip(_BLANKS)
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    return (
        float(text.replace(",", ""))
        if re.fullmatch(_REAL, text, re.IGNORECASE | re.ASCII)
        else None
    )


def number_in(text: str) -> int | float | None:
    """Return the number that a string is in any of the formats, or None."""
    number = literal_number(text)
    return real_number(text) if number is None else number


def to_integer(value: Value, type_name: str, dotnet_type: str) -> int:
    """Convert to an integer type of .NET. Raises InvalidCastError.

    Null is 0, halves are rounded to even, and a string may have a unit.

    >>> to_integer("4GB", "Int64", "System.Int64")
    4294967296
    >>> to_integer("0x10", "Byte", "System.Byte")
    16
    >>> to_integer(2.5, "Int32", "System.Int32")
    2
    """
    match value:
        case None:
            return 0
        case EnumValue():
            return _in_range(value.number, value, type_name, dotnet_type)
        case bool() | int():
            return _in_range(int(value), value, type_name, dotnet_type)
        case float():
            return _from_double(value, type_name, dotnet_type)
        case str():
            return _integer_in(value, type_name, dotnet_type)
        case _:
            raise _no_conversion(value, dotnet_type)


def _no_conversion(value: Value, dotnet_type: str) -> InvalidCastError:
    if dotnet_type_of(value) == "System.DateTime":
        return cannot_convert(
            value,
            dotnet_type,
            f"Invalid cast from 'DateTime' to '{dotnet_type.removeprefix('System.')}'.",
        )
    return wrong_type(value, dotnet_type)


def _in_range(number: int, value: Value, type_name: str, dotnet_type: str) -> int:
    low, high, description = INTEGERS[type_name]
    if not low <= number <= high:
        raise cannot_convert(
            value, dotnet_type, f"Value was either too large or too small for {description}."
        )
    return number


def _from_double(value: float, type_name: str, dotnet_type: str) -> int:
    overflow = "Arithmetic operation resulted in an overflow."
    if math.isnan(value) or math.isinf(value):
        if type_name in {"Int64", "UInt64", "UInt32"}:
            raise cannot_convert(value, dotnet_type, overflow)
        raise cannot_convert(
            value,
            dotnet_type,
            f"Value was either too large or too small for {INTEGERS[type_name][2]}.",
        )
    low, high, description = INTEGERS[type_name]
    number = round(value)
    if not low <= number <= high:
        text = (
            overflow
            if type_name in {"Int64", "UInt64"}
            else f"Value was either too large or too small for {description}."
        )
        raise cannot_convert(value, dotnet_type, text)
    return number


def _integer_in(text: str, type_name: str, dotnet_type: str) -> int:
    """Return the integer of a string: a literal, a whole number of .NET, or a rounded Double.

    If none of them can be read, the error is that of .NET's whole number.
    """
    low, high, description = INTEGERS[type_name]
    if not text:
        return 0
    literal = literal_number(text)
    if literal is not None and low <= round(literal) <= high:
        return round(literal)
    whole = _whole_number(text, type_name)
    if whole is not None:
        if low <= whole <= high:
            return whole
        raise cannot_convert(
            text, dotnet_type, f"Value was either too large or too small for {description}."
        )
    number = real_number(text)
    if (
        number is None
        or math.isnan(number)
        or math.isinf(number)
        or not low <= round(number) <= high
    ):
        raise cannot_convert(text, dotnet_type, WRONG_FORMAT)
    return round(number)


def _whole_number(text: str, type_name: str) -> int | None:
    text = text.rstrip("\0").strip(_BLANKS)
    if re.fullmatch(_WHOLE, text, re.ASCII):
        return int(text)
    match = re.fullmatch(_HEXADECIMAL, text, re.IGNORECASE)
    if match is None:
        return None
    low, high, _ = INTEGERS[type_name]
    number = int(match[1] or "0", 16)
    span = high - low + 1
    return number - span if low < 0 and high < number < span else number


def to_double(value: Value, dotnet_type: str) -> float:
    """Convert to a Double. Raises InvalidCastError.

    >>> to_double("0x10", "System.Double")
    16.0
    >>> to_double("", "System.Double")
    0.0
    >>> to_double("1,000", "System.Double")
    1000.0
    """
    match value:
        case None:
            return 0.0
        case EnumValue():
            return float(value.number)
        case bool() | int() | float():
            return float(value)
        case str():
            number = number_in(value)
            if number is None:
                raise cannot_convert(value, dotnet_type, WRONG_FORMAT)
            return float(number)
        case _:
            raise _no_conversion(value, dotnet_type)


def text_to_parse(value: Value, dotnet_type: str) -> str:
    """Return the string of a value that a conversion parses; raises InvalidCastError."""
    match value:
        case str():
            return value
        case bool() | EnumValue():
            raise invalid_cast(value, dotnet_type)
        case int() | float():
            return text_of(value)
        case _:
            if dotnet_type_of(value) == "System.DateTime":
                raise invalid_cast(value, dotnet_type)
            raise wrong_type(value, dotnet_type)


def to_char(value: Value, dotnet_type: str) -> Value:
    """Convert to a character, as Char.Parse does. Raises InvalidCastError."""
    text = "" if value is None else text_to_parse(value, dotnet_type)
    if len(text) != 1:
        raise cannot_convert(value, dotnet_type, "String must be exactly one character long.")
    return text
