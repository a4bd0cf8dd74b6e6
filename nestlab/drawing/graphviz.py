"""Writes a layout as a Graphviz graph with clusters."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.drawing.geometry import Box, Layout
from nestlab.drawing.graph_text import GraphText
from nestlab.drawing.layout import layout
from nestlab.drawing.palette import FONTS, palette
from nestlab.model.topology import Topology
from nestlab.visible import visible


def dot(drawn: Layout | Topology, *, theme: str = "light") -> str:
    """Return a Graphviz graph: machines with something inside are clusters, adapters are edges.

    Args:
        drawn: the topology, or its layout.
        theme: ``light`` or ``dark``.

    Raises:
        UsageError: there is no such theme.
    """
    picture = layout(drawn) if isinstance(drawn, Topology) else drawn
    return "\n".join(_Dot(picture, theme).lines()) + "\n"


class _Dot(GraphText):
    def __init__(self, picture: Layout, theme: str) -> None:
        super().__init__(picture)
        self.palette = palette(theme)
        boxes = (box for siblings in self.children.values() for box in siblings)
        self._clusters = {box.id for box in boxes if self.is_container(box)}

    def lines(self) -> Iterator[str]:
        """Yield the lines of the graph."""
        text, font = self.palette.texts["name"], _dot_text(FONTS.split(",")[0].strip('"'))
        fill, edge = self.palette.vm
        yield f"graph {_dot_text(self.picture.name)} {{"
        yield (
            f'  graph [compound=true, rankdir=TB, style="rounded,filled", '  # not shown
            f'ranksep=0.6, bgcolor="{self.palette.background}", fontname={font}, fontcolor="{text}"];'
        )
        yield (
            f'  node [shape=box, style="rounded,filled", fillcolor="{fill}", color="{edge}", '
            f'fontname={font}, fontcolor="{text}"];'  # not shown
        )
        address = self.palette.texts["address"]
        yield f'  edge [fontname={font}, fontsize=10, fontcolor="{address}"];'
        for box in self.children.get("", []):
            yield from self._box(box, "  ")
        yield from self._edge_lines()
        outermost = self.children.get("", [])
        for host in (box for box in outermost if box.id in self._clusters):
            for outside in (box for box in outermost if box.id not in self._clusters):
                yield f"  {self._end(outside.id)} -- {self._end(host.id)} [style=invis];"
        for parent in self.children:
            for above, below in self.rows(parent):
                yield f"  {self._end(above.id)} -- {self._end(below.id)} [style=invis];"
        yield "}"

    def _edge_lines(self) -> Iterator[str]:
        for edge in self.edges():
            style = [f'color="{self.palette.lines[edge.color_role]}"']
            style += [f"label={_dot_text(edge.label)}"] if edge.label else []
            style += ["style=dashed"] if edge.kind == "nat" else []
            # An edge ends at a node, here the name; lhead cuts it at the border of the machine.
            below = edge.below
            style += [f"lhead=cluster_{self.names[below]}"] if below in self._clusters else []
            yield f"  {self._end(edge.above)} -- {self._end(below)} [{', '.join(style)}];"

    def _end(self, part: str) -> str:
        return f"{self.names[part]}_name" if part in self._clusters else self.names[part]

    def _box(self, box: Box, indent: str) -> Iterator[str]:
        name, label = self.names[box.id], _dot_text(self.label(box.id, "\n"))
        if box.id not in self._clusters:
            shape = ", shape=ellipse" if box.kind == "internet" else ""
            yield f"{indent}{name} [label={label}{shape}];"
            return
        fill, edge = self.palette.host(box.level)
        yield f"{indent}subgraph cluster_{name} {{"  # not shown
        yield f'{indent}  fillcolor="{fill}"; color="{edge}";'
        # Edges run around nodes, and through the label of a cluster.
        name = self._end(box.id)
        yield f'{indent}  {name} [label={label}, shape=plaintext, style=""];'  # not shown
        for first in self._first_parts(box):
            yield f"{indent}  {name} -- {first} [style=invis];"
        for bar in self.switches.get(box.id, []):
            fill, edge = self.palette.bars[bar.switch_type]
            color = self.palette.texts[f"switch-bar-{bar.switch_type}"]
            yield (
                f"{indent}  {self.names[bar.id]} [label={_dot_text(self.label(bar.id, ' '))}, "
                f'fillcolor="{fill}", color="{edge}", fontcolor="{color}"];'
            )
        for child in self.children.get(box.id, []):
            yield from self._box(child, indent + "  ")
        yield f"{indent}}}"

    def _first_parts(self, box: Box) -> Iterator[str]:
        """Yield the nodes that are directly below the name of a machine."""
        bars = self.switches.get(box.id, [])
        yield from (self.names[bar.id] for bar in bars)
        if not bars:
            yield from (self._end(child.id) for child in self.children.get(box.id, []))


def _dot_text(text: str) -> str:
    """Return a text as a quoted string of Graphviz, which reads entities in it as HTML does."""
    escaped = visible(text).replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\n", "\\n") + '"'
