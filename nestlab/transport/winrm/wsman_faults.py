"""Faults of the WS-Management service: what they mean, and what to do on the host."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nestlab.errors import AccessDenied, NestlabError, UsageError
from nestlab.model.powershell_text import quoted
from nestlab.texts import tr, translate
from nestlab.transport.winrm.library_errors import Attempt, service_error, session_error
from nestlab.transport.winrm.listener_commands import ELEVATED


def _access(attempt: Attempt, _reason: str) -> NestlabError:
    message = tr(
        "{account} may not use the session configuration {configuration} of {server}.",
        account=attempt.username or tr("This account"),
        configuration=attempt.configuration_name,
        server=attempt.server,
    )
    hint = tr(
        "{elevated} Add-LocalGroupMember -Group 'Remote Management Users','Hyper-V Administrators' -Member user, or see who is allowed: Get-PSSessionConfiguration -Name {configuration} | Select-Object Permission",
        elevated=translate(ELEVATED),
        configuration=quoted(attempt.configuration_name),
    )
    return AccessDenied(attempt.host, message, hint=hint)


def _no_configuration(attempt: Attempt, _reason: str) -> NestlabError:
    message = tr(
        "{server} has no session configuration {configuration!r}.",
        server=attempt.server,
        configuration=attempt.configuration_name,
    )
    hint = tr(
        "{elevated} Get-PSSessionConfiguration | Select-Object Name lists those that exist, and Register-PSSessionConfiguration -Name {configuration} -Path '<file>.pssc' registers one. Without configuration_name the default one is used.",
        elevated=translate(ELEVATED),
        configuration=quoted(attempt.configuration_name),
    )
    return UsageError(message, hint=hint)


def _quota(attempt: Attempt, reason: str) -> NestlabError:
    message = tr(
        "{server} refuses to open more shells for {account}: {reason}",
        server=attempt.server,
        account=attempt.username or tr("this account"),
        reason=reason,
    )
    hint = tr(
        "Close other sessions, or wait until they time out. {elevated} Set-Item WSMan:\\localhost\\Shell\\MaxShellsPerUser 60; Restart-Service WinRM",
        elevated=translate(ELEVATED),
    )
    return service_error(attempt, message, hint)


def _slow(attempt: Attempt, reason: str) -> NestlabError:
    return service_error(
        attempt,
        tr("{server} did not finish in time: {reason}", server=attempt.server, reason=reason),
        tr("Try again; to allow more time: connect(..., operation_timeout=60)."),
    )


def _gone(attempt: Attempt, _reason: str) -> NestlabError:
    return session_error(tr("its shell no longer exists (the host or WinRM restarted)."), attempt)


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
    ("access is denied", _access),  # not shown
    ("session configuration", _no_configuration),  # not shown
    ("maximum number of concurrent", _quota),  # not shown
    ("exceeded the maximum", _quota),  # not shown
)


def fault(error: Any, attempt: Attempt) -> NestlabError:
    """Translate a fault of the WS-Management service, by its number or else by its text."""
    reason = (error.reason or "").strip()
    handler = _FAULTS.get(error.code) if isinstance(error.code, int) else None
    for phrase, explain in _FAULT_TEXTS:
        handler = handler or (explain if phrase in reason.lower() else None)
    if handler:
        return handler(attempt, reason)
    return session_error(f"{reason or tr('a fault without a message')} ({error.code}).", attempt)
