"""Prepares statements for a host: groups for pipelines, secrets, error actions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from nestlab.dataclass import dataclass, replace
from nestlab.enumerations import all_of
from nestlab.errors import CmdletError
from nestlab.model import Cmdlet, CredentialText, ErrorRecord, MachinePath, Secret, path_text
from nestlab.model.credential_text import FindCredential
from nestlab.model.parameter_values import Value, with_filled_in_texts
from nestlab.transport import credentials
from nestlab.transport.psrp.create_pipeline import Command
from nestlab.transport.read_only import is_read_only
from nestlab.transport.redaction import redaction
from nestlab.transport.result import Result
from nestlab.transport.session import error_action, with_error_action


@dataclass(frozen=True)
class ReadGroup:
    """Statements that only read, and so may share a pipeline and be repeated.

    After a statement fails, a real host may skip later ones without saying so: see
    `PsrpSession._is_complete`. Raises ValueError if a statement may change something.
    """

    statements: tuple[Cmdlet, ...]

    def __post_init__(self) -> None:
        changing = [statement.name for statement in self.statements if not is_read_only(statement)]
        if changing:
            msg = f"{changing[0]} may change something, and cannot share a pipeline."  # not shown
            raise ValueError(msg)


@dataclass(frozen=True)
class Change:
    """A statement that may change something: it has a pipeline of its own, and is sent once."""

    statement: Cmdlet

    @property
    def statements(self) -> tuple[Cmdlet, ...]:
        """The statement, alone."""
        return (self.statement,)


Group = ReadGroup | Change
"""The statements of one pipeline."""


def groups(statements: Iterable[Cmdlet]) -> Iterator[Group]:
    """Yield the statements by pipeline: consecutive ones that only read share one."""
    reading: list[Cmdlet] = []
    for statement in statements:
        if is_read_only(statement):
            reading.append(statement)
            continue
        if reading:
            yield ReadGroup(tuple(reading))
            reading = []
        yield Change(statement)
    if reading:
        yield ReadGroup(tuple(reading))


def names_of(statements: Iterable[Cmdlet]) -> str:
    """Return the names of the statements, for messages: ``Get-VM and Get-VMSwitch``."""
    return all_of(list(dict.fromkeys(statement.name for statement in statements)))


def stages_with_error_action(statement: Cmdlet) -> Iterator[Cmdlet]:
    """Yield the commands of a statement, each with its error action."""
    command: Cmdlet | None = with_error_action(statement)
    while command is not None:
        yield command
        command = command.pipe_to


def names_later_command(error: ErrorRecord, statements: Sequence[Cmdlet]) -> bool:
    """Whether an error's id names a command of a later statement, and none of the first.

    The id ends with the class of a cmdlet, ``...Commands.GetVMFirmware`` or
    ``...Commands.GetWinEventCommand``, or with the name of a function, ``...,Get-NetAdapter``.

    >>> error = ErrorRecord("", "", "NotFound,Microsoft.HyperV.PowerShell.Commands.GetVM")
    >>> names_later_command(error, [Cmdlet("Get-VMHost"), Cmdlet("Get-VM")])
    True
    >>> names_later_command(error, [Cmdlet("Get-VM"), Cmdlet("Get-VM")])
    False
    """
    written = _without_dash(re.split(r"[.,]", error.fully_qualified_error_id)[-1])
    named = {written, written.removesuffix("command")}
    first, *later = (
        {_without_dash(stage.name) for stage in stages_with_error_action(statement)}
        for statement in statements
    )
    return not named & first and any(named & names for names in later)


def _without_dash(name: str) -> str:
    return name.rpartition("\\")[2].replace("-", "").lower()


def to_commands(statements: Iterable[Cmdlet], find: FindCredential) -> list[list[Command]]:
    """Return the commands to send, with their secrets filled in; `find` returns credentials.

    Raises AccessDenied if a secret is not found.
    """
    return [
        [
            Command(
                command.name,
                [(name, with_secrets(value, find)) for name, value in command.parameters.items()],
            )
            for command in stages_with_error_action(statement)
        ]
        for statement in statements
    ]


def has_secrets(statements: Iterable[Cmdlet]) -> bool:
    """Whether any parameter is a secret, which needs the session key."""
    return any(
        _secret_in(value)
        for statement in statements
        for command in stages_with_error_action(statement)
        for value in command.parameters.values()
    )


def _secret_in(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_secret_in(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(_secret_in(item) for item in value)
    return isinstance(value, Secret)


def with_secrets(value: Value, find: FindCredential) -> Value:
    """Return the value with its secrets filled in, which are looked up by name.

    `find` returns the credentials of guests, which are looked up or asked for once.

    Raises AccessDenied.
    """
    match value:
        case Secret():
            return _with_value(value)
        case CredentialText():
            credential = find(value.credential)
            redaction.add(value.encoded_passwords(credential))
            return value.filled_in(credential)
        case Mapping():
            return {key: with_secrets(item, find) for key, item in value.items()}
        case list() | tuple():
            return [with_secrets(item, find) for item in value]
        case _:
            return value


_FIXED_PASSWORD = "Not-Compared-1"  # noqa: S105  # as complex as Windows Server requires


def with_account(statement: Cmdlet, username: str) -> Cmdlet:
    """Return a statement whose credential texts have this user name and a fixed password.

    For a simulated host in this process, which accepts every credential name.
    """
    given = statement.parameters
    if not any(isinstance(value, list | tuple | CredentialText) for value in given.values()):
        return statement

    def composed(text: CredentialText) -> str:
        return text.filled_in(credentials.Credential(username, _FIXED_PASSWORD))

    parameters = {name: with_filled_in_texts(value, composed) for name, value in given.items()}
    return Cmdlet(statement.name, parameters, statement.pipe_to)


def _with_value(secret: Secret) -> Secret:
    if not secret.value:
        found = credentials.find(secret.name, username=secret.username)
        secret = replace(secret, username=found.username, value=found.password)
    redaction.add([secret.value])
    return secret


def append_output(total: Result, result: Result) -> None:
    """Append the output of a pipeline to a result."""
    total.records += result.records
    total.errors += result.errors
    total.warnings += result.warnings
    total.verbose += result.verbose


def apply_error_action(
    statement: Cmdlet, error: ErrorRecord, total: Result, machine: MachinePath
) -> None:
    """Handle the error that ended a statement according to its ErrorAction.

    Stop raises CmdletError, Continue adds the error to the result.
    """
    action = (error_action(statement) or "Stop").lower()
    if action == "stop":
        raise CmdletError(statement, error, machine=path_text(machine))
    if action == "continue":
        total.errors.append(error)
