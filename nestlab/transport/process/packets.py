"""The lines of remoting over standard streams, as a client writes and reads them.

Each is one XML element: ``<Data Stream='Default' PSGuid='…'>base64</Data>`` has fragments of the
pool (an id of zeros) or of a pipeline; ``<Command PSGuid='…' />``, ``<Signal …/>`` and
``<Close …/>`` begin, stop and close; ``<DataAck …/>`` and its like acknowledge.
Source: OutOfProcTransportManager.cs of PowerShell/PowerShell.
"""

from __future__ import annotations

import base64
import binascii
import re
from binascii import a2b_base64
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from uuid import UUID

from nestlab.dataclass import dataclass
from nestlab.pattern import pattern

LINE_LIMIT = 4 << 20
"""Maximum bytes of one line: PowerShell writes 44 KB, base64 of a fragment of 32 KB."""

POOL = UUID(int=0)
"""The id that means the runspace pool."""

_PACKET = pattern(
    rb"<(Data|DataAck|CommandAck|SignalAck|CloseAck)((?: +\w+=(?:'[^'<]*'|\"[^\"<]*\"))*) *"
    rb"(?:/>|>([A-Za-z0-9+/=\s]*)</\1>)\s*$"
)
_DATA_HEAD, _DATA_END = b"<Data Stream='Default' PSGuid='", b"</Data>"
_DATA_START = len(_DATA_HEAD) + 36 + len(b"'>")
# The headers of a fragment and its message are 61 bytes. Whole base64 groups: 63 bytes.
_HEADER_CHARACTERS, _HEADER_BYTES = 84, 63
_LONGEST_KEPT = 4_096
_ID = pattern(rb"PSGuid=['\"]([0-9A-Fa-f-]{36})['\"]")


@dataclass(frozen=True)
class ServerPacket:
    """One line of the server: its kind, its pool or pipeline, and the fragments of ``Data``."""

    kind: str
    target: UUID
    data: bytes = b""


class LineTooLong(Exception):
    """The server wrote a line that is too long to be a packet."""

    def __init__(self, beginning: bytes) -> None:
        self.beginning = beginning
        super().__init__()


class PacketReader:
    """Turns bytes into packets as they arrive; other text is returned as text."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._held = 0

    def feed(self, data: bytes) -> Iterator[ServerPacket | str]:
        """Yield the packets and texts that the bytes complete.

        Consecutive ``Data`` for one pipeline becomes one packet. Raises LineTooLong.
        """
        *lines, rest = data.split(b"\n")
        if lines:
            lines[0] = b"".join([*self._pieces, lines[0]])
            self._pieces, self._held = [], 0
            yield from _joined(lines)
        if rest:
            self._pieces.append(rest)
            self._held += len(rest)
            if self._held > LINE_LIMIT:
                raise LineTooLong(b"".join(self._pieces)[:80])

    def incomplete_line(self) -> bytes:
        """Return the bytes after the last line end."""
        return b"".join(self._pieces)


def _joined(lines: Iterable[bytes]) -> Iterator[ServerPacket | str]:
    """Yield the packets and texts of lines, with consecutive ``Data`` for one target joined."""
    target, head, parts = POOL, b"", list[bytes]()
    for line in lines:
        # A listing of 300 VMs has two thousand lines, which begin alike.
        if head and line.startswith(head) and line.endswith(_DATA_END):
            data = _decoded(line[_DATA_START : -len(_DATA_END)])
            if data is not None:
                parts.append(data)
                continue
        found = read_data_line(line)
        if parts and (found is None or found[0] != target):
            yield ServerPacket("Data", target, b"".join(parts))
            parts = []
        if found is None:
            head = b""
            yield from read_line(line)
        else:
            target, head = found[0], line[:_DATA_START]
            parts.append(found[1])
    if parts:
        yield ServerPacket("Data", target, b"".join(parts))


def read_data_line(line: bytes) -> tuple[UUID, bytes] | None:
    """Return target and bytes of a ``Data`` line as PowerShell writes it; None for any other line.

    >>> read_data_line(data_line(POOL, [b"abc"]).rstrip())
    (UUID('00000000-0000-0000-0000-000000000000'), b'abc')
    """
    line = line.removesuffix(b"\r")
    head = line[:_DATA_START]
    if not (line.endswith(_DATA_END) and head.startswith(_DATA_HEAD) and head.endswith(b"'>")):
        return None
    data = _decoded(line[_DATA_START : -len(_DATA_END)])
    try:
        return None if data is None else (UUID(head[len(_DATA_HEAD) : -2].decode()), data)
    except ValueError:
        return None


def _decoded(text: bytes) -> bytes | None:
    """Return the bytes of a base64 text; None where it has spaces, or is not base64.

    The headers of a message differ each time; the object after them is often one that has arrived
    before, and is cached.
    """
    try:
        head = a2b_base64(text[:_HEADER_CHARACTERS], strict_mode=True)
        if len(head) != _HEADER_BYTES or len(text) > _LONGEST_KEPT:
            return a2b_base64(text, strict_mode=True)
        return head + _decoded_object(text[_HEADER_CHARACTERS:])
    except ValueError:
        return None


@lru_cache(maxsize=8192)
def _decoded_object(text: bytes) -> bytes:
    return a2b_base64(text, strict_mode=True)


def read_line(line: bytes) -> Iterator[ServerPacket | str]:
    """Yield the parts of one line: text, a packet, or text followed by a packet.

    >>> line = b"Hello <DataAck PSGuid='00000000-0000-0000-0000-000000000000' />"
    >>> [getattr(found, "kind", found) for found in read_line(line)]
    ['Hello ', 'DataAck']
    """
    found = _PACKET.search(line)
    packet = _packet(found) if found is not None else None
    text = line if packet is None or found is None else line[: found.start()]
    if text.strip(b"\xef\xbb\xbf\r\n\t "):
        yield text.decode("utf-8", "replace").rstrip("\r")
    if packet is not None:
        yield packet


def _packet(found: re.Match[bytes]) -> ServerPacket | None:
    kind, attributes, body = found.groups()
    target = _ID.search(attributes)
    try:
        if target is None:
            return None
        data = base64.b64decode(body or b"")
        return ServerPacket(kind.decode(), UUID(target[1].decode()), data)
    except (ValueError, binascii.Error):
        return None


def data_line(target: UUID, fragments: Sequence[bytes]) -> bytes:
    """Return the line that carries fragments to the server."""
    text = base64.b64encode(b"".join(fragments))
    return b"<Data Stream='Default' PSGuid='%s'>%s</Data>\n" % (str(target).encode(), text)


def control_line(kind: str, target: UUID) -> bytes:
    r"""Return the line that starts, stops or closes a pipeline or the pool.

    >>> control_line("Close", POOL)
    b"<Close PSGuid='00000000-0000-0000-0000-000000000000' />\n"
    """
    return f"<{kind} PSGuid='{target}' />\n".encode()
