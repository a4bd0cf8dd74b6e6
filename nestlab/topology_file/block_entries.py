"""The lines and comments of each entry of a block, and the removal of entries."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from nestlab.dataclass import dataclass
from nestlab.topology_file.text_layout import Edit, TextLayout
from nestlab.topology_file.text_nodes import TextList, TextMapping, is_merge
from nestlab.topology_file.value_edits import is_block


class UnusualLayout(Exception):
    """The layout of the text cannot be edited in place: an explicit key, a list in a list."""


@dataclass(frozen=True)
class BlockEntries:
    """The entries of a block mapping or list: where each begins, and the lines that belong to it.

    `markers` are the offsets of the keys or dashes. In a mapping that is an item of a list, the
    first entry follows the dash, so it does not begin a line.
    """

    layout: TextLayout
    markers: list[int]
    starts: list[int]
    ends: list[int]

    @property
    def starts_after_dash(self) -> bool:
        """Whether the first entry is on the line of an item's dash."""
        return not self.layout.begins_line(self.markers[0])

    def remove(self, numbers: Collection[int]) -> Iterator[Edit]:
        """Remove entries with the lines that belong to them; at least one is left."""
        layout = self.layout
        leading = 0
        if 0 in numbers and self.starts_after_dash:  # the next entry follows the dash
            while leading in numbers:
                leading += 1
            end = self.ends[leading - 1]
            while layout.is_blank(end):
                end = layout.next_line(end)
            yield Edit(self.starts[0], end + layout.indent(end), "")
        for number in sorted(numbers):
            if number >= leading:
                yield layout.delete_lines(self.starts[number], self.ends[number])


def mapping_entries(layout: TextLayout, node: TextMapping, *, top: bool) -> BlockEntries:
    """Return the entries of a block mapping.

    The comment at the top of a file belongs to none; neither does one above ``<<``, which stays
    where the merged keys are written out.
    """
    entries = BlockEntries(layout, [], [], [])
    for number, (key, value) in enumerate(node.pairs):
        own_line = layout.begins_line(key.start)
        if number and not own_line:
            raise UnusualLayout
        if not own_line:
            start = key.start
        elif (number or not top) and not is_merge(key):
            start = layout.comments_above(key.start, entries.ends[-1] if number else 0)
        else:
            start = layout.line_start(key.start)
        column = layout.column(key.start)
        end = max(key.end, value.end)
        entries.markers.append(key.start)
        entries.starts.append(start)
        entries.ends.append(
            layout.comments_below(end, column) if is_block(value) else layout.next_line(end)
        )
    return entries


def list_entries(layout: TextLayout, node: TextList) -> BlockEntries:
    """Return the entries of a block list."""
    entries = BlockEntries(layout, [], [], [])
    dash = layout.content(node.start)
    column = layout.column(dash)
    for number, item in enumerate(node.items):
        if number:
            line = layout.next_line(node.items[number - 1].end)
            while line < item.start and not _is_dash(layout, line + column, column):
                line = layout.next_line(line)
            dash = line + column
        if not _is_dash(layout, dash, column):
            raise UnusualLayout
        entries.markers.append(dash)
        entries.starts.append(layout.comments_above(dash, entries.ends[-1] if number else 0))
        entries.ends.append(
            layout.comments_below(item.end, column)
            if is_block(item)
            else layout.next_line(item.end)
        )
    return entries


def _is_dash(layout: TextLayout, position: int, column: int) -> bool:
    return (
        layout.text[position : position + 1] == "-"
        and layout.begins_line(position)
        and layout.column(position) == column
    )
