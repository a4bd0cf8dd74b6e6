"""The records of a pipeline's other streams, as CLIXML: errors, warnings, progress, the state that ends it (MS-PSRP 2.2.2, 2.2.3)."""

from __future__ import annotations

from itertools import count

from nestlab.model import ErrorRecord, Progress
from nestlab.simulator.endpoint.psrp.object_xml import encoded, type_names_xml

CATEGORIES = (
    *(
        "NotSpecified",
        "OpenError",
        "CloseError",
        "DeviceError",
        "DeadlockDetected",
        "InvalidArgument",
        "InvalidData",
        "InvalidOperation",
    ),
    *(
        "InvalidResult",
        "InvalidType",
        "MetadataError",
        "NotImplemented",
        "NotInstalled",
        "ObjectNotFound",
        "OperationStopped",
    ),
    *(
        "OperationTimeout",
        "SyntaxError",
        "ParserError",
        "PermissionDenied",
        "ResourceBusy",
        "ResourceExists",
        "ResourceUnavailable",
    ),
    *(
        "ReadError",
        "WriteError",
        "FromStdErr",
        "SecurityError",
        "ProtocolError",
        "ConnectionError",
        "AuthenticationError",
    ),
    *("LimitsExceeded", "QuotaExceeded", "NotEnabled"),
)
"""ErrorCategory, by number."""

_ENUM = ("System.Enum", "System.ValueType", "System.Object")
_RECORD = ("System.Management.Automation.ErrorRecord", "System.Object")
_INVOCATION = ("System.Management.Automation.InvocationInfo", "System.Object")
_PROGRESS_TYPE = ("System.Management.Automation.ProgressRecordType", *_ENUM)
_COMMAND_TYPE = ("System.Management.Automation.CommandTypes", *_ENUM)
_ORIGIN = ("System.Management.Automation.CommandOrigin", *_ENUM)
_VISIBILITY = ("System.Management.Automation.SessionStateEntryVisibility", *_ENUM)
_DICTIONARY = ("System.Management.Automation.PSBoundParametersDictionary", "System.Object")
_LIST = (
    "System.Collections.Generic.List`1[[System.Object, mscorlib, Version=4.0.0.0, Culture=neutral, PublicKeyToken=b77a5c561934e089]]",
)
_DATA = ("System.Collections.ListDictionaryInternal", "System.Object")
# COR_E_EXCEPTION and COR_E_SYSTEM.
_EXCEPTION, _SYSTEM_EXCEPTION = -2146233088, -2146233087


class _Numbers:
    """Numbers the objects and type lists of one document."""

    def __init__(self) -> None:
        self._objects = count()
        self._types: dict[tuple[str, ...], int] = {}

    def open(self, name: str = "", types: tuple[str, ...] = ()) -> str:
        """Return the beginning of an object."""
        key = f' N="{name}"' if name else ""
        beginning = f'<Obj{key} RefId="{next(self._objects)}">'
        if not types:
            return beginning
        if types in self._types:
            return f'{beginning}<TNRef RefId="{self._types[types]}" />'
        number = self._types[types] = len(self._types)
        return beginning + type_names_xml(types, number)

    def enum(self, name: str, types: tuple[str, ...], text: str, number: int) -> str:
        """Return an enum value."""
        return f"{self.open(name, types)}<ToString>{text}</ToString><I32>{number}</I32></Obj>"


def error_xml(record: ErrorRecord, command: str, *, invocation: bool = False) -> str:
    """Return an error record of a command; with `invocation`, all that is known of its invocation, for clients that ask for it."""
    return _error(_Numbers(), "", record, command, invocation=invocation)


def state_xml(state: int, error: ErrorRecord | None = None, command: str = "") -> str:
    """Return the state of a pipeline, and the error that ended it."""
    numbers = _Numbers()
    beginning = numbers.open()
    problem = (
        _error(numbers, "ExceptionAsErrorRecord", error, command, invocation=False)
        if error is not None
        else ""
    )
    return f'{beginning}<MS><I32 N="PipelineState">{state}</I32>{problem}</MS></Obj>'


def informational_xml(kind: str, text: str, command: str, *, invocation: bool) -> str:
    """Return a record of the warning, verbose or debug stream; `kind` is ``Warning``, ``Verbose`` or ``Debug``."""
    numbers = _Numbers()
    types = (
        f"System.Management.Automation.{kind}Record",
        "System.Management.Automation.InformationalRecord",
        "System.Object",
    )
    return (
        f"{numbers.open(types=types)}<ToString>{encoded(text)}</ToString><MS>{_text('InformationalRecord_Message', text)}"
        f"{_flag('InformationalRecord_SerializeInvocationInfo', on=invocation)}"
        f"{_extended(numbers, command) if invocation else ''}"
        '<Nil N="InformationalRecord_PipelineIterationInfo" /></MS></Obj>'
    )


def progress_xml(progress: Progress, *, completed: bool = False) -> str:
    """Return a progress record, or the last one of its activity; PowerShell has no empty status."""
    numbers = _Numbers()
    status, percent = (
        (" ", -1) if completed else (progress.status or " ", progress.percent_complete)
    )
    beginning = numbers.open()
    kind = numbers.enum(
        "Type", _PROGRESS_TYPE, *(("Completed", 1) if completed else ("Processing", 0))
    )
    return (
        f"{beginning}<MS>{_text('Activity', progress.activity)}{_number('ActivityId', progress.activity_id)}"
        f'{_text("StatusDescription", status)}<Nil N="CurrentOperation" />{_number("ParentActivityId", progress.parent_activity_id)}'
        f"{_number('PercentComplete', percent)}{kind}{_number('SecondsRemaining', -1)}</MS></Obj>"
    )


def _error(
    numbers: _Numbers, name: str, record: ErrorRecord, command: str, *, invocation: bool
) -> str:
    beginning = numbers.open(name, _RECORD)
    kind = record.exception_type or "System.Exception"
    reason, target_type = kind.rsplit(".", 1)[-1], "String" if record.target else ""
    category = f"{record.category}: ({record.target}:{target_type}) [{command}], {reason}"
    info = _invocation_info(numbers, command) if command else '<Nil N="InvocationInfo" />'
    number = CATEGORIES.index(record.category) if record.category in CATEGORIES else 0
    # In the order of PowerShell's own writer.
    exception = _exception(numbers, kind, record.message)
    return (
        f"{beginning}<ToString>{encoded(record.message)}</ToString><MS>{exception}"
        f"{_text('TargetObject', record.target) if record.target else _NO_TARGET}"
        f"{_text('FullyQualifiedErrorId', record.fully_qualified_error_id)}{info}"
        f"{_number('ErrorCategory_Category', number)}{_text('ErrorCategory_Activity', command)}{_text('ErrorCategory_Reason', reason)}"
        f"{_text('ErrorCategory_TargetName', record.target)}{_text('ErrorCategory_TargetType', target_type)}"
        f"{_text('ErrorCategory_Message', category)}{_flag('SerializeExtendedInfo', on=invocation)}"
        f"{_extended(numbers, command) if invocation else ''}</MS></Obj>"
    )


_NO_TARGET = '<Nil N="TargetObject" />'


def _exception(numbers: _Numbers, kind: str, message: str) -> str:
    types = tuple(dict.fromkeys((kind, "System.Exception", "System.Object")))
    beginning, data = numbers.open("Exception", types), numbers.open("Data", _DATA)
    number = _EXCEPTION if kind == "System.Exception" else _SYSTEM_EXCEPTION
    nothing = "".join(
        f'<Nil N="{name}" />'
        for name in ("InnerException", "TargetSite", "StackTrace", "HelpLink", "Source")
    )
    return (
        f"{beginning}<ToString>{encoded(f'{kind}: {message}')}</ToString><Props>{_text('Message', message)}{data}<DCT /></Obj>"
        f"{nothing}{_number('HResult', number)}</Props></Obj>"
    )


def _invocation_info(numbers: _Numbers, command: str) -> str:
    return (
        f"{numbers.open('InvocationInfo', _INVOCATION)}<ToString>{_INVOCATION[0]}</ToString><Props>{_text('MyCommand', command)}"
        f"{numbers.open('BoundParameters', _DICTIONARY)}<DCT /></Obj>{numbers.open('UnboundArguments', _LIST)}<LST /></Obj>"
        f'{_number("ScriptLineNumber", 0)}{_number("OffsetInLine", 0)}<I64 N="HistoryId">1</I64>{_text("ScriptName", "")}{_text("Line", "")}'
        f'{_text("PositionMessage", "")}{_text("PSScriptRoot", "")}<Nil N="PSCommandPath" />{_text("InvocationName", command)}'
        f"{_number('PipelineLength', 0)}{_number('PipelinePosition', 0)}{_flag('ExpectingInput', on=False)}"
        f'{_text("CommandOrigin", "Internal")}<Nil N="DisplayScriptPosition" /></Props></Obj>'
    )


def _extended(numbers: _Numbers, command: str) -> str:
    """Return the members that a record has when its client asked for invocation info (RemoteStreamOptions)."""
    origin = numbers.enum("InvocationInfo_CommandOrigin", _ORIGIN, "Internal", 1)
    kind = numbers.enum("CommandInfo_CommandType", _COMMAND_TYPE, "Cmdlet", 8)
    return (
        f"{numbers.open('InvocationInfo_BoundParameters', _DICTIONARY)}<DCT /></Obj>{origin}"
        f"{_flag('InvocationInfo_ExpectingInput', on=False)}{_text('InvocationInfo_InvocationName', command)}{_text('InvocationInfo_Line', '')}"
        f'{_number("InvocationInfo_OffsetInLine", 0)}<I64 N="InvocationInfo_HistoryId">1</I64>'
        f"{_number('InvocationInfo_PipelineLength', 0)}{_number('InvocationInfo_PipelinePosition', 0)}"
        f'{_text("InvocationInfo_PSScriptRoot", "")}<Nil N="InvocationInfo_PSCommandPath" />{_text("InvocationInfo_PositionMessage", "")}'
        f"{_number('InvocationInfo_ScriptLineNumber', 0)}{_text('InvocationInfo_ScriptName', '')}"
        f"{numbers.open('InvocationInfo_UnboundArguments', _LIST)}<LST /></Obj>{_flag('SerializeExtent', on=False)}"
        f"{kind}{_text('CommandInfo_Definition', '')}{_text('CommandInfo_Name', command)}"
        f"{numbers.enum('CommandInfo_Visibility', _VISIBILITY, 'Public', 0)}"
    )


def _text(name: str, value: str) -> str:
    return f'<S N="{name}">{encoded(value)}</S>'


def _number(name: str, value: int) -> str:
    return f'<I32 N="{name}">{value}</I32>'


def _flag(name: str, *, on: bool) -> str:
    return f'<B N="{name}">{"true" if on else "false"}</B>'
