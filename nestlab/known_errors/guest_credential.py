"""Whether an error means that a guest rejected its credential."""

from __future__ import annotations

from nestlab.model import ErrorRecord

_ID = "PSSessionStateBroken"
_EXCEPTION = "PSDirectException"


def is_refused_credential(error: ErrorRecord) -> bool:
    """Return whether PowerShell Direct failed because the guest rejected the user name or password.

    The error id and the type of the exception decide, in every language of Windows: PowerShell
    throws PSDirectException in its credential exchange only. A guest that is still starting has the
    same id with another type.

    Source: Invoke-Command in PowerShell/PowerShell, which reports the inner PSDirectException in
    place of the outer exception.

    >>> direct = "System.Management.Automation.Remoting.PSDirectException"
    >>> command = "PSSessionStateBroken,Microsoft.PowerShell.Commands.InvokeCommandCommand"
    >>> is_refused_credential(ErrorRecord("Nicht gültig.", "OpenError", command, "HV1", direct))
    True
    """
    return error.error_id == _ID and error.exception_type.rpartition(".")[2] == _EXCEPTION
