"""A matplotlib figure that is displayed in a notebook.

Imported only for a figure: matplotlib is slow to load.
"""

from __future__ import annotations

import base64
import io
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from nestlab.html import Html, escape


class NotebookFigure(Figure):
    """A figure that a notebook displays without pyplot and ``%matplotlib``."""

    def __init__(self, *arguments: Any, description: str, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.description = description
        FigureCanvasAgg(self)

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        self.savefig(
            buffer, format="png", facecolor=self.get_facecolor(), metadata={"Software": None}
        )
        return buffer.getvalue()

    def _repr_html_(self) -> Html:
        # JupyterLab and nbconvert give an image of the type image/png no alternative text.
        data = base64.b64encode(self._repr_png_()).decode("ascii")
        width = self.get_figwidth() * self.get_dpi()
        return Html(
            f'<img alt="{escape(self.description)}" width="{width:.0f}" '
            f'style="max-width:100%;height:auto" src="data:image/png;base64,{data}">'
        )
