"""The requests of a client to its runspace pool: pipelines, metadata, counts of runspaces."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from nestlab.dataclass import dataclass, replace
from nestlab.simulator.endpoint.messages.client_values import (
    ClientObject,
    Decrypt,
    UnreadableValue,
    plain,
    read_message,
)


@dataclass(frozen=True)
class RemoteCommand:
    """One command of a pipeline, or a script. Positional arguments have no name."""

    text: str
    is_script: bool
    parameters: tuple[tuple[str | None, Any], ...]


@dataclass(frozen=True)
class PipelineRequest:
    """A pipeline to run: its statements, each of which is a sequence of piped commands."""

    pipeline_id: UUID
    statements: tuple[tuple[RemoteCommand, ...], ...]
    has_input: bool
    stream_options: int
    """RemoteStreamOptions: the streams whose records are to include invocation info."""


@dataclass(frozen=True)
class MetadataRequest:
    """A request for the parameters of commands."""

    pipeline_id: UUID


@dataclass(frozen=True)
class RunspacesRequest:
    """A request for the number of free runspaces, or to change their minimum or maximum."""

    call_id: int
    is_query: bool


PoolRequest = PipelineRequest | MetadataRequest | RunspacesRequest
"""A request of a client to its runspace pool."""


_CACHE: dict[bytes, PipelineRequest] = {}
_CACHE_SIZE = 64
_MAX_CACHED_BYTES = 1 << 16
_SECURE_STRING = b"<SS"
_READ_ONLY_PREFIXES = ("get-", "select-object", "where-object", "sort-object")


def read_pipeline_request(pipeline_id: UUID, body: bytes, decrypt: Decrypt) -> PipelineRequest:
    """Read the message that creates a pipeline; messages with read-only commands are cached.

    Requests with the same message share their values, because read-only commands neither store nor
    change them. Raises UnreadableValue.
    """
    cached = _CACHE.get(body)
    if cached is not None:
        return replace(cached, pipeline_id=pipeline_id)
    request = parse_pipeline(pipeline_id, read_message(body, decrypt))
    if len(body) <= _MAX_CACHED_BYTES and _SECURE_STRING not in body and _only_reads(request):
        if len(_CACHE) >= _CACHE_SIZE:
            _CACHE.clear()
        _CACHE[body] = request
    return request


def _only_reads(request: PipelineRequest) -> bool:
    return all(
        command.text.rpartition("\\")[2].lower().startswith(_READ_ONLY_PREFIXES)
        and not command.is_script
        for statement in request.statements
        for command in statement
    )


def parse_pipeline(pipeline_id: UUID, message: Any) -> PipelineRequest:
    """Read the message that creates a pipeline (MS-PSRP 2.2.2.10).

    Raises UnreadableValue.
    """
    shell = member(message, "PowerShell", ClientObject)
    # Not in MS-PSRP: PowerShell writes all statements to ExtraCmds if there are several.
    extra = shell.members.get("extracmds")
    parts = (
        [member(item, "Cmds", list) for item in extra] if extra else [member(shell, "Cmds", list)]
    )
    statements = tuple(tuple(map(_command, part)) for part in parts if part)
    if not statements:
        raise UnreadableValue
    options = message.members.get("remotestreamoptions")
    return PipelineRequest(
        pipeline_id,
        statements,
        has_input=not member(message, "NoInput", bool),
        stream_options=options if isinstance(options, int) else 0,
    )


def _command(item: Any) -> RemoteCommand:
    return RemoteCommand(
        member(item, "Cmd", str),
        member(item, "IsScript", bool),
        tuple(_parameters(member(item, "Args", list))),
    )


def _parameters(arguments: list[Any]) -> Iterator[tuple[str | None, Any]]:
    for argument in arguments:
        if not isinstance(argument, ClientObject):
            raise UnreadableValue
        name = argument.members.get("n")
        yield (str(name) if name is not None else None), plain(argument.members.get("v"))


def member(message: Any, name: str, kind: type) -> Any:
    """Return a member of a message; raises UnreadableValue if it is not of this type."""
    value = message.members.get(name.lower()) if isinstance(message, ClientObject) else None
    if not isinstance(value, kind):
        raise UnreadableValue
    return value
