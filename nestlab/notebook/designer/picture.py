"""The data that the page draws: the layout, with the classes and outlines of the SVG."""

from __future__ import annotations

from typing import Any

from nestlab.drawing.geometry import (
    BADGE_BASELINE,
    BAR_ROUNDING,
    CROSS_ARM,
    DOT_RADIUS,
    Layout,
    corner_radius,
)
from nestlab.drawing.svg import box_class, cloud_path, line_class

GEOMETRY = {
    "bar_rounding": BAR_ROUNDING,
    "cross_arm": CROSS_ARM,
    "dot_radius": DOT_RADIUS,
    "badge_baseline": BADGE_BASELINE,
}


def picture(drawn: Layout) -> dict[str, Any]:
    """Return the plain data of a layout for the page."""
    data = drawn.to_dict()
    for box, plain in zip(drawn.boxes, data["boxes"], strict=True):
        plain["classes"] = box_class(box)
        plain["radius"] = corner_radius(box)
        plain["outline"] = cloud_path(box) if box.kind == "internet" else ""
    for line, plain in zip(drawn.lines, data["lines"], strict=True):
        plain["classes"] = line_class(line)
        plain["colour"] = line_class(line).split()[0]
    return {**data, "geometry": GEOMETRY}
