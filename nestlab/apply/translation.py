"""What a host's error means: its cause and what to look at first."""

from __future__ import annotations

from dataclasses import dataclass

from nestlab.model import ErrorRecord


@dataclass(frozen=True)
class _Meaning:
    """Errors whose id starts with `error_id`, of a cmdlet with this name (any, where empty), and what they mean."""

    error_id: str
    cmdlet: str
    hint: str


# Texts and ids as people have quoted them in public; see each cmdlet's issues.
_MEANINGS: tuple[_Meaning, ...] = (
    _Meaning("OutOfMemory", "Start-VM", "The host has too little free memory for this VM. Stop another VM or lower memory_startup, then apply again."),
    _Meaning("OperationFailed", "Start-VM", "The hypervisor does not run on this machine. Run `check`: are virtualization extensions exposed, has it been restarted?"),
    _Meaning("InvalidState", "", "The VM must be Off for this. See its state with Get-VM, stop it, then apply again."),
    _Meaning("ObjectInUse", "New-VMSwitch", "Another switch has taken this adapter already. Choose another adapter, or remove that switch."),
    _Meaning("ObjectInUse", "Remove-VMSwitch", "Running VMs use the switch. Stop or disconnect them first."),
    _Meaning("ObjectNotFound", "", "It is not there, or you may not see it: the service vmms must run, and you must be Hyper-V Administrator."),
    _Meaning("InvalidParameter", "Get-VM", "There is no VM of this name. Was it renamed or removed meanwhile? Plan again."),
    _Meaning("AccessDenied", "", "Your account may not do this. Hyper-V Administrators suffices for VMs and switches; NAT needs local Administrators."),
    _Meaning("Windows System Error 5", "", "WinNAT needs local Administrators on that machine."),
    _Meaning("Windows System Error 87", "New-NetNat", "The prefix overlaps another NAT or an address of this machine, or its only NAT is taken (Docker, WSL). See Get-NetNat."),
    _Meaning("Windows System Error 52", "New-NetNat", "A NAT of this name is there already, perhaps a hidden one of the container service."),
    _Meaning("Windows System Error 32", "Add-NetNatStaticMapping", "The port is taken or reserved on this machine. Choose another external port."),
    _Meaning("Windows System Error 5010", "New-NetIPAddress", "The address is on an adapter of this machine already. See Get-NetIPAddress."),
    _Meaning("HRESULT 0x80041010", "", "WinNAT is not there: Windows Server 2016 or Windows 10 1607 is the least, with the Hyper-V role."),
    _Meaning("Alteration_PrerequisiteCheck_Failed", "", "The machine has no virtualization extensions. Turn it Off, expose them on its host, start it, apply again."),
    _Meaning("CommandNotFoundException", "", "The module is not on that machine. Install the role with its management tools."),
)  # fmt: skip

_UNKNOWN = "Nothing after this step was touched. Look at the machine, then apply again: what is done already is not done twice."


def meaning(record: ErrorRecord, cmdlet: str) -> str:
    """Return what to do about an error of a cmdlet.

    >>> meaning(ErrorRecord("...", "FromStdErr", "OutOfMemory,Microsoft.HyperV.PowerShell.Commands.StartVM"), "Start-VM")[:41]
    'The host has too little free memory for t'
    """
    for entry in _MEANINGS:
        if record.error_id == entry.error_id and entry.cmdlet in ("", cmdlet):
            return entry.hint
    return _UNKNOWN
