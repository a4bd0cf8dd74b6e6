"""Data that was read from a text, with the line that each value of a table is on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


class DataSyntaxError(Exception):
    """A text is not valid in its format; `line` and `column` count from 1."""

    def __init__(self, message: str, line: int, column: int, hint: str = "") -> None:
        super().__init__(f"line {line}, column {column}: {message}")
        self.message, self.line, self.column, self.hint = message, line, column, hint


class Table(dict[str, Any]):
    """A table of data, with the line of each key (from 1); `named` ignores the case of keys.

    >>> table = Table(1)
    >>> table.put("Name", "DC1", 2)
    >>> table, table.named("NAME"), table.line_of("name"), table.named("Role")
    ({'Name': 'DC1'}, 'DC1', 2, None)
    """

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self._lines: dict[str, int] = {}
        self._spellings: dict[str, str] = {}

    def put(self, key: str, value: Any, line: int) -> None:
        """Add or replace a value, with the line of its key."""
        key = self._spellings.setdefault(key.casefold(), key)
        self[key] = value
        self._lines[key] = line

    def has(self, key: str) -> bool:
        """Whether there is a key of this name in any case."""
        return key.casefold() in self._spellings

    def named(self, key: str) -> Any:
        """Return the value of a key; None if there is none."""
        return self.get(self._spellings.get(key.casefold(), key))

    def line_of(self, key: str) -> int:
        """Return the line of a key; that of the table if there is no such key."""
        return self._lines.get(self._spellings.get(key.casefold(), key), self.line)

    def entries(self) -> Iterator[tuple[str, Any, int]]:
        """Yield each key with its value and its line, in the order of the text."""
        for key, value in self.items():
            yield key, value, self.line_of(key)


class Unevaluated(str):
    """A text in which variables have not been replaced by their values."""

    __slots__ = ()
