"""-WhatIf and -Confirm, and the questions that nobody is there to answer."""

from __future__ import annotations

from nestlab.model import ErrorRecord, Record
from nestlab.simulator.powershell.binding import Bound
from nestlab.simulator.powershell.call import PowerShellError
from nestlab.simulator.powershell.net_values import text_of

ASKS_UNLESS_FORCED = frozenset({"Remove-VM", "Remove-VMSwitch", "Restart-VM"})
"""These ask by themselves (ShouldContinue), whatever -Confirm says; -Force is the answer."""

FORCE_ANSWERS = frozenset({"Update-VMVersion"})
"""ConfirmImpact High, and -Force runs them without the question."""

_TARGETS = ("Name", "VMName", "VM", "VMSwitch", "InputObject", "Path", "IPAddress", "InterfaceAlias", "DestinationPrefix")


def would_ask(bound: Bound) -> bool:
    """Whether the command asks "Are you sure?" before it does anything."""
    if bound.name in ASKS_UNLESS_FORCED and not bound.switch("Force"):
        return True
    if bound.confirm is not None:
        return bound.confirm
    if bound.name in FORCE_ANSWERS and bound.switch("Force"):
        return False
    return bound.signature.confirm_impact == "High"


def cannot_ask(bound: Bound) -> PowerShellError:
    """Return the error of a command that would ask in a session without a person.

    >>> from nestlab.simulator.powershell.binding import bind
    >>> from nestlab.simulator.powershell.call import Call
    >>> cannot_ask(bind(Call("Remove-VM", (("Name", "HV1"),)))).record.fully_qualified_error_id
    'InvalidOperation,Microsoft.HyperV.PowerShell.Commands.RemoveVM'
    """
    text = "Windows PowerShell is in NonInteractive mode. Read and Prompt functionality is not available."
    kind = "System.Management.Automation.PSInvalidOperationException"
    return PowerShellError(ErrorRecord(text, "InvalidOperation", f"InvalidOperation,{bound.signature.class_name}", "", kind))


# Sentences of the Hyper-V module as people have quoted them; the others get PowerShell's own sentence.
_SENTENCES = {
    "Add-VMHardDiskDrive": 'will add a hard disk drive to virtual machine "{}"',
    "Remove-VM": 'will remove virtual machine "{}"',
    "Remove-VMSnapshot": 'will remove snapshot "{}"',
    "Set-VMProcessor": 'will configure the processor settings of the virtual machine "{}"',
    "Stop-VM": 'will shut down the virtual machine "{}"',
}


def what_if_lines(bound: Bound) -> list[str]:
    """Return what -WhatIf says instead of acting, a line a target.

    >>> from nestlab.simulator.powershell.binding import bind
    >>> from nestlab.simulator.powershell.call import Call
    >>> what_if_lines(bind(Call("Stop-VM", (("Name", "HV1"),))))
    ['What if: Stop-VM will shut down the virtual machine "HV1".']
    >>> what_if_lines(bind(Call("New-NetNat", (("Name", "lab"),))))
    ['What if: Performing the operation "New-NetNat" on target "lab".']
    """
    value = next((bound[name] for name in _TARGETS if name in bound), "")
    sentence = (
        f"{bound.name} {_SENTENCES[bound.name]}"
        if bound.name in _SENTENCES
        else f'Performing the operation "{bound.name}" on target "{{}}"'
    )
    return [f"What if: {sentence.format(_named(item))}." for item in (value if isinstance(value, tuple) else (value,))]


def _named(item: object) -> str:
    return str(item.get("Name") or item.text) if isinstance(item, Record) else text_of(item)
