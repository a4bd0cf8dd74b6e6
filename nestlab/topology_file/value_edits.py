"""Replace a value by another, written by `writing` at the indentation of its place."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.dataclass import dataclass
from nestlab.model.plain import Plain
from nestlab.pattern import pattern
from nestlab.topology_file.text_layout import Edit, TextLayout
from nestlab.topology_file.text_nodes import TextList, TextMapping, TextNode, TextScalar
from nestlab.topology_file.writing import block_lines, flow_text, item_lines, plain_or_quoted

_HEADER_COMMENT = pattern(r"[|>][-+\d]*[ \t]+(#[^\r\n]*)")
_GAP = pattern(r"( +)#")


@dataclass(frozen=True)
class ValuePlace:
    """Where a value is: after a key, or after the dash of an item of the list under `key`.

    `column` is that of the key or the dash, `after` the offset after the colon or the dash;
    `flow` says that it is inside brackets or braces.
    """

    key: str
    column: int
    after: int
    flow: bool
    item: bool = False


def is_block(node: TextNode) -> bool:
    """Whether a node is a list or a mapping without brackets."""
    return isinstance(node, TextList | TextMapping) and not node.flow


def replace_value(
    layout: TextLayout, place: ValuePlace, node: TextNode, value: Plain
) -> Iterator[Edit]:
    """Yield the edits that write a value in the place of a node; an anchor there stays."""
    content = layout.content(node.start)
    if place.flow:
        text = flow_text(value)
        yield Edit(content, node.end, text if node.end > content else f" {text}")
        return
    first, rest = _lines(layout, place, content, value)
    if not is_block(node):
        yield from _replace_inline(layout, node, content, first, rest)
    elif place.item:
        yield Edit(content, layout.line_end(node.end), layout.newline.join([first, *rest]))
    else:
        yield from _replace_block(layout, place, node, first, rest)


def _lines(
    layout: TextLayout, place: ValuePlace, content: int, value: Plain
) -> tuple[str, list[str]]:
    """Return a value as the text after the colon or the dash, and the lines below."""
    if not place.item:
        first, *rest = block_lines({place.key: value}, place.column)
        key = plain_or_quoted(place.key, flow=False)
        return first[place.column + len(key) + 1 :].strip(" "), rest
    lines = list(item_lines(place.key, value, place.column))
    if len(lines) > 1:
        same_line = layout.same_line(place.after, content) and content > place.after
        column = layout.column(content) if same_line else place.column + 2
        lines = list(block_lines(value, column))
        return lines[0].lstrip(" "), lines[1:]
    return lines[0].lstrip(" ").removeprefix("- "), []


def _replace_inline(
    layout: TextLayout, node: TextNode, content: int, first: str, rest: list[str]
) -> Iterator[Edit]:
    text, end = layout.text, node.end
    if content >= end:
        yield Edit(end, end, f" {first}" if first else "")
    elif first:
        block = isinstance(node, TextScalar) and node.block
        comment = _HEADER_COMMENT.match(text, content) if block else None
        if comment:
            first = f"{first}  {comment[1]}"
        gap = _GAP.match(text, end)
        if gap and not block and layout.same_line(content, end):
            width = max(len(gap[1]) + end - content - len(first), min(len(gap[1]), 2))
            first, end = first + " " * width, end + len(gap[1])
        yield Edit(content, end, first)
    else:
        before = text[:content].rstrip(" \t")
        yield Edit(len(before), end, "")
    if rest:
        yield layout.insert_lines(layout.next_line(node.end), rest)


def _replace_block(
    layout: TextLayout, place: ValuePlace, node: TextNode, first: str, rest: list[str]
) -> Iterator[Edit]:
    after = place.after
    if layout.same_line(after, node.start):  # an anchor is after the key
        after = layout.after_anchor(node.start)
    if first:
        yield Edit(after, after, f" {first}")
    start, end = layout.next_line(after), layout.next_line(node.end)
    yield Edit(start, end, layout.insert_lines(end, rest).text if rest else "")
