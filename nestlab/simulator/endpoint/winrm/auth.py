"""Authentication: Basic and certificates over TLS, Negotiate (NTLM) and CredSSP."""

from __future__ import annotations

import base64
import binascii
import hmac
import logging
import os
import socket
import tempfile
import threading
from collections.abc import Iterable
from pathlib import Path

import spnego
from spnego._ntlm_raw.crypto import (
    ntowfv1,
)  # the hash that the library's own account file holds; no public function computes it

from nestlab.dataclass import dataclass, field
from nestlab.simulator.endpoint.winrm.mime import Encryption

_LOG = logging.getLogger("nestlab.simulator.endpoint")
CERTIFICATE_SCHEME = "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual"
SCHEMES = ("Negotiate", "CredSSP", "Basic", "Certificate")
"""The authentication schemes of an endpoint. Windows disables Basic and CredSSP by default."""

_TLS_ONLY = frozenset({"Basic", "Certificate"})
# With these two options, the library uses its own NTLM, which reads our account; by default
# it would use SSPI on Windows.
_OPTIONS = spnego.NegotiateOptions.use_negotiate | spnego.NegotiateOptions.use_ntlm
_USER_FILE_VARIABLE = "NTLM_USER_FILE"


@dataclass(frozen=True)
class Account:
    """The only account of an endpoint, generated for each run: a local one of the simulated host.

    `computer` is the name of that host.
    """

    user: str
    password: str = field(repr=False)
    certificate: bytes = field(default=b"", repr=False)
    computer: str = ""

    @property
    def domains(self) -> tuple[str, ...]:
        """The domains that a user name may have, in upper case.

        The domain of a local account is the computer's name, or a dot. An NTLM client may send the
        name of its own computer, or the domain of the challenge.
        """
        own = (self.computer.upper(), "WORKSTATION", socket.gethostname().upper())
        return tuple(dict.fromkeys(("", ".", *filter(None, own))))

    def accepts(self, user: str, password: str) -> bool:
        """Whether user name and password are correct, compared in constant time."""
        domain, _, name = user.rpartition("\\")
        if domain.upper() not in self.domains:
            return False
        right_user = hmac.compare_digest(name.lower().encode(), self.user.lower().encode())
        right_password = hmac.compare_digest(password.encode(), self.password.encode())
        return right_user and right_password


class _AccountFile:
    """The NTLM accounts of all endpoints of this process: hashes, in a private file.

    The NTLM library takes accounts from the file that an environment variable names, and from
    nowhere else.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._accounts: list[Account] = []
        self._path: Path | None = None
        self._previous_value: str | None = None

    def add(self, account: Account) -> None:
        with self._lock:
            self._accounts.append(account)
            self._write()

    def remove(self, account: Account) -> None:
        with self._lock:
            self._accounts.remove(account)
            self._write()

    def _write(self) -> None:
        if self._path is None:
            handle, name = tempfile.mkstemp(prefix="nestlab-accounts-")
            os.close(handle)
            self._path, self._previous_value = Path(name), os.environ.get(_USER_FILE_VARIABLE)
            os.environ[_USER_FILE_VARIABLE] = name
        lines = [line for account in self._accounts for line in _account_lines(account)]
        new = self._path.with_suffix(".new")
        new.touch(mode=0o600)
        new.write_text("\n".join(lines), encoding="utf-8", newline="\n")
        new.replace(self._path)
        if not self._accounts:
            self._path.unlink()
            self._path = None
            if self._previous_value is None:
                os.environ.pop(_USER_FILE_VARIABLE, None)
            else:
                os.environ[_USER_FILE_VARIABLE] = self._previous_value


def _account_lines(account: Account) -> Iterable[str]:
    """Yield the lines of an account in the format of Samba's smbpasswd file.

    The fields are: name, user id, LM hash (here zeros), NT hash, flags, time of the last change.
    """
    nt_hash = base64.b16encode(ntowfv1(account.password)).decode()
    for domain in account.domains:
        name = f"{domain}\\{account.user}" if domain else account.user
        yield f"{name}:0:{'0' * 32}:{nt_hash}:[U]:LCT-0"


accounts = _AccountFile()


@dataclass(frozen=True)
class AuthResult:
    """The result of a logon: serve the request as `user`, or respond with 401 and these headers."""

    user: str = ""
    headers: tuple[str, ...] = ()
    wrong: bool = False  # credentials were sent, and are wrong

    @property
    def granted(self) -> bool:
        """Whether the request may be served."""
        return bool(self.user)


class ConnectionAuth:
    """The authentication of one TCP connection, which NTLM and CredSSP authenticate as a whole."""

    def __init__(
        self, account: Account, offered: Iterable[str], peer_certificate: bytes | None, *, tls: bool
    ) -> None:
        self._account = account
        self._tls = tls
        self._offered = tuple(scheme for scheme in offered if tls or scheme not in _TLS_ONLY)
        self._peer_certificate = peer_certificate
        self._context: spnego.ContextProxy | None = None
        self._scheme = ""
        self._granted = False
        self.encryption: Encryption | None = None

    def check(self, authorization: str | None) -> AuthResult:
        """Check the Authorization header of a request; an authenticated connection needs none."""
        if authorization is None:
            return AuthResult(self._account.user) if self._granted else self._refusal()
        scheme, _, text = authorization.partition(" ")
        if authorization == CERTIFICATE_SCHEME:
            return self._check_certificate()
        name = {"basic": "Basic", "negotiate": "Negotiate", "credssp": "CredSSP"}.get(
            scheme.lower(), ""
        )
        if name not in self._offered:
            return self._refusal()
        try:
            token = base64.b64decode(text, validate=True)
        except binascii.Error:
            return self._refusal(wrong=True)
        return self._check_basic(token) if name == "Basic" else self._step(name, token)

    def reset(self) -> None:
        """Reset the authentication of the connection."""
        self._context, self._scheme, self._granted, self.encryption = None, "", False, None

    def _refusal(self, *, wrong: bool = False) -> AuthResult:
        self.reset()
        challenges = {"Basic": 'Basic realm="WSMAN"', "Certificate": ""}
        return AuthResult(
            headers=tuple(
                filter(None, (challenges.get(scheme, scheme) for scheme in self._offered))
            ),
            wrong=wrong,
        )

    def _check_basic(self, token: bytes) -> AuthResult:
        user, _, password = token.decode("utf-8", "replace").partition(":")
        return (
            AuthResult(self._account.user)
            if self._account.accepts(user, password)
            else self._refusal(wrong=True)
        )

    def _check_certificate(self) -> AuthResult:
        known = self._account.certificate
        if (
            "Certificate" in self._offered
            and self._peer_certificate
            and known
            and hmac.compare_digest(self._peer_certificate, known)
        ):
            return AuthResult(self._account.user)
        return self._refusal(wrong=True)

    def _step(self, scheme: str, token: bytes) -> AuthResult:
        if self._context is None or scheme != self._scheme or self._granted:
            self.reset()
            self._context, self._scheme = _new_context(scheme, wrap=not self._tls), scheme
        try:
            response = self._context.step(token)
        except Exception as error:  # noqa: BLE001  # the NTLM library raises errors of many types for tokens that it cannot read
            # A client cannot distinguish damaged tokens from wrong passwords, and should not.
            _LOG.info("Refused a logon: the security library raised %s.", type(error).__name__)
            return self._refusal(wrong=True)
        headers = (f"{scheme} {base64.b64encode(response).decode()}",) if response else ()
        if not self._context.complete:
            return AuthResult(headers=headers)
        self._granted = True
        self.encryption = Encryption(self._context, scheme)
        return AuthResult(self._account.user, headers)


def _new_context(scheme: str, *, wrap: bool) -> spnego.ContextProxy:
    if scheme == "CredSSP":
        inner = spnego.server(protocol="negotiate", options=_OPTIONS)
        return spnego.server(protocol="credssp", credssp_negotiate_context=inner)
    return spnego.server(
        protocol="negotiate",
        options=_OPTIONS | (spnego.NegotiateOptions.wrapping_winrm if wrap else 0),
    )
