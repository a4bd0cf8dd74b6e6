"""Conversion to enum values, from names, unambiguous prefixes and numbers, or lists of these."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from nestlab.model import EnumValue, SwitchParameter
from nestlab.model.parameter_values import Value
from nestlab.pattern import pattern
from nestlab.simulator.powershell.values.dotnet_values import (
    InvalidCastError,
    cannot_convert,
    display_text,
    invalid_cast,
    text_of,
    wrong_type,
)
from nestlab.simulator.powershell.values.object_types import DotNetEnum

_NUMBER = pattern(r"[+-]?\d+", re.ASCII)
_INT32_SIZE = 1 << 32
FLAGS = frozenset({"CommandTypes"})
"""Enums with FlagsAttribute: any combination of their values is valid."""


def to_enum(value: Value, numbers: Mapping[str, int], dotnet_type: str) -> EnumValue:
    """Convert to an enum.

    Several values, in a list or separated by commas, are combined with OR. Raises InvalidCastError.

    >>> states = {"Running": 2, "Off": 3}
    >>> to_enum("ru", states, "VMState")
    EnumValue(name='Running', number=2)
    >>> to_enum(["Off", 2], states, "VMState")
    EnumValue(name='Off', number=3)
    >>> to_enum("3", states, "VMState")
    EnumValue(name='Off', number=3)
    """
    match value:
        case None:
            msg = f'Cannot convert null to type "{dotnet_type}" {_not_valid(numbers)}'
            raise InvalidCastError(msg)
        case EnumValue():
            return _of_number(value.number, value, numbers, dotnet_type)
        case bool() | datetime():
            raise invalid_cast(value, dotnet_type)
        case int():
            number = int(value) % _INT32_SIZE
            return _of_number(
                number - _INT32_SIZE if number >= _INT32_SIZE // 2 else number,
                value,
                numbers,
                dotnet_type,
            )
        case float():
            return _parsed(text_of(value), numbers, dotnet_type)
        case str():
            return _parsed(value, numbers, dotnet_type)
        case list() | tuple():
            names = [
                item if isinstance(item, str) else to_enum(item, numbers, dotnet_type).name
                for item in value
            ]
            return _parsed(",".join(names), numbers, dotnet_type)
        case SwitchParameter() | timedelta() | UUID() | _:
            raise wrong_type(value, dotnet_type)


def _not_valid(numbers: Mapping[str, int]) -> str:
    return (
        "due to enumeration values that are not valid. Specify one of the following enumeration values and try again. The possible "
        f'enumeration values are "{",".join(numbers)}".'
    )


def _of_number(
    number: int, value: Value, numbers: Mapping[str, int], dotnet_type: str
) -> EnumValue:
    kind = dotnet_type.rsplit(".", 1)[-1]
    for name, known in numbers.items():
        if known == number:
            return DotNetEnum(name, known, kind)
    if kind in FLAGS and number > 0:
        parts = [
            name for name, bit in numbers.items() if bit & number == bit and bit.bit_count() == 1
        ]
        if sum(numbers[name] for name in parts) == number:
            return DotNetEnum(", ".join(parts), number, kind)
    msg = f'Cannot convert value "{display_text(value)}" to type "{dotnet_type}" {_not_valid(numbers)}'
    raise InvalidCastError(msg)


def _parsed(text: str, numbers: Mapping[str, int], dotnet_type: str) -> EnumValue:
    """Enum.Parse: a number, or names separated by commas in any case, or an unambiguous prefix."""
    if _NUMBER.fullmatch(text.strip()):
        number = int(text)
        if not -(_INT32_SIZE // 2) <= number < _INT32_SIZE // 2:
            raise cannot_convert(
                text, dotnet_type, "Value was either too large or too small for an Int32."
            )
        return _of_number(number, text, numbers, dotnet_type)
    by_name = {name.lower(): number for name, number in numbers.items()}
    parts = [part.strip().lower() for part in text.split(",")]
    if all(part in by_name for part in parts):
        number = 0
        for part in parts:
            number |= by_name[part]
        return _of_number(number, text, numbers, dotnet_type)
    return _disambiguated(text, numbers, dotnet_type)


def _disambiguated(text: str, numbers: Mapping[str, int], dotnet_type: str) -> EnumValue:
    matches = [name for name in numbers if name.lower().startswith(text.lower())]
    if len(matches) == 1:
        return _of_number(numbers[matches[0]], text, numbers, dotnet_type)
    if matches:
        error = (
            f"The identifier name {text} cannot be processed because it is either too similar or identical to the following "
            f"enumerator names: {', '.join(matches)}. Use a more specific identifier name."
        )
    else:
        error = (
            f"Unable to match the identifier name {text} to a valid enumerator name. Specify one of the following enumerator names "
            f"and try again: {', '.join(numbers)}"
        )
    raise cannot_convert(text, dotnet_type, error)
