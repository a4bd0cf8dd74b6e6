"""Signatures of commands: their parameters and parameter sets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

from nestlab.dataclass import dataclass
from nestlab.model.parameter_values import Value


@dataclass(frozen=True)
class ParameterSetMetadata:
    """The role of a parameter in one parameter set."""

    mandatory: bool = False
    position: int | None = None


ALL = 0xFFFFFFFF
"""The bit mask of all parameter sets. PowerShell itself also represents sets as bits."""


@dataclass(frozen=True)
class ParameterSetSpecificMetadata:
    """The role of a parameter in one set, or in all sets: then the bit is `ALL`."""

    bit: int
    mandatory: bool
    position: int | None


@dataclass(frozen=True)
class ParameterRule:
    """What a role demands of the values of a parameter: a pattern, one of a set, or a test.

    `script` is the text of the test, as a message shows it. The test gets the machine that the
    session is on, `computer`, and a value.
    """

    pattern: str = ""
    values: tuple[str, ...] = ()
    script: str = ""
    test: Callable[[Any, Value], bool] | None = None
    computer: Any = None


@dataclass(frozen=True)
class Parameter:
    """One parameter of one command."""

    name: str
    type: str
    dotnet_type: str
    roles: Mapping[str, ParameterSetMetadata]
    aliases: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    range: tuple[int, int] | None = None
    length: tuple[int, int] | None = None
    by_value: bool = False
    by_property_name: bool = False
    wildcards: bool = False
    common: bool = False
    nullable: bool = False
    cim_class: str = ""
    in_all_sets: bool = False
    enum: Mapping[str, int] | None = None
    rule: ParameterRule | None = None

    @cached_property
    def element_type(self) -> str:
        """The type of one element: ``String`` for ``String[]``."""
        return self.type.removesuffix("[]")

    @cached_property
    def is_array(self) -> bool:
        """Whether it accepts several values."""
        return self.type.endswith("[]")

    @cached_property
    def is_mandatory(self) -> bool:
        """Whether it is mandatory in any set; it then accepts neither null nor an empty string."""
        return any(role.mandatory for role in self.roles.values())

    @cached_property
    def is_value_type(self) -> bool:
        """Whether its type is a value type, which has no null."""
        return not self.is_array and (self.enum is not None or self.element_type in VALUE_TYPES)

    def names(self) -> tuple[str, ...]:
        """Return its name and its aliases."""
        return (self.name, *self.aliases)


@dataclass(frozen=True)
class Signature:
    """The signature of a command."""

    name: str
    module: str
    is_function: bool
    class_name: str
    sets: tuple[str, ...]
    default_set: str | None
    parameters: Mapping[str, Parameter]
    aliases: tuple[str, ...]
    output: tuple[str, ...]
    supports_should_process: bool
    confirm_impact: str

    @cached_property
    def by_name(self) -> Mapping[str, Parameter]:
        """The parameters by name and alias, in lower case."""
        aliases = {
            alias.lower(): parameter
            for parameter in self.parameters.values()
            for alias in parameter.aliases
        }
        return aliases | {name.lower(): parameter for name, parameter in self.parameters.items()}

    @cached_property
    def bits(self) -> Mapping[str, int]:
        """The bit of each named set."""
        named = [name for name in self.sets if name != "__AllParameterSets"]
        return {name: 1 << index for index, name in enumerate(named)}

    @cached_property
    def named_bits(self) -> int:
        """The bits of all named sets."""
        return sum(self.bits.values())

    @cached_property
    def default_bit(self) -> int:
        """The bit of the default set, or 0."""
        return self.bits.get(self.default_set or "", 0)

    @cached_property
    def set_metadata(self) -> Mapping[str, tuple[ParameterSetSpecificMetadata, ...]]:
        """The roles of each parameter in its sets."""
        return {
            name: tuple(self._set_metadata(parameter))
            for name, parameter in self.parameters.items()
        }

    def _set_metadata(self, parameter: Parameter) -> Iterator[ParameterSetSpecificMetadata]:
        if parameter.in_all_sets:
            role = next(iter(parameter.roles.values()))
            yield ParameterSetSpecificMetadata(ALL, role.mandatory, role.position)
            return
        for name, role in parameter.roles.items():
            yield ParameterSetSpecificMetadata(
                self.bits.get(name, ALL), role.mandatory, role.position
            )

    @cached_property
    def masks(self) -> Mapping[str, int]:
        """The bits of the sets that each parameter belongs to."""
        return {
            name: ALL
            if any(entry.bit == ALL for entry in entries)
            else sum(entry.bit for entry in entries)
            for name, entries in self.set_metadata.items()
        }

    @cached_property
    def mandatory(self) -> tuple[str, ...]:
        """The parameters that are mandatory in some set."""
        return tuple(
            name
            for name, entries in self.set_metadata.items()
            if any(entry.mandatory for entry in entries)
        )

    @cached_property
    def from_pipeline(self) -> tuple[str, ...]:
        """The parameters that accept pipeline input, last first, which is the binder's order."""
        accepting = (
            name
            for name, parameter in self.parameters.items()
            if parameter.by_value or parameter.by_property_name
        )
        return tuple(reversed(tuple(accepting)))

    def set_name(self, sets: int) -> str:
        """Return the name of the only possible set, or of the default set."""
        if sets in (0, ALL):
            return self.default_set or "__AllParameterSets"
        return next((name for name, bit in self.bits.items() if bit == sets), "")

    @property
    def own_names(self) -> tuple[str, ...]:
        """The names of its parameters, without common ones."""
        return tuple(name for name, parameter in self.parameters.items() if not parameter.common)


# For parameters of these types, the accepted values are those of a ValidateSet attribute; for other
# types they are the values of an enum.
VALIDATE_SET_TYPES = frozenset(
    {"String", "Boolean", "Int16", "Int32", "Int64", "UInt16", "UInt32", "UInt64"}
)


VALUE_TYPES = frozenset(
    {
        "Boolean",
        "Byte",
        "DateTime",
        "Double",
        "Guid",
        "Int16",
        "Int32",
        "Int64",
        "SwitchParameter",
        "TimeSpan",
        "UInt16",
        "UInt32",
        "UInt64",
    }
)
