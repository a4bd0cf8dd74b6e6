"""The lines and comments of a text, and edits of it, each of which replaces a span."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple

from nestlab.pattern import pattern

_BREAK = pattern("\r\n|[\r\n\x85\u2028\u2029]")
_LEADING = pattern(r"[ \t]*")
_PROPERTIES = pattern(r"(?:[&!]\S*\s+(?:#.*\s+)*)*")

_ANCHOR = pattern(r"[&!]\S*(?:[ \t]+[&!]\S*)*")


class Edit(NamedTuple):
    """Replaces the characters from `start` to `end` of a text."""

    start: int
    end: int
    text: str


class OverlappingEdits(Exception):
    """Two edits replace the same character."""


class TextLayout:
    """Finds lines and comments in a text by the offset of a character."""

    def __init__(self, text: str) -> None:
        self.text = text
        breaks = [match.span() for match in _BREAK.finditer(text)]
        self._starts = [0, *(end for _, end in breaks)]
        self._ends = [*(start for start, _ in breaks), len(text)]
        self.newline = "\r\n" if "\r\n" in text else "\n"

    def line_start(self, position: int) -> int:
        """Return where the line of a position begins."""
        return self._starts[bisect_right(self._starts, position) - 1]

    def line_end(self, position: int) -> int:
        """Return where the line of a position ends, before its line break."""
        return self._ends[bisect_right(self._starts, position) - 1]

    def next_line(self, position: int) -> int:
        """Return where the line after that of a position begins, or the end of the text."""
        number = bisect_right(self._starts, position)
        return self._starts[number] if number < len(self._starts) else len(self.text)

    def column(self, position: int) -> int:
        """Return the column of a position, from 0."""
        return position - self.line_start(position)

    def begins_line(self, position: int) -> bool:
        """Whether only spaces are before a position in its line."""
        return not self.text[self.line_start(position) : position].strip(" \t")

    def ends_line(self, position: int) -> bool:
        """Whether only spaces and a comment follow in the line of a position."""
        rest = self.text[position : self.line_end(position)].lstrip(" \t")
        return not rest or rest.startswith("#")

    def same_line(self, one: int, other: int) -> bool:
        """Whether two positions are on the same line."""
        return self.line_start(one) == self.line_start(other)

    def comments_above(self, position: int, floor: int) -> int:
        """Return the start of the comment lines directly above a line, at `floor` or after it."""
        start = self.line_start(position)
        while start > floor:
            above = self.line_start(start - 1)
            if above < floor or not self._is_comment(above):
                break
            start = above
        return start

    def comments_below(self, position: int, column: int) -> int:
        """Return the end of the comment lines directly below that are indented past a column."""
        end = self.next_line(position)
        while end < len(self.text) and self._is_comment(end) and self.indent(end) > column:
            end = self.next_line(end)
        return end

    def is_blank(self, line: int) -> bool:
        """Whether a line is empty or has only white space."""
        return not self.text[line : self.line_end(line)].strip()

    def indent(self, line: int) -> int:
        """Return how many spaces a line begins with."""
        match = _LEADING.match(self.text, line)
        return len(match[0]) if match else 0

    def content(self, start: int) -> int:
        """Return where a node begins, after its anchor and its tag."""
        match = _PROPERTIES.match(self.text, start)
        return match.end() if match else start

    def after_anchor(self, start: int) -> int:
        """Return the end of the anchor and tag at the start of a node."""
        match = _ANCHOR.match(self.text, start)
        return match.end() if match else start

    def _is_comment(self, line: int) -> bool:
        return self.text[line : self.line_end(line)].lstrip(" \t").startswith("#")

    def insert_lines(self, position: int, lines: Iterable[str]) -> Edit:
        """Return the edit that puts lines at the start of a line, or at the end of the text."""
        return self.insert_text(position, "".join(line + self.newline for line in lines))

    def insert_text(self, position: int, text: str) -> Edit:
        """Return the edit that puts a text of whole lines at the start of a line, or at the end."""
        if text and position == len(self.text) and self.line_start(position) != position:
            text = self.newline + text.removesuffix(self.newline)
        return Edit(position, position, text)

    def delete_lines(self, start: int, end: int) -> Edit:
        """Return the edit that removes whole lines, and one of two blank lines around them."""
        above = self.line_start(start - 1) if start else 0
        if start and self.is_blank(above) and (end == len(self.text) or self.is_blank(end)):
            start = above
        return Edit(start, end, "")


def apply_edits(text: str, edits: Iterable[Edit], start: int = 0, end: int | None = None) -> str:
    """Return a span of a text with these edits applied to it. Raises OverlappingEdits."""
    parts: list[str] = []
    position = start
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        if edit.start < position:
            raise OverlappingEdits
        parts += (text[position : edit.start], edit.text)
        position = edit.end
    return "".join((*parts, text[position:end]))
