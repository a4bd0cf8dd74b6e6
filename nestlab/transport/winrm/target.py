"""Where a host behind WinRM is and how to log on: the address and the options of `connect`."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nestlab.dataclass import dataclass, field, replace
from nestlab.errors import UsageError
from nestlab.pattern import pattern
from nestlab.texts import mark, tr, translate
from nestlab.transport import credentials
from nestlab.transport.credentials import Credential
from nestlab.transport.host_address import HostAddress, one_account, read_address
from nestlab.transport.psrp.channel import DEFAULT_CONFIGURATION
from nestlab.transport.winrm.library_errors import Attempt
from nestlab.transport.winrm.listener_commands import HTTP_PORT, HTTPS_PORT

if TYPE_CHECKING:
    from nestlab.transport.winrm.channel import WinrmChannel

PORTS: Mapping[str, int] = {"winrm": HTTP_PORT, "winrms": HTTPS_PORT}
AUTH_METHODS = ("negotiate", "kerberos", "ntlm", "basic", "credssp", "certificate")

_LOG = logging.getLogger("nestlab.transport")
_ENCRYPTING = frozenset({"negotiate", "kerberos", "ntlm", "credssp"})
_PROXY = pattern(r"https?://[^\s/@]+:\d{1,5}/?")
_HINT = mark("Write winrms://NAME or winrm://NAME, with :PORT if it is not the default.")
_TEXT_OPTIONS = (
    "username",
    "auth",
    "configuration_name",
    "ca",
    "certificate",
    "certificate_key",
    "credential",
    "proxy",
)


@dataclass(frozen=True)
class WinrmTarget:
    """Address and options of a session; the passwords are not in its repr."""

    server: str
    port: int
    tls: bool
    auth: str = "negotiate"
    username: str = ""
    password: str = field(default="", repr=False)
    configuration_name: str = DEFAULT_CONFIGURATION
    ca: str = ""
    verify: bool = True
    certificate: str = ""
    certificate_key: str = ""
    certificate_key_password: str = field(default="", repr=False)
    connection_timeout: int = 30
    operation_timeout: int = 20
    proxy: str = ""

    @property
    def address(self) -> str:
        """The address without secrets and defaults."""
        scheme = "winrms" if self.tls else "winrm"
        name = f"[{self.server}]" if ":" in self.server else self.server
        return f"{scheme}://{name}" + ("" if self.port == PORTS[scheme] else f":{self.port}")

    def attempt(self, running: str = "") -> Attempt:
        """Return the facts of this target for error messages."""
        return Attempt(
            self.address,
            self.server,
            self.port,
            self.tls,
            self.auth,
            self.username,
            self.configuration_name,
            running,
            self.proxy,
        )

    def channel(self) -> WinrmChannel:
        """Return a new channel to the host."""
        from nestlab.transport.winrm.channel import WinrmChannel  # noqa: PLC0415  # loads pypsrp

        return WinrmChannel(self)

    def secrets(self) -> tuple[str, ...]:
        """Return the texts that must never be shown or logged."""
        return tuple(filter(None, (self.password, self.certificate_key_password)))

    def wsman_options(self) -> dict[str, Any]:
        """Return the arguments of pypsrp's WSMan."""
        options: dict[str, Any] = {
            "port": self.port,
            "ssl": self.tls,
            "auth": self.auth,
            "username": self.username or None,
            "password": self.password or None,
            "cert_validation": self.ca or self.verify,
            # Over plain HTTP every message is encrypted, or nothing is sent.
            "encryption": "auto" if self.tls else "always",
            "connection_timeout": self.connection_timeout,
            "operation_timeout": self.operation_timeout,
            "read_timeout": self.operation_timeout + 10,
            # Windows' own remoting ignores proxies unless one is given, and so does nestlab.
            "proxy": self.proxy or None,
            "no_proxy": not self.proxy,
        }
        if self.auth == "certificate":
            password = self.certificate_key_password or None
            options |= {
                "certificate_pem": self.certificate,
                "certificate_key_pem": self.certificate_key,
                "certificate_key_password": password,
            }
        return options


def read_target(address: str, *, password: str | None = None, **options: Any) -> WinrmTarget:
    """Parse ``winrms://[USER@]HOST[:PORT][?ca=FILE&auth=…]`` and the options of `connect`.

    The password is looked up if none is given.

    Raises UnknownHost, UsageError, AccessDenied (no credential).
    """
    parts = read_address(address, hint=translate(_HINT), paths=("/wsman",))
    if parts.has_password:
        message = tr("An address must not contain a password: it would stay in histories and logs.")
        raise UsageError(
            message,
            hint=tr(
                "Pass it as password=, or set {variable}=user:password.",
                variable=credentials.environment_variable("host"),
            ),
        )
    given = _options(parts, {name: value for name, value in options.items() if value is not None})
    name = given.pop("credential", "")
    port = parts.port or PORTS[parts.scheme]
    target = WinrmTarget(parts.server.lower(), port, parts.scheme == "winrms", **given)
    _check(target)
    return _with_password(target, name, password)


def _options(parts: HostAddress, options: Mapping[str, Any]) -> dict[str, Any]:
    unknown = sorted(parts.options.keys() - set(_TEXT_OPTIONS)) + sorted(
        options.keys() - WinrmTarget.__dataclass_fields__.keys() - {"credential"}
    )
    if unknown:
        msg = tr(
            "{what} has no option {option!r}.", what=tr("A host over WinRM"), option=unknown[0]
        )
        raise UsageError(
            msg,
            hint=tr(
                "Options: {options}, verify, connection_timeout, operation_timeout.",
                options=", ".join(_TEXT_OPTIONS),
            ),
        )
    found = {**parts.options, **options}
    account = one_account(parts.account, found.get("username"))
    return found | ({"username": account} if account else {})


def _check(target: WinrmTarget) -> None:
    if target.proxy and not _PROXY.fullmatch(target.proxy):
        msg = tr("proxy= is not the address of a proxy.")
        raise UsageError(
            msg, hint=tr("Write proxy=http://HOST:PORT, without a user and a password.")
        )
    if target.auth not in AUTH_METHODS:
        msg = tr("auth={auth!r} is not an authentication method.", auth=target.auth)
        raise UsageError(msg, hint=tr("Choose one of {methods}.", methods=", ".join(AUTH_METHODS)))
    if not target.tls and target.auth not in _ENCRYPTING:
        message = tr(
            "{auth} logon over plain HTTP would expose the password or the messages to the network.",
            auth=target.auth,
        )
        raise UsageError(
            message,
            hint=tr(
                "Use winrms://{server}, or auth='negotiate', which encrypts its messages.",
                server=target.server,
            ),
        )
    if target.auth == "certificate" and not (target.certificate and target.certificate_key):
        msg = tr("Certificate logon needs certificate= and certificate_key=.")
        raise UsageError(msg, hint=tr("Both are paths of PEM files."))
    if target.tls and not target.verify:
        _LOG.warning(_not_verified(target))


def _not_verified(target: WinrmTarget) -> str:
    if target.auth == "basic":
        return tr(
            "The certificate of {server} is not verified: another machine could impersonate it and get the password.",
            server=target.server,
        )
    return tr(
        "The certificate of {server} is not verified: another machine could impersonate it.",
        server=target.server,
    )


def _with_password(target: WinrmTarget, name: str, password: str | None) -> WinrmTarget:
    if target.auth == "certificate":
        return target
    if password is not None:
        return replace(target, password=password)
    found = _look_up(target, name)
    if found is None and target.auth in {"negotiate", "kerberos"} and not target.username:
        # The account that is signed in: Kerberos or Windows has its credentials.
        return target
    found = found or _find(target, target.server)
    return replace(target, username=target.username or found.username, password=found.password)


def _look_up(target: WinrmTarget, name: str) -> Credential | None:
    if name:
        return _find(target, name)
    for candidate in (target.server, "host"):
        found = credentials.from_keyring(
            candidate, target.username
        ) or credentials.from_environment(candidate)
        if found is not None and target.username in {"", found.username}:
            return found
    return None


def _find(target: WinrmTarget, name: str) -> Credential:
    return credentials.find(
        name,
        host=target.address,
        username=target.username,
        hint=credentials.host_credential_hint(name, target.username),
    )
