"""Draws a layout with matplotlib: the figure belongs to the caller, pyplot is not used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

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
    Text,
    corner_radius,
)
from nestlab.drawing.layout import Positions, layout
from nestlab.drawing.outline import alternative_text
from nestlab.drawing.overlay import Overlay, overlay
from nestlab.drawing.palette import Palette, palette
from nestlab.drawing.svg import CLOUD
from nestlab.errors import UsageError
from nestlab.model.topology import Topology
from nestlab.texts import tr
from nestlab.visible import visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from nestlab.drawing.notebook_figure import NotebookFigure

_DPI = 100
_POINTS_PER_PIXEL = 72 / _DPI
_FONT = "DejaVu Sans"  # not shown; comes with matplotlib; the layout uses its widths
_DASHES: dict[str, tuple[float, tuple[float, ...]]] = {
    "nat": (0, (3, 2.4)),
    "disconnected": (0, (1.2, 2.4)),
}
_WIDTHS = {"spine": 3.0}


def figure(
    drawn: Layout | Topology,
    theme: str = "light",
    *,
    trace: Mapping[str, Any] | None = None,
    positions: Positions | None = None,
) -> NotebookFigure:
    """Return a topology, or its layout, as a matplotlib figure.

    Args:
        drawn: the topology, or the layout of one.
        theme: ``light`` or ``dark``.
        trace: the plain data of a trace (`Trace.to_dict()`), drawn on the picture.
        positions: positions of VMs set by the user, as in `layout`; only with a topology.

    Raises:
        UsageError: there is no such theme, or matplotlib is not installed.
    """
    if not has_matplotlib():
        raise needs_matplotlib()
    # matplotlib is slow to load and brings numpy, so it is loaded only for a figure.
    from nestlab.drawing.notebook_figure import NotebookFigure  # noqa: PLC0415

    colors = palette(theme)
    picture = layout(drawn, positions) if isinstance(drawn, Topology) else drawn
    result = NotebookFigure(
        figsize=(picture.width / _DPI, picture.height / _DPI),
        dpi=_DPI,
        facecolor=colors.background,
        description=alternative_text(picture),
    )
    axes = result.add_axes((0, 0, 1, 1), frameon=False)
    axes.set_xlim(0, picture.width)
    axes.set_ylim(picture.height, 0)
    axes.set_axis_off()
    _draw(axes, picture, colors)
    if trace:
        _overlay(axes, overlay(picture, trace), colors)
    return result


def has_matplotlib() -> bool:
    """Whether matplotlib is installed; it is not imported."""
    from importlib.util import find_spec  # noqa: PLC0415  # only pictures need it

    return find_spec("matplotlib") is not None


def needs_matplotlib() -> UsageError:
    """Return the error for a picture that only matplotlib can make."""
    message = tr("PNG and PDF pictures need matplotlib, which is not installed here.")
    return UsageError(message, hint=tr("Choose SVG: a file with the extension .svg."))


def _draw(axes: Axes, picture: Layout, colors: Palette) -> None:
    for box in picture.boxes:
        _box(axes, box, colors)
    for bar in picture.bars:
        fill, edge = colors.bars[bar.switch_type]
        _rounded(
            axes,
            (bar.x, bar.y, bar.width, bar.height),
            bar.height / BAR_ROUNDING,
            facecolor=fill,
            edgecolor=edge,
            linewidth=0.8,
        )
    for line in picture.lines:
        _line(axes, line, colors)
    for frame in picture.frames:
        _rounded(
            axes,
            (frame.x, frame.y, frame.width, frame.height),
            frame.radius,
            facecolor="none",
            edgecolor=colors.badges[frame.role][0],
            linewidth=2.6 * _POINTS_PER_PIXEL,
            linestyle=(0, (3, 2)) if frame.dashed else "solid",
        )
    for text in picture.texts:
        _text(axes, text, colors)
    for badge in picture.badges:
        _badge(axes, badge, colors)


def _rounded(
    axes: Axes, frame: tuple[float, float, float, float], radius: float, **style: Any
) -> None:
    from matplotlib.patches import FancyBboxPatch  # noqa: PLC0415  # loaded already by `figure`

    x, y, width, height = frame
    axes.add_artist(
        FancyBboxPatch(
            (x, y), width, height, boxstyle=f"round,pad=0,rounding_size={radius}", **style
        )
    )


def _box(axes: Axes, box: Box, colors: Palette) -> None:
    fill, edge = colors.network
    if box.kind == "internet":
        _cloud(axes, box, fill, edge)
        return
    if box.kind == "vm":
        fill, edge = colors.vm
    elif box.kind != "network":
        fill, edge = colors.host(box.level)
    dashes = (0, (3.5, 2.5)) if box.off else "solid"
    _rounded(
        axes,
        (box.x, box.y, box.width, box.height),
        corner_radius(box),
        facecolor=fill,
        edgecolor=edge,
        linewidth=0.9,
        linestyle=dashes,
    )


def _cloud(axes: Axes, box: Box, fill: str, edge: str) -> None:
    from matplotlib.patches import PathPatch  # noqa: PLC0415  # loaded already by `figure`
    from matplotlib.path import Path  # noqa: PLC0415

    points = [(box.x + u * box.width, box.y + v * box.height) for u, v in CLOUD]
    codes = [Path.MOVETO, *([Path.CURVE4] * (len(points) - 1))]
    axes.add_artist(PathPatch(Path(points, codes), facecolor=fill, edgecolor=edge, linewidth=0.9))


def _line(axes: Axes, line: Line, colors: Palette) -> None:
    color = colors.line(line.kind, line.switch_type)
    dashes = _DASHES.get(line.kind, "solid")
    stroke(
        axes,
        line.points,
        color=color,
        linewidth=_WIDTHS.get(line.kind, 1.8) * _POINTS_PER_PIXEL,
        linestyle=dashes,
    )
    if line.dots:
        size = 2 * DOT_RADIUS * _POINTS_PER_PIXEL
        _mark(axes, line.dots, "o", size, color=color, markeredgewidth=0)
    if line.cross:
        _mark(axes, (line.cross,), "x", 2 * CROSS_ARM * _POINTS_PER_PIXEL, color=color)


def stroke(axes: Axes, points: Sequence[Point], **style: Any) -> None:
    """Draw a line through points.

    Unlike `Axes.plot` it does not recompute the limits of the axes, which is slow.
    """
    from matplotlib.lines import Line2D  # noqa: PLC0415  # loaded already by `figure`

    xs, ys = zip(*points, strict=True)
    axes.add_artist(Line2D(xs, ys, solid_capstyle="round", solid_joinstyle="round", **style))


def _text(axes: Axes, text: Text, colors: Palette) -> None:
    weight = "bold" if text.bold else "normal"
    axes.text(text.x, text.y, visible(text.text), fontsize=text.size * _POINTS_PER_PIXEL, color=colors.texts[text.role], weight=weight,
              family=_FONT, parse_math=False)  # fmt: skip


def _badge(axes: Axes, badge: Badge, colors: Palette) -> None:
    background, ink = colors.badges[badge.role]
    _rounded(
        axes,
        (badge.x, badge.y, badge.width, badge.height),
        badge.height / 2,
        facecolor=background,
        edgecolor="none",
    )
    middle, baseline = badge.x + badge.width / 2, badge.y + badge.height * BADGE_BASELINE
    axes.text(middle, baseline, visible(badge.text), fontsize=badge.size * _POINTS_PER_PIXEL, color=ink, weight="bold", family=_FONT, ha="center",
              parse_math=False)  # fmt: skip


def _overlay(axes: Axes, added: Overlay, colors: Palette) -> None:
    for path in added.paths:
        stroke(axes, path, color=colors.trace, linewidth=3.6, alpha=0.75, zorder=5)
    for hop in added.markers:
        _mark(axes, (hop.at,), "o", 10.8, color=colors.trace, markeredgewidth=0, zorder=5)
        axes.text(
            *hop.at,
            visible(hop.text),
            color=colors.background,
            fontsize=6.8,
            weight="bold",
            ha="center",
            va="center_baseline",
            zorder=6,
        )
    if added.drop:
        at = (added.drop.at,)
        _mark(axes, at, "o", 11.5, color=colors.drop, markeredgewidth=0, zorder=5)
        _mark(axes, at, "x", 5.2, color=colors.background, markeredgewidth=1.7, zorder=6)


def _mark(axes: Axes, points: Sequence[Point], marker: str, size: float, **style: Any) -> None:
    """Draw a marker of matplotlib at each point; its size is in points of 1/72 inch."""
    stroke(axes, points, linestyle="none", marker=marker, markersize=size, **style)
