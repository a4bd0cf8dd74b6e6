"""Reads PowerShell data files (.psd1, .psrc, .pssc): tables, lists and constants, no commands.

Nothing in a file is run. The grammar is that of about_Data_Files and about_Quoting_Rules, without
expressions; anything else is refused with its line and column.
"""

from __future__ import annotations

import re
from typing import Any

from nestlab.model.located import DataSyntaxError, Table, Unevaluated
from nestlab.model.powershell_literals import SUBEXPRESSION, number_at, unescaped, variable_in
from nestlab.pattern import pattern
from nestlab.texts import mark, tr, translate

_SPACE = pattern(r"(?:[ \t\r\n;]|#[^\r\n]*|<#.*?#>|`\r?\n)*", re.DOTALL)
_WORD = pattern(r"[A-Za-z_][\w.]*")
_QUOTES = "'\u2018\u2019\u201a\u201b"
_DOUBLE_QUOTES = '"\u201c\u201d\u201e'
_HERE_STRING = pattern(r"@(['\"])[ \t]*\r?\n(?:(.*?)\r?\n)?\1@", re.DOTALL)
_NO_SEPARATOR = pattern(r"(?:[ \t\r]|<#.*?#>|`\r?\n)*", re.DOTALL)
_CONSTANTS = {"$true": True, "$false": False, "$null": None}
_MAX_DEPTH = 100
_CONSTANT_HINT = mark(
    "Data files have constants, lists @( … ) and tables @{ … }: write the value itself in place of a command, variable or expression."
)

_BLOCK_HINT = mark(
    "A script block, { … }, is not read: remove it from a copy of the file, and read the copy."
)


def read_data(text: str, *, keep_variables: bool = False) -> Table:
    """Return the table of a data file; its keys are as in the file. Raises DataSyntaxError.

    With `keep_variables`, a string with variables is returned as `Unevaluated` text, the variables
    as they are written; without it, such a string is refused.

    >>> read_data("@{ A = 1; B = @('x', 'it''s'); C = $true; D = 2GB } # end")
    {'A': 1, 'B': ['x', "it's"], 'C': True, 'D': 2147483648}
    """
    reader = _Reader(text.removeprefix("\ufeff"), keep_variables=keep_variables)
    value = reader.value()
    if not isinstance(value, Table) or not reader.at_end():
        raise reader.refused(tr("a data file is one table, @{ … }"))
    return value


def read_value(text: str) -> Any:
    """Return a constant, or a list of constants with commas between them. Raises DataSyntaxError.

    >>> read_value("'a', 'b'")
    ['a', 'b']
    """
    reader = _Reader(text, keep_variables=False)
    value = reader.value()
    if not reader.at_end():
        raise reader.refused(tr("nothing is expected after the value"))
    return value


class _Reader:
    def __init__(self, text: str, *, keep_variables: bool) -> None:
        self._text = text
        self._keep_variables = keep_variables
        self._at = 0
        self._line, self._counted = 1, 0  # the line of the character `_counted`
        self._depth = 0
        self._taken = 0  # where the last token ended, before the space after it
        self._skip()

    def refused(self, message: str, hint: str = "", *, at: int | None = None) -> DataSyntaxError:
        """Return an error at a position in the text, which is the current one by default."""
        place = self._at if at is None else at
        column = place - self._text.rfind("\n", 0, place)
        return DataSyntaxError(message, self._text.count("\n", 0, place) + 1, column, hint)

    def line(self) -> int:
        """Return the current line, from 1."""
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def at_end(self) -> bool:
        """Whether the whole text was read."""
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
            return self._nested(self._table)
        if self._starts("@("):
            return self._nested(self._list)
        if self._starts("("):
            return self._nested(self._group)
        if here := _HERE_STRING.match(self._text, self._at):
            return self._here_string(here)
        if self._next() and self._next() in _QUOTES:
            return self._string()
        if self._next() and self._next() in _DOUBLE_QUOTES:
            return self._expandable()
        return self._constant()

    def _nested(self, read: Any) -> Any:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise self.refused(
                tr("tables and lists are nested more than {limit} levels deep", limit=_MAX_DEPTH)
            )
        value = read()
        self._depth -= 1
        return value

    # -- tables and lists

    def _table(self) -> Table:
        table = Table(self.line())
        self._take(2)
        while not self._starts("}"):
            line, start = self.line(), self._at
            key = self._key()
            if table.has(key):
                raise self.refused(tr("the key {key!r} occurs twice", key=key), at=start)
            if self._next() != "=":
                raise self.refused(tr("= is missing after the key {key!r}", key=key))
            self._take(1)
            table.put(key, self.value(), line)
            self._require_separator("}")
        self._take(1)
        return table

    def _key(self) -> str:
        if self._next() and self._next() in _QUOTES:
            return self._string()
        if self._next() and self._next() in _DOUBLE_QUOTES:
            return str(self._expandable())
        word = _WORD.match(self._text, self._at)
        if word is None:
            raise self.refused(tr("a key is expected here"))
        self._take(len(word[0]))
        return word[0]

    def _list(self) -> list[Any]:
        self._take(2)
        items: list[Any] = []
        while not self._starts(")"):
            value = self.value()
            # An array expression joins the arrays of its statements.
            items += value if isinstance(value, list) else [value]
            self._require_separator(")")
        self._take(1)
        return items

    def _group(self) -> Any:
        """Read a value in parentheses."""
        self._take(1)
        value = self.value()
        if not self._starts(")"):
            raise self.refused(tr("')' is expected after the value"), translate(_CONSTANT_HINT))
        self._take(1)
        return value

    def _require_separator(self, end: str) -> None:
        """Refuse what follows a value in the same statement."""
        space = self._text[self._taken : self._at]
        if not self._starts(end) and not self.at_end() and _NO_SEPARATOR.fullmatch(space):
            raise self.refused(
                tr("a line break, ';' or '{end}' is expected after the value", end=end),
                translate(_CONSTANT_HINT),
            )

    # -- constants

    def _constant(self) -> Any:
        number, length = number_at(self._text, self._at)
        if length:
            self._take(length)
            return number
        for name, constant in _CONSTANTS.items():
            end = self._at + len(name)
            if self._text[self._at : end].lower() == name and not self._is_word(end):
                self._take(len(name))
                return constant
        hint = _BLOCK_HINT if self._starts("{") else _CONSTANT_HINT
        raise self.refused(
            tr("a constant, a list @( … ) or a table @{ … } is expected here"), translate(hint)
        )

    def _is_word(self, position: int) -> bool:
        following = self._text[position : position + 1]
        return following.isalnum() or following in {"_", ":"} if following else False

    # -- strings

    def _here_string(self, found: re.Match[str]) -> str:
        text = found[2] or ""
        value = text if found[1] == "'" else self._expanded(text)
        self._take(len(found[0]))
        return value

    def _string(self) -> str:
        """Read a string in single quotes; two in a row stand for one."""
        text, length = self._quoted(_QUOTES, escape="")
        self._take(length)
        return text

    def _expandable(self) -> str:
        """Read a string in double quotes, with escapes."""
        text, length = self._quoted(_DOUBLE_QUOTES, escape="`")
        value = self._expanded(text)
        self._take(length)
        return value

    def _quoted(self, quotes: str, escape: str) -> tuple[str, int]:
        """Return the text between quotes, and its length in the file, quotes included.

        A doubled quote stands for one. A quote after `escape` stays, with the escape.
        """
        at, characters = self._at + 1, []
        while True:
            if at >= len(self._text):
                raise self.refused(tr("the string is not closed"))
            character = self._text[at]
            if escape and character == escape:
                characters.append(self._text[at : at + 2])
                at += 2
                continue
            if character in quotes:
                if self._text[at + 1 : at + 2] not in tuple(quotes):
                    break
                at += 1
                character = f"`{character}" if escape else character
            characters.append(character)
            at += 1
        return "".join(characters), at + 1 - self._at

    def _expanded(self, text: str) -> str:
        """Return an expandable string: its escapes replaced, its variables kept or refused."""
        variable = variable_in(text)
        if variable == SUBEXPRESSION:
            raise self.refused(
                tr("the string has a command, $( … ), which is not run"), translate(_CONSTANT_HINT)
            )
        if variable and not self._keep_variables:
            raise self.refused(
                tr(
                    "the string has the variable {variable}, which is not a constant",
                    variable=variable,
                ),
                tr("Write the value of the variable."),
            )
        value = unescaped(text)
        return Unevaluated(value) if variable else value

    # -- characters

    def _next(self) -> str:
        return self._text[self._at : self._at + 1]

    def _starts(self, token: str) -> bool:
        return self._text.startswith(token, self._at)

    def _take(self, length: int) -> None:
        self._at += length
        self._taken = self._at
        self._skip()

    def _skip(self) -> None:
        match = _SPACE.match(self._text, self._at)
        self._at = match.end() if match else self._at
