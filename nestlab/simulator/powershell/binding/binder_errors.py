"""The errors of the parameter binder: message, id and category.

The messages are those of Windows PowerShell's resource file ParameterBinderStrings.
"""

from __future__ import annotations

from collections.abc import Sequence

from nestlab.model import ErrorRecord
from nestlab.simulator.powershell.binding.parameters import Parameter, Signature
from nestlab.simulator.powershell.call import PowerShellError

BINDING = "System.Management.Automation.ParameterBindingException"
VALIDATION = "System.Management.Automation.ParameterBindingValidationException"
TRANSFORMATION = "System.Management.Automation.ParameterBindingArgumentTransformationException"


def command_not_found(name: str) -> PowerShellError:
    """Return the error for a name that no command has."""
    text = (
        f"The term '{name}' is not recognized as the name of a cmdlet, function, script file, or operable program. "
        "Check the spelling of the name, or if a path was included, verify that the path is correct and try again."
    )
    exception = "System.Management.Automation.CommandNotFoundException"
    return PowerShellError(
        ErrorRecord(text, "ObjectNotFound", "CommandNotFoundException", name, exception)
    )


def named_parameter_not_found(command: Signature, name: str) -> PowerShellError:
    """Return the error for a name that matches no parameter."""
    return _binding(
        command,
        "NamedParameterNotFound",
        f"A parameter cannot be found that matches parameter name '{name}'.",
    )


def ambiguous_parameter(command: Signature, name: str, matches: Sequence[str]) -> PowerShellError:
    """Return the error for a name that several parameters begin with."""
    possible = " ".join(f"-{match}" for match in matches)
    text = f"Parameter cannot be processed because the parameter name '{name}' is ambiguous. Possible matches include: {possible}."
    return _binding(command, "AmbiguousParameter", text)


def parameter_already_bound(command: Signature, name: str) -> PowerShellError:
    """Return the error for a parameter that is given twice."""
    text = (
        f"Cannot bind parameter because parameter '{name}' is specified more than once. To provide multiple values to "
        'parameters that can accept multiple values, use the array syntax. For example, "-parameter value1,value2,value3".'
    )
    return _binding(command, "ParameterAlreadyBound", text)


def missing_argument(command: Signature, parameter: Parameter) -> PowerShellError:
    """Return the error for a parameter without a value that is not a switch parameter."""
    text = f"Missing an argument for parameter '{parameter.name}'. Specify a parameter of type '{full_type(parameter)}' and try again."
    return _binding(command, "MissingArgument", text)


def positional_parameter_not_found(command: Signature, value: object) -> PowerShellError:
    """Return the error for a positional argument that no parameter accepts."""
    return _binding(
        command,
        "PositionalParameterNotFound",
        f"A positional parameter cannot be found that accepts argument '{value}'.",
    )


def ambiguous_parameter_set(command: Signature) -> PowerShellError:
    """Return the error for parameters that belong to no set, or to several."""
    return _binding(
        command,
        "AmbiguousParameterSet",
        "Parameter set cannot be resolved using the specified named parameters.",
    )


def missing_mandatory(command: Signature, names: Sequence[str]) -> PowerShellError:
    """Return the error for missing parameters, for which the session cannot prompt."""
    text = f"Cannot process command because of one or more missing mandatory parameters: {' '.join(names)}."
    return _binding(command, "MissingMandatoryParameter", text)


def not_convertible(command: Signature, parameter: Parameter, reason: str) -> PowerShellError:
    """Return the error of a compiled cmdlet for a value that does not convert."""
    return _binding(
        command,
        "CannotConvertArgumentNoMessage",
        f"Cannot bind parameter '{parameter.name}'. {reason}",
    )


def not_transformed(command: Signature, parameter: Parameter, reason: str) -> PowerShellError:
    """Return the error of a function for a value that does not convert."""
    text = f"Cannot process argument transformation on parameter '{parameter.name}'. {reason}"
    return _error(
        command, "ParameterArgumentTransformationError", text, "InvalidData", TRANSFORMATION
    )


def not_a_boolean(parameter: Parameter, kind: str) -> str:
    """Return the reason why a value is not a Boolean."""
    return (
        f'Cannot convert value "{kind}" to type "{parameter.dotnet_type}". Boolean parameters accept only Boolean values and numbers, '
        "such as $True, $False, 1 or 0."
    )


def wrong_kind(
    command: Signature, parameter: Parameter, kind: str, reason: str = ""
) -> PowerShellError:
    """Return the error for a type that is never converted, such as a string to a Boolean."""
    type_name = (
        f"System.Nullable`1[{parameter.dotnet_type}]"
        if parameter.nullable
        else parameter.dotnet_type
    )
    text = f"Cannot convert '{kind}' to the type '{type_name}' required by parameter '{parameter.name}'. {reason}"
    return _binding(command, "CannotConvertArgument", text)


def null_for_boolean(command: Signature, parameter: Parameter) -> PowerShellError:
    """Return the error of a compiled cmdlet for null as a Boolean."""
    text = f"Cannot bind argument to parameter '{parameter.name}' because it is null."
    return _binding(command, "ParameterArgumentValidationErrorNullNotAllowed", text)


def binding_failed(command: Signature, parameter: Parameter, reason: str) -> PowerShellError:
    """Return the error for a value that the setter of the cmdlet's property rejects."""
    text = f'Cannot bind parameter \'{parameter.name}\' to the target. Exception setting "{parameter.name}": "{reason}"'
    return _error(command, "ParameterBindingFailed", text, "WriteError", BINDING)


def wrong_cim_class(command: Signature, parameter: Parameter) -> PowerShellError:
    """Return the error for a CIM object that is not of the parameter's class."""
    text = (
        f"Cannot bind argument to parameter '{parameter.name}', because PSTypeNames of the argument do not match the PSTypeName required "
        f"by the parameter: Microsoft.Management.Infrastructure.CimInstance#{parameter.cim_class}."
    )
    return _error(command, "MismatchedPSTypeName", text, "InvalidArgument", TRANSFORMATION)


def prompting_for_credential(command: Signature, parameter: Parameter) -> PowerShellError:
    """Return the error for a user name alone: PowerShell would prompt for the password."""
    text = (
        f"Cannot process argument transformation on parameter '{parameter.name}'. A command that prompts the user failed because "
        "the host program or the command type does not support user interaction."
    )
    return _error(
        command, "ParameterArgumentTransformationError", text, "InvalidData", TRANSFORMATION
    )


def no_user_name(command: Signature, parameter: Parameter) -> PowerShellError:
    """Return the error for a value that is neither a credential nor a user name."""
    return not_transformed(command, parameter, "userName")


def other_computer(command: Signature, name: str, value: object) -> PowerShellError:
    """Return the error for the name of another computer, which simulated hosts cannot reach."""
    text = f"The simulated host cannot reach other computers; '{command.name} -{name} {value}' names another computer. A real host would try to reach it."
    return _error(command, "NotSimulated", text, "NotImplemented", "System.NotImplementedException")


def empty_argument(command: Signature, parameter: Parameter, what: str) -> PowerShellError:
    """Return the error for null or an empty value where neither is allowed.

    `what` is ``null``, ``an empty string`` or ``an empty array``.
    """
    ids = {
        "null": "NullNotAllowed",
        "an empty string": "EmptyStringNotAllowed",
        "an empty array": "EmptyArrayNotAllowed",
    }
    text = f"Cannot bind argument to parameter '{parameter.name}' because it is {what}."
    return _error(
        command, f"ParameterArgumentValidationError{ids[what]}", text, "InvalidData", VALIDATION
    )


def invalid_argument(command: Signature, parameter: Parameter, reason: str) -> PowerShellError:
    """Return the error for a value that a Validate attribute rejects."""
    text = f"Cannot validate argument on parameter '{parameter.name}'. {reason}"
    return _error(command, "ParameterArgumentValidationError", text, "InvalidData", VALIDATION)


def input_object_missing_mandatory(command: Signature, names: Sequence[str]) -> PowerShellError:
    """Return the error for a pipeline object that lacks a mandatory parameter."""
    text = (
        "The input object cannot be bound because it did not contain the information required to bind all mandatory parameters: "
        f" {' '.join(names)}"
    )
    return _binding(command, "InputObjectMissingMandatory", text)


def input_object_not_bound(command: Signature) -> PowerShellError:
    """Return the error for a pipeline object that no parameter accepts."""
    text = (
        "The input object cannot be bound to any parameters for the command either because the command does not take pipeline "
        "input or the input and its properties do not match any of the parameters that take pipeline input."
    )
    return _binding(command, "InputObjectNotBound", text)


def full_type(parameter: Parameter) -> str:
    """Return the .NET name of a parameter's type."""
    if parameter.nullable:
        return f"System.Nullable`1[{parameter.dotnet_type}]"
    return parameter.dotnet_type + ("[]" if parameter.is_array else "")


def _binding(command: Signature, error_id: str, text: str) -> PowerShellError:
    return _error(command, error_id, text, "InvalidArgument", BINDING)


def _error(
    command: Signature, error_id: str, text: str, category: str, exception: str
) -> PowerShellError:
    return PowerShellError(
        ErrorRecord(text, category, f"{error_id},{command.class_name}", "", exception)
    )
