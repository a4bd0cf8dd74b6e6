"""Values of a plan as plain JSON data, and back: the one converter for journals and saved plans.

It reads the fields of the classes themselves, so that a field added to `Step` is written and read
without a change here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from functools import cache, partial
from typing import TYPE_CHECKING, Any, TypeVar

from nestlab.dataclass import is_dataclass
from nestlab.model import Cmdlet, parse_path, path_text
from nestlab.plan.step import Deferred, InnerVM, OutOfReach, Remainder, Step, StepTarget
from nestlab.texts import mark, tr, translate

if TYPE_CHECKING:
    from cattrs import Converter

_Value = TypeVar("_Value")


class ConversionError(ValueError):
    """Data that is not what `to_plain` writes; the text says what is wrong, and at which key."""


def to_plain(value: Any) -> Any:
    """Return a step, or another frozen value, as plain JSON data; secrets only by name."""
    return _converter().unstructure(value)


def from_plain(data: object, kind: type[_Value], at: str = "$") -> _Value:
    """Read what `to_plain` wrote.

    `at` is the key that has the data, ``$`` where they are the whole document. Raises
    ConversionError with the key that is wrong: ``steps[3].hazard``.
    """
    from cattrs import transform_error  # noqa: PLC0415  # only reading needs it

    try:
        if is_dataclass(kind):
            _require_type(data, dict)
        return _converter().structure(data, kind)
    except Exception as error:  # noqa: BLE001  # cattrs raises groups of whatever the data provokes
        text = next(
            iter(transform_error(error, path=at, format_exception=_problem)), _UNEXPECTED_VALUE
        )
        problem, _, place = text.rpartition(" @ ") if " @ " in text else (text, "", at)
        place = place.removeprefix("$").removeprefix(".")
        colon = "" if problem == _MISSING else ":"
        raise ConversionError(f"{place}{colon} {problem}" if place else problem) from None


class _InvalidValue(ValueError):
    """A value that is not what `to_plain` writes; the text is a message for the user."""


_MISSING = mark("is missing")
_UNEXPECTED_VALUE = mark("the value is not as nestlab writes it")


def _problem(error: BaseException, _kind: type | None) -> str:
    from cattrs.errors import ForbiddenExtraKeysError  # noqa: PLC0415  # only reading needs it

    match error:
        case KeyError():
            return translate(_MISSING)
        case ForbiddenExtraKeysError():
            return tr("unknown key {keys}", keys=", ".join(sorted(error.extra_fields)))
        case _InvalidValue():
            return str(error)
        case _:
            return translate(_UNEXPECTED_VALUE)  # the text of the exception is about Python


@cache
def _converter() -> Converter:
    from cattrs import Converter  # noqa: PLC0415  # loaded when something is written or read, not with the planners
    from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override  # noqa: PLC0415

    converter = Converter(forbid_extra_keys=True)
    # By default cattrs converts types: a number becomes a string, any string is true, and a string
    # becomes a list of its characters.
    for kind in (str, bool, int):
        converter.register_structure_hook(kind, _require_type)
    converter.register_structure_hook_factory(_is_tuple, _lists_only)
    converter.register_structure_hook_factory(_is_dict, _objects_only)
    converter.register_unstructure_hook(datetime, datetime.isoformat)
    converter.register_structure_hook(datetime, lambda data, _kind: datetime.fromisoformat(data))
    converter.register_unstructure_hook(Cmdlet, Cmdlet.to_dict)
    converter.register_structure_hook(Cmdlet, _cmdlet)
    target = make_dict_structure_fn(StepTarget, converter)
    converter.register_structure_hook(StepTarget, lambda data, kind: target(_target(data), kind))
    machine = override(
        unstruct_hook=path_text,
        struct_hook=lambda data, _kind: parse_path(_require_type(data, str)),
    )
    for with_machine in (InnerVM, Step, Deferred, Remainder, OutOfReach):
        converter.register_unstructure_hook(
            with_machine, make_dict_unstructure_fn(with_machine, converter, machine=machine)
        )
        structure = make_dict_structure_fn(with_machine, converter, machine=machine)
        converter.register_structure_hook(with_machine, partial(_object, structure))
    return converter


def _object(structure: Callable[[Any, Any], Any], data: Any, kind: type) -> Any:
    return structure(with_current_names(_require_type(data, dict)), kind)


_EARLIER_KEYS: Mapping[str, str] = {
    "thing": "target",
    "lands": "effect",
    "booted": "booted_at",
    "cuts_off": "disconnects",
    "always": "cleanup_count",
    "kept": "notices",
}


_EARLIER_ACTIONS: Mapping[str, str] = {
    "bring-image": "copy-image",
    "take-off-disk": "detach-disk",
    "exchange-disk": "replace-disk",
    "grow-disk": "expand-disk",
}


def with_current_names(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data of a step with the current keys and actions.

    Journals before format 4 and plans of version 1 name some of them differently.
    """
    renamed = {_EARLIER_KEYS.get(key, key): value for key, value in data.items()}
    if isinstance(action := renamed.get("action"), str):
        renamed["action"] = _EARLIER_ACTIONS.get(action, action)
    return renamed


def _target(data: Any) -> dict[str, Any]:
    """Return a `StepTarget` in the current format: journals of format 1 have a pair."""
    return (
        dict(zip(("kind", "name"), data, strict=True))
        if isinstance(data, list)
        else _require_type(data, dict)
    )


_NAMES: Mapping[type, str] = {
    str: mark("a string"),
    bool: mark("true or false"),
    int: mark("a number"),
    list: mark("a list"),
    dict: mark("an object"),
}


def _require_type(data: Any, kind: type[_Value]) -> _Value:
    if issubclass(kind, Enum):  # a StrEnum is a str to the converter
        known = [str(member.value) for member in kind]
        if data not in known:
            msg = tr(
                "expected one of {values}, found {found}",
                values=", ".join(known),
                found=_shown(data),
            )
            raise _InvalidValue(msg)
        return kind(data)
    if type(data) is not kind:
        expected = translate(_NAMES.get(kind, kind.__name__))
        msg = tr("expected {kind}, found {found}", kind=expected, found=_shown(data))
        raise _InvalidValue(msg)
    return data


def _shown(data: Any) -> str:
    text = json.dumps(data, ensure_ascii=False, default=str)
    return text if len(text) <= _MAX_LENGTH else f"{text[:_MAX_LENGTH]}..."


_MAX_LENGTH = 60


def _is_tuple(kind: Any) -> bool:
    return getattr(kind, "__origin__", None) is tuple


def _lists_only(kind: Any, converter: Converter) -> Callable[[Any, Any], Any]:
    from cattrs.cols import homogenous_tuple_structure_factory  # noqa: PLC0415  # as the converter itself

    structure = homogenous_tuple_structure_factory(kind, converter)
    return lambda data, kind: structure(_require_type(data, list), kind)


def _is_dict(kind: Any) -> bool:
    return getattr(kind, "__origin__", None) is dict


def _objects_only(kind: Any, converter: Converter) -> Callable[[Any, Any], Any]:
    from cattrs.gen import make_mapping_structure_fn  # noqa: PLC0415  # as the converter itself

    structure = make_mapping_structure_fn(kind, converter)
    return lambda data, kind: structure(_require_type(data, dict), kind)


def _cmdlet(data: Any, _kind: type) -> Cmdlet:
    if not isinstance(data, Mapping):
        msg = tr("expected a cmdlet, found {found}", found=_shown(data))
        raise _InvalidValue(msg)
    try:
        cmdlet = Cmdlet.from_dict(data)
        str(cmdlet)  # a cmdlet that cannot be shown is not valid either
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        name = data.get("name") or "this"
        detail = f": {error}" if type(error) is ValueError else ""
        msg = tr("{name} is not a cmdlet as nestlab writes it{detail}", name=name, detail=detail)
        raise _InvalidValue(msg) from None
    return cmdlet
