"""Passwords in answer files and of accounts: stored as hashes, so that no state file contains them.

A hash also records whether the password is complex, because the account is created later. The rules
are those of the policy "Password must meet complexity requirements": at least six characters of
three categories, without the name of the account.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re

_COMPLEX, _SIMPLE = "pbkdf2", "pbkdf2-simple"
_ROUNDS = 1000
_ELEMENT = r"(?P<start><(?P<name>AdministratorPassword|Password)\b[^>]*>)(?P<inner>.*?)(?P<end></(?P=name)\s*>)"
_VALUE = r"(<Value>)(.*?)(</Value>)"
_ACCOUNT = r"<LocalAccount\b.*?</LocalAccount\s*>"
_NAME = r"<Name>(.*?)</Name>"
_LENGTH_MINIMUM, _CATEGORIES_MINIMUM, _NAME_LENGTH_MINIMUM = 6, 3, 3
_HIDDEN = r"<PlainText>\s*false\s*</PlainText>"


def with_hashed_passwords(text: str, salt: str, administrator: str) -> str:
    """Return an answer file with a hash in place of each password.

    `administrator` is the name of the built-in account. A password that is not plain text is the
    Base64 of UTF-16 text, to which the name of its element is appended.
    """
    names = _names_of_accounts(text)

    def replaced(element: re.Match[str]) -> str:
        inner = element["inner"]
        is_hidden = re.search(_HIDDEN, inner, re.IGNORECASE) is not None
        at = element.start()
        user = next((name for where, name in names if at in where), administrator)

        def hashed_value(value: re.Match[str]) -> str:
            password = _unescape(value[2])
            plain = _decoded(password, element["name"]) if is_hidden else password
            return f"{value[1]}{password_hash(plain, salt, user) if plain else ''}{value[3]}"

        return (
            element["start"] + re.sub(_VALUE, hashed_value, inner, flags=re.DOTALL) + element["end"]
        )

    return re.sub(_ELEMENT, replaced, text, flags=re.DOTALL)


def _names_of_accounts(text: str) -> list[tuple[range, str]]:
    """Return the position and the name of each local account in an answer file."""
    found = []
    for account in re.finditer(_ACCOUNT, text, re.DOTALL):
        name = re.search(_NAME, account[0], re.DOTALL)
        found.append((range(*account.span()), _unescape(name[1]).strip() if name else ""))
    return found


def _decoded(value: str, name: str) -> str:
    try:
        text = base64.b64decode(value.strip(), validate=True).decode("utf-16-le")
    except (binascii.Error, UnicodeDecodeError):
        return value
    return text.removesuffix(name)


def password_hash(password: str, salt: str, user: str) -> str:
    """Return the hash of a user's password, with its scheme and its salt."""
    scheme = _COMPLEX if is_complex(password, user) else _SIMPLE
    return f"{scheme}:{salt}:{_digest(password, salt)}"


def _digest(password: str, salt: str) -> str:
    encoded = password.encode("utf-8", "surrogatepass")
    return hashlib.pbkdf2_hmac("sha256", encoded, salt.encode(), _ROUNDS).hex()


def is_complex(password: str, user: str) -> bool:
    """Whether a password meets the complexity requirements for a user.

    >>> is_complex("Correct-Horse", "ada"), is_complex("Passw0rd-ada", "ada")
    (True, False)
    """
    import string  # noqa: PLC0415  # compiles a regular expression, and few hosts set a password

    kinds = (
        any(c.isupper() for c in password),
        any(c.islower() for c in password),
        any(c in string.digits for c in password),
        any(c in string.punctuation for c in password),
        any(c.isalpha() and not c.isupper() and not c.islower() for c in password),
    )
    has_name = len(user) >= _NAME_LENGTH_MINIMUM and user.lower() in password.lower()
    return len(password) >= _LENGTH_MINIMUM and sum(kinds) >= _CATEGORIES_MINIMUM and not has_name


def is_hash_of_complex(stored_hash: str) -> bool:
    """Whether a hash is that of a complex password."""
    return stored_hash.startswith(f"{_COMPLEX}:")


def has_hash(password: str, stored_hash: str) -> bool:
    """Whether a password has this hash."""
    _, _, rest = stored_hash.partition(":")
    salt, _, digest = rest.partition(":")
    return bool(digest) and hmac.compare_digest(_digest(password, salt), digest)


def _unescape(text: str) -> str:
    from html import unescape  # noqa: PLC0415  # few hosts have an answer file

    return unescape(text)
