"""InvocationInfo: how a command was called, as part of its error, warning and verbose records."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from nestlab.dataclass import dataclass
from nestlab.simulator.endpoint.messages.client_requests import RemoteCommand
from nestlab.simulator.endpoint.messages.numbered_xml import (
    RefIds,
    flag_xml,
    null_xml,
    number_xml,
    text_xml,
)
from nestlab.simulator.endpoint.messages.object_xml import plain_xml
from nestlab.simulator.powershell.binding.parameter_lookup import match_parameter
from nestlab.simulator.powershell.binding.parameters import Signature
from nestlab.simulator.powershell.binding.signatures import ACTION_PREFERENCES
from nestlab.simulator.powershell.call import PowerShellError
from nestlab.simulator.powershell.session_state import Configuration

_MSCORLIB = "mscorlib, Version=4.0.0.0, Culture=neutral, PublicKeyToken=b77a5c561934e089"
_TYPE = ("System.Management.Automation.InvocationInfo", "System.Object")
_TABLE = (
    f"System.Collections.Generic.Dictionary`2[[System.String, {_MSCORLIB}],[System.Object, {_MSCORLIB}]]",
    "System.Object",
)
_BOUND = ("System.Management.Automation.PSBoundParametersDictionary", *_TABLE)
_LIST = (f"System.Collections.Generic.List`1[[System.Object, {_MSCORLIB}]]", "System.Object")
_ITERATIONS = (
    f"System.Collections.ObjectModel.ReadOnlyCollection`1[[System.Int32, {_MSCORLIB}]]",
    "System.Object",
)
_SWITCH = ("System.Management.Automation.SwitchParameter", "System.ValueType", "System.Object")
_INT32_ARRAY = ("System.Int32[]", "System.Array", "System.Object")
_COUNTS = "<I32>0</I32><I32>1</I32>"
_SHOWN = (str, int, float, UUID, datetime, timedelta, bytes)


@dataclass(frozen=True)
class Invocation:
    """One call of a command: its name, empty for an unknown one, and the bound parameters."""

    name: str = ""
    is_function: bool = False
    bound: tuple[tuple[str, str, Any], ...] = ()
    """Name, type and value of each parameter; secrets and collections are omitted."""

    def invocation_info_xml(self, refs: RefIds, *, called: bool) -> str:
        """Return InvocationInfo as a member of an error record.

        `called` says whether the command had started when the error occurred.
        """
        if not self.name:
            return null_xml("InvocationInfo")
        return (
            f"{refs.open('InvocationInfo', _TYPE)}<ToString>{_TYPE[0]}</ToString><Props>"
            f"{text_xml('MyCommand', self.name)}{refs.open('BoundParameters', _TABLE)}<DCT /></Obj>"
            f"{refs.open('UnboundArguments', _LIST)}<LST /></Obj>{number_xml('ScriptLineNumber', 0)}"
            f'{number_xml("OffsetInLine", 0)}<I64 N="HistoryId">1</I64>{text_xml("ScriptName", "")}'
            f"{text_xml('Line', '')}{text_xml('PositionMessage', '')}{text_xml('PSScriptRoot', '')}"
            f"{null_xml('PSCommandPath')}{text_xml('InvocationName', self.name if called else '')}"
            f"{number_xml('PipelineLength', 0)}{number_xml('PipelinePosition', 0)}"
            f"{flag_xml('ExpectingInput', on=False)}{text_xml('CommandOrigin', 'Internal')}"
            f"{null_xml('DisplayScriptPosition')}</Props></Obj>"
        )

    def extended_xml(self, refs: RefIds, *, of_error: bool = False) -> str:
        """Return the invocation members that a client requests by RemoteStreamOptions.

        Those of warnings describe the client's call; those of error records (`of_error`) describe a
        call inside the command.
        """
        entries = "" if of_error else "".join(self._entry(refs, *item) for item in self.bound)
        bound = f"<DCT>{entries}</DCT>" if entries else "<DCT />"
        kind = ("Function", 2) if self.is_function else ("Cmdlet", 8)
        origin, place = (("Internal", 1), 0) if of_error else (("Runspace", 0), 1)
        counts = "" if of_error else _COUNTS
        return (
            f"{refs.open('InvocationInfo_BoundParameters', _TABLE if of_error else _BOUND)}{bound}</Obj>"
            f"{refs.enum('InvocationInfo_CommandOrigin', 'CommandOrigin', *origin)}"
            f"{flag_xml('InvocationInfo_ExpectingInput', on=False)}"
            f"{text_xml('InvocationInfo_InvocationName', self.name)}{text_xml('InvocationInfo_Line', '')}"
            f'{number_xml("InvocationInfo_OffsetInLine", 0)}<I64 N="InvocationInfo_HistoryId">1</I64>'
            f"{refs.open('InvocationInfo_PipelineIterationInfo', _INT32_ARRAY)}<LST>{counts}</LST></Obj>"
            f"{number_xml('InvocationInfo_PipelineLength', place)}{number_xml('InvocationInfo_PipelinePosition', place)}"
            f"{text_xml('InvocationInfo_PSScriptRoot', '')}{null_xml('InvocationInfo_PSCommandPath')}"
            f"{text_xml('InvocationInfo_PositionMessage', '')}{number_xml('InvocationInfo_ScriptLineNumber', 0)}"
            f"{text_xml('InvocationInfo_ScriptName', '')}"
            f"{refs.open('InvocationInfo_UnboundArguments', _LIST)}<LST /></Obj>"
            f"{flag_xml('SerializeExtent', on=False)}{refs.enum('CommandInfo_CommandType', 'CommandTypes', *kind)}"
            f"{text_xml('CommandInfo_Definition', '')}{text_xml('CommandInfo_Name', self.name)}"
            f"{refs.enum('CommandInfo_Visibility', 'SessionStateEntryVisibility', 'Public', 0)}"
        )

    @staticmethod
    def _entry(refs: RefIds, name: str, kind: str, value: Any) -> str:
        key = f"<En>{text_xml('Key', name)}"
        if kind == "SwitchParameter":
            text, on = str(bool(value)), flag_xml("IsPresent", on=bool(value))
            beginning = refs.open("Value", _SWITCH)
            return f"{key}{beginning}<ToString>{text}</ToString><Props>{on}</Props></Obj></En>"
        number = ACTION_PREFERENCES.get(str(value))
        if kind == "ActionPreference" and number is not None:
            return f"{key}{refs.enum('Value', 'ActionPreference', str(value), number)}</En>"
        return f"{key}{plain_xml('Value', value)}</En>"


def iterations_xml(refs: RefIds, name: str) -> str:
    """Return the number of objects that each command of the pipeline has received."""
    return f"{refs.open(name, _ITERATIONS)}<LST>{_COUNTS}</LST></Obj>"


def invocation_of(statement: Sequence[RemoteCommand], configuration: Configuration) -> Invocation:
    """Return the invocation of a statement's first command; its name is empty if it is unknown."""
    first = statement[0]
    signature = None if first.is_script else configuration.find(first.text)
    if signature is None:
        return Invocation()
    bound = tuple(_bound(signature, first))
    return Invocation(signature.name, signature.is_function, bound)


def _bound(signature: Signature, command: RemoteCommand) -> list[tuple[str, str, Any]]:
    found = []
    for name, value in command.parameters:
        try:
            parameter = match_parameter(signature, name) if name else None
        except PowerShellError:  # ambiguous
            continue
        if parameter is not None and (
            isinstance(value, _SHOWN) or parameter.type == "SwitchParameter"
        ):
            found.append((parameter.name, parameter.type, value))
    return found
