"""The state of a session: the machine, its commands, and the session configuration."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from nestlab.dataclass import dataclass, field, replace
from nestlab.simulator.powershell.binding import binder_errors
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.binding.parameters import Signature
from nestlab.simulator.powershell.binding.signatures import command_names, signature
from nestlab.simulator.powershell.call import Sink

Handler = Callable[[Any, Bound, Sink], None]


class Computer(Protocol):
    """The interface of the machine on which a session runs."""

    @property
    def name(self) -> str:
        """The computer's name."""
        ...

    def has_command(self, name: str, module: str, /) -> bool:
        """Whether the command exists: its module is installed."""
        ...

    def disk_with_number(self, number: int, /) -> str:
        """Return the path of the mounted virtual disk with this number; empty if it has none."""
        ...

    def disk_mounted_into(self, folder: str, /) -> str:
        """Return the path of the virtual disk that is mounted into a folder; empty if none is."""
        ...


_PROXIES: Mapping[str, tuple[str, ...]] = {
    "Clear-Host": (),
    "Exit-PSSession": (),
    "Get-Command": (
        "Name",
        "Module",
        "ArgumentList",
        "CommandType",
        "ListImported",
        "ShowCommandInfo",
    ),
    "Get-FormatData": ("TypeName", "PowerShellVersion"),
    "Get-Help": ("Name", "Category"),
    "Measure-Object": ("InputObject",),
    "Out-Default": ("InputObject",),
    "Select-Object": ("Property", "InputObject"),
}
"""The commands of a session of type RestrictedRemoteServer (about_JEA), with the parameters of
their proxy functions (PowerShell/PowerShell, CommandMetadata.GetRestrictedCommands). A function
precedes a cmdlet of the same name (about_Command_Precedence); the cmdlet itself is called with its
module: ``Microsoft.PowerShell.Utility\\Select-Object``."""

# The values that the proxy of Select-Object accepts for -Property.
_SELECTABLE = (
    "ModuleName", "Namespace", "OutputType", "Count", "HelpUri", "Name", "CommandType", "ResolvedCommandName", "DefaultParameterSet",
    "CmdletBinding", "Parameters",
)  # fmt: skip


@dataclass(frozen=True)
class GuestLimits:
    """What the function of a role that enters guests accepts; names are in lower case.

    `guests` has the VMs of the host, each with the VMs inside it.
    """

    guests: Mapping[str, frozenset[str]]
    commands: frozenset[str]


@dataclass(frozen=True)
class Configuration:
    """A session configuration.

    `visible` has the commands that the roles of a restricted configuration offer, in lower case.
    `restricted_commands`, by name in lower case, are functions with rules for their parameters: the
    command behind each is hidden. `guest_function` says whether a role has the function that runs
    statements in guests, and `guest_limits` what it accepts: everything where that is None.
    """

    name: str
    visible: frozenset[str] | None = None
    restricted_commands: Mapping[str, Signature] = field(default_factory=dict)
    guest_function: bool = False
    guest_limits: GuestLimits | None = None

    @property
    def restricted(self) -> bool:
        """Whether it is of type RestrictedRemoteServer: no language, few commands."""
        return self.visible is not None

    def find(self, name: str) -> Signature | None:
        """Return the command with this name or alias in this configuration, or None."""
        command = signature(name)
        if command is None or self.visible is None:
            return command
        if "\\" not in name:
            if (restricted := self.restricted_commands.get(command.name.lower())) is not None:
                return restricted if name.lower() == command.name.lower() else None
            if command.name in _PROXIES:
                return _proxy(command)
        shown = {name.rpartition("\\")[2].lower(), f"{command.module}\\{command.name}".lower()}
        return command if shown & self.visible else None


DEFAULT_CONFIGURATION = Configuration("Microsoft.PowerShell")
"""The default configuration of Windows: all commands."""


def _proxy(command: Signature) -> Signature:
    parameters = {
        name: item
        for name, item in command.parameters.items()
        if item.common or name in _PROXIES[command.name]
    }
    if command.name == "Select-Object":
        parameters["Property"] = replace(
            parameters["Property"], type="String[]", dotnet_type="System.String", values=_SELECTABLE
        )
    return replace(
        command, module="", is_function=True, class_name=command.name, parameters=parameters
    )


def _tested_on(command: Signature, machine: Computer) -> Signature:
    """Return a command whose rules are tested on a machine."""
    tested = {
        name: replace(item, rule=replace(item.rule, computer=machine))
        for name, item in command.parameters.items()
        if item.rule is not None and item.rule.test is not None
    }
    return replace(command, parameters={**command.parameters, **tested}) if tested else command


@dataclass(frozen=True)
class SessionState:
    """A machine, the implementations of its commands by name, and the session configuration."""

    machine: Computer
    handlers: Mapping[str, Handler]
    configuration: Configuration = DEFAULT_CONFIGURATION

    def find(self, name: str) -> Signature:
        """Return the command with this name; raises PowerShellError if the session has none."""
        command = self.configuration.find(name)
        if command is None or not self.machine.has_command(command.name, command.module):
            raise binder_errors.command_not_found(name)
        return _tested_on(command, self.machine)

    def commands(self) -> Iterator[Signature]:
        """Yield all commands of the session, by name."""
        for name in command_names():
            command = self.configuration.find(name)
            if command is not None and self.machine.has_command(command.name, command.module):
                yield command
