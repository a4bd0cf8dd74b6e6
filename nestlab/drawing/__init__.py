"""Pictures of topologies: one geometry, as SVG, matplotlib figure, Mermaid, draw.io, Graphviz."""

from nestlab.drawing.annotations import (
    Annotation,
    annotated,
    annotations_text,
    number_text,
)
from nestlab.drawing.drawio import drawio
from nestlab.drawing.embedded import svg_image
from nestlab.drawing.figure import figure, has_matplotlib
from nestlab.drawing.geometry import Badge, Box, Layout, Line, SwitchBar, Text
from nestlab.drawing.graphviz import dot
from nestlab.drawing.layout import layout
from nestlab.drawing.mermaid import mermaid, mermaid_notices
from nestlab.drawing.outline import alternative_text, outline
from nestlab.drawing.positions import read_positions
from nestlab.drawing.save import FORMATS, image, picture_content, save
from nestlab.drawing.svg import svg
from nestlab.drawing.svg_figure import SvgFigure, draw

__all__ = [
    "FORMATS",
    "Annotation",
    "Badge",
    "Box",
    "Layout",
    "Line",
    "SvgFigure",
    "SwitchBar",
    "Text",
    "alternative_text",
    "annotated",
    "annotations_text",
    "dot",
    "draw",
    "drawio",
    "figure",
    "has_matplotlib",
    "image",
    "layout",
    "mermaid",
    "mermaid_notices",
    "number_text",
    "outline",
    "picture_content",
    "read_positions",
    "save",
    "svg",
    "svg_image",
]
