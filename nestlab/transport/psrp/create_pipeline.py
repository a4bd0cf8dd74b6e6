"""The message that begins a pipeline (MS-PSRP 2.2.2.10)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nestlab.dataclass import dataclass, field
from nestlab.model.parameter_values import Value
from nestlab.transport.psrp.clixml_writer import Encrypt, Writer
from nestlab.transport.psrp.pool_messages import apartment, no_host, stream_options

_LIST = (
    (
        "System.Collections.Generic.List`1[[System.Management.Automation.PSObject, "  # not shown
        "System.Management.Automation, Version=1.0.0.0, Culture=neutral, PublicKeyToken=31bf3856ad364e35]]"
    ),
    "System.Object",
)
_ENUM = ("System.Enum", "System.ValueType", "System.Object")
_MERGE = ("System.Management.Automation.Runspaces.PipelineResultTypes", *_ENUM)
_MERGES = (
    ("MergeMyResult", "MergeToResult", "MergePreviousResults"),
    ("MergeError", "MergeWarning", "MergeVerbose", "MergeDebug", "MergeInformation"),
)
_NONE = "<ToString>None</ToString><I32>0</I32>"


@dataclass(frozen=True)
class Command:
    """One command of a statement: its name, or the text of a script, and its parameters."""

    text: str
    parameters: Sequence[tuple[str, Value]] = field(default=(), repr=False)
    is_script: bool = False


Statement = Sequence[Command]
"""The commands of one statement, joined by pipes."""


def create_pipeline(statements: Sequence[Statement], encrypt: Encrypt) -> str:
    """Return the CLIXML; secrets among the parameters are encrypted. Raises NotSerializable."""
    writer = Writer(encrypt)
    beginning = writer.open()
    state, options = apartment(writer), stream_options(writer)
    return (
        f'{beginning}<MS><B N="NoInput">true</B>{state}{options}<B N="AddToHistory">false</B>'
        f"{no_host(writer)}{_powershell(writer, statements)}"
        '<B N="IsNested">false</B></MS></Obj>'
    )


def _powershell(writer: Writer, statements: Sequence[Statement]) -> str:
    extra = '<Nil N="ExtraCmds" />'
    beginning = writer.open("PowerShell")
    if len(statements) > 1:
        items = (
            f"{writer.open()}<MS>{_commands(writer, statement)}</MS></Obj>"
            for statement in statements
        )
        extra = writer.list("ExtraCmds", items, _LIST)
    return (
        f'{beginning}<MS><B N="IsNested">false</B>{extra}{_commands(writer, statements[0])}'
        '<Nil N="History" /><B N="RedirectShellErrorOutputPipe">true</B></MS></Obj>'
    )


def _commands(writer: Writer, commands: Iterable[Command]) -> str:
    return writer.list("Cmds", (_command(writer, command) for command in commands), _LIST)


def _command(writer: Writer, command: Command) -> str:
    beginning = writer.open()
    first, more = (writer.same_values(names, _MERGE, _NONE) for names in _MERGES)
    arguments = writer.list(
        "Args", (_argument(writer, name, value) for name, value in command.parameters), _LIST
    )
    script = "true" if command.is_script else "false"
    return (
        f'{beginning}<MS>{writer.value(command.text, "Cmd")}<B N="IsScript">{script}</B><Nil N="UseLocalScope" />'
        f"{first}{arguments}{more}</MS></Obj>"
    )


def _argument(writer: Writer, name: str, value: Value) -> str:
    return f"{writer.open()}<MS>{writer.value(name, 'N')}{writer.value(value, 'V')}</MS></Obj>"
