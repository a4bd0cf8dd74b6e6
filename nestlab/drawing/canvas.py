"""The canvas: the parts of a picture that is being built."""

from __future__ import annotations

from collections import Counter

from nestlab.dataclass import dataclass, field
from nestlab.drawing.block import Block
from nestlab.drawing.geometry import (
    BADGE_BASELINE,
    Badge,
    Box,
    Line,
    Point,
    SwitchBar,
    Text,
    switch_id,
)
from nestlab.drawing.labels import BADGE_HEIGHT, GAP, Row, Word
from nestlab.drawing.palette import drawn_type
from nestlab.enumerations import all_of
from nestlab.model.machine_path import path_text
from nestlab.model.topology import SwitchType
from nestlab.texts import tr


@dataclass
class Canvas:
    """The parts of a picture that is being built."""

    boxes: list[Box] = field(default_factory=list)
    bars: list[SwitchBar] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    badges: list[Badge] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)

    def unique(self, identifier: str) -> str:
        """Return a unique id: duplicate names are an error, but are drawn."""
        self.seen[identifier] += 1
        count = self.seen[identifier]
        return identifier if count == 1 else f"{identifier}#{count}"

    def write(self, row: Row, x: float, baseline: float, owner: str) -> None:
        """Place the words of a row side by side."""
        for word in row:
            if word.badge:
                self._write_badge(word, x, baseline, owner)
            else:
                self._write_text(word, x, baseline, owner)
            x += word.width + GAP

    def _write_badge(self, word: Word, x: float, baseline: float, owner: str) -> None:
        self.badges.append(
            Badge(
                x=x,
                y=baseline - BADGE_HEIGHT * BADGE_BASELINE,
                width=word.width,
                height=BADGE_HEIGHT,
                text=word.text,
                size=word.size,
                role=word.role,
                owner=owner,
            )
        )

    def _write_text(self, word: Word, x: float, baseline: float, owner: str) -> None:
        self.texts.append(
            Text(
                x=x,
                y=baseline,
                text=word.text,
                size=word.size,
                width=word.width,
                role=word.role,
                bold=word.bold,
                owner=owner,
            )
        )

    def uplink_line(self, block: Block, bar: int, target: str, points: tuple[Point, ...]) -> Line:
        """Return the line of a switch's uplink out of its machine."""
        switch = block.bars[bar]
        nat = switch.switch_type is not SwitchType.EXTERNAL
        source = switch_id(block.path, switch.name)
        name = (
            tr("NAT of {switch}", switch=switch.name)
            if nat
            else tr(
                "{switch} through {adapters}",
                switch=switch.name,
                adapters=all_of(switch.net_adapters) or tr("an adapter"),
            )
        )
        return Line(
            id=f"up:{path_text(block.path)}/{switch.name}",
            kind="nat" if nat else "uplink",
            switch_type=drawn_type(switch),
            points=points,
            name=name,
            source=source,
            target=target,
            dots=(points[0],),
        )
