"""Refuses names with wildcard characters for parameters that would expand them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from nestlab.errors import UsageError
from nestlab.model import Cmdlet
from nestlab.texts import tr
from nestlab.transport.read_only import is_read_only

_WILDCARDS = frozenset("*?[]")
_EXPANDING = frozenset(
    {
        "name",
        "vmname",
        "switchname",
        "vmnetworkadaptername",
        "interfacealias",
        "natname",
        "vmsnapshot",
        "vmcheckpointname",
    }
)
"""Parameters of the Hyper-V and network modules that expand wildcards.

-Id, -VMId and objects are safe.
"""

_NOUNS = ("VM", "VHD", "Net", "Dhcp", "Dns")
# These create an object: its name is taken literally.
_CREATING_CMDLETS = ("New-", "Add-")


def refuse_wildcards(statements: Iterable[Cmdlet]) -> None:
    """Raise UsageError if a name with ``*``, ``?``, ``[`` or ``]`` would be expanded.

    >>> refuse_wildcards([Cmdlet("Get-VM", {"Name": "*"}), Cmdlet("Remove-VM", {"Name": "web1"})])
    """
    for statement in statements:
        harmless = frozenset({"*"} if is_read_only(statement) else ())
        for command, name, value in (
            found for stage in statement.stages for found in _patterns(stage, harmless)
        ):
            message = tr(
                "{cmdlet} -{parameter} {value!r} would be expanded as a wildcard pattern and could match other objects.",
                cmdlet=command.name,
                parameter=name,
                value=value,
            )
            raise UsageError(
                message, hint=tr("Give the object a name without * ? [ ], then try again.")
            )


def refuse_pattern(vm_name: str) -> None:
    """Raise UsageError if PowerShell Direct would match more than one VM.

    It uses Get-VM -Name, which expands wildcards.

    >>> refuse_pattern("web1")
    """
    if _WILDCARDS & set(vm_name):
        message = tr(
            "The VM name {vm_name!r} would be expanded as a wildcard pattern, and the credential could reach another VM.",
            vm_name=vm_name,
        )
        raise UsageError(message, hint=tr("Give the VM a name without * ? [ ], then try again."))


def _patterns(stage: Cmdlet, harmless: frozenset[str]) -> Iterator[tuple[Cmdlet, str, str]]:
    """Yield the wildcard patterns among the parameters of a command, except `harmless` ones.

    A lone asterisk is harmless in a statement that only reads.
    """
    if not stage.name.partition("-")[2].startswith(_NOUNS):
        return
    expanding = _EXPANDING - {"name"} if stage.name.startswith(_CREATING_CMDLETS) else _EXPANDING
    for name, value in stage.parameters.items():
        if name.lower() in expanding:
            yield from (
                (stage, name, text)
                for text in _texts(value)
                if _WILDCARDS & set(text) and text not in harmless
            )


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple):
        yield from (item for item in value if isinstance(item, str))
