"""Select-Object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nestlab.model import ErrorRecord, Record
from nestlab.model.cmdlet import Value
from nestlab.simulator.powershell.binding import Bound
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.powershell.comparison import sort_key
from nestlab.simulator.powershell.object_cmdlet import PipelineStopped, property_names, property_of
from nestlab.simulator.powershell.objects import scalar_record
from nestlab.simulator.wildcard import has_wildcard, matches


class SelectObject:
    """Select-Object: some objects, some of their properties, or what is in one of them."""

    def __init__(self, bound: Bound, sink: Sink) -> None:
        self._bound = bound
        self._sink = sink
        self._names = tuple((item, has_wildcard(item.expression) and not item.name) for item in property_names(bound))
        self._expand: str | None = bound.get("ExpandProperty")
        self._excluded = tuple(bound.get("ExcludeProperty") or ())
        self._seen: list[tuple[tuple[str, Any], ...]] = []
        self._waiting: list[Record] = []
        self._count = 0

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
        for item, is_pattern in self._names:
            if is_pattern:
                values |= {name: value for name, value in record.properties.items() if matches(item.expression, name)}
            else:
                values[item.name or record.spelling(item.expression)] = property_of(record, item.expression)
        if not self._excluded:
            return values
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
