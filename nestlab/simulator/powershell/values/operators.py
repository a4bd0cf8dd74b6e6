"""PowerShell's comparison operators by name (about_Comparison_Operators)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from nestlab.model.parameter_values import Value
from nestlab.simulator.powershell.values.collation import same_text
from nestlab.simulator.powershell.values.comparison import compare_order, equal
from nestlab.simulator.powershell.values.dotnet_types import is_of_type
from nestlab.simulator.powershell.values.dotnet_values import (
    text_of,
)
from nestlab.simulator.powershell.values.regular_expressions import is_match
from nestlab.simulator.powershell.values.type_conversion import is_true
from nestlab.simulator.powershell.values.wildcard import has_wildcard, matches


def _ordered(test: Callable[[int], bool]) -> Callable[[Value, Value, bool], bool]:
    def operator(left: Value, right: Value, case: bool) -> bool:  # noqa: FBT001  # the operators' common form
        if isinstance(left, float) and math.isnan(left):
            return False
        return test(compare_order(left, right, case_sensitive=case))

    return operator


def contains(values: Value, wanted: Value, *, case_sensitive: bool) -> bool:
    """Whether a list contains a value; a single value is treated as a list."""
    items = values if isinstance(values, list | tuple) else (values,)
    return any(equal(item, wanted, case_sensitive=case_sensitive) for item in items)


def _like(left: Value, right: Value, case: bool) -> bool:  # noqa: FBT001
    pattern = text_of(right)
    if not has_wildcard(pattern) and "`" not in pattern:
        return same_text(text_of(left), pattern, case_sensitive=case)
    return matches(pattern, text_of(left), case_sensitive=case)


def _match(left: Value, right: Value, case: bool) -> bool:  # noqa: FBT001
    return is_match(text_of(right), text_of(left), case_sensitive=case)


_OPERATORS: Mapping[str, Callable[[Value, Value, bool], bool]] = {
    "EQ": lambda left, right, case: equal(left, right, case_sensitive=case),
    "NE": lambda left, right, case: not equal(left, right, case_sensitive=case),
    "GT": _ordered(lambda order: order > 0),
    "GE": _ordered(lambda order: order >= 0),
    "LT": _ordered(lambda order: order < 0),
    "LE": _ordered(lambda order: order <= 0),
    "Like": _like,
    "NotLike": lambda left, right, case: not _like(left, right, case),
    "Match": _match,
    "NotMatch": lambda left, right, case: not _match(left, right, case),
    "Contains": lambda left, right, case: contains(left, right, case_sensitive=case),
    "NotContains": lambda left, right, case: not contains(left, right, case_sensitive=case),
    "In": lambda left, right, case: contains(right, left, case_sensitive=case),
    "NotIn": lambda left, right, case: not contains(right, left, case_sensitive=case),
    "Is": lambda left, right, _case: is_of_type(left, text_of(right)),
    "IsNot": lambda left, right, _case: not is_of_type(left, text_of(right)),
}


_TAKES_LISTS = frozenset({"Contains", "NotContains", "In", "NotIn", "Is", "IsNot"})


def operators() -> tuple[str, ...]:
    """Return the operators by the names of Where-Object's switches.

    Those with a leading C are case-sensitive.
    """
    return tuple(_OPERATORS)


def compare(operator: str, left: Value, right: Value) -> bool:
    """Apply an operator, named as Where-Object's switch: ``EQ``, ``Like``, ``CMatch``.

    Raises NotComparable, PowerShellError for an invalid wildcard pattern, or
    InvalidRegularExpression.

    >>> compare("GT", 8589934592, "4GB")
    True
    >>> compare("Like", "web1", "WEB*")
    True
    >>> compare("CLike", "web1", "WEB1")
    False
    """
    bare = operator if operator in _OPERATORS else operator.removeprefix("C")
    case_sensitive = bare != operator
    if isinstance(left, list | tuple) and bare not in _TAKES_LISTS:
        # These operators filter a list on the left, and the result is tested for truth.
        return is_true([item for item in left if _OPERATORS[bare](item, right, case_sensitive)])
    return _OPERATORS[bare](left, right, case_sensitive)
