"""Messages of the host (MS-PSRP 2.2.2) as values of the model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID
from xml.etree.ElementTree import ParseError

from nestlab.dataclass import dataclass
from nestlab.model import EnumValue, ErrorRecord, Progress, Record
from nestlab.texts import tr
from nestlab.transport.psrp.clixml import read_nested
from nestlab.transport.psrp.clixml_flat import RecordReader
from nestlab.transport.psrp.clixml_values import NotSimpleXml, replace_forbidden
from nestlab.transport.psrp.fragments import Defragmenter, MalformedMessage
from nestlab.transport.psrp.message_types import MessageType
from nestlab.transport.psrp.record_cache import RecordCache

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

_BOM = b"\xef\xbb\xbf"
_COMPLETED = 1  # ProgressRecordType
_OUTPUT = int(MessageType.PIPELINE_OUTPUT)


@dataclass(frozen=True)
class State:
    """The state of a pipeline: its number, and the error that ended it."""

    state: int
    error_record: ErrorRecord | None


class MessageReader:
    """Reads the messages of one runspace pool and its pipelines."""

    def __init__(self) -> None:
        self._fragments = Defragmenter()
        self._records = RecordCache()
        records = RecordReader()
        self._readers: Mapping[int, Callable[[str], Any]] = {
            MessageType.SESSION_CAPABILITY: read_nested,
            MessageType.APPLICATION_PRIVATE_DATA: read_nested,
            MessageType.RUNSPACEPOOL_STATE: read_nested,
            MessageType.RUNSPACE_AVAILABILITY: read_nested,
            MessageType.ENCRYPTED_SESSION_KEY: read_nested,
            MessageType.PIPELINE_OUTPUT: lambda xml: (
                records.read(xml) if xml else Record((), {"Value": None})
            ),
            MessageType.ERROR_RECORD: lambda xml: error_record(read_nested(xml)),
            MessageType.WARNING_RECORD: _informational,
            MessageType.VERBOSE_RECORD: _informational,
            MessageType.PROGRESS_RECORD: lambda xml: progress(read_nested(xml)),
            MessageType.PIPELINE_STATE: lambda xml: state(read_nested(xml)),
        }
        self.replaced = 0
        """How many characters that XML does not allow were replaced."""

    def read(
        self, pieces: Sequence[bytes], pipeline: UUID | None = None
    ) -> Iterator[tuple[int, Any]]:
        """Yield type and value of each message that these pieces complete.

        They are of one pipeline, or of the pool, as `Channel.receive` returns them. The value of a
        message that nestlab ignores is None. Raises MalformedMessage.
        """
        known, copy = self._records.unchanging.get, self._records.copy
        for kind, body in self._fragments.feed(pieces, pipeline):
            if kind != _OUTPUT:
                reader = self._readers.get(kind)
                yield kind, reader and self._value(reader, body)
            else:
                yield kind, known(body) or copy(body) or self._output(body)

    def _output(self, body: bytes) -> Record:
        replaced = self.replaced
        record: Record = self._value(self._readers[MessageType.PIPELINE_OUTPUT], body)
        if self.replaced == replaced:
            self._records.add(body, record)
        return record

    def _value(self, reader: Callable[[str], Any], body: bytes) -> Any:
        body = body.removeprefix(_BOM)
        # U+FFFE and U+FFFF, raw or as character references.
        suspect = b"&#" in body or b"\xef\xbf\xbe" in body or b"\xef\xbf\xbf" in body
        try:
            if suspect:
                xml, replaced = replace_forbidden(body.decode("utf-8", "replace"))
                self.replaced += replaced
            else:
                xml = body.decode()
            return reader(xml)
        except (NotSimpleXml, ParseError, UnicodeDecodeError) as error:
            msg = tr("a message is not CLIXML: {error}", error=error)
            raise MalformedMessage(msg) from None


def _informational(xml: str) -> str:
    record = read_nested(xml)
    return str(record.get("InformationalRecord_Message") or record.get("Value") or record.text)


def error_record(record: Record) -> ErrorRecord:
    """Return an ErrorRecord, whose message is that of ErrorDetails, or else of the exception."""
    exception = record.get("Exception")
    message = (
        record.get("ErrorDetails_Message")
        or (
            exception.get("Message") or exception.text
            if isinstance(exception, Record)
            else exception
        )
        or record.text
        or tr("The host sent an error without a message.")
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
    number = to_int(value)
    return CATEGORIES[number] if 0 <= number < len(CATEGORIES) else CATEGORIES[0]


def progress(record: Record) -> Progress | None:
    """Return a progress record; None for one that ends an activity."""
    if to_int(record.get("Type")) == _COMPLETED:
        return None
    return Progress(
        activity=str(record.get("Activity") or ""),
        status=str(record.get("StatusDescription") or "").strip(),
        percent_complete=to_int(record.get("PercentComplete"), -1),
        activity_id=to_int(record.get("ActivityId")),
        parent_activity_id=to_int(record.get("ParentActivityId"), -1),
    )


def state(record: Record) -> State:
    """Return the state of a pipeline."""
    problem = record.get("ExceptionAsErrorRecord")
    return State(
        to_int(record.get("PipelineState")),
        error_record(problem) if isinstance(problem, Record) else None,
    )


def to_int(value: Any, default: int = 0) -> int:
    """Return a number, or the number of an enum value."""
    if isinstance(value, EnumValue):
        return value.number
    return value if isinstance(value, int) else default
