"""Equality and order of values in PowerShell, which the type of the left value determines."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from nestlab.model import EnumValue, Record, SwitchParameter
from nestlab.model.parameter_values import Value
from nestlab.simulator.powershell.values.collation import collation_key, same_text
from nestlab.simulator.powershell.values.dotnet_values import (
    InvalidCastError,
    cannot_convert,
    display_text,
    dotnet_type_of,
    text_of,
)
from nestlab.simulator.powershell.values.numbers import WRONG_FORMAT, number_in
from nestlab.simulator.powershell.values.object_types import DotNetEnum, enum_table, enum_type_name
from nestlab.simulator.powershell.values.type_conversion import convert, is_true

_MICROSECOND = timedelta(microseconds=1)
_TICKS_PER_MICROSECOND = 10


def is_number(value: Value) -> bool:
    """Whether a value is a number; a Boolean is not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def equal(left: Value, right: Value, *, case_sensitive: bool = False) -> bool:
    """Whether ``left -eq right``.

    >>> equal(EnumValue("Running", 2), "running")
    True
    >>> equal(4, "4")
    True
    >>> equal("a", "A")
    True
    >>> equal(None, "")
    False
    >>> equal(0, "")
    True
    """
    if left is None or right is None:
        return left is None and right is None
    if isinstance(left, str):
        return same_text(left, text_of(right), case_sensitive=case_sensitive)
    if isinstance(left, dict | Record):
        return left is right
    try:
        other = _as_left_type(left, right)
    except InvalidCastError:
        return False
    return bool(_comparable(left) == _comparable(other))


def _as_left_type(left: Value, right: Value) -> Value:
    """Return the right value converted to the type of the left one; numbers do not change.

    Raises InvalidCastError if it does not convert.
    """
    match left:
        case bool() | SwitchParameter():
            return is_true(right)
        case EnumValue():
            return _like_enum(left, right)
        case int() | float():
            return _as_number(left, right)
        case timedelta():
            return (
                right * _MICROSECOND / _TICKS_PER_MICROSECOND
                if is_number(right) and right % _TICKS_PER_MICROSECOND == 0
                else _span(right)
            )
        case datetime():
            return convert(right, "DateTime", "System.DateTime")
        case UUID():
            return convert(right, "Guid", "System.Guid")
        case _:
            return right


def _span(right: Value) -> Value:
    # A tick is a tenth of the resolution of timedelta: such numbers remain ticks, which equal no
    # time span.
    if isinstance(right, int) and not isinstance(right, bool):
        return right
    return convert(right, "TimeSpan", "System.TimeSpan")


def _like_enum(left: EnumValue, right: Value) -> Value:
    enum = left.enum if isinstance(left, DotNetEnum) else ""
    numbers = enum_table(enum)
    if numbers is None:
        return right if isinstance(right, EnumValue | int) else _same_name(left, right)
    if is_number(right) or right == "":
        return right or 0
    return (
        _enum_of_text(enum, right)
        if isinstance(right, str)
        else convert(right, enum, enum_type_name(enum), numbers)
    )


@lru_cache(maxsize=1024)  # a filter compares the same text with a thousand objects
def _enum_of_text(enum: str, text: str) -> Value:
    return convert(text, enum, enum_type_name(enum), enum_table(enum))


def _same_name(left: EnumValue, right: Value) -> Value:
    text = text_of(right)
    number = number_in(text) if text else 0
    return left if text.lower() == left.name.lower() else number if number is not None else text


def _as_number(left: Value, right: Value) -> Value:
    match right:
        case EnumValue():
            return right.number
        case bool() | int() | float():
            return right
        case str():
            number = number_in(right)
            if number is None:
                raise cannot_convert(right, dotnet_type_of(left), WRONG_FORMAT)
            return number
        case _:
            return convert(right, "Double", dotnet_type_of(left))


def _comparable(value: Value) -> Any:
    """Return a value that Python compares: the number of an enum, the timestamp of a date."""
    match value:
        case EnumValue():
            return value.number
        case SwitchParameter():
            return value is SwitchParameter.ON
        case datetime():
            return value.replace(tzinfo=None)
        case _:
            return value


class NotComparable(Exception):
    """Two values cannot be ordered. The message is PowerShell's."""


def compare_order(left: Value, right: Value, *, case_sensitive: bool = False) -> int:
    """Return -1, 0 or 1: the order of ``-gt`` and ``-lt``. Raises NotComparable.

    >>> compare_order("a-b", "ab")
    -1
    >>> compare_order(10, "4.6")
    1
    >>> compare_order(None, -1)
    1
    >>> compare_order(None, 0)
    -1
    """
    if left is None or right is None:
        return _with_null(left, right)
    if isinstance(left, str):
        return _sign(
            collation_key(left, case_sensitive=case_sensitive),
            collation_key(text_of(right), case_sensitive=case_sensitive),
        )
    try:
        other = _as_left_type(left, right)
    except InvalidCastError as refused:
        if (
            isinstance(left, int | float | EnumValue)
            and not isinstance(left, bool)
            and isinstance(right, str)
        ):
            raise NotComparable(refused.reason) from None
        msg = (
            f'Could not compare "{text_of(left)}" to "{text_of(right)}". Error: "{refused.reason}"'
        )
        raise NotComparable(msg) from None
    if isinstance(left, timedelta) and isinstance(other, int):
        return _sign(left // _MICROSECOND * _TICKS_PER_MICROSECOND, other)
    if isinstance(left, list | tuple | Mapping | Record) or (
        type(_comparable(left)) is not type(_comparable(other))
        and not (
            isinstance(_comparable(left), int | float)
            and isinstance(_comparable(other), int | float)
        )
    ):
        msg = f'Cannot compare "{display_text(left)}" because it is not IComparable.'
        raise NotComparable(msg)
    return _sign(_comparable(left), _comparable(other))


def _with_null(left: Value, right: Value) -> int:
    """Null is less than everything except negative numbers."""
    if left is None and right is None:
        return 0
    value = right if left is None else left
    negative = is_number(value) and value < 0
    return (-1 if left is None else 1) * (-1 if negative else 1)


def _sign(left: Any, right: Any) -> int:
    if isinstance(left, float) and math.isnan(left):
        return -1
    return int(left > right) - int(left < right)


def sort_order(left: Value, right: Value, *, case_sensitive: bool = False) -> int:
    """Return -1, 0 or 1: the order of Sort-Object.

    Values that are not comparable are ordered by their string form.

    >>> sort_order(9, "10"), sort_order(9, "x"), sort_order("b", "A")
    (-1, -1, 1)
    """
    if is_number(left) and isinstance(right, str):
        try:
            right = convert(
                right, dotnet_type_of(left).removeprefix("System."), dotnet_type_of(left)
            )
        except InvalidCastError:
            left = text_of(left)
    try:
        return compare_order(left, right, case_sensitive=case_sensitive)
    except NotComparable:
        texts = (
            collation_key(_text_in_order(value), case_sensitive=case_sensitive)
            for value in (left, right)
        )
        return _sign(*texts)


def _text_in_order(value: Value) -> str:
    # All custom objects have the same base object, whose string form is empty.
    custom = (
        isinstance(value, Record)
        and "System.Management.Automation.PSCustomObject" in value.type_names
    )
    return "" if custom else text_of(value)
