"""-WhatIf and -Confirm, and prompts, which cannot be answered in remote sessions."""

from __future__ import annotations

from nestlab.model import ErrorRecord, Record
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import PowerShellError
from nestlab.simulator.powershell.values.dotnet_values import text_of

PROMPTS_UNLESS_FORCED = frozenset({"Remove-VM", "Remove-VMSwitch", "Restart-VM"})
"""Commands that prompt by ShouldContinue unless -Force is given, whatever the value of -Confirm."""

FORCE_SKIPS_PROMPT = frozenset({"Update-VMVersion"})
"""Commands with ConfirmImpact High that -Force runs without a prompt."""

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


def would_prompt(bound: Bound) -> bool:
    """Whether the command would first prompt for confirmation."""
    if bound.name in PROMPTS_UNLESS_FORCED and not bound.is_present("Force"):
        return True
    if bound.confirm is not None:
        return bound.confirm
    if bound.name in FORCE_SKIPS_PROMPT and bound.is_present("Force"):
        return False
    return bound.signature.confirm_impact == "High"


def cannot_prompt(bound: Bound) -> PowerShellError:
    """Return the error of a command that would prompt, in a session without a user interface.

    In a cmdlet the prompt fails; in a function, the method that it calls fails.

    >>> from nestlab.simulator.powershell.binding.bound import bind
    >>> from nestlab.simulator.powershell.call import Call
    >>> remove_vm = bind(Call("Remove-VM", (("Name", "HV1"),)))
    >>> cannot_prompt(remove_vm).record.fully_qualified_error_id
    'HostFunctionNotImplemented,Microsoft.HyperV.PowerShell.Commands.RemoveVM'
    >>> remove_nat = bind(Call("Remove-NetNat", (("Name", "lab"),)))
    >>> cannot_prompt(remove_nat).record.fully_qualified_error_id
    'HostException,Remove-NetNat'
    """
    text = (
        "A command that prompts the user failed because the host program or the command type does not support user interaction. "
        f"The host was attempting to request confirmation with the following message: {_question(bound)}"
    )
    if bound.signature.is_function:
        message = f'Exception calling "ProcessRecord" with "3" argument(s): "{text}"'
        exception = "System.Management.Automation.MethodInvocationException"
        return PowerShellError(
            ErrorRecord(message, "NotSpecified", f"HostException,{bound.name}", "", exception)
        )
    fully_qualified_id = f"HostFunctionNotImplemented,{bound.signature.class_name}"
    return PowerShellError(
        ErrorRecord(
            text,
            "NotImplemented",
            fully_qualified_id,
            "",
            "System.Management.Automation.Host.HostException",
        )
    )


# Sentences of the Hyper-V module as quoted by users; the others are PowerShell's own.
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
