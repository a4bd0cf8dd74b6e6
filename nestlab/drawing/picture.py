"""A matplotlib figure that is displayed in a notebook.

Imported only for a figure: matplotlib is slow to load.
"""

from __future__ import annotations

import io
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure


class Picture(Figure):
    """A figure that a notebook displays without pyplot and ``%matplotlib``."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        FigureCanvasAgg(self)

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        self.savefig(
            buffer, format="png", facecolor=self.get_facecolor(), metadata={"Software": None}
        )
        return buffer.getvalue()
