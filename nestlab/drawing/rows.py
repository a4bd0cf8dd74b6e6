"""Arranges boxes in rows: in the order of the file, or at positions set by the user."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from nestlab.dataclass import dataclass

_TARGET_ASPECT_RATIO = 1.6  # width to height: a screen, a slide, a landscape page
_CANDIDATES = 24


@dataclass(frozen=True)
class RowItem:
    """A box in a row: its index, and its distance from the left."""

    index: int
    x: float


def arrange(
    sizes: Sequence[tuple[float, float]],
    wanted: Mapping[int, tuple[float, int]],
    *,
    gap: float,
    row_overhead: float,
) -> list[list[RowItem]]:
    """Return rows of boxes that do not overlap.

    Args:
        sizes: width and height of each box, in pixels.
        wanted: position of a box set by the user: distance from the left in pixels, and the row.
            Boxes that would overlap move right.
        gap: space between neighbors, in pixels.
        row_overhead: height that each row needs in addition to its boxes, in pixels.

    >>> arrange([(100, 50), (100, 50)], {}, gap=10, row_overhead=20)
    [[RowItem(index=0, x=0.0), RowItem(index=1, x=110.0)]]
    >>> arrange([(100, 50), (100, 50)], {0: (30, 1)}, gap=10, row_overhead=20)
    [[RowItem(index=1, x=110.0)], [RowItem(index=0, x=30)]]
    """
    if not sizes:
        return []
    rows = _best_rows(sizes, gap, row_overhead)
    if not wanted:
        return rows
    slots: dict[int, list[tuple[float, int]]] = {}
    for number, row in enumerate(rows):
        for item in row:
            x, target = wanted.get(item.index, (item.x, number))
            slots.setdefault(target, []).append((max(0.0, x), item.index))
    return [_without_overlaps(sorted(slots[number]), sizes, gap) for number in sorted(slots)]


def _without_overlaps(
    slots: list[tuple[float, int]], sizes: Sequence[tuple[float, float]], gap: float
) -> list[RowItem]:
    row: list[RowItem] = []
    free = 0.0
    for x, index in slots:
        row.append(RowItem(index, max(x, free)))
        free = row[-1].x + sizes[index][0] + gap
    return row


def _best_rows(
    sizes: Sequence[tuple[float, float]], gap: float, row_overhead: float
) -> list[list[RowItem]]:
    widest = max(width for width, _ in sizes)
    total = sum(width for width, _ in sizes) + gap * (len(sizes) - 1)
    limits = {
        round(widest * (total / widest) ** (step / _CANDIDATES)) + 1
        for step in range(_CANDIDATES + 1)
    }
    return min(
        (_flow(sizes, limit, gap) for limit in sorted(limits, reverse=True)),
        key=lambda rows: _cost(rows, sizes, row_overhead),
    )


def _flow(sizes: Sequence[tuple[float, float]], limit: float, gap: float) -> list[list[RowItem]]:
    rows: list[list[RowItem]] = [[]]
    x = 0.0
    for index, (width, _) in enumerate(sizes):
        if rows[-1] and x + width > limit:
            rows.append([])
            x = 0
        rows[-1].append(RowItem(index, x))
        x += width + gap
    return rows


def _cost(
    rows: list[list[RowItem]], sizes: Sequence[tuple[float, float]], row_overhead: float
) -> float:
    """Return the distance from the target ratio, plus a little for ragged and extra rows."""
    widths = [row[-1].x + sizes[row[-1].index][0] for row in rows]
    height = sum(max(sizes[item.index][1] for item in row) + row_overhead for row in rows)
    ragged = 1 - widths[-1] / max(widths)
    return (
        abs(math.log(max(widths) / height / _TARGET_ASPECT_RATIO))
        + 0.5 * ragged
        + 0.05 * min(len(rows) - 1, 3)
    )
