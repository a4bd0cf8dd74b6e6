"""The cmdlets as accounts without all rights run them: Hyper-V Administrators, and others."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import NoReturn

from nestlab.simulator import cmdlet_errors
from nestlab.simulator.cmdlets.hyper_v.networking.vm_switch import new_vm_switch
from nestlab.simulator.cmdlets.registry import Handler, handlers
from nestlab.simulator.cmdlets.selection import text, values
from nestlab.simulator.cmdlets.windows.computer import SECURE_BOOT_COMMAND
from nestlab.simulator.cmdlets.windows.item_property import BOOT_CONFIGURATION, get_item_property
from nestlab.simulator.cmdlets.windows.win_event import GET_WIN_EVENT
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.binding.signatures import signature
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.state.machine import Machine

# Membership in Hyper-V Administrators suffices for VMs, disks, Private and Internal switches, as
# measured on Server 2022 by windsorcli/terraform-provider-hyperv; WinNAT and its mappings need a
# local Administrator. The rest is general knowledge of Windows.
_CIM_WRITES = (
    "New-NetNat", "Set-NetNat", "Remove-NetNat", "Add-NetNatStaticMapping", "Remove-NetNatStaticMapping",
    "New-NetIPAddress", "Set-NetIPAddress", "Remove-NetIPAddress", "Set-NetIPInterface", "New-NetRoute", "Set-NetRoute", "Remove-NetRoute",
    "Set-DnsClientServerAddress", "Rename-NetAdapter", "Enable-NetAdapter", "Disable-NetAdapter", "Restart-NetAdapter",
    "Enable-NetAdapterBinding", "Disable-NetAdapterBinding",
    "New-NetFirewallRule", "Remove-NetFirewallRule", "Enable-NetFirewallRule", "Disable-NetFirewallRule",
)  # fmt: skip
_ELEVATION = (
    "Get-WindowsOptionalFeature",
    "Enable-WindowsOptionalFeature",
    "Disable-WindowsOptionalFeature",
)
_OTHERS = (
    "Install-WindowsFeature", "Uninstall-WindowsFeature", "Restart-Computer", "Stop-Computer", "Rename-Computer",
    "Start-Service", "Stop-Service",
)  # fmt: skip


def _cim_denied(machine: Machine, bound: Bound, sink: Sink) -> None:  # noqa: ARG001  # a handler: the error does not depend on the call
    raise cmdlet_errors.cim_access_denied(bound.name)


def _needs_elevation(machine: Machine, bound: Bound, sink: Sink) -> None:  # noqa: ARG001  # a handler: the error does not depend on the call
    message = "The requested operation requires elevation."
    identity = f"Microsoft.Dism.Commands.{bound.name.replace('-', '')}Command"
    raise cmdlet_errors.other(
        message, "NotSpecified", identity, "", "System.Runtime.InteropServices.COMException"
    )


def _denied(machine: Machine, bound: Bound, sink: Sink) -> None:  # noqa: ARG001  # a handler: the error does not depend on the call
    raise cmdlet_errors.access_denied(bound.name)


def _not_authorized(machine: Machine, bound: Bound, sink: Sink) -> NoReturn:  # noqa: ARG001  # a handler: the error does not depend on the call
    raise cmdlet_errors.not_authorized(bound.name, machine.name)


def _new_vm_switch(machine: Machine, bound: Bound, sink: Sink) -> None:
    if "NetAdapterName" in bound or "NetAdapterInterfaceDescription" in bound:
        _not_authorized(machine, bound, sink)
    new_vm_switch(machine, bound, sink)


def _get_item_property(machine: Machine, bound: Bound, sink: Sink) -> None:
    # Only administrators can read the boot configuration (general knowledge of Windows).
    if any(
        str(path).lower().startswith(BOOT_CONFIGURATION)
        for path in values(bound, "Path", "LiteralPath")
    ):
        identity = (
            "System.Security.SecurityException,Microsoft.PowerShell.Commands.GetItemPropertyCommand"
        )
        message = "Requested registry access is not allowed."
        raise cmdlet_errors.other(
            message, "PermissionDenied", identity, "", "System.Security.SecurityException"
        )
    get_item_property(machine, bound, sink)


def _no_secure_boot(machine: Machine, bound: Bound, sink: Sink) -> None:  # noqa: ARG001  # a handler: the error does not depend on the call
    identity, message = (
        f"SetPrivilegeFailed,{SECURE_BOOT_COMMAND}",
        "Unable to set proper privileges. Access was denied.",
    )
    raise cmdlet_errors.other(
        message,
        "PermissionDenied",
        identity,
        SECURE_BOOT_COMMAND,
        "System.UnauthorizedAccessException",
    )


def _no_event_log(machine: Machine, bound: Bound, sink: Sink) -> None:  # noqa: ARG001  # a handler: the error does not depend on the call
    # The System log can be read by accounts that sign in at the machine; over the network it takes
    # an Administrator.
    log = text(bound, "LogName", "Security")
    message = f"Could not retrieve information about the {log} log. Error: Attempted to perform an unauthorized operation.."
    raise cmdlet_errors.other(
        message, "NotSpecified", f"LogInfoUnavailable,{GET_WIN_EVENT}", "", "System.Exception"
    )


@cache
def for_hyper_v_administrators() -> Mapping[str, Handler]:
    """Return the handlers for an account that is only in Hyper-V Administrators."""
    return MappingProxyType(
        {
            **handlers(),
            **dict.fromkeys(_CIM_WRITES, _cim_denied),
            **dict.fromkeys(_ELEVATION, _needs_elevation),
            **dict.fromkeys(_OTHERS, _denied),
            "New-VMSwitch": _new_vm_switch,
            "Get-ItemProperty": _get_item_property,
            "Confirm-SecureBootUEFI": _no_secure_boot,
            "Get-WinEvent": _no_event_log,
        }
    )


@cache
def without_hyper_v_rights() -> Mapping[str, Handler]:
    """Return the handlers for an account without any rights on Hyper-V."""
    hyper_v = [name for name in handlers() if _module(name) == "Hyper-V"]
    return MappingProxyType(
        {**for_hyper_v_administrators(), **dict.fromkeys(hyper_v, _not_authorized)}
    )


def _module(name: str) -> str:
    command = signature(name)
    return command.module if command else ""
