"""Records with the property names, types and string forms of the real objects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from functools import cache, lru_cache, partial
from typing import Any
from uuid import UUID

from nestlab.dataclass import dataclass
from nestlab.model import EnumValue, Record
from nestlab.simulator.powershell.object_texts import LazyTextRecord, text_of_object
from nestlab.simulator.powershell.script_properties import SCRIPT_PROPERTIES
from nestlab.simulator.powershell.values.dotnet_values import display_text, dotnet_type_of
from nestlab.simulator.powershell.values.object_types import (
    DotNetEnum,
    ObjectType,
    enum_table,
    enum_type_name,
    enum_value,
    object_type,
)

_CUSTOM_OBJECT = "System.Management.Automation.PSCustomObject"
_ZERO_GUID = UUID(int=0)
_DEFAULTS: Mapping[str, Any] = {
    "Boolean": False,
    "Double": 0.0,
    "Guid": _ZERO_GUID,
    # All OnOffState properties of a new virtual network adapter are Off; Off is 1.
    "OnOffState": enum_value("OnOffState", "Off"),
    "TimeSpan": timedelta(0),
    **dict.fromkeys(("Byte", "Int16", "Int32", "Int64", "UInt16", "UInt32", "UInt64"), 0),
}


def make_record(type_name: str, /, **properties: Any) -> Record:
    """Return an object with type names, all properties, enum values, alias properties and text.

    Properties that are not given have the default of their .NET type: zero for value types, else
    None. A type name with a dot or ``#`` that the table does not have is used unchanged, with the
    given properties.

    Raises KeyError for an unknown short type or property, and for an unknown enum name.

    >>> vm_id = "11111111-2222-3333-4444-555555555555"
    >>> vm = make_record("VirtualMachine", Name="HV1", State="Off", Id=vm_id)
    >>> vm["State"]
    EnumValue(name='Off', number=3)
    >>> vm["VMName"]
    'HV1'
    >>> str(vm["VMId"])[:8]
    '11111111'
    >>> vm.text
    "VirtualMachine (Name = 'HV1') [Id = '11111111-2222-3333-4444-555555555555']"
    """
    template = _template(type_name)
    if template is None:
        return _unknown_type(type_name, properties)
    values = template.defaults.copy()
    for name in template.lists:
        values[name] = []
    given = _given(type_name, tuple(properties))
    for (name, conversion), value in zip(given, properties.values(), strict=True):
        values[name] = value if value is None or conversion is None else _typed(value, conversion)
    for alias, name in template.type.aliases.items():
        values[alias] = values[name]
    for name, script in SCRIPT_PROPERTIES.get(type_name, {}).items():
        values[name] = script(values)
    return LazyTextRecord(template.type.type_names, values, template.make_text, template.spellings)


MakeRecord = Callable[..., Record]
"""Creates the record of an object from the arguments of its getters."""


def partial_object(
    type_name: str, getters: Mapping[str, Callable[..., Any]], needed: frozenset[str]
) -> MakeRecord:
    """Return a function that makes objects with only the properties and aliases in `needed`.

    `needed` are names in lower case. The other getters are called only to compute the text.

    Raises KeyError for an unknown type or property. So does the returned function, for an unknown
    name of an enum value.
    """
    template = _template(type_name)
    if template is None:
        msg = f"no type {type_name!r} in the table"
        raise KeyError(msg)
    known = template.type.aliases.items()
    aliases = [
        (alias, name) for alias, name in known if alias.lower() in needed and name in getters
    ]
    wanted = needed | {name.lower() for _, name in aliases}
    every = list(zip(_given(type_name, tuple(getters)), getters.values(), strict=True))
    chosen = [(*given, get) for given, get in every if given[0].lower() in wanted]
    others = [(*given, get) for given, get in every if given[0].lower() not in wanted]
    type_names, text_of = template.type.type_names, template.make_text
    names = dict.fromkeys([name for name, _, _ in chosen] + [alias for alias, _ in aliases])
    spellings = Record(type_names, names).spellings

    def make(*arguments: Any) -> Record:
        def make_text(values: Mapping[str, Any]) -> str:
            return text_of({**values, **_values(others, arguments)})

        values = _values(chosen, arguments)
        for alias, name in aliases:
            values[alias] = values[name]
        return LazyTextRecord(type_names, values, make_text, spellings)

    return make


_Getter = tuple[str, Callable[[Any], Any] | None, Callable[..., Any]]


def _values(getters: Iterable[_Getter], arguments: tuple[Any, ...]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, conversion, get in getters:
        value = get(*arguments)
        if conversion is not None and value is not None:
            value = conversion(value) if value.__class__ is str else _typed(value, conversion)
        values[name] = value.copy() if value.__class__ is list else value
    return values


@dataclass(frozen=True)
class _Template:
    """The shared data of all objects of a type: defaults, list properties, conversions."""

    type: ObjectType
    defaults: dict[str, Any]
    lists: tuple[str, ...]
    conversions: Mapping[str, Callable[[Any], Any]]
    make_text: Callable[[Mapping[str, Any]], str]
    spellings: Mapping[str, str]


@lru_cache(maxsize=1024)  # a call site uses the same properties each time
def _given(
    type_name: str, properties: tuple[str, ...]
) -> tuple[tuple[str, Callable[[Any], Any] | None], ...]:
    """Return the name and the conversion of each property that is given; raises KeyError."""
    template = _template(type_name)
    known = (
        [(template.type.aliases.get(given, given), given) for given in properties]
        if template
        else []
    )
    for name, given in known:
        if template is not None and name not in template.defaults:
            msg = f"{type_name} has no property {given!r}"
            raise KeyError(msg)
    return tuple((name, template.conversions.get(name)) for name, _ in known) if template else ()


@cache
def _template(type_name: str) -> _Template | None:
    known = object_type(type_name)
    if known is None:
        return None
    kinds = {name: _element(text) for name, text in known.properties.items()}
    lists = tuple(name for name, (_, is_list, _) in kinds.items() if is_list and not known.is_cim)
    defaults = {
        name: None if known.is_cim or nullable or is_list else _DEFAULTS.get(kind)
        for name, (kind, is_list, nullable) in kinds.items()
    }
    conversions = {
        name: conversion
        for name, (kind, _, _) in kinds.items()
        if (conversion := _conversion(known, name, kind)) is not None
    }
    names = dict.fromkeys((*defaults, *known.aliases, *SCRIPT_PROPERTIES.get(type_name, ())))
    spellings = Record(known.type_names, names).spellings
    make_text = partial(text_of_object, known)
    return _Template(known, defaults, lists, conversions, make_text, spellings)


def _element(text: str) -> tuple[str, bool, bool]:
    """Return the element type of a type such as ``Nullable<Guid>``, ``List<Int32>``, ``String[]``.

    Also returns whether it is a list, and whether it is nullable.
    """
    for wrapper in ("Nullable<", "List<", "IReadOnlyList<"):
        if text.startswith(wrapper):
            return (
                text.removeprefix(wrapper).removesuffix(">"),
                wrapper != "Nullable<",
                wrapper == "Nullable<",
            )
    return text.removesuffix("[]"), text.endswith("[]"), False


def _conversion(known: ObjectType, name: str, kind: str) -> Callable[[Any], Any] | None:
    if known.name.startswith("Win32_"):
        # CIM returns plain numbers for these classes; the names are only in the documentation.
        return None
    for enum in (kind, f"{known.name}.{name}"):
        if enum_table(enum) is not None:
            return lru_cache(maxsize=256)(partial(enum_value, enum))
    return _guid if kind == "Guid" else None


def _guid(value: Any) -> UUID:
    if value.__class__ is str:
        return _parsed_guid(value)
    return value if isinstance(value, UUID) else _parsed_guid(str(value))


@lru_cache(maxsize=16384)  # the same VMs are listed many times
def _parsed_guid(text: str) -> UUID:
    return UUID(text)


def _typed(value: Any, conversion: Callable[[Any], Any]) -> Any:
    if isinstance(value, str):
        return conversion(value)
    if isinstance(value, list | tuple):
        return [_typed(item, conversion) for item in value]
    return value if isinstance(value, EnumValue | Record) else conversion(value)


def _unknown_type(type_name: str, properties: Mapping[str, Any]) -> Record:
    if "." not in type_name and "#" not in type_name:
        msg = f"no type {type_name!r} in the table; write its full .NET name"
        raise KeyError(msg)
    return Record((type_name, "System.Object"), properties, type_name)


_SCALAR_TYPES = frozenset(
    {
        *(
            "System.Boolean",
            "System.DateTime",
            "System.Double",
            "System.Guid",
            "System.String",
            "System.TimeSpan",
            "System.Byte[]",
        ),
        *(
            f"System.{kind}"
            for kind in ("Byte", "SByte", "Int16", "Int32", "Int64", "UInt16", "UInt32", "UInt64")
        ),
        *("System.Collections.Hashtable", "System.Object[]"),
    }
)


def scalar_record(value: Any) -> Record:
    """Return a plain value as a record, with the only property ``Value``.

    >>> scalar_record(True).type_name, scalar_record("x")["Value"], scalar_record(2**40).type_name
    ('System.Boolean', 'x', 'System.Int64')
    """
    if isinstance(value, EnumValue):
        own = (enum_type_name(value.enum),) if isinstance(value, DotNetEnum) else ()
        return Record(
            (*own, "System.Enum", "System.ValueType", "System.Object"), {"Value": value}, value.name
        )
    name = "System.Byte[]" if isinstance(value, bytes) else dotnet_type_of(value)
    return Record(
        (name if name in _SCALAR_TYPES else "System.String", "System.Object"),
        {"Value": value},
        display_text(value),
    )


def is_scalar(record: Record) -> bool:
    """Whether a record is a plain value, see `scalar_record`."""
    return _are_scalar_types(record.type_names)


@lru_cache(maxsize=512)
def _are_scalar_types(names: tuple[str, ...]) -> bool:
    if not names:
        return False
    return names[0].removeprefix("Deserialized.") in _SCALAR_TYPES or "System.Enum" in names


def scalar_value(record: Record) -> Any:
    """Return the plain value of a record made by `scalar_record`."""
    return record.properties["Value"]


@lru_cache(maxsize=512)
def is_custom(names: tuple[str, ...]) -> bool:
    """Whether these are the type names of an object of Select-Object or [pscustomobject]."""
    return bool(names) and (
        _CUSTOM_OBJECT in names or names[0].removeprefix("Deserialized.").startswith("Selected.")
    )
