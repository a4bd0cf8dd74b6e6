"""Where-Object."""

from __future__ import annotations

from uuid import UUID

from nestlab.model import ErrorRecord, Record
from nestlab.model.parameter_values import Value
from nestlab.simulator.powershell.action_preferences import needed_properties
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import PowerShellError, Sink
from nestlab.simulator.powershell.commands.object_cmdlet import matching_properties
from nestlab.simulator.powershell.objects import is_scalar
from nestlab.simulator.powershell.values.comparison import NotComparable
from nestlab.simulator.powershell.values.dotnet_types import UnknownType, is_of_type
from nestlab.simulator.powershell.values.dotnet_values import text_of
from nestlab.simulator.powershell.values.operators import compare, operators
from nestlab.simulator.powershell.values.regular_expressions import InvalidRegularExpression
from nestlab.simulator.powershell.values.type_conversion import is_true
from nestlab.simulator.powershell.values.wildcard import has_wildcard

_INVALID_OPERATION = "System.Management.Automation.PSInvalidOperationException"
_ARGUMENT = "System.Management.Automation.PSArgumentException"


class WhereObject:
    """Where-Object with a property, an operator and a value."""

    def __init__(self, bound: Bound, sink: Sink) -> None:
        self._bound = bound
        self._sink = sink
        self._property = str(bound["Property"])
        self._value = bound.get("Value")
        names = (switch for name in operators() for switch in (name, f"C{name}"))
        self._operator = next((name for name in names if bound.is_present(name)), None)
        self._name_in_messages = _name_in_messages(self._operator) if self._operator else ""
        self._negated = "Not" in bound and bound.is_present("Not")
        self._has_value = "Value" in bound
        self._plain_name = "" if has_wildcard(self._property) else self._property.lower()
        self._results: dict[Value, bool] = {}
        if self._operator in {"Is", "IsNot"} and self._has_value:
            self._require_type(text_of(self._value))

    def _require_type(self, name: str) -> None:
        try:
            is_of_type("", name)
        except UnknownType as unknown:
            text = f'Cannot convert the "{unknown}" value of type "System.String" to type "System.Type".'
            raise _terminating_error(
                self._bound,
                "InvalidCastFromStringToType",
                text,
                "System.Management.Automation.PSInvalidCastException",
            ) from None

    def needed_properties(self) -> frozenset[str] | None:
        """Return the property that it tests, and those that the next command needs."""
        following = needed_properties(self._sink)
        if following is None or has_wildcard(self._property):
            return None
        return following | {self._property.lower()}

    def process(self, record: Record) -> None:
        """Pass the object on if it matches."""
        if self._has_value is (self._operator is None):
            raise self._incomplete()
        if self._plain_name and not is_scalar(record):
            name = record.spellings.get(self._plain_name)
            if self._passes(None if name is None else record.properties[name], record):
                self._sink.output(record)
            return
        found = matching_properties(record, self._property)
        if len(found) > 1:
            possible = "".join(f" {name}" for name, _ in found)
            text = f'Input name "{self._property}" is ambiguous. It can be resolved to multiple matched members. Possible matches include:{possible}.'
            self._report("AmbiguousPropertyName", text, record, "InvalidArgument", _ARGUMENT)
        elif self._passes(found[0][1] if found else None, record):
            self._sink.output(record)

    def _incomplete(self) -> PowerShellError:
        """Return the error of an operator without a value, or a value without an operator."""
        if self._operator is not None:
            text = (
                "The specified operator requires both the -Property and -Value parameters. Provide values for both parameters, and "
                "then try the command again."
            )
            return _terminating_error(self._bound, "ValueNotSpecifiedForWhereObject", text)
        text = (
            "An operator is required to compare the two specified values. Include a valid operator in the command, and then try "
            "the command again. For example, Get-Process | Where-Object -Property Name -eq Idle"
        )
        return _terminating_error(self._bound, "OperatorNotSpecified", text)

    def _passes(self, left: Value, record: Record) -> bool:
        if self._operator is None:
            return is_true(left) is not self._negated
        kept = self._results.get(left) if left.__class__ is UUID else None
        if kept is not None:
            return kept
        name = self._name_in_messages
        try:
            result = compare(self._operator, left, self._value)
        except InvalidRegularExpression as error:
            text = f"The argument to operator '{name}' is not valid: {error}."
            self._report("BadOperatorArgument", text, record, "InvalidArgument", _ARGUMENT)
        except NotComparable as error:
            self._report(
                "OperatorFailed",
                f"The '{name}' operator failed: {error}.",
                record,
                "InvalidOperation",
                _INVALID_OPERATION,
            )
        except PowerShellError as error:  # a wildcard pattern with an unclosed set
            text = f"The '{name}' operator failed: {error.record.message}."
            self._report("OperatorFailed", text, record, "InvalidOperation", _INVALID_OPERATION)
        else:
            if left.__class__ is UUID:  # many adapters have the Id of one switch
                self._results[left] = result
            return result
        return False

    def _report(
        self, error_id: str, text: str, record: Record, category: str, exception: str
    ) -> None:
        self._sink.error(
            ErrorRecord(
                text,
                category,
                f"{error_id},{self._bound.signature.class_name}",
                record.text,
                exception,
            )
        )

    def end(self) -> None:
        """Do nothing."""


def _terminating_error(
    bound: Bound, error_id: str, text: str, exception: str = _ARGUMENT
) -> PowerShellError:
    return PowerShellError(
        ErrorRecord(
            text, "InvalidArgument", f"{error_id},{bound.signature.class_name}", "", exception
        )
    )


def _name_in_messages(operator: str) -> str:
    """Return the name of an operator as PowerShell's error messages spell it.

    >>> [_name_in_messages(operator) for operator in ("Match", "CNotMatch", "In")]
    ['Imatch', 'Cnotmatch', 'In']
    """
    if operator in {"In", "Is", "IsNot"}:
        return operator
    has_prefix = operator[0] == "C" and operator[1].isupper()
    return operator.capitalize() if has_prefix else f"I{operator.lower()}"
