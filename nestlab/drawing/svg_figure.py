"""The picture of a topology in a notebook: a matplotlib figure, or an SVG without matplotlib.

matplotlib has compiled extensions, so Python in a browser needs a build of it for WebAssembly.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nestlab.dataclass import dataclass
from nestlab.drawing.figure import figure, has_matplotlib, needs_matplotlib
from nestlab.drawing.geometry import Layout
from nestlab.drawing.layout import Positions, layout
from nestlab.drawing.outline import alternative_text
from nestlab.drawing.palette import palette
from nestlab.drawing.svg import svg
from nestlab.html import Html, escape, without_math
from nestlab.model.files import write_atomically
from nestlab.model.topology import Topology
from nestlab.visible import visible

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class SvgFigure:
    """A picture that a notebook shows, and that can be saved, without matplotlib."""

    svg: str
    description: str
    width: float

    def savefig(self, path: str | Path) -> None:
        """Write the picture to a file with the extension ``.svg``.

        Raises UsageError for another extension, FileNotWritten where it cannot be written.
        """
        if Path(path).suffix.lower() != ".svg":
            raise needs_matplotlib()
        write_atomically(Path(path), self.svg + "\n")

    def _repr_html_(self) -> Html:
        return without_math(svg_image(self.svg, self.description, self.width))

    def __repr__(self) -> str:
        return visible(f"<SvgFigure: {self.description}>")


def draw(
    drawn: Layout | Topology,
    theme: str = "light",
    *,
    trace: Mapping[str, Any] | None = None,
    positions: Positions | None = None,
) -> Figure | SvgFigure:
    """Return a topology, or its layout, as a figure that a notebook shows.

    It is a matplotlib figure if matplotlib is installed, and otherwise an `SvgFigure`.

    Args:
        drawn: the topology, or the layout of one.
        theme: ``light`` or ``dark``.
        trace: the plain data of a trace (`Trace.to_dict()`), drawn on the picture.
        positions: positions of VMs set by the user, as in `layout`; only with a topology.

    Raises:
        UsageError: there is no such theme.
    """
    if has_matplotlib():
        return figure(drawn, theme, trace=trace, positions=positions)
    palette(theme)  # the themes of a figure, not those of an SVG
    picture = layout(drawn, positions) if isinstance(drawn, Topology) else drawn
    return SvgFigure(svg(picture, theme, trace=trace), alternative_text(picture), picture.width)


def svg_image(svg: str, description: str, width: float) -> Html:
    """Return a picture as an HTML image with alternative text, which sanitizers do not remove."""
    data = b64encode(svg.encode("utf-8")).decode("ascii")
    return Html(
        f'<img alt="{escape(description)}" width="{width:.0f}" style="max-width:100%;height:auto" '
        f'src="data:image/svg+xml;base64,{data}">'
    )
