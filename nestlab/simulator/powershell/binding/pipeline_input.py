"""Binding of a pipeline object, by its value or its properties, which are converted if needed."""

from __future__ import annotations

from collections.abc import Callable

from nestlab.model import Record
from nestlab.model.parameter_values import Value
from nestlab.simulator.powershell.binding import binder_errors as errors
from nestlab.simulator.powershell.binding.arguments import (
    NOT_BOUND,
    bind_argument,
    bind_unconverted,
)
from nestlab.simulator.powershell.binding.binder import Binder
from nestlab.simulator.powershell.binding.parameter_sets import matching
from nestlab.simulator.powershell.binding.parameters import (
    Parameter,
    Signature,
)
from nestlab.simulator.powershell.call import PowerShellError
from nestlab.simulator.powershell.objects import is_scalar, scalar_value
from nestlab.simulator.powershell.values.object_types import property_kind

Attempt = Callable[[Signature, Parameter, Record], Value]


def _bindable_value(record: Record) -> Value:
    return scalar_value(record) if is_scalar(record) else record


def _value_unconverted(command: Signature, parameter: Parameter, record: Record) -> Value:
    if not parameter.by_value:
        return NOT_BOUND
    return bind_unconverted(command, parameter, _bindable_value(record), from_pipeline=True)


def _value_converted(command: Signature, parameter: Parameter, record: Record) -> Value:
    if not parameter.by_value:
        return NOT_BOUND
    try:
        return bind_argument(command, parameter, _bindable_value(record))
    except PowerShellError as error:
        # A value that does not convert may belong to another parameter. It is an error if a
        # Validate attribute rejects it, or if PowerShell would prompt for a password.
        exception = error.record.exception_type
        if exception == errors.VALIDATION or (
            exception == errors.TRANSFORMATION and parameter.element_type == "PSCredential"
        ):
            raise
        return NOT_BOUND


def _property(parameter: Parameter, record: Record) -> tuple[str, Value] | None:
    """Return name and value of the property that has the parameter's name or one of its aliases."""
    if is_scalar(record) or not parameter.by_property_name:
        return None
    name = next((name for name in parameter.names() if name in record), None)
    # Real objects of Hyper-V always have a CimSession; here it is null.
    if name is None or (
        record[name] is None
        and (parameter.element_type == "CimSession" or _ignores_null(parameter))
    ):
        return None
    return name, record[name]


def _ignores_null(parameter: Parameter) -> bool:
    """Whether a null property is ignored.

    Drives without a disk number can be piped to Set-VMHardDiskDrive (its reference).
    """
    return parameter.nullable and not parameter.is_mandatory


def _property_unconverted(command: Signature, parameter: Parameter, record: Record) -> Value:
    found = _property(parameter, record)
    if found is None:
        return NOT_BOUND
    declared = property_kind(record.type_names[0], found[0]) if record.type_names else ""
    return bind_unconverted(command, parameter, found[1], declared=declared)


def _property_converted(command: Signature, parameter: Parameter, record: Record) -> Value:
    found = _property(parameter, record)
    if found is None:
        return NOT_BOUND
    try:
        return bind_argument(command, parameter, found[1])
    except PowerShellError as error:
        if error.record.exception_type != errors.BINDING:
            raise
        return NOT_BOUND


ATTEMPTS: tuple[Attempt, ...] = (
    _value_unconverted,
    _property_unconverted,
    _value_converted,
    _property_converted,
)


def bind_object(binder: Binder, record: Record) -> None:
    """Bind an object by value and by property name, first unconverted, then converted.

    Raises PowerShellError.
    """
    any_bound = _bind_in_passes(binder, record)
    binder.validate_sets(before_objects=False, take_default=True)
    binder.verify_set()
    if not any_bound:
        raise errors.input_object_not_bound(binder.command)
    if missing := binder.missing_mandatory():
        raise errors.input_object_missing_mandatory(binder.command, missing)


def _bind_in_passes(binder: Binder, record: Record) -> bool:
    any_bound = False
    sets = binder.prioritized_sets or binder.sets
    for only_prioritized in (True, False) if binder.prioritized_sets else (False,):
        for attempt in ATTEMPTS:
            if _pass(binder, record, attempt, sets):
                any_bound = True
                if not only_prioritized:
                    binder.validate_sets(before_objects=True, take_default=True)
                    sets = binder.sets
        if only_prioritized:
            if binder.sets == binder.prioritized_sets:
                break
            sets = binder.sets & ~binder.prioritized_sets
    return any_bound


def _pass(binder: Binder, record: Record, attempt: Attempt, sets: int) -> bool:
    """Try the default set first, and only that one if it accepts the object."""
    default = binder.command.default_bit
    if default & sets:
        if _pass_in_sets(binder, record, attempt, default):
            return True
        sets &= ~default
    return _pass_in_sets(binder, record, attempt, sets)


def _pass_in_sets(binder: Binder, record: Record, attempt: Attempt, sets: int) -> bool:
    any_bound = False
    for name in binder.command.from_pipeline:
        if name in binder.bound or not matching(binder.command.set_metadata[name], sets):
            continue
        parameter = binder.command.parameters[name]
        value = attempt(binder.command, parameter, record)
        if value is not NOT_BOUND:
            binder.bind(parameter, value)
            any_bound = True
    return any_bound
