"""Edits of text in brackets and braces: entries removed and inserted, with their commas.

An entry that is alone on its line is removed with its line and its comment; a new one after an
entry that ends its line gets a line of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from nestlab.topology_file.text_layout import Edit, TextLayout

Span = tuple[int, int]


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
        floor = layout.next_line(self.entries[number - 1][1] if number else self.open)
        if layout.begins_line(start) and layout.ends_line(end):
            yield Edit(layout.comments_above(start, floor), layout.next_line(end), "")
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

    def insert_after(self, after: int, entries: Sequence[str]) -> Iterator[Edit]:
        """Insert entries after one that stays."""
        layout = self.layout
        start, end = self.entries[after]
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
            indent = " " * layout.column(start)
            lines = [f"{indent}{entry}," for entry in entries]
            if comma is None:
                lines[-1] = lines[-1].removesuffix(",")
            yield layout.insert_lines(layout.next_line(end), lines)
        else:
            yield Edit(end, end, "".join(f", {entry}" for entry in entries))

    def insert_before(self, before: int, entries: Sequence[str]) -> Iterator[Edit]:
        """Insert entries before one that stays."""
        layout = self.layout
        start = self.entries[before][0]
        if layout.begins_line(start) and not layout.same_line(start, self.open):
            indent = " " * layout.column(start)
            floor = layout.next_line(self.entries[before - 1][1] if before else self.open)
            yield layout.insert_lines(
                layout.comments_above(start, floor), [f"{indent}{entry}," for entry in entries]
            )
        else:
            yield Edit(start, start, "".join(f"{entry}, " for entry in entries))

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
