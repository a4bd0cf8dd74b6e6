"""Get-Help without downloaded help files: the syntax of commands."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.model import ErrorRecord, Record
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.binding.parameters import Parameter, Signature
from nestlab.simulator.powershell.call import PowerShellError, Sink
from nestlab.simulator.powershell.session_state import SessionState
from nestlab.simulator.powershell.values.wildcard import matches

_CLASS = "Microsoft.PowerShell.Commands.GetHelpCommand"


def get_help(session: SessionState, bound: Bound, sink: Sink) -> None:
    """Write the help of the commands that -Name selects; raises PowerShellError without a match.

    It always fails in restricted sessions, because it looks for help files on drives that such a
    session does not have (PowerShell/PowerShell#4092).
    """
    if session.configuration.restricted:
        exception = "System.Management.Automation.ItemNotFoundException"
        text = "Cannot find path '' because it does not exist."
        raise PowerShellError(
            ErrorRecord(text, "ObjectNotFound", f"PathNotFound,{_CLASS}", "", exception),
            terminating=False,
        )
    name = str(bound.get("Name") or "default")
    found = [command for command in session.commands() if _matches_command(name, command)]
    for command in found:
        sink.output(_help_record(command))
    if not found:
        raise _not_found(name)


def _matches_command(name: str, command: Signature) -> bool:
    bare = name.rpartition("\\")[2]
    return matches(bare, command.name) or bare.lower() in (
        alias.lower() for alias in command.aliases
    )


def _help_record(command: Signature) -> Record:
    kind = "Function" if command.is_function else "Cmdlet"
    syntax = "\n".join(_syntax(command))
    values = {
        "Name": command.name,
        "Category": kind,
        "Synopsis": syntax,
        "Syntax": syntax,
        "ModuleName": command.module,
        "Aliases": "\n".join(command.aliases) or "None",
    }
    names = (
        f"ExtendedCmdletHelpInfo#{command.module}#{command.name}",
        "ExtendedCmdletHelpInfo",
        "System.Object",
    )
    return Record(names, values, command.name)


def _syntax(command: Signature) -> Iterator[str]:
    for name in command.sets:
        own = [
            parameter
            for parameter in command.parameters.values()
            if name in parameter.roles and not parameter.common
        ]
        own.sort(key=lambda parameter: _order(parameter, name))
        yield " ".join(
            [command.name, *(_usage(parameter, name) for parameter in own), "[<CommonParameters>]"]
        )


def _order(parameter: Parameter, name: str) -> tuple[int, bool]:
    role = parameter.roles[name]
    return (1 << 16 if role.position is None else role.position, not role.mandatory)


def _usage(parameter: Parameter, name: str) -> str:
    role = parameter.roles[name]
    switch = f"-{parameter.name}" if role.position is None else f"[-{parameter.name}]"
    usage = switch if parameter.type == "SwitchParameter" else f"{switch} <{parameter.type}>"
    return usage if role.mandatory else f"[{usage}]"


def _not_found(name: str) -> PowerShellError:
    # Observed in snazy2000/SnipeitPS#139, including the address.
    text = (
        f"Get-Help could not find {name} in a help file in this session. To download updated help topics type: "
        '"Update-Help". To get help online, search for the help topic in the TechNet library at '
        "https:/go.microsoft.com/fwlink/?LinkID=107116."
    )
    exception = "Microsoft.PowerShell.Commands.HelpNotFoundException"
    return PowerShellError(
        ErrorRecord(text, "ResourceUnavailable", f"HelpNotFound,{_CLASS}", "", exception),
        terminating=False,
    )
