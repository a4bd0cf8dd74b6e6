"""Annotations of a picture: frames and numbered badges on what differs, with a legend below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from nestlab.dataclass import dataclass, replace
from nestlab.drawing.canvas import Canvas
from nestlab.drawing.dimensions import BAR_HEIGHT
from nestlab.drawing.font_metrics import wrap
from nestlab.drawing.geometry import BAR_ROUNDING, Box, Frame, Layout, SwitchBar, corner_radius
from nestlab.drawing.labels import BADGE_HEIGHT, GAP, Word, badge, row_width
from nestlab.drawing.layout import MARGIN
from nestlab.texts import mark, tr, translate

_ROW = 18
_TEXT = 11
_FRAME_GAP = 3  # between the edge of a box and its frame
_SHOWN_NUMBERS = 3
_REGULAR_TO_BOLD = 0.86  # widths of the same text
_MAX_ITEMS = 40  # listed below the picture; the others are counted

KINDS: dict[str, tuple[str, str]] = {
    "missing": ("+", mark("in the file, not on the host")),
    "differs": ("≠", mark("differs from the file")),
    "left-over": ("−", mark("on the host, not in the file")),
    "not-known": ("?", mark("not known")),
}
"""The symbol of each kind of annotation and its meaning, the most important first."""


@dataclass(frozen=True)
class Annotation:
    """A note about a part of a picture; `kind` is one of `KINDS`.

    `part` is the id of a box or a switch bar. If that is not drawn, the annotation is placed on the
    innermost machine around it that is drawn.
    """

    part: str
    kind: str
    text: str


def annotated(
    picture: Layout, annotations: Sequence[Annotation], summary: str, *, listed: bool = True
) -> Layout:
    """Return a picture with annotations, and below it a summary, a legend and a numbered list.

    Each kind has a color and a symbol; frames of the kind ``not-known`` are dashed. What is not
    `listed` below the picture has only its numbers in it, and the legend.
    """
    canvas = Canvas()
    parts: dict[str, Box | SwitchBar] = {box.id: box for box in picture.boxes}
    parts.update((bar.id, bar) for bar in picture.bars if not bar.repeated)
    by_part: dict[str, list[tuple[int, Annotation]]] = {}
    for number, annotation in enumerate(annotations, 1):
        by_part.setdefault(_drawn(annotation.part, parts), []).append((number, annotation))
    frames = [_frame(canvas, parts[part], found) for part, found in by_part.items()]
    bottom = _legend(canvas, picture, annotations, summary if listed else "")
    bottom = _list(canvas, picture, annotations, bottom) if listed else bottom
    return replace(
        picture,
        height=round(bottom),
        texts=(*picture.texts, *canvas.texts),
        badges=(*picture.badges, *canvas.badges),
        frames=tuple(frames),
    )


def _drawn(part: str, parts: dict[str, Box | SwitchBar]) -> str:
    """Return the id of a part, or of the innermost machine around it that is drawn."""
    folded = {name.casefold(): name for name in parts}
    text = part.casefold()
    while text not in folded and text:
        text = text.removeprefix("switch:").rpartition("/")[0]
    return folded.get(text, "host")


def _frame(canvas: Canvas, part: Box | SwitchBar, found: Sequence[tuple[int, Annotation]]) -> Frame:
    """Return the frame of a part, after writing its badges on the lower edge."""
    kinds = [kind for kind in KINDS if any(annotation.kind == kind for _, annotation in found)]
    row = tuple(
        badge(
            f"{KINDS[kind][0]} {_numbers([n for n, annotation in found if annotation.kind == kind])}",
            kind,
        )
        for kind in kinds
    )
    is_bar = isinstance(part, SwitchBar)
    # Those of a host are on the left, so that they are not below those of a VM in it. At the left
    # of a bar are its text and links.
    at_left = isinstance(part, Box) and part.kind != "vm"
    left = part.x + (12 if at_left else max(8, part.width - row_width(row) - 12))
    baseline = part.y + part.height + (BADGE_HEIGHT * 0.52 if is_bar else BADGE_HEIGHT * 0.24)
    canvas.write(row, left, baseline, "")
    radius = BAR_HEIGHT / BAR_ROUNDING if isinstance(part, SwitchBar) else corner_radius(part)
    return Frame(
        x=part.x - _FRAME_GAP,
        y=part.y - _FRAME_GAP,
        width=part.width + 2 * _FRAME_GAP,
        height=part.height + 2 * _FRAME_GAP,
        radius=radius + _FRAME_GAP,
        role=kinds[0],
        dashed=kinds[0] == "not-known",
        name="; ".join(f"{number}: {annotation.text}" for number, annotation in found),
    )


def number_text(number: int, kind: str) -> str:
    """Return the number of an annotation with the symbol of its kind, as the picture has it."""
    return f"{KINDS[kind][0]} {number}"


def _numbers(numbers: Sequence[int]) -> str:
    """Return numbers as short text.

    >>> _numbers([3]), _numbers([1, 2, 3]), _numbers([1, 4]), _numbers([1, 3, 5, 7])
    ('3', '1–3', '1, 4', '1, 3, 5 …')
    """
    if len(numbers) > 1 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"{numbers[0]}–{numbers[-1]}"
    more = " …" if len(numbers) > _SHOWN_NUMBERS else ""
    return ", ".join(map(str, numbers[:_SHOWN_NUMBERS])) + more


def _legend(
    canvas: Canvas, picture: Layout, annotations: Sequence[Annotation], summary: str
) -> float:
    """Write the summary and the legend below a picture; return where they end."""
    available_width = picture.width - 2 * MARGIN
    y = picture.height + 8.0
    for line in wrap(summary, 12, available_width * _REGULAR_TO_BOLD):
        canvas.write((Word(line, 12, "name", bold=True),), MARGIN, y, "")
        y += _ROW
    x = float(MARGIN)
    for kind in (
        kind for kind in KINDS if any(annotation.kind == kind for annotation in annotations)
    ):
        symbol, meaning = KINDS[kind]
        row = (badge(symbol, kind), Word(translate(meaning), _TEXT, "muted"))
        if x > MARGIN and x + row_width(row) > picture.width - MARGIN:
            x, y = float(MARGIN), y + _ROW
        canvas.write(row, x, y, "")
        x += row_width(row) + 3 * GAP
    return y + (_ROW + 4 if annotations else 0)


def _list(canvas: Canvas, picture: Layout, annotations: Sequence[Annotation], y: float) -> float:
    """Write the numbered annotations from a height on; return where they end."""
    available_width = picture.width - 2 * MARGIN
    for number, annotation in enumerate(annotations[:_MAX_ITEMS], 1):
        y = _item(canvas, number, annotation, available_width, y)
    if len(annotations) > _MAX_ITEMS:
        more = tr("and {count} more", count=len(annotations) - _MAX_ITEMS)
        canvas.write((Word(more, _TEXT, "muted"),), MARGIN, y, "")
        y += _ROW
    return y + 4


def _item(
    canvas: Canvas, number: int, annotation: Annotation, available_width: float, y: float
) -> float:
    first = badge(number_text(number, annotation.kind), annotation.kind)
    indent = 44.0
    canvas.write((first,), MARGIN, y, "")
    for line in wrap(annotation.text, _TEXT, available_width - indent) or [""]:
        canvas.write((Word(line, _TEXT, "name"),), MARGIN + indent, y, "")
        y += _ROW
    return y


def annotations_text(annotations: Sequence[Annotation]) -> Iterator[str]:
    """Yield the annotations as lines of text, for readers who do not see the picture."""
    numbered = enumerate(annotations, 1)
    return chain(f"{number}. {translate(KINDS[m.kind][1])}: {m.text}" for number, m in numbered)
