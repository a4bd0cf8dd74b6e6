"""The fields of the classes of `nestlab.dataclass`, and the functions that read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType, MemberDescriptorType
from typing import Any

FIELDS = "__nestlab_fields__"
"""The attribute of a class that holds its fields by name, those of its bases first."""

_STANDARD_FIELDS = "__dataclass_fields__"
_NO_METADATA: Mapping[Any, Any] = MappingProxyType({})
_NOT_SUPPORTED = ("InitVar", "KW_ONLY")


class _Missing:
    """The type of `MISSING`."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Any = _Missing()
"""The default of a field that has none."""


class OwnField:
    """A field of a dataclass."""

    __slots__ = (
        "compare",
        "default",
        "default_factory",
        "init",
        "kw_only",
        "metadata",
        "name",
        "repr",
        "type",
    )

    def __init__(  # the parameters of dataclasses.field
        self,
        default: Any = MISSING,
        default_factory: Any = MISSING,
        *,
        init: bool = True,
        repr: bool = True,  # noqa: A002  # the name of the standard library
        compare: bool = True,
        metadata: Mapping[Any, Any] = _NO_METADATA,
        kw_only: Any = MISSING,
    ) -> None:
        self.name: str = ""
        self.type: Any = None
        self.default = default
        self.default_factory = default_factory
        self.init = init
        self.repr = repr
        self.compare = compare
        self.metadata = metadata
        self.kw_only = kw_only

    def has_default(self) -> bool:
        """Whether `__init__` needs no value for it."""
        return self.default is not MISSING or self.has_factory()

    def has_factory(self) -> bool:
        """Whether a function makes its default, for each instance."""
        return self.default_factory is not MISSING


def field(  # the parameters of dataclasses.field
    *,
    default: Any = MISSING,
    default_factory: Any = MISSING,
    init: bool = True,
    repr: bool = True,  # noqa: A002  # the name of the standard library
    compare: bool = True,
    metadata: Mapping[Any, Any] | None = None,
    kw_only: Any = MISSING,
) -> Any:
    """Return a field, as `dataclasses.field` does."""
    if default is not MISSING and default_factory is not MISSING:
        message = "cannot specify both default and default_factory"
        raise ValueError(message)
    return OwnField(
        default,
        default_factory,
        init=init,
        repr=repr,
        compare=compare,
        metadata=_NO_METADATA if metadata is None else MappingProxyType(metadata),
        kw_only=kw_only,
    )


def is_dataclass(value: object) -> bool:
    """Whether a value is a dataclass of this package, or an instance of one."""
    return hasattr(value if isinstance(value, type) else type(value), FIELDS)


def fields(class_or_instance: Any) -> tuple[OwnField, ...]:
    """Return the fields of a dataclass of this package, or of an instance."""
    return tuple(fields_by_name(class_or_instance).values())


def fields_by_name(class_or_instance: Any) -> dict[str, OwnField]:
    """Return the fields by name. Raises TypeError if there are none."""
    found: dict[str, OwnField] | None = getattr(class_or_instance, FIELDS, None)
    if found is None:
        message = "must be called with a dataclass of nestlab, or an instance of one"
        raise TypeError(message)
    return found


def replace(value: Any, /, **changes: Any) -> Any:
    """Return a new instance with these changes, as `dataclasses.replace` does."""
    for name, found in fields_by_name(value).items():
        if not found.init:
            if name in changes:
                message = f"field {name} is declared with init=False, it cannot be specified with replace()"
                raise ValueError(message)
        elif name not in changes:
            changes[name] = getattr(value, name)
    return value.__class__(**changes)


def declare_fields(cls: type, *, kw_only: bool) -> dict[str, OwnField]:
    """Return the fields of a class that is being decorated; class attributes keep the defaults."""
    found: dict[str, OwnField] = {}
    for base in reversed(cls.__mro__[1:]):
        inherited = base.__dict__.get(FIELDS)
        if inherited is not None:
            found |= inherited
        elif _STANDARD_FIELDS in base.__dict__:
            message = f"{cls.__name__} cannot inherit from {base.__name__}, a dataclass of the standard library"
            raise TypeError(message)
    annotations = cls.__annotations__
    for name, annotation in annotations.items():
        if not _is_class_variable(cls, annotation):
            found[name] = _declared(cls, name, annotation, kw_only=kw_only)
    for name, value in cls.__dict__.items():
        if isinstance(value, OwnField) and name not in annotations:
            message = f"{name!r} is a field but has no type annotation"
            raise TypeError(message)
    return found


def require_order(found: Iterable[OwnField]) -> None:
    """Raise TypeError where a parameter without default follows one with a default."""
    optional = False
    for field in found:
        if field.init and not field.kw_only:
            if optional and not field.has_default():
                message = f"non-default argument {field.name!r} follows default argument"
                raise TypeError(message)
            optional = field.has_default()


def _is_class_variable(cls: type, annotation: object) -> bool:
    text = str(annotation).removeprefix("typing.").removeprefix("dataclasses.")
    if text.startswith(_NOT_SUPPORTED):
        message = f"{cls.__name__}: {text} is not supported"
        raise TypeError(message)
    return text == "ClassVar" or text.startswith("ClassVar[")


def _declared(cls: type, name: str, annotation: object, *, kw_only: bool) -> OwnField:
    """Return one field, whose default is then the attribute of the class, or nothing."""
    value = getattr(cls, name, MISSING)
    if isinstance(value, OwnField):
        found = value
        if found.default is MISSING:
            delattr(cls, name)
        else:
            setattr(cls, name, found.default)
    else:
        # A base class with slots has a descriptor of this name.
        found = OwnField(MISSING if isinstance(value, MemberDescriptorType) else value)
    default = found.default
    if default.__class__.__hash__ is None:
        message = f"mutable default {default.__class__} for field {name} is not allowed: use default_factory"
        raise ValueError(message)
    if type(default).__module__ == "dataclasses":
        message = f"{cls.__name__}.{name}: use field of nestlab.dataclass, not that of dataclasses"
        raise TypeError(message)
    found.name, found.type = name, annotation
    if found.kw_only is MISSING:
        found.kw_only = kw_only
    return found


class StandardFields:
    """`__dataclass_fields__` for the functions of the standard library, created on first access."""

    def __init__(self, by_name: Mapping[str, OwnField]) -> None:
        self._by_name = by_name
        self._made: dict[str, Any] | None = None

    def __get__(self, _instance: object, _owner: object = None) -> dict[str, Any]:
        if self._made is None:
            self._made = _standard(self._by_name)
        return self._made


def _standard(by_name: Mapping[str, OwnField]) -> dict[str, Any]:
    """Return fields as those of the standard library, whose functions accept no others."""
    import dataclasses  # noqa: PLC0415  # slow to import; callers that read these fields have imported it

    def known(value: Any) -> Any:
        return dataclasses.MISSING if value is MISSING else value

    declared: list[tuple[str, Any, Any]] = []
    for name, found in by_name.items():
        kwargs = {
            "default": known(found.default),
            "default_factory": known(found.default_factory),
            "init": found.init,
            "repr": found.repr,
            "compare": found.compare,
            "metadata": dict(found.metadata) or None,
            "kw_only": found.kw_only,
        }
        declared.append((name, Any, dataclasses.field(**kwargs)))
    holder: Any = dataclasses.make_dataclass("Fields", declared, init=False, repr=False, eq=False)
    made: dict[str, Any] = holder.__dataclass_fields__
    for name, found in by_name.items():
        made[name].type = found.type
    return made
