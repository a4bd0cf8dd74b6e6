"""Writes a layout as a draw.io document: nested containers, with links that follow them."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from nestlab.drawing.dimensions import STRIP
from nestlab.drawing.geometry import Box, Layout, Line, Point, SwitchBar
from nestlab.drawing.layout import layout
from nestlab.drawing.palette import LIGHT
from nestlab.model.topology import Topology
from nestlab.visible import visible

_CONTAINER = "rounded=1;arcSize=20;absoluteArcSize=1;container=1;collapsible=0;recursiveResize=0;html=1;verticalAlign=top;align=left;spacing=8;"
_HALF_LINE = 5  # from the baseline of a text up to its middle, in pixels
_ROUND = "rounded=1;html=1;verticalAlign=middle;align=left;spacingLeft=8;"


def drawio(drawn: Layout | Topology) -> str:
    """Return the XML of a draw.io document with one page."""
    picture = layout(drawn) if isinstance(drawn, Topology) else drawn
    file = ET.Element("mxfile", {"host": "nestlab"})
    page = ET.SubElement(file, "diagram", {"id": "topology", "name": picture.name})
    size = {"pageWidth": str(round(picture.width)), "pageHeight": str(round(picture.height))}
    model = ET.SubElement(page, "mxGraphModel", {"grid": "0", "page": "1", **size})
    root = ET.SubElement(model, "root")
    ET.SubElement(root, "mxCell", {"id": "0"})
    ET.SubElement(root, "mxCell", {"id": "1", "parent": "0"})
    _Page(root, picture).write()
    ET.indent(file)
    return visible(ET.tostring(file, encoding="unicode")) + "\n"


class _Page:
    def __init__(self, root: ET.Element, picture: Layout) -> None:
        self.root = root
        self.picture = picture
        self.words = picture.texts_by_part()
        self.boxes = {box.id: box for box in picture.boxes}
        self.bars = {bar.id: bar for bar in picture.bars}
        # Not the ids of the picture: draw.io reserves the cells 0 and 1, and a VM can have these
        # names.
        self.names = {part: f"n{i}" for i, part in enumerate([*self.boxes, *self.bars])}

    def write(self) -> None:
        for box in self.picture.boxes:
            self._box(box)
        for bar in self.picture.bars:
            fill, edge = LIGHT.bars[bar.switch_type]
            style = f"{_ROUND}fillColor={fill};strokeColor={edge};fontColor={LIGHT.texts[f'switch-bar-{bar.switch_type}']};"
            self._vertex(bar, bar.machine, "  ".join(self.words.get(bar.id, [])), style)
        for number, line in enumerate(self.picture.lines):
            self._edge(line, f"e{number}")

    def _box(self, box: Box) -> None:
        fill, edge = LIGHT.network
        if box.kind in ("vm", "network"):
            fill, edge = LIGHT.vm if box.kind == "vm" else LIGHT.network
        elif box.kind != "internet":
            fill, edge = LIGHT.host(box.level)
        shape = "shape=cloud;html=1;" if box.kind == "internet" else _CONTAINER
        style = f"{shape}fillColor={fill};strokeColor={edge};fontColor={LIGHT.texts['name']};"
        strip = [
            line
            for line in self.picture.lines
            if line.kind in ("nat", "uplink") and line.target.startswith(f"adapter:{box.id}/")
        ]
        self._vertex(
            box,
            box.parent,
            "\n".join(self._lines(box.id)),
            style + (f"spacingTop={8 + STRIP * len(strip)};" if strip else ""),
        )

    def _lines(self, part: str) -> list[str]:
        words = self.words.get(part, [])
        return [" ".join(words[:2]), *words[2:]]

    def _vertex(self, part: Box | SwitchBar, parent: str, value: str, style: str) -> None:
        container = self.boxes.get(parent)
        cell = ET.SubElement(
            self.root,
            "mxCell",
            {
                "id": self.names[part.id],
                "value": _html(value),
                "style": style,
                "vertex": "1",
                "parent": self.names[parent] if parent else "1",
            },
        )
        left, top = (container.x, container.y) if container else (0, 0)
        place = {
            "x": f"{part.x - left:g}",
            "y": f"{part.y - top:g}",
            "width": f"{part.width:g}",
            "height": f"{part.height:g}",
        }
        ET.SubElement(cell, "mxGeometry", {**place, "as": "geometry"})

    def _edge(self, line: Line, identity: str) -> None:
        first, last = line.points[0], line.points[-1]
        if line.kind == "disconnected":
            return
        source, target = (
            self._part_at(line.source, first, line),
            self._part_at(line.target, last, line),
        )
        style = _line_style(line) + _anchor("exit", source, first) + _anchor("entry", target, last)
        value = _html("\n".join(self.words.get(line.id, [])))
        ends = (
            {"source": self.names[source.id], "target": self.names[target.id]}
            if source and target
            else {}
        )
        cell = ET.SubElement(
            self.root,
            "mxCell",
            {
                "id": identity,
                "value": value,
                "style": style,
                "edge": "1",
                "parent": "1",
                **ends,
            },
        )
        place = {"x": f"{self._label_place(line):.4g}"} if line.id in self.words else {}
        geometry = ET.SubElement(cell, "mxGeometry", {**place, "relative": "1", "as": "geometry"})
        if len(line.points) > 2:  # noqa: PLR2004  # the two ends are anchors already
            bends = ET.SubElement(geometry, "Array", {"as": "points"})
            for x, y in line.points[1:-1]:
                ET.SubElement(bends, "mxPoint", {"x": f"{x:g}", "y": f"{y:g}"})

    def _label_place(self, line: Line) -> float:
        """Return where along a line its texts are: -1 at its start, 0 halfway, 1 at its end."""
        written = [text.y for text in self.picture.texts if text.owner == line.id]
        written += [
            badge.y + badge.height for badge in self.picture.badges if badge.owner == line.id
        ]
        start, end = line.points[0][1], line.points[-1][1]
        middle = (min(written) + max(written)) / 2 - _HALF_LINE
        return max(-1, min(1, 2 * (middle - start) / (end - start) - 1)) if end != start else 0

    def _part_at(self, part: str, point: Point, line: Line) -> Box | SwitchBar | None:
        """Return the box or switch bar that an end of a line is attached to.

        A link may end on a repetition of its switch bar.
        """
        if line.kind == "spine":
            part = line.id.removeprefix("spine:")
        if part.startswith("adapter:"):
            part = part.removeprefix("adapter:").rsplit("/", 1)[0]
        repeats = [
            bar
            for bar in self.bars.values()
            if bar.id.startswith(f"{part}@") and bar.y <= point[1] <= bar.y + bar.height
        ]
        return repeats[0] if repeats else self.boxes.get(part) or self.bars.get(part)


def _line_style(line: Line) -> str:
    color = LIGHT.line(line.kind, line.switch_type)
    dashes = "dashed=1;" if line.kind == "nat" else ""
    return f"endArrow=none;html=1;rounded=1;labelBackgroundColor=none;fontSize=10;align=left;{dashes}strokeColor={color};"


def _anchor(end: str, part: Box | SwitchBar | None, point: Point) -> str:
    if part is None:
        return ""
    across, down = (point[0] - part.x) / part.width, (point[1] - part.y) / part.height
    return f"{end}X={min(1, max(0, across)):.4g};{end}Y={min(1, max(0, down)):.4g};{end}Dx=0;{end}Dy=0;"


def _html(text: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace("\n", "<br>")
