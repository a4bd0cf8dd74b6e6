"""Transient errors: an adapter or a service appears shortly after the cmdlet that creates it."""

from __future__ import annotations

from nestlab.model import ErrorRecord
from nestlab.plan import Step

RETRY_SECONDS = 5.0
RETRIES = 6

# Windows creates vEthernet adapters in the background, and the management service of a role that
# has just been installed needs a moment (MicrosoftDocs/azure-docs#49190: New-VMSwitch, object was
# not found).
_NOT_YET = ("CmdletizationQuery_NotFound", "Windows System Error 1168")  # not shown
_NOT_YET_OF_SWITCHES = "ObjectNotFound,Microsoft.HyperV.PowerShell.Commands.NewVMSwitch"
_ON_ADAPTERS = frozenset(
    {
        "New-NetIPAddress",
        "New-NetRoute",
        "Set-NetIPInterface",
        "Set-DnsClientServerAddress",
        "New-VMSwitch",
    }
)


def may_appear_later(step: Step, record: ErrorRecord) -> bool:
    """Whether the object that a step did not find may appear shortly without further action.

    Only steps that can safely run twice are retried: those with one cmdlet, preceded at most by
    settings of the adapter.

    >>> from nestlab.model import Cmdlet
    >>> from nestlab.plan import Action, StepTarget, TargetKind
    >>> step = Step(
    ...     id="", machine=(), action=Action.SET_ADDRESS, title="", why="",
    ...     target=StepTarget(TargetKind.ADDRESS, "x"), cmdlets=(Cmdlet("New-NetIPAddress"),),
    ... )
    >>> def error(number):
    ...     return ErrorRecord("", "", f"Windows System Error {number},New-NetIPAddress")
    >>> may_appear_later(step, error(1168))  # not found
    True
    >>> may_appear_later(step, error(5010))  # exists already
    False
    """
    *before, last = step.cmdlets
    if last.name not in _ON_ADAPTERS or any(
        cmdlet.name != "Set-NetIPInterface" for cmdlet in before
    ):
        return False
    return (
        record.fully_qualified_error_id.startswith(_NOT_YET)
        or record.fully_qualified_error_id == _NOT_YET_OF_SWITCHES
    )
