"""Translates the errors of pypsrp, requests and their libraries, with hints on what to do.

Those of connections are in `connection_errors`, those of logons in `logon_errors`.
"""

from __future__ import annotations

from typing import Any

from nestlab.dataclass import dataclass
from nestlab.errors import (
    HostError,
    HostUnreachable,
    NestlabError,
    SessionBroken,
    UsageError,
)
from nestlab.pattern import pattern
from nestlab.texts import tr, translate
from nestlab.transport.psrp.channel import MAY_HAVE_TAKEN_EFFECT
from nestlab.transport.winrm.listener_commands import (
    ELEVATED,
    HTTP_PORT,
    HTTPS_PORT,
    listener_commands,
)

_ADDRESSES = pattern(r" object at 0x[0-9a-fA-F]+")  # not shown


@dataclass(frozen=True)
class Attempt:
    """The connection and the cmdlets at the time of an error, without secrets."""

    host: str
    server: str
    port: int
    tls: bool
    auth: str
    username: str = ""
    configuration_name: str = ""
    running: str = ""
    proxy: str = ""


def error_text(error: BaseException) -> str:
    """Return the text of an error without the addresses of objects."""
    return (
        _ADDRESSES.sub("", str(error)).replace("<", "").replace(">", "").strip()
        or type(error).__name__
    )


def session_error(cause: str, attempt: Attempt) -> HostError:
    """Return the error for a session that could not be opened, or was lost."""
    if not attempt.running:
        return HostUnreachable(
            attempt.host,
            tr(
                "The session to {address} could not be opened: {cause}",
                address=attempt.host,
                cause=cause,
            ),
            hint=first_check(attempt),
        )
    message = tr(
        "The session to {address} was lost while {running} ran: {cause}",
        address=attempt.host,
        running=attempt.running,
        cause=cause,
    )
    return SessionBroken(attempt.host, message, hint=translate(MAY_HAVE_TAKEN_EFFECT))


def first_check(attempt: Attempt) -> str:
    """Return the hint to check the service, the firewall and the port of the host."""
    check = tr("Is WinRM on, and does the firewall allow port {port}?", port=attempt.port)
    default = HTTPS_PORT if attempt.tls else HTTP_PORT
    if attempt.port != default:
        check = tr(
            "Is WinRM on, and does the firewall allow port {port}? The default port is {default}: leave :{port} out for that.",
            default=default,
            port=attempt.port,
        )
    elif not attempt.tls:
        return f"{check} {translate(ELEVATED)} Enable-PSRemoting -Force"
    return f"{check} {listener_commands(attempt.port, tls=attempt.tls)}"


def service_error(attempt: Attempt, message: str, hint: str) -> NestlabError:
    """Return the error for a WinRM service that answered with a failure.

    Whether the cmdlets ran is not known.
    """
    if attempt.running:
        return SessionBroken(
            attempt.host,
            tr("{problem} The request was {running}.", problem=message, running=attempt.running),
            hint=f"{hint} {translate(MAY_HAVE_TAKEN_EFFECT)}",
        )
    return HostUnreachable(attempt.host, message, hint=hint)


def unspecific_error(error: Any, attempt: Attempt) -> NestlabError:
    """Translate an error without specific advice."""
    return session_error(error_text(error)[:300], attempt)


def option_error(error: Any, attempt: Attempt) -> NestlabError:
    """Translate options that cannot be combined."""
    return UsageError(
        tr(
            "{address} cannot be opened with these options: {reason}",
            address=attempt.host,
            reason=error_text(error),
        ),
        hint=tr("See help(nestlab.connect)."),
    )


def library_error(error: Any, attempt: Attempt) -> NestlabError:
    """Translate a library that is not installed."""
    extra = "credssp" if "credssp" in str(error).lower() else "kerberos"
    return UsageError(
        tr("{auth} logon needs a library that is not installed.", auth=attempt.auth),
        hint=f"pip install nestlab[{extra}]",  # not shown
    )
