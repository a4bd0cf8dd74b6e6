"""Writes the data files of a role: role capability, session configuration, module manifest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID, uuid5

from nestlab.export.jea.role import Role, visible_functions
from nestlab.export.jea.visible_command import Accepted, Pattern, ValueSet, VisibleCommand
from nestlab.export.powershell.source import INDENT, data_key
from nestlab.model.powershell_text import literal, quoted
from nestlab.plan.disk_contents import MOUNT_FOLDER

_NAMESPACE = UUID("6c2ee5a4-9d7f-4d0e-8a53-8f1b5f6f1b0e")

GROUP_PLACEHOLDER = r"CONTOSO\LabBuilders"
"""The group in the exported session configuration; the registration script replaces it."""


def role_capability(role: Role) -> str:
    """Return the role capability file."""
    head = {
        "GUID": _identity(role, "role"),
        "Author": "nestlab",
        "Description": f"Builds, verifies and undoes the lab {role.topology}, and nothing else.",
        "ModulesToImport": role.name,
        "VisibleProviders": ["FileSystem", "Registry"],
    }
    functions = (f"{role.name}\\{name}" for name in visible_functions(role))
    return _table(
        head,
        {
            "VisibleCmdlets": _listed(map(_command, role.cmdlets)),
            "VisibleFunctions": _listed((*map(quoted, functions), *map(_command, role.functions))),
        },
    )


def _command(command: VisibleCommand) -> str:
    if command.parameters is None:
        return quoted(command.name)
    rows = (f"@{{ {'; '.join(_rule(*each))} }}" for each in command.parameters.items())
    return f"@{{ Name = {quoted(command.name)}; Parameters = {_listed(rows, depth=2)} }}"


def _rule(name: str, accepted: Accepted) -> Iterator[str]:
    yield f"Name = {quoted(name)}"
    if isinstance(accepted, Pattern):
        yield f"ValidatePattern = {quoted(accepted.text)}"
    elif isinstance(accepted, ValueSet):
        yield f"ValidateSet = {', '.join(map(quoted, accepted.values))}"


def _listed(rows: Iterable[str], depth: int = 1) -> str:
    return f"@({_lines(rows, depth)})"


def session_configuration(role: Role) -> str:
    """Return the session configuration file."""
    return _table(
        {
            "SchemaVersion": "2.0.0.0",
            "GUID": _identity(role, "session"),
            "Author": "nestlab",
            "Description": f"The lab {role.topology}: sessions without scripts, with one role.",
            "SessionType": "RestrictedRemoteServer",
            "RunAsVirtualAccount": True,
            "RoleDefinitions": {GROUP_PLACEHOLDER: {"RoleCapabilities": role.name}},
        }
    )


def manifest(role: Role) -> str:
    """Return the module manifest; its private data has the names that its functions check."""
    return _table(
        {
            "RootModule": f"{role.name}.psm1",
            "ModuleVersion": "1.0.0",
            "GUID": _identity(role, "module"),
            "Author": "nestlab",
            "Description": f"The role that builds the lab {role.topology}.",
            "PowerShellVersion": "5.1",
            "FunctionsToExport": [*visible_functions(role)],
            "CmdletsToExport": [],
            "AliasesToExport": [],
            "VariablesToExport": [],
            "PrivateData": {
                "NestLab": {
                    "Modules": [*role.modules],
                    "Guests": {**role.guests},
                    "GuestCommands": [*role.guest_commands],
                    "ManagementAdapters": [*role.management_adapters],
                    "Switches": [*role.switches],
                    "Nats": [*role.nats],
                    "Disks": f"^({role.disks})$",
                    "MountFolder": MOUNT_FOLDER,
                }
            },
        }
    )


def _identity(role: Role, what: str) -> str:
    """Return a GUID that depends on the topology only: the same one gives the same files."""
    return str(uuid5(_NAMESPACE, f"{what}/{role.name}"))


def _table(values: Mapping[str, Any], sources: dict[str, str] | None = None) -> str:
    rows = {key: _data(value, 1) for key, value in values.items()} | (sources or {})
    return "@{\n" + "".join(f"{INDENT}{key} = {row}\n" for key, row in rows.items()) + "}\n"


def _data(value: Any, depth: int) -> str:
    """Return a value as source; a table and a list have a line for each item."""
    if isinstance(value, Mapping):
        rows = (f"{data_key(key)} = {_data(item, depth + 1)}" for key, item in value.items())
        return f"@{{{_lines(rows, depth)}}}"
    if isinstance(value, list | tuple):
        return f"@({_lines((_data(item, depth + 1) for item in value), depth)})" if value else "@()"
    return literal(value)


def _lines(rows: Iterable[str], depth: int) -> str:
    inner = INDENT * (depth + 1)
    return "\n" + "".join(f"{inner}{row}\n" for row in rows) + INDENT * depth
