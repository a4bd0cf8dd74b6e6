"""Validate attributes of parameters: null, sets, ranges, lengths."""

from __future__ import annotations

from nestlab.model import EnumValue, Record
from nestlab.model.parameter_values import Value
from nestlab.simulator.powershell.binding import binder_errors as errors
from nestlab.simulator.powershell.binding.parameters import (
    VALIDATE_SET_TYPES,
    Parameter,
    ParameterRule,
    Signature,
)
from nestlab.simulator.powershell.values.dotnet_values import text_of
from nestlab.simulator.powershell.values.regular_expressions import is_match

_NULL = "The argument is null. Provide a valid value for the argument, and then try running the command again."
_NULL_OR_EMPTY = "The argument is null or empty. Provide an argument that is not null or empty, and then try the command again."
_NOTHING_IN_LIST = (
    "The argument is null, empty, or an element of the argument collection contains a null value. Supply a collection that does not "
    "contain any null values and then try the command again."
)

_NOT_NULL_OR_EMPTY = frozenset({("Get-Command", "Name")})
"""Lists with ValidateNotNullOrEmpty outside the Hyper-V module (PowerShell/PowerShell)."""


def validate(command: Signature, parameter: Parameter, value: Value) -> None:
    """Raise PowerShellError if an attribute rejects a value, which already has the right type."""
    if command.module == "Hyper-V" and not parameter.common and not parameter.is_mandatory:
        _validate_not_null(command, parameter, value)
    if (command.name, parameter.name) in _NOT_NULL_OR_EMPTY:
        _validate_not_null(command, parameter, value)
    if parameter.rule is not None:
        _apply_rule(command, parameter, parameter.rule, value)
    if not (parameter.values or parameter.range or parameter.length):
        return
    limited = bool(
        parameter.range
        or parameter.length
        or (parameter.values and parameter.element_type in VALIDATE_SET_TYPES)
    )
    if limited and (value is None or (isinstance(value, tuple) and None in value)):
        raise errors.invalid_argument(command, parameter, _NOTHING_IN_LIST)
    for item in value if isinstance(value, tuple) else (value,):
        _validate_item(command, parameter, item)


def _apply_rule(
    command: Signature, parameter: Parameter, rule: ParameterRule, value: Value
) -> None:
    """Apply the attribute that a role capability adds: each item of a list, by its text."""
    for item in value if isinstance(value, tuple) else (value,):
        if item is None:
            raise errors.invalid_argument(command, parameter, _NOTHING_IN_LIST)
        text = item.text if isinstance(item, Record) else text_of(item)
        if rule.pattern and not is_match(rule.pattern, text, case_sensitive=False):
            reason = (
                f'The argument "{text}" does not match the "{rule.pattern}" pattern. Supply an argument that matches "{rule.pattern}" '
                "and try the command again."
            )
            raise errors.invalid_argument(command, parameter, reason)
        if rule.values and not _is_among(text, rule.values):
            raise errors.invalid_argument(command, parameter, _not_in_set(text, rule.values))
        if rule.test is not None and not rule.test(rule.computer, item):
            reason = (
                f'The " {rule.script} " validation script for the argument with value "{text}" did not return a result of True. '
                "Determine why the validation script failed, and then try the command again."
            )
            raise errors.invalid_argument(command, parameter, reason)


def _is_among(text: str, values: tuple[str, ...]) -> bool:
    return text.lower() in (known.lower() for known in values)


def _not_in_set(text: str, values: tuple[str, ...]) -> str:
    return (
        f'The argument "{text}" does not belong to the set "{",".join(values)}" specified by the ValidateSet '
        "attribute. Supply an argument that is in the set and then try the command again."
    )


def _validate_not_null(command: Signature, parameter: Parameter, value: Value) -> None:
    """Apply the ValidateNotNull attributes that optional parameters of the Hyper-V module have."""
    if value is None and parameter.nullable:
        raise errors.invalid_argument(command, parameter, _NULL)
    if not parameter.is_array:
        return
    if value is None:
        raise errors.invalid_argument(command, parameter, _NULL_OR_EMPTY)
    if not value or any(item is None or item == "" for item in value):
        raise errors.invalid_argument(command, parameter, _NOTHING_IN_LIST)


def _validate_item(command: Signature, parameter: Parameter, value: Value) -> None:
    if parameter.values and (
        parameter.element_type in VALIDATE_SET_TYPES
        or (isinstance(value, EnumValue) and "," not in value.name)
    ):
        text = text_of(value)
        if not _is_among(text, parameter.values):
            raise errors.invalid_argument(command, parameter, _not_in_set(text, parameter.values))
    if parameter.range and isinstance(value, int):
        _validate_range(command, parameter, value, parameter.range)
    if parameter.length and isinstance(value, str):
        _validate_length(command, parameter, value, parameter.length)


def _validate_range(
    command: Signature, parameter: Parameter, value: int, limits: tuple[int, int]
) -> None:
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


def _validate_length(
    command: Signature, parameter: Parameter, value: str, limits: tuple[int, int]
) -> None:
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
