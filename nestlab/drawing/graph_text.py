"""The parts of a layout as a graph for text formats: nodes with short names, edges between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from nestlab.dataclass import dataclass
from nestlab.drawing.geometry import Box, Layout, Line, LineKind, SwitchBar
from nestlab.texts import tr, tr_count


@dataclass(frozen=True)
class GraphEdge:
    """An edge between two parts; `below` is drawn below `above`."""

    below: str
    above: str
    label: str
    kind: LineKind
    color_role: str  # its key in the `lines` of a palette


class GraphText:
    """The nodes and edges of a picture.

    Args:
        picture: the layout.
        folded_level: the level whose nested hosts are drawn without their contents; None draws
            everything.
        ports: whether the adapters of nested hosts are drawn as nodes inside them.
    """

    def __init__(
        self, picture: Layout, folded_level: int | None = None, *, ports: bool = False
    ) -> None:
        self.picture = picture
        self.words = picture.texts_by_part()
        bars = [bar for bar in picture.bars if not bar.repeated]
        filled = {box.parent for box in picture.boxes} | {bar.machine for bar in bars}
        self.folded = {
            box.id
            for box in picture.boxes
            if folded_level is not None and box.level == folded_level and box.id in filled
        }
        self._hidden = _inside(picture.boxes, bars, self.folded)
        boxes = [box for box in picture.boxes if box.id not in self._hidden]
        self.bars = [bar for bar in bars if bar.id not in self._hidden]
        self.children: dict[str, list[Box]] = {}
        for box in boxes:
            self.children.setdefault(box.parent, []).append(box)
        self.switches: dict[str, list[SwitchBar]] = {}
        for bar in self.bars:
            self.switches.setdefault(bar.machine, []).append(bar)
        self._adapters = {line.id: line for line in picture.lines if line.kind == "adapter"}
        self.ports: dict[str, list[Line]] = {}
        for line in self._adapters.values() if ports else ():
            if line.source in {*self.switches, *self.children}:
                self.ports.setdefault(line.source, []).append(line)
        self._container_of = {
            **{box.id: box.parent for box in boxes},
            **{bar.id: bar.machine for bar in self.bars},
            **{line.id: machine for machine, lines in self.ports.items() for line in lines},
        }
        inner = (line.id for lines in self.ports.values() for line in lines)
        parts = [*(box.id for box in boxes), *(bar.id for bar in self.bars), *inner]
        self.names = {part: f"n{index}" for index, part in enumerate(parts)}

    def is_container(self, box: Box) -> bool:
        """Whether a box is drawn with something inside."""
        return box.id in self.switches or box.id in self.children

    def label(self, part: str, newline: str) -> str:
        """Return the texts of a part as one label; the level follows the name."""
        words = self.words.get(part, [part])
        level = [word for word in words[1:2] if word.startswith("L") and word[1:].isdigit()]
        head = " ".join([words[0], *(f"({word})" for word in level)])
        inside = [self._count_inside(part)] if part in self.folded else []
        return newline.join([head, *words[1 + len(level) :], *inside])

    def edges(self) -> Iterator[GraphEdge]:
        """Yield the edges between parts that are drawn.

        An uplink through an adapter that is not drawn as a node leads to the switch that the
        adapter is connected to.
        """
        for line in self.picture.lines:
            source = line.id if line.id in self.names else line.source
            target = self._outer_end(line)
            if source in self.names and target in self.names:
                label = line.name if line.kind in ("nat", "uplink") else self.adapter_label(line)
                role = "nat" if line.kind == "nat" else line.switch_type or "wire"
                yield GraphEdge(source, target, "" if source == line.id else label, line.kind, role)

    def containers(self, part: str) -> Iterator[str]:
        """Yield the machines that a part is drawn in, the innermost first."""
        inside = self._container_of.get(part, "")
        while inside:
            yield inside
            inside = self._container_of.get(inside, "")

    def adapter_label(self, line: Line) -> str:
        """Return the texts of an adapter as one label."""
        return ", ".join(self.words.get(line.id, []))

    def rows(self, parent: str) -> Iterator[tuple[Box, Box]]:
        """Yield pairs of boxes inside a machine, the second of which belongs below the first."""
        rows: dict[int, list[Box]] = {}
        for box in self.children.get(parent, []):
            rows.setdefault(box.row, []).append(box)
        for above, below in pairwise(rows[row] for row in sorted(rows)):
            for index, box in enumerate(below):
                yield above[min(index, len(above) - 1)], box

    def _outer_end(self, line: Line) -> str:
        if line.target in self.names:
            return line.target
        through = self._adapters.get(line.target)
        return through.target if through is not None else line.target

    def _count_inside(self, part: str) -> str:
        inside = self._hidden_in(part)
        vms = sum(1 for box in self.picture.boxes if box.id in inside)
        switches = len(inside) - vms
        return tr(
            "inside: {vms}, {switches}",
            vms=tr_count("{count} VM", "{count} VMs", vms),
            switches=tr_count("{count} switch", "{count} switches", switches),
        )

    def _hidden_in(self, part: str) -> set[str]:
        bars = [bar for bar in self.picture.bars if not bar.repeated]
        return _inside(self.picture.boxes, bars, {part})


def _inside(boxes: Sequence[Box], bars: Sequence[SwitchBar], machines: set[str]) -> set[str]:
    """Return the ids of all parts that lie inside machines, at any depth."""
    hosts = set(machines)
    inside: set[str] = set()
    for box in sorted(boxes, key=lambda box: box.level):
        if box.parent in hosts:
            hosts.add(box.id)
            inside.add(box.id)
    return inside | {bar.id for bar in bars if bar.machine in hosts}
