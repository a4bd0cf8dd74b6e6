"""Comparison of strings by linguistic rules, not by code points.

Invisible characters are ignored; accents and case are compared last. Punctuation has the order of
Unicode's root collation (CLDR), as in PowerShell 7; Windows PowerShell 5.1 uses the older tables of
Windows, in which hyphens and apostrophes are nearly ignored.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_PUNCTUATION = "_-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$"
_LIGATURES = {
    "\ufb00": "ff",
    "\ufb01": "fi",
    "\ufb02": "fl",
    "\ufb03": "ffi",
    "\ufb04": "ffl",
    "\ufb05": "st",
    "\ufb06": "st",
}
_IGNORED_CATEGORIES = frozenset({"Cf", "Cc"})
_BLANKS = "\t\n\v\f\r"

Key = tuple[tuple[tuple[int, str | int], ...], tuple[str, ...], tuple[bool, ...]]


def _visible(text: str) -> str:
    text = "".join(_LIGATURES.get(char, char) for char in text)
    return "".join(
        char
        for char in text
        if char in _BLANKS or unicodedata.category(char) not in _IGNORED_CATEGORIES
    )


@lru_cache(maxsize=4096)
def collation_key(text: str, *, case_sensitive: bool = False) -> Key:
    """Return a key that orders strings linguistically; equal keys mean equal strings.

    >>> sorted(["ab", "a.b", "a_b", "a-b"], key=collation_key)
    ['a_b', 'a-b', 'a.b', 'ab']
    >>> sorted(["B", "A", "b", "a"], key=lambda text: collation_key(text, case_sensitive=True))
    ['a', 'A', 'b', 'B']
    """
    visible = text if text.isascii() and text.isprintable() else _visible(text)
    primary: list[tuple[int, str | int]] = []
    accents: list[str] = []
    capitals: list[bool] = []
    for char in visible if visible.isascii() else unicodedata.normalize("NFD", visible):
        if unicodedata.combining(char):
            if accents:
                accents[-1] += char
            continue
        primary.append(_weight(char))
        accents.append("")
        capitals.append(char.isupper())
    return (
        tuple(primary),
        tuple(accents) if any(accents) else (),
        tuple(capitals) if case_sensitive else (),
    )


def _weight(char: str) -> tuple[int, str | int]:
    if char.isspace():
        return (0, ord(char))
    if (place := _PUNCTUATION.find(char)) >= 0:
        return (1, place)
    if char.isdigit():
        return (3, unicodedata.digit(char, 0))
    if char.isalpha():
        return (4, char.lower())
    return (2, ord(char))


def same_text(left: str, right: str, *, case_sensitive: bool = False) -> bool:
    r"""Whether two strings are linguistically equal.

    >>> same_text("web", "WEB"), same_text("e\u0301", "\u00e9"), same_text("ss", "\u00df")
    (True, True, False)
    """
    if left == right:
        return True
    if left.isascii() and right.isascii() and left.isprintable() and right.isprintable():
        return not case_sensitive and left.lower() == right.lower()
    return collation_key(left, case_sensitive=case_sensitive) == collation_key(
        right, case_sensitive=case_sensitive
    )
