"""The lines of PowerShell remoting over standard input and output, each of which is an XML element.

Source: OutOfProcTransportManager.cs and OutOfProcServerMediator.cs of PowerShell/PowerShell.
"""

from __future__ import annotations

import base64
import binascii
from binascii import b2a_base64
from collections.abc import Iterator, Sequence
from typing import BinaryIO
from uuid import UUID
from xml.etree import ElementTree as ET

from nestlab.dataclass import dataclass

MAX_LINE = 2 * 1024 * 1024
"""Maximum length of a line in bytes; a line with a fragment of 32 KiB has 44 KiB."""

POOL = UUID(int=0)
"""The PSGuid of the runspace pool; any other is the id of a pipeline."""

_MAX_CACHED_LENGTH, _MAX_CACHED = 4_096, 8_192
_DATA_END = b"</Data>\n"

KINDS = frozenset({"Data", "Command", "Signal", "Close"})
"""The packets that a client sends; each is acknowledged."""


class BadPacket(Exception):
    """A line is not a packet of a client. The message describes the line."""


@dataclass(frozen=True)
class ClientPacket:
    """One line of a client: its kind, its target (the pool or a pipeline), and its data."""

    kind: str
    target: UUID
    data: bytes = b""

    def acknowledgement(self) -> bytes:
        """Return the line that acknowledges the packet."""
        return f"<{self.kind}Ack PSGuid='{self.target}' />\n".encode()


def read_packets(stream: BinaryIO) -> Iterator[ClientPacket]:
    """Yield the packets of a client until the stream ends.

    Raises:
        BadPacket: a line that is too long, incomplete, or not a packet.
    """
    while line := stream.readline(MAX_LINE + 1):
        if len(line) > MAX_LINE:
            msg = f"a line of more than {MAX_LINE} bytes"
            raise BadPacket(msg)
        if not line.endswith(b"\n"):
            msg = f"an incomplete line of {len(line)} bytes"
            raise BadPacket(msg)
        yield packet_of(line)


def packet_of(line: bytes) -> ClientPacket:
    """Read one line.

    >>> packet_of(b"<Command PSGuid='00000000-0000-0000-0000-000000000001' />").kind
    'Command'

    Raises:
        BadPacket: not one element of a known kind with its attributes, or its data is not base64.
    """
    element = _element(line)
    wanted = {"PSGuid", "Stream"} if element.tag == "Data" else {"PSGuid"}
    if element.tag not in KINDS or set(element.attrib) != wanted or len(element):
        msg = (
            f"the element {element.tag[:40]!r}, which is unknown or has other attributes or content"
        )
        raise BadPacket(msg)
    try:
        target = UUID(element.attrib["PSGuid"])
        data = base64.b64decode((element.text or "").strip(), validate=True)
    except (ValueError, binascii.Error):
        msg = f"the element {element.tag!r}, whose PSGuid or data cannot be read"
        raise BadPacket(msg) from None
    return ClientPacket(element.tag, target, data)


def _element(line: bytes) -> ET.Element:
    try:
        text = line.decode("utf-8-sig")
        # Without document types and entities, which begin with "<!".
        element = None if "<!" in text else ET.fromstring(text)  # noqa: S314  # see above
    except (ValueError, ET.ParseError):
        element = None
    if element is None:
        msg = f"a line of {len(line)} bytes that is not an XML element"
        raise BadPacket(msg)
    return element


def data_line(target: UUID, data: bytes) -> bytes:
    r"""Return the line that carries fragments to the client.

    >>> data_line(POOL, b"abc")
    b"<Data Stream='Default' PSGuid='00000000-0000-0000-0000-000000000000'>YWJj</Data>\n"
    """
    return b"".join((data_head(target), b2a_base64(data, newline=False), _DATA_END))


def data_lines(fragments: Sequence[bytes]) -> list[bytes]:
    """Return the lines that carry fragments to the client, in pieces to be joined.

    `fragments` has three items for each: the part of the line before its data, and the fragment in
    two parts. That of an object in base64 is cached.

    >>> pieces = data_lines([data_head(POOL), b"abcd", b"efg" * 50])
    >>> b"".join(pieces) == data_line(POOL, b"abcd" + b"efg" * 50)
    True
    """
    pieces: list[bytes] = []
    each, known = iter(fragments), _cached_endings.get
    for beginning, head, body in zip(each, each, each, strict=True):
        # Base64 encodes each group of three bytes on its own.
        remainder = -len(head) % 3
        ending = known((remainder, body)) or _ending(remainder, body)
        pieces += (beginning, b2a_base64(head + body[:remainder], newline=False), ending)
    return pieces


_cached_endings: dict[tuple[int, bytes], bytes] = {}


def _ending(start: int, body: bytes) -> bytes:
    """Return the line of an object from one of its bytes on, and cache it."""
    ending = b2a_base64(body[start:], newline=False) + _DATA_END
    if len(body) <= _MAX_CACHED_LENGTH:
        if len(_cached_endings) >= _MAX_CACHED:
            _cached_endings.clear()
        _cached_endings[start, body] = ending
    return ending


def data_head(target: UUID) -> bytes:
    """Return the part of a ``Data`` line before its data."""
    return f"<Data Stream='Default' PSGuid='{target}'>".encode()
