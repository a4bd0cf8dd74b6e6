"""The runspace pool of one client: reads the client's messages, and sends its own (MS-PSRP 3.2)."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any
from uuid import UUID

from nestlab.simulator.endpoint.messages import pool_xml
from nestlab.simulator.endpoint.messages.client_requests import (
    MetadataRequest,
    PoolRequest,
    RunspacesRequest,
    member,
    read_pipeline_request,
)
from nestlab.simulator.endpoint.messages.client_values import (
    ClientObject,
    UnreadableValue,
    plain,
    read_message,
)
from nestlab.simulator.endpoint.messages.remoting_types import RemotingDataType, RunspacePoolState
from nestlab.simulator.endpoint.psrp.defragmenter import HEADER, BadFragment, ServerDefragmenter
from nestlab.simulator.endpoint.psrp.server_key import ServerKey

FRAGMENT_SIZE = 32 * 1024
"""Maximum size of a fragment in bytes; Windows sends fragments of this size."""

_MESSAGE = struct.Struct("<II16s16s")
"""Destination, type, pool, pipeline."""

_BEGINNING = struct.Struct("<II")

_BODY_LIMIT = FRAGMENT_SIZE - HEADER.size - _MESSAGE.size
"""Maximum size in bytes of the body of a message that fits into one fragment."""

_TO_CLIENT = 1
_ONLY = 3  # flags of a fragment that is both the first and the last one
_NO_PIPELINE = UUID(int=0)
_IGNORED = frozenset(
    {
        RemotingDataType.END_OF_PIPELINE_INPUT,
        RemotingDataType.PIPELINE_INPUT,
        RemotingDataType.PIPELINE_HOST_RESPONSE,
        RemotingDataType.RUNSPACEPOOL_HOST_RESPONSE,
    }
)
_RUNSPACES = frozenset(
    {
        RemotingDataType.GET_AVAILABLE_RUNSPACES,
        RemotingDataType.SET_MAX_RUNSPACES,
        RemotingDataType.SET_MIN_RUNSPACES,
        RemotingDataType.RESET_RUNSPACE_STATE,
    }
)
Emit = Callable[[bytes, bytes], None]
"""Sends a fragment, given in two parts: its headers, and its data, which may be cached."""


class UnreadableMessage(Exception):
    """A message has a value that .NET cannot read.

    A real host acknowledges it, and never responds.
    """


class MessageSender:
    """Splits messages into fragments, with numbers from their pool. Used with a lock held."""

    def __init__(self, ids: bytes, numbers: Iterator[int], emit: Emit) -> None:
        self._ids = ids
        self._numbers = numbers
        self._emit = emit
        self._kind: RemotingDataType | None = None
        self._head = b""

    def send(self, kind: RemotingDataType, xml: str | bytes) -> None:
        """Send one message."""
        if kind is not self._kind:
            self._kind, self._head = kind, _BEGINNING.pack(_TO_CLIENT, kind) + self._ids
        body = xml if isinstance(xml, bytes) else xml.encode()
        number, length = next(self._numbers), len(body)
        if length <= _BODY_LIMIT:
            self._emit(HEADER.pack(number, 0, _ONLY, _MESSAGE.size + length) + self._head, body)
            return
        data, size = self._head + body, FRAGMENT_SIZE - HEADER.size
        for index, start in enumerate(range(0, len(data), size)):
            part = data[start : start + size]
            flags = (index == 0) | ((start + size >= len(data)) << 1)
            self._emit(HEADER.pack(number, index, flags, len(part)), part)


class Pool:
    """A runspace pool, which sends its messages as fragments. Used with a lock held."""

    def __init__(self, emit: Emit, private_data: Mapping[str, Any]) -> None:
        self.id = _NO_PIPELINE
        self.client_arguments: Mapping[str, Any] = {}
        """The application arguments of the client."""
        self.max_runspaces = 1
        self._min_runspaces = 1
        self._connecting = False
        self._emit = emit
        self._private_data = private_data
        self._defragmenter = ServerDefragmenter()
        self._key = ServerKey()
        self._numbers = count(1)

    def feed(self, data: bytes) -> Iterator[PoolRequest]:
        """Process bytes from the client, and yield the requests that they complete.

        Raises:
            BadFragment: the bytes are not fragments of messages of the protocol.
            UnreadableMessage: a pipeline has a value that .NET cannot read.
        """
        for _, message in self._defragmenter.feed(data):
            if len(message) < _MESSAGE.size:
                msg = f"A message of {len(message)} bytes ends in its header."
                raise BadFragment(msg)
            _, number, pool, pipeline = _MESSAGE.unpack_from(message)
            try:
                kind = RemotingDataType(number)
                request = self._handle_message(
                    kind, UUID(bytes_le=pool), UUID(bytes_le=pipeline), message[_MESSAGE.size :]
                )
            except (UnreadableValue, ValueError) as problem:
                if number == RemotingDataType.CREATE_PIPELINE:
                    raise UnreadableMessage from None
                msg = f"A message of type {number:#x} cannot be read. {problem}".strip()
                raise BadFragment(msg) from None
            if request is not None:
                yield request

    def _handle_message(
        self, kind: RemotingDataType, pool: UUID, pipeline: UUID, body: bytes
    ) -> PoolRequest | None:
        if kind in _IGNORED:
            return None
        if kind is RemotingDataType.GET_COMMAND_METADATA:
            return MetadataRequest(pipeline)
        if kind is RemotingDataType.CREATE_PIPELINE:
            return read_pipeline_request(pipeline, body, self._key.decrypt)
        message = read_message(body, self._key.decrypt)
        if kind in _RUNSPACES:
            return self._runspaces(kind, message)
        match kind:
            case RemotingDataType.SESSION_CAPABILITY:
                self._capability(pool, message)
            case RemotingDataType.INIT_RUNSPACEPOOL:
                self._open(message)
            case RemotingDataType.CONNECT_RUNSPACEPOOL:
                self._connect(message)
            case RemotingDataType.PUBLIC_KEY:
                self._send_key(message)
            case _:
                what = "Clients do not send messages of this type."
                raise ValueError(what)
        return None

    def _capability(self, pool: UUID, message: Any) -> None:
        member(message, "protocolversion", str)
        if not self._connecting:
            self.id = pool
            self.send(RemotingDataType.SESSION_CAPABILITY, pool_xml.CAPABILITY_XML)
        elif pool != self.id:
            what = "It is for another runspace pool."
            raise ValueError(what)

    def _open(self, message: Any) -> None:
        self._min_runspaces = member(message, "MinRunspaces", int)
        self.max_runspaces = member(message, "MaxRunspaces", int)
        arguments = plain(message.members.get("applicationarguments"))
        self.client_arguments = arguments if isinstance(arguments, dict) else {}
        self._send_opened()

    def _connect(self, message: Any) -> None:
        self._min_runspaces = _count(message, "MinRunspaces", self._min_runspaces)
        self.max_runspaces = _count(message, "MaxRunspaces", self.max_runspaces)
        self._connecting = False
        self.send(RemotingDataType.SESSION_CAPABILITY, pool_xml.CAPABILITY_XML)
        counts = pool_xml.init_data_xml(self._min_runspaces, self.max_runspaces)
        self.send(RemotingDataType.RUNSPACEPOOL_INIT_DATA, counts)
        self._send_opened()

    def _send_opened(self) -> None:
        xml = pool_xml.private_data_xml(self._private_data)
        self.send(RemotingDataType.APPLICATION_PRIVATE_DATA, xml)
        self._send_state(RunspacePoolState.OPENED)

    def _send_key(self, message: Any) -> None:
        text = self._key.encrypted_for(member(message, "PublicKey", str))
        self.send(RemotingDataType.ENCRYPTED_SESSION_KEY, pool_xml.session_key_xml(text))

    def _runspaces(self, kind: RemotingDataType, message: Any) -> RunspacesRequest:
        if kind is RemotingDataType.SET_MAX_RUNSPACES:
            self.max_runspaces = member(message, "MaxRunspaces", int)
        if kind is RemotingDataType.SET_MIN_RUNSPACES:
            self._min_runspaces = member(message, "MinRunspaces", int)
        is_query = kind is RemotingDataType.GET_AVAILABLE_RUNSPACES
        return RunspacesRequest(member(message, "ci", int), is_query)

    def respond(self, request: RunspacesRequest, result: int) -> None:
        """Answer a request about runspaces: their number, or True for a limit that was changed."""
        xml = pool_xml.availability_xml(request.call_id, result)
        self.send(RemotingDataType.RUNSPACE_AVAILABILITY, xml)

    def reconnect(self) -> None:
        """Expect the first messages of another client of the same user."""
        self._connecting = True
        self._defragmenter = ServerDefragmenter()

    def send(self, kind: RemotingDataType, xml: str) -> None:
        """Send a message of the pool."""
        self.sender(_NO_PIPELINE, self._emit).send(kind, xml)

    def sender(self, pipeline_id: UUID, emit: Emit) -> MessageSender:
        """Return the sender of a pipeline's messages; `emit` sends their fragments."""
        return MessageSender(self.id.bytes_le + pipeline_id.bytes_le, self._numbers, emit)

    def send_closed(self) -> None:
        """Send the states Closing and Closed of the pool to the client."""
        for state in (RunspacePoolState.CLOSING, RunspacePoolState.CLOSED):
            self._send_state(state)

    def _send_state(self, state: RunspacePoolState) -> None:
        self.send(RemotingDataType.RUNSPACEPOOL_STATE, pool_xml.pool_state_xml(state))


def _count(message: Any, name: str, default: int) -> int:
    """Return a number of runspaces, which a client that connects may omit, or send as -1."""
    count = message.members.get(name.lower()) if isinstance(message, ClientObject) else None
    return count if isinstance(count, int) and count > 0 else default
