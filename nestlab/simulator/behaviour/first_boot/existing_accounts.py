"""Accounts and groups that Windows has before its first boot, and names that no account can have.

New-LocalUser documents the length and the characters of names, and that a name of only dots and
spaces is refused; for the name of an existing account or group, NetUserAdd returns the error 2224
or 2223.
"""

from __future__ import annotations

from nestlab.simulator.behaviour.localization import name_in

ADMINISTRATOR = "Administrator"
"""The built-in account in English, as answer files always name it."""

_LOCALIZED = (ADMINISTRATOR, "Administrators", "Guest", "Guests", "Users")
_NOT_LOCALIZED = frozenset(
    {
        "defaultaccount",
        "wdagutilityaccount",
        "defaultuser0",
        "system",
        "local service",
        "network service",
        "everyone",
        "interactive",
        "network",
        "iis_iusrs",
    }
)
_LENGTH_MAXIMUM = 20


def administrator_in(language: str) -> str:
    """Return the name of the built-in administrator account of Windows in a language.

    >>> administrator_in("es"), administrator_in("de")
    ('Administrador', 'Administrator')
    """
    return name_in(language, ADMINISTRATOR)


def is_refused_account(language: str, computer_name: str, name: str) -> bool:
    """Whether Windows, in this language, refuses a new account with this name.

    An account cannot have the name of the computer. Names are compared case-insensitively.

    >>> is_refused_account("es", "WEB1", "Administrator"), is_refused_account("es", "WEB1", "web1")
    (False, True)
    """
    wanted = name.lower()
    existing = {name_in(language, known).lower() for known in _LOCALIZED} | _NOT_LOCALIZED
    return (
        not wanted.strip(". ")
        or len(wanted) > _LENGTH_MAXIMUM
        or wanted in existing
        or wanted == computer_name.lower()
    )
