"""The objects that Select-Object creates: their type names and their string form."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from nestlab.model import ErrorRecord, Record
from nestlab.model.parameter_values import Value
from nestlab.simulator.powershell.commands.object_cmdlet import unwrapped
from nestlab.simulator.powershell.object_texts import LazyTextRecord
from nestlab.simulator.powershell.values.comparison import sort_order
from nestlab.simulator.powershell.values.dotnet_values import text_of

Selected = list[tuple[str, Value]]
"""Selected properties: names and values."""
_CUSTOM = "System.Management.Automation.PSCustomObject"
# The text of PSArgumentNullException (PowerShell/PowerShell, WildcardPattern); its form here is
# inferred from that of an invalid pattern.
NULL_PATTERN = ErrorRecord(
    'Cannot process argument because the value of argument "pattern" is null. '
    'Change the value of argument "pattern" to a non-null value.',
    "InvalidArgument",
    "ArgumentNull",
    "",
    "System.Management.Automation.PSArgumentNullException",
)


class SelectionShape(NamedTuple):
    """The types and names of objects from which -Property selects, and those of the results."""

    types: tuple[str, ...]
    spellings: Mapping[str, str]
    names: list[tuple[str, str | None]]
    """The name of each selected property, and the object's own name of it; None if it has none."""
    selected_types: tuple[str, ...]
    selected_spellings: Mapping[str, str]

    def selected(self, record: Record) -> Record:
        """Return the object with the selected properties; a missing property is None."""
        properties = record.properties
        values = {own or name: properties[own] if own else None for name, own in self.names}
        return LazyTextRecord(self.selected_types, values, custom_text, self.selected_spellings)


def shape_of(record: Record, selected: Mapping[str, str]) -> SelectionShape:
    """Return the shape of an object; `selected` are the names in -Property, by lower case."""
    types, spellings = record.type_names, record.spellings
    names = [(name, spellings.get(key)) for key, name in selected.items()]
    table = Record((), dict.fromkeys(own or name for name, own in names)).spellings
    return SelectionShape(types, spellings, names, custom_types(types), table)


def custom_object(record: Record, values: dict[str, Value]) -> Record:
    """Return the object that Select-Object creates from a record, with these properties."""
    return LazyTextRecord(custom_types(record.type_names), values, custom_text)


@lru_cache(maxsize=512)
def custom_types(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the type names of the selected object, given those of the original."""
    base = _CUSTOM if _CUSTOM in names else names[0].removeprefix("Deserialized.") if names else ""
    return f"Selected.{base}", _CUSTOM, "System.Object"


def custom_text(values: Mapping[str, Value]) -> str:
    """Return the text of an object with these properties."""
    return "@{" + "; ".join(f"{name}={text_of(value)}" for name, value in values.items()) + "}"


def marked_object(record: Record) -> Record:
    """Return a custom object with the type name of Select-Object; any other object unchanged."""
    if _CUSTOM not in record.type_names or record.type_names[0].startswith("Selected."):
        return record
    return Record((f"Selected.{_CUSTOM}", *record.type_names), record.properties, record.text)


def are_same(left: Record, left_notes: Selected, right: Record, right_notes: Selected) -> bool:
    """Whether -Unique treats two outputs as equal; in PowerShell, 1 equals '1'."""
    if (
        len(left_notes) != len(right_notes)
        or sort_order(unwrapped(left), unwrapped(right), case_sensitive=True) != 0
    ):
        return False
    others = {name.lower(): value for name, value in right_notes}
    return all(
        name.lower() in others and sort_order(value, others[name.lower()], case_sensitive=True) == 0
        for name, value in left_notes
    )
