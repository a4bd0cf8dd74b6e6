"""The types of values of a topology file: scalars, lists, mappings with known keys.

A kind parses the *text* that the user typed, not YAML 1.1's value of it: ``version: 9.0`` is not a
float, ``name: no`` not a Boolean, ``mac_address: 11:22:33:44:55:59`` not a base-60 number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from nestlab.dataclass import MISSING, dataclass, field
from nestlab.enumerations import all_of, one_of
from nestlab.model.plain import Declared, Plain, WrittenField, plain, written_fields
from nestlab.model.state.hypervisor import SettingValue
from nestlab.texts import tr, translate


class InvalidValue(ValueError):
    """A string that is not a valid value of its kind; carries the finding's code and hint."""

    def __init__(self, message: str, *, code: str = "bad-value", hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint


@dataclass(frozen=True)
class Scalar:
    """A scalar: one text and the value it is parsed to.

    `template` describes it, with `values` for its fields; `parse` raises `InvalidValue`.
    """

    template: str
    parse: Callable[[str], Any]
    schema: Mapping[str, Any]
    values: Mapping[str, Any] = field(default_factory=dict)
    longest: int = 200  # characters; a longer text is refused before

    @property
    def noun(self) -> str:
        """What it is, in the chosen language: completes the sentence "must be ..."."""
        return translate(self.template, **self.values)

    @cached_property
    def is_number(self) -> bool:
        """Whether a number without quotes may be meant: by its schema, or if that has no type."""
        types = self.schema.get("type", "number")
        return "number" in types or "integer" in types


@dataclass(frozen=True)
class ListOf:
    """A list of one kind.

    With `split`, a single scalar is accepted too, and `split` divides it into the items.
    """

    item: Kind
    split: Callable[[str], Sequence[str]] | None = None


@dataclass(frozen=True)
class MapOf:
    """A mapping with free keys: a key is the `name` of the value below it."""

    key: Scalar
    item: Shape

    def shape(self, *names: str) -> Shape:
        """Return a mapping with these keys."""
        keys = tuple(Key(name, self.item, "") for name in dict.fromkeys(names))
        return Shape(self.item.title, dict, keys, build=dict)


@dataclass(frozen=True)
class Setting:
    """How a key of a VM or of an adapter is set on a host, by one parameter of one cmdlet.

    `cmdlet` is Set-VM or Set-VMNetworkAdapter; the objects that Get-VM and Get-VMNetworkAdapter
    return have a property of that name. `initial` is its value on a new VM or adapter,
    `initial_on_client` that on Windows 11 if it differs. `numbers` are those of an enumeration,
    which remoting may send for names; a Boolean key with numbers is an OnOffState. `while_off` is
    true if it can only be set while the VM is off.
    """

    cmdlet: str
    parameter: str
    initial: SettingValue
    numbers: Mapping[int, str] = field(default_factory=dict)
    while_off: bool = False
    initial_on_client: SettingValue | None = None

    def host_value(self, declared: Plain) -> SettingValue:
        """Return a value of the file as the value of the parameter and the property.

        >>> guard = Setting("Set-VMNetworkAdapter", "DhcpGuard", "Off", {0: "On", 1: "Off"})
        >>> guard.host_value(True)
        'On'
        """
        if isinstance(declared, bool) and self.numbers:
            return "On" if declared else "Off"
        if not isinstance(declared, str | int):
            message = f"-{self.parameter} takes one value, not {declared!r}"  # not shown
            raise TypeError(message)
        return declared


@dataclass(frozen=True, eq=False)
class Key:
    """One key of a mapping: its type, documentation, form label and setting.

    `name` is its name in the file, `kind` the type of its value, `doc` its meaning; `attribute` is
    the name in the model where that differs. The default is that of the model.

    `label` is its label in the designer's form (without one it is not in the form), `hint` an
    example of the input. `setting` is how it is set on a host. `unless` names a Boolean
    key: where it is true, this one is not required.
    """

    name: str
    kind: Kind | Callable[[], Kind]
    doc: str
    required: bool = False
    unless: str = ""
    attribute: str = ""
    label: str = ""
    hint: str = ""
    setting: Setting | None = None

    @cached_property
    def value_kind(self) -> Kind:
        """The kind, also where it is given as a function because VMs contain VMs."""
        return self.kind if isinstance(self.kind, Scalar | ListOf | MapOf | Shape) else self.kind()

    @property
    def field(self) -> str:
        """The attribute of the model that has the value."""
        return self.attribute or self.name

    @property
    def text_name(self) -> str:
        """The name of the key in sentences, such as ``automatic stop action``.

        It is that of its label, in the chosen language, where it has one.
        """
        label = translate(self.label) if self.label else self.name.replace("_", " ")
        return label if label[1:2].isupper() else label[:1].lower() + label[1:]  # DHCP guard


@dataclass(frozen=True)
class KeySetting:
    """A key of the file with its setting, as the key table pairs them."""

    key: Key
    setting: Setting

    def declared(self, item: Declared) -> SettingValue | None:
        """Return the value that a VM or an adapter of the file has, as a host shows it."""
        value = getattr(item, self.key.field)
        return None if value is None else self.setting.host_value(plain(value))


@dataclass(frozen=True)
class OneLine:
    """How a mapping is written on one line of a form.

    The template with the most of its keys is used to write it, the first that matches to read it.

    ``OneLine(("{to} via {via}",), "10.1.0.0/16 via 10.0.0.2")``
    """

    templates: tuple[str, ...]
    example: str


@dataclass(frozen=True, eq=False)
class Shape:
    """A mapping with known keys, and the model class it becomes.

    `cross_check` checks the values together and returns a problem, or an empty string.
    `alternatives` are the only sets of keys that may occur together. `build` converts where the
    file's keys are not the model's attributes. `schema` is added to the JSON Schema. `line` is how
    the mapping is written on one line of a form; None if the form has a field for each of its keys.

    `short_forms` are keys of the file alone: reading expands them, and the model has no attribute
    for them. `merges` are the sets of keys that a mapping may have together with its default.
    """

    title: str
    model: type[Any]
    keys: tuple[Key, ...]
    cross_check: Callable[[Mapping[str, Any]], str] | None = None
    build: Callable[[Mapping[str, Any]], Any] | None = None
    schema: Mapping[str, Any] = field(default_factory=dict)
    alternatives: tuple[tuple[str, ...], ...] = ()
    line: OneLine | None = None
    short_forms: tuple[Key, ...] = ()
    merges: tuple[tuple[str, ...], ...] = ()
    definition: str = ""  # its name in the JSON Schema; by default that of the model
    by_name: Mapping[str, Key] = field(init=False)
    _attributes: Mapping[str, str] = field(init=False)
    _required: tuple[Key, ...] = field(init=False)

    @property
    def noun(self) -> str:
        """What it is, in the chosen language: completes the sentence "must be ..."."""
        return translate(self.title)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {key.name: key for key in self.keys})
        object.__setattr__(self, "_attributes", {key.name: key.field for key in self.keys})
        object.__setattr__(self, "_required", tuple(key for key in self.keys if key.required))

    @cached_property
    def settings(self) -> tuple[KeySetting, ...]:
        """The keys that have a setting, with that setting."""
        return tuple(KeySetting(key, key.setting) for key in self.keys if key.setting is not None)

    def problem(self, values: Mapping[str, Any]) -> str:
        """Return the problem of these values together; empty if there is none."""
        if self.alternatives and not self.allows(values):
            sets = [_with(names) for names in self.alternatives]
            return tr("must have {keys}", keys=one_of(sets))
        return self.cross_check(values) if self.cross_check else ""

    @property
    def all_names(self) -> list[str]:
        """The names of all its keys, with those that reading expands."""
        return [key.name for key in (*self.keys, *self.short_forms)]

    def may_merge(self, names: Iterable[str]) -> bool:
        """Whether a mapping and its default may have these keys together."""
        sets = self.merges or self.alternatives
        return not sets or set(names) in map(set, sets)

    def allows(self, names: Iterable[str]) -> bool:
        """Whether these keys may occur together."""
        return not self.alternatives or set(names) in map(set, self.alternatives)

    def make(self, values: Mapping[str, Any]) -> Any:
        """Build the model's value from the values of the keys that were present."""
        if self.build:
            return self.build(values)
        return self.model(**{self._attributes[name]: value for name, value in values.items()})

    def help(self, key: Key) -> str:
        """Return the meaning of a key, with the model's default."""
        default = self.default_text(key)
        return f"{key.doc} Default {default}." if default else key.doc

    def default_text(self, key: Key) -> str:
        """Return the default of a key as written in the file; empty if the model has none."""
        written_field = self._fields.get(key.field)
        default = written_field.default if written_field else None
        if (
            written_field is None
            or default in (None, "", (), MISSING)
            or isinstance(default, Declared)
        ):
            return ""
        written = written_field.write(default)
        if isinstance(written, bool):
            return "true" if written else "false"
        return f'"{written}"' if " " in str(written) else str(written)

    def missing(self, values: Mapping[str, Any]) -> list[Key]:
        """Return the required keys that are not among the values of a mapping."""
        if not self._required:
            return []
        absent = (key for key in self._required if key.name not in values)
        return [key for key in absent if values.get(key.unless, False) is False]

    def default(self, key: Key) -> Any:
        """Return the model's default of a key; MISSING if it has none."""
        return self._fields[key.field].default if key.field in self._fields else MISSING

    def written_default(self, key: Key) -> Plain:
        """Return the default of a key as the file has it; None (written as null) if it has none."""
        default = self.default(key)
        return None if default in (None, MISSING) else self._fields[key.field].write(default)

    @cached_property
    def _fields(self) -> Mapping[str, WrittenField]:
        model: Any = self.model
        if not issubclass(model, Declared):
            return {}
        return {item.attribute: item for item in written_fields(model)}


def _with(keys: Sequence[str]) -> str:
    first, *others = keys
    return tr("{key} with {keys}", key=first, keys=all_of(others)) if others else first


Kind = Scalar | ListOf | MapOf | Shape
