"""Error records as CLIXML (MS-PSRP 2.2.3.15)."""

from __future__ import annotations

from nestlab.model import ErrorRecord
from nestlab.simulator.endpoint.messages.exception_types import (
    hresult_of,
    is_binding_exception,
    is_runtime_exception,
    type_chain,
)
from nestlab.simulator.endpoint.messages.invocation import Invocation, iterations_xml
from nestlab.simulator.endpoint.messages.numbered_xml import (
    RefIds,
    flag_xml,
    null_xml,
    number_xml,
    text_xml,
)
from nestlab.simulator.endpoint.messages.object_xml import encoded
from nestlab.simulator.powershell.values.error_categories import ERROR_CATEGORIES

_RECORD = ("System.Management.Automation.ErrorRecord", "System.Object")
_DATA = ("System.Collections.ListDictionaryInternal", "System.Object")
_NOT_FOUND = "System.Management.Automation.CommandNotFoundException"


def error_xml(record: ErrorRecord, call: Invocation, *, extended: bool = False) -> str:
    """Return an error record of a command.

    With `extended`, it includes the invocation details that a client can request.
    """
    return error_member_xml(RefIds(), "", record, call, extended=extended)


def error_member_xml(
    refs: RefIds, name: str, record: ErrorRecord, call: Invocation, *, extended: bool
) -> str:
    """Return an error record as a member of another object."""
    chain = type_chain(record.exception_type or "System.Exception")
    reason, target_type = chain[0].rsplit(".", 1)[-1], "String" if record.target else ""
    category = f"{record.category}: ({record.target}:{target_type}) [{call.name}], {reason}"
    number = ERROR_CATEGORIES.index(record.category) if record.category in ERROR_CATEGORIES else 0
    target = text_xml("TargetObject", record.target) if record.target else null_xml("TargetObject")
    # The members have the same order as in PowerShell's own messages.
    return (
        f"{refs.open(name, _RECORD)}<ToString>{encoded(record.message)}</ToString><MS>"
        f"{_exception_xml(refs, chain, record)}{target}"
        f"{text_xml('FullyQualifiedErrorId', record.fully_qualified_error_id)}"
        f"{call.invocation_info_xml(refs, called=not is_binding_exception(chain))}"
        f"{number_xml('ErrorCategory_Category', number)}{text_xml('ErrorCategory_Activity', call.name)}"
        f"{text_xml('ErrorCategory_Reason', reason)}{text_xml('ErrorCategory_TargetName', record.target)}"
        f"{text_xml('ErrorCategory_TargetType', target_type)}{text_xml('ErrorCategory_Message', category)}"
        f"{flag_xml('SerializeExtendedInfo', on=extended)}"
        f"{_extended_xml(refs, call) if extended else ''}</MS></Obj>"
    )


def _extended_xml(refs: RefIds, call: Invocation) -> str:
    iterations = iterations_xml(refs, "PipelineIterationInfo")
    return f"{call.extended_xml(refs, of_error=True)}{iterations}{null_xml('PSMessageDetails')}"


def _exception_xml(refs: RefIds, chain: tuple[str, ...], record: ErrorRecord) -> str:
    beginning = refs.open("Exception", chain)
    own = _own_members(chain, record)
    data = refs.open("Data", _DATA)
    nothing = "".join(
        null_xml(name)
        for name in ("InnerException", "TargetSite", "StackTrace", "HelpLink", "Source")
    )
    return (
        f"{beginning}<ToString>{encoded(f'{chain[0]}: {record.message}')}</ToString><Props>{own}"
        f"{text_xml('Message', record.message)}{data}<DCT /></Obj>{nothing}"
        f"{number_xml('HResult', hresult_of(chain))}</Props></Obj>"
    )


def _own_members(chain: tuple[str, ...], record: ErrorRecord) -> str:
    """Return the properties that only PowerShell's own exceptions have."""
    own = ""
    if is_binding_exception(chain):
        call = text_xml("CommandInvocation", "System.Management.Automation.InvocationInfo")
        places = '<I64 N="Line">0</I64><I64 N="Offset">0</I64>'
        own += f"{text_xml('ErrorId', record.error_id)}{places}{call}"
    if _NOT_FOUND in chain:
        own += text_xml("CommandName", record.target)
    if is_runtime_exception(chain):
        thrown = flag_xml("WasThrownFromThrowStatement", on=False)
        own += f"{text_xml('ErrorRecord', record.message)}{thrown}"
    return own
