"""Writes proxy functions for commands that act on everything unless a parameter is given.

A role capability can limit the values of a parameter, but not require it: without -Name,
Remove-NetNat removes all NATs. Each function requires the parameters that select an object,
validates their values, and calls the command with all of them.
"""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.export.jea.visible_command import (
    Accepted,
    LabObject,
    Pattern,
    ValueSet,
    VisibleCommand,
)
from nestlab.model.powershell_text import quoted
from nestlab.simulator.powershell.binding.parameters import Parameter
from nestlab.simulator.powershell.binding.signatures import signature


def proxy_function(command: VisibleCommand) -> str:
    """Return the proxy function of a command."""
    known = signature(command.name)
    if known is None:
        raise ValueError(command.name)
    options = ["SupportsShouldProcess = $true"] if known.supports_should_process else []
    if len(command.required) > 1:
        options.append(f"DefaultParameterSetName = {quoted(_parameter_set(command.required[0]))}")
    parameters = ",\n\n".join(
        "\n".join(_parameter(command, known.parameters[name], accepted))
        for name, accepted in (command.parameters or {}).items()
    )
    return (
        f"function {command.name} {{\n"
        f"    [CmdletBinding({', '.join(options)})]\n"
        f"    param(\n{parameters}\n    )\n"
        f"    process {{\n        {known.module}\\{known.name} @PSBoundParameters\n    }}\n}}\n"
    )


def _parameter_set(group: tuple[str, ...]) -> str:
    return group[0]


def _parameter(command: VisibleCommand, known: Parameter, accepted: Accepted) -> Iterator[str]:
    options = _options(command, known.name, accepted)
    if options:
        yield f"        [Parameter({', '.join(options)})]"
    text = accepted.text if isinstance(accepted, Pattern) else getattr(accepted, "pattern", "")
    if text:
        yield f"        [ValidatePattern({quoted(f'^({text})$')})]"
    if isinstance(accepted, ValueSet):
        yield f"        [ValidateSet({', '.join(map(quoted, accepted.values))})]"
    if isinstance(accepted, LabObject):
        yield f"        [ValidateScript({{ {accepted.function} $_ }})]"
    yield f"        [{_type(known)}] ${known.name}"


def _options(command: VisibleCommand, name: str, accepted: Accepted) -> list[str]:
    group = next((each for each in command.required if name in each), None)
    if group is None:
        return []
    from_pipeline = isinstance(accepted, LabObject) and accepted.piped
    piped = ["ValueFromPipeline = $true"] if from_pipeline else []
    sets = (
        [f"ParameterSetName = {quoted(_parameter_set(group))}"] if len(command.required) > 1 else []
    )
    return ["Mandatory = $true", *piped, *sets]


def _type(known: Parameter) -> str:
    """Return the type of a parameter: string or switch; the command itself converts the others."""
    brackets = "[]" if known.is_array else ""
    if known.element_type == "SwitchParameter":
        return "switch"
    return f"string{brackets}" if known.element_type == "String" else f"object{brackets}"
