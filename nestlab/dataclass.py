"""`dataclass` of the standard library, for a package with hundreds of them.

That one compiles up to six methods for each class, which takes half a millisecond: a third of the
time in which the simulated host starts as a child process. This one compiles `__init__` alone; the
other methods are functions that all classes share, or closures. `field`, `fields`, `replace` and
`asdict` are those of the standard library. Type checkers read this decorator as the standard one.

A class behaves as with the standard decorator, except that an instance of a subclass of a frozen
class refuses the assignment of every attribute, not only of fields. Not supported are `order`,
`unsafe_hash`, `InitVar`, and frozen classes with `slots`.
"""

from __future__ import annotations

import dataclasses
import reprlib
import sys
from collections.abc import Callable, Sequence
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NoReturn

__all__ = ["dataclass"]

if TYPE_CHECKING:
    from dataclasses import dataclass  # noqa: TID251  # the one place
else:

    def dataclass(
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
            # The standard decorator writes a signature where a docstring is absent, in 4 ms.
            cls.__doc__ = cls.__doc__ or cls.__name__
            cls = dataclasses.dataclass(  # noqa: TID251  # as above
                cls, init=not frozen, repr=False, eq=False, slots=slots, kw_only=kw_only
            )
            _add(cls, _methods(cls, frozen=frozen, eq=eq, repr=repr))
            return cls

        return decorate if cls is None else decorate(cls)


Field = dataclasses.Field[Any]
_Methods = dict[str, Callable[..., Any] | None]


def _methods(cls: type, *, frozen: bool, eq: bool, repr: bool) -> _Methods:  # noqa: A002  # as above
    fields = dataclasses.fields(cls)
    methods: _Methods = {}
    if repr:
        methods["__repr__"] = _representation
    if eq:
        methods |= _comparison([field.name for field in fields if field.compare], frozen=frozen)
    if frozen:
        methods |= {
            "__init__": _initialization(cls, fields),
            "__setattr__": _refuse_assignment,
            "__delattr__": _refuse_deletion,
        }
    return methods


def _add(cls: type, methods: _Methods) -> None:
    """Add the methods that the class does not define itself."""
    own = vars(cls)
    # Python adds `__hash__ = None` to a class that defines `__eq__`.
    defined = {name for name in own if name != "__hash__" or own[name] is not None}
    for name, method in methods.items():
        if name not in defined:
            setattr(cls, name, method)


@reprlib.recursive_repr()
def _representation(self: Any) -> str:
    values = ", ".join([f"{name}={getattr(self, name)!r}" for name in _shown(self.__class__)])
    return f"{self.__class__.__qualname__}({values})"


@cache
def _shown(cls: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(cls) if field.repr)


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
    """Return what `attrgetter` is for two names or more: it returns no tuple for a single one."""
    return lambda self: tuple([getattr(self, name) for name in names])


def _refuse_assignment(_self: Any, name: str, _value: Any) -> NoReturn:
    message = f"cannot assign to field {name!r}"
    raise dataclasses.FrozenInstanceError(message)


def _refuse_deletion(_self: Any, name: str) -> NoReturn:
    message = f"cannot delete field {name!r}"
    raise dataclasses.FrozenInstanceError(message)


class _Factory:
    """The default of a parameter whose value a factory makes."""

    def __repr__(self) -> str:
        return "<factory>"


_FACTORY = _Factory()


def _initialization(cls: type, fields: Sequence[Field]) -> Callable[..., None]:
    """Return the `__init__` of a frozen class."""
    given = [field for field in fields if field.init]
    parameters = ["self", *(_parameter(field) for field in given if not field.kw_only)]
    keywords = [_parameter(field) for field in given if field.kw_only]
    if keywords:
        parameters += ["*", *keywords]
    lines = [
        f"set_(self, {field.name!r}, {_value(field)})"
        for field in fields
        if field.init or _has_factory(field)
    ]
    if hasattr(cls, "__post_init__"):
        lines.append("self.__post_init__()")
    body = "\n  ".join(lines or ["pass"])
    source = (
        f"def make_(fields_, factory_, set_):\n def __init__({', '.join(parameters)}):\n"
        f"  {body}\n return __init__"
    )
    names: dict[str, Any] = {}
    # In the namespace of the class's module, where type hints are looked up.
    exec(source, vars(sys.modules[cls.__module__]), names)  # noqa: S102  # as the standard library does
    by_name = {field.name: field for field in fields}
    init: Callable[..., None] = names["make_"](by_name, _FACTORY, object.__setattr__)
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    init.__annotations__ = {**{field.name: field.type for field in given}, "return": None}
    return init


def _parameter(field: Field) -> str:
    if _has_factory(field):
        return f"{field.name}=factory_"
    has_default = field.default is not dataclasses.MISSING
    return f"{field.name}=fields_[{field.name!r}].default" if has_default else field.name


def _value(field: Field) -> str:
    if not _has_factory(field):
        return field.name
    made = f"fields_[{field.name!r}].default_factory()"
    return f"{made} if {field.name} is factory_ else {field.name}" if field.init else made


def _has_factory(field: Field) -> bool:
    return field.default_factory is not dataclasses.MISSING
