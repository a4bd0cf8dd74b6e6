"""The picture of a topology in a notebook: a matplotlib figure, or an SVG without matplotlib.

matplotlib has compiled extensions, so Python in a browser needs a build of it for WebAssembly.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nestlab.dataclass import dataclass
from nestlab.drawing.figure import figure, has_matplotlib, needs_matplotlib
from nestlab.drawing.geometry import Layout
from nestlab.drawing.layout import Positions, layout
from nestlab.drawing.outline import alternative_text
from nestlab.drawing.palette import palette
from nestlab.drawing.style import DARK_PAGES, LIGHT_PAGES
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
    theme: str | None = None,
    *,
    trace: Mapping[str, Any] | None = None,
    positions: Positions | None = None,
) -> Figure | SvgFigure:
    """Return a topology, or its layout, as a figure that a notebook shows.

    It is a matplotlib figure if matplotlib is installed, and otherwise an `SvgFigure`.

    Args:
        drawn: the topology, or the layout of one.
        theme: ``light`` or ``dark``. By default a notebook shows the picture in the theme of its
            page, unless the figure is changed; a saved figure is light.
        trace: the plain data of a trace (`Trace.to_dict()`), drawn on the picture.
        positions: positions of VMs set by the user, as in `layout`; only with a topology.

    Raises:
        UsageError: there is no such theme.
    """
    picture = layout(drawn, positions) if isinstance(drawn, Topology) else drawn
    if theme is not None:
        palette(theme)  # the themes of a figure, not those of an SVG
    if has_matplotlib():
        made = figure(picture, theme or "light", trace=trace)
        return made if theme else made.with_page_theme(partial(_page_image, picture, trace))
    return SvgFigure(
        svg(picture, theme or "auto", trace=trace), alternative_text(picture), picture.width
    )


def _page_image(picture: Layout, trace: Mapping[str, Any] | None) -> Html:
    return svg_image(svg(picture, trace=trace), alternative_text(picture), picture.width)


def svg_image(svg: str, description: str, width: float) -> Html:
    """Return a picture as an HTML image with alternative text, which sanitizers do not remove.

    With the theme ``auto`` it has the theme of JupyterLab's or VS Code's page. An image has the
    color scheme of its element, https://developer.mozilla.org/docs/Web/CSS/@media/prefers-color-scheme;
    a page that removes the style, and a browser without that, show it as the system prefers.
    """
    data = b64encode(svg.encode("utf-8")).decode("ascii")
    style = _PAGE_THEMES if "(prefers-color-scheme:" in svg else ""
    return Html(
        f'{style}<img class="{_CLASS}" alt="{escape(description)}" width="{width:.0f}" '
        f'style="max-width:100%;height:auto" src="data:image/svg+xml;base64,{data}">'
    )


_CLASS = "nestlab-picture"


def _scheme(pages: Iterable[str], scheme: str) -> str:
    images = ",".join(f"{page} .{_CLASS}" for page in pages)
    return f"{images}{{color-scheme:{scheme}}}"


_PAGE_THEMES = (
    f"<style>{_scheme(LIGHT_PAGES, 'light')}{_scheme(DARK_PAGES, 'dark')}</style>"  # not shown
)
