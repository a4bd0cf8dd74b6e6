"""The runspace pool of one shell, on top of psrpcore's server."""

from __future__ import annotations

import re
import struct
import uuid
from collections.abc import Callable, Iterator
from typing import Any
from xml.etree import ElementTree as ET

from psrpcore import ServerRunspacePool
from psrpcore._events import PSRPEvent
from psrpcore._payload import PSRPPayload, StreamType
from psrpcore.types import PSRPMessageType, PSVersion, RunspacePoolState

from nestlab.simulator.endpoint.psrp.defragmenter import HEADER, Defragmenter

CHUNK = 32 * 1024
"""Maximum size of a fragment in bytes; Windows sends fragments of this size."""

_MESSAGE = struct.Struct("<II")
_TO_CLIENT = 1
_POOL = uuid.UUID(int=0)
_WHOLE = 3  # the flags of a fragment that is a whole message
_MAX_DIGITS = 40  # far more than any value has; Python refuses to convert several thousand
_INTEGER = re.compile(rf"[+-]?[0-9]{{1,{_MAX_DIGITS}}}")
_SECONDS_OF_OFFSET = re.compile(r"[+-]\d\d:\d\d:\d\d$")
_SPECIAL_DOUBLES = frozenset({"INF", "-INF", "NaN"})
_WIDTHS = {
    **{
        tag: (-(1 << bits - 1), (1 << bits - 1) - 1)
        for tag, bits in (("SB", 8), ("I16", 16), ("I32", 32), ("I64", 64))
    },
    **{
        tag: (0, (1 << bits) - 1)
        for tag, bits in (("By", 8), ("U16", 16), ("U32", 32), ("U64", 64))
    },
}
Emit = Callable[[uuid.UUID | None, bytes], None]


class UnreadableMessage(Exception):
    """A message has a value that .NET cannot read.

    A real host acknowledges it, and never answers.
    """


def is_readable(xml: bytes) -> bool:
    """Whether .NET can read the values of a message; psrpcore accepts more.

    >>> [is_readable(value) for value in (b"<TS>PT5S</TS>", b"<Db>inf</Db>")]
    [True, False]
    """
    try:
        elements = list(ET.fromstring(xml).iter())  # noqa: S314  # the SOAP message around it was refused with entities
    except ET.ParseError:
        return False
    return all(_is_readable_value(element.tag, element.text or "") for element in elements)


def _is_readable_value(tag: str, text: str) -> bool:
    if tag in _WIDTHS:
        least, most = _WIDTHS[tag]
        return bool(_INTEGER.fullmatch(text)) and least <= int(text) <= most
    if tag == "TS":
        # XmlConvert.ToTimeSpan keeps each unit in an Int32.
        return all(
            len(number) <= _MAX_DIGITS and int(number) <= _WIDTHS["I32"][1]
            for number in re.findall(r"\d+(?=[YMDHS.])", text)
        )
    if tag in {"Db", "Sg"}:
        return text in _SPECIAL_DOUBLES or text.lower().lstrip("+-") not in {
            "inf",
            "infinity",
            "nan",
        }
    return not (tag == "DT" and _SECONDS_OF_OFFSET.search(text))


class Pool(ServerRunspacePool):
    """psrpcore's pool, changed where Windows differs; passes each message on as fragments."""

    def __init__(self, emit: Emit, private_data: dict[str, Any]) -> None:
        super().__init__(application_private_data=private_data)
        self._emit = emit
        self._defragmenter = Defragmenter()

    def prepare_message(
        self,
        message: Any,
        message_type: PSRPMessageType | None = None,
        pipeline_id: uuid.UUID | None = None,
        stream_type: StreamType = StreamType.default,
    ) -> None:
        """Serialize a message and pass its fragments on."""
        super().prepare_message(message, message_type, pipeline_id, stream_type)
        while payload := self.data_to_send(CHUNK):
            self._emit(payload.pipeline_id, payload.data)

    def send_xml(
        self, message_type: PSRPMessageType, xml: str, pipeline_id: uuid.UUID | None
    ) -> None:
        """Pass on a message of a pipeline, or of the pool, that is already CLIXML."""
        data = (
            _MESSAGE.pack(_TO_CLIENT, message_type)
            + self.runspace_pool_id.bytes_le
            + (pipeline_id or _POOL).bytes_le
            + xml.encode()
        )
        object_id, size = self._fragment_counter, CHUNK - HEADER.size
        for number, start in enumerate(range(0, len(data), size)):
            part = data[start : start + size]
            flags = (number == 0) | ((start + size >= len(data)) << 1)
            self._emit(pipeline_id, HEADER.pack(object_id, number, flags, len(part)) + part)

    def feed(self, data: bytes) -> Iterator[PSRPEvent[Any, Any]]:
        """Add bytes of the client and yield the events that they complete."""
        for object_id, message in self._defragmenter.feed(data):
            whole = HEADER.pack(object_id, 0, _WHOLE, len(message)) + message
            self.receive_data(PSRPPayload(whole, StreamType.default, None))
            while event := self.next_event():
                yield event

    def _process_message(self, message: Any) -> PSRPEvent[Any, Any]:
        # pypsrp names the call id of Set{Min,Max}Runspaces "CI", as Windows does; psrpcore reads
        # "ci" only.
        if message.message_type in {
            PSRPMessageType.SetMaxRunspaces,
            PSRPMessageType.SetMinRunspaces,
        }:
            message._data = bytearray(bytes(message._data).replace(b'N="CI"', b'N="ci"'))  # noqa: SLF001
        if message.message_type is PSRPMessageType.CreatePipeline and not is_readable(
            bytes(message.data)
        ):
            raise UnreadableMessage
        return super()._process_message(message)

    def _process_ConnectRunspacePool(self, event: Any) -> None:  # noqa: N802  # psrpcore's name
        # Windows answers with its own SessionCapability first; psrpcore leaves it out.
        self.prepare_message(self.our_capability)
        super()._process_ConnectRunspacePool(event)

    def send_closed(self) -> None:
        """Tell the client that the pool closes, and that it is closed."""
        for state in (RunspacePoolState.Closing, RunspacePoolState.Closed):
            self.send_xml(PSRPMessageType.RunspacePoolState, pool_state_xml(int(state)), None)

    def end(self) -> None:
        """Remove the pipelines; the client is not notified."""
        self.pipeline_table.clear()
        self.state = RunspacePoolState.Closed


def pool_state_xml(state: int) -> str:
    """Return the state of a runspace pool as CLIXML."""
    return f'<Obj RefId="0"><MS><I32 N="RunspaceState">{state}</I32></MS></Obj>'


def private_data(host_name: str, extra: dict[str, Any]) -> dict[str, Any]:
    """Return a pool's application private data, with the version table of PowerShell 5.1."""
    table = {
        "PSVersion": PSVersion("5.1.20348.558"),
        "PSEdition": "Desktop",
        "CLRVersion": PSVersion("4.0.30319.42000"),
        "BuildVersion": PSVersion("10.0.20348.558"),
        "WSManStackVersion": PSVersion("3.0"),
    }
    return {"PSVersionTable": table, "ComputerName": host_name, **extra}
