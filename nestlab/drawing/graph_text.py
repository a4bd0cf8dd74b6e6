"""Writes a layout as text for documents: Mermaid with subgraphs, Graphviz with clusters."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.drawing.geometry import Box, Layout, Line
from nestlab.drawing.layout import layout
from nestlab.model.topology import Topology
from nestlab.visible import visible


def mermaid(drawn: Layout | Topology) -> str:
    """Return a Mermaid flowchart.

    Machines with something inside are subgraphs, other VMs and the switches are nodes, adapters are
    links.
    """
    picture = layout(drawn) if isinstance(drawn, Topology) else drawn
    return "\n".join(_Mermaid(picture).lines()) + "\n"


def dot(drawn: Layout | Topology) -> str:
    """Return a Graphviz graph: machines with switches are clusters, adapters are edges."""
    picture = layout(drawn) if isinstance(drawn, Topology) else drawn
    return "\n".join(_Dot(picture).lines()) + "\n"


class _Graph:
    """The parts of a picture as a graph: nodes with short names, edges between them."""

    def __init__(self, picture: Layout) -> None:
        self.picture = picture
        self.words = picture.texts_by_part()
        self.children: dict[str, list[Box]] = {}
        for box in picture.boxes:
            self.children.setdefault(box.parent, []).append(box)
        self.bars = [bar for bar in picture.bars if not bar.repeated]
        parts = [*(box.id for box in picture.boxes), *(bar.id for bar in self.bars)]
        self.names = {part: f"n{index}" for index, part in enumerate(parts)}
        self.links = {line.id: line for line in picture.lines if line.kind == "adapter"}

    def label(self, part: str, newline: str) -> str:
        """Return the texts of a part as one label; the level follows the name."""
        words = self.words.get(part, [part])
        level = [word for word in words[1:2] if word.startswith("L") and word[1:].isdigit()]
        head = " ".join([words[0], *(f"({word})" for word in level)])
        return newline.join([head, *words[1 + len(level) :]])

    def edges(self) -> Iterator[tuple[Line, str, str, str]]:
        """Yield line, source, target and label.

        An uplink through an adapter leads to the switch that the adapter is connected to.
        """
        for line in self.picture.lines:
            target = self.links[line.target].target if line.target in self.links else line.target
            if line.source in self.names and target in self.names:
                label = (
                    line.name
                    if line.kind in ("nat", "uplink")
                    else ", ".join(self.words.get(line.id, []))
                )
                yield line, line.source, target, label


class _Mermaid(_Graph):
    def lines(self) -> Iterator[str]:
        yield "---"
        yield f"title: {_one_line(self.picture.name)}"
        yield "---"
        yield "flowchart TB"
        for box in self.children.get("", []):
            yield from self._box(box, "  ")
        for line, source, target, label in self.edges():
            arrow = "-.-" if line.kind == "nat" else "---"
            text = f'|"{_mermaid_text(label)}"|' if label else ""
            # Mermaid puts the first node on top: networks above the switches, switches above VMs.
            yield f"  {self.names[target]} {arrow}{text} {self.names[source]}"
        yield from (f"  class {self.names[bar.id]} {bar.switch_type.lower()}" for bar in self.bars)
        yield "  classDef external fill:#cdebe3,stroke:#2a8a74,color:#0d4f41"
        yield "  classDef internal fill:#d3e5f8,stroke:#3d7ab8,color:#173f69"
        yield "  classDef private fill:#e5ddf3,stroke:#8265b5,color:#44306f"

    def _box(self, box: Box, indent: str) -> Iterator[str]:
        name, label = self.names[box.id], _mermaid_text(self.label(box.id, "\n"))
        inside = [bar for bar in self.bars if bar.machine == box.id]
        if box.kind == "internet":
            yield f'{indent}{name}(("{label}"))'
        elif box.kind == "network":
            yield f'{indent}{name}("{label}")'
        elif box.kind == "vm" or not (inside or self.children.get(box.id)):
            yield f'{indent}{name}["{label}"]'
        else:
            # A title of several lines would be covered by the nodes inside.
            yield f'{indent}subgraph {name}["{_mermaid_text(self.label(box.id, ", "))}"]'
            for bar in inside:
                yield f'{indent}  {self.names[bar.id]}(["{_mermaid_text(self.label(bar.id, " "))}"])'
            for child in self.children.get(box.id, []):
                yield from self._box(child, indent + "  ")
            yield f"{indent}end"


class _Dot(_Graph):
    def lines(self) -> Iterator[str]:
        yield f"graph {_dot_text(self.picture.name)} {{"
        yield '  graph [compound=true, rankdir=TB, fontname="sans-serif", style=rounded];'
        yield '  node [shape=box, style="rounded,filled", fillcolor=white, fontname="sans-serif"];'
        yield '  edge [fontname="sans-serif", fontsize=10];'
        for box in self.children.get("", []):
            yield from self._box(box, "  ")
        for line, source, target, label in self.edges():
            style = [f"label={_dot_text(label)}"] if label else []
            style += ["style=dashed"] if line.kind == "nat" else []
            # An edge ends at a node; lhead cuts it at the border of the machine around that node.
            style += [f"lhead=cluster_{self.names[source]}"] if self._is_cluster(source) else []
            yield f"  {self._end(target)} -- {self._end(source)} [{', '.join(style)}];"
        yield "}"

    def _end(self, part: str) -> str:
        return f"{self.names[part]}_in" if self._is_cluster(part) else self.names[part]

    def _is_cluster(self, part: str) -> bool:
        return any(bar.machine == part for bar in self.bars) or part in self.children

    def _box(self, box: Box, indent: str) -> Iterator[str]:
        name, label = self.names[box.id], _dot_text(self.label(box.id, "\n"))
        if not self._is_cluster(box.id):
            shape = {"internet": ", shape=ellipse", "network": ", shape=box"}.get(box.kind, "")
            yield f"{indent}{name} [label={label}{shape}];"
            return
        yield f"{indent}subgraph cluster_{name} {{"
        yield f'{indent}  label={label}; bgcolor="{"#f4f6f9" if box.level % 2 == 0 else "#e7eef6"}";'
        yield f"{indent}  {name}_in [shape=point, style=invis];"
        for bar in self.bars:
            if bar.machine == box.id:
                fill = {"External": "#cdebe3", "Internal": "#d3e5f8", "Private": "#e5ddf3"}[
                    bar.switch_type
                ]
                yield f'{indent}  {self.names[bar.id]} [label={_dot_text(self.label(bar.id, " "))}, fillcolor="{fill}"];'
        for child in self.children.get(box.id, []):
            yield from self._box(child, indent + "  ")
        yield f"{indent}}}"


def _one_line(text: str) -> str:
    return '"' + " ".join(visible(text).split()).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _mermaid_text(text: str) -> str:
    """Return text for Mermaid, with the marks of its syntax written as ``#name;``."""
    marks = {
        "#": "#35;",
        '"': "#quot;",
        "<": "#lt;",
        ">": "#gt;",
        "&": "#amp;",
        "`": "#96;",
        "\n": "<br/>",
    }
    return "".join(marks.get(character, character) for character in visible(text))


def _dot_text(text: str) -> str:
    return '"' + visible(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
