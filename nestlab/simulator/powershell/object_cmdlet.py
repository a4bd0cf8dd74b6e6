"""What the commands that work on any objects have in common: their shape, and how they name properties."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from nestlab.model import ErrorRecord, Record
from nestlab.model.cmdlet import Value
from nestlab.simulator.powershell.binding import Bound
from nestlab.simulator.powershell.call import PowerShellError
from nestlab.simulator.powershell.net_values import text_of
from nestlab.simulator.powershell.objects import is_scalar, scalar_value


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


def property_of(record: Record, name: str) -> Value:
    """Return a property of an object, or None where it has none of that name; a text has a Length."""
    return len(str(scalar_value(record))) if is_scalar(record) and name.lower() == "length" else record.get(name)


@dataclass(frozen=True)
class PropertyName:
    """One item of -Property: a name, or a hashtable that gives it another name or order."""

    expression: str
    name: str = ""
    descending: bool | None = None


_KEYS = {"expression": ("Expression", "E"), "name": ("Name", "Label", "N", "L"), "descending": ("Descending",), "ascending": ("Ascending",)}


def property_names(bound: Bound) -> tuple[PropertyName, ...]:
    """Return what -Property says. An expression over remoting is a text, and means the property of that name."""
    return tuple(_property_name(bound, item) for item in bound.get("Property") or ())


def _property_name(bound: Bound, item: Value) -> PropertyName:
    if not isinstance(item, Mapping):
        return PropertyName(text_of(item))
    found = {_key(bound, str(key)): value for key, value in item.items()}
    if "expression" not in found:
        raise _refused(bound, "DictionaryKeyMissing", "The expression key is missing from the hashtable of a property.")
    order = True if found.get("descending") is True else False if found.get("ascending") is True else None
    return PropertyName(text_of(found["expression"]), text_of(found.get("name")), order)


def _key(bound: Bound, key: str) -> str:
    known = (meaning for meaning, spellings in _KEYS.items() if key.lower() in (spelling.lower() for spelling in spellings))
    meaning = next(known, "")
    if not meaning:
        raise _refused(bound, "DictionaryKeyUnknown", f"The key '{key}' is not valid in the hashtable of a property.")
    return meaning


def _refused(bound: Bound, error_id: str, text: str) -> PowerShellError:
    kind = "System.Management.Automation.PSArgumentException"
    return PowerShellError(ErrorRecord(text, "InvalidArgument", f"{error_id},{bound.signature.class_name}", "", kind))
