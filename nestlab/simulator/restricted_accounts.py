"""Handlers of cmdlets for accounts that are not local Administrators."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import NoReturn

from nestlab.simulator import cmdlet_errors
from nestlab.simulator.cmdlets.hyper_v.networking.vm_switch import new_vm_switch
from nestlab.simulator.cmdlets.registry import Handler, handlers
from nestlab.simulator.cmdlets.windows.computer import SECURE_BOOT_COMMAND
from nestlab.simulator.cmdlets.windows.item_property import BOOT_CONFIGURATION, get_item_property
from nestlab.simulator.cmdlets.windows.win_event import GET_WIN_EVENT
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.binding.signatures import signature
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.state.machine import Machine

# Membership in Hyper-V Administrators suffices for VMs, disks, Private and Internal switches, as
# measured on Server 2022 by windsorcli/terraform-provider-hyperv; WinNAT and its mappings need a
# local Administrator. The rest is commonly known of Windows.
_CIM_WRITES = (
    "New-NetNat", "Set-NetNat", "Remove-NetNat", "Add-NetNatStaticMapping", "Remove-NetNatStaticMapping",
    "New-NetIPAddress", "Set-NetIPAddress", "Remove-NetIPAddress", "Set-NetIPInterface", "New-NetRoute", "Set-NetRoute", "Remove-NetRoute",
    "Set-DnsClientServerAddress", "Rename-NetAdapter", "Enable-NetAdapter", "Disable-NetAdapter", "Restart-NetAdapter",
    "Enable-NetAdapterBinding", "Disable-NetAdapterBinding",
    "New-NetFirewallRule", "Remove-NetFirewallRule", "Enable-NetFirewallRule", "Disable-NetFirewallRule",
)  # fmt: skip
_NEED_ELEVATION = (
    "Get-WindowsOptionalFeature",
    "Enable-WindowsOptionalFeature",
    "Disable-WindowsOptionalFeature",
)
_NEED_ADMINISTRATOR = (
    "Install-WindowsFeature", "Uninstall-WindowsFeature", "Restart-Computer", "Stop-Computer", "Rename-Computer",
    "Start-Service", "Stop-Service",
)  # fmt: skip


def _cim_denied(machine: Machine, bound: Bound, sink: Sink) -> None:  # noqa: ARG001  # a handler: the error does not depend on the call
    raise cmdlet_errors.cim_access_denied(bound.name)


def _needs_elevation(machine: Machine, bound: Bound, sink: Sink) -> None:  # noqa: ARG001  # a handler: the error does not depend on the call
    message = "The requested operation requires elevation."
    fully_qualified_id = f"Microsoft.Dism.Commands.{bound.name.replace('-', '')}Command"
    raise cmdlet_errors.generic(
        message,
        "NotSpecified",
        fully_qualified_id,
        "",
        "System.Runtime.InteropServices.COMException",
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
    # Only administrators can read the boot configuration (commonly known of Windows).
    if any(
        str(path).lower().startswith(BOOT_CONFIGURATION)
        for path in bound.values("Path", "LiteralPath")
    ):
        fully_qualified_id = (
            "System.Security.SecurityException,Microsoft.PowerShell.Commands.GetItemPropertyCommand"
        )
        message = "Requested registry access is not allowed."
        raise cmdlet_errors.generic(
            message, "PermissionDenied", fully_qualified_id, "", "System.Security.SecurityException"
        )
    get_item_property(machine, bound, sink)


def _secure_boot_denied(machine: Machine, bound: Bound, sink: Sink) -> None:  # noqa: ARG001  # a handler: the error does not depend on the call
    fully_qualified_id, message = (
        f"SetPrivilegeFailed,{SECURE_BOOT_COMMAND}",
        "Unable to set proper privileges. Access was denied.",
    )
    raise cmdlet_errors.generic(
        message,
        "PermissionDenied",
        fully_qualified_id,
        SECURE_BOOT_COMMAND,
        "System.UnauthorizedAccessException",
    )


def _event_log_denied(machine: Machine, bound: Bound, sink: Sink) -> None:  # noqa: ARG001  # a handler: the error does not depend on the call
    # Accounts that sign in locally can read the System log; over the network, only
    # Administrators can.
    log = bound.text("LogName", "Security")
    message = f"Could not retrieve information about the {log} log. Error: Attempted to perform an unauthorized operation.."
    raise cmdlet_errors.generic(
        message, "NotSpecified", f"LogInfoUnavailable,{GET_WIN_EVENT}", "", "System.Exception"
    )


@cache
def hyper_v_administrator_handlers() -> Mapping[str, Handler]:
    """Return the handlers for an account in Hyper-V Administrators that is not an Administrator."""
    return MappingProxyType(
        {
            **handlers(),
            **dict.fromkeys(_CIM_WRITES, _cim_denied),
            **dict.fromkeys(_NEED_ELEVATION, _needs_elevation),
            **dict.fromkeys(_NEED_ADMINISTRATOR, _denied),
            "New-VMSwitch": _new_vm_switch,
            "Get-ItemProperty": _get_item_property,
            "Confirm-SecureBootUEFI": _secure_boot_denied,
            "Get-WinEvent": _event_log_denied,
        }
    )


@cache
def handlers_without_hyper_v_rights() -> Mapping[str, Handler]:
    """Return the handlers for an account without any rights on Hyper-V."""
    hyper_v = [name for name in handlers() if _module(name) == "Hyper-V"]
    return MappingProxyType(
        {**hyper_v_administrator_handlers(), **dict.fromkeys(hyper_v, _not_authorized)}
    )


def _module(name: str) -> str:
    command = signature(name)
    return command.module if command else ""
