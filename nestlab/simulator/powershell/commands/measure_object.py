"""Measure-Object: count, sum, average, minimum and maximum, or the lines, words and characters."""

from __future__ import annotations

from collections.abc import Mapping

from nestlab.dataclass import dataclass, field
from nestlab.model import ErrorRecord, Record
from nestlab.model.parameter_values import Value
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.powershell.commands.object_cmdlet import matching_properties, unwrapped
from nestlab.simulator.powershell.values.comparison import sort_order
from nestlab.simulator.powershell.values.dotnet_values import (
    InvalidCastError,
    display_text,
    dotnet_type_of,
    text_of,
)
from nestlab.simulator.powershell.values.type_conversion import convert
from nestlab.simulator.powershell.values.wildcard import has_wildcard


@dataclass
class _Measured:
    """The measurements of one property so far."""

    count: int = 0
    total: float = 0.0
    maximum: Value = None
    minimum: Value = None
    texts: list[str] = field(default_factory=list)


class MeasureObject:
    """Measure-Object.

    A value that is not a number is an error, and leaves sum and average empty.
    """

    def __init__(self, bound: Bound, sink: Sink) -> None:
        self._bound = bound
        self._sink = sink
        self._names = tuple(text_of(name) for name in bound.get("Property") or ())
        self._measures_text = any(bound.is_present(name) for name in ("Line", "Word", "Character"))
        self._needs_total = bound.is_present("Average") or bound.is_present("Sum")
        self._all_numbers = True
        self._object_count = 0
        self._measured: dict[str, tuple[str, _Measured]] = {}

    def process(self, record: Record) -> None:
        """Measure an object."""
        value = unwrapped(record)
        if value is None:
            return
        self._object_count += 1
        if not self._names:
            self._measure("", value)
            return
        counted: set[str] = set()
        for expression in self._names:
            found = matching_properties(record, expression)
            if not found and not has_wildcard(expression):
                self._entry(expression)
            for name, own in found:
                if name.lower() not in counted:
                    counted.add(name.lower())
                    self._measure(name, own)

    def _entry(self, name: str) -> _Measured:
        return self._measured.setdefault(name.lower(), (name, _Measured()))[1]

    def _measure(self, name: str, value: Value) -> None:
        measured = self._entry(name)
        measured.count += 1
        if self._measures_text:
            measured.texts.append(display_text(value))
        if self._needs_total:
            number = _number(value)
            if number is None:
                self._all_numbers = False
                self._report_not_numeric(value)
                return
            measured.total += number
        if self._bound.is_present("Minimum"):
            measured.minimum = _extreme(value, measured.minimum, sign=1)
        if self._bound.is_present("Maximum"):
            measured.maximum = _extreme(value, measured.maximum, sign=-1)

    def _report_not_numeric(self, value: Value) -> None:
        text = f'Input object "{display_text(value)}" is not numeric.'
        fully_qualified_id = f"NonNumericInputObject,{self._bound.signature.class_name}"
        exception = "System.Management.Automation.PSInvalidOperationException"
        self._sink.error(
            ErrorRecord(text, "InvalidType", fully_qualified_id, display_text(value), exception)
        )

    def end(self) -> None:
        """Write the result of each property.

        In Windows PowerShell, a property that no object had is an error.
        """
        if not self._object_count and not self._names:
            self._entry("")
        for name, measured in self._measured.values():
            if measured.count or not self._names:
                self._sink.output(
                    self._text_result(name, measured)
                    if self._measures_text
                    else self._number_result(name, measured)
                )
            else:
                text = f'The property "{name}" cannot be found in the input for any objects.'
                error_id = (
                    "TextMeasurePropertyNotFound"
                    if self._measures_text
                    else "GenericMeasurePropertyNotFound"
                )
                fully_qualified_id = f"{error_id},{self._bound.signature.class_name}"
                self._sink.error(
                    ErrorRecord(
                        text,
                        "ObjectNotFound",
                        fully_qualified_id,
                        "",
                        "System.Management.Automation.PSArgumentException",
                    )
                )

    def _number_result(self, name: str, measured: _Measured) -> Record:
        maximum, minimum = measured.maximum, measured.minimum
        generic = all(value is None or _number(value) is not None for value in (maximum, minimum))
        if generic:
            maximum, minimum = (
                None if value is None else _number(value) for value in (maximum, minimum)
            )
        results: dict[str, Value] = {
            "Count": measured.count,
            "Average": measured.total / measured.count
            if self._bound.is_present("Average") and self._all_numbers and measured.count
            else None,
            "Sum": measured.total if self._bound.is_present("Sum") and self._all_numbers else None,
            "Maximum": maximum,
            "Minimum": minimum,
            "Property": name or None,
        }
        return _result("GenericMeasureInfo" if generic else "GenericObjectMeasureInfo", results)

    def _text_result(self, name: str, measured: _Measured) -> Record:
        texts = measured.texts
        plain = (
            ["".join(text.split()) for text in texts]
            if self._bound.is_present("IgnoreWhiteSpace")
            else texts
        )
        results: dict[str, Value] = {
            "Lines": sum(map(_lines, texts)) if self._bound.is_present("Line") else None,
            "Words": sum(len(text.split()) for text in texts)
            if self._bound.is_present("Word")
            else None,
            "Characters": sum(map(len, plain)) if self._bound.is_present("Character") else None,
            "Property": name or None,
        }
        return _result("TextMeasureInfo", results)


def _lines(text: str) -> int:
    return text.count("\n") + bool(text and not text.endswith("\n"))


def _number(value: Value) -> float | None:
    try:
        return float(convert(value, "Double", "System.Double"))
    except InvalidCastError:
        return None


def _extreme(value: Value, known: Value, *, sign: int) -> Value:
    """Return the smaller (`sign` 1) or larger (-1) value; different types compare as strings."""
    if known is None:
        return value
    left = known if (number := _number(known)) is None else number
    right = value if value is None or (number := _number(value)) is None else number
    if right is not None and dotnet_type_of(left) != dotnet_type_of(right):
        left, right = text_of(left), text_of(right)
    return value if sign * sort_order(left, right, case_sensitive=True) > 0 else known


def _result(kind: str, values: Mapping[str, Value]) -> Record:
    name = f"Microsoft.PowerShell.Commands.{kind}"
    return Record(
        (name, "Microsoft.PowerShell.Commands.MeasureInfo", "System.Object"), values, name
    )
