"""Faults of the WS-Management service: what they mean, and what to do on the host."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nestlab.errors import AccessDenied, NestlabError, UsageError
from nestlab.model.powershell_text import quoted
from nestlab.transport.winrm.library_errors import Attempt, service_error, session_error
from nestlab.transport.winrm.listener_commands import ELEVATED


def _access(attempt: Attempt, _reason: str) -> NestlabError:
    message = f"{attempt.username or 'This account'} may not use the session configuration {attempt.configuration_name} of {attempt.server}."
    hint = (
        f"{ELEVATED} Add-LocalGroupMember -Group 'Remote Management Users','Hyper-V Administrators' -Member user, or see who is allowed: "
        f"Get-PSSessionConfiguration -Name {quoted(attempt.configuration_name)} | Select-Object Permission"
    )
    return AccessDenied(attempt.host, message, hint=hint)


def _no_configuration(attempt: Attempt, _reason: str) -> NestlabError:
    message = f"{attempt.server} has no session configuration {attempt.configuration_name!r}."
    hint = (
        f"{ELEVATED} Get-PSSessionConfiguration | Select-Object Name lists those that exist, and "
        f"Register-PSSessionConfiguration -Name {quoted(attempt.configuration_name)} -Path '<file>.pssc' registers one. "
        "Without configuration_name the default one is used."
    )
    return UsageError(message, hint=hint)


def _quota(attempt: Attempt, reason: str) -> NestlabError:
    message = f"{attempt.server} refuses to open more shells for {attempt.username or 'this account'}: {reason}"
    hint = f"Close other sessions, or wait until they time out. {ELEVATED} Set-Item WSMan:\\localhost\\Shell\\MaxShellsPerUser 60; Restart-Service WinRM"
    return service_error(attempt, message, hint)


def _slow(attempt: Attempt, reason: str) -> NestlabError:
    return service_error(
        attempt,
        f"{attempt.server} did not finish in time: {reason}",
        "Try again; to allow more time: connect(..., operation_timeout=60).",
    )


def _gone(attempt: Attempt, _reason: str) -> NestlabError:
    return session_error("its shell no longer exists (the host or WinRM restarted).", attempt)


_FAULTS: Mapping[int, Callable[[Attempt, str], NestlabError]] = {
    5: _access,
    995: _gone,
    2150858793: _slow,
    2150858843: _gone,
    2150858844: _gone,
    2150859173: _quota,
    2150859174: _quota,
    2150859195: _no_configuration,
}
"""Numbers of WSManFault: MS-WSMV 2.2.4.43 and winerror/wsmerror.h."""

_FAULT_TEXTS: tuple[tuple[str, Callable[[Attempt, str], NestlabError]], ...] = (
    ("access is denied", _access),
    ("session configuration", _no_configuration),
    ("maximum number of concurrent", _quota),
    ("exceeded the maximum", _quota),
)


def fault(error: Any, attempt: Attempt) -> NestlabError:
    """Translate a fault of the WS-Management service, by its number or else by its text."""
    reason = (error.reason or "").strip()
    handler = _FAULTS.get(error.code) if isinstance(error.code, int) else None
    for phrase, explain in _FAULT_TEXTS:
        handler = handler or (explain if phrase in reason.lower() else None)
    return (
        handler(attempt, reason)
        if handler
        else session_error(f"{reason or 'a fault without a message'} ({error.code}).", attempt)
    )
