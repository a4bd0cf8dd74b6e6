"""Binds the arguments of a call to parameters, in the order of Windows PowerShell's binder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from nestlab.dataclass import dataclass, field, replace
from nestlab.model import ErrorRecord, Record, SwitchParameter
from nestlab.model.parameter_values import Value
from nestlab.simulator.powershell.binding import binder_errors as errors
from nestlab.simulator.powershell.binding.binder import Binder
from nestlab.simulator.powershell.binding.parameters import Signature
from nestlab.simulator.powershell.binding.pipeline_input import bind_object
from nestlab.simulator.powershell.binding.signatures import signature
from nestlab.simulator.powershell.call import Call, PowerShellError


@dataclass(frozen=True)
class Bound:
    """A call with all arguments bound and converted.

    Parameters that were not given are absent. ``bound["Name"]`` and ``bound.get("Force")`` take
    canonical parameter names. Common parameters are attributes.
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
        """Return the argument, or `default` if the parameter was not given."""
        return self.arguments.get(name, default)

    def is_present(self, name: str) -> bool:
        """Whether a switch parameter is given and true, as IsPresent of SwitchParameter is."""
        return self.arguments.get(name) is SwitchParameter.ON

    def values(self, *names: str) -> list[Any]:
        """Return the values of the first of these parameters that is given, as a list."""
        for name in names:
            value = self.arguments.get(name)
            if value is not None:
                return list(value) if isinstance(value, list | tuple) else [value]
        return []

    def text(self, name: str, default: str = "") -> str:
        """Return a parameter as a string: the name of an enum value, the first of an array."""
        found = self.values(name)
        return str(found[0]) if found else default


_VARIABLES = (
    "ErrorVariable",
    "InformationVariable",
    "OutVariable",
    "PipelineVariable",
    "WarningVariable",
)
_READ_ONLY = frozenset(
    {
        "error",
        "executioncontext",
        "false",
        "home",
        "host",
        "null",
        "pid",
        "pshome",
        "psversiontable",
        "shellid",
        "true",
        "?",
        "psculture",
    }
)


def _require_writable(variable: str) -> None:
    """Raise PowerShellError if a common parameter would set one of PowerShell's constants."""
    name = variable.removeprefix("+")
    if name.lower() in _READ_ONLY:
        text = f"Cannot overwrite variable {name} because it is read-only or constant."
        exception = "System.Management.Automation.SessionStateUnauthorizedAccessException"
        raise PowerShellError(
            ErrorRecord(text, "WriteError", "VariableNotWritable", name, exception)
        )


class BoundArguments:
    """The arguments of a call, bound; objects of the pipeline are bound in addition to them."""

    def __init__(self, call: Call, command: Signature, *, piped: bool = False) -> None:
        """Bind the arguments; `piped` says whether another command precedes this one.

        Raises PowerShellError for an invalid argument, and for a missing mandatory parameter that
        no object can provide.
        """
        self._binder = Binder(command)
        self._binder.bind_named(call.arguments)
        self._binder.bind_positional()
        self._binder.finish(has_pipeline_input=piped)
        for name in _VARIABLES:
            _require_writable(str(self._binder.bound.get(name, "")))

    def without_object(self) -> Bound:
        """Return the bound call without an object."""
        return _bound(self._binder.command, self._binder.set_name, self._binder.bound)

    def bind_object(self, record: Record) -> Bound:
        """Return the call bound with an object of the pipeline.

        Raises PowerShellError, which ends the processing of this object only.
        """
        binder = self._binder.for_object()
        try:
            bind_object(binder, record)
        except PowerShellError as error:
            raise PowerShellError(
                replace(error.record, target=record.text), terminating=False
            ) from None
        return _bound(binder.command, binder.set_name, binder.bound)


def bind(
    call: Call, pipeline_object: Record | None = None, *, command: Signature | None = None
) -> Bound:
    """Bind a call, and a pipeline object if given, to `command`, by default the one that it names.

    Raises PowerShellError with PowerShell's own message, id and category. An object that no
    parameter accepts is a non-terminating error, as in PowerShell.

    >>> bound = bind(Call("set-vmprocessor", (("vmn", "HV1"), ("Expose", True), ("Count", "4"))))
    >>> bound.name, dict(bound.arguments)
    ('Set-VMProcessor', {'VMName': ('HV1',), 'ExposeVirtualizationExtensions': True, 'Count': 4})
    """
    known = command or signature(call.name)
    if known is None:
        raise errors.command_not_found(call.name)
    bound = BoundArguments(call, known, piped=pipeline_object is not None)
    return bound.without_object() if pipeline_object is None else bound.bind_object(pipeline_object)


def _bound(command: Signature, parameter_set: str, values: Mapping[str, Value]) -> Bound:
    own = {name: value for name, value in values.items() if not command.parameters[name].common}
    confirm = values.get("Confirm")
    return Bound(
        name=command.name,
        parameter_set=parameter_set,
        arguments=MappingProxyType(own),
        error_action=str(values.get("ErrorAction", "Continue")),
        warning_action=str(values.get("WarningAction", "Continue")),
        verbose=values.get("Verbose") is SwitchParameter.ON,
        what_if=values.get("WhatIf") is SwitchParameter.ON,
        confirm=None if confirm is None else confirm is SwitchParameter.ON,
        signature=command,
    )
