"""Where-Object, Sort-Object, Out-Default and Out-Null, and the table of all object cmdlets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cmp_to_key
from typing import Any

from nestlab.model import ErrorRecord, Record
from nestlab.model.parameter_values import Value
from nestlab.simulator.powershell.action_preferences import needed_properties
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import PowerShellError, Sink
from nestlab.simulator.powershell.commands.measure_object import MeasureObject
from nestlab.simulator.powershell.commands.object_cmdlet import (
    ObjectCmdlet,
    PropertyName,
    matching_properties,
    property_names,
    unwrapped,
)
from nestlab.simulator.powershell.commands.select_object import SelectObject
from nestlab.simulator.powershell.values.comparison import NotComparable, sort_order
from nestlab.simulator.powershell.values.net_types import UnknownType, is_of_type
from nestlab.simulator.powershell.values.net_values import text_of
from nestlab.simulator.powershell.values.operators import compare, operators
from nestlab.simulator.powershell.values.regular_expressions import InvalidRegularExpression
from nestlab.simulator.powershell.values.type_conversion import is_true
from nestlab.simulator.powershell.values.wildcard import has_wildcard

_INVALID_OPERATION = "System.Management.Automation.PSInvalidOperationException"
_ARGUMENT = "System.Management.Automation.PSArgumentException"


class WhereObject:
    """Where-Object with a property, an operator and a value."""

    def __init__(self, bound: Bound, sink: Sink) -> None:
        self._bound = bound
        self._sink = sink
        self._property = str(bound["Property"])
        self._value = bound.get("Value")
        names = (switch for name in operators() for switch in (name, f"C{name}"))
        self._operator = next((name for name in names if bound.switch(name)), None)
        self._negated = "Not" in bound and bound.switch("Not")
        if self._operator in {"Is", "IsNot"} and "Value" in bound:
            self._require_type(text_of(self._value))

    def _require_type(self, name: str) -> None:
        try:
            is_of_type("", name)
        except UnknownType as unknown:
            text = f'Cannot convert the "{unknown}" value of type "System.String" to type "System.Type".'
            raise _terminating_error(
                self._bound,
                "InvalidCastFromStringToType",
                text,
                "System.Management.Automation.PSInvalidCastException",
            ) from None

    def needed_properties(self) -> frozenset[str] | None:
        """Return the property that it tests, and those that the next command needs."""
        following = needed_properties(self._sink)
        if following is None or has_wildcard(self._property):
            return None
        return following | {self._property.lower()}

    def process(self, record: Record) -> None:
        """Pass the object on if it matches."""
        if self._operator is not None and "Value" not in self._bound:
            text = (
                "The specified operator requires both the -Property and -Value parameters. Provide values for both parameters, and "
                "then try the command again."
            )
            raise _terminating_error(self._bound, "ValueNotSpecifiedForWhereObject", text)
        if self._operator is None and "Value" in self._bound:
            text = (
                "An operator is required to compare the two specified values. Include a valid operator in the command, and then try "
                "the command again. For example, Get-Process | Where-Object -Property Name -eq Idle"
            )
            raise _terminating_error(self._bound, "OperatorNotSpecified", text)
        found = matching_properties(record, self._property)
        if len(found) > 1:
            possible = "".join(f" {name}" for name, _ in found)
            text = f'Input name "{self._property}" is ambiguous. It can be resolved to multiple matched members. Possible matches include:{possible}.'
            self._report("AmbiguousPropertyName", text, record, "InvalidArgument", _ARGUMENT)
        elif self._passes(found[0][1] if found else None, record):
            self._sink.output(record)

    def _passes(self, left: Value, record: Record) -> bool:
        if self._operator is None:
            return is_true(left) is not self._negated
        name = (
            self._operator
            if self._operator[0] == "C" and self._operator[1].isupper()
            else f"I{self._operator}"
        )
        name = (
            name[0] + name[1:].lower()
            if self._operator not in {"In", "Is", "IsNot"}
            else self._operator
        )
        try:
            return compare(self._operator, left, self._value)
        except InvalidRegularExpression as error:
            text = f"The argument to operator '{name}' is not valid: {error}."
            self._report("BadOperatorArgument", text, record, "InvalidArgument", _ARGUMENT)
        except NotComparable as error:
            self._report(
                "OperatorFailed",
                f"The '{name}' operator failed: {error}.",
                record,
                "InvalidOperation",
                _INVALID_OPERATION,
            )
        except PowerShellError as error:  # a wildcard pattern with an unclosed set
            text = f"The '{name}' operator failed: {error.record.message}."
            self._report("OperatorFailed", text, record, "InvalidOperation", _INVALID_OPERATION)
        return False

    def _report(self, error_id: str, text: str, record: Record, category: str, kind: str) -> None:
        self._sink.error(
            ErrorRecord(
                text, category, f"{error_id},{self._bound.signature.class_name}", record.text, kind
            )
        )

    def end(self) -> None:
        """Do nothing."""


def _terminating_error(
    bound: Bound, error_id: str, text: str, kind: str = _ARGUMENT
) -> PowerShellError:
    return PowerShellError(
        ErrorRecord(text, "InvalidArgument", f"{error_id},{bound.signature.class_name}", "", kind)
    )


class SortObject:
    """Sort-Object by properties, or by the objects themselves.

    An object without the property is last in either order.
    """

    def __init__(self, bound: Bound, sink: Sink) -> None:
        self._bound = bound
        self._sink = sink
        self._names = property_names(bound)
        self._received: list[Record] = []

    def process(self, record: Record) -> None:
        """Store an object until the last one has arrived."""
        self._received.append(record)

    def end(self) -> None:
        """Write the objects in order; with -Unique, only the first of equal ones."""
        names = tuple(self._expanded())
        keyed = [(self._keys(record, names), record) for record in self._received]
        descending = [self._is_descending(item) for item in names] or [
            self._bound.switch("Descending")
        ]
        case_sensitive = self._bound.switch("CaseSensitive")

        def order(left: tuple[Any, Record], right: tuple[Any, Record]) -> int:
            for one, other, down in zip(left[0], right[0], descending, strict=True):
                if result := _order(one, other, case_sensitive=case_sensitive, down=down):
                    return result
            return 0

        keyed.sort(key=cmp_to_key(order))
        previous: tuple[Any, Record] | None = None
        for item in keyed:
            if not (
                self._bound.switch("Unique") and previous is not None and order(previous, item) == 0
            ):
                self._sink.output(item[1])
            previous = item

    def _is_descending(self, item: PropertyName) -> bool:
        return self._bound.switch("Descending") if item.descending is None else item.descending

    def _expanded(self) -> list[PropertyName]:
        """Return the names that patterns match in any of the objects, in alphabetical order."""
        expanded: list[PropertyName] = []
        for item in self._names:
            if not has_wildcard(item.expression):
                expanded.append(item)
                continue
            found = {
                name.lower(): name
                for record in self._received
                for name, _ in matching_properties(record, item.expression)
            }
            expanded += [
                PropertyName(found[name], item.name, item.descending) for name in sorted(found)
            ]
        return expanded

    @staticmethod
    def _keys(record: Record, names: tuple[PropertyName, ...]) -> list[list[Value]]:
        if not names:
            return [[unwrapped(record)]]
        return [
            [value for _, value in matching_properties(record, item.expression)][:1]
            for item in names
        ]


def _order(left: list[Value], right: list[Value], *, case_sensitive: bool, down: bool) -> int:
    if not left or not right:
        return bool(right) - bool(left)
    result = sort_order(left[0], right[0], case_sensitive=case_sensitive)
    return -result if down else result


class OutDefault:
    """Out-Default, which remoting appends to pipelines: passes all objects on."""

    def __init__(self, _bound: Bound, sink: Sink) -> None:
        self._sink = sink

    def process(self, record: Record) -> None:
        """Pass an object on."""
        self._sink.output(record)

    def end(self) -> None:
        """Do nothing."""


class OutNull:
    """Out-Null: discards all objects."""

    def __init__(self, _bound: Bound, _sink: Sink) -> None:
        pass

    def process(self, record: Record) -> None:
        """Discard an object."""

    def end(self) -> None:
        """Do nothing."""


OBJECT_CMDLETS: Mapping[str, Callable[[Bound, Sink], ObjectCmdlet]] = {
    "Measure-Object": MeasureObject,
    "Out-Default": OutDefault,
    "Out-Null": OutNull,
    "Select-Object": SelectObject,
    "Sort-Object": SortObject,
    "Where-Object": WhereObject,
}
