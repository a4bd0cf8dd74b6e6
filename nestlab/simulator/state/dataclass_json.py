"""Dataclasses as plain JSON data and back; values equal to their default are omitted."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar

from nestlab.dataclass import MISSING, Field, fields, is_dataclass

Model = TypeVar("Model")
Decoder = Callable[[Any], Any]


def encode(value: Any) -> Any:
    """Return plain data for a dataclass, a list, a dict or a scalar."""
    if isinstance(value, list):
        return [encode(item) for item in value]
    if isinstance(value, dict):
        return {key: encode(item) for key, item in value.items()}
    if not is_dataclass(value) or isinstance(value, type):
        return value
    data = {}
    model: type = type(value)
    for name, default in _saved_fields(model):
        item = getattr(value, name)
        if item is None or item != default:
            data[name] = encode(item)
    return {name: item for name, item in data.items() if item is not None}


def decode(model: type[Model], data: Any) -> Model:
    """Read what `encode` returned, in this version or an earlier one.

    A dataclass has the fields that it no longer has in FORMER_FIELDS: name -> new name, or None for
    a field that is ignored.

    Raises TypeError, KeyError or ValueError if the data does not fit the dataclass.
    """
    if not isinstance(data, Mapping):
        msg = f"expected an object for {model.__name__}, found {data!r}"
        raise TypeError(msg)
    kind: type = model
    decoders = _decoders(kind)
    former: Mapping[str, str | None] = getattr(model, "FORMER_FIELDS", {})
    unknown = sorted(data.keys() - decoders.keys() - former.keys())
    if unknown:
        msg = f"{model.__name__} has no field {', '.join(unknown)}"
        raise ValueError(msg)
    current = ((former.get(name, name), item) for name, item in data.items())
    return model(**{name: decoders[name](item) for name, item in current if name is not None})


_NO_DEFAULT = object()


@cache
def _saved_fields(model: type) -> list[tuple[str, Any]]:
    return [(field.name, _default(field)) for field in fields(model) if field.init]


def _default(field: Field[Any]) -> Any:
    if field.default is not MISSING:
        return field.default
    return _NO_DEFAULT if field.default_factory is MISSING else field.default_factory()


@cache
def _decoders(model: type) -> dict[str, Decoder]:
    hints = typing.get_type_hints(model)
    return {field.name: _decoder(hints[field.name]) for field in fields(model) if field.init}


def _decoder(hint: Any) -> Decoder:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        inner = _decoder(next(argument for argument in arguments if argument is not type(None)))
        return lambda data: None if data is None else inner(data)
    if origin is list:
        item = _decoder(arguments[0])
        return lambda data: [item(element) for element in _checked(data, list)]
    if origin is dict:
        entry = _decoder(arguments[1])
        return lambda data: {
            str(key): entry(element) for key, element in _checked(data, dict).items()
        }
    if isinstance(hint, type) and is_dataclass(hint):
        return lambda data: decode(hint, data)
    return lambda data: (
        float(data) if hint is float and isinstance(data, int) else _checked(data, hint)
    )


def _checked(data: Any, kind: Any) -> Any:
    if not isinstance(data, kind) or (kind is int and isinstance(data, bool)):
        msg = f"expected {kind.__name__}, found {data!r}"
        raise TypeError(msg)
    return data
