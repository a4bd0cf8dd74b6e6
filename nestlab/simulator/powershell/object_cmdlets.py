"""Select-Object, Where-Object, Sort-Object, Measure-Object, Out-Default and Out-Null."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from nestlab.model import EnumValue, ErrorRecord, Record
from nestlab.model.cmdlet import Value
from nestlab.simulator.powershell.binding import Bound
from nestlab.simulator.powershell.call import PowerShellError, Sink
from nestlab.simulator.powershell.comparison import compare, operators, sort_key, truth
from nestlab.simulator.powershell.conversion import convert
from nestlab.simulator.powershell.net_values import Refused
from nestlab.simulator.powershell.objects import is_scalar, scalar_record, scalar_value
from nestlab.simulator.wildcard import has_wildcard, matches


class ObjectCmdlet(Protocol):
    """A command that works on the objects of a pipeline, whatever they are."""

    def process(self, record: Record) -> None:
        """Take one object."""
        ...

    def end(self) -> None:
        """Write what had to wait for the last one."""
        ...


class PipelineStopped(Exception):
    """A command has all it wants: the commands before it stop."""

    def __init__(self, by: ObjectCmdlet) -> None:
        super().__init__()
        self.by = by


def _property(record: Record, name: str) -> Value:
    return len(scalar_value(record)) if is_scalar(record) and name.lower() == "length" else record.get(name)


def _refuse_expressions(bound: Bound, names: Iterable[Value]) -> None:
    """Calculated properties are script blocks, and script blocks do not arrive over remoting."""
    for name in names:
        if isinstance(name, Mapping):
            text = f"Script blocks do not arrive over remoting, so {bound.name} takes property names only, no calculated properties."
            kind = "System.Management.Automation.PSNotSupportedException"
            raise PowerShellError(ErrorRecord(text, "NotImplemented", f"NotSimulated,{bound.name}", bound.name, kind))


class SelectObject:
    """Select-Object: some objects, some of their properties, or what is in one of them."""

    def __init__(self, bound: Bound, sink: Sink) -> None:
        self._bound = bound
        self._sink = sink
        self._names = tuple(bound.get("Property") or ())
        self._expand: str | None = bound.get("ExpandProperty")
        self._excluded = tuple(bound.get("ExcludeProperty") or ())
        self._seen: list[tuple[tuple[str, Any], ...]] = []
        self._waiting: list[Record] = []
        self._count = 0
        _refuse_expressions(bound, self._names)

    def process(self, record: Record) -> None:
        """Take one object; those that -Last or -SkipLast may mean wait for the end."""
        index, self._count = self._count, self._count + 1
        if "Index" in self._bound:
            if index in self._bound["Index"]:
                self._write(record)
        elif "Last" in self._bound or "SkipLast" in self._bound:
            self._waiting.append(record)
        elif index >= (skip := self._bound.get("Skip", 0)):
            self._first(record, index - skip)

    def _first(self, record: Record, index: int) -> None:
        first = self._bound.get("First")
        if first is None or index < first:
            self._write(record)
        if first is not None and index + 1 >= first and not self._bound.switch("Wait"):
            raise PipelineStopped(self)

    def end(self) -> None:
        """Write the last ones, or all but the last ones."""
        if "Last" in self._bound:
            kept = self._waiting[: len(self._waiting) - self._bound.get("Skip", 0)]
            chosen = kept[max(0, len(kept) - self._bound["Last"]) :] if self._bound["Last"] else []
        elif "SkipLast" in self._bound:
            chosen = self._waiting[: max(0, len(self._waiting) - self._bound["SkipLast"])]
        else:
            return
        for record in chosen:
            self._write(record)

    def _write(self, record: Record) -> None:
        for selected in self._select(record):
            if self._bound.switch("Unique"):
                key = tuple((name, sort_key(value, case_sensitive=True)) for name, value in selected.properties.items())
                if key in self._seen:
                    continue
                self._seen.append(key)
            self._sink.output(selected)

    def _select(self, record: Record) -> list[Record]:
        if self._expand is not None:
            return self._expanded(record, self._expand)
        if not self._names:
            return [record]
        names = ("Selected." + record.type_name, "System.Management.Automation.PSCustomObject", "System.Object")
        values = self._selected(record)
        text = "@{" + "; ".join(f"{name}={'' if value is None else value}" for name, value in values.items()) + "}"
        return [Record(names, values, text)]

    def _selected(self, record: Record) -> dict[str, Value]:
        values: dict[str, Value] = {}
        for wanted in (str(name) for name in self._names):
            if has_wildcard(wanted):
                values |= {name: value for name, value in record.properties.items() if matches(wanted, name)}
            else:
                known = next((name for name in record.properties if name.lower() == wanted.lower()), wanted)
                values[known] = _property(record, wanted)
        return {name: value for name, value in values.items() if not any(matches(out, name) for out in self._excluded)}

    def _expanded(self, record: Record, name: str) -> list[Record]:
        if name not in record:
            self._error(f'Property "{name}" cannot be found.', "ExpandPropertyNotFound", record)
            return []
        value = record[name]
        items = value if isinstance(value, list | tuple) else [value]
        added = self._selected(record)
        return [self._with_notes(item, added) for item in items if item is not None]

    def _with_notes(self, value: Value, added: Mapping[str, Value]) -> Record:
        """The expanded object with the selected properties as note properties; one that it has already stays as it is."""
        expanded = value if isinstance(value, Record) else scalar_record(value)
        for name in added:
            if name in expanded:
                text = f'The property cannot be processed because the property "{name}" already exists.'
                self._error(text, "AlreadyExistingUserSpecifiedPropertyExpand", expanded)
        notes = {name: item for name, item in added.items() if name not in expanded}
        return Record(expanded.type_names, {**expanded.properties, **notes}, expanded.text)

    def _error(self, text: str, error_id: str, record: Record) -> None:
        identity = f"{error_id},{self._bound.signature.class_name}"
        category = "InvalidOperation" if "Existing" in error_id else "InvalidArgument"
        self._sink.error(ErrorRecord(text, category, identity, record.text, "System.Management.Automation.PSArgumentException"))


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
        left = _property(record, self._property)
        if truth(left) if self._only_truth else compare(self._operator or "EQ", left, self._value):
            self._sink.output(record)

    def end(self) -> None:
        """Nothing waits."""


class SortObject:
    """Sort-Object by properties, or by the objects themselves."""

    def __init__(self, bound: Bound, sink: Sink) -> None:
        self._bound = bound
        self._sink = sink
        self._names = tuple(str(name) for name in bound.get("Property") or ())
        self._waiting: list[Record] = []
        _refuse_expressions(bound, bound.get("Property") or ())

    def process(self, record: Record) -> None:
        """Keep one object."""
        self._waiting.append(record)

    def _key(self, record: Record) -> tuple[tuple[int, Any], ...]:
        case = self._bound.switch("CaseSensitive")
        if self._names:
            return tuple(sort_key(_property(record, name), case_sensitive=case) for name in self._names)
        return (sort_key(scalar_value(record) if is_scalar(record) else record, case_sensitive=case),)

    def end(self) -> None:
        """Write them in order; -Unique writes the first of equals."""
        previous: object = None
        for record in sorted(self._waiting, key=self._key, reverse=self._bound.switch("Descending")):
            key = self._key(record)
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
            elif _property(record, name) is not None:
                values.append(_property(record, name))

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
