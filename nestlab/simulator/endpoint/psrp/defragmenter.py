"""Reassembles the fragments of a client into messages of limited size (MS-PSRP 2.2.4)."""

from __future__ import annotations

import struct
from collections.abc import Iterator

HEADER = struct.Struct(">QQBI")
"""Object id, fragment id, flags (1: first fragment, 2: last fragment), length."""

MAX_FRAGMENT = 1024 * 1024
"""Maximum size of a fragment in bytes; clients send fragments of 32 KiB."""

MAX_MESSAGE = 64 * 1024 * 1024
"""Maximum total size in bytes of the incomplete messages, and so of a message."""

_LAST = 2


class BadFragment(Exception):
    """A fragment is out of order, or a fragment or message is too large."""


class ServerDefragmenter:
    """Reassembles messages; their fragments may be interleaved."""

    def __init__(self, maximum: int = MAX_MESSAGE) -> None:
        self._maximum = maximum
        self._rest = b""
        self._parts: dict[int, list[bytes]] = {}
        self._size = 0

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Add bytes and yield the object id and the bytes of each message that they complete.

        Raises:
            BadFragment: a fragment is out of order, or a fragment or message is too large.
        """
        data = self._rest + data
        start = 0
        while len(data) - start >= HEADER.size:
            object_id, number, flags, length = HEADER.unpack_from(data, start)
            self._require_bounds(length)
            end = start + HEADER.size + length
            if end > len(data):
                break
            part, start = data[start + HEADER.size : end], end
            if (
                message := self._add_fragment(object_id, number, part, is_last=bool(flags & _LAST))
            ) is not None:
                yield object_id, message
        self._rest = data[start:]

    def _require_bounds(self, length: int) -> None:
        if length > MAX_FRAGMENT or self._size + length > self._maximum:
            msg = f"A message of more than {self._maximum} bytes, or a fragment of more than {MAX_FRAGMENT}, is refused."
            raise BadFragment(msg)

    def _add_fragment(
        self, object_id: int, number: int, part: bytes, *, is_last: bool
    ) -> bytes | None:
        parts = self._parts.setdefault(object_id, [])
        if number != len(parts):
            msg = f"Fragment {number} of the object {object_id} was received, but fragment {len(parts)} was expected."
            raise BadFragment(msg)
        parts.append(part)
        self._size += len(part)
        if not is_last:
            return None
        message = b"".join(self._parts.pop(object_id))
        self._size -= len(message)
        return message
