"""Names with wildcard characters never reach a parameter that expands them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from nestlab.errors import UsageError
from nestlab.model import Cmdlet

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
"""Parameters of the Hyper-V and network modules that take patterns.

Names given by -Id, -VMId or as an object are safe.
"""

_NOUNS = ("VM", "VHD", "Net", "Dhcp", "Dns")
_READING_VERBS = frozenset({"Confirm", "Find", "Get", "Measure", "Test"})
# Behind a pipe, these hand on what they are given.
_ARRANGING_VERBS = frozenset({"Group", "Select", "Sort", "Where"})
# These make an object: its own name is taken as it stands.
_MAKERS = ("New-", "Add-")


def is_reading(statement: Cmdlet) -> bool:
    """Whether a statement only reads, and may be run again: each command of its pipe does.

    >>> is_reading(Cmdlet("Get-VM")), is_reading(Cmdlet("Get-VM", pipe_to=Cmdlet("Stop-VM")))
    (True, False)
    """
    command: Cmdlet | None = statement
    verbs = _READING_VERBS
    while command is not None:
        if command.name.rpartition("\\")[2].partition("-")[0] not in verbs:
            return False
        command, verbs = command.pipe_to, _READING_VERBS | _ARRANGING_VERBS
    return True


def refuse_wildcards(statements: Iterable[Cmdlet]) -> None:
    """Raise UsageError where a name with ``*``, ``?``, ``[`` or ``]`` would be expanded.

    >>> refuse_wildcards([Cmdlet("Get-VM", {"Name": "*"}), Cmdlet("Remove-VM", {"Name": "web1"})])
    """
    for statement in statements:
        everything = frozenset({"*"} if is_reading(statement) else ())
        for command, name, value in (
            found for stage in statement.stages for found in _patterns(stage, everything)
        ):
            message = f"{command.name} -{name} {value!r} would be read as a pattern and could touch other objects."
            raise UsageError(
                message, hint="Give the object a name without * ? [ ], then try again."
            )


def refuse_pattern(vm_name: str) -> None:
    """Raise UsageError where PowerShell Direct would look for more than one VM.

    It asks Get-VM -Name, which expands patterns.

    >>> refuse_pattern("web1")
    """
    if _WILDCARDS & set(vm_name):
        message = f"The VM name {vm_name!r} would be read as a pattern, and the credential could reach another VM."
        raise UsageError(message, hint="Give the VM a name without * ? [ ], then try again.")


def _patterns(stage: Cmdlet, everything: frozenset[str]) -> Iterator[tuple[Cmdlet, str, str]]:
    """Yield the patterns of a command.

    To a statement that reads, a lone asterisk says `everything`, and means no harm.
    """
    if not stage.name.partition("-")[2].startswith(_NOUNS):
        return
    expanding = _EXPANDING - {"name"} if stage.name.startswith(_MAKERS) else _EXPANDING
    for name, value in stage.parameters.items():
        if name.lower() in expanding:
            yield from (
                (stage, name, text)
                for text in _texts(value)
                if _WILDCARDS & set(text) and text not in everything
            )


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple):
        yield from (item for item in value if isinstance(item, str))
