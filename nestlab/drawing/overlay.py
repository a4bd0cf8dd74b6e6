"""A trace on a picture: its lines, numbered hops, and a cross where a packet is dropped."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from html import escape
from itertools import pairwise
from typing import Any

from nestlab.dataclass import dataclass
from nestlab.drawing.geometry import Layout, Line, Point
from nestlab.drawing.network_row import INTERNET, network_id

_RADIUS = 7.5
_PHYSICAL_PREFIX = "the physical network behind "  # not shown: in traces of earlier versions


@dataclass(frozen=True)
class HopMarker:
    """The number of a hop, or the cross of a drop, with its tooltip."""

    at: Point
    text: str
    tooltip: str


@dataclass(frozen=True)
class Overlay:
    """The elements that a trace adds to a picture."""

    paths: tuple[tuple[Point, ...], ...]
    markers: tuple[HopMarker, ...]
    drop: HopMarker | None

    def svg(self) -> Iterator[str]:
        """Yield SVG elements, to be drawn last."""
        for path in self.paths:
            points = " ".join(f"{round(x, 1):g},{round(y, 1):g}" for x, y in path)
            yield f'<polyline class="trace" points="{points}"/>'
        for marker in self.markers:
            x, y = marker.at
            yield f'<g><title>{escape(marker.tooltip)}</title><circle class="hop" cx="{x:g}" cy="{y:g}" r="{_RADIUS}"/>'
            yield (
                f'<text class="hop-text b" x="{x:g}" y="{y + 3.3:g}" font-size="9.5" text-anchor="middle">{escape(marker.text)}</text></g>'
            )
        if self.drop:
            x, y = self.drop.at
            yield f'<g><title>{escape(self.drop.tooltip)}</title><circle class="drop" cx="{x:g}" cy="{y:g}" r="8"/>'
            yield f'<path class="drop-cross" d="M{x - 3.6:g},{y - 3.6:g} l7.2,7.2 m0,-7.2 l-7.2,7.2"/></g>'


def overlay(picture: Layout, trace: Mapping[str, Any]) -> Overlay:
    """Return the elements that a trace (its plain data) adds to a picture.

    Hops that are not in the picture are left out.
    """
    graph = _PictureGraph(picture)
    hops = [
        (part, hop)
        for hop in trace.get("hops", ())
        if (part := graph.part(str(hop["at"]), str(hop["kind"]), str(hop.get("network", ""))))
    ]
    drop = trace.get("drop")
    lines: dict[str, Line] = {}
    for start, end in pairwise(_path(graph, hops, drop)):
        lines.update({line.id: line for line in graph.between(start, end)})
    texts: dict[str, list[str]] = {}
    for part, hop in hops:
        texts.setdefault(part, []).append(f"{hop['at']} {hop['does']}")
    markers = [
        HopMarker(graph.corner(part), str(number), "; ".join(does))
        for number, (part, does) in enumerate(texts.items(), 1)
    ]
    paths = tuple(line.points for line in lines.values())
    return Overlay(paths, tuple(markers), _drop(graph, drop))


def _path(
    graph: _PictureGraph,
    hops: list[tuple[str, Mapping[str, Any]]],
    drop: Mapping[str, Any] | None,
) -> list[str]:
    """Return the parts that the packet passes, in order, up to the switch that drops it."""
    # A machine that only translates is beside the line of its NAT, and not on the path.
    parts = [part for part, hop in hops if hop["kind"] != "nat"]
    if drop:
        switch = f"switch:{drop['at']['machine']}/{drop['at'].get('switch')}"
        parts += [switch] if switch in graph.bars else []
    return parts


def _drop(graph: _PictureGraph, drop: Mapping[str, Any] | None) -> HopMarker | None:
    if not drop:
        return None
    place = drop["at"]
    machine, adapter, switch = str(place["machine"]), place.get("adapter"), place.get("switch")
    return HopMarker(
        graph.drop_point(machine, adapter, switch), "✗", f"{drop['reason']}: {drop['explanation']}"
    )


class _PictureGraph:
    """The picture as a graph of boxes and switch bars, to find the lines between two hops."""

    def __init__(self, picture: Layout) -> None:
        self.boxes = {box.id: box for box in picture.boxes}
        self.bars = {bar.id: bar for bar in picture.bars if not bar.repeated}
        self.lines = {line.id: line for line in picture.lines}
        self.spines = {
            line.id.removeprefix("spine:"): line for line in picture.lines if line.kind == "spine"
        }
        self.edges: dict[str, list[tuple[str, tuple[Line, ...]]]] = {}
        for line in picture.lines:
            joined = self.lines.get(line.target)
            if joined:
                # An uplink of a nested host leads on to the switch of its adapter.
                self._join(line.source, joined.target, (line, joined))
            elif line.source and line.target:
                self._join(line.source, line.target, (line,))
        for bar in self.bars.values():
            self._join(bar.id, bar.machine, ())

    def _join(self, one: str, other: str, lines: tuple[Line, ...]) -> None:
        self.edges.setdefault(one, []).append((other, lines))
        self.edges.setdefault(other, []).append((one, lines))

    def part(self, at: str, kind: str, network: str = "") -> str | None:
        """Return the id of the box or switch bar that a hop is at; None if it is not drawn.

        `network` is the adapter of the host that a physical network is behind; traces saved by
        earlier versions have it only in `at`.
        """
        if kind == "switch":
            machine, _, switch = at.partition(": ")
            found = f"switch:{machine}/{switch}"
            return found if found in self.bars else None
        if kind == "network":
            found = network_id(network or at.removeprefix(_PHYSICAL_PREFIX))
            return found if found in self.boxes else None
        if kind == "internet":
            return INTERNET if INTERNET in self.boxes else None
        return at if at in self.boxes else None

    def between(self, start: str, end: str) -> list[Line]:
        """Return the lines of the shortest path between two parts."""
        previous: dict[str, tuple[str, tuple[Line, ...]]] = {start: (start, ())}
        waiting = deque([start])
        while waiting and end not in previous:
            here = waiting.popleft()
            for there, lines in self.edges.get(here, ()):
                if there not in previous:
                    previous[there] = (here, lines)
                    waiting.append(there)
        path_lines: list[Line] = []
        here = end
        while here in previous and here != start:
            here, lines = previous[here]
            path_lines.extend(self._with_spines(lines))
        return path_lines

    def _with_spines(self, lines: tuple[Line, ...]) -> Iterator[Line]:
        for line in lines:
            yield line
            bar, spine = self.bars.get(line.target), self.spines.get(line.target)
            if spine and bar and line.kind == "adapter" and line.points[-1][1] > bar.y + bar.height:
                yield spine

    def corner(self, part: str) -> Point:
        """Return where the number of a hop is drawn: at a box's top left, or a bar's left end."""
        bar = self.bars.get(part)
        if bar:
            return bar.x, bar.y + bar.height / 2
        box = self.boxes[part]
        return box.x, box.y + (box.height / 2 if box.kind in ("internet", "network") else 0)

    def drop_point(self, machine: str, adapter: str | None, switch: str | None) -> Point:
        """Return where a drop is drawn: at the port of a switch, on a machine, or outside."""
        if adapter and "/" in adapter:
            vm, _, name = adapter.partition("/")
            owner = vm if machine == "host" else f"{machine}/{vm}"
            for line in self.lines.values():
                if line.source == owner and line.adapter == name:
                    x, y = line.points[-1]
                    return (
                        x - 3,
                        y + 6,
                    )  # just below the port: the text on the switch bar stays readable
        bar = self.bars.get(f"switch:{machine}/{switch}")
        if bar:
            return bar.x + bar.width, bar.y + bar.height / 2
        if machine in self.boxes:
            box = self.boxes[machine]
            return box.x + box.width, box.y + 14
        outside = [box for box in self.boxes.values() if box.kind in ("network", "internet")] or [
            self.boxes["host"]
        ]
        return outside[0].x + outside[0].width - 8, outside[0].y + 12
