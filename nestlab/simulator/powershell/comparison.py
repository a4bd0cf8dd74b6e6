"""PowerShell's comparison operators on property values (about_Comparison_Operators): the left value's type decides."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from nestlab.model import EnumValue, Record, Switch
from nestlab.model.cmdlet import Value
from nestlab.simulator.powershell.conversion import convert
from nestlab.simulator.powershell.net_values import Refused, net_type_of, text_of
from nestlab.simulator.wildcard import matches

Key = tuple[int, Any]


def truth(value: Value) -> bool:
    """Return what PowerShell makes of a value as a condition: ``'False'`` is true, an empty list is not."""
    match value:
        case Switch():
            return value is Switch.ON
        case EnumValue():
            return value.number != 0
        case list() | tuple():
            return truth(value[0]) if len(value) == 1 else bool(value)
        case UUID() | datetime() | timedelta() | Record():
            return True
        case _:
            return bool(value)


def sort_key(value: Value, *, case_sensitive: bool = False) -> Key:
    """Return a key that orders values of one property: nothing first, then numbers, times, texts."""
    match value:
        case None:
            return (0, 0)
        case EnumValue():
            return (1, value.number)
        case bool() | int() | float():
            return (1, value)
        case timedelta():
            return (1, value.total_seconds())
        case datetime():
            return (1, value.timestamp())
        case _:
            text = text_of(value)
            return (2, text if case_sensitive else text.lower())


def equal(left: Value, right: Value, *, case_sensitive: bool = False) -> bool:
    """Whether ``left -eq right``.

    >>> equal(EnumValue("Running", 2), "running"), equal(4, "4"), equal("a", "A"), equal(None, "")
    (True, True, True, False)
    """
    if left is None or right is None:
        return left is None and right is None
    if isinstance(left, EnumValue):
        return left.number == right if isinstance(right, int) else left.name.lower() == text_of(right).lower()
    if isinstance(left, bool | Switch):
        return truth(left) == truth(right)
    other = _like_left(left, right)
    return other is not None and sort_key(left, case_sensitive=case_sensitive) == sort_key(other, case_sensitive=case_sensitive)


def _like_left(left: Value, right: Value) -> Value:
    """The right value in the left value's type, or None where it does not convert."""
    if isinstance(left, int | float) and not isinstance(right, int | float):
        kind = "Double"
    elif isinstance(left, timedelta):
        kind = "TimeSpan"
    elif isinstance(left, datetime):
        kind = "DateTime"
    elif isinstance(left, str):
        return text_of(right)
    else:
        return right
    try:
        return convert(right, kind, f"System.{kind}")
    except Refused:
        return None


def _ordered(left: Value, right: Value, test: Callable[[Key, Key], bool], *, case_sensitive: bool) -> bool:
    if isinstance(left, EnumValue):
        right = right.number if isinstance(right, EnumValue) else right
        left = left.number
    other = _like_left(left, right)
    if other is None and right is not None:
        return False
    return test(sort_key(left, case_sensitive=case_sensitive), sort_key(other, case_sensitive=case_sensitive))


def _contains(values: Value, wanted: Value, *, case_sensitive: bool) -> bool:
    items = values if isinstance(values, list | tuple) else (values,)
    return any(equal(item, wanted, case_sensitive=case_sensitive) for item in items)


def _like(left: Value, right: Value, *, case_sensitive: bool) -> bool:
    return matches(text_of(right), text_of(left), case_sensitive=case_sensitive)


def _match(left: Value, right: Value, *, case_sensitive: bool) -> bool:
    try:
        return re.search(text_of(right), text_of(left), 0 if case_sensitive else re.IGNORECASE) is not None
    except re.error:
        return False


def _is(left: Value, right: Value) -> bool:
    name = text_of(right).strip("[]").lower()
    full = net_type_of(left).lower()
    return name in {full, full.removeprefix("system.")}


_OPERATORS: Mapping[str, Callable[[Value, Value, bool], bool]] = {
    "EQ": lambda left, right, case: equal(left, right, case_sensitive=case),
    "NE": lambda left, right, case: not equal(left, right, case_sensitive=case),
    "GT": lambda left, right, case: _ordered(left, right, lambda a, b: a > b, case_sensitive=case),
    "GE": lambda left, right, case: _ordered(left, right, lambda a, b: a >= b, case_sensitive=case),
    "LT": lambda left, right, case: _ordered(left, right, lambda a, b: a < b, case_sensitive=case),
    "LE": lambda left, right, case: _ordered(left, right, lambda a, b: a <= b, case_sensitive=case),
    "Like": lambda left, right, case: _like(left, right, case_sensitive=case),
    "NotLike": lambda left, right, case: not _like(left, right, case_sensitive=case),
    "Match": lambda left, right, case: _match(left, right, case_sensitive=case),
    "NotMatch": lambda left, right, case: not _match(left, right, case_sensitive=case),
    "Contains": lambda left, right, case: _contains(left, right, case_sensitive=case),
    "NotContains": lambda left, right, case: not _contains(left, right, case_sensitive=case),
    "In": lambda left, right, case: _contains(right, left, case_sensitive=case),
    "NotIn": lambda left, right, case: not _contains(right, left, case_sensitive=case),
    "Is": lambda left, right, _case: _is(left, right),
    "IsNot": lambda left, right, _case: not _is(left, right),
}


_TAKES_LISTS = frozenset({"Contains", "NotContains", "In", "NotIn", "Is", "IsNot"})


def operators() -> tuple[str, ...]:
    """Return the names of the operators as Where-Object's switches have them; a C before one makes it case-sensitive."""
    return tuple(_OPERATORS)


def compare(operator: str, left: Value, right: Value) -> bool:
    """Apply an operator by the name of Where-Object's switch: ``EQ``, ``Like``, ``CMatch``.

    >>> compare("GT", 8589934592, "4GB"), compare("Like", "web1", "WEB*"), compare("CLike", "web1", "WEB1")
    (True, True, False)
    """
    bare = operator if operator in _OPERATORS else operator.removeprefix("C")
    if isinstance(left, list | tuple) and bare not in _TAKES_LISTS:
        # On the left side of these a list is filtered, and what is left over is true.
        return any(compare(operator, item, right) for item in left)
    if operator in _OPERATORS:
        return _OPERATORS[operator](left, right, False)  # noqa: FBT003  # the table's third column is case
    return _OPERATORS[operator.removeprefix("C")](left, right, True)  # noqa: FBT003
