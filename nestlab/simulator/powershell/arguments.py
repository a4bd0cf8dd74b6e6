"""One argument for one parameter: conversion, arrays, empty values, Validate attributes."""

from __future__ import annotations

from collections.abc import Mapping

from nestlab.model import EnumValue, Record, Secret, Switch
from nestlab.model.cmdlet import Value
from nestlab.simulator.powershell import binder_errors as errors
from nestlab.simulator.powershell.conversion import convert, is_instance
from nestlab.simulator.powershell.net_values import Refused, net_type_of, text_of
from nestlab.simulator.powershell.object_types import enum_table
from nestlab.simulator.powershell.signatures import Parameter, Signature

_TAKES_ANYTHING = frozenset({"Object", "PSObject"})
_PREFERENCES = {"SilentlyContinue": 0, "Stop": 1, "Continue": 2, "Inquire": 3, "Ignore": 4, "Suspend": 5}


def bind_argument(command: Signature, parameter: Parameter, value: Value) -> Value:
    """Return the value as the parameter's type: enums as EnumValue, arrays as tuples, switches as Switch.

    Raises PowerShellError with the binder's own text and id.
    """
    if value is Switch.ON and parameter.element_type not in {"SwitchParameter", *_TAKES_ANYTHING}:
        raise errors.missing_argument(command, parameter)
    if parameter.element_type == "CimSession" and value is not None and not isinstance(value, Record):
        raise errors.other_computer(command, parameter.name, text_of(value))
    if parameter.element_type == "PSCredential" and isinstance(value, str):
        raise errors.prompting_for_credential(command, parameter)
    if parameter.is_mandatory:
        _refuse_empty(command, parameter, value)
    elif command.module == "Hyper-V" and not parameter.common:
        _refuse_null(command, parameter, value)
    if value is None and parameter.element_type == "Boolean":
        raise errors.empty_argument(command, parameter, "null")
    converted = _converted(command, parameter, value)
    for item in converted if isinstance(converted, tuple) else (converted,):
        if isinstance(item, Record) and not _is_of_class(parameter, item):
            raise errors.wrong_cim_class(command, parameter)
        _validate(command, parameter, item)
    return converted


def accepts_as_it_is(parameter: Parameter, value: Value) -> bool:
    """Whether the value needs no conversion: what the binder tries first, for positions and for pipeline objects."""
    kind = parameter.element_type
    if kind in _TAKES_ANYTHING:
        return True
    if isinstance(value, list | tuple):
        return parameter.is_array and all(_is_kind(parameter, item) for item in value)
    return _is_kind(parameter, value)


def _is_kind(parameter: Parameter, value: Value) -> bool:
    if isinstance(value, Record):
        return is_instance(value, parameter.element_type) and _is_of_class(parameter, value)
    if isinstance(value, EnumValue):
        return _enum_of(parameter) is not None
    if isinstance(value, Secret):
        return parameter.element_type == "PSCredential"
    return net_type_of(value) == parameter.net_type


def _is_of_class(parameter: Parameter, record: Record) -> bool:
    return not parameter.cim_class or any(
        name.endswith((f"/{parameter.cim_class}", f"#{parameter.cim_class}")) for name in record.type_names
    )


def _refuse_empty(command: Signature, parameter: Parameter, value: Value) -> None:
    if parameter.element_type == "SwitchParameter":
        return
    if value is None:
        raise errors.empty_argument(command, parameter, "null")
    if value == "" and parameter.element_type == "String":
        raise errors.empty_argument(command, parameter, "an empty string")
    if isinstance(value, list | tuple) and parameter.is_array:
        if not value:
            raise errors.empty_argument(command, parameter, "an empty array")
        for item in value:
            _refuse_empty(command, parameter, item)


_NOTHING_IN_LIST = (
    "The argument is null, empty, or an element of the argument collection contains a null value. Supply a collection that does not "
    "contain any null values and then try the command again."
)


def _refuse_null(command: Signature, parameter: Parameter, value: Value) -> None:
    """ValidateNotNull on values and ValidateNotNullOrEmpty on lists: what the module has on its optional parameters."""
    if value is None and parameter.nullable:
        reason = "The argument is null. Provide a valid value for the argument, and then try running the command again."
        raise errors.invalid_argument(command, parameter, reason)
    if not parameter.is_array:
        return
    if value is None or value == "":
        reason = "The argument is null or empty. Provide an argument that is not null or empty, and then try the command again."
        raise errors.invalid_argument(command, parameter, reason if value is None else _NOTHING_IN_LIST)
    if isinstance(value, list | tuple) and (not value or any(item is None or item == "" for item in value)):
        raise errors.invalid_argument(command, parameter, _NOTHING_IN_LIST)


def _converted(command: Signature, parameter: Parameter, value: Value) -> Value:
    if not parameter.is_array:
        return _one(command, parameter, value)
    if value is None:
        return None
    items = value if isinstance(value, list | tuple) else (value,)
    return tuple(_one(command, parameter, item) for item in items)


def _one(command: Signature, parameter: Parameter, value: Value) -> Value:
    try:
        return convert(value, parameter.element_type, parameter.net_type, _enum_of(parameter))
    except Refused as refused:
        if refused.kind.endswith("[]"):
            single = f"Cannot convert value to type {errors.full_type(parameter)}."
            raise errors.wrong_kind(command, parameter, refused.kind, refused.reason, in_function=single) from None
        if refused.kind:
            raise errors.wrong_kind(command, parameter, refused.kind, in_function=refused.reason) from None
        raise errors.not_convertible(command, parameter, refused.reason) from None


_VALUE_SETS = frozenset({"String", "Boolean", "Int16", "Int32", "Int64", "UInt16", "UInt32", "UInt64"})


def _enum_of(parameter: Parameter) -> Mapping[str, int] | None:
    """The numbers of an enum parameter. Value maps of CIM classes are looked up by class; the rest are counted as listed."""
    kind = parameter.element_type
    if kind == "ActionPreference":
        return _PREFERENCES
    if kind in _VALUE_SETS:
        return None
    table = enum_table(kind)
    if table is not None or not parameter.values:
        return table
    cim_class = parameter.net_type.rsplit(".", 2)[-2] if parameter.net_type.count(".") else ""
    return enum_table(f"MSFT_{cim_class}.{kind}") or {name: number for number, name in enumerate(parameter.values)}


def _validate(command: Signature, parameter: Parameter, value: Value) -> None:
    if parameter.values and (parameter.element_type in _VALUE_SETS or isinstance(value, EnumValue)):
        text = text_of(value)
        if text.lower() not in (known.lower() for known in parameter.values) and value is not None:
            reason = (
                f'The argument "{text}" does not belong to the set "{",".join(parameter.values)}" specified by the ValidateSet '
                "attribute. Supply an argument that is in the set and then try the command again."
            )
            raise errors.invalid_argument(command, parameter, reason)
    if parameter.range and isinstance(value, int):
        _validate_range(command, parameter, value, parameter.range)
    if parameter.length and isinstance(value, str):
        _validate_length(command, parameter, value, parameter.length)


def _validate_range(command: Signature, parameter: Parameter, value: int, limits: tuple[int, int]) -> None:
    low, high = limits
    if value > high:
        reason = (
            f"The {value:d} argument is greater than the maximum allowed range of {high}. Supply an argument that is less than or "
            f"equal to {high} and then try the command again."
        )
        raise errors.invalid_argument(command, parameter, reason)
    if value < low:
        reason = (
            f"The {value:d} argument is less than the minimum allowed range of {low}. Supply an argument that is greater than or "
            f"equal to {low} and then try the command again."
        )
        raise errors.invalid_argument(command, parameter, reason)


def _validate_length(command: Signature, parameter: Parameter, value: str, limits: tuple[int, int]) -> None:
    shortest, longest = limits
    if len(value) > longest:
        reason = (
            f"The character length of the {len(value)} argument is too long. Shorten the character length of the argument so it is "
            f'fewer than or equal to "{longest}" characters, and then try the command again.'
        )
        raise errors.invalid_argument(command, parameter, reason)
    if len(value) < shortest:
        reason = (
            f"The character length ({len(value)}) of the argument is too short. Specify an argument with a length that is greater "
            f'than or equal to "{shortest}", and then try the command again.'
        )
        raise errors.invalid_argument(command, parameter, reason)
