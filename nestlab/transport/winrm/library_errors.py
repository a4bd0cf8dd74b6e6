"""Translates the errors of pypsrp, requests and their libraries, with hints what to do."""

from __future__ import annotations

import re
from typing import Any

from nestlab.dataclass import dataclass
from nestlab.errors import (
    AccessDenied,
    HostError,
    HostUnreachable,
    NestlabError,
    SessionBroken,
    UsageError,
)
from nestlab.model.powershell_text import quoted
from nestlab.pattern import pattern
from nestlab.transport.psrp.channel import MAY_HAVE_TAKEN_EFFECT
from nestlab.transport.winrm.listener_commands import (
    ELEVATED,
    HTTP_PORT,
    HTTPS_PORT,
    listener_commands,
)

_ADDRESSES = pattern(r" object at 0x[0-9a-fA-F]+")


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
            f"The session to {attempt.host} could not be opened: {cause}",
            hint=_first_check(attempt),
        )
    message = f"The session to {attempt.host} was lost while {attempt.running} ran: {cause}"
    return SessionBroken(attempt.host, message, hint=MAY_HAVE_TAKEN_EFFECT)


def _first_check(attempt: Attempt) -> str:
    check = f"Is WinRM on, and does the firewall allow port {attempt.port}?"
    default = HTTPS_PORT if attempt.tls else HTTP_PORT
    if attempt.port != default:
        check = f"{check} The default port is {default}: leave :{attempt.port} out for that."
    elif not attempt.tls:
        return f"{check} {ELEVATED} Enable-PSRemoting -Force"
    return f"{check} {listener_commands(attempt.port, tls=attempt.tls)}"


def connection_error(error: Any, attempt: Attempt) -> NestlabError:
    """Translate a connection that was refused or reset, or whose host was not found."""
    text = error_text(error)
    lowered = text.lower()
    if attempt.proxy and not attempt.running:
        message = (
            f"The proxy {attempt.proxy} did not connect to {attempt.server} on port {attempt.port}."
        )
        hint = f"Leave proxy= out if the host can be reached directly. Does the proxy allow CONNECT to port {attempt.port}?"
        return HostUnreachable(attempt.host, message, hint=hint)
    if "resolve" in lowered or "getaddrinfo" in lowered or "name or service not known" in lowered:
        hint = "Check the spelling, or use the host's address; `Resolve-DnsName` on this machine must find it."
        return HostUnreachable(
            attempt.host, f"The host name {attempt.server} cannot be resolved.", hint=hint
        )
    if attempt.running:
        return session_error("the connection was lost.", attempt)
    if "refused" in lowered or "10061" in lowered:
        return HostUnreachable(
            attempt.host,
            f"{attempt.server} refuses connections on port {attempt.port}.",
            hint=_first_check(attempt),
        )
    if "unreachable" in lowered or "no route" in lowered:
        return HostUnreachable(
            attempt.host,
            f"There is no route to {attempt.server}.",
            hint="Check network, VPN and address.",
        )
    return HostUnreachable(
        attempt.host,
        f"{attempt.server} closed the connection on port {attempt.port}.",
        hint=_first_check(attempt),
    )


def tls_error(error: Any, attempt: Attempt) -> NestlabError:
    """Translate an error of TLS, such as a certificate that is not trusted."""
    text = error_text(error)
    lowered = text.lower()
    if "mismatch" in lowered or "doesn't match" in lowered or "not valid for" in lowered:
        message = f"The certificate of {attempt.server} is for another name."
        hint = (
            "Connect by the name in the certificate. See it on the host: "
            "Get-ChildItem Cert:\\LocalMachine\\My | Select-Object Subject, DnsNameList, Thumbprint"
        )
        return HostUnreachable(attempt.host, message, hint=hint)
    if "certificate_verify_failed" in lowered or "verify failed" in lowered:
        reason = "has expired" if "expired" in lowered else "is not trusted here"
        message = f"The certificate of {attempt.server} {reason}."
        hint = (
            "Export its CA certificate (or the self-signed one) on the host and pass the file: connect(..., ca='ca.pem'). "
            "On the host: Get-ChildItem Cert:\\LocalMachine\\My | Select-Object -First 1 | Export-Certificate -FilePath ca.cer; certutil -encode ca.cer ca.pem"
        )
        return HostUnreachable(attempt.host, message, hint=hint)
    if (
        "wrong_version_number" in lowered
        or "record layer failure" in lowered
        or "unknown protocol" in lowered
    ):
        message = f"Port {attempt.port} of {attempt.server} does not use TLS."
        return HostUnreachable(
            attempt.host,
            message,
            hint=f"Use winrm://{attempt.server} (port 5985, encrypted messages). Or winrms://{attempt.server}, after: {listener_commands(HTTPS_PORT, tls=True)}",
        )
    if attempt.running:
        return session_error("the TLS connection was lost.", attempt)
    return HostUnreachable(
        attempt.host,
        f"No TLS connection to {attempt.server}: {text[:200]}",
        hint=_first_check(attempt),
    )


def timeout_error(_error: Any, attempt: Attempt) -> NestlabError:
    """Translate a timeout."""
    if attempt.running:
        return session_error("it did not answer in time.", attempt)
    message = f"{attempt.server} does not answer on port {attempt.port}."
    return HostUnreachable(
        attempt.host, message, hint=f"Is it on, and reachable from here? {_first_check(attempt)}"
    )


def authentication_error(error: Any, attempt: Attempt) -> NestlabError:
    """Translate a logon that failed, or whose method the host does not offer."""
    text = error_text(error)
    if "actual:" in text:
        offered = (
            re.sub(r"(?i)\s*realm=\"?wsman\"?", "", text.partition("actual:")[2]).strip(" '")
            or "none"
        )
        message = f"{attempt.server} does not offer {attempt.auth} logon (it offers: {offered})."
        return AccessDenied(attempt.host, message, hint=_enable(attempt.auth))
    return _access_denied(attempt)


def _enable(auth: str) -> str:
    commands = {
        "basic": "Set-Item WSMan:\\localhost\\Service\\Auth\\Basic $true",
        "certificate": "Set-Item WSMan:\\localhost\\Service\\Auth\\Certificate $true",
        "credssp": "Enable-WSManCredSSP -Role Server -Force",
        "kerberos": "Set-Item WSMan:\\localhost\\Service\\Auth\\Kerberos $true",
    }
    command = commands.get(auth, "Set-Item WSMan:\\localhost\\Service\\Auth\\Negotiate $true")
    return f"{ELEVATED} {command}. Or connect with another auth."


def _access_denied(attempt: Attempt) -> NestlabError:
    """Return the error for an account, or a client certificate, that the host refuses."""
    who = attempt.username or "this account"
    if attempt.auth == "certificate":
        message = f"{attempt.server} refuses the client certificate."
        hint = f"{ELEVATED} map it to an account: New-Item -Path WSMan:\\localhost\\ClientCertificate -Subject '<user>@localhost' -URI * -Issuer '<thumbprint of its issuer>' -Credential (Get-Credential) -Force"
        return AccessDenied(attempt.host, message, hint=hint)
    message = f"{attempt.server} refuses {who}: wrong user name or password, or the account may not log on."
    hint = (
        "Write a domain account as DOMAIN\\user or user@domain, a local one as HOSTNAME\\user. "
        f"{ELEVATED} Add-LocalGroupMember -Group 'Remote Management Users' -Member user. In a workgroup, NTLM must be allowed "
        "(auth='ntlm' or 'negotiate'); on this computer, for Windows' own clients, add the host to TrustedHosts: "
        f"Set-Item WSMan:\\localhost\\Client\\TrustedHosts -Value {quoted(attempt.server)} -Concatenate"
    )
    return AccessDenied(attempt.host, message, hint=hint)


def http_error(error: Any, attempt: Attempt) -> NestlabError:
    """Translate a bare HTTP status."""
    code = int(error.code)
    if code in {401, 403}:
        return _access_denied(attempt)
    if code == 404:  # noqa: PLR2004  # HTTP's own number
        return HostUnreachable(
            attempt.host,
            f"Something answers on port {attempt.port} of {attempt.server}, but not WinRM.",
            hint="Check the port: 5986 for winrms, 5985 for winrm.",
        )
    if code == 503:  # noqa: PLR2004  # HTTP's own number
        message = f"The WinRM service of {attempt.server} is not available now."
        return service_error(
            attempt, message, f"Try again in a minute. {ELEVATED} Restart-Service WinRM"
        )
    if code == 400:  # noqa: PLR2004  # HTTP's own number
        return service_error(
            attempt,
            f"{attempt.server} could not decrypt a message.",
            "Try again; that opens a new session.",
        )
    return session_error(f"HTTP status {code}.", attempt)


def service_error(attempt: Attempt, message: str, hint: str) -> NestlabError:
    """Return the error for a WinRM service that answered with a failure.

    Whether the cmdlets ran is not known.
    """
    if attempt.running:
        return SessionBroken(
            attempt.host,
            f"{message} The request was {attempt.running}.",
            hint=f"{hint} {MAY_HAVE_TAKEN_EFFECT}",
        )
    return HostUnreachable(attempt.host, message, hint=hint)


def unspecific_error(error: Any, attempt: Attempt) -> NestlabError:
    """Translate an error without specific advice."""
    return session_error(error_text(error)[:300], attempt)


def logon_error(error: Any, attempt: Attempt) -> NestlabError:
    """Translate an error of the security library."""
    text = error_text(error)
    lowered = text.lower()
    if (
        "no credential" in lowered
        or "no username" in lowered
        or "ccache" in lowered
        or "not available" in lowered
        or "no kerberos" in lowered
    ):
        message = f"There is no account to log on to {attempt.server} with {attempt.auth}."
        hint = (
            "Pass username and password, or set NESTLAB_CREDENTIAL_HOST=user:password; "
            "for Kerberos install nestlab[kerberos] and get a ticket with kinit, or log on to the domain."
        )
        return AccessDenied(attempt.host, message, hint=hint)
    return _access_denied(attempt)


def option_error(error: Any, attempt: Attempt) -> NestlabError:
    """Translate options that cannot be combined."""
    return UsageError(
        f"{attempt.host} cannot be opened with these options: {error_text(error)}",
        hint="See help(nestlab.connect).",
    )


def library_error(error: Any, attempt: Attempt) -> NestlabError:
    """Translate a library that is not installed."""
    extra = "credssp" if "credssp" in str(error).lower() else "kerberos"
    return UsageError(
        f"{attempt.auth} logon needs a library that is not installed.",
        hint=f"pip install nestlab[{extra}]",
    )


def os_error(error: Any, attempt: Attempt) -> NestlabError:
    """Translate an error of the operating system: a file, or a socket."""
    text = error_text(error)
    if (
        "certificate bundle" in text
        or "TLS key file" in text
        or "TLS certificate" in text
        or isinstance(error, FileNotFoundError)
    ):
        return UsageError(
            f"A certificate file cannot be read: {text}",
            hint="Check the path; the file must be in PEM format.",
        )
    return connection_error(error, attempt)
