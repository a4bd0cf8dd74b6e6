"""-WhatIf and -Confirm, and questions, which cannot be answered in remote sessions."""

from __future__ import annotations

from nestlab.model import ErrorRecord, Record
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import PowerShellError
from nestlab.simulator.powershell.values.net_values import text_of

ASKS_UNLESS_FORCED = frozenset({"Remove-VM", "Remove-VMSwitch", "Restart-VM"})
"""Commands that ask on their own (ShouldContinue), whatever -Confirm says, unless -Force is
given."""

FORCE_ANSWERS = frozenset({"Update-VMVersion"})
"""Commands with ConfirmImpact High that -Force runs without the question."""

_TARGETS = (
    "Name",
    "VMName",
    "VM",
    "VMSwitch",
    "InputObject",
    "Path",
    "IPAddress",
    "InterfaceAlias",
    "DestinationPrefix",
)


def would_ask(bound: Bound) -> bool:
    """Whether the command would ask "Are you sure?" before it acts."""
    if bound.name in ASKS_UNLESS_FORCED and not bound.switch("Force"):
        return True
    if bound.confirm is not None:
        return bound.confirm
    if bound.name in FORCE_ANSWERS and bound.switch("Force"):
        return False
    return bound.signature.confirm_impact == "High"


def cannot_ask(bound: Bound) -> PowerShellError:
    """Return the error of a command that would ask, in a session whose client offers no host.

    A cmdlet's own question fails; inside a function, the method that it calls fails.

    >>> from nestlab.simulator.powershell.binding.bound import bind
    >>> from nestlab.simulator.powershell.call import Call
    >>> cannot_ask(bind(Call("Remove-VM", (("Name", "HV1"),)))).record.fully_qualified_error_id
    'HostFunctionNotImplemented,Microsoft.HyperV.PowerShell.Commands.RemoveVM'
    >>> cannot_ask(bind(Call("Remove-NetNat", (("Name", "lab"),)))).record.fully_qualified_error_id
    'HostException,Remove-NetNat'
    """
    text = (
        "A command that prompts the user failed because the host program or the command type does not support user interaction. "
        f"The host was attempting to request confirmation with the following message: {_question(bound)}"
    )
    if bound.signature.is_function:
        message = f'Exception calling "ProcessRecord" with "3" argument(s): "{text}"'
        kind = "System.Management.Automation.MethodInvocationException"
        return PowerShellError(
            ErrorRecord(message, "NotSpecified", f"HostException,{bound.name}", "", kind)
        )
    identity = f"HostFunctionNotImplemented,{bound.signature.class_name}"
    return PowerShellError(
        ErrorRecord(
            text, "NotImplemented", identity, "", "System.Management.Automation.Host.HostException"
        )
    )


# Sentences of the Hyper-V module as users have quoted them; the others are PowerShell's own.
_MESSAGES = {
    "Add-VMHardDiskDrive": 'will add a hard disk drive to virtual machine "{}"',
    "Remove-VM": 'will remove virtual machine "{}"',
    "Remove-VMSnapshot": 'will remove snapshot "{}"',
    "Set-VMProcessor": 'will configure the processor settings of the virtual machine "{}"',
    "Stop-VM": 'will shut down the virtual machine "{}"',
}


def _question(bound: Bound) -> str:
    value = next((bound[name] for name in _TARGETS if name in bound), "")
    target = next(iter(value), "") if isinstance(value, tuple) else value
    sentence = (
        f"{bound.name} {_MESSAGES[bound.name]}"
        if bound.name in _MESSAGES
        else f'Performing the operation "{bound.name}" on target "{{}}"'
    )
    return f"Are you sure you want to perform this action?\n{sentence.format(_named(target))}."


def _named(item: object) -> str:
    return str(item.get("Name") or item.text) if isinstance(item, Record) else text_of(item)
