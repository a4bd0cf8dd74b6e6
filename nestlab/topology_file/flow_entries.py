"""Edits of text in brackets and braces: entries removed and inserted, with their commas.

An entry that is alone on its line is removed with its line and its comment; a new entry after one
that ends its line is written on a separate line.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from nestlab.topology_file.text_layout import Edit, TextLayout

Span = tuple[int, int]


class NewEntry(NamedTuple):
    """The text of an entry to insert, with the comments that move with it.

    `above` are comment lines without their indentation; `behind` is the rest of the entry's line:
    spaces and a comment.
    """

    text: str
    above: Sequence[str] = ()
    behind: str = ""

    def lines(self, indent: str, comma: str) -> list[str]:
        """Return the lines of the entry, each with its indentation."""
        return [
            *(indent + comment for comment in self.above),
            f"{indent}{self.text}{comma}{self.behind}",
        ]


class FlowEntries:
    """The entries between two brackets, as spans of the text, and the edits of them."""

    def __init__(self, layout: TextLayout, brackets: Span, entries: Sequence[Span]) -> None:
        self.layout = layout
        self.text = layout.text
        self.open, self.close = brackets[0], brackets[1] - 1
        self.entries = entries

    def remove(self, numbers: Collection[int]) -> Iterator[Edit]:
        """Remove entries; at least one is left."""
        last = len(self.entries) - 1
        last_left = max(number for number in range(last + 1) if number not in numbers)
        tail = range(last_left + 1, last + 1)
        comma = self._comma(last_left)
        end = self.entries[last][1]
        if tail and comma and self._comma(last) is None and self.layout.same_line(comma, end):
            yield Edit(comma, end, "")
            numbers = set(numbers) - set(tail)
        for number in numbers:
            yield from self._remove_entry(number, *self.entries[number])

    def _remove_entry(self, number: int, start: int, end: int) -> Iterator[Edit]:
        comma = self._comma(number)
        if comma is not None and self.layout.same_line(comma, end):
            end = comma + 1
        elif comma is not None:
            yield Edit(comma, comma + 1, "")
        layout = self.layout
        if layout.begins_line(start) and layout.ends_line(end):
            above = layout.comments_above(start, self._floor(number))
            yield Edit(above, layout.next_line(end), "")
        elif number == len(self.entries) - 1 and comma is None:
            yield Edit(start, end, "")
        else:
            yield self._remove_inline(start, end)

    def _remove_inline(self, start: int, end: int) -> Edit:
        """Remove an entry next to others, with the spaces after it."""
        if self.layout.ends_line(end):
            before = self.text[self.layout.line_start(start) : start]
            return Edit(start - len(before) + len(before.rstrip(" \t")), end, "")
        while self.text[end] in " \t":
            end += 1
        return Edit(start, end, "")

    def with_comments(self, number: int, text: str) -> NewEntry:
        """Return an entry to move, as `text`, with its comments where it is alone on its lines."""
        layout = self.layout
        start, end = self.entries[number]
        comma = self._comma(number)
        if comma is not None and layout.same_line(comma, end):
            end = comma + 1
        if not (layout.begins_line(start) and layout.ends_line(end)):
            return NewEntry(text)
        line = layout.line_start(start)
        above = self.text[layout.comments_above(start, self._floor(number)) : line].splitlines()
        behind = self.text[end : layout.line_end(end)].rstrip()
        return NewEntry(text, [comment.strip() for comment in above], behind)

    def insert_after(self, after: int, entries: Sequence[NewEntry]) -> Iterator[Edit]:
        """Insert entries after one that stays."""
        layout = self.layout
        start, end = self.entries[after]
        indent = " " * layout.column(start)
        comma = self._comma(after)
        on_this_line = comma is not None and layout.same_line(comma, end)
        after_comma = comma + 1 if comma is not None and on_this_line else end
        if (
            layout.ends_line(after_comma)
            and (on_this_line or comma is None)
            and layout.line_end(end) < self.close
        ):
            if comma is None:
                yield Edit(end, end, ",")
            lines = [line for entry in entries[:-1] for line in entry.lines(indent, ",")]
            lines += entries[-1].lines(indent, "" if comma is None else ",")
            yield layout.insert_lines(layout.next_line(end), lines)
        else:
            new_line = layout.newline + indent
            parts = [
                f",{self._between(entry, new_line) or ' '}{entry.text}"
                + (entry.behind and entry.behind + new_line)
                for entry in entries
            ]
            yield Edit(end, end, "".join(parts))

    def insert_before(self, before: int, entries: Sequence[NewEntry]) -> Iterator[Edit]:
        """Insert entries before one that stays."""
        layout = self.layout
        start = self.entries[before][0]
        indent = " " * layout.column(start)
        if layout.begins_line(start) and not layout.same_line(start, self.open):
            place = layout.comments_above(start, self._floor(before))
            lines = [line for entry in entries for line in entry.lines(indent, ",")]
            yield layout.insert_lines(place, lines)
        else:
            new_line = layout.newline + indent
            parts = [
                f"{self._between(entry, new_line)}{entry.text},"
                + (entry.behind + new_line if entry.behind else " ")
                for entry in entries
            ]
            yield Edit(start, start, "".join(parts))

    @staticmethod
    def _between(entry: NewEntry, new_line: str) -> str:
        """Return the text before an entry in the middle of a line: its comments, on their lines."""
        return "".join(new_line + line for line in (*entry.above, "")) if entry.above else ""

    def _floor(self, number: int) -> int:
        """Return the start of the first line above an entry that can belong to it."""
        return self.layout.next_line(self.entries[number - 1][1] if number else self.open)

    def _comma(self, number: int) -> int | None:
        """Return the offset of the comma after an entry; None if it has none."""
        position = self.entries[number][1]
        while position < self.close:
            char = self.text[position]
            if char == ",":
                return position
            if char == "#":
                position = self.layout.line_end(position)
            position += 1
        return None
