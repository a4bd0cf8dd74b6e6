"""JSON as nodes with their positions, for the reader of topology files."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator

from nestlab.pattern import pattern
from nestlab.topology_file.nodes import ListNode, MappingNode, Node, NotYaml, ScalarNode

MAX_DEPTH = 50
_WHITESPACE = pattern(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()
_BARE_VALUE = pattern(r"[^,\]}\s]+")


class NotJson(NotYaml):
    """The text is not JSON; `line` and `column` begin at 1."""


def compose_json(text: str) -> Node:
    r"""Return the node of a JSON text; raises NotJson.

    >>> node = compose_json('{"name":\n  "lab"}')
    >>> node.pairs[0][1]
    ScalarNode(line=2, column=3, text='lab', plain=False, weight=1)
    """
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        hint = (
            "JSON has no comments and no comma after the last item."
            if "Expecting" in error.msg
            else ""
        )
        raise NotJson(
            error.msg[:1].lower() + error.msg[1:], error.lineno, error.colno, hint
        ) from None
    except RecursionError:
        message = f"lists and tables are nested more than {MAX_DEPTH} deep"
        raise NotJson(message, 1, 1) from None
    return _Composer(text).value(0)


class _Composer:
    """Composes the nodes of valid JSON."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._lines = [0, *(match.end() for match in re.finditer("\n", text))]

    def value(self, depth: int) -> Node:
        """Return the node of the value at the current position."""
        character = self._peek()
        line, column = self._position()
        if depth > MAX_DEPTH:
            message = f"lists and tables are nested more than {MAX_DEPTH} deep"
            raise NotJson(message, line, column)
        if character == '"':
            text, self._at = _DECODER.raw_decode(self._text, self._at)
            return ScalarNode(line, column, text, plain=False)
        if character == "[":
            return ListNode(line, column, [self.value(depth + 1) for _ in self._items("]")])
        if character == "{":
            return MappingNode(line, column, [self._pair(depth + 1) for _ in self._items("}")])
        start, self._at = self._at, _BARE_VALUE.match(self._text, self._at).end()  # type: ignore[union-attr]  # JSON has a value here
        plain = self._text[start : self._at]
        return ScalarNode(line, column, plain, plain=True)

    def _pair(self, depth: int) -> tuple[Node, Node]:
        key = self.value(depth)
        self._peek()
        self._at += 1  # the colon
        return key, self.value(depth)

    def _items(self, end: str) -> Iterator[None]:
        """Yield once before each item, which the caller then reads."""
        self._at += 1
        if self._peek() == end:
            self._at += 1
            return
        while True:
            yield
            character = self._peek()
            self._at += 1
            if character == end:
                return

    def _peek(self) -> str:
        self._at = _WHITESPACE.match(self._text, self._at).end()  # type: ignore[union-attr]  # the pattern also matches an empty string
        return self._text[self._at]

    def _position(self) -> tuple[int, int]:
        line = bisect_right(self._lines, self._at)
        return line, self._at - self._lines[line - 1] + 1
