"""Finding a parameter by its name, an alias or a prefix."""

from __future__ import annotations

from nestlab.simulator.powershell.binding import binder_errors as errors
from nestlab.simulator.powershell.binding.parameters import (
    Parameter,
    Signature,
)


def match_parameter(command: Signature, name: str) -> Parameter | None:
    """Return the parameter with this name, alias or prefix; None if there is none.

    If a prefix matches several parameters, the only one that is not a common parameter is meant.
    Raises PowerShellError if the prefix is ambiguous.
    """
    wanted = name.removeprefix("-").lower()
    if (exact := command.by_name.get(wanted)) is not None:
        return exact
    if not wanted:
        return None
    prefixed = [
        parameter
        for parameter in command.parameters.values()
        if parameter.name.lower().startswith(wanted)
    ]
    prefixed += [
        parameter
        for parameter in command.parameters.values()
        if parameter not in prefixed
        and any(alias.lower().startswith(wanted) for alias in parameter.aliases)
    ]
    if len(prefixed) <= 1:
        return prefixed[0] if prefixed else None
    own = [parameter for parameter in prefixed if not parameter.common]
    if len(own) == 1:
        return own[0]
    raise errors.ambiguous_parameter(
        command, name.removeprefix("-"), [parameter.name for parameter in prefixed]
    )
