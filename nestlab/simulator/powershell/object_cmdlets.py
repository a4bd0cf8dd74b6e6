"""Where-Object, Sort-Object, Measure-Object, Out-Default and Out-Null, and the table of all such commands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from nestlab.model import EnumValue, ErrorRecord, Record
from nestlab.model.cmdlet import Value
from nestlab.simulator.powershell.binding import Bound
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.powershell.comparison import compare, operators, sort_key, truth
from nestlab.simulator.powershell.conversion import convert
from nestlab.simulator.powershell.net_values import Refused
from nestlab.simulator.powershell.object_cmdlet import ObjectCmdlet, PropertyName, property_names, property_of
from nestlab.simulator.powershell.objects import is_scalar, scalar_value
from nestlab.simulator.powershell.select_object import SelectObject


class WhereObject:
    """Where-Object in its form with a property, an operator and a value."""

    def __init__(self, bound: Bound, sink: Sink) -> None:
        self._sink = sink
        self._property = str(bound["Property"])
        self._value = bound.get("Value")
        names = (switch for name in operators() for switch in (name, f"C{name}"))
        self._operator = next((name for name in names if bound.switch(name)), None)
        self._only_truth = self._operator is None and "Value" not in bound

    def process(self, record: Record) -> None:
        """Hand on the objects that fit."""
        left = property_of(record, self._property)
        if truth(left) if self._only_truth else compare(self._operator or "EQ", left, self._value):
            self._sink.output(record)

    def end(self) -> None:
        """Nothing waits."""


class SortObject:
    """Sort-Object by properties, or by the objects themselves."""

    def __init__(self, bound: Bound, sink: Sink) -> None:
        self._bound = bound
        self._sink = sink
        self._names = property_names(bound)
        self._waiting: list[Record] = []

    def process(self, record: Record) -> None:
        """Keep one object."""
        self._waiting.append(record)

    def _key(self, record: Record, item: PropertyName | None) -> tuple[int, Any]:
        own = scalar_value(record) if is_scalar(record) else record
        value = own if item is None else property_of(record, item.expression)
        return sort_key(value, case_sensitive=self._bound.switch("CaseSensitive"))

    def end(self) -> None:
        """Write them in order; -Unique writes the first of equals."""
        ordered = self._waiting
        names = self._names or (None,)
        for item in reversed(names):
            own = item.descending if item else None
            reverse = self._bound.switch("Descending") if own is None else own
            ordered = sorted(ordered, key=partial(self._key, item=item), reverse=reverse)
        previous: object = None
        for record in ordered:
            key = tuple(self._key(record, item) for item in names)
            if not (self._bound.switch("Unique") and key == previous):
                self._sink.output(record)
            previous = key


class MeasureObject:
    """Measure-Object: count, sum, average and extremes of properties, or the size of texts."""

    def __init__(self, bound: Bound, sink: Sink) -> None:
        self._bound = bound
        self._sink = sink
        self._values: dict[str | None, list[Value]] = {str(name): [] for name in bound.get("Property") or ()} or {None: []}

    def process(self, record: Record) -> None:
        """Keep what is measured of one object."""
        for name, values in self._values.items():
            if name is None:
                values.append(scalar_value(record) if is_scalar(record) else record)
            elif property_of(record, name) is not None:
                values.append(property_of(record, name))

    def end(self) -> None:
        """Write one result a property."""
        write = self._text_result if self._bound.parameter_set == "TextMeasure" else self._number_result
        for name, values in self._values.items():
            if name is None or values:
                self._sink.output(write(name, values))
            else:
                text = f'The property "{name}" cannot be found in the input for any objects.'
                identity = f"GenericMeasurePropertyNotFound,{self._bound.signature.class_name}"
                self._sink.error(ErrorRecord(text, "InvalidArgument", identity, "", "System.Management.Automation.PSArgumentException"))

    def _number_result(self, name: str | None, values: list[Value]) -> Record:
        wanted = {key: self._bound.switch(key) for key in ("Average", "Sum", "Maximum", "Minimum")}
        numbers = self._numbers(name, values) if wanted["Average"] or wanted["Sum"] else []
        results: dict[str, Value] = {
            "Count": len(values),
            "Average": sum(numbers) / len(numbers) if wanted["Average"] and numbers else None,
            "Sum": float(sum(numbers)) if wanted["Sum"] and numbers else None,
            "Maximum": _extreme(max, values) if wanted["Maximum"] else None,
            "Minimum": _extreme(min, values) if wanted["Minimum"] else None,
            "Property": name,
        }
        return _measured("GenericMeasureInfo", results)

    def _numbers(self, name: str | None, values: list[Value]) -> list[float]:
        numbers: list[float] = []
        for value in values:
            try:
                numbers.append(convert(value.number if isinstance(value, EnumValue) else value, "Double", "System.Double"))
            except Refused:
                text = f'Input object "{value}" is not numeric.'
                identity = f"NonNumericInputObject,{self._bound.signature.class_name}"
                kind = "System.Management.Automation.PSInvalidOperationException"
                self._sink.error(ErrorRecord(text, "InvalidType", identity, name or str(value), kind))
        return numbers

    def _text_result(self, name: str | None, values: list[Value]) -> Record:
        texts = [value.text if isinstance(value, Record) else str(value) for value in values]
        plain = ["".join(text.split()) for text in texts] if self._bound.switch("IgnoreWhiteSpace") else texts
        results: dict[str, Value] = {
            "Lines": sum(len(text.splitlines()) for text in texts) if self._bound.switch("Line") else None,
            "Words": sum(len(text.split()) for text in texts) if self._bound.switch("Word") else None,
            "Characters": sum(map(len, plain)) if self._bound.switch("Character") else None,
            "Property": name,
        }
        return _measured("TextMeasureInfo", results)


def _extreme(choose: Callable[..., Any], values: list[Value]) -> Value:
    return choose(values, key=sort_key) if values else None


def _measured(kind: str, values: Mapping[str, Value]) -> Record:
    name = f"Microsoft.PowerShell.Commands.{kind}"
    return Record((name, "Microsoft.PowerShell.Commands.MeasureInfo", "System.Object"), values, name)


class OutDefault:
    """Out-Default, which remoting puts at the end of pipelines: hands all objects on."""

    def __init__(self, _bound: Bound, sink: Sink) -> None:
        self._sink = sink

    def process(self, record: Record) -> None:
        """Hand one object on."""
        self._sink.output(record)

    def end(self) -> None:
        """Nothing waits."""


class OutNull:
    """Out-Null: the objects are not wanted."""

    def __init__(self, _bound: Bound, _sink: Sink) -> None:
        pass

    def process(self, record: Record) -> None:
        """Drop one object."""

    def end(self) -> None:
        """Nothing waits."""


OBJECT_CMDLETS: Mapping[str, Callable[[Bound, Sink], ObjectCmdlet]] = {
    "Measure-Object": MeasureObject,
    "Out-Default": OutDefault,
    "Out-Null": OutNull,
    "Select-Object": SelectObject,
    "Sort-Object": SortObject,
    "Where-Object": WhereObject,
}
