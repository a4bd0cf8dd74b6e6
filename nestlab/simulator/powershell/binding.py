"""From a call to bound parameters, in the order Windows PowerShell's binder works: names, positions, pipeline, sets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from nestlab.model import Record, Switch
from nestlab.model.cmdlet import Value
from nestlab.simulator.powershell import binder_errors as errors
from nestlab.simulator.powershell.arguments import accepts_as_it_is, bind_argument
from nestlab.simulator.powershell.call import Call, PowerShellError
from nestlab.simulator.powershell.objects import is_scalar, scalar_value
from nestlab.simulator.powershell.signatures import Parameter, Signature, signature


@dataclass(frozen=True)
class Bound:
    """A call with every argument at its parameter, converted. Parameters that were not given are absent.

    ``bound["Name"]`` and ``bound.get("Force")`` take canonical parameter names. Common parameters are attributes.
    """

    name: str
    parameter_set: str
    arguments: Mapping[str, Value]
    error_action: str = "Continue"
    warning_action: str = "Continue"
    verbose: bool = False
    what_if: bool = False
    confirm: bool | None = None
    signature: Signature = field(repr=False, kw_only=True)

    def __getitem__(self, name: str) -> Value:
        return self.arguments[name]

    def __contains__(self, name: object) -> bool:
        return name in self.arguments

    def __iter__(self) -> Iterator[str]:
        return iter(self.arguments)

    def get(self, name: str, default: Value = None) -> Value:
        """Return the argument, or `default` where the parameter was not given."""
        return self.arguments.get(name, default)

    def switch(self, name: str) -> bool:
        """Whether a switch parameter is given and on."""
        return self.arguments.get(name) is Switch.ON


def bind_command_line(call: Call, command: Signature) -> None:
    """Bind what somebody typed, before any object comes; raises PowerShellError for what is wrong already."""
    _typed(call, command)


def _typed(call: Call, command: Signature) -> _Binder:
    binder = _Binder(command)
    binder.bind_named(call.arguments)
    binder.bind_positional(call.arguments)
    return binder


def bind(call: Call, pipeline_object: Record | None = None, *, command: Signature | None = None) -> Bound:
    """Bind one call, and one object of the pipeline where there is one, to a command: by default the one of that name.

    Raises PowerShellError with PowerShell's own text, id and category. An object that no parameter takes is a
    non-terminating error, as in PowerShell.

    >>> bound = bind(Call("set-vmprocessor", (("vmn", "HV1"), ("Expose", True), ("Count", "4"))))
    >>> bound.name, dict(bound.arguments)
    ('Set-VMProcessor', {'VMName': ('HV1',), 'ExposeVirtualizationExtensions': True, 'Count': 4})
    """
    known = command or signature(call.name)
    if known is None:
        raise errors.command_not_found(call.name)
    binder = _typed(call, known)
    if pipeline_object is None:
        return _finished(binder)
    try:
        binder.bind_pipeline(pipeline_object)
        return _finished(binder)
    except PowerShellError as error:
        raise PowerShellError(error.record, terminating=False) from None


def _finished(binder: _Binder) -> Bound:
    parameter_set = binder.resolve_set()
    binder.require_mandatory(parameter_set)
    return _bound(binder.command, parameter_set, binder.bound)


def _bound(command: Signature, parameter_set: str, values: Mapping[str, Value]) -> Bound:
    own = {name: value for name, value in values.items() if not command.parameters[name].common}
    confirm = values.get("Confirm")
    return Bound(
        name=command.name,
        parameter_set=parameter_set,
        arguments=MappingProxyType(own),
        error_action=str(values.get("ErrorAction", "Continue")),
        warning_action=str(values.get("WarningAction", "Continue")),
        verbose=values.get("Verbose") is Switch.ON,
        what_if=values.get("WhatIf") is Switch.ON,
        confirm=None if confirm is None else confirm is Switch.ON,
        signature=command,
    )


def find_parameter(command: Signature, name: str) -> Parameter:
    """Return the parameter by its name, an alias, or an unambiguous beginning of one, in any case; raises PowerShellError."""
    wanted = name.removeprefix("-").removesuffix(":").lower()
    parameters = command.parameters.values()
    for parameter in parameters:
        if wanted in (known.lower() for known in parameter.names()):
            return parameter
    matches = [parameter for parameter in parameters if any(known.lower().startswith(wanted) for known in parameter.names())]
    if not matches or not wanted:
        raise errors.named_parameter_not_found(command, name)
    # A command's own parameters go before the common ones.
    own = [parameter for parameter in matches if not parameter.common] or matches
    if len(own) > 1:
        raise errors.ambiguous_parameter(command, name, [parameter.name for parameter in own])
    return own[0]


class _Binder:
    """The state of one binding: what is bound, and which parameter sets are still possible."""

    def __init__(self, command: Signature) -> None:
        self.command = command
        self.bound: dict[str, Value] = {}
        self.sets: set[str] = set(command.sets)

    def bind_named(self, arguments: Iterable[tuple[str | None, Value]]) -> None:
        """Bind the arguments that have a name. Names are looked up first, so a wrong name is told before a wrong value."""
        named = [(find_parameter(self.command, name), value) for name, value in arguments if name is not None]
        for parameter, value in named:
            if parameter.name in self.bound:
                raise errors.parameter_already_bound(self.command, parameter.name)
            self._bind(parameter, bind_argument(self.command, parameter, value))
        if not self.sets:
            raise errors.ambiguous_parameter_set(self.command)

    def bind_positional(self, arguments: Iterable[tuple[str | None, Value]]) -> None:
        """Bind the arguments without a name, each to the lowest free position of the sets that are still possible."""
        values = [value for name, value in arguments if name is None]
        if not values:
            return
        for position in sorted(self._positions()):
            if values and self._bind_position(position, values[0]):
                del values[0]
        if values:
            raise errors.positional_parameter_not_found(self.command, _shown(values[0]))

    def _positions(self) -> set[int]:
        places = (place for parameter in self.command.parameters.values() for place in parameter.places.values())
        return {place.position for place in places if place.position is not None}

    def _bind_position(self, position: int, value: Value) -> bool:
        """Try the default set before the others, and values as they are before conversions. Whether one took it."""
        candidates = self._at(position)
        if not candidates:
            return False
        default_first = sorted(candidates, key=lambda parameter: not self._has_default_place(parameter, position))
        fitting = [parameter for parameter in default_first if accepts_as_it_is(parameter, value)]
        failure: PowerShellError | None = None
        for parameter in [*fitting, *(other for other in default_first if other not in fitting)]:
            try:
                converted = bind_argument(self.command, parameter, value)
            except PowerShellError as error:
                failure = failure or error
            else:
                self._bind(parameter, converted, position=position)
                return True
        raise failure or errors.positional_parameter_not_found(self.command, _shown(value))

    def _has_default_place(self, parameter: Parameter, position: int) -> bool:
        place = parameter.places.get(self.command.default_set or "")
        return place is not None and place.position == position

    def _at(self, position: int) -> list[Parameter]:
        return [
            parameter
            for parameter in self.command.parameters.values()
            if parameter.name not in self.bound
            and any(place.position == position for name, place in parameter.places.items() if name in self.sets)
        ]

    def _bind(self, parameter: Parameter, value: Value, *, position: int | None = None) -> None:
        self.bound[parameter.name] = value
        if position is None:
            self.sets &= parameter.places.keys()
        else:
            self.sets &= {name for name, place in parameter.places.items() if place.position == position}

    def bind_pipeline(self, record: Record) -> None:
        """Bind one pipeline object: by value or by property as it is, then with conversion; the default set before the others."""
        open_parameters = [
            parameter
            for parameter in self.command.parameters.values()
            if parameter.name not in self.bound
            and self.sets & parameter.places.keys()
            and (parameter.by_value or parameter.by_property_name)
        ]
        for convert in (False, True):
            taken = self._bind_by_value(open_parameters, record, convert=convert)
            taken = self._bind_by_property(open_parameters, record, convert=convert, by_value_too=taken) or taken
            if taken:
                return
        raise errors.input_object_not_bound(self.command, record.text)

    def _bind_by_value(self, parameters: list[Parameter], record: Record, *, convert: bool) -> bool:
        value = scalar_value(record) if is_scalar(record) else record
        for parameter in self._default_first([parameter for parameter in parameters if parameter.by_value]):
            if not convert and not accepts_as_it_is(parameter, value):
                continue
            if self._try(parameter, value):
                return True
        return False

    def _bind_by_property(self, parameters: list[Parameter], record: Record, *, convert: bool, by_value_too: bool) -> bool:
        taken = False
        for parameter in self._default_first([parameter for parameter in parameters if parameter.by_property_name]):
            name = next((name for name in parameter.names() if name in record), None)
            if name is None or record[name] is None or parameter.name in self.bound:
                continue
            if not convert and not accepts_as_it_is(parameter, record[name]):
                continue
            taken = self._try(parameter, record[name]) or taken
        return taken and not by_value_too

    def _default_first(self, parameters: list[Parameter]) -> list[Parameter]:
        return sorted(parameters, key=lambda parameter: self.command.default_set not in parameter.places)

    def _try(self, parameter: Parameter, value: Value) -> bool:
        if not self.sets & parameter.places.keys():
            return False
        try:
            converted = bind_argument(self.command, parameter, value)
        except PowerShellError:
            return False
        self._bind(parameter, converted)
        return True

    def resolve_set(self) -> str:
        """Return the one parameter set: the default where it is possible, else the only one with nothing missing."""
        if not self.sets:
            raise errors.ambiguous_parameter_set(self.command)
        if len(self.sets) == 1:
            return next(iter(self.sets))
        if self.command.default_set in self.sets:
            return self.command.default_set
        complete = [name for name in self.command.sets if name in self.sets and not self._missing(name)]
        if len(complete) != 1:
            raise errors.ambiguous_parameter_set(self.command)
        return complete[0]

    def require_mandatory(self, parameter_set: str) -> None:
        """Raise where the set misses a mandatory parameter: nobody is there to be asked."""
        missing = self._missing(parameter_set)
        if missing:
            raise errors.missing_mandatory(self.command, missing)

    def _missing(self, parameter_set: str) -> list[str]:
        places = ((parameter.name, parameter.places.get(parameter_set)) for parameter in self.command.parameters.values())
        return [name for name, place in places if place is not None and place.mandatory and name not in self.bound]


def _shown(value: Value) -> str:
    return "System.Object[]" if isinstance(value, list | tuple) else str(value)
