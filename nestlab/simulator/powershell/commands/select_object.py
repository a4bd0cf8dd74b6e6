"""Select-Object."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from nestlab.model import ErrorRecord, Record
from nestlab.model.parameter_values import Value
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import PowerShellError, Sink
from nestlab.simulator.powershell.commands.object_cmdlet import (
    PipelineStopped,
    PropertyName,
    matching_properties,
    properties_of,
    property_names,
)
from nestlab.simulator.powershell.commands.selected_objects import (
    NULL_PATTERN,
    Selected,
    SelectionShape,
    are_same,
    custom_object,
    marked_object,
    shape_of,
)
from nestlab.simulator.powershell.object_texts import LazyTextRecord, start_caching_all
from nestlab.simulator.powershell.objects import is_scalar, scalar_record
from nestlab.simulator.powershell.values.wildcard import has_wildcard, matches

_SELECTIVE = ("ExcludeProperty", "Unique", "First", "Last", "Skip", "SkipLast", "Index", "Wait")


class SelectObject:
    """Select-Object: selects objects, properties, or the contents of one property."""

    def __init__(self, bound: Bound, sink: Sink) -> None:
        self._bound = bound
        self._sink = sink
        self._names = property_names(bound)
        self._expand: str | None = bound.get("ExpandProperty")
        self._excluded = tuple(bound.get("ExcludeProperty") or ())
        self._seen: list[tuple[Record, Selected]] = []
        self._waiting: deque[Record] = deque()
        self._skip = bound.get("Skip", 0)
        self._streamed = 0
        self._count = 0
        self._check_patterns()
        self._plain = self._plain_names()
        self._key = (SelectObject, *self._plain.values(), None, self._expand)
        self._last_shape: SelectionShape | None = None
        self._errors = 0

    def _check_patterns(self) -> None:
        """Raise PowerShellError for an invalid pattern, before the first object."""
        if None in self._excluded:
            raise PowerShellError(NULL_PATTERN)
        for pattern in (*(item.expression for item in self._names), *self._excluded):
            try:
                matches(pattern, "") if has_wildcard(pattern) else None
            except PowerShellError as error:
                exception = "System.Management.Automation.WildcardPatternException"
                raise PowerShellError(
                    ErrorRecord(
                        error.record.message, "NotSpecified", "RuntimeException", "", exception
                    )
                ) from None

    def _plain_names(self) -> dict[str, str]:
        """Return the names in -Property, by lower case, if they have no pattern and no new name.

        Empty if other parameters than -ExpandProperty are given as well.
        """
        names = tuple(item.expression for item in self._names)
        renamed = any(item.name for item in self._names)
        if renamed or any(map(has_wildcard, names)) or len({n.lower() for n in names}) < len(names):
            return {}
        given = any(name in self._bound for name in _SELECTIVE)
        return {} if given else {name.lower(): name for name in names}

    def needed_properties(self) -> frozenset[str] | None:
        """Return the properties in -Property and -ExpandProperty; None if all may be needed."""
        if not self._plain or has_wildcard(self._expand or ""):
            return None
        return frozenset(self._plain) | ({self._expand.lower()} if self._expand else set())

    def _output_for(self, record: Record) -> Sequence[Record] | None:
        """Return the output for an object, cached on the object unless there was an error.

        None for a plain value, which has no properties of its own to select.
        """
        derived = record.derived if type(record) is LazyTextRecord else None
        cached: Sequence[Record] | None = derived.get(self._key) if derived is not None else None
        if cached is not None:
            return cached
        shape = self._last_shape  # set for an object with properties, where nothing is expanded
        if (shape is None or shape.types is not record.type_names) and is_scalar(record):
            return None
        before = self._errors
        expand = self._expand
        output = self._expanded_objects(record) if expand else (self._with_properties(record),)
        if derived is not None and before == self._errors:
            derived[self._key] = start_caching_all(output)
        return output

    def _expanded_objects(self, record: Record) -> list[Record]:
        """Return the values of the property in -ExpandProperty, with the selected properties."""
        added, found = self._selected(record), self._expanded(record, self._expand or "")
        return [self._with_notes(value, added, record) for value in found]

    def _with_properties(self, record: Record) -> Record:
        """Return an object with the properties in -Property; a missing one is None."""
        shape = self._last_shape
        if (
            shape is None
            or shape.spellings is not record.spellings
            or shape.types is not record.type_names
        ):
            shape = self._last_shape = shape_of(record, self._plain)
        return shape.selected(record)

    def process(self, record: Record) -> None:
        """Process an object; those that -Last or -SkipLast may select are queued."""
        output = self._output_for(record) if self._plain else None
        if output is None:
            self._select(record)
        else:
            for selected in output:
                self._sink.output(selected)

    def _select(self, record: Record) -> None:
        """Select an object, or queue it, by the other parameters."""
        index, self._count = self._count, self._count + 1
        if "Index" in self._bound:
            wanted = self._bound["Index"]
            if index in wanted:
                self._write(record)
            if index >= max(wanted, default=-1) and not self._bound.is_present("Wait"):
                raise PipelineStopped(self)
        elif "SkipLast" in self._bound:
            self._waiting.append(record)
            if self._skip:
                self._waiting.popleft()
                self._skip -= 1
            elif len(self._waiting) > self._bound["SkipLast"]:
                self._write(self._waiting.popleft())
        else:
            self._queue(record)

    def _queue(self, record: Record) -> None:
        """Pass an object on if -First selects it, and keep it if -Last may select it.

        With both, -Skip counts from the beginning only.
        """
        first, last = self._bound.get("First", 0), self._bound.get("Last", 0)
        is_limited = "First" in self._bound or "Last" in self._bound
        capacity = last + self._skip if not first else last
        if last and len(self._waiting) >= capacity:
            self._waiting.popleft()
        self._waiting.append(record)
        if self._skip and (not last or first):
            self._waiting.popleft()
            self._skip -= 1
        elif not self._skip and (self._streamed < first or not is_limited):
            self._streamed += 1
            self._write(self._waiting.popleft())
        elif not last:
            self._waiting.popleft()
        if (
            is_limited
            and not last
            and self._streamed >= first
            and not self._bound.is_present("Wait")
        ):
            raise PipelineStopped(self)

    def end(self) -> None:
        """Write the last objects, and the unique ones."""
        if "Last" in self._bound:
            left = 0 if self._bound.get("First", 0) else self._skip
            while len(self._waiting) > left:
                self._write(self._waiting.popleft())
        for record, _ in self._seen:
            self._sink.output(record)

    def _write(self, record: Record) -> None:
        added = self._selected(record)
        if self._expand:
            for value in self._expanded(record, self._expand):
                self._emit(self._with_notes(value, added, record), added)
        elif self._names:
            notes = self._without_duplicates(added, record)
            self._emit(custom_object(record, dict(notes)), added)
        else:
            self._emit(marked_object(record), [])

    def _emit(self, record: Record, added: Selected) -> None:
        if not self._bound.is_present("Unique"):
            self._sink.output(record)
        elif not any(are_same(record, added, known, notes) for known, notes in self._seen):
            self._seen.append((record, added))

    def _selected(self, record: Record) -> Selected:
        return [pair for item in self._names for pair in self._values(record, item)]

    def _values(self, record: Record, item: PropertyName) -> Selected:
        pattern = has_wildcard(item.expression)
        found = [
            (name, value)
            for name, value in matching_properties(record, item.expression)
            if not self._is_excluded(name)
        ]
        if not found and not pattern and not self._is_excluded(item.expression):
            found = [(item.expression, None)]
        elif item.name and len(found) > 1:
            self._error(
                "Cannot rename multiple results.",
                "RenamingMultipleResults",
                record,
                "System.InvalidOperationException",
            )
            return []
        return [(item.name or name, value) for name, value in found]

    def _is_excluded(self, name: str) -> bool:
        return any(matches(pattern, name) for pattern in self._excluded)

    def _without_duplicates(self, added: Selected, record: Record) -> Selected:
        kept: dict[str, tuple[str, Value]] = {}
        for name, value in added:
            if name.lower() in kept:
                self._report_existing(name, "AlreadyExistingUserSpecifiedPropertyNoExpand", record)
            else:
                kept[name.lower()] = (name, value)
        return list(kept.values())

    def _expanded(self, record: Record, expression: str) -> list[Value]:
        found = matching_properties(record, expression)
        if len(found) != 1:
            text = (
                "Multiple properties cannot be expanded."
                if found
                else f'Property "{expression}" cannot be found.'
            )
            # "Mutliple" is PowerShell's own spelling.
            self._error(
                text, "MutlipleExpandProperties" if found else "ExpandPropertyNotFound", record
            )
            return []
        value = found[0][1]
        return [
            item
            for item in (value if isinstance(value, list | tuple) else [value])
            if item is not None
        ]

    def _with_notes(self, value: Value, added: Selected, record: Record) -> Record:
        """Return the expanded object with the selected properties as note properties.

        A property that it already has does not change.
        """
        expanded = value if isinstance(value, Record) else scalar_record(value)
        own = {name.lower() for name in properties_of(expanded)}
        notes: dict[str, Value] = {}
        for name, item in added:
            if name.lower() in own:
                self._report_existing(name, "AlreadyExistingUserSpecifiedPropertyExpand", record)
            else:
                own.add(name.lower())
                notes[name] = item
        values = {**expanded.properties, **notes}
        text = expanded.text
        return LazyTextRecord(expanded.type_names, values, lambda _: text) if notes else expanded

    def _report_existing(self, name: str, error_id: str, record: Record) -> None:
        text = f'The property cannot be processed because the property "{name}" already exists.'
        self._error(text, error_id, record)

    def _error(
        self,
        text: str,
        error_id: str,
        record: Record,
        exception: str = "System.Management.Automation.PSArgumentException",
    ) -> None:
        self._errors += 1
        fully_qualified_id = f"{error_id},{self._bound.signature.class_name}"
        category = (
            "InvalidArgument"
            if error_id in {"ExpandPropertyNotFound", "MutlipleExpandProperties"}
            else "InvalidOperation"
        )
        self._sink.error(ErrorRecord(text, category, fully_qualified_id, record.text, exception))
