"""The interface of cmdlets that process pipeline objects, and the values of -Property."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from nestlab.dataclass import dataclass
from nestlab.model import ErrorRecord, Record
from nestlab.model.parameter_values import Value
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import PowerShellError
from nestlab.simulator.powershell.objects import is_scalar, scalar_value
from nestlab.simulator.powershell.values.dotnet_values import dotnet_type_of, text_of
from nestlab.simulator.powershell.values.type_conversion import is_true
from nestlab.simulator.powershell.values.wildcard import has_wildcard, matches


class ObjectCmdlet(Protocol):
    """A cmdlet that processes the objects of a pipeline."""

    def process(self, record: Record) -> None:
        """Process an object."""
        ...

    def end(self) -> None:
        """Write the output that follows the last object."""
        ...


class PipelineStopped(Exception):
    """A cmdlet needs no more objects, so the preceding commands stop."""

    def __init__(self, by: ObjectCmdlet) -> None:
        super().__init__()
        self.by = by


def unwrapped(record: Record) -> Value:
    """Return the plain value of a record that wraps one, or else the record."""
    return scalar_value(record) if is_scalar(record) else record


def properties_of(record: Record) -> Mapping[str, Value]:
    """Return the properties of an object: a string has Length, other plain values have none."""
    if not is_scalar(record):
        return record.properties
    own = {"Length": len(scalar_value(record))} if isinstance(scalar_value(record), str) else {}
    return own | {name: value for name, value in record.properties.items() if name != "Value"}


def matching_properties(record: Record, expression: str) -> list[tuple[str, Value]]:
    """Return the properties that a name or a pattern selects, spelled as the object has them.

    Raises PowerShellError for an invalid pattern.
    """
    if has_wildcard(expression):
        return [
            (name, value)
            for name, value in properties_of(record).items()
            if matches(expression, name)
        ]
    if not is_scalar(record):
        # The records of a type share one table of spellings, which makes look-ups cheap.
        return [(record.spelling(expression), record[expression])] if expression in record else []
    wanted = expression.lower()
    return [
        (name, value) for name, value in properties_of(record).items() if name.lower() == wanted
    ]


@dataclass(frozen=True)
class PropertyName:
    """An item of -Property: a name or pattern, or a hashtable with a new name or an order."""

    expression: str
    name: str = ""
    descending: bool | None = None


_TEXT = "{System.String, System.Management.Automation.ScriptBlock}"
_SELECT_KEYS = (("Expression", ()), ("Name", ("label",)))
_SORT_KEYS = (("Expression", ()), ("Ascending", ()), ("Descending", ()))


def property_names(bound: Bound) -> tuple[PropertyName, ...]:
    """Return the items of -Property.

    Over remoting an expression is a string, which names a property.
    """
    keys = _SORT_KEYS if bound.name == "Sort-Object" else _SELECT_KEYS
    return tuple(_property_name(bound, item, keys) for item in bound.get("Property") or ())


def _property_name(
    bound: Bound, item: Value, keys: tuple[tuple[str, tuple[str, ...]], ...]
) -> PropertyName:
    if isinstance(item, Mapping):
        return _from_table(bound, item, keys)
    if not isinstance(item, str):
        text = (
            f"The value of a parameter was null; one of the following types was expected: {_TEXT}."
            if item is None
            else f"Cannot convert {dotnet_type_of(item)} to one of the following types {_TEXT}."
        )
        raise property_error(bound, "DictionaryKeyUnknownType", text)
    if not item:
        raise property_error(
            bound, "ExpressionEmptyString2", "An empty string value is not allowed."
        )
    return PropertyName(item)


def _from_table(
    bound: Bound, table: Mapping[Value, Value], keys: tuple[tuple[str, tuple[str, ...]], ...]
) -> PropertyName:
    found: dict[str, Value] = {}
    for key, value in table.items():
        if not isinstance(key, str):
            kind = dotnet_type_of(key).removeprefix("System.")
            raise property_error(
                bound,
                "DictionaryKeyNonString",
                f"The {kind} key type is not valid. The key must be a string.",
            )
        full_key = _full_key(bound, key, keys)
        if full_key in found:
            raise property_error(
                bound,
                "DictionaryKeyDuplicate",
                f'The duplicated key "{key}" conflicts with "{full_key}".',
            )
        _require_type(bound, key, full_key, value)
        found[full_key] = value
    expression = found.get("Expression")
    if expression is None:
        raise property_error(
            bound, "DictionaryKeyMandatoryEntry", "A mandatory entry for Expression is missing."
        )
    if not expression:
        raise property_error(
            bound,
            "ExpressionEmptyString1",
            f'The "{keys[0][0].lower()}" key cannot have an empty string value.',
        )
    ascending = is_true(found["Ascending"]) if "Ascending" in found else None
    descending = is_true(found["Descending"]) if "Descending" in found else None
    order = descending if descending is not None else None if ascending is None else not ascending
    return PropertyName(text_of(expression), text_of(found.get("Name")), order)


def _full_key(bound: Bound, key: str, keys: tuple[tuple[str, tuple[str, ...]], ...]) -> str:
    """Return the full name of a key, which may be abbreviated to a prefix."""
    wanted = key.lower()
    matching = [
        name
        for name, others in keys
        if any(known.startswith(wanted) for known in (name.lower(), *others))
    ]
    if len(matching) > 1:
        raise property_error(
            bound,
            "DictionaryKeyAmbiguous",
            f"The {key} key is ambiguous; {matching[0]} and {matching[1]} conflict.",
        )
    if not matching or not key:
        raise property_error(bound, "DictionaryKeyIllegal", f"The {key} key is not valid.")
    return matching[0]


def _require_type(bound: Bound, key: str, full_key: str, value: Value) -> None:
    if full_key in {"Ascending", "Descending"}:
        return
    if value is None:
        raise property_error(bound, "DictionaryKeyMissingValue", f"The {key} key has no value.")
    if isinstance(value, str):
        return
    kind = dotnet_type_of(value)
    if full_key == "Expression":
        raise property_error(
            bound,
            "DictionaryKeyIllegalValue1",
            f'The "{key}" key has a type, {kind}, that is not valid; expected types are {_TEXT}.',
        )
    raise property_error(
        bound,
        "DictionaryKeyIllegalValue2",
        f'The "{key}" key has a type, {kind}, that is not valid; expected type is System.String.',
    )


def property_error(bound: Bound, error_id: str, text: str) -> PowerShellError:
    """Return the error of an invalid -Property, which ends the command."""
    exception = "System.NotSupportedException"
    return PowerShellError(
        ErrorRecord(
            text, "InvalidArgument", f"{error_id},{bound.signature.class_name}", "", exception
        )
    )
