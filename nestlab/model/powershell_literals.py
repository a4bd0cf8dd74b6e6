"""Reads numbers and the content of expandable strings as PowerShell writes them."""

from __future__ import annotations

import re

from nestlab.pattern import pattern

_HEXADECIMAL = pattern(r"([+-]?)0x([0-9a-f]+)([kmgtp]b)?(?!\w)", re.IGNORECASE)
_NUMBER = pattern(
    r"[+-]?(?P<digits>\d{1,100}(?P<fraction>\.\d{1,100})?(?P<power>e[+-]?\d{1,3})?)[dl]?(?P<unit>[kmgtp]b)?(?![\w.])",
    re.IGNORECASE,
)
_UNITS = {"": 1, "kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30, "tb": 1 << 40, "pb": 1 << 50}
_VARIABLE = pattern(r"\$(?:\{[^}]+\}|(?:\w+:)?\w+)")
_ESCAPE = pattern(r"`(u\{[0-9a-fA-F]{1,6}\}|\r?\n|.)", re.DOTALL)
_ESCAPES = dict(zip("0abefnrtv", "\0\a\b\x1b\f\n\r\t\v", strict=True))
_SURROGATES = range(0xD800, 0xE000)
_LAST_CHARACTER = 0x10FFFF  # of Unicode
SUBEXPRESSION = "$("
"""The start of a subexpression in a string."""


def number_at(text: str, at: int) -> tuple[int | float, int]:
    """Return the number at a position, multiplied by its unit, and its length; 0 if there is none.

    >>> number_at("2GB", 0), number_at("0x1F", 0), number_at("1.5kb", 0), number_at("ten", 0)
    ((2147483648, 3), (31, 4), (1536, 5), (0, 0))
    """
    if found := _HEXADECIMAL.match(text, at):
        return int(found[1] + found[2], 16) * _UNITS[(found[3] or "").lower()], len(found[0])
    found = _NUMBER.match(text, at)
    if found is None:
        return 0, 0
    unit = _UNITS[(found["unit"] or "").lower()]
    sign = -1 if found[0].startswith("-") else 1
    if found["fraction"] is None and found["power"] is None:
        return sign * int(found["digits"]) * unit, len(found[0])
    exact = sign * float(found["digits"]) * unit
    whole = bool(found["unit"]) and exact.is_integer()
    return int(exact) if whole else exact, len(found[0])


def variable_in(text: str) -> str:
    """Return the first variable in an expandable string, or `SUBEXPRESSION` if it contains one.

    >>> variable_in("at $env:TEMP"), variable_in("`$5"), variable_in("$(Get-Date)")
    ('$env:TEMP', '', '$(')
    """
    without_escapes = _ESCAPE.sub("", text)
    if SUBEXPRESSION in without_escapes:
        return SUBEXPRESSION
    found = _VARIABLE.search(without_escapes)
    return found[0] if found else ""


def unescaped(text: str) -> str:
    r"""Return an expandable string with its escapes replaced (about_Special_Characters).

    >>> unescaped("a`tb `u{263A}")
    'a\tb ☺'
    """
    return _ESCAPE.sub(_character, text)


def _character(escape: re.Match[str]) -> str:
    text = escape[1]
    if text.startswith("u{"):
        number = int(text[2:-1], 16)
        is_character = number <= _LAST_CHARACTER and number not in _SURROGATES
        return chr(number) if is_character else "\ufffd"
    return _ESCAPES.get(text, "" if text.endswith("\n") else text)
