"""The output of cmdlets as HTML: what there is in one line, then the objects in tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from nestlab.html import Html, folded, headline, prose, table
from nestlab.model.record import ErrorRecord, Outcome, Record
from nestlab.texts import tr, tr_count

_COLUMNS = 7  # of a table with a row for each object
_ROWS = 50  # objects that are shown of each type
_FIRST = (
    "Name",
    "State",
    "Status",
    "SwitchType",
    "SwitchName",
    "IPAddress",
    "PrefixLength",
    "ProcessorCount",
    "MemoryStartup",
    "MemoryAssigned",
    "Version",
)
"""Properties that are asked for most; those of PowerShell's own views of VMs and switches."""
_SHOWN = 12  # properties of the only object that are shown without a click


def as_html(outcome: Outcome) -> Html:
    """Return how many objects and errors there are, then errors, warnings and objects."""
    parts = [
        headline("✗" if outcome.errors else "✓", _sentence(outcome), *_said(outcome)),
        *(_objects(records) for records in _by_type(outcome)),
    ]
    return Html("".join(parts))


def _sentence(outcome: Outcome) -> str:
    if not (outcome.records or outcome.errors):
        return tr("Done: there is no output.")
    count, failed = len(outcome.records), len(outcome.errors)
    objects = tr_count("{count} object.", "{count} objects.", count) if count else ""
    errors = tr_count("{count} error.", "{count} errors.", failed) if failed else ""
    return f"{objects} {errors}".strip()


def _said(outcome: Outcome) -> Iterator[Html]:
    """Yield the errors and the warnings."""
    for error in outcome.errors:
        yield Html(f"✗ {prose(_error_text(error))}")
    for warning in outcome.warnings:
        yield Html(f"⚠ {prose(warning)}")


def _error_text(error: ErrorRecord) -> str:
    identifier = error.fully_qualified_error_id
    return f"{error.message} ({identifier})" if identifier else error.message


def _by_type(outcome: Outcome) -> Iterator[list[Record]]:
    names = dict.fromkeys(record.type_name for record in outcome)
    for name in names:
        yield [record for record in outcome if record.type_name == name]


def _objects(records: Sequence[Record]) -> Html:
    """Return objects of one type: a row for each; of one object, a row for each property."""
    filled = [name for name in records[0].properties if any(_text(r, name) for r in records)]
    if not filled:
        return table((records[0].type_name,), [(record.text,) for record in records[:_ROWS]])
    if len(records) == 1:
        return _properties(records[0], filled)
    names = _columns(records, filled)
    rows = [[_text(record, name) for name in names] for record in records[:_ROWS]]
    left = len(records) - _ROWS
    more = tr_count("{count} more object", "{count} more objects", left) if left > 0 else ""
    return Html(f"{table(names, rows)}{prose(more)}")


def _columns(records: Sequence[Record], filled: Sequence[str]) -> list[str]:
    """Return the properties that are asked for most, and those in which the objects differ."""
    differ = [name for name in filled if len({_text(record, name) for record in records}) > 1]
    return [*dict.fromkeys([*_first(filled), *differ])][:_COLUMNS]


def _first(names: Sequence[str]) -> list[str]:
    """Return those of the properties that are asked for most."""
    return [name for name in _FIRST if name in names]


def _properties(record: Record, filled: Sequence[str]) -> Html:
    names = dict.fromkeys([*_first(filled), *filled])
    rows = [(name, _text(record, name)) for name in names]
    headers = (tr("property"), tr("value"))
    first, rest = table(headers, rows[:_SHOWN]), rows[_SHOWN:]
    if not rest:
        return first
    title = tr_count("{count} more property", "{count} more properties", len(rest))
    return Html(f"{first}{folded(title, table(headers, rest))}")


def _text(record: Record, name: str) -> str:
    """Return a value as text; empty where there is none."""
    value: Any = record.get(name)
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
