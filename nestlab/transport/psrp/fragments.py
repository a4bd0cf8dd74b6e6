"""Messages to fragments and back (MS-PSRP 2.2.4): both directions of one runspace pool."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from uuid import UUID

from nestlab.texts import tr
from nestlab.transport.psrp.message_types import MessageType

MESSAGE_LIMIT = 200 << 20
"""The maximum bytes of one message, as in PowerShell's own client (MaximumReceivedObjectSize)."""

_FRAGMENT = struct.Struct(">QQBI")
_MESSAGE = struct.Struct("<II")
_KIND = struct.Struct("<I")
_HEADERS = struct.Struct(">QQBI4xI32x")
"""The header of a fragment followed by that of its message; the message type is little-endian."""

_OUTPUT = int(MessageType.PIPELINE_OUTPUT)
_SWAPPED_OUTPUT = int.from_bytes(_OUTPUT.to_bytes(4, "little"), "big")
_HEADER = 40
_NO_PIPELINE = UUID(int=0)
_TO_SERVER = 2
_START, _END = 1, 2
_WHOLE = _START | _END
_KIND_OFFSET = _FRAGMENT.size + 4
_BODY_OFFSET = _FRAGMENT.size + _HEADER


class MalformedMessage(Exception):
    """The host violated the protocol; the text says how."""


class Fragmenter:
    """Splits messages to the host into fragments."""

    def __init__(self) -> None:
        self._objects = 0

    def fragment(
        self, kind: MessageType, xml: str, pool: UUID, size: int, pipeline: UUID = _NO_PIPELINE
    ) -> list[bytes]:
        """Return the fragments of a message, each with at most `size` bytes of it."""
        data = _MESSAGE.pack(_TO_SERVER, kind) + pool.bytes_le + pipeline.bytes_le + xml.encode()
        self._objects += 1
        parts = [data[start : start + size] for start in range(0, len(data), size)]
        last = len(parts) - 1
        return [
            _FRAGMENT.pack(
                self._objects, index, (index == 0) * _START | (index == last) * _END, len(part)
            )
            + part
            for index, part in enumerate(parts)
        ]


class Defragmenter:
    """Reassembles the messages of the host from their fragments.

    The messages of a pipeline, and those of the pool, have increasing object ids: one that arrives
    twice is noticed. A missing id is not an error, because PowerShell counts the objects of the
    whole process, those of its own sessions to guests included (SerializedDataStream in
    fragmentor.cs of PowerShell).
    """

    def __init__(self) -> None:
        self._parts: dict[int, list[bytes]] = {}
        self._last: dict[UUID | None, int] = {}
        self._buffered_bytes = 0

    def feed(
        self, pieces: Sequence[bytes], pipeline: UUID | None = None
    ) -> Iterator[tuple[int, bytes]]:
        """Yield type and body of each message that these pieces complete.

        They are of one pipeline, or of the pool, as `Channel.receive` returns them. Raises
        MalformedMessage.
        """
        last = self._last.get(pipeline, 0)
        each = iter(pieces)
        for headers, rest in zip(each, each, strict=True):
            # Most messages of a listing are one fragment each.
            if len(headers) == _BODY_OFFSET:
                number, index, flags, length, swapped = _HEADERS.unpack(headers)
                if flags == _WHOLE and not index and length == _HEADER + len(rest):
                    if number <= last:
                        raise _repeated(number, last)
                    self._last[pipeline] = last = number
                    is_output = swapped == _SWAPPED_OUTPUT
                    yield (
                        (_OUTPUT if is_output else _KIND.unpack_from(headers, _KIND_OFFSET)[0]),
                        rest,
                    )
                    continue
            yield from self._messages(headers + rest, pipeline)
            last = self._last.get(pipeline, 0)

    def _messages(self, data: bytes, pipeline: UUID | None) -> Iterator[tuple[int, bytes]]:
        position, size = 0, len(data)
        while position < size:
            if position + _BODY_OFFSET <= size:
                number, index, flags, length = _FRAGMENT.unpack_from(data, position)
                end = position + _FRAGMENT.size + length
                if flags == _WHOLE and not index and length >= _HEADER and end <= size:
                    self._count(number, pipeline)
                    kind = _KIND.unpack_from(data, position + _KIND_OFFSET)[0]
                    yield kind, data[position + _BODY_OFFSET : end]
                    position = end
                    continue
            part, message = self._take(data, position, pipeline)
            position += _FRAGMENT.size + part
            if message is not None:
                yield _message(message)

    def _count(self, number: int, pipeline: UUID | None) -> None:
        last = self._last.get(pipeline, 0)
        if number <= last:
            raise _repeated(number, last)
        self._last[pipeline] = number

    def _take(self, data: bytes, position: int, pipeline: UUID | None) -> tuple[int, bytes | None]:
        """Add one fragment; return its length, and the bytes of the message that it completes."""
        number, index, flags, part = _fragment(data, position)
        if flags & _START:
            self._count(number, pipeline)
        parts = [] if flags & _START else self._parts.pop(number, [])
        if index != len(parts):
            msg = tr(
                "fragment {index} of object {number} arrived instead of fragment {expected}",
                index=index,
                number=number,
                expected=len(parts),
            )
            raise MalformedMessage(msg)
        parts.append(part)
        if flags & _END:
            self._buffered_bytes -= sum(map(len, parts[:-1]))
            return len(part), b"".join(parts)
        self._parts[number] = parts
        self._buffered_bytes += len(part)
        if self._buffered_bytes > MESSAGE_LIMIT:
            msg = tr("a message is larger than {limit} MB", limit=MESSAGE_LIMIT >> 20)
            raise MalformedMessage(msg)
        return len(part), None


def _repeated(number: int, last: int) -> MalformedMessage:
    if number == last:
        return MalformedMessage(tr("object {number} arrived twice", number=number))
    return MalformedMessage(
        tr("object {number} arrived after object {last}", number=number, last=last)
    )


def _fragment(data: bytes, position: int) -> tuple[int, int, int, bytes]:
    if position + _FRAGMENT.size > len(data):
        msg = tr("a fragment ends within its header")
        raise MalformedMessage(msg)
    number, index, flags, length = _FRAGMENT.unpack_from(data, position)
    start = position + _FRAGMENT.size
    part = data[start : start + length]
    if len(part) != length:
        msg = tr("a fragment is shorter than its length says")
        raise MalformedMessage(msg)
    return number, index, flags, part


def _message(data: bytes) -> tuple[int, bytes]:
    if len(data) < _HEADER:
        msg = tr("a message ends within its header")
        raise MalformedMessage(msg)
    return int(_MESSAGE.unpack_from(data)[1]), data[_HEADER:]
