"""Marks on a picture: outlines and numbered badges on what differs, with a legend below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from nestlab.dataclass import dataclass, replace
from nestlab.drawing.canvas import Canvas
from nestlab.drawing.dimensions import BAR_HEIGHT
from nestlab.drawing.font_metrics import wrap
from nestlab.drawing.geometry import BAR_ROUNDING, Box, Layout, Outline, SwitchBar, corner_radius
from nestlab.drawing.labels import BADGE_HEIGHT, GAP, Word, badge, row_width

_MARGIN = 20
_ROW = 18
_TEXT = 11
_APART = 3  # between the edge of a box and its outline
_SHOWN_NUMBERS = 3
_REGULAR_TO_BOLD = 0.86  # widths of the same text
_MAX_ITEMS = 40  # listed below the picture; the others are counted

KINDS: dict[str, tuple[str, str]] = {
    "missing": ("+", "in the file, not on the host"),
    "differs": ("≠", "differs from the file"),
    "left-over": ("−", "on the host, not in the file"),
    "not-known": ("?", "not known"),
}
"""The symbol of each kind of mark and its meaning, the most important first."""


@dataclass(frozen=True)
class Mark:
    """A mark of a kind (one of `KINDS`) on a part of a picture, with what it is about.

    `part` is the id of a box or a switch bar; the mark of a part that is not drawn is on the
    machine that it is on.
    """

    part: str
    kind: str
    text: str


def marked(picture: Layout, marks: Sequence[Mark], summary: str) -> Layout:
    """Return a picture with marks, and below it a summary, a legend and a numbered list.

    Kinds differ in colour, symbol and, where something is not known, in dashes.
    """
    canvas = Canvas()
    frames: dict[str, Box | SwitchBar] = {box.id: box for box in picture.boxes}
    frames.update((bar.id, bar) for bar in picture.bars if not bar.repeated)
    by_part: dict[str, list[tuple[int, Mark]]] = {}
    for number, mark in enumerate(marks, 1):
        by_part.setdefault(_drawn(mark.part, frames), []).append((number, mark))
    outlines = [_outline(canvas, frames[part], found) for part, found in by_part.items()]
    bottom = _legend(canvas, picture, marks, summary)
    return replace(
        picture,
        height=round(bottom),
        texts=(*picture.texts, *canvas.texts),
        badges=(*picture.badges, *canvas.badges),
        outlines=tuple(outlines),
    )


def _drawn(part: str, frames: dict[str, Box | SwitchBar]) -> str:
    """Return the id of a part, or of the innermost machine around it that is drawn."""
    folded = {name.casefold(): name for name in frames}
    text = part.casefold()
    while text not in folded and text:
        text = text.removeprefix("switch:").rpartition("/")[0]
    return folded.get(text, "host")


def _outline(canvas: Canvas, frame: Box | SwitchBar, found: Sequence[tuple[int, Mark]]) -> Outline:
    """Return the outline of a part, after writing its badges on the lower edge."""
    kinds = [kind for kind in KINDS if any(mark.kind == kind for _, mark in found)]
    row = tuple(
        badge(f"{KINDS[kind][0]} {_numbers([n for n, mark in found if mark.kind == kind])}", kind)
        for kind in kinds
    )
    is_bar = isinstance(frame, SwitchBar)
    # Those of a host are at the left, so that they are not below those of a VM in it. At the left
    # of a bar are its text and links.
    at_left = isinstance(frame, Box) and frame.kind != "vm"
    left = frame.x + (12 if at_left else max(8, frame.width - row_width(row) - 12))
    baseline = frame.y + frame.height + (BADGE_HEIGHT * 0.52 if is_bar else BADGE_HEIGHT * 0.24)
    canvas.write(row, left, baseline, "")
    radius = BAR_HEIGHT / BAR_ROUNDING if isinstance(frame, SwitchBar) else corner_radius(frame)
    return Outline(
        x=frame.x - _APART,
        y=frame.y - _APART,
        width=frame.width + 2 * _APART,
        height=frame.height + 2 * _APART,
        radius=radius + _APART,
        role=kinds[0],
        dashed=kinds[0] == "not-known",
        name="; ".join(f"{number}: {mark.text}" for number, mark in found),
    )


def _numbers(numbers: Sequence[int]) -> str:
    """Return numbers as short text.

    >>> _numbers([3]), _numbers([1, 2, 3]), _numbers([1, 4]), _numbers([1, 3, 5, 7])
    ('3', '1–3', '1, 4', '1, 3, 5 …')
    """
    if len(numbers) > 1 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"{numbers[0]}–{numbers[-1]}"
    more = " …" if len(numbers) > _SHOWN_NUMBERS else ""
    return ", ".join(map(str, numbers[:_SHOWN_NUMBERS])) + more


def _legend(canvas: Canvas, picture: Layout, marks: Sequence[Mark], summary: str) -> float:
    """Write the summary, the legend and the list below a picture; return where they end."""
    room = picture.width - 2 * _MARGIN
    y = picture.height + 8.0
    for line in wrap(summary, 12, room * _REGULAR_TO_BOLD):
        canvas.write((Word(line, 12, "name", bold=True),), _MARGIN, y, "")
        y += _ROW
    x = float(_MARGIN)
    for kind in (kind for kind in KINDS if any(mark.kind == kind for mark in marks)):
        symbol, meaning = KINDS[kind]
        row = (badge(symbol, kind), Word(meaning, _TEXT, "muted"))
        if x > _MARGIN and x + row_width(row) > picture.width - _MARGIN:
            x, y = float(_MARGIN), y + _ROW
        canvas.write(row, x, y, "")
        x += row_width(row) + 3 * GAP
    y += _ROW + 4 if marks else 0
    for number, mark in enumerate(marks[:_MAX_ITEMS], 1):
        y = _item(canvas, number, mark, room, y)
    if len(marks) > _MAX_ITEMS:
        more = f"and {len(marks) - _MAX_ITEMS} more"
        canvas.write((Word(more, _TEXT, "muted"),), _MARGIN, y, "")
        y += _ROW
    return y + 4


def _item(canvas: Canvas, number: int, mark: Mark, room: float, y: float) -> float:
    first = badge(f"{KINDS[mark.kind][0]} {number}", mark.kind)
    indent = 44.0
    canvas.write((first,), _MARGIN, y, "")
    for line in wrap(mark.text, _TEXT, room - indent) or [""]:
        canvas.write((Word(line, _TEXT, "name"),), _MARGIN + indent, y, "")
        y += _ROW
    return y


def marks_text(marks: Sequence[Mark]) -> Iterator[str]:
    """Yield the marks as lines of text, for readers who do not see the picture."""
    numbered = enumerate(marks, 1)
    return chain(f"{number}. {KINDS[m.kind][1]}: {m.text}" for number, m in numbered)
