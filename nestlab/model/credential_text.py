"""Text with placeholders for a user name or password, filled in when it is sent to a host."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Protocol

from nestlab.dataclass import dataclass, field
from nestlab.texts import tr


class UserAndPassword(Protocol):
    """A credential: a user name, with or without its domain, and a password."""

    @property
    def username(self) -> str:
        """The user name."""
        ...

    @property
    def password(self) -> str:
        """The password."""
        ...


@dataclass(frozen=True)
class UserName:
    """The user name of a credential, without its domain, escaped for an XML document."""

    def of(self, credential: UserAndPassword) -> str:
        """Return the user name of this credential."""
        from html import escape  # noqa: PLC0415  # imports every entity of HTML

        # As SecurityElement.Escape writes it; xml.sax.saxutils would import an HTTP client.
        return escape(account_name(credential.username)).replace("&#x27;", "&apos;")

    def expression(self, network_credential: str) -> str:
        """Return PowerShell for the user name of a NetworkCredential expression."""
        return f"[Security.SecurityElement]::Escape({network_credential}.UserName)"


@dataclass(frozen=True)
class EncodedPassword:
    """The password of a credential as answer files have it: Base64 of UTF-16, with a suffix."""

    suffix: str

    def of(self, credential: UserAndPassword) -> str:
        """Return the encoded password of this credential."""
        text = f"{credential.password}{self.suffix}"
        return base64.b64encode(text.encode("utf-16-le", "surrogatepass")).decode()

    def expression(self, network_credential: str) -> str:
        """Return PowerShell for the encoded password of a NetworkCredential expression."""
        password = f"{network_credential}.Password + '{self.suffix}'"
        return f"[Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes({password}))"


@dataclass(frozen=True)
class AccountName:
    """The user name of a credential as a Linux account name: lower case, without its domain."""

    def of(self, credential: UserAndPassword) -> str:
        """Return the account name for this credential."""
        return account_name(credential.username).lower()

    def expression(self, network_credential: str) -> str:
        """Return PowerShell for the account name of a NetworkCredential expression."""
        return f"{network_credential}.UserName.ToLower()"


@dataclass(frozen=True)
class PasswordHash:
    """A bcrypt hash of the password of a credential, in the format of /etc/shadow on Linux."""

    def of(self, credential: UserAndPassword) -> str:
        """Return the hash; the same password has the same hash throughout a process."""
        return _hash(credential.password)

    def expression(self, network_credential: str) -> str:
        """Return a PowerShell expression that asks for the hash; Windows cannot compute it."""
        question = "bcrypt hash of the password of "  # not shown
        return f"(Read-Host ('{question}' + {network_credential}.UserName))"


@lru_cache(maxsize=16)  # salted: the hash masked in logs must be the hash that is sent
def _hash(password: str) -> str:
    try:
        import bcrypt  # noqa: PLC0415  # only seed disks of Linux guests need it
    except ImportError as error:
        message = tr(
            "Accounts of Linux guests need the package bcrypt, which cannot be imported. Python in a browser does not have it."
        )
        raise ImportError(message) from error

    # bcrypt refuses more than 72 bytes and null characters; `nestlab.plan` has checked for both.
    encoded = password.encode("utf-8", "surrogatepass")
    return bcrypt.hashpw(encoded, bcrypt.gensalt(rounds=10)).decode("ascii")


Part = str | UserName | EncodedPassword | AccountName | PasswordHash


@dataclass(frozen=True)
class CredentialText:
    """A text with placeholders for parts of a credential, which is referred to by name.

    It never contains their values. For the users in `not_for` the text is empty.

    >>> line = CredentialText("lab", ("<Name>", UserName(), "</Name>"), not_for=("Administrator",))
    >>> line
    CredentialText('lab')
    """

    credential: str
    parts: tuple[Part, ...] = field(repr=False)
    not_for: tuple[str, ...] = field(default=(), repr=False)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.credential!r})"

    def filled_in(self, credential: UserAndPassword) -> str:
        """Return the text with its placeholders filled in from a credential."""
        user = account_name(credential.username).casefold()
        if user in (name.casefold() for name in self.not_for):
            return ""
        return "".join(
            part if isinstance(part, str) else part.of(credential) for part in self.parts
        )

    def encoded_passwords(self, credential: UserAndPassword) -> Iterator[str]:
        """Yield the encoded forms of the password in the text, which must be kept out of logs."""
        for part in self.parts:
            if isinstance(part, EncodedPassword | PasswordHash):
                yield part.of(credential)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data that `from_dict` reads back."""
        return {
            "credential": self.credential,
            "parts": [_plain(part) for part in self.parts],
            "not_for": list(self.not_for),
        }

    @classmethod
    def from_dict(cls, data: Any) -> CredentialText:
        """Read what `to_dict` wrote.

        Anything else raises KeyError, ValueError, TypeError or AttributeError.
        """
        parts = tuple(_part(part) for part in data["parts"])
        return cls(str(data["credential"]), parts, tuple(map(str, data["not_for"])))


def _plain(part: Part) -> Any:
    match part:
        case UserName():
            return {"$user": True}
        case EncodedPassword():
            return {"$password": part.suffix}
        case AccountName():
            return {"$account": True}
        case PasswordHash():
            return {"$hash": True}
        case _:
            return part


def _part(data: Any) -> Part:
    if isinstance(data, str):
        return data
    if "$password" in data:
        return EncodedPassword(str(data["$password"]))
    simple: dict[str, Part] = {
        "$user": UserName(),
        "$account": AccountName(),
        "$hash": PasswordHash(),
    }
    (kind,) = data
    return simple[kind]


def account_name(username: str) -> str:
    r"""Return the name of an account without its domain.

    >>> [account_name(name) for name in (r".\ada", r"LAB\ada", "ada@lab.local", "ada")]
    ['ada', 'ada', 'ada', 'ada']
    """
    return username.rpartition("\\")[2].partition("@")[0]


FindCredential = Callable[[str], UserAndPassword]
"""Looks up a credential by its name."""
