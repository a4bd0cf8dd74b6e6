"""Saves a picture in the format of the file's extension."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from nestlab.drawing.drawio import drawio
from nestlab.drawing.figure import figure
from nestlab.drawing.geometry import Layout
from nestlab.drawing.graphviz import dot
from nestlab.drawing.layout import Positions, layout
from nestlab.drawing.mermaid import mermaid
from nestlab.drawing.svg import svg
from nestlab.errors import UsageError
from nestlab.model.files import write_atomically
from nestlab.model.topology import Topology
from nestlab.texts import tr

_THEMED_TEXTS: dict[str, Callable[..., str]] = {".mmd": mermaid, ".dot": dot}
_IMAGES = (".png", ".pdf")
FORMATS = ("svg", "png", "pdf", "mmd", "drawio", "dot")
"""The extensions that `save` supports."""

_PNG_DPI, _LAYOUT_DPI = 200, 100  # twice the layout's pixels, and equal to them
# Pixels of the longer edge of a PNG. If it would be longer than the first at _PNG_DPI, the
# resolution is lower, but at least _LAYOUT_DPI unless the edge would be longer than the second, on
# which viewers fail.
_FULL_RESOLUTION_EDGE, _MAX_EDGE = 5_000, 20_000


def save(
    topology: Topology,
    path: str | Path,
    *,
    theme: str | None = None,
    trace: Mapping[str, Any] | None = None,
    positions: Positions | None = None,
) -> Path:
    """Draw a topology to a file; the extension selects the format.

    Args:
        topology: what to draw.
        path: the file to write; ``.svg``, ``.png``, ``.pdf``, ``.mmd`` (Mermaid), ``.drawio`` or
            ``.dot`` (Graphviz).
        theme: ``light``, ``dark``, or for SVG ``auto``, which is SVG's default; the other images
            are light by default.
        trace: the plain data of a trace, drawn on the images.
        positions: positions of VMs set by the user, as in `layout`.

    Returns:
        The path that was written.

    Raises:
        UsageError: no format has the extension, there is no such theme, or the file cannot be
            written.
    """
    file = Path(path)
    content = picture_content(
        topology, _extension(file), theme=theme, trace=trace, positions=positions
    )
    write_atomically(file, content)
    return file


def picture_content(
    topology: Topology,
    extension: str,
    *,
    theme: str | None = None,
    trace: Mapping[str, Any] | None = None,
    positions: Positions | None = None,
) -> str | bytes:
    """Return the content of a picture's file; `extension` is one of `FORMATS` after a dot.

    The other arguments are those of `save`.
    """
    if extension in _IMAGES:
        return image(topology, extension, theme=theme or "light", trace=trace, positions=positions)
    picture = layout(topology, positions)
    if extension == ".svg":
        return svg(picture, theme or "auto", trace=trace) + "\n"
    if extension == ".drawio":
        return drawio(picture)
    return _THEMED_TEXTS[extension](picture, theme=theme or "light")


def _extension(file: Path) -> str:
    """Return the extension of a file, in lower case; raises UsageError for an unknown one."""
    extension = file.suffix.lower()
    if extension.removeprefix(".") not in FORMATS:
        message = (
            tr(
                "{file}: no picture format has the extension {extension!r}.",
                file=file,
                extension=extension,
            )
            if extension
            else tr("{file}: the file name has no extension.", file=file)
        )
        hint = tr("Extensions: {extensions}.", extensions=", ".join(FORMATS))
        raise UsageError(message, hint=hint)
    return extension


def image(
    drawn: Layout | Topology,
    extension: str = ".png",
    *,
    theme: str = "light",
    trace: Mapping[str, Any] | None = None,
    positions: Positions | None = None,
) -> bytes:
    """Return the picture as the bytes of a PNG or PDF file; the same input gives the same bytes.

    Raises UsageError if matplotlib is not installed.
    """
    from io import BytesIO  # noqa: PLC0415  # with matplotlib, which is loaded here too

    picture = layout(drawn, positions) if isinstance(drawn, Topology) else drawn
    edge = max(picture.width, picture.height)
    dpi = min(
        _PNG_DPI,
        max(_LAYOUT_DPI, _FULL_RESOLUTION_EDGE * _LAYOUT_DPI / edge),
        _MAX_EDGE * _LAYOUT_DPI / edge,
    )
    buffer = BytesIO()
    dates: dict[str, Any] = {"CreationDate": None} if extension == ".pdf" else {}
    with warnings.catch_warnings():
        # Characters that DejaVu Sans lacks are drawn as boxes; the SVG shows them.
        warnings.filterwarnings("ignore", message=".*[Gg]lyph.*")
        figure(picture, theme, trace=trace).savefig(
            buffer, format=extension[1:], dpi=dpi, metadata=dates
        )
    return buffer.getvalue()
