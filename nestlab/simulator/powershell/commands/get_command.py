"""Get-Command: the commands of a session."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.dataclass import replace
from nestlab.model import EnumValue, ErrorRecord, Record
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.binding.parameters import Signature
from nestlab.simulator.powershell.call import PowerShellError, Sink
from nestlab.simulator.powershell.session_state import SessionState
from nestlab.simulator.powershell.values.wildcard import has_wildcard, matches

_KINDS = {"Cmdlet": 8, "Function": 2}


def get_command(session: SessionState, bound: Bound, sink: Sink) -> None:
    """Write the commands that -Name, -Module, -Verb, -Noun and -CommandType select.

    A name without a match is an error.
    """
    chosen = [command for command in session.commands() if _passes_filters(command, bound)]
    wanted = tuple(bound.get("Name") or ())
    if not wanted:
        for command in chosen:
            sink.output(_record_in(session, command))
    for name in wanted:
        found = list(_named(chosen, name))
        for command in found:
            sink.output(_record_in(session, command))
        if not found and not has_wildcard(name):
            sink.error(_not_found(name).record)


def _record_in(session: SessionState, command: Signature) -> Record:
    """Return the record of a command; a function with the rules of a role has no module."""
    has_rules = command.name.lower() in session.configuration.restricted_commands
    return command_record(replace(command, module="") if has_rules else command)


def _passes_filters(command: Signature, bound: Bound) -> bool:
    verb, _, noun = command.name.partition("-")
    kind = bound.get("CommandType")
    return (
        _any_matches(bound.get("Module"), command.module)
        and _any_matches(bound.get("Verb"), verb)
        and _any_matches(bound.get("Noun"), noun)
        and (kind is None or str(kind) in {"All", _kind(command)})
    )


def _any_matches(patterns: tuple[object, ...] | None, text: str) -> bool:
    return patterns is None or any(matches(str(pattern), text) for pattern in patterns)


def _named(commands: list[Signature], name: str) -> Iterator[Signature]:
    bare = name.rpartition("\\")[2]
    for command in commands:
        if matches(bare, command.name) or any(
            alias.lower() == bare.lower() for alias in command.aliases
        ):
            yield command


def _kind(command: Signature) -> str:
    return "Function" if command.is_function else "Cmdlet"


def command_record(command: Signature) -> Record:
    """Return the record of a command."""
    kind = _kind(command)
    version = (
        "2.0.0.0"
        if command.module in {"Hyper-V", "NetAdapter", "DhcpServer", "ServerManager"}
        else "3.0.0.0"
    )
    base = ("System.Management.Automation.CommandInfo", "System.Object")
    values = {
        "Name": command.name,
        "CommandType": EnumValue(kind, _KINDS[kind]),
        "ModuleName": command.module,
        "Source": command.module,
        "Version": version,
        "DefaultParameterSet": command.default_set,
        "Visibility": EnumValue("Public", 0),
    }
    return Record((f"System.Management.Automation.{kind}Info", *base), values, command.name)


def _not_found(name: str) -> PowerShellError:
    text = (
        f"The term '{name}' is not recognized as the name of a cmdlet, function, script file, or operable program. "
        "Check the spelling of the name, or if a path was included, verify that the path is correct and try again."
    )
    fully_qualified_id = "CommandNotFoundException,Microsoft.PowerShell.Commands.GetCommandCommand"
    exception = "System.Management.Automation.CommandNotFoundException"
    return PowerShellError(
        ErrorRecord(text, "ObjectNotFound", fully_qualified_id, name, exception), terminating=False
    )
