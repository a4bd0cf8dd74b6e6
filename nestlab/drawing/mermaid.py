"""Writes a layout as a Mermaid flowchart with subgraphs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from nestlab.drawing.geometry import Box, Layout
from nestlab.drawing.graph_text import GraphText
from nestlab.drawing.layout import layout
from nestlab.drawing.palette import palette
from nestlab.model.topology import Topology
from nestlab.texts import tr, tr_count
from nestlab.visible import visible

MAX_LINKS: Final = 500
MAX_CHARACTERS: Final = 50_000
"""How many links and characters Mermaid draws at most, unless a page allows more: `maxEdges` and
`maxTextSize` of https://mermaid.js.org/config/schema-docs/config.html"""

_COMMENT: Final = "%% "
_CHART: Final = "flowchart TB"  # not shown
_BREAK: Final = "<wbr />"  # its space ends a text that Mermaid would parse as a style
_ESCAPES: Final = {
    "#": "#35;",
    '"': "#quot;",
    "<": "#lt;",
    ">": "#gt;",
    "&": "#amp;",
    "`": "#96;",
    "%": "#37;",
    # A word break separates characters that Mermaid would interpret together after it has decoded
    # entities: icons such as fa:fa-server, a backslash and n as a line break, and the placeholders
    # ﬂ° and ¶ß that it uses for entities.
    "\\": f"\\{_BREAK}",
    "ﬂ": f"ﬂ{_BREAK}",
    "¶": f"¶{_BREAK}",
    "\n": "<br/>",
}


def mermaid(drawn: Layout | Topology, *, theme: str = "light") -> str:
    """Return a Mermaid flowchart.

    Machines with something inside are subgraphs, other VMs and the switches are nodes, adapters are
    links. The adapters of a subgraph are nodes in it: Mermaid 11 cuts a link that ends at a
    subgraph, and then its label may cover another one.

    If the text would exceed one of Mermaid's limits, nested hosts are drawn without their contents,
    the innermost first, and comments in the text say so (`mermaid_notices`).

    Args:
        drawn: the topology, or its layout.
        theme: ``light`` or ``dark``.

    Raises:
        UsageError: there is no such theme.
    """
    picture = layout(drawn) if isinstance(drawn, Topology) else drawn
    levels = range(max((box.level for box in picture.boxes), default=0), 0, -1)
    charts = (_Mermaid(picture, theme, folded_level) for folded_level in (None, *levels))
    chart = next(charts)
    for further in charts:
        if not chart.exceeds():
            break
        chart = further
    return chart.text


def mermaid_notices(text: str) -> list[str]:
    """Return the comments about Mermaid's limits in a text of `mermaid`, one sentence each."""
    lines = text.splitlines()
    return [line.removeprefix(_COMMENT) for line in lines if line.startswith(_COMMENT)]


class _Mermaid(GraphText):
    """A flowchart; `folded_level` as in `GraphText`."""

    def __init__(self, picture: Layout, theme: str, folded_level: int | None) -> None:
        super().__init__(picture, folded_level, ports=True)
        self.palette = palette(theme)
        drawn = (box for children in self.children.values() for box in children)
        hosts = [box.id for box in drawn if self.is_container(box)]
        first = len(self.names)
        self._titles = {host: f"n{number}" for number, host in enumerate(hosts, first)}
        self._links = [*self._edge_lines(), *self._row_lines(), *self._title_lines()]
        head = ["---", f"title: {_title(picture.name)}", f"config: {self._config()}", "---"]
        boxes = [line for box in self.children.get("", []) for line in self._box(box, "  ")]
        body = [*boxes, *self._links, *self._styles()]
        self.text = _text([*head, _CHART, *body])  # the notices depend on its length
        self.text = _text([*head, _CHART, *self._notices(), *body])

    def exceeds(self) -> bool:
        """Whether Mermaid refuses to draw the text by default."""
        return len(self._links) > MAX_LINKS or len(self.text) > MAX_CHARACTERS

    def _notices(self) -> Iterator[str]:
        if self.folded:
            notice = tr_count(
                "Mermaid draws at most {max_links} links and {max_characters:,} characters: {count} nested host is drawn without its contents.",
                "Mermaid draws at most {max_links} links and {max_characters:,} characters: {count} nested hosts are drawn without their contents.",
                len(self.folded),
                max_links=MAX_LINKS,
                max_characters=MAX_CHARACTERS,
            )
            yield _COMMENT + notice
        if self.exceeds():
            notice = tr(
                "Mermaid draws at most {max_links} links and {max_characters:,} characters; this has {links} links and {characters:,} characters. Raise maxEdges and maxTextSize of the page, or use SVG.",
                links=len(self._links),
                characters=len(self.text),
                max_links=MAX_LINKS,
                max_characters=MAX_CHARACTERS,
            )
            yield _COMMENT + notice

    def _config(self) -> str:
        colors = self.palette
        variables = {
            "background": colors.background,
            "primaryColor": colors.vm[0],
            "primaryBorderColor": colors.vm[1],
            "primaryTextColor": colors.texts["name"],
            "lineColor": colors.lines["wire"],
            "titleColor": colors.texts["title"],
            "clusterBkg": colors.host(0)[0],
            "clusterBorder": colors.host(0)[1],
            "edgeLabelBackground": colors.background,
        }
        return json.dumps({"theme": "base", "themeVariables": variables})

    def _edge_lines(self) -> Iterator[str]:
        for edge in self.edges():
            arrow = "-.-" if edge.kind == "nat" else "---"
            text = f'|"{_mermaid_text(edge.label)}"|' if edge.label else ""
            # Mermaid puts the first node on top: networks above the switches, switches above VMs.
            yield f"  {self.names[edge.above]} {arrow}{text} {self.names[edge.below]}"

    def _row_lines(self) -> Iterator[str]:
        """Yield invisible links, which put VMs into the same rows as in the other pictures."""
        for parent in self.children:
            for above, below in self.rows(parent):
                yield f"  {self.names[above.id]} ~~~ {self.names[below.id]}"

    def _entries(self) -> Iterator[tuple[str, str, str]]:
        """Yield where links enter machines: the node above, the machine, and the next part.

        The next part is the end of the link, or the inner machine that the link enters as well.
        """
        for edge in self.edges():
            around = set(self.containers(edge.above))
            following = edge.below
            for machine in self.containers(edge.below):
                if machine in around:
                    break
                yield edge.above, machine, following
                following = machine

    def _title_lines(self) -> Iterator[str]:
        """Yield invisible links, which keep the names of machines above their contents."""
        names = {**self.names, **self._titles}
        pairs: dict[tuple[str, str], None] = {}
        for above, machine, following in self._entries():
            title = self._titles[machine]
            pairs[self.names[above], title] = None
            pairs[title, names[following]] = None
        for machine, title in self._titles.items():
            switches = [bar.id for bar in self.switches.get(machine, [])]
            ports = [line.id for line in self.ports.get(machine, [])]
            inside = switches + ports or [box.id for box in self.children.get(machine, [])]
            pairs.update(((title, self.names[part]), None) for part in inside)
        yield from (f"  {above} ~~~ {below}" for above, below in pairs)

    def _box(self, box: Box, indent: str) -> Iterator[str]:
        name, label = self.names[box.id], _mermaid_text(self.label(box.id, "\n"))
        if box.kind == "internet":
            yield f'{indent}{name}(("{label}"))'
        elif box.kind == "network":
            yield f'{indent}{name}("{label}")'
        elif not self.is_container(box):
            yield f'{indent}{name}["{label}"]'
        else:
            yield from self._head(box, indent)
            for bar in self.switches.get(box.id, []):
                yield f'{indent}  {self.names[bar.id]}(["{_mermaid_text(self.label(bar.id, " "))}"])'
            for port in self.ports.get(box.id, []):
                yield f'{indent}  {self.names[port.id]}("{_mermaid_text(self.adapter_label(port))}")'
            for child in self.children.get(box.id, []):
                yield from self._box(child, indent + "  ")
            yield f"{indent}end"

    def _head(self, box: Box, indent: str) -> Iterator[str]:
        """Yield the first lines of a subgraph, with the name of its machine.

        The name is a node, because links that enter a subgraph cross its title, but avoid nodes. A
        subgraph without such links would be drawn from left to right if it had no direction.
        """
        yield f'{indent}subgraph {self.names[box.id]}[" "]'
        yield f"{indent}  direction TB"  # not shown
        label = _mermaid_text(self.label(box.id, "\n"))
        yield f'{indent}  {self._titles[box.id]}["{label}"]:::title'

    def _styles(self) -> Iterator[str]:
        if self._titles:
            color = self.palette.texts["name"]
            style = f"fill:none,stroke:none,color:{color},font-weight:bold"  # not shown
            yield f"  classDef title {style}"  # not shown
        text = self.palette.texts["name"]
        for style, (fill, stroke, parts) in self._fills().items():
            color = self.palette.texts.get(f"switch-bar-{style}", text)
            yield f"  classDef {style} fill:{fill},stroke:{stroke},color:{color}"
            yield f"  class {','.join(parts)} {style}"
        roles: dict[str, list[str]] = {}
        for number, edge in enumerate(self.edges()):
            roles.setdefault(edge.color_role, []).append(str(number))
        for role, numbers in roles.items():
            yield f"  linkStyle {','.join(numbers)} stroke:{self.palette.lines[role]}"

    def _fills(self) -> dict[str, tuple[str, str, list[str]]]:
        """Return fill, edge and the nodes of each style."""
        fills: dict[str, tuple[str, str, list[str]]] = {}
        for box in (box for boxes in self.children.values() for box in boxes):
            if self.is_container(box) or box.id in self.folded:
                style, colors = f"level{box.level}", self.palette.host(box.level)
            elif box.kind in ("network", "internet"):
                style, colors = "outside", self.palette.network
            else:
                style, colors = "vm", self.palette.vm
            fills.setdefault(style, (*colors, []))[2].append(self.names[box.id])
        for port in (port for ports in self.ports.values() for port in ports):
            fills.setdefault("adapter", (*self.palette.vm, []))[2].append(self.names[port.id])
        for bar in self.bars:
            colors = self.palette.bars[bar.switch_type]
            fills.setdefault(bar.switch_type, (*colors, []))[2].append(self.names[bar.id])
        return fills


def _text(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"


def _title(text: str) -> str:
    """Return text as a quoted string of YAML.

    Mermaid removes HTML from a title, and then writes it as text. A ``<`` is therefore written as
    the placeholder that Mermaid uses for an entity.
    """
    line = " ".join(visible(text).split())
    marked = re.sub("<|ﬂ(?=°)|¶(?=ß)", lambda found: f"ﬂ°°{ord(found[0])}¶ß", line)
    return '"' + marked.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _mermaid_text(text: str) -> str:
    """Return text for Mermaid, with the characters of its syntax written as ``#name;``.

    Two dollar signs would begin a formula.
    """
    escaped = "".join(_ESCAPES.get(character, character) for character in visible(text))
    return re.sub(r"\$(?=\$)|:(?=\S)", rf"\g<0>{_BREAK}", escaped)
