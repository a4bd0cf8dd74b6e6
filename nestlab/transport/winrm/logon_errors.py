"""Translates the errors of logons, and answers of HTTP that are not from WinRM."""

from __future__ import annotations

import re
from typing import Any

from nestlab.errors import AccessDenied, HostUnreachable, NestlabError
from nestlab.model.powershell_text import quoted
from nestlab.texts import tr, translate
from nestlab.transport.winrm.library_errors import (
    Attempt,
    error_text,
    service_error,
    session_error,
)
from nestlab.transport.winrm.listener_commands import ELEVATED


def authentication_error(error: Any, attempt: Attempt) -> NestlabError:
    """Translate a logon that failed, or whose method the host does not offer."""
    text = error_text(error)
    if "actual:" in text:
        offered = re.sub(r"(?i)\s*realm=\"?wsman\"?", "", text.partition("actual:")[2]).strip(
            " '"
        ) or tr("none")
        message = tr(
            "{server} does not offer {auth} logon (it offers: {offered}).",
            server=attempt.server,
            auth=attempt.auth,
            offered=offered,
        )
        return AccessDenied(attempt.host, message, hint=_enable(attempt.auth))
    return access_denied(attempt)


def _enable(auth: str) -> str:
    commands = {
        "basic": "Set-Item WSMan:\\localhost\\Service\\Auth\\Basic $true",  # not shown
        "certificate": "Set-Item WSMan:\\localhost\\Service\\Auth\\Certificate $true",  # not shown
        "credssp": "Enable-WSManCredSSP -Role Server -Force",  # not shown
        "kerberos": "Set-Item WSMan:\\localhost\\Service\\Auth\\Kerberos $true",  # not shown
    }
    negotiate = "Set-Item WSMan:\\localhost\\Service\\Auth\\Negotiate $true"  # not shown
    command = commands.get(auth, negotiate)
    return tr(
        "{elevated} {command}. Or connect with another auth.",
        elevated=translate(ELEVATED),
        command=command,
    )


def access_denied(attempt: Attempt) -> NestlabError:
    """Return the error for an account, or a client certificate, that the host refuses."""
    if attempt.auth == "certificate":
        message = tr("{server} refuses the client certificate.", server=attempt.server)
        hint = tr(
            "{elevated} map it to an account: New-Item -Path WSMan:\\localhost\\ClientCertificate -Subject '<user>@localhost' -URI * -Issuer '<thumbprint of its issuer>' -Credential (Get-Credential) -Force",
            elevated=translate(ELEVATED),
        )
        return AccessDenied(attempt.host, message, hint=hint)
    message = tr(
        "{server} refuses {account}: wrong user name or password, or the account may not log on.",
        server=attempt.server,
        account=attempt.username or tr("this account"),
    )
    hint = tr(
        "Write a domain account as DOMAIN\\user or user@domain, a local one as HOSTNAME\\user. {elevated} Add-LocalGroupMember -Group 'Remote Management Users' -Member user. In a workgroup, NTLM must be allowed (auth='ntlm' or 'negotiate'); on this computer, for Windows' own clients, add the host to TrustedHosts: Set-Item WSMan:\\localhost\\Client\\TrustedHosts -Value {server} -Concatenate",
        elevated=translate(ELEVATED),
        server=quoted(attempt.server),
    )
    return AccessDenied(attempt.host, message, hint=hint)


def logon_error(error: Any, attempt: Attempt) -> NestlabError:
    """Translate an error of the security library."""
    text = error_text(error)
    lowered = text.lower()
    if (
        "no credential" in lowered  # not shown
        or "no username" in lowered  # not shown
        or "ccache" in lowered
        or "not available" in lowered  # not shown
        or "no kerberos" in lowered  # not shown
    ):
        message = tr(
            "There is no account to log on to {server} with {auth}.",
            server=attempt.server,
            auth=attempt.auth,
        )
        hint = tr(
            "Pass username and password, or set NESTLAB_CREDENTIAL_HOST=user:password; for Kerberos install nestlab[kerberos] and get a ticket with kinit, or log on to the domain."
        )
        return AccessDenied(attempt.host, message, hint=hint)
    return access_denied(attempt)


def http_error(error: Any, attempt: Attempt) -> NestlabError:
    """Translate a bare HTTP status."""
    code = int(error.code)
    if code in {401, 403}:
        return access_denied(attempt)
    if code == 404:  # noqa: PLR2004  # HTTP's own number
        return HostUnreachable(
            attempt.host,
            tr(
                "Something answers on port {port} of {server}, but not WinRM.",
                port=attempt.port,
                server=attempt.server,
            ),
            hint=tr("Check the port: 5986 for winrms, 5985 for winrm."),
        )
    if code == 503:  # noqa: PLR2004  # HTTP's own number
        message = tr("The WinRM service of {server} is not available now.", server=attempt.server)
        hint = tr(
            "Try again in a minute. {elevated} Restart-Service WinRM", elevated=translate(ELEVATED)
        )
        return service_error(attempt, message, hint)
    if code == 400:  # noqa: PLR2004  # HTTP's own number
        return service_error(
            attempt,
            tr("{server} could not decrypt a message.", server=attempt.server),
            tr("Try again; that opens a new session."),
        )
    return session_error(tr("HTTP status {code}.", code=code), attempt)
