"""The picture of a topology in a notebook: an SVG, and a matplotlib figure where one is asked for.

matplotlib takes a second and more to load and draw, and has compiled extensions, so that Python in
a browser needs a build of it for WebAssembly.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nestlab.drawing.embedded import svg_image
from nestlab.drawing.figure import figure, has_matplotlib, needs_matplotlib
from nestlab.drawing.geometry import Layout
from nestlab.drawing.layout import Positions, layout
from nestlab.drawing.outline import alternative_text
from nestlab.drawing.palette import palette
from nestlab.drawing.svg import svg
from nestlab.html import Html, without_math
from nestlab.model.files import write_atomically
from nestlab.model.topology import Topology
from nestlab.visible import visible

if TYPE_CHECKING:
    from nestlab.drawing.notebook_figure import NotebookFigure


class SvgFigure:
    """The picture of a topology, which a notebook shows as SVG in the theme of its page.

    It is also a matplotlib figure: it has the attributes and methods of one, `savefig` among them,
    and passes for one with isinstance. It is drawn with matplotlib only when one of them is used.
    Once it is changed, a notebook shows it as matplotlib draws it. Where matplotlib is not
    installed, these attributes are missing, and it can be saved as SVG.
    """

    def __init__(
        self,
        picture: Layout,
        theme: str | None = None,
        trace: Mapping[str, Any] | None = None,
        *,
        png: bool = False,
    ) -> None:
        self._picture, self._theme, self._trace, self._png = picture, theme, trace, png
        self._figure: NotebookFigure | None = None

    @property
    def svg(self) -> str:
        """The picture as an SVG document."""
        return svg(self._picture, self._theme or "auto", trace=self._trace)

    @property
    def description(self) -> str:
        """What the picture shows, for readers who do not see it."""
        return alternative_text(self._picture)

    @property
    def width(self) -> float:
        """The width in pixels."""
        return self._picture.width

    def matplotlib_figure(self) -> NotebookFigure:
        """Return the matplotlib figure; it is drawn at the first call, light without a theme.

        Raises UsageError where matplotlib is not installed.
        """
        if self._figure is None:
            made = figure(self._picture, self._theme or "light", trace=self._trace)
            self._figure = made.with_page_image(self._image)
        return self._figure

    def savefig(self, path: Any, **options: Any) -> None:
        """Write the picture to a file; the extension selects the format, as in matplotlib.

        An ``.svg`` without options is the SVG that the notebook shows.

        Raises UsageError for another format where matplotlib is not installed, FileNotWritten where
        the file cannot be written.
        """
        is_path = isinstance(path, str | os.PathLike)
        is_svg = is_path and Path(path).suffix.lower() == ".svg"
        if is_svg and not options and not self._was_changed:
            write_atomically(Path(path), self.svg + "\n")
        elif has_matplotlib():
            self.matplotlib_figure().savefig(path, **options)
        else:
            raise needs_matplotlib()

    @property
    def _was_changed(self) -> bool:
        return self._figure is not None and self._figure.was_changed

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        if "matplotlib.figure" not in sys.modules:  # who asks for its class has loaded it
            return SvgFigure
        from nestlab.drawing.notebook_figure import NotebookFigure  # noqa: PLC0415  # is loaded

        return NotebookFigure

    def __getattr__(self, name: str) -> Any:
        # IPython looks for methods such as _repr_svg_: they are those of this class.
        if name.startswith("_") or not has_matplotlib():
            message = f"{SvgFigure.__name__!r} object has no attribute {name!r}"  # not shown
            raise AttributeError(message)
        return getattr(self.matplotlib_figure(), name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("_") or not has_matplotlib():
            object.__setattr__(self, name, value)
        else:
            setattr(self.matplotlib_figure(), name, value)

    def _image(self) -> Html:
        return svg_image(self.svg, self.description, self.width)

    def _repr_html_(self) -> Html:
        if self._figure is not None:
            return self._figure._repr_html_()
        return without_math(self._image())

    def _repr_png_(self) -> bytes | None:
        return self.matplotlib_figure()._repr_png_() if self._png or self._was_changed else None

    def __repr__(self) -> str:
        return visible(f"<SvgFigure: {self.description}>")


def draw(
    drawn: Layout | Topology,
    theme: str | None = None,
    *,
    trace: Mapping[str, Any] | None = None,
    positions: Positions | None = None,
    png: bool = False,
) -> SvgFigure:
    """Return a topology, or its layout, as a figure that a notebook shows.

    It is shown as SVG. It is also a matplotlib figure, which is drawn when that is used, and needs
    matplotlib.

    Args:
        drawn: the topology, or the layout of one.
        theme: ``light`` or ``dark``. By default a notebook shows the picture in the theme of its
            page, unless the figure is changed; a saved PNG or PDF is light.
        trace: the plain data of a trace (`Trace.to_dict()`), drawn on the picture.
        positions: positions of VMs set by the user, as in `layout`; only with a topology.
        png: also store a PNG in the notebook, for what shows no HTML, such as the PDF that
            ``jupyter nbconvert --to pdf`` writes.

    Raises:
        UsageError: there is no such theme, or matplotlib, which draws the PNG, is not installed.
    """
    picture = layout(drawn, positions) if isinstance(drawn, Topology) else drawn
    if theme is not None:
        palette(theme)  # the themes of a figure, not those of an SVG
    if png and not has_matplotlib():
        raise needs_matplotlib()
    return SvgFigure(picture, theme, trace, png=png)
