"""The kinds of values a topology file has: texts with a meaning, lists, and mappings with known keys.

A kind converts from the *text* the user typed, not from what YAML 1.1 makes of it: ``version: 9.0``
is not a float, ``name: no`` not a boolean, ``mac_address: 11:22:33:44:55:59`` not a number in base
60.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any


class Refused(ValueError):
    """A text that is no value of its kind: the finding's code, the sentence, and the way out."""

    def __init__(self, message: str, *, code: str = "bad-value", hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint


@dataclass(frozen=True)
class Scalar:
    """One text with a meaning.

    `noun` completes the sentence "must be ..."; `parse` raises `Refused`.
    """

    noun: str
    parse: Callable[[str], Any]
    schema: Mapping[str, Any]


@dataclass(frozen=True)
class ListOf:
    """A list of one kind."""

    item: Kind


@dataclass(frozen=True)
class Key:
    """One key of a mapping: its name in the file, its kind, its meaning; `attribute` where the model's name differs."""

    name: str
    kind: Kind | Callable[[], Kind]
    doc: str
    required: bool = False
    attribute: str = ""

    @cached_property
    def value_kind(self) -> Kind:
        """The kind, also where it was given late because VMs contain VMs."""
        return self.kind if isinstance(self.kind, Scalar | ListOf | Shape) else self.kind()


@dataclass(frozen=True)
class Shape:
    """A mapping with known keys, and the model class it becomes.

    `refuse` looks at the values together and returns what is wrong, or an empty text. `build`
    bridges the few places where the file's keys are not the model's attributes.
    """

    noun: str
    model: type[Any]
    keys: tuple[Key, ...]
    refuse: Callable[[Mapping[str, Any]], str] = lambda _values: ""
    build: Callable[[Mapping[str, Any]], Any] | None = None
    schema: Mapping[str, Any] = field(
        default_factory=dict
    )  # what the JSON Schema says beyond the keys
    by_name: Mapping[str, Key] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {key.name: key for key in self.keys})

    def make(self, values: Mapping[str, Any]) -> Any:
        """Build the model's value from the values of the keys that were present."""
        if self.build:
            return self.build(values)
        return self.model(
            **{self.by_name[name].attribute or name: value for name, value in values.items()}
        )


Kind = Scalar | ListOf | Shape
