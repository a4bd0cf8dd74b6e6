"""Every error of the libraries below, as one of ours: the host, the cause, and the way out.

No exception of ours keeps one of theirs: a requests exception holds its request, and that the logon header.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nestlab.errors import AccessDenied, Cancelled, HostError, HostUnreachable, NestlabError, SessionBroken, UsageError

_MAY_HAVE = "What ran when it happened may or may not have taken effect: plan again, and apply what is left."
_ELEVATED = "On the host, in an elevated Windows PowerShell:"
_HTTPS_LISTENER = (
    f"{_ELEVATED} $c = New-SelfSignedCertificate -DnsName $env:COMPUTERNAME -CertStoreLocation Cert:\\LocalMachine\\My; "
    "New-Item WSMan:\\localhost\\Listener -Transport HTTPS -Address * -CertificateThumbPrint $c.Thumbprint -Force; "
    "New-NetFirewallRule -DisplayName 'WinRM HTTPS' -Direction Inbound -Protocol TCP -LocalPort 5986 -Action Allow"
)
_ADDRESSES = re.compile(r" object at 0x[0-9a-fA-F]+")


@dataclass(frozen=True)
class Attempt:
    """What was tried when it failed; nothing in it is secret."""

    host: str
    server: str
    port: int
    tls: bool
    auth: str
    username: str = ""
    configuration_name: str = ""
    running: str = ""

    @property
    def scheme(self) -> str:
        """``winrms`` or ``winrm``."""
        return "winrms" if self.tls else "winrm"


Translation = Callable[[Any, Attempt], NestlabError]


def translate(error: Exception, attempt: Attempt) -> NestlabError:
    """Return our error for one of theirs; one of ours is returned as it is."""
    if isinstance(error, NestlabError):
        return error
    for kind in type(error).__mro__:
        translation = TRANSLATIONS.get(f"{kind.__module__}.{kind.__qualname__}")
        if translation is not None:
            return translation(error, attempt)
    return _broken(f"{type(error).__name__}: {_words(error)}", attempt)


def call(function: Callable[[], Any], attempt: Attempt) -> Any:
    """Call the function; an error of the libraries below becomes one of ours, without a way back to theirs."""
    try:
        return function()
    except Cancelled:
        raise
    except Exception as error:  # noqa: BLE001  # every error is translated, none is swallowed
        problem = translate(error, attempt)
    # Raised outside the handler, so that no __context__ leads to a request and its logon header.
    raise problem


def _words(error: BaseException) -> str:
    return _ADDRESSES.sub("", str(error)).replace("<", "").replace(">", "").strip() or type(error).__name__


def _broken(cause: str, attempt: Attempt) -> HostError:
    if not attempt.running:
        return HostUnreachable(attempt.host, f"No session to {attempt.host}: {cause}", hint=_first_check(attempt))
    message = f"The session to {attempt.host} broke while {attempt.running} ran: {cause}"
    return SessionBroken(attempt.host, message, hint=_MAY_HAVE)


def _first_check(attempt: Attempt) -> str:
    enable = _HTTPS_LISTENER if attempt.tls else f"{_ELEVATED} Enable-PSRemoting -Force"
    return f"Is WinRM on, and does the firewall let port {attempt.port} through? {enable}"


def _connection(error: Any, attempt: Attempt) -> NestlabError:
    text = _words(error)
    lowered = text.lower()
    if "resolve" in lowered or "getaddrinfo" in lowered or "name or service not known" in lowered:
        hint = "Check the spelling, or use the host's address; `Resolve-DnsName` on this machine must find it."
        return HostUnreachable(attempt.host, f"No machine is called {attempt.server}.", hint=hint)
    if attempt.running:
        return _broken("the connection was lost.", attempt)
    if "refused" in lowered or "10061" in lowered:
        return HostUnreachable(attempt.host, f"{attempt.server} refuses connections on port {attempt.port}.", hint=_first_check(attempt))
    if "unreachable" in lowered or "no route" in lowered:
        return HostUnreachable(attempt.host, f"There is no way to {attempt.server} from here.", hint="Check network, VPN and address.")
    return HostUnreachable(attempt.host, f"{attempt.server} closed the connection on port {attempt.port}.", hint=_first_check(attempt))


def _certificate(error: Any, attempt: Attempt) -> NestlabError:
    text = _words(error)
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
            "Export the certificate of its authority (or the self-signed one) on the host and name the file: connect(..., ca='ca.pem'). "
            "On the host: Get-ChildItem Cert:\\LocalMachine\\My | Select-Object -First 1 | Export-Certificate -FilePath ca.cer; certutil -encode ca.cer ca.pem"
        )
        return HostUnreachable(attempt.host, message, hint=hint)
    if "wrong_version_number" in lowered or "record layer failure" in lowered or "unknown protocol" in lowered:
        message = f"Port {attempt.port} of {attempt.server} does not speak TLS."
        return HostUnreachable(
            attempt.host, message, hint=f"Use winrm://{attempt.server} (port 5985, sealed messages). Or: {_HTTPS_LISTENER}"
        )
    if attempt.running:
        return _broken("the TLS connection was lost.", attempt)
    return HostUnreachable(attempt.host, f"No TLS connection to {attempt.server}: {text[:200]}", hint=_first_check(attempt))


def _timeout(_error: Any, attempt: Attempt) -> NestlabError:
    if attempt.running:
        return _broken("it did not answer in time.", attempt)
    message = f"{attempt.server} does not answer on port {attempt.port}."
    return HostUnreachable(attempt.host, message, hint=f"Is it on, and reachable from here? {_first_check(attempt)}")


def _refused(error: Any, attempt: Attempt) -> NestlabError:
    text = _words(error)
    if "actual:" in text:
        offered = re.sub(r"(?i)\s*realm=\"?wsman\"?", "", text.partition("actual:")[2]).strip(" '") or "none"
        message = f"{attempt.server} does not offer {attempt.auth} logon (it offers: {offered})."
        return AccessDenied(attempt.host, message, hint=_enable(attempt.auth))
    return _wrong_password(attempt)


def _enable(auth: str) -> str:
    commands = {
        "basic": "Set-Item WSMan:\\localhost\\Service\\Auth\\Basic $true",
        "certificate": "Set-Item WSMan:\\localhost\\Service\\Auth\\Certificate $true",
        "credssp": "Enable-WSManCredSSP -Role Server -Force",
        "kerberos": "Set-Item WSMan:\\localhost\\Service\\Auth\\Kerberos $true",
    }
    command = commands.get(auth, "Set-Item WSMan:\\localhost\\Service\\Auth\\Negotiate $true")
    return f"{_ELEVATED} {command}. Or connect with another auth."


def _wrong_password(attempt: Attempt) -> NestlabError:
    who = attempt.username or "this account"
    if attempt.auth == "certificate":
        message = f"{attempt.server} does not let the client certificate in."
        hint = f"{_ELEVATED} map it to an account: New-Item WSMan:\\localhost\\ClientCertificate -Subject ... -Issuer ... -Credential (Get-Credential) -Force"
        return AccessDenied(attempt.host, message, hint=hint)
    message = f"{attempt.server} does not let {who} in: wrong user name or password, or the account may not log on."
    hint = (
        "Write a domain account as DOMAIN\\user or user@domain, a local one as HOSTNAME\\user. "
        f"{_ELEVATED} Add-LocalGroupMember -Group 'Remote Management Users' -Member user; in a workgroup, NTLM must be allowed "
        "(auth='ntlm' or 'negotiate') and, for clients that are Windows' own, the host must be in TrustedHosts: "
        f"Set-Item WSMan:\\localhost\\Client\\TrustedHosts -Value {attempt.server} -Concatenate"
    )
    return AccessDenied(attempt.host, message, hint=hint)


def _http(error: Any, attempt: Attempt) -> NestlabError:
    code = int(error.code)
    if code in {401, 403}:
        return _wrong_password(attempt)
    if code == 404:  # noqa: PLR2004  # HTTP's own number
        hint = "The path must be /wsman, and the port that of WinRM: 5986 for winrms, 5985 for winrm."
        return HostUnreachable(attempt.host, f"Something answers on port {attempt.port} of {attempt.server}, but not WinRM.", hint=hint)
    if code == 503:  # noqa: PLR2004  # HTTP's own number
        message = f"The WinRM service of {attempt.server} is not available now."
        return _told(attempt, message, f"Try again in a minute. {_ELEVATED} Restart-Service WinRM")
    if code == 400:  # noqa: PLR2004  # HTTP's own number
        return _told(attempt, f"{attempt.server} could not open what was sent to it.", "The session is opened anew at the next try.")
    return _broken(f"HTTP status {code}.", attempt)


def _told(attempt: Attempt, message: str, hint: str) -> NestlabError:
    if attempt.running:
        return SessionBroken(attempt.host, f"{message} {attempt.running} was asked for.", hint=f"{hint} {_MAY_HAVE}")
    return HostUnreachable(attempt.host, message, hint=hint)


def _access(attempt: Attempt, _reason: str) -> NestlabError:
    message = (
        f"{attempt.username or 'This account'} may not use the session configuration {attempt.configuration_name} of {attempt.server}."
    )
    hint = (
        f"{_ELEVATED} Add-LocalGroupMember -Group 'Remote Management Users','Hyper-V Administrators' -Member user, or show who may: "
        f"Get-PSSessionConfiguration {attempt.configuration_name} | Select-Object Permission"
    )
    return AccessDenied(attempt.host, message, hint=hint)


def _no_configuration(attempt: Attempt, _reason: str) -> NestlabError:
    message = f"{attempt.server} has no session configuration {attempt.configuration_name!r}."
    hint = (
        f"{_ELEVATED} Get-PSSessionConfiguration | Select-Object Name shows what there is; "
        f"`nestlab export --to jea` writes one, Register-PSSessionConfiguration -Name {attempt.configuration_name} -Path <file>.pssc makes it known."
    )
    return UsageError(message, hint=hint)


def _quota(attempt: Attempt, reason: str) -> NestlabError:
    message = f"{attempt.server} opens no more shells for {attempt.username or 'this account'}: {reason}"
    hint = f"Close other sessions, or wait until they time out. {_ELEVATED} Set-Item WSMan:\\localhost\\Shell\\MaxShellsPerUser 60; Restart-Service WinRM"
    return _told(attempt, message, hint)


def _slow(attempt: Attempt, reason: str) -> NestlabError:
    return _told(
        attempt, f"{attempt.server} did not finish in time: {reason}", "Try again; a longer time is connect(..., operation_timeout=60)."
    )


def _gone(attempt: Attempt, _reason: str) -> NestlabError:
    return _broken("its shell is gone (the host restarted, or WinRM did).", attempt)


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

_FAULT_WORDS: tuple[tuple[str, Callable[[Attempt, str], NestlabError]], ...] = (
    ("access is denied", _access),
    ("session configuration", _no_configuration),
    ("maximum number of concurrent", _quota),
    ("exceeded the maximum", _quota),
)


def _fault(error: Any, attempt: Attempt) -> NestlabError:
    reason = (error.reason or "").strip()
    handler = _FAULTS.get(error.code) if isinstance(error.code, int) else None
    for words, other in _FAULT_WORDS:
        handler = handler or (other if words in reason.lower() else None)
    return handler(attempt, reason) if handler else _broken(f"{reason or 'a fault without words'} ({error.code}).", attempt)


def _other(error: Any, attempt: Attempt) -> NestlabError:
    return _broken(_words(error)[:300], attempt)


def _logon(error: Any, attempt: Attempt) -> NestlabError:
    text = _words(error)
    lowered = text.lower()
    if (
        "no credential" in lowered
        or "no username" in lowered
        or "ccache" in lowered
        or "not available" in lowered
        or "no kerberos" in lowered
    ):
        message = f"There is no account to log on to {attempt.server} with {attempt.auth}: {text[:200]}"
        hint = "Give username and password; for Kerberos install nestlab[kerberos] and get a ticket with kinit, or log on to the domain."
        return AccessDenied(attempt.host, message, hint=hint)
    return _wrong_password(attempt)


def _bad_option(error: Any, attempt: Attempt) -> NestlabError:
    return UsageError(f"{attempt.host} cannot be opened like this: {_words(error)}", hint="See help(nestlab.connect).")


def _missing_library(error: Any, attempt: Attempt) -> NestlabError:
    extra = "credssp" if "credssp" in str(error).lower() else "kerberos"
    return UsageError(f"{attempt.auth} logon needs a library that is not installed.", hint=f"pip install nestlab[{extra}]")


def _os_error(error: Any, attempt: Attempt) -> NestlabError:
    text = _words(error)
    if "certificate bundle" in text or "TLS key file" in text or "TLS certificate" in text or isinstance(error, FileNotFoundError):
        return UsageError(f"A certificate file cannot be read: {text}", hint="Check the path; the file must be in PEM form.")
    return _connection(error, attempt)


def _requests(name: str) -> str:
    return f"requests.exceptions.{name}"


TRANSLATIONS: Mapping[str, Translation] = {
    "pypsrp.exceptions.WinRMError": _other,
    "pypsrp.exceptions.AuthenticationError": _refused,
    "pypsrp.exceptions.WinRMTransportError": _http,
    "pypsrp.exceptions.WSManFaultError": _fault,
    "pypsrp.exceptions._InvalidStateError": _other,
    "pypsrp.exceptions.InvalidRunspacePoolStateError": _other,
    "pypsrp.exceptions.InvalidPipelineStateError": _other,
    "pypsrp.exceptions.InvalidPSRPOperation": _other,
    "pypsrp.exceptions.FragmentError": _other,
    "pypsrp.exceptions.SerializationError": _other,
    "pypsrp._pool_manager.NewConnectionDisabled": _connection,
    **{
        _requests(name): _other
        for name in ("RequestException", "HTTPError", "TooManyRedirects", "StreamConsumedError", "UnrewindableBodyError")
    },
    **{_requests(name): _other for name in ("InvalidJSONError", "JSONDecodeError", "ContentDecodingError")},
    **{_requests(name): _connection for name in ("ConnectionError", "ChunkedEncodingError", "RetryError", "ProxyError")},
    **{_requests(name): _timeout for name in ("Timeout", "ConnectTimeout", "ReadTimeout")},
    **{
        _requests(name): _bad_option
        for name in ("URLRequired", "MissingSchema", "InvalidSchema", "InvalidURL", "InvalidProxyURL", "InvalidHeader")
    },
    _requests("SSLError"): _certificate,
    "requests_credssp.exceptions.AuthenticationException": _refused,
    "requests_credssp.exceptions.InvalidConfigurationException": _bad_option,
    "requests_credssp.exceptions.NTStatusException": _logon,
    "spnego.exceptions.FeatureMissingError": _logon,
    "spnego.exceptions.NativeError": _logon,
    "spnego.exceptions.SpnegoError": _logon,
    **{
        f"spnego.exceptions.{name}": _logon
        for name in (
            "BadBindingsError",
            "BadMICError",
            "BadMechanismError",
            "BadNameError",
            "ContextExpiredError",
            "CredentialsExpiredError",
            "InvalidCredentialError",
            "InvalidTokenError",
            "NoContextError",
            "NoCredentialError",
            "OperationNotAvailableError",
            "UnsupportedQop",
        )
    },
    "urllib3.exceptions.HTTPError": _connection,
    "ssl.SSLError": _certificate,
    "builtins.ImportError": _missing_library,
    "builtins.ValueError": _bad_option,
    "builtins.OSError": _os_error,
}
"""Full names, so that the libraries need not be loaded; a test fails where one of their exceptions is not here."""
