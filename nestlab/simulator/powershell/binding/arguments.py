"""Binding of one argument: conversion, arrays, Validate attributes (ParameterBinderBase)."""

from __future__ import annotations

from nestlab.model import EnumValue, Record, Secret, SwitchParameter
from nestlab.model.parameter_values import Value
from nestlab.simulator.powershell.binding import binder_errors as errors
from nestlab.simulator.powershell.binding.parameters import (
    VALIDATE_SET_TYPES,
    VALUE_TYPES,
    Parameter,
    Signature,
)
from nestlab.simulator.powershell.binding.validate_attributes import validate
from nestlab.simulator.powershell.values.dotnet_values import InvalidCastError, dotnet_type_of
from nestlab.simulator.powershell.values.numbers import INTEGERS
from nestlab.simulator.powershell.values.object_types import DotNetEnum
from nestlab.simulator.powershell.values.type_conversion import (
    convert,
    convert_list,
    is_instance,
    is_true,
)

NOT_BOUND = object()
"""Returned by `bind_unconverted` for a value that does not fit without a conversion."""

_OBJECT_TYPES = frozenset({"Object", "PSObject"})
_BOOLEAN_TYPES = frozenset({"Boolean", "SwitchParameter"})


def bind_argument(command: Signature, parameter: Parameter, value: Value) -> Value:
    """Return the value in the parameter's type: EnumValue, tuples for arrays, SwitchParameter.

    Raises PowerShellError with the text and id of the binder.
    """
    kind = parameter.element_type
    if value is SwitchParameter.ON and kind not in {"SwitchParameter", *_OBJECT_TYPES}:
        raise errors.missing_argument(command, parameter)
    value = _transformed_credential(command, parameter, value)
    if command.is_function and not parameter.common:
        value = _transformed(command, parameter, value)
    else:
        value = (
            _coerced_list(command, parameter, value)
            if parameter.is_array
            else _coerced(command, parameter, value)
        )
    return _checked(command, parameter, value)


def bind_unconverted(
    command: Signature,
    parameter: Parameter,
    value: Value,
    *,
    declared: str = "",
    from_pipeline: bool = False,
) -> Value:
    """Return the value if it fits without a conversion, else `NOT_BOUND`.

    The binder tries this first for positional arguments and pipeline objects. `declared` is the
    type with which the class of a pipeline object declares the property. Raises PowerShellError if
    the value fits and a Validate attribute rejects it.
    """
    value = _transformed_credential(command, parameter, value)
    if not _fits(parameter, value, declared, from_pipeline=from_pipeline):
        return NOT_BOUND
    if parameter.is_array and value is not None:
        value = tuple(value) if isinstance(value, list | tuple) else (value,)
    if not _is_of_class(parameter, value):
        return NOT_BOUND
    return _checked(command, parameter, value)


def _fits(parameter: Parameter, value: Value, declared: str, *, from_pipeline: bool) -> bool:
    kind = parameter.element_type
    if value is None:
        return not (parameter.is_value_type or parameter.nullable) and parameter.type != "String"
    if kind == "Object":
        return True
    if parameter.type == "PSObject":
        return from_pipeline or isinstance(value, Record)
    if isinstance(value, list | tuple):
        return parameter.is_array and all(
            item is None or _is_kind(parameter, item, "") for item in value
        )
    return _is_kind(parameter, value, declared)


def _is_kind(parameter: Parameter, value: Value, declared: str) -> bool:
    kind = parameter.element_type
    if isinstance(value, Record):
        return is_instance(value, kind, parameter.dotnet_type)
    if isinstance(value, EnumValue):
        known = parameter.enum is not None and parameter.enum.get(value.name) == value.number
        return known and (
            not isinstance(value, DotNetEnum) or value.enum == kind or parameter.enum is not None
        )
    if isinstance(value, Secret):
        return kind == "PSCredential"
    if declared and declared in INTEGERS and not isinstance(value, bool):
        return declared == kind
    if declared and declared not in VALIDATE_SET_TYPES and declared == kind:
        return True
    return dotnet_type_of(value) == parameter.dotnet_type


def _is_of_class(parameter: Parameter, value: Value) -> bool:
    if not parameter.cim_class:
        return True
    ends = (f"/{parameter.cim_class}", f"#{parameter.cim_class}")
    items = value if isinstance(value, tuple) else (value,)
    return all(
        any(name.endswith(ends) for name in item.type_names)
        for item in items
        if isinstance(item, Record)
    )


def _transformed_credential(command: Signature, parameter: Parameter, value: Value) -> Value:
    """CredentialAttribute: for a user name alone, PowerShell prompts for the password.

    In a session without a user interface that is an error.
    """
    if parameter.element_type != "PSCredential" or value is None or isinstance(value, Secret):
        return value
    if (
        isinstance(value, list | tuple)
        and value
        and all(isinstance(item, Secret) for item in value)
    ):
        return value
    raise (
        errors.prompting_for_credential(command, parameter)
        if isinstance(value, str)
        else errors.no_user_name(command, parameter)
    )


def _transformed(command: Signature, parameter: Parameter, value: Value) -> Value:
    """ArgumentTypeConverterAttribute: functions convert their arguments before binding."""
    kind = parameter.element_type
    if parameter.type == "String" and isinstance(value, list | tuple):
        raise errors.not_transformed(
            command, parameter, "Cannot convert value to type System.String."
        )
    if kind in _BOOLEAN_TYPES:
        for item in value if parameter.is_array and isinstance(value, list | tuple) else (value,):
            if not _converts_to_boolean(item) and not (item is None and kind == "SwitchParameter"):
                raise errors.not_transformed(
                    command,
                    parameter,
                    errors.not_a_boolean(parameter, "" if item is None else _kind_name(item)),
                )
    if kind == "CimSession" and isinstance(value, str):
        raise errors.other_computer(command, parameter.name, value)
    try:
        if not parameter.is_array:
            return convert(value, kind, parameter.dotnet_type, parameter.enum)
        return (
            None
            if value is None
            else convert_list(value, kind, parameter.dotnet_type, parameter.enum)
        )
    except InvalidCastError as refused:
        raise errors.not_transformed(command, parameter, refused.reason) from None


def _converts_to_boolean(value: Value) -> bool:
    return isinstance(value, bool | int | float | SwitchParameter | EnumValue)


def _kind_name(value: Value) -> str:
    return value.enum if isinstance(value, DotNetEnum) else dotnet_type_of(value)


def _coerced_list(command: Signature, parameter: Parameter, value: Value) -> Value:
    if value is None:
        return None
    items = value if isinstance(value, list | tuple) else (value,)
    converted = (_coerced(command, parameter, item) for item in items)
    # Arrays of a value type cannot contain null: an element that is not set is zero.
    return tuple(
        0 if item is None and parameter.element_type in INTEGERS else item for item in converted
    )


def _coerced(command: Signature, parameter: Parameter, value: Value) -> Value:
    """CoerceTypeAsNeeded, for the parameters of compiled cmdlets."""
    kind = parameter.element_type
    if value is None:
        if kind == "Boolean" and not parameter.nullable:
            raise errors.null_for_boolean(command, parameter)
        return SwitchParameter.ON if kind == "SwitchParameter" else None
    if kind in _BOOLEAN_TYPES and not (
        kind == "SwitchParameter" and isinstance(value, SwitchParameter)
    ):
        if not _converts_to_boolean(value) or isinstance(value, SwitchParameter):
            raise errors.wrong_kind(command, parameter, _kind_name(value))
        on = is_true(value)
        return on if kind == "Boolean" else SwitchParameter.ON if on else SwitchParameter.OFF
    if isinstance(value, list | tuple) and kind not in _OBJECT_TYPES and parameter.enum is None:
        raise errors.wrong_kind(
            command, parameter, "System.Object[]", "Specified method is not supported."
        )
    if kind == "CimSession" and isinstance(value, str):
        raise errors.other_computer(command, parameter.name, value)
    try:
        return convert(value, kind, parameter.dotnet_type, parameter.enum)
    except InvalidCastError as refused:
        raise errors.not_convertible(
            command, parameter, _conversion_reason(parameter, refused.reason)
        ) from None


def _conversion_reason(parameter: Parameter, reason: str) -> str:
    """Return the reason why a value does not convert, which names the type of the parameter."""
    if parameter.nullable and reason.startswith("Cannot convert the "):
        return reason.replace(
            f'to type "{parameter.dotnet_type}"', f'to type "{errors.full_type(parameter)}"'
        )
    return reason


def _checked(command: Signature, parameter: Parameter, value: Value) -> Value:
    """Check a converted value: class, Validate attributes, mandatory parameters, null."""
    if not _is_of_class(parameter, value):
        raise errors.wrong_cim_class(command, parameter)
    validate(command, parameter, value)
    if parameter.is_mandatory:
        _reject_empty(command, parameter, value)
    if value is None and parameter.is_value_type and not parameter.nullable:
        raise errors.binding_failed(command, parameter, _null_reason(parameter))
    return value


def _null_reason(parameter: Parameter) -> str:
    if parameter.enum is not None:
        try:
            convert(None, parameter.element_type, parameter.dotnet_type, parameter.enum)
        except InvalidCastError as refused:
            return refused.reason
    return f'Cannot convert null to type "{parameter.dotnet_type}".'


def _reject_empty(command: Signature, parameter: Parameter, value: Value) -> None:
    if value is None:
        raise errors.empty_argument(command, parameter, "null")
    if value == "" and parameter.type == "String":
        raise errors.empty_argument(command, parameter, "an empty string")
    if not isinstance(value, tuple):
        return
    if not value:
        raise errors.empty_argument(command, parameter, "an empty array")
    if parameter.enum is not None or parameter.element_type in VALUE_TYPES:
        return
    for item in value:
        if item is None:
            raise errors.empty_argument(command, parameter, "null")
        if item == "" and parameter.element_type == "String":
            raise errors.empty_argument(command, parameter, "an empty string")
