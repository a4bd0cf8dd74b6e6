"""The statements that a client may send: commands with parameters, and nestlab's own script."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from nestlab.constants.commands import COMMANDS, GUEST_FUNCTION
from nestlab.dataclass import dataclass
from nestlab.model import ErrorRecord, Secret
from nestlab.simulator.endpoint.messages.client_requests import RemoteCommand
from nestlab.simulator.powershell.call import Call, PowerShellError
from nestlab.simulator.powershell.roles.guest_limits import require_guest_access
from nestlab.simulator.powershell.session_state import DEFAULT_CONFIGURATION, Configuration
from nestlab.simulator.state.quirks import Quirks

GUEST_SCRIPT_SHA256 = "df0bac8dccdbbc32f05daed7cc09cc1ada42b95674773b9dbca4308f6a929cf7"
"""Hash of the only script that is accepted, which runs statements in a guest by PowerShell Direct.

A test compares it with the file."""

_PARSER = "System.Management.Automation.ParseException"
# The message of Windows.
_NO_LANGUAGE = "The syntax is not supported by this runspace. This can occur if the runspace is in no-language mode."
_CORE_TYPES = (
    "Cannot invoke method. Method invocation is supported only on core types in this language mode."
)
_NO_SCRIPTS = "The simulated host runs commands with parameters, not scripts: send the command's name with add_cmdlet and its values with add_parameter."

JEA = Configuration(
    "NestLab",
    frozenset(name.lower() for name in COMMANDS),
    guest_function=True,
)
"""A restricted session configuration: its role has the commands that nestlab sends, and a function
of the role runs statements in guests."""

CONFIGURATIONS = (DEFAULT_CONFIGURATION, JEA)


@dataclass(frozen=True)
class GuestStatement:
    """One statement for a guest, and its error action: Stop, Continue or SilentlyContinue."""

    call: Call
    on_error: str


@dataclass(frozen=True)
class GuestRun:
    """A call of nestlab's script or of the role's function: statements, and the hops to a guest."""

    hops: tuple[tuple[str, Secret], ...]
    statements: tuple[GuestStatement, ...]


Statement = Call | GuestRun


def read_statement(commands: Sequence[RemoteCommand], configuration: Configuration) -> Statement:
    """Return the statement of these commands; raises PowerShellError if it is not allowed."""
    first = commands[0]
    if any(command.is_script for command in commands):
        return _script(first, configuration)
    if first.text.lower() == GUEST_FUNCTION.lower() and configuration.guest_function:
        run = _guest_run(first.parameters)
        calls = [statement.call for statement in run.statements]
        require_guest_access(configuration, [name for name, _ in run.hops], calls)
        return run
    call: Call | None = None
    for command in reversed(commands):
        # A parameter without a value arrives as null, and null is bound.
        call = Call(command.text, command.parameters, call)
    if call is None:
        msg = "The pipeline has no commands."
        raise _parse_error(msg, "EmptyPipeline")
    return call


def _script(command: RemoteCommand, configuration: Configuration) -> Statement:
    if configuration.restricted:
        raise _parse_error(_NO_LANGUAGE, "ScriptsNotAllowed", command.text)
    text = command.text.replace("\r\n", "\n").strip()
    if hashlib.sha256(text.encode()).hexdigest() != GUEST_SCRIPT_SHA256:
        raise _parse_error(_NO_SCRIPTS, "ScriptsNotAllowed", text[:200])
    return _guest_run(command.parameters)


def require_method_calls(quirks: Quirks) -> None:
    """Raise PowerShellError if the language mode does not allow scripts to call .NET methods."""
    if quirks.constrained_language:
        error_id = "MethodInvocationNotSupportedInConstrainedLanguage"
        runtime = "System.Management.Automation.RuntimeException"
        raise PowerShellError(ErrorRecord(_CORE_TYPES, "InvalidOperation", error_id, "", runtime))


def _parse_error(text: str, error_id: str, target: str = "") -> PowerShellError:
    return PowerShellError(ErrorRecord(text, "ParserError", error_id, target, _PARSER))


def _guest_run(parameters: Sequence[tuple[str | None, Any]]) -> GuestRun:
    given = {(name or "").lower(): value for name, value in parameters}
    names, credentials, statements = (
        given.get(key) for key in ("vmname", "credential", "statements")
    )
    names = names if isinstance(names, list) else [names]
    credentials = credentials if isinstance(credentials, list) else [credentials]
    well_formed = all(isinstance(name, str) for name in names) and all(
        isinstance(item, Secret) for item in credentials
    )
    if not well_formed or len(names) != len(credentials) or not isinstance(statements, list):
        msg = (
            "VMName and Credential must be lists of the same length, and Statements must be a list."
        )
        raise _parse_error(msg, "ParameterArgumentTransformationError")
    return GuestRun(
        tuple(zip(names, credentials, strict=True)), tuple(map(_guest_statement, statements))
    )


def _guest_statement(statement: Mapping[str, Any]) -> GuestStatement:
    call: Call | None = None
    for command in reversed(statement["Pipeline"]):
        call = Call(command["Command"], tuple(command["Parameters"].items()), call)
    if call is None:
        msg = "The statement has no commands."
        raise _parse_error(msg, "EmptyPipeline")
    return GuestStatement(call, statement["OnError"])
