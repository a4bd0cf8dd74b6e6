"""A matplotlib figure that is displayed in a notebook.

Imported only for a figure: matplotlib is slow to load.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from typing import Any, Self

from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from nestlab.html import Html, escape, without_math


class NotebookFigure(Figure):
    """A figure that a notebook displays without pyplot and ``%matplotlib``."""

    def __init__(self, *arguments: Any, description: str, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.description = description
        self.is_printing = False
        self.was_changed = False
        self._page_image: Callable[[], Html] | None = None
        _Canvas(self)

    def with_page_image(self, image: Callable[[], Html]) -> Self:
        """Return the figure, which a notebook shows as this image until the figure is changed."""
        self._page_image = image
        # matplotlib calls this whenever anything in the figure changes, also while it draws it.
        self.stale_callback = _was_changed
        return self

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        self.savefig(
            buffer, format="png", facecolor=self.get_facecolor(), metadata={"Software": None}
        )
        return buffer.getvalue()

    def _repr_html_(self) -> Html:
        if self._page_image is not None and not self.was_changed:
            return without_math(self._page_image())
        # JupyterLab and nbconvert give an image of the type image/png no alternative text.
        data = base64.b64encode(self._repr_png_()).decode("ascii")
        width = self.get_figwidth() * self.get_dpi()
        return Html(
            f'<img alt="{escape(self.description)}" width="{width:.0f}" '
            f'style="max-width:100%;height:auto" src="data:image/png;base64,{data}">'
        )


class _Canvas(FigureCanvasAgg):
    """The canvas of a figure: what changes while it writes a file does not change the figure."""

    figure: NotebookFigure

    def print_figure(self, *arguments: Any, **options: Any) -> Any:
        """Write the figure to a file, as in matplotlib."""
        self.figure.is_printing = True
        try:
            return super().print_figure(*arguments, **options)
        finally:
            self.figure.is_printing = False


def _was_changed(figure: Artist, _stale: object) -> None:
    if isinstance(figure, NotebookFigure) and not figure.is_printing:
        figure.was_changed = True
