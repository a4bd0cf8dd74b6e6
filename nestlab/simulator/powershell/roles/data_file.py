"""Reads PowerShell data files (.psd1, .psrc, .pssc): tables, lists and constants, no commands."""

from __future__ import annotations

import re
from typing import Any

from nestlab.pattern import pattern

_SPACE = pattern(r"(?:[ \t\r\n;]|#[^\r\n]*|<#.*?#>|`\r?\n)*", re.DOTALL)
_WORD = pattern(r"[A-Za-z_][\w.]*")
_NUMBER = pattern(r"[+-]?\d+(?:\.\d+)?\b")
_QUOTES = "'\u2018\u2019\u201a\u201b"
_HERE_STRING = pattern(r"@'[ \t]*\r?\n(.*?)\r?\n'@", re.DOTALL)
_CONSTANTS = {"$true": True, "$false": False, "$null": None}


class NotData(Exception):
    """A file is not a PowerShell data file, or has something that is not simulated."""


def read_data(text: str) -> dict[str, Any]:
    """Return the table of a data file; its keys are as in the file. Raises NotData.

    >>> read_data("@{ A = 1; B = @('x', 'it''s'); C = $true } # end")
    {'A': 1, 'B': ['x', "it's"], 'C': True}
    """
    reader = _Reader(text.removeprefix("\ufeff"))
    value = reader.value()
    if not isinstance(value, dict) or not reader.at_end():
        raise NotData(reader.place("a data file is one table, @{ … }"))
    return value


def read_value(text: str) -> Any:
    """Return a constant, or a list of constants with commas between them. Raises NotData.

    >>> read_value("'a', 'b'")
    ['a', 'b']
    """
    reader = _Reader(text)
    value = reader.value()
    if not reader.at_end():
        raise NotData(reader.place("nothing is expected after the value"))
    return value


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._skip()

    def place(self, what: str) -> str:
        """Return a message with the line that was reached."""
        return f"line {self._text.count(chr(10), 0, self._at) + 1}: {what}"

    def at_end(self) -> bool:
        """Whether nothing is left."""
        return self._at >= len(self._text)

    def value(self) -> Any:
        """Read a value, or a list of values with commas between them."""
        values = [self._one()]
        while self._next() == ",":
            self._take(1)
            values.append(self._one())
        return values if len(values) > 1 else values[0]

    def _one(self) -> Any:
        if self._starts("@{"):
            return self._table()
        if self._starts("@("):
            return self._list()
        if here := _HERE_STRING.match(self._text, self._at):
            self._take(len(here[0]))
            return here[1]
        if self._next() and self._next() in _QUOTES:
            return self._string()
        if self._next() == '"':
            return self._expandable()
        if number := _NUMBER.match(self._text, self._at):
            self._take(len(number[0]))
            return float(number[0]) if "." in number[0] else int(number[0])
        for name, constant in _CONSTANTS.items():
            if self._text[self._at : self._at + len(name)].lower() == name:
                self._take(len(name))
                return constant
        raise NotData(self.place("a constant, a list @( … ) or a table @{ … } is expected here"))

    def _table(self) -> dict[str, Any]:
        self._take(2)
        table: dict[str, Any] = {}
        while not self._starts("}"):
            key = self._key()
            if key.lower() in (known.lower() for known in table):
                raise NotData(self.place(f"the key {key!r} occurs twice"))
            if self._next() != "=":
                raise NotData(self.place(f"= is missing after the key {key!r}"))
            self._take(1)
            table[key] = self.value()
        self._take(1)
        return table

    def _key(self) -> str:
        if self._next() and self._next() in _QUOTES:
            return self._string()
        word = _WORD.match(self._text, self._at)
        if word is None:
            raise NotData(self.place("a key is expected here"))
        self._take(len(word[0]))
        return word[0]

    def _list(self) -> list[Any]:
        self._take(2)
        items: list[Any] = []
        while not self._starts(")"):
            value = self.value()
            # An array expression joins the arrays of its statements.
            items += value if isinstance(value, list) else [value]
        self._take(1)
        return items

    def _string(self) -> str:
        """Read a string in single quotes; two in a row are one of them."""
        at, characters = self._at + 1, []
        while True:
            if at >= len(self._text):
                raise NotData(self.place("the string is not closed"))
            character = self._text[at]
            if character in _QUOTES:
                if self._text[at + 1 : at + 2] not in tuple(_QUOTES):
                    break
                at += 1
            characters.append(character)
            at += 1
        self._take(at + 1 - self._at)
        return "".join(characters)

    def _expandable(self) -> str:
        end = self._text.find('"', self._at + 1)
        inside = self._text[self._at + 1 : max(end, 0)]
        if end < 0 or "$" in inside or "`" in inside:
            raise NotData(self.place("a string with variables or escapes is not simulated"))
        self._take(end + 1 - self._at)
        return inside

    def _next(self) -> str:
        return self._text[self._at : self._at + 1]

    def _starts(self, token: str) -> bool:
        return self._text.startswith(token, self._at)

    def _take(self, length: int) -> None:
        self._at += length
        self._skip()

    def _skip(self) -> None:
        match = _SPACE.match(self._text, self._at)
        self._at = match.end() if match else self._at
