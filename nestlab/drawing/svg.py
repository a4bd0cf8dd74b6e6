"""Writes a layout as SVG: standalone, accessible, light, dark or automatic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from nestlab.drawing.geometry import (
    BADGE_BASELINE,
    BAR_ROUNDING,
    CROSS_ARM,
    DOT_RADIUS,
    Badge,
    Box,
    Frame,
    Layout,
    Line,
    Point,
    SwitchBar,
    Text,
    corner_radius,
)
from nestlab.drawing.layout import Positions, layout
from nestlab.drawing.palette import LIGHT
from nestlab.drawing.style import annotation_style_sheet, style_sheet
from nestlab.errors import UsageError
from nestlab.model.topology import Topology
from nestlab.texts import tr
from nestlab.visible import visible

THEMES = ("auto", "page", "light", "dark")


def svg(
    drawn: Layout | Topology,
    theme: str = "auto",
    *,
    trace: Mapping[str, Any] | None = None,
    positions: Positions | None = None,
    description: str = "",
) -> str:
    """Return a topology, or its layout, as a standalone SVG document.

    Args:
        drawn: the topology, or the layout of one.
        theme: ``light``, ``dark``, ``auto``: the preference of the reader's system, or ``page``:
            the theme of the notebook that shows the picture (JupyterLab's or VS Code's).
        trace: the plain data of a trace (`Trace.to_dict()`), drawn on the picture.
        positions: positions of VMs set by the user, as in `layout`; only with a topology.
        description: what the picture shows, for readers who do not see it (``<desc>``).

    Raises:
        UsageError: there is no such theme.
    """
    if theme not in THEMES:
        message = tr("There is no theme {theme!r}.", theme=theme)
        raise UsageError(message, hint=tr("Themes are {themes}.", themes=", ".join(THEMES)))
    picture = layout(drawn, positions) if isinstance(drawn, Topology) else drawn
    return visible("\n".join(_document(picture, theme, trace, description)))


def number(value: float) -> str:
    """Write a coordinate with at most one decimal.

    >>> number(12.0), number(12.345)
    ('12', '12.3')
    """
    return f"{round(value, 1):g}" if abs(value) < 100_000 else str(round(value))  # noqa: PLR2004  # :g would write an exponent


def cloud_path(box: Box) -> str:
    """Return the outline of a cloud that fills a box, as SVG path data."""
    points = [(number(box.x + u * box.width), number(box.y + v * box.height)) for u, v in CLOUD]
    curves = [
        " ".join(",".join(point) for point in points[index : index + 3])
        for index in range(1, len(points), 3)
    ]
    return f"M{points[0][0]},{points[0][1]} " + " ".join(f"C{curve}" for curve in curves) + " Z"


# Start, then cubic curves (two control points and an end each), in a square of side 1.
CLOUD: tuple[Point, ...] = (
    (0.20, 1.00),
    (0.02, 1.00), (-0.05, 0.62), (0.13, 0.55),
    (0.08, 0.25), (0.30, 0.12), (0.38, 0.26),
    (0.46, -0.08), (0.76, -0.06), (0.76, 0.32),
    (0.90, 0.24), (0.97, 0.42), (0.90, 0.53),
    (1.06, 0.62), (1.00, 1.00), (0.82, 1.00),
    (0.60, 1.00), (0.40, 1.00), (0.20, 1.00),
)  # fmt: skip


def _document(
    picture: Layout, theme: str, trace: Mapping[str, Any] | None, description: str
) -> Iterator[str]:
    width, height = number(picture.width), number(picture.height)
    label = escape(
        tr("Network topology {topology}", topology=picture.name)
        + (f": {picture.description}" if picture.description else "")
    )
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="nestlab-{theme}" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" aria-label="{label}" style="max-width:100%;height:auto">'
    )
    yield f"<title>{label}</title>"
    if description:
        yield f"<desc>{escape(description)}</desc>"
    annotations = f"\n{annotation_style_sheet(theme)}" if picture.frames else ""
    yield f"<style>\n{style_sheet(theme)}{annotations}\n</style>"
    yield f'<rect class="ground" width="{width}" height="{height}" rx="6"/>'
    yield from map(_box, picture.boxes)
    yield from map(_bar, picture.bars)
    for line in picture.lines:
        yield from _line(line)
    yield from map(_annotation_frame, picture.frames)
    yield from map(_text, picture.texts)
    for badge in picture.badges:
        yield from _badge(badge)
    if trace:
        from nestlab.drawing.overlay import overlay  # noqa: PLC0415  # only where a trace is drawn

        yield from overlay(picture, trace).svg()
    yield "</svg>"


def _box(box: Box) -> str:
    tip = f"<title>{escape(box.name)}</title>"
    classes = box_class(box)
    if box.kind == "internet":
        return f'<path class="{classes}" d="{cloud_path(box)}">{tip}</path>'
    return f'<rect class="{classes}" {_rectangle(box)} rx="{corner_radius(box)}">{tip}</rect>'


def box_class(box: Box) -> str:
    """Return the classes of a box: color by kind and level, dashed where the VM is off."""
    kinds = {"vm": "vm", "network": "network", "internet": "network"}
    return f"box {kinds.get(box.kind) or level_class(box.level)}{' off' if box.off else ''}"


def level_class(level: int) -> str:
    """Return the class of a host's box at a level."""
    return f"l{LIGHT.level_index(level)}"


def _rectangle(shape: Box | SwitchBar | Badge | Frame) -> str:
    return f'x="{number(shape.x)}" y="{number(shape.y)}" width="{number(shape.width)}" height="{number(shape.height)}"'


def _bar(bar: SwitchBar) -> str:
    return f'<rect class="switch-bar {bar.switch_type}" {_rectangle(bar)} rx="{number(bar.height / BAR_ROUNDING)}"><title>{escape(bar.name)}</title></rect>'


def line_class(line: Line) -> str:
    """Return the classes of a line, which color it as `Palette.line` does."""
    if line.kind in LIGHT.lines:
        return line.kind
    return f"{line.switch_type} {line.kind}"


def _line(line: Line) -> Iterator[str]:
    kinds = line_class(line)
    tip = f"<title>{escape(line.name)}</title>" if line.name else ""
    points = " ".join(f"{number(x)},{number(y)}" for x, y in line.points)
    yield f'<polyline class="line {kinds}" points="{points}">{tip}</polyline>'
    for x, y in line.dots:
        yield f'<circle class="dot {kinds.split()[0]}" cx="{number(x)}" cy="{number(y)}" r="{DOT_RADIUS}"/>'
    if line.cross:
        x, y = line.cross
        yield f'<path class="line {kinds.split()[0]}" style="stroke-dasharray:none" d="{cross_path(x, y)}"/>'


def cross_path(x: float, y: float) -> str:
    """Return the cross that ends the line of a disconnected adapter, as SVG path data."""
    side = 2 * CROSS_ARM
    start = f"M{number(x - CROSS_ARM)},{number(y - CROSS_ARM)}"
    return f"{start} l{side},{side} m0,-{side} l-{side},{side}"


def _annotation_frame(frame: Frame) -> str:
    kinds = f"outline o-{frame.role}{' dashed' if frame.dashed else ''}"
    return f'<rect class="{kinds}" {_rectangle(frame)} rx="{number(frame.radius)}"><title>{escape(frame.name)}</title></rect>'


def _text(text: Text) -> str:
    kinds = f"{text.role} b" if text.bold else text.role
    return f'<text class="{kinds}" x="{number(text.x)}" y="{number(text.y)}" font-size="{number(text.size)}">{escape(text.text)}</text>'


def _badge(badge: Badge) -> Iterator[str]:
    yield f'<rect class="p-{badge.role}" {_rectangle(badge)} rx="{number(badge.height / 2)}"/>'
    middle, baseline = (
        number(badge.x + badge.width / 2),
        number(badge.y + badge.height * BADGE_BASELINE),
    )
    yield (
        f'<text class="p-{badge.role} b" x="{middle}" y="{baseline}" font-size="{number(badge.size)}" text-anchor="middle">'
        f"{escape(badge.text)}</text>"
    )
