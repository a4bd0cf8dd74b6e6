"""What statements become on the way: pipelines to send, outcomes to keep, errors to raise."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pypsrp.powershell import PowerShell

from nestlab.errors import Cancelled, CmdletError
from nestlab.model import Cmdlet, ErrorRecord, MachinePath, Secret, path_text
from nestlab.model.cmdlet import Value
from nestlab.transport import credentials
from nestlab.transport.names import is_reading
from nestlab.transport.redaction import redaction
from nestlab.transport.session import Cancel, error_action, with_error_action
from nestlab.transport.shell import Result
from nestlab.transport.wire import wire_value


def groups(statements: Iterable[Cmdlet]) -> Iterator[Sequence[Cmdlet]]:
    """Yield the statements that may share a pipeline: neighbours that read; each other one alone.

    On a real host the statements of a pipeline go on after one that failed, so only those that read share one.
    """
    reading: list[Cmdlet] = []
    for statement in statements:
        if is_reading(statement):
            reading.append(statement)
            continue
        if reading:
            yield reading
            reading = []
        yield [statement]
    if reading:
        yield reading


def names_of(statements: Iterable[Cmdlet]) -> str:
    """Return what runs, for messages: ``Get-VM and Get-VMSwitch``."""
    return " and ".join(dict.fromkeys(statement.name for statement in statements))


def stages(statement: Cmdlet) -> Iterator[Cmdlet]:
    """Yield the commands of a statement, each with its error action."""
    command: Cmdlet | None = with_error_action(statement)
    while command is not None:
        yield command
        command = command.pipe_to


def fill(pipeline: PowerShell, statements: Iterable[Cmdlet]) -> None:
    """Add the statements to a pipeline, as commands with typed parameters."""
    for statement in statements:
        for command in stages(statement):
            pipeline.add_cmdlet(command.name)
            for name, value in command.parameters.items():
                pipeline.add_parameter(name, wire_value(resolved(value)))
        pipeline.add_statement()


def has_secrets(statements: Iterable[Cmdlet]) -> bool:
    """Whether any parameter is a secret, which needs the session key."""
    return any(_secret_in(value) for statement in statements for command in stages(statement) for value in command.parameters.values())


def _secret_in(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_secret_in(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(_secret_in(item) for item in value)
    return isinstance(value, Secret)


def resolved(value: Value) -> Value:
    """Return the value with every secret's own value in it, looked up by name where it has none; raises AccessDenied."""
    match value:
        case Secret():
            return _with_value(value)
        case Mapping():
            return {key: resolved(item) for key, item in value.items()}
        case list() | tuple():
            return [resolved(item) for item in value]
        case _:
            return value


def _with_value(secret: Secret) -> Secret:
    if not secret.value:
        found = credentials.find(secret.name, username=secret.username)
        secret = replace(secret, username=found.username, value=found.password)
    redaction.add([secret.value])
    return secret


def extend(gathered: Result, result: Result) -> None:
    """Add what a pipeline gave to what was gathered."""
    gathered.records += result.records
    gathered.errors += result.errors
    gathered.warnings += result.warnings
    gathered.verbose += result.verbose


def settle(statement: Cmdlet, error: ErrorRecord, gathered: Result, machine: MachinePath) -> None:
    """Do with the error that ended a statement what its error action says; raises CmdletError for Stop."""
    action = (error_action(statement) or "Stop").lower()
    if action == "stop":
        raise CmdletError(statement, error, machine=path_text(machine))
    if action == "continue":
        gathered.errors.append(error)


def wait(seconds: float, cancel: Cancel | None) -> None:
    """Wait in real time; raises Cancelled."""
    if cancel is None:
        time.sleep(seconds)
    elif cancel.wait(seconds):
        msg = "Cancelled while waiting."
        raise Cancelled(msg)
