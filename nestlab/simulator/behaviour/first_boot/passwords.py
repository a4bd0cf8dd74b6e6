"""Passwords in answer files and of accounts: kept as hashes, so that no state file has them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from html import unescape

_SCHEME = "pbkdf2"
_ROUNDS = 1000
_ELEMENT = re.compile(
    r"(?P<start><(?P<name>AdministratorPassword|Password)\b[^>]*>)(?P<inner>.*?)(?P<end></(?P=name)\s*>)",
    re.DOTALL,
)
_VALUE = re.compile(r"(<Value>)(.*?)(</Value>)", re.DOTALL)
_HIDDEN = re.compile(r"<PlainText>\s*false\s*</PlainText>", re.IGNORECASE)


def without_passwords(text: str, salt: str) -> str:
    """Return an answer file with a hash in place of each password.

    A password that is not plain text is Base64 of UTF-16, with the name of its element appended.
    """

    def replaced(element: re.Match[str]) -> str:
        inner = element["inner"]
        is_hidden = _HIDDEN.search(inner) is not None

        def hashed_value(value: re.Match[str]) -> str:
            password = unescape(value[2])
            known = _revealed(password, element["name"]) if is_hidden else password
            return f"{value[1]}{hashed(known, salt) if known else ''}{value[3]}"

        return element["start"] + _VALUE.sub(hashed_value, inner) + element["end"]

    return _ELEMENT.sub(replaced, text)


def _revealed(value: str, name: str) -> str:
    try:
        text = base64.b64decode(value.strip(), validate=True).decode("utf-16-le")
    except (binascii.Error, UnicodeDecodeError):
        return value
    return text.removesuffix(name)


def hashed(password: str, salt: str) -> str:
    """Return a hash of a password, with its salt."""
    digest = hashlib.pbkdf2_hmac("sha256", password.encode("utf-8"), salt.encode(), _ROUNDS)
    return f"{_SCHEME}:{salt}:{digest.hex()}"


def is_password(password: str, known: str) -> bool:
    """Whether a password is the one of a hash."""
    scheme, _, rest = known.partition(":")
    salt, _, _ = rest.partition(":")
    return scheme == _SCHEME and hmac.compare_digest(hashed(password, salt), known)
