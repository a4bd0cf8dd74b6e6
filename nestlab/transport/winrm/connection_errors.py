"""Translates the errors of connections: names, ports, proxies, TLS and time limits."""

from __future__ import annotations

from typing import Any

from nestlab.errors import HostUnreachable, NestlabError, UsageError
from nestlab.texts import tr
from nestlab.transport.winrm.library_errors import Attempt, error_text, first_check, session_error
from nestlab.transport.winrm.listener_commands import HTTPS_PORT, listener_commands

_NOT_RESOLVED = ("resolve", "getaddrinfo", "name or service not known")  # not shown
_NO_ROUTE = ("unreachable", "no route")  # not shown
_OTHER_NAME = ("mismatch", "doesn't match", "not valid for")  # not shown
_NOT_TRUSTED = ("certificate_verify_failed", "verify failed")  # not shown
_NO_TLS = ("wrong_version_number", "record layer failure", "unknown protocol")  # not shown
_NO_FILE = ("certificate bundle", "TLS key file", "TLS certificate")  # not shown


def connection_error(error: Any, attempt: Attempt) -> NestlabError:
    """Translate a connection that was refused or reset, or whose host was not found."""
    text = error_text(error).lower()
    if attempt.proxy and not attempt.running:
        return _proxy_error(attempt)
    if _has(text, _NOT_RESOLVED):
        message = tr("The host name {server} cannot be resolved.", server=attempt.server)
        hint = tr(
            "Check the spelling, or use the host's address; `Resolve-DnsName` on this machine must find it."
        )
        return HostUnreachable(attempt.host, message, hint=hint)
    if attempt.running:
        return session_error(tr("the connection was lost."), attempt)
    server, port = attempt.server, attempt.port
    if "refused" in text or "10061" in text:
        message = tr("{server} refuses connections on port {port}.", server=server, port=port)
        return HostUnreachable(attempt.host, message, hint=first_check(attempt))
    if _has(text, _NO_ROUTE):
        message = tr("There is no route to {server}.", server=server)
        return HostUnreachable(attempt.host, message, hint=tr("Check network, VPN and address."))
    message = tr("{server} closed the connection on port {port}.", server=server, port=port)
    return HostUnreachable(attempt.host, message, hint=first_check(attempt))


def _proxy_error(attempt: Attempt) -> NestlabError:
    message = tr(
        "The proxy {proxy} did not connect to {server} on port {port}.",
        proxy=attempt.proxy,
        server=attempt.server,
        port=attempt.port,
    )
    hint = tr(
        "Leave proxy= out if the host can be reached directly. Does the proxy allow CONNECT to port {port}?",
        port=attempt.port,
    )
    return HostUnreachable(attempt.host, message, hint=hint)


def tls_error(error: Any, attempt: Attempt) -> NestlabError:
    """Translate an error of TLS, such as a certificate that is not trusted."""
    text = error_text(error)
    lowered, server = text.lower(), attempt.server
    if _has(lowered, _OTHER_NAME):
        message = tr("The certificate of {server} is for another name.", server=server)
        hint = tr(
            "Connect by the name in the certificate. See it on the host: Get-ChildItem Cert:\\LocalMachine\\My | Select-Object Subject, DnsNameList, Thumbprint"
        )
        return HostUnreachable(attempt.host, message, hint=hint)
    if _has(lowered, _NOT_TRUSTED):
        message = (
            tr("The certificate of {server} has expired.", server=server)
            if "expired" in lowered
            else tr("The certificate of {server} is not trusted here.", server=server)
        )
        hint = tr(
            "Export its CA certificate (or the self-signed one) on the host and pass the file: connect(..., ca='ca.pem'). On the host: Get-ChildItem Cert:\\LocalMachine\\My | Select-Object -First 1 | Export-Certificate -FilePath ca.cer; certutil -encode ca.cer ca.pem"
        )
        return HostUnreachable(attempt.host, message, hint=hint)
    if _has(lowered, _NO_TLS):
        message = tr("Port {port} of {server} does not use TLS.", port=attempt.port, server=server)
        hint = tr(
            "Use winrm://{server} (port 5985, encrypted messages). Or winrms://{server}, after: {commands}",
            server=server,
            commands=listener_commands(HTTPS_PORT, tls=True),
        )
        return HostUnreachable(attempt.host, message, hint=hint)
    if attempt.running:
        return session_error(tr("the TLS connection was lost."), attempt)
    message = tr("No TLS connection to {server}: {reason}", server=server, reason=text[:200])
    return HostUnreachable(attempt.host, message, hint=first_check(attempt))


def timeout_error(_error: Any, attempt: Attempt) -> NestlabError:
    """Translate a timeout."""
    if attempt.running:
        return session_error(tr("it did not answer in time."), attempt)
    message = tr(
        "{server} does not answer on port {port}.", server=attempt.server, port=attempt.port
    )
    hint = tr("Is it on, and reachable from here? {check}", check=first_check(attempt))
    return HostUnreachable(attempt.host, message, hint=hint)


def os_error(error: Any, attempt: Attempt) -> NestlabError:
    """Translate an error of the operating system: a file, or a socket."""
    text = error_text(error)
    if _has(text, _NO_FILE) or isinstance(error, FileNotFoundError):
        return UsageError(
            tr("A certificate file cannot be read: {reason}", reason=text),
            hint=tr("Check the path; the file must be in PEM format."),
        )
    return connection_error(error, attempt)


def _has(text: str, words: tuple[str, ...]) -> bool:
    return any(word in text for word in words)
