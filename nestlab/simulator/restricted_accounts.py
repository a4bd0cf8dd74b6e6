"""Handlers of cmdlets for accounts that are not local Administrators."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import NoReturn

from nestlab.simulator import cmdlet_errors
from nestlab.simulator.cmdlets.hyper_v.networking.vm_switch import new_vm_switch, set_vm_switch
from nestlab.simulator.cmdlets.registry import Handler, handlers
from nestlab.simulator.cmdlets.storage.disk_records import ACCESS_DENIED
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
_CIM_MODULES = frozenset({"NetNat", "NetTCPIP", "NetAdapter", "DnsClient", "NetSecurity"})
_READING_VERBS = frozenset({"Find", "Get", "Test"})
_NEED_ELEVATION = (
    "Get-WindowsOptionalFeature",
    "Enable-WindowsOptionalFeature",
    "Disable-WindowsOptionalFeature",
)
_NEED_ADMINISTRATOR = (
    "Install-WindowsFeature", "Uninstall-WindowsFeature", "Restart-Computer", "Stop-Computer", "Rename-Computer",
    "Start-Service", "Stop-Service",
)  # fmt: skip
_UPLINK_PARAMETERS = ("NetAdapterName", "NetAdapterInterfaceDescription")


def _cim_denied(machine: Machine, bound: Bound, sink: Sink) -> None:  # noqa: ARG001  # a handler: the error does not depend on the call
    raise cmdlet_errors.cim_access_denied(bound.name)


def _dhcp_denied(machine: Machine, bound: Bound, sink: Sink) -> NoReturn:  # noqa: ARG001  # a handler: the error does not depend on the call
    # Reading and changing the server need the groups DHCP Users and DHCP Administrators, or
    # Administrators. The id is that of ERROR_ACCESS_DENIED from the server's management API; the
    # text of each cmdlet is inferred from that of Get-DhcpServerv4Scope.
    message = f"Failed to get version of the DHCP server {machine.name}."
    raise cmdlet_errors.cim(bound.name, "WIN32 5", message, "PermissionDenied", machine.name)


def _storage_denied(machine: Machine, bound: Bound, sink: Sink) -> NoReturn:  # noqa: ARG001  # a handler: the error does not depend on the call
    # The return value 40001 of the methods of MSFT_Disk and MSFT_Partition.
    raise cmdlet_errors.cim(bound.name, *ACCESS_DENIED, "PermissionDenied", "StorageWMI")


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
    _refuse_uplink(machine, bound, sink)
    new_vm_switch(machine, bound, sink)


def _set_vm_switch(machine: Machine, bound: Bound, sink: Sink) -> None:
    # By analogy with New-VMSwitch: it binds the adapter just as that does.
    _refuse_uplink(machine, bound, sink)
    set_vm_switch(machine, bound, sink)


def _refuse_uplink(machine: Machine, bound: Bound, sink: Sink) -> None:
    if any(name in bound for name in _UPLINK_PARAMETERS):
        _not_authorized(machine, bound, sink)


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
            **dict.fromkeys(_changing(_CIM_MODULES), _cim_denied),
            **dict.fromkeys(_changing({"Storage"}), _storage_denied),
            **dict.fromkeys(_of_modules({"DhcpServer"}), _dhcp_denied),
            **dict.fromkeys(_NEED_ELEVATION, _needs_elevation),
            **dict.fromkeys(_NEED_ADMINISTRATOR, _denied),
            "New-VMSwitch": _new_vm_switch,
            "Set-VMSwitch": _set_vm_switch,
            "Get-ItemProperty": _get_item_property,
            "Confirm-SecureBootUEFI": _secure_boot_denied,
            "Get-WinEvent": _event_log_denied,
        }
    )


@cache
def handlers_without_hyper_v_rights() -> Mapping[str, Handler]:
    """Return the handlers for an account without any rights on Hyper-V."""
    hyper_v = dict.fromkeys(_of_modules({"Hyper-V"}), _not_authorized)
    return MappingProxyType({**hyper_v_administrator_handlers(), **hyper_v})


def _changing(modules: Collection[str]) -> Iterator[str]:
    names = _of_modules(modules)
    return (name for name in names if name.partition("-")[0] not in _READING_VERBS)


def _of_modules(modules: Collection[str]) -> Iterator[str]:
    return (name for name in handlers() if _module(name) in modules)


def _module(name: str) -> str:
    command = signature(name)
    return command.module if command else ""
