"""The errors of cmdlets: texts, categories and fully qualified ids as Windows reports them."""

from __future__ import annotations

from nestlab.model import ErrorRecord
from nestlab.simulator.powershell.call import PowerShellError

HYPER_V = "Microsoft.HyperV.PowerShell.Commands."
VIRTUALIZATION_EXCEPTION = "Microsoft.HyperV.PowerShell.VirtualizationException"
CIM_EXCEPTION = "Microsoft.Management.Infrastructure.CimException"

WRONG_STATE = "The operation cannot be performed while the virtual machine is in its current state."
PARAMETER_INCORRECT = "The parameter is incorrect."

_CATEGORIES = {
    "InvalidParameter": "InvalidArgument",
    "ObjectNotFound": "ObjectNotFound",
    "AccessDenied": "PermissionDenied",
    "InvalidState": "InvalidOperation",
    "NotSupported": "InvalidOperation",
    "ObjectInUse": "ResourceBusy",
    "OutOfMemory": "FromStdErr",
    "OperationFailed": "NotSpecified",
    "Unspecified": "NotSpecified",
}


def hyper_v(cmdlet: str, error_id: str, text: str, target: str = "") -> PowerShellError:
    """Return the error of a cmdlet of the Hyper-V module; the category follows from the id.

    >>> hyper_v("Get-VM", "InvalidParameter", "No.").record.fully_qualified_error_id
    'InvalidParameter,Microsoft.HyperV.PowerShell.Commands.GetVM'
    """
    fully_qualified_id = f"{error_id},{HYPER_V}{cmdlet.replace('-', '')}"
    return PowerShellError(
        ErrorRecord(
            text, _CATEGORIES[error_id], fully_qualified_id, target, VIRTUALIZATION_EXCEPTION
        ),
        terminating=False,
    )


def vhd(cmdlet: str, error_id: str, text: str, target: str = "") -> PowerShellError:
    """Return the error of a VHD cmdlet."""
    fully_qualified_id = f"{error_id},Microsoft.Vhd.PowerShell.Cmdlets.{cmdlet.replace('-', '').capitalize().replace('vhd', 'Vhd')}"
    return PowerShellError(
        ErrorRecord(
            text, _CATEGORIES[error_id], fully_qualified_id, target, VIRTUALIZATION_EXCEPTION
        ),
        terminating=False,
    )


def cim(
    cmdlet: str, error_id: str, text: str, category: str = "InvalidArgument", target: str = ""
) -> PowerShellError:
    """Return the error of a CIM cmdlet: ``Windows System Error 87,New-NetNat``."""
    return PowerShellError(
        ErrorRecord(text, category, f"{error_id},{cmdlet}", target, CIM_EXCEPTION),
        terminating=False,
    )


def cim_not_found(
    cmdlet: str, cim_class: str, prop: str | None = None, value: str = ""
) -> PowerShellError:
    """Return the error of a CIM cmdlet whose query by `prop`, or for all objects, finds nothing."""
    if prop is None:
        query = f"SELECT * FROM {cim_class}"  # noqa: S608  # part of a message, never run
        text = f"No matching {cim_class} objects found by CIM query for instances of the ROOT/StandardCimv2/{cim_class} class on the  CIM server: {query}.  Verify query parameters and retry."
        error_id = "CmdletizationQuery_NotFound"
    else:
        text = f"No {cim_class} objects found with property '{prop}' equal to '{value}'.  Verify the value of the property and retry."
        error_id = f"CmdletizationQuery_NotFound_{prop}"
    record = ErrorRecord(
        text,
        "ObjectNotFound",
        f"{error_id},{cmdlet}",
        value,
        "Microsoft.PowerShell.Cmdletization.Cim.CimJobException",
    )
    return PowerShellError(record, terminating=False)


def generic(
    text: str, category: str, fully_qualified_id: str, target: str = "", exception: str = ""
) -> PowerShellError:
    """Return an error of a cmdlet of any other module."""
    return PowerShellError(
        ErrorRecord(text, category, fully_qualified_id, target, exception), terminating=False
    )


def not_authorized(cmdlet: str, computer: str) -> PowerShellError:
    """Return the error of a Hyper-V cmdlet whose account has no rights on Hyper-V."""
    text = (
        "You do not have the required permission to complete this task. "
        f"Contact the administrator of the authorization policy for the computer '{computer}'."
    )
    return hyper_v(cmdlet, "AccessDenied", text, computer)


def cim_access_denied(cmdlet: str) -> PowerShellError:
    """Return the error of a CIM cmdlet that needs a local Administrator."""
    return cim(cmdlet, "Windows System Error 5", "Access is denied.", "PermissionDenied", cmdlet)


def access_denied(cmdlet: str, target: str = "") -> PowerShellError:
    """Return the error of any other cmdlet that needs a local Administrator."""
    return generic(
        "Access is denied.",
        "PermissionDenied",
        f"AccessDenied,{cmdlet}",
        target,
        "System.UnauthorizedAccessException",
    )


def vmms_not_running(cmdlet: str, computer: str) -> PowerShellError:
    """Return the error of a Hyper-V cmdlet while the Virtual Machine Management service is down."""
    text = (
        f"Hyper-V encountered an error trying to access an object on computer '{computer}' because the object was not found. "
        "The object might have been deleted, or you might not have permission to perform the task. "
        "Verify that the Virtual Machine Management service on the computer is running. "
        "If the service is running, try to perform the task again by using Run as Administrator."
    )
    return hyper_v(cmdlet, "ObjectNotFound", text, computer)
