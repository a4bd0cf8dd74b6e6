"""The data that the page draws: the layout, with the classes and outlines of the SVG.

Positions are relative to the box that a part belongs to, so that a host that moves changes one part
of the picture, and not all that are inside it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from nestlab.drawing.geometry import (
    BADGE_BASELINE,
    BAR_ROUNDING,
    CROSS_ARM,
    DOT_RADIUS,
    Badge,
    Box,
    Layout,
    Line,
    Point,
    SwitchBar,
    Text,
    corner_radius,
)
from nestlab.drawing.svg import box_class, cloud_path, line_class

GEOMETRY = {
    "bar_rounding": BAR_ROUNDING,
    "cross_arm": CROSS_ARM,
    "dot_radius": DOT_RADIUS,
    "badge_baseline": BADGE_BASELINE,
}
TITLE = "text:title"
"""The id of the part with the texts that belong to no other."""
_PLACE = frozenset({"x", "y"})  # which are sent also where they are 0

Item = dict[str, Any]
_Origins = Mapping[str, Point]


def picture(drawn: Layout, folded: Collection[str] = ()) -> dict[str, Any]:
    """Return the plain data of a layout for the page: its parts, in the order of drawing.

    A part has the key ``base``, the id of the box that its positions are relative to, and its
    ``labels``. Keys with an empty value are left out, except for places.
    """
    origins = {box.id: (box.x, box.y) for box in drawn.boxes}
    parts = {part["id"]: part for part in _parts(drawn, origins)}
    for identifier in folded:
        if identifier in parts:
            parts[identifier]["folded"] = True
    written: list[Text | Badge] = [*drawn.texts, *drawn.badges]
    for label in written:
        part = parts.get(label.owner) or parts[TITLE]
        labels = part.setdefault("labels", [])
        labels.append(_label(label, origins.get(part.get("base", ""), (0, 0))))
    return {
        "width": drawn.width,
        "height": drawn.height,
        "geometry": GEOMETRY,
        "parts": list(parts.values()),
    }


def _parts(drawn: Layout, origins: _Origins) -> Iterator[Item]:
    for box in drawn.boxes:
        yield _box(box, origins.get(box.parent, (0, 0)))
    for bar in drawn.bars:
        yield _bar(bar, origins.get(bar.machine, (0, 0)))
    machines = {bar.id: bar.machine for bar in drawn.bars}
    for line in drawn.lines:
        end = line.source or line.id.removeprefix("spine:")
        base = machines.get(end, end)
        yield _line(line, base if base in origins else "", origins)
    yield {"id": TITLE, "part": "title"}


def _box(box: Box, origin: Point) -> Item:
    """Return a box; its labels are relative to itself."""
    return _short(
        id=box.id,
        part="box",
        base=box.id,
        parent=box.parent,
        kind=box.kind,
        x=_near(box.x - origin[0]),
        y=_near(box.y - origin[1]),
        width=_near(box.width),
        height=_near(box.height),
        name=box.name,
        row=box.row,
        offset=_near(box.offset),
        classes=box_class(box),
        radius=corner_radius(box),
        outline=_outline(box) if box.kind == "internet" else "",
    )


def _outline(box: Box) -> str:
    return cloud_path(
        Box(id="", kind="internet", x=0, y=0, width=box.width, height=box.height, name="")
    )


def _bar(bar: SwitchBar, origin: Point) -> Item:
    return _short(
        id=bar.id,
        part="bar",
        base=bar.machine,
        machine=bar.machine,
        switch_type=bar.switch_type,
        x=_near(bar.x - origin[0]),
        y=_near(bar.y - origin[1]),
        width=_near(bar.width),
        height=_near(bar.height),
        name=bar.name,
        repeated=bar.repeated,
    )


def _line(line: Line, base: str, origins: _Origins) -> Item:
    """Return a line, relative to the machine that it begins at: a VM, or that of a switch."""
    origin = origins.get(base, (0, 0))
    classes = line_class(line)
    return _short(
        id=line.id,
        part="line",
        base=base,
        kind=line.kind,
        name=line.name,
        source=line.source,
        classes=classes,
        colour=classes.split()[0],
        points=_moved(line.points, origin),
        dots=_moved(line.dots, origin),
        cross=next(iter(_moved((line.cross,), origin))) if line.cross else None,
    )


def _label(label: Text | Badge, origin: Point) -> Item:
    return _short(
        x=_near(label.x - origin[0]),
        y=_near(label.y - origin[1]),
        text=label.text,
        role=label.role,
        size=label.size,
        bold=isinstance(label, Text) and label.bold,
        width=_near(label.width) if isinstance(label, Badge) else None,
        height=_near(label.height) if isinstance(label, Badge) else None,
    )


def _moved(points: Iterable[Point], origin: Point) -> list[list[float]]:
    return [[_near(x - origin[0]), _near(y - origin[1])] for x, y in points]


def _near(number: float) -> float:
    """Return a number of pixels to two decimals, which is finer than a screen shows."""
    rounded = round(number, 2)
    whole = int(rounded)
    return whole if whole == rounded else rounded


def _short(**values: Any) -> Item:
    return {name: value for name, value in values.items() if value or name in _PLACE}
