"""Reads JSON text (RFC 8259) into tables with the lines of their keys."""

from __future__ import annotations

from json import JSONDecodeError
from json.decoder import scanstring  # type: ignore[attr-defined]  # the stubs leave it out
from typing import Any

from nestlab.model.located import DataSyntaxError, Table
from nestlab.pattern import pattern
from nestlab.texts import mark, tr, translate

_SPACE = pattern(r"[ \t\r\n]*")
_NUMBER = pattern(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_WORDS = {"true": True, "false": False, "null": None}
_MAX_DEPTH = 100
_MAX_DIGITS = 400
_HINT = mark("Export the definition again; the file has to be the JSON that ConvertTo-Json writes.")


def read_json(text: str) -> Any:
    """Return the value of a JSON document, objects as `Table`. Raises DataSyntaxError.

    >>> read_json('{"Prefix": "Lab-", "VMs": [{"VMName": "S1"}]}')
    {'Prefix': 'Lab-', 'VMs': [{'VMName': 'S1'}]}
    """
    reader = _JsonReader(text.removeprefix("\ufeff"))
    value = reader.value(0)
    if not reader.at_end():
        raise reader.refused(tr("nothing is expected after the value"))
    return value


class _JsonReader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._last_line, self._counted = 1, 0  # the line of the character `_counted`
        self._skip()

    def refused(self, message: str) -> DataSyntaxError:
        column = self._at - self._text.rfind("\n", 0, self._at)
        return DataSyntaxError(message, self._line(), column, translate(_HINT))

    def _line(self) -> int:
        self._last_line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._last_line

    def at_end(self) -> bool:
        return self._at >= len(self._text)

    def value(self, depth: int) -> Any:
        if depth > _MAX_DEPTH:
            raise self.refused(
                tr("values are nested more than {limit} levels deep", limit=_MAX_DEPTH)
            )
        if self._next() == "{":
            return self._object(depth)
        if self._next() == "[":
            return self._array(depth)
        if self._next() == '"':
            return self._string()
        return self._number_or_word()

    def _object(self, depth: int) -> Table:
        table = Table(self._line())
        self._take(1)
        more = self._next() != "}"
        while more:
            line = self._line()
            if self._next() != '"':
                raise self.refused(tr("a key in double quotes is expected here"))
            start = self._at
            key = self._string()
            if table.has(key):
                self._at = start
                raise self.refused(tr("the key {key!r} occurs twice", key=key))
            self._require(":")
            table.put(key, self.value(depth + 1), line)
            more = self._comma_or("}")
        self._take(1)
        return table

    def _array(self, depth: int) -> list[Any]:
        self._take(1)
        items: list[Any] = []
        more = self._next() != "]"
        while more:
            items.append(self.value(depth + 1))
            more = self._comma_or("]")
        self._take(1)
        return items

    def _comma_or(self, end: str) -> bool:
        """Read a comma, if it is not at the end; return whether there was one."""
        if self._next() == end:
            return False
        if self._next() != ",":
            raise self.refused(tr("',' or {character!r} is expected here", character=end))
        self._take(1)
        return True

    def _string(self) -> str:
        try:
            found: tuple[str, int] = scanstring(self._text, self._at + 1, True)  # noqa: FBT003  # strict
        except JSONDecodeError as error:
            self._at = error.pos
            raise self.refused(
                tr("the string cannot be read: {problem}", problem=error.msg)
            ) from None
        text, end = found
        self._take(end - self._at)
        # Half a surrogate pair is not text.
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

    def _number_or_word(self) -> Any:
        found = _NUMBER.match(self._text, self._at)
        if found:
            if len(found[0]) > _MAX_DIGITS:
                raise self.refused(tr("the number has too many digits"))
            self._take(len(found[0]))
            return float(found[0]) if found[1] or found[2] else int(found[0])
        for word, value in _WORDS.items():
            if self._text.startswith(word, self._at):
                self._take(len(word))
                return value
        raise self.refused(tr("a JSON value is expected here"))

    def _require(self, token: str) -> None:
        if self._next() != token:
            raise self.refused(tr("{character!r} is expected here", character=token))
        self._take(1)

    def _next(self) -> str:
        return self._text[self._at : self._at + 1]

    def _take(self, length: int) -> None:
        self._at += length
        self._skip()

    def _skip(self) -> None:
        match = _SPACE.match(self._text, self._at)
        self._at = match.end() if match else self._at
