"""The client's side of a runspace pool (MS-PSRP 3.1), over any channel."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from nestlab.errors import HostError
from nestlab.model import Record
from nestlab.texts import tr
from nestlab.transport.psrp.channel import Channel
from nestlab.transport.psrp.create_pipeline import Statement, create_pipeline
from nestlab.transport.psrp.fragments import Fragmenter, MalformedMessage
from nestlab.transport.psrp.message_types import MessageType, PoolState
from nestlab.transport.psrp.messages import MessageReader, to_int
from nestlab.transport.psrp.pipeline import Pipeline
from nestlab.transport.psrp.pool_messages import (
    SESSION_CAPABILITY,
    get_available_runspaces,
    init_runspace_pool,
    public_key,
)
from nestlab.transport.psrp.session_key import SessionKey

_KEY_SECONDS = 60.0
_OUTPUT = int(MessageType.PIPELINE_OUTPUT)


class RunspacePool:
    """One runspace on the host, over a channel.

    Methods raise HostError and ShellGone as the channel does.
    """

    def __init__(self, channel: Channel, arguments: Mapping[str, str]) -> None:
        self.id = uuid.uuid4()
        self.private_data: Mapping[str, Any] = {}
        """The application private data of the host: its version table, and more."""
        self._channel = channel
        self._arguments = arguments
        self._fragmenter = Fragmenter()
        self._reader = MessageReader()
        self._key = SessionKey()
        self._key_requested = False
        self._is_open = False
        self._free: list[int] = []
        self._handlers: Mapping[int, Callable[[Record], None]] = {
            MessageType.SESSION_CAPABILITY: self._take_capability,
            MessageType.APPLICATION_PRIVATE_DATA: self._take_private_data,
            MessageType.RUNSPACEPOOL_STATE: self._take_state,
            MessageType.RUNSPACE_AVAILABILITY: self._take_availability,
            MessageType.ENCRYPTED_SESSION_KEY: self._take_key,
        }

    def open(self) -> None:
        """Open the pool, and wait until it is open."""
        opening = (
            (MessageType.SESSION_CAPABILITY, SESSION_CAPABILITY),
            (MessageType.INIT_RUNSPACEPOOL, init_runspace_pool(self._arguments)),
        )
        self._channel.open(
            self.id, [fragment for kind, xml in opening for fragment in self._fragments(kind, xml)]
        )
        self._wait_for(
            lambda: self._is_open,
            self._channel.opening_seconds,
            tr("It did not open the session in time."),
        )

    def exchange_keys(self) -> None:
        """Get the session key, if it is not known yet."""
        if self._key.is_known:
            return
        if not self._key_requested:
            self._key_requested = True
            message = public_key(self._key.public_key())
            self._channel.send(self._fragments(MessageType.PUBLIC_KEY, message))
        self._wait_for(
            lambda: self._key.is_known, _KEY_SECONDS, tr("It did not send a session key.")
        )

    def begin(self, statements: Sequence[Statement]) -> Pipeline:
        """Begin a pipeline; secrets in it need the session key. Raises NotSerializable."""
        pipeline = Pipeline()
        message = create_pipeline(statements, self._key.encrypt)
        fragments = self._fragments(MessageType.CREATE_PIPELINE, message, pipeline.id)
        self._channel.begin(pipeline.id, fragments)
        return pipeline

    def poll(self, pipeline: Pipeline, seconds: float | None) -> None:
        """Wait up to `seconds` for messages of the pipeline, and pass them to it."""
        pieces = self._channel.receive(pipeline.id, seconds)
        add_record = pipeline.result.records.append
        with self._protocol_errors():
            for kind, value in self._reader.read(pieces, pipeline.id):
                if kind == _OUTPUT:  # a listing has thousands
                    add_record(value)
                elif kind in self._handlers:
                    self._handlers[kind](value)
                else:
                    pipeline.take(kind, value)

    def free_runspaces(self) -> int | None:
        """Return the number of free runspaces; None if the host does not respond."""
        self._free.clear()
        message = get_available_runspaces(1)
        self._channel.send(self._fragments(MessageType.GET_AVAILABLE_RUNSPACES, message))
        while not self._free:
            if not self._receive(None):
                return None
        return self._free[-1]

    def replaced_characters(self) -> int:
        """Return, once, how many forbidden characters were replaced."""
        count, self._reader.replaced = self._reader.replaced, 0
        return count

    def _wait_for(self, condition: Callable[[], bool], seconds: float, failure: str) -> None:
        started = time.monotonic()
        while not condition():
            left = seconds - (time.monotonic() - started)
            if not self._receive(max(left, 0.0)) and left <= 0:
                raise self._channel.failure(failure)

    def _receive(self, seconds: float | None) -> bool:
        pieces = self._channel.receive(None, seconds)
        with self._protocol_errors():
            for kind, value in self._reader.read(pieces):
                if kind in self._handlers:
                    self._handlers[kind](value)
        return bool(pieces)

    @contextmanager
    def _protocol_errors(self) -> Iterator[None]:
        """Raise the error of a message that cannot be read."""
        try:
            yield
        except MalformedMessage as problem:
            error: HostError = self._channel.failure(
                tr("The host violated the protocol: {problem}.", problem=problem)
            )
        else:
            return
        raise error

    def _fragments(
        self, kind: MessageType, xml: str, pipeline: uuid.UUID | None = None
    ) -> list[bytes]:
        size = self._channel.fragment_size
        return self._fragmenter.fragment(
            kind, xml, self.id, size, *([pipeline] if pipeline else [])
        )

    def _take_capability(self, message: Record) -> None:
        self._channel.use_protocol(str(message.get("protocolversion") or ""))

    def _take_private_data(self, message: Record) -> None:
        data = message.get("ApplicationPrivateData")
        self.private_data = data if isinstance(data, Mapping) else {}

    def _take_state(self, message: Record) -> None:
        state = to_int(message.get("RunspaceState"))
        if state in {PoolState.BROKEN, PoolState.CLOSED}:
            reason = message.get("ExceptionAsErrorRecord")
            text = reason.text if isinstance(reason, Record) else ""
            msg = (
                tr("The host closed the session: {reason}.", reason=text)
                if text
                else tr("The host closed the session.")
            )
            raise self._channel.failure(msg)
        self._is_open = self._is_open or state == PoolState.OPENED

    def _take_availability(self, message: Record) -> None:
        free = message.get("SetMinMaxRunspacesResponse")
        self._free.append(to_int(free))

    def _take_key(self, message: Record) -> None:
        try:
            self._key.take(str(message.get("EncryptedSessionKey") or ""))
        except ValueError as problem:
            msg = tr("The session key cannot be read: {problem}", problem=problem)
            raise self._channel.failure(msg) from None
