"""What a pipeline answers, message by message (MS-PSRP 2.2.2), read once and as the values of the model.

pypsrp reads each message into objects of its own, and writes every part of them back as text. Here
its messages of pipelines are read directly; those of the pool stay with it.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from xml.etree.ElementTree import ParseError

from pypsrp.exceptions import FragmentError, SerializationError
from pypsrp.messages import Message, MessageType
from pypsrp.powershell import Fragmenter
from pypsrp.serializer import Serializer

from nestlab.model import EnumValue, ErrorRecord, Progress, Record
from nestlab.transport.psrp.clixml import read_whole
from nestlab.transport.psrp.clixml_flat import RecordReader
from nestlab.transport.psrp.clixml_values import NotPlain, allowed

CATEGORIES = (
    "NotSpecified",
    "OpenError",
    "CloseError",
    "DeviceError",
    "DeadlockDetected",
    "InvalidArgument",
    "InvalidData",
    "InvalidOperation",
    "InvalidResult",
    "InvalidType",
    "MetadataError",
    "NotImplemented",
    "NotInstalled",
    "ObjectNotFound",
    "OperationStopped",
    "OperationTimeout",
    "SyntaxError",
    "ParserError",
    "PermissionDenied",
    "ResourceBusy",
    "ResourceExists",
    "ResourceUnavailable",
    "ReadError",
    "WriteError",
    "FromStdErr",
    "SecurityError",
    "ProtocolError",
    "ConnectionError",
    "AuthenticationError",
    "LimitsExceeded",
    "QuotaExceeded",
    "NotEnabled",
)
"""ErrorCategory, by number."""

_FRAGMENT = struct.Struct(">QQBI")
_MESSAGE = struct.Struct("<II")
_BODY = 40
_BOM = b"\xef\xbb\xbf"
_TO_SERVER = 2
_START, _END = 1, 2
_COMPLETED = 1  # ProgressRecordType


@dataclass(frozen=True)
class Read:
    """One message: its type, and what it says."""

    message_type: int
    data: Any


@dataclass(frozen=True)
class Output:
    """The message of one object that a pipeline put out."""

    data: Record


@dataclass(frozen=True)
class State:
    """The message of a pipeline's state: its number, and the error that ended it."""

    state: int
    error_record: ErrorRecord | None


class Messages(Fragmenter):
    """Stands in for pypsrp's fragmenter: it puts fragments together and reads the messages of pipelines itself."""

    def __init__(self, max_size: int, serializer: Serializer) -> None:
        super().__init__(max_size, serializer)
        self._parts: dict[int, list[bytes]] = {}
        self._records = RecordReader()
        self._readers: Mapping[int, Callable[[str], Any]] = {
            MessageType.PIPELINE_OUTPUT: lambda xml: Output(
                self._records.read(xml) if xml else Record((), {"Value": None})
            ),
            MessageType.ERROR_RECORD: lambda xml: error_record(read_whole(xml)),
            MessageType.WARNING_RECORD: _informational,
            MessageType.VERBOSE_RECORD: _informational,
            MessageType.DEBUG_RECORD: _informational,
            MessageType.INFORMATION_RECORD: lambda _xml: None,
            MessageType.PROGRESS_RECORD: lambda xml: progress(read_whole(xml)),
            MessageType.PIPELINE_STATE: lambda xml: state(read_whole(xml)),
        }
        self.replaced = 0

    def defragment(self, data: bytes) -> list[Any]:
        """Return the messages that these fragments complete.

        Raises FragmentError, SerializationError.
        """
        return [self._message(message) for message in self._joined(data)]

    def cut(self, kind: int, xml: str, pool: UUID, pipeline: UUID) -> list[bytes]:
        """Return the fragments of a message to the host."""
        data = _MESSAGE.pack(_TO_SERVER, kind) + pool.bytes_le + pipeline.bytes_le + xml.encode()
        number, self.outgoing_counter = self.outgoing_counter, self.outgoing_counter + 1
        starts = range(0, len(data), self.max_size)
        parts = [data[start : start + self.max_size] for start in starts]
        last = len(parts) - 1
        flags = [
            (_START if index == 0 else 0) | (_END if index == last else 0)
            for index in range(len(parts))
        ]
        return [
            _FRAGMENT.pack(number, index, flags[index], len(part)) + part
            for index, part in enumerate(parts)
        ]

    def _joined(self, data: bytes) -> Iterator[bytes]:
        position = 0
        while position < len(data):
            if position + _FRAGMENT.size > len(data):
                msg = "A fragment ends in its header."
                raise FragmentError(msg)
            number, index, flags, length = _FRAGMENT.unpack_from(data, position)
            position += _FRAGMENT.size
            part = data[position : position + length]
            position += length
            if len(part) != length:
                msg = "A fragment is shorter than it says."
                raise FragmentError(msg)
            parts = [] if flags & _START else self._parts.pop(number, [])
            if index != len(parts):
                msg = f"Fragment {index} of object {number} came in the place of fragment {len(parts)}."
                raise FragmentError(msg)
            parts.append(part)
            if flags & _END:
                yield b"".join(parts)
            else:
                self._parts[number] = parts

    def _message(self, data: bytes) -> Any:
        # U+FFFE and U+FFFF as they are, and every character by number.
        if b"&#" in data or b"\xef\xbf\xbe" in data or b"\xef\xbf\xbf" in data:
            xml, replaced = allowed(data[_BODY:].decode("utf-8", "replace"))
            self.replaced += replaced
            data = data[:_BODY] + xml.encode()
        _, kind = _MESSAGE.unpack_from(data)
        read = self._readers.get(kind)
        if read is None:
            return Message.unpack(data, self.serializer)
        start = _BODY + len(_BOM) if data.startswith(_BOM, _BODY) else _BODY
        try:
            return Read(kind, read(str(data[start:], "utf-8")))
        except (NotPlain, ParseError, UnicodeDecodeError) as error:
            msg = f"The host sent a message that is not CLIXML: {error}"
            raise SerializationError(msg) from None


def _informational(xml: str) -> str:
    record = read_whole(xml)
    return str(record.get("InformationalRecord_Message") or record.get("Value") or record.text)


def error_record(record: Record) -> ErrorRecord:
    """Return an error from its record: details first, which the cmdlet worded for people, then the exception."""
    exception = record.get("Exception")
    message = (
        record.get("ErrorDetails_Message")
        or (
            exception.get("Message") or exception.text
            if isinstance(exception, Record)
            else exception
        )
        or record.text
        or "The host sent an error without a message."
    )
    types = exception.type_names if isinstance(exception, Record) else ()
    target = record.get("TargetObject")
    return ErrorRecord(
        message=str(message),
        category=_category(record.get("ErrorCategory_Category")),
        fully_qualified_error_id=str(record.get("FullyQualifiedErrorId") or ""),
        target=str(
            record.get("ErrorCategory_TargetName") or (target if isinstance(target, str) else "")
        ),
        exception_type=types[0].removeprefix("Deserialized.") if types else "",
    )


def _category(value: Any) -> str:
    number = whole(value)
    return CATEGORIES[number] if 0 <= number < len(CATEGORIES) else CATEGORIES[0]


def progress(record: Record) -> Progress | None:
    """Return a progress record; None for one that says that an activity is over."""
    if whole(record.get("Type")) == _COMPLETED:
        return None
    return Progress(
        activity=str(record.get("Activity") or ""),
        status=str(record.get("StatusDescription") or "").strip(),
        percent_complete=whole(record.get("PercentComplete"), -1),
        activity_id=whole(record.get("ActivityId")),
        parent_activity_id=whole(record.get("ParentActivityId"), -1),
    )


def state(record: Record) -> State:
    """Return the state of a pipeline."""
    problem = record.get("ExceptionAsErrorRecord")
    return State(
        whole(record.get("PipelineState")),
        error_record(problem) if isinstance(problem, Record) else None,
    )


def whole(value: Any, otherwise: int = 0) -> int:
    """Return a number, or the number of an enum value."""
    if isinstance(value, EnumValue):
        return value.number
    return value if isinstance(value, int) else otherwise
