"""The lines of remoting over standard streams, as a client writes and reads them.

Each is one XML element: ``<Data Stream='Default' PSGuid='…'>base64</Data>`` has fragments of the
pool (an id of zeros) or of a pipeline; ``<Command PSGuid='…' />``, ``<Signal …/>`` and
``<Close …/>`` begin, stop and close; ``<DataAck …/>`` and similar elements acknowledge.
Source: OutOfProcTransportManager.cs of PowerShell/PowerShell.
"""

from __future__ import annotations

import base64
import re
from binascii import a2b_base64
from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from nestlab.dataclass import dataclass
from nestlab.pattern import pattern
from nestlab.texts import tr

LINE_LIMIT = 4 << 20
"""Maximum bytes of one line: PowerShell writes 44 KB, base64 of a fragment of 32 KB."""

POOL = UUID(int=0)
"""The id that denotes the runspace pool."""

_PACKET = pattern(
    rb"<(Data|DataAck|CommandAck|SignalAck|CloseAck)((?: +\w+=(?:'[^'<]*'|\"[^\"<]*\"))*) *"
    rb"(?:/>|>([A-Za-z0-9+/=\s]*)</\1>)\s*$"
)
_DATA_HEAD, _DATA_END = b"<Data Stream='Default' PSGuid='", b"</Data>"
_DATA_START = len(_DATA_HEAD) + 36 + len(b"'>")
# The headers of a fragment and its message are 61 bytes, in base64 84 characters with two bytes of
# the object.
_OBJECT_START = _DATA_START + 84
_HEADERS, _SHARED = 61, 2
_UNUSED_HEAD = b"\n"
"""No line begins with it."""

_LONGEST_CACHED = 4_096
_CACHE_SIZE = 8_192
_ID = pattern(rb"PSGuid=['\"]([0-9A-Fa-f-]{36})['\"]")
_PART = pattern(rb"<(?:Data|DataAck|CommandAck|SignalAck|CloseAck)[\s/>]|</Data>|PSGuid=")
"""Matches any part of a packet that was cut, and no other text."""
_SHOWN = 80


@dataclass(frozen=True)
class ServerPacket:
    """One line of the server: its kind, its pool or pipeline, and the fragments of ``Data``.

    The data of several lines in one packet is in pieces, as `Channel.receive` returns it.
    """

    kind: str
    target: UUID
    pieces: Sequence[bytes] = ()

    @property
    def data(self) -> bytes:
        """The fragments."""
        return b"".join(self.pieces)


@dataclass(frozen=True)
class DamagedLine:
    """A line with a part of a packet that cannot be read: something else wrote into it.

    What it carried is lost, and with it perhaps a record of the answer, or its end.
    """

    beginning: str

    @property
    def problem(self) -> str:
        """What happened, as a sentence."""
        return tr(
            "It wrote a damaged line, whose content is lost: something else, such as a profile or another program, writes to the same output. The line begins with {beginning!r}.",
            beginning=self.beginning,
        )


class LineTooLong(Exception):
    """The server wrote a line that is too long to be a packet."""

    def __init__(self, beginning: bytes) -> None:
        self.beginning = beginning
        super().__init__()


class PacketReader:
    """Turns bytes into packets as they arrive; other text is returned as text."""

    def __init__(self) -> None:
        self._unfinished: list[bytes] = []
        self._unfinished_size = 0
        self._target = POOL
        self._head = _UNUSED_HEAD
        self._objects: dict[bytes, bytes] = {}

    def feed(self, data: bytes) -> Iterator[ServerPacket | DamagedLine | str]:
        """Yield the packets and texts that the bytes complete.

        Consecutive ``Data`` for one pipeline becomes one packet. Raises LineTooLong.
        """
        *lines, rest = data.split(b"\n")
        if lines:
            lines[0] = b"".join([*self._unfinished, lines[0]])
            self._unfinished, self._unfinished_size = [], 0
            yield from self._packets(lines)
        if rest:
            self._unfinished.append(rest)
            self._unfinished_size += len(rest)
            if self._unfinished_size > LINE_LIMIT:
                raise LineTooLong(b"".join(self._unfinished)[:_SHOWN])

    def incomplete_line(self) -> bytes:
        """Return the bytes after the last line end."""
        return b"".join(self._unfinished)

    def _packets(self, lines: Iterable[bytes]) -> Iterator[ServerPacket | DamagedLine | str]:
        """Yield the packets and texts of lines, with consecutive ``Data`` for one target joined."""
        target, head, pieces = self._target, self._head, list[bytes]()
        known = self._objects.get
        for line in lines:
            # A listing of 300 VMs has two thousand lines with the same beginning, and most of their
            # objects have been received before.
            if line.startswith(head) and (found := known(line[_OBJECT_START:])) is not None:
                try:
                    headers = a2b_base64(line[_DATA_START:_OBJECT_START], strict_mode=True)
                except ValueError:
                    headers = b""
                if headers[_HEADERS:] == found[:_SHARED]:
                    pieces += (headers[:_HEADERS], found)
                    continue
            data = read_data_line(line)
            if pieces and (data is None or data[0] != target):
                yield ServerPacket("Data", target, pieces)
                pieces = []
            if data is None:
                head = _UNUSED_HEAD
                yield from read_line(line)
            else:
                target, head = data[0], line[:_DATA_START]
                pieces += self._cached(line, data[1])
        self._target, self._head = target, head
        if pieces:
            yield ServerPacket("Data", target, pieces)

    def _cached(self, line: bytes, data: bytes) -> tuple[bytes, bytes]:
        """Return the data of a line in two pieces, and cache its object.

        The headers of a message differ each time; the object after them has often been received
        before.
        """
        headers, found = data[:_HEADERS], data[_HEADERS:]
        if len(found) > _SHARED and len(line) <= _LONGEST_CACHED:
            if len(self._objects) >= _CACHE_SIZE:
                self._objects.clear()
            cached = self._objects.setdefault(line[_OBJECT_START:], found)
            found = cached if cached == found else found
        return headers, found


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
    """Return the bytes of base64 data; None if it contains spaces or is not base64."""
    try:
        return a2b_base64(text, strict_mode=True)
    except ValueError:
        return None


def read_line(line: bytes) -> Iterator[ServerPacket | DamagedLine | str]:
    """Yield the parts of one line: text, a packet, or text followed by a packet.

    A line that has part of another packet is damaged as a whole.

    >>> line = b"Hello <DataAck PSGuid='00000000-0000-0000-0000-000000000000' />"
    >>> [getattr(found, "kind", found) for found in read_line(line)]
    ['Hello ', 'DataAck']
    """
    found = _PACKET.search(line)
    packet = _packet(found) if found is not None else None
    text = line if packet is None or found is None else line[: found.start()]
    if _PART.search(text):
        yield DamagedLine(line[:_SHOWN].decode("utf-8", "replace").rstrip("\r"))
        return
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
        # Without strict decoding, `=` in the middle of the line would end the data, and the rest
        # would be lost.
        data = a2b_base64(b"".join((body or b"").split()), strict_mode=True)
        pieces = (b"", data) if data else ()
        return ServerPacket(kind.decode(), UUID(target[1].decode()), pieces)
    except ValueError:
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
