"""The standard library's `dataclass` and its functions, faster for hundreds of classes.

The standard decorator compiles up to six methods for each class, which takes half a millisecond,
and its module imports `inspect`, which takes as long as twenty modules of this package. Here,
`__init__` is compiled when a class has had some instances, and the other methods are functions that
all classes share, or closures. That matters where nestlab starts often: a simulated host can be a
child process of each session. Type checkers see the names of the standard library here, and the
functions of `dataclasses` accept these classes.

A class behaves as with the standard decorator, except that an instance of a subclass of a frozen
class refuses the assignment of every attribute, not only of fields. Not supported are `order`,
`unsafe_hash`, `InitVar`, `KW_ONLY`, `hash` of a field, frozen classes with `slots`, and base
classes and fields of the standard library.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from operator import attrgetter
from reprlib import recursive_repr
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NoReturn

from nestlab.dataclass_fields import (
    FIELDS,
    OwnField,
    StandardFields,
    declare_fields,
    fields_by_name,
    require_order,
)

__all__ = ["MISSING", "Field", "dataclass", "field", "fields", "is_dataclass", "replace"]

_PARAMETERS = "__dataclass_params__"

if TYPE_CHECKING:
    from dataclasses import (
        MISSING,
        Field,
        dataclass,
        field,
        fields,
        is_dataclass,
        replace,
    )
else:
    from nestlab.dataclass_fields import MISSING, field, fields, is_dataclass, replace

    Field = OwnField

    def dataclass(  # the parameters of the standard decorator
        cls: type | None = None,
        /,
        *,
        frozen: bool = False,
        eq: bool = True,
        repr: bool = True,  # noqa: A002  # the name of the standard library
        slots: bool = False,
        kw_only: bool = False,
    ) -> Any:
        """Make a class a dataclass, as `dataclasses.dataclass` does with these arguments."""
        if frozen and slots:
            message = "a frozen dataclass with slots is not supported"
            raise TypeError(message)

        def decorate(cls: type) -> type:
            _require_same_frozen(cls, frozen=frozen)
            by_name = declare_fields(cls, kw_only=kw_only)
            if slots:
                cls = _with_slots(cls, by_name)
            setattr(cls, FIELDS, by_name)
            cls.__dataclass_fields__ = StandardFields(by_name)
            setattr(cls, _PARAMETERS, SimpleNamespace(frozen=frozen, eq=eq, repr=repr))
            _add(cls, _methods(cls, by_name, frozen=frozen, eq=eq, repr=repr))
            return cls

        return decorate if cls is None else decorate(cls)


_Methods = dict[str, Any]


def _require_same_frozen(cls: type, *, frozen: bool) -> None:
    """Raise TypeError where the class is frozen and a base is not, or the reverse."""
    for base in cls.__mro__[1:]:
        if FIELDS in base.__dict__ and base.__dict__[_PARAMETERS].frozen is not frozen:
            this, that = ("frozen", "non-frozen") if frozen else ("non-frozen", "frozen")
            message = f"cannot inherit {this} dataclass from a {that} one"
            raise TypeError(message)


def _with_slots(cls: type, names: Iterable[str]) -> type:
    """Return a new class, like this one, with a slot for each of its fields."""
    inherited = {name for base in cls.__mro__[1:] for name in base.__dict__.get("__slots__", ())}
    left_out = {"__dict__", "__weakref__", *names}
    namespace = {name: value for name, value in cls.__dict__.items() if name not in left_out}
    namespace["__slots__"] = tuple([name for name in names if name not in inherited])
    made = type(cls)(cls.__name__, cls.__bases__, namespace)
    made.__qualname__ = cls.__qualname__
    return made


def _methods(
    cls: type,
    by_name: Mapping[str, OwnField],
    *,
    frozen: bool,
    eq: bool,
    repr: bool,  # noqa: A002  # the name of the standard library
) -> _Methods:
    given = [field for field in by_name.values() if field.init]
    methods: _Methods = {
        # The standard decorator writes a signature where a docstring is absent, in 4 ms.
        "__doc__": cls.__name__,
        "__init__": _Initialization(cls, by_name.values(), frozen=frozen),
        "__match_args__": tuple([field.name for field in given if not field.kw_only]),
    }
    if repr:
        methods["__repr__"] = _representation
    if eq:
        methods |= _comparison(
            [field.name for field in by_name.values() if field.compare], frozen=frozen
        )
    if frozen:
        methods |= {"__setattr__": _refuse_assignment, "__delattr__": _refuse_deletion}
    if sys.version_info >= (3, 13):
        methods["__replace__"] = replace
    return methods


def _add(cls: type, methods: _Methods) -> None:
    """Add the methods that the class neither defines nor inherits already."""
    own = cls.__dict__
    for name, method in methods.items():
        # Python adds `__hash__ = None` to a class that defines `__eq__`, and a `__doc__` of None.
        if own.get(name) is None and getattr(cls, name, _methods) is not method:
            setattr(cls, name, method)


@recursive_repr()
def _representation(self: Any) -> str:
    values = ", ".join([f"{name}={getattr(self, name)!r}" for name in _shown(self.__class__)])
    return f"{self.__class__.__qualname__}({values})"


@cache
def _shown(cls: type) -> tuple[str, ...]:
    return tuple([name for name, field in fields_by_name(cls).items() if field.repr])


def _comparison(names: list[str], *, frozen: bool) -> _Methods:
    values = attrgetter(*names) if len(names) > 1 else _few_values(names)

    def __eq__(self: Any, other: Any) -> bool:  # noqa: N807  # a method
        return (
            values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented
        )

    def __hash__(self: Any) -> int:  # noqa: N807  # a method
        return hash(values(self))

    return {"__eq__": __eq__, "__hash__": __hash__ if frozen else None}


def _few_values(names: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    """Return a getter of a tuple, which `attrgetter` is only for two names or more."""
    return lambda self: tuple([getattr(self, name) for name in names])


def _refuse_assignment(_self: Any, name: str, _value: Any) -> NoReturn:
    _refuse("assign to", name)


def _refuse_deletion(_self: Any, name: str) -> NoReturn:
    _refuse("delete", name)


def _refuse(what: str, name: str) -> NoReturn:
    from dataclasses import FrozenInstanceError  # noqa: PLC0415  # slow to import, rarely needed

    message = f"cannot {what} field {name!r}"
    raise FrozenInstanceError(message)


class _Factory:
    """The default of a parameter whose value comes from a factory."""

    def __repr__(self) -> str:
        return "<factory>"


_FACTORY = _Factory()


_INSTANCES_BEFORE_COMPILATION = 10
"""Compilation takes as long as about forty calls without it."""


class _Initialization:
    """The `__init__` of a class for its first instances; after those, `__init__` is compiled.

    Most classes of a process have few instances, or one. Arguments that do not match the fields
    are passed to the compiled method, which raises Python's own TypeError.
    """

    def __init__(self, cls: type, found: Iterable[OwnField], *, frozen: bool) -> None:
        self._class, self._frozen = cls, frozen
        self._fields = tuple(found)
        self._left = _INSTANCES_BEFORE_COMPILATION
        require_order(self._fields)

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        # From Python 3.13 on, `inspect.signature` binds the method to the class.
        if instance is not None and self._left > 0 and not isinstance(instance, type):
            self._left -= 1
            return partial(self._initialize, instance)
        return self._put_in_place().__get__(instance, owner)

    def _put_in_place(self) -> Any:
        init = self._compiled()
        self._class.__init__ = init  # type: ignore[misc]  # in the place of this object
        return init

    def _initialize(self, instance: Any, /, *values: Any, **named: Any) -> None:
        """Do what the compiled `__init__` does."""
        attributes = self._attributes(values, named)
        if attributes is None:
            self._put_in_place()(instance, *values, **named)
            return
        assign = object.__setattr__ if self._frozen else setattr
        for name, value in attributes.items():
            assign(instance, name, value)
        if hasattr(self._class, "__post_init__"):
            instance.__post_init__()

    def _attributes(self, values: tuple[Any, ...], named: dict[str, Any]) -> dict[str, Any] | None:
        """Return the attributes of an instance, or None if these arguments do not fit."""
        positional, found, taken = list(reversed(values)), {}, 0
        slots = "__slots__" in vars(self._class)
        for field in self._fields:
            name = field.name
            if field.init and positional and not field.kw_only:
                found[name] = positional.pop()
            elif field.init and name in named:
                found[name] = named[name]
                taken += 1
            elif field.default_factory is not MISSING:
                found[name] = field.default_factory()
            elif field.default is not MISSING:
                if field.init or slots:
                    found[name] = field.default
            elif field.init:
                return None
        return None if positional or taken < len(named) else found

    def _compiled(self) -> Any:
        given = [field for field in self._fields if field.init]
        parameters = ["self", *(_parameter(field) for field in given if not field.kw_only)]
        keywords = [_parameter(field) for field in given if field.kw_only]
        if keywords:
            parameters += ["*", *keywords]
        set_field = "set_(self, {!r}, {})" if self._frozen else "self.{} = {}"
        # A slot has no default of its class.
        slots = "__slots__" in vars(self._class)
        lines = [
            set_field.format(field.name, _value(field))
            for field in self._fields
            if field.init or field.has_factory() or (slots and field.has_default())
        ]
        if hasattr(self._class, "__post_init__"):
            lines.append("self.__post_init__()")
        body = "\n  ".join(lines or ["pass"])
        source = (
            f"def make_(fields_, factory_, set_):\n def __init__({', '.join(parameters)}):\n"
            f"  {body}\n return __init__"
        )
        names: dict[str, Any] = {}
        # In the namespace of the class's module, where type hints are looked up.
        exec(source, vars(sys.modules[self._class.__module__]), names)  # noqa: S102  # as the standard library does
        by_name = {field.name: field for field in self._fields}
        init = names["make_"](by_name, _FACTORY, object.__setattr__)
        init.__qualname__ = f"{self._class.__qualname__}.__init__"
        init.__annotations__ = {**{field.name: field.type for field in given}, "return": None}
        return init


def _parameter(field: OwnField) -> str:
    if field.has_factory():
        return f"{field.name}=factory_"
    return f"{field.name}=fields_[{field.name!r}].default" if field.has_default() else field.name


def _value(field: OwnField) -> str:
    if not field.has_factory():
        return field.name if field.init else f"fields_[{field.name!r}].default"
    made = f"fields_[{field.name!r}].default_factory()"
    return f"{made} if {field.name} is factory_ else {field.name}" if field.init else made
