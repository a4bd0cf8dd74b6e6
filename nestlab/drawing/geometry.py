"""The parts of a picture: boxes, switch bars, lines, texts and badges.

All are frozen, in pixels, x to the right and y down.
"""

from __future__ import annotations

from typing import Any, Literal

from nestlab.dataclass import dataclass
from nestlab.model.machine_path import MachinePath, path_text
from nestlab.model.topology import Topology

Point = tuple[float, float]
BADGE_BASELINE = 0.74  # position of the baseline, from the top, as a share of the badge's height
BoxKind = Literal["host", "nested-host", "vm", "network", "internet"]
LineKind = Literal["adapter", "uplink", "nat", "spine", "wire", "disconnected"]
DOT_RADIUS = 3.6  # where a line joins a switch
CROSS_ARM = 4  # half the side of the cross that ends the line of a disconnected adapter
BAR_ROUNDING = 3.5  # the ratio of a bar's height to the radius of its corners
_CORNER_RADII = {"vm": 7, "network": 12}


def machine_id(path: MachinePath) -> str:
    """Return the id of a machine's box: its machine path as text."""
    return path_text(path)


def switch_id(path: MachinePath, switch: str) -> str:
    """Return the id of a switch's bar.

    >>> switch_id(("HV1",), "NestedNat"), adapter_id(("HV1",), 0)
    ('switch:HV1/NestedNat', 'adapter:HV1/0')
    """
    return f"switch:{path_text(path)}/{switch}"


def adapter_id(path: MachinePath, index: int) -> str:
    """Return the id of the line of a machine's adapter, by its place in the list of adapters."""
    return f"adapter:{path_text(path)}/{index}"


@dataclass(frozen=True, kw_only=True)
class Box:
    """A machine, a physical network or the internet.

    ``row`` and ``offset`` are its place among its siblings.
    """

    id: str
    kind: BoxKind
    x: float
    y: float
    width: float
    height: float
    name: str  # read by screen readers and shown as a tooltip
    level: int = 0
    parent: str = ""
    off: bool = False
    row: int = 0
    offset: float = 0


def corner_radius(box: Box) -> int:
    """Return the radius of a box's corners."""
    return _CORNER_RADII.get(box.kind, 10)


@dataclass(frozen=True, kw_only=True)
class SwitchBar:
    """A switch as a bar inside its machine, repeated above each further row of its VMs."""

    id: str
    machine: str
    switch_type: str
    x: float
    y: float
    width: float
    height: float
    name: str
    repeated: bool = False


@dataclass(frozen=True, kw_only=True)
class Line:
    """A connection.

    It ends with a dot where it joins a switch bar; without a dot it only crosses the bar.
    """

    id: str
    kind: LineKind
    switch_type: str
    points: tuple[Point, ...]
    name: str = ""
    source: str = ""
    target: str = ""
    adapter: str = ""  # the name of the adapter that the line is of
    dots: tuple[Point, ...] = ()
    cross: Point | None = None  # where an adapter that is not connected ends


@dataclass(frozen=True, kw_only=True)
class Text:
    """One line of text; x is its left end and y its baseline. ``role`` selects its color."""

    x: float
    y: float
    text: str
    size: float
    width: float
    role: str
    bold: bool = False
    owner: str = ""


@dataclass(frozen=True, kw_only=True)
class Badge:
    """A short text on a rounded background: NAT, VLAN 30, MAC spoofing, L1."""

    x: float
    y: float
    width: float
    height: float
    text: str
    size: float
    role: str
    owner: str = ""


@dataclass(frozen=True, kw_only=True)
class Frame:
    """A frame around a box or a switch bar that is annotated; ``role`` selects its color."""

    x: float
    y: float
    width: float
    height: float
    radius: float
    role: str
    name: str  # read by screen readers and shown as a tooltip
    dashed: bool = False


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The positions of all parts of a picture, shared by all formats."""

    name: str
    description: str
    width: float
    height: float
    boxes: tuple[Box, ...]
    bars: tuple[SwitchBar, ...]
    lines: tuple[Line, ...]
    texts: tuple[Text, ...]
    badges: tuple[Badge, ...]
    topology: Topology
    frames: tuple[Frame, ...] = ()

    def box(self, identifier: str) -> Box:
        """Return the box with an id; raises KeyError if there is none."""
        for box in self.boxes:
            if box.id == identifier:
                return box
        raise KeyError(identifier)

    def texts_by_part(self) -> dict[str, list[str]]:
        """Return the texts of each part, by the part's id, in reading order."""
        written = [(round(text.y, 2), text.x, text.owner, text.text) for text in self.texts]
        # The baseline of a badge is at a fixed share of its height.
        written += [
            (round(badge.y + BADGE_BASELINE * badge.height, 2), badge.x, badge.owner, badge.text)
            for badge in self.badges
        ]
        words: dict[str, list[str]] = {}
        for _, _, owner, text in sorted(written):
            words.setdefault(owner, []).append(text)
        return words

    def to_dict(self) -> dict[str, Any]:
        """Return the picture as plain JSON data, for the designer's canvas."""
        return {
            "name": self.name,
            "description": self.description,
            "width": self.width,
            "height": self.height,
            "boxes": [dict(vars(box)) for box in self.boxes],
            "bars": [dict(vars(bar)) for bar in self.bars],
            "lines": [dict(vars(line)) for line in self.lines],
            "texts": [dict(vars(text)) for text in self.texts],
            "badges": [dict(vars(badge)) for badge in self.badges],
        }

    def __repr__(self) -> str:
        return f"<Layout {self.name}: {self.width:.0f} by {self.height:.0f}, {len(self.boxes)} boxes, {len(self.bars)} switch bars>"
