"""Writes cmdlets, blocks and data as PowerShell source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from nestlab.export.powershell.fields import DataField, FieldNames
from nestlab.model import Cmdlet
from nestlab.model.parameter_values import Value
from nestlab.model.powershell_text import literal, parameter_text, quoted
from nestlab.visible import visible

INDENT = "    "
_LINE = 88  # with indentation, most lines stay within 100 columns


def pipeline_text(cmdlet: Cmdlet, names: FieldNames, *, changes: bool = False) -> str:
    """Return a pipeline as source, and note the values that it reads from the data file.

    Each command gets ``-ErrorAction Stop``; with `changes`, those that can also get ``-WhatIf`` and
    ``-Confirm``, because preference variables do not reach the functions of a module.
    """
    texts = [
        " ".join(
            [
                stage.name,
                *_parameters(stage, names, changes=changes),
                *_preferences(stage, changes=changes),
            ]
        )
        for stage in cmdlet.stages
    ]
    line = " | ".join(texts)
    return line if len(line) <= _LINE else f" |\n{INDENT}".join(texts)


# Commands that are not among those that support ShouldProcess though they change something.
_WITHOUT_WHATIF = frozenset(
    {
        "Disable-WindowsOptionalFeature",
        "Enable-WindowsOptionalFeature",
        "New-Partition",
        "Set-Disk",
    }
)
_READING = ("Get-", "Test-", "Where-", "Select-", "Sort-", "Measure-")


def takes_preferences(command: str) -> bool:
    """Whether a command has the parameters WhatIf and Confirm.

    >>> [takes_preferences(name) for name in ("New-VM", "Get-VM", "Set-Disk")]
    [True, False, False]
    """
    return not is_read_only(command) and command not in _WITHOUT_WHATIF


def is_read_only(command: str) -> bool:
    """Whether a command only reads, or passes on what it gets."""
    return command.rpartition("\\")[2].startswith(_READING)


def _preferences(stage: Cmdlet, *, changes: bool) -> Iterator[str]:
    if changes and takes_preferences(stage.name):
        yield "@Preference"
    elif (
        stage.name.startswith(_READING[:2]) and "ErrorAction" not in stage.parameters
    ) or not is_read_only(stage.name):
        yield "-ErrorAction Stop"


def _parameters(stage: Cmdlet, names: FieldNames, *, changes: bool) -> Iterator[str]:
    for name, value in stage.parameters.items():
        if isinstance(value, DataField):
            yield f"-{name} $Data.{names.name(value)}"
        elif not (changes and name == "Confirm"):  # it is among the preferences
            yield f"-{name} {value}" if _is_word(value) else parameter_text(name, value)


def _is_word(value: Value) -> bool:
    """Whether a value needs no quotes: the name of a property or of a setting."""
    return isinstance(value, str) and value.isascii() and value.isalnum() and value[0].isalpha()


def block(lines: Sequence[str], *, depth: int) -> str:
    """Return a script block that declares the values it uses; its closing brace is at `depth`."""
    inner = INDENT * (depth + 1)
    used = {"$Data": "$Data.", "$Preference": "@Preference"}
    listed = [name for name, use in used.items() if any(use in line for line in lines)]
    texts = [*([f"param({', '.join(listed)})"] if listed else []), *lines]
    body = "\n".join(inner + line for text in texts for line in text.split("\n"))
    return f"{{\n{body}\n{INDENT * depth}}}"


def comment(text: str) -> str:
    """Return a text as the rest of a line comment: it stays on its line.

    >>> comment("two" + chr(10) + "lines")
    '# two lines'
    """
    return f"# {' '.join(visible(text).split())}"


def help_text(text: str) -> str:
    """Return a text for comment-based help: it neither ends the comment nor begins a section.

    >>> help_text("see #> and .EXAMPLE")
    'see # > and .EXAMPLE'
    """
    flat = " ".join(visible(text).split()).replace("#>", "# >")
    return f"\\{flat}" if flat.startswith(".") else flat


def data_text(value: Value, depth: int = 0) -> str:
    """Return a value as the source of a data file, each entry of a table on a separate line."""
    if not isinstance(value, Mapping):
        return literal(value)
    if not value:
        return "@{}"
    inner = INDENT * (depth + 1)
    lines = (
        f"{inner}{data_key(key)} = {data_text(item, depth + 1)}" for key, item in value.items()
    )
    return "@{\n" + "\n".join(lines) + f"\n{INDENT * depth}}}"


def data_key(key: str) -> str:
    """Return the key of a table in the data file.

    >>> data_key("Path"), data_key("a b")
    ('Path', "'a b'")
    """
    return key if key.isascii() and key.isalnum() and not key[0].isdigit() else quoted(key)
