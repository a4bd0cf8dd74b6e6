"""What a host returns: records, error records, and the outcome of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Any, ClassVar

from nestlab.dataclass import dataclass, field


@dataclass(frozen=True)
class EnumValue:
    """A .NET enum value as remoting transfers it: its name and its number.

    Compare by name: numbers mislead, as in OnOffState, where On is 0.

    >>> EnumValue("Running", 2) == "Running"
    True
    """

    name: str
    number: int

    def __eq__(self, other: object) -> bool:
        if isinstance(other, EnumValue):
            return (self.name, self.number) == (other.name, other.number)
        return self.name == other

    def __hash__(self) -> int:
        return hash(self.name)

    def __str__(self) -> str:
        return self.name


@lru_cache(maxsize=512)
def _lower_case(names: tuple[str, ...]) -> Mapping[str, str]:
    # Objects of one type have the same properties, so a thousand records share one table.
    return {name.lower(): name for name in names}


@dataclass(frozen=True)
class Record:
    """One object that a cmdlet returned: .NET type names, properties, and its text.

    Property values are plain: None, bool, int, float, str, datetime, timedelta, EnumValue, lists of
    these, or, for a nested object, its text (remoting serializes to depth 1). Property names ignore
    case, as in PowerShell.

    >>> types = ("Microsoft.HyperV.PowerShell.VirtualMachine",)
    >>> vm = Record(types, {"Name": "HV1", "State": EnumValue("Off", 3)})
    >>> vm["name"], vm["State"] == "Off", vm.get("Nothing")
    ('HV1', True, None)
    """

    origin: ClassVar[Record | None] = None
    """The original, for a record that `copied` returned; otherwise None."""

    type_names: tuple[str, ...]
    properties: Mapping[str, Any]
    text: str = ""
    spellings: Mapping[str, str] = field(init=False, repr=False, compare=False)
    """The names of the properties as they are spelled in the record, by their lower-case form.

    Records whose properties have the same names, in the same order, share this table.
    """

    def __post_init__(self) -> None:
        if (
            type(self.properties) is not MappingProxyType
        ):  # a proxy is read-only already, and copying eighty properties takes time
            object.__setattr__(self, "properties", MappingProxyType(dict(self.properties)))
        object.__setattr__(self, "spellings", _lower_case(tuple(self.properties)))

    @property
    def type_name(self) -> str:
        """The most derived type, without the ``Deserialized.`` that remoting puts before it."""
        return self.type_names[0].removeprefix("Deserialized.") if self.type_names else ""

    def __getitem__(self, name: str) -> Any:
        return self.properties[self.spellings[name.lower()]]

    def get(self, name: str, default: Any = None) -> Any:
        """Return the property, or `default` where the record has none of that name."""
        if name in self.properties:
            return self.properties[name]
        key = self.spellings.get(name.lower())
        return default if key is None else self.properties[key]

    def spelling(self, name: str) -> str:
        """Return a property's name as spelled in the record, or `name` if it has no such one."""
        return self.spellings.get(name.lower(), name)

    def with_values(self, properties: Mapping[str, Any], text: str) -> Record:
        """Return a record with other values of the same properties, and another text.

        The mapping must have the same names in the same order and must not change afterwards; for
        speed it is neither checked nor copied.
        """
        changed = object.__new__(Record)
        # Not by `__dict__`, which would be a second object for the garbage collector to visit.
        object.__setattr__(changed, "type_names", self.type_names)
        object.__setattr__(changed, "properties", properties)
        object.__setattr__(changed, "text", text)
        object.__setattr__(changed, "spellings", self.spellings)
        return changed

    @cached_property
    def readings(self) -> dict[str, Any]:
        """A cache of values derived from the record, which its copies share; see `copied`."""
        return {}

    def copied(self, properties: Mapping[str, Any]) -> Record:
        """Return a copy with equal properties, whose lists are copies that a caller may change.

        The copy shares the cache in `readings`.
        """
        copy = self.with_values(properties, self.text)
        object.__setattr__(copy, "origin", self.origin or self)
        object.__setattr__(copy, "readings", self.readings)
        return copy

    def __contains__(self, name: str) -> bool:
        return name.lower() in self.spellings


@lru_cache(maxsize=512)
def _short_name(names: tuple[str, ...]) -> str:
    """The last part of the most derived type's name."""
    return (
        names[0].removeprefix("Deserialized.").replace("/", ".").rsplit(".", 1)[-1] if names else ""
    )


@dataclass(frozen=True)
class ErrorRecord:
    """One PowerShell error record: text, category, fully qualified id, target."""

    message: str
    category: str = "NotSpecified"
    fully_qualified_error_id: str = ""
    target: str = ""
    exception_type: str = ""

    @property
    def error_id(self) -> str:
        """The part before the comma: ``ObjectNotFound`` of ``ObjectNotFound,Microsoft...``."""
        return self.fully_qualified_error_id.split(",")[0]


@dataclass(frozen=True)
class Progress:
    """One progress record: the activity, and how far it is (0-100, or -1 if unknown).

    Several activities may run at the same time. Each has an `activity_id`; a nested activity has
    the id of its parent in `parent_activity_id`.
    """

    activity: str
    status: str = ""
    percent_complete: int = -1
    activity_id: int = 0
    parent_activity_id: int = -1


@dataclass(frozen=True)
class Outcome:
    """The output of one run of statements: records in order, and the other streams."""

    records: tuple[Record, ...] = ()
    errors: tuple[ErrorRecord, ...] = ()
    warnings: tuple[str, ...] = ()
    verbose: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Record]:
        return iter(self.records)

    def _repr_html_(self) -> str:
        from nestlab.html import rich_html  # noqa: PLC0415  # only notebooks need it

        return rich_html(__name__, self)

    def of_type(self, name: str) -> list[Record]:
        """Return the records whose most derived type has this name.

        The name has no namespace: for example ``VMSwitch``.
        """
        return list(self._by_type.get(name, ()))

    @cached_property
    def _by_type(self) -> Mapping[str, list[Record]]:
        found: dict[str, list[Record]] = {}
        types: tuple[str, ...] | None = None
        same: list[Record] = []
        for record in self.records:
            if record.type_names is not types:  # a listing has many of one type
                types = record.type_names
                same = found.setdefault(_short_name(types), [])
            same.append(record)
        return found
