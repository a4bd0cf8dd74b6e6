"""Pictures of topologies: one geometry, written as SVG, matplotlib figure, Mermaid, draw.io and Graphviz."""

from nestlab.drawing.geometry import Box, Layout, Line, Pill, Rail, Text
from nestlab.drawing.layout import layout
from nestlab.drawing.svg import svg

__all__ = ["Box", "Layout", "Line", "Pill", "Rail", "Text", "layout", "svg"]
