"""Put measured machines on the canvas, from the host inwards."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from nestlab.drawing.block import (
    HEADER_ROW,
    LABEL_PAD,
    LABEL_ROW,
    PAD,
    RAIL_HEIGHT,
    ROW_GAP,
    SHORT_RAIL_GAP,
    SHORT_RAIL_HEIGHT,
    SPINE,
    STRIP,
    UP_SLOT,
    Block,
    Port,
    repeated_height,
)
from nestlab.drawing.geometry import (
    PILL_BASELINE,
    Box,
    BoxKind,
    Line,
    Pill,
    Point,
    Rail,
    Text,
    adapter_id,
    machine_id,
    switch_id,
)
from nestlab.drawing.wording import GAP, PILL_HEIGHT, Row, short_rail_row
from nestlab.model.machine import path_text
from nestlab.model.topology import VM, SwitchType, VMState


@dataclass
class Canvas:
    """The parts of a picture while it is put together."""

    boxes: list[Box] = field(default_factory=list)
    rails: list[Rail] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    pills: list[Pill] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)

    def unique(self, identifier: str) -> str:
        """Return an id that no other part has: names given twice are wrong, but are drawn."""
        self.seen[identifier] += 1
        count = self.seen[identifier]
        return identifier if count == 1 else f"{identifier}#{count}"

    def write(self, row: Row, x: float, baseline: float, owner: str) -> None:
        """Write words side by side."""
        for word in row:
            width = word.width
            if word.pill:
                top = baseline - PILL_HEIGHT * PILL_BASELINE
                self.pills.append(
                    Pill(
                        x=x,
                        y=top,
                        width=width,
                        height=PILL_HEIGHT,
                        text=word.text,
                        size=word.size,
                        role=word.role,
                        owner=owner,
                    )
                )
            else:
                self.texts.append(
                    Text(
                        x=x,
                        y=baseline,
                        text=word.text,
                        size=word.size,
                        width=width,
                        role=word.role,
                        bold=word.bold,
                        owner=owner,
                    )
                )
            x += width + GAP

    def way_up(self, block: Block, rail: int, target: str, points: tuple[Point, ...]) -> Line:
        """Return the line by which a switch leads out of its machine."""
        switch = block.rails[rail]
        nat = switch.switch_type is not SwitchType.EXTERNAL
        source = switch_id(block.path, switch.name)
        name = (
            f"NAT of {switch.name}"
            if nat
            else f"{switch.name} through {switch.net_adapter or 'an adapter'}"
        )
        return Line(
            id=f"up:{path_text(block.path)}/{switch.name}",
            kind="nat" if nat else "uplink",
            switch_type=str(switch.switch_type),
            points=points,
            name=name,
            source=source,
            target=target,
            dots=(points[0],),
        )


@dataclass(frozen=True)
class Spot:
    """A measured machine and where its top left corner lies."""

    block: Block
    x: float
    y: float
    id: str

    def rail_bottom(self, index: int) -> float:
        """Where links meet a rail from below."""
        return self.y + self.block.rail_y(index) + RAIL_HEIGHT

    def spine_x(self, rail: int) -> float:
        """Where the line runs that joins a rail with its repetitions."""
        return self.x + PAD + 6 + SPINE * self.block.spines.index(rail)


def place(
    canvas: Canvas,
    block: Block,
    corner: Point,
    parent: str = "",
    in_row: tuple[int, float] = (0, 0),
) -> None:
    """Draw a machine with all that is inside it, its top left corner at a point."""
    vm = block.machine if isinstance(block.machine, VM) else None
    kind: BoxKind = "host" if vm is None else "nested-host" if vm.nested is not None else "vm"
    said = {"host": "Hyper-V host", "nested-host": "nested host", "vm": "VM"}[kind] + (
        f" {vm.name}" if vm else ""
    )
    spot = Spot(block, *corner, canvas.unique(machine_id(block.path)))
    box = Box(
        id=spot.id,
        kind=kind,
        x=spot.x,
        y=spot.y,
        width=block.width,
        height=block.height,
        name=f"{said}, level {block.level}",
        level=block.level,
        parent=parent,
        off=vm is not None and vm.state is VMState.OFF,
        row=in_row[0],
        offset=in_row[1],
    )
    canvas.boxes.append(box)
    for number, row in enumerate(block.header):
        canvas.write(
            row, spot.x + PAD, spot.y + PAD + block.strip + 10 + number * HEADER_ROW, spot.id
        )
    _place_rails(canvas, spot)
    if vm is not None:
        _place_ways_up(canvas, spot)
    _place_children(canvas, spot)


def _place_rails(canvas: Canvas, spot: Spot) -> None:
    block = spot.block
    for index, switch in enumerate(block.rails):
        top = spot.y + block.rail_y(index)
        kind = str(switch.switch_type)
        rail = Rail(
            id=canvas.unique(switch_id(block.path, switch.name)),
            machine=spot.id,
            switch_type=kind,
            x=spot.x + PAD,
            y=top,
            width=block.width - 2 * PAD,
            height=RAIL_HEIGHT,
            name=f"{kind.lower()} switch {switch.name}"
            + (f", {switch.ip_address}" if switch.ip_address else ""),
        )
        canvas.rails.append(rail)
        canvas.write(block.rail_rows[index], rail.x + 10 + block.spine_room, top + 17, rail.id)


def _place_ways_up(canvas: Canvas, spot: Spot) -> None:
    """From a rail of a nested host, through the zone at its right and the strip above its header, to its adapter."""
    block = spot.block
    for number, up in enumerate(block.ups):
        if up.port is None:
            continue
        at = spot.x + block.width - PAD - 10 - UP_SLOT * number
        strip = spot.y + 2 + STRIP * (number + 1)
        port = block.ports[up.port]
        foot = spot.x + port.x
        points = ((at, spot.y + block.rail_y(up.rail)), (at, strip), (foot, strip), (foot, spot.y))
        canvas.lines.append(
            canvas.way_up(block, up.rail, adapter_id(block.path, port.index), points)
        )


def _place_children(canvas: Canvas, spot: Spot) -> None:
    block = spot.block
    top = spot.y + block.vms_top
    bottoms = {index: spot.rail_bottom(index) for index in range(len(block.rails))}
    last_repeat: dict[int, float] = {}
    for number, row in enumerate(block.placed):
        if number:
            bottoms = _repeat_rails(canvas, spot, number, top + ROW_GAP)
            last_repeat.update(bottoms)
            top += repeated_height(block, number)
        vm_top = top + block.label_heights[number]
        for place_in_row in row:
            child = block.children[place_in_row.index]
            corner = (spot.x + PAD + block.lefts[number] + place_in_row.x, vm_top)
            place(canvas, child, corner, spot.id, (number, place_in_row.x))
            _place_links(canvas, block, child, corner, bottoms)
        top = vm_top + block.row_heights[number]
    for rail, bottom in last_repeat.items():
        switch, at = block.rails[rail], spot.spine_x(rail)
        points = ((at, spot.rail_bottom(rail)), (at, bottom - SHORT_RAIL_HEIGHT / 2))
        spine = f"spine:{switch_id(block.path, switch.name)}"
        canvas.lines.append(
            Line(id=spine, kind="spine", switch_type=str(switch.switch_type), points=points)
        )


def _repeat_rails(canvas: Canvas, spot: Spot, row: int, top: float) -> dict[int, float]:
    """Repeat the rails that a further row of VMs uses; returns where links meet them, in pixels."""
    block = spot.block
    bottoms = {}
    last = block.placed[row][-1]
    right = spot.x + PAD + block.lefts[row] + last.x + block.children[last.index].width
    for number, index in enumerate(block.row_rails[row]):
        switch = block.rails[index]
        left = spot.spine_x(index) - 3
        rail = Rail(
            id=f"{switch_id(block.path, switch.name)}@{row}",
            machine=spot.id,
            switch_type=str(switch.switch_type),
            x=left,
            y=top + number * (SHORT_RAIL_HEIGHT + SHORT_RAIL_GAP),
            width=right - left,
            height=SHORT_RAIL_HEIGHT,
            name=f"switch {switch.name}, continued",
            repeated=True,
        )
        canvas.rails.append(rail)
        canvas.write(
            short_rail_row(switch), spot.x + PAD + 10 + block.spine_room, rail.y + 11, rail.id
        )
        bottoms[index] = rail.y + SHORT_RAIL_HEIGHT
    return bottoms


def _place_links(
    canvas: Canvas, host: Block, child: Block, corner: Point, bottoms: dict[int, float]
) -> None:
    left, vm_top = corner
    for port in child.ports:
        identifier = canvas.unique(adapter_id(child.path, port.index))
        first = vm_top - LABEL_PAD - (len(port.rows) - 1) * LABEL_ROW - 4
        for number, row in enumerate(port.rows):
            canvas.write(row, left + port.x + 7, first + number * LABEL_ROW, identifier)
        foot = (left + port.x, vm_top)
        said = f"{path_text(child.path)} adapter {port.adapter.name}"
        if port.rail is None:
            canvas.lines.append(_loose_end(child, port, identifier, foot, said))
            continue
        switch, end = host.rails[port.rail], (foot[0], bottoms[port.rail])
        link = Line(
            id=identifier,
            kind="adapter",
            switch_type=str(switch.switch_type),
            points=(foot, end),
            name=f"{said} to switch {switch.name}",
            source=machine_id(child.path),
            target=switch_id(host.path, switch.name),
            dots=(end,),
        )
        canvas.lines.append(link)


def _loose_end(child: Block, port: Port, identifier: str, foot: Point, said: str) -> Line:
    top = (foot[0], foot[1] - LABEL_PAD - len(port.rows) * LABEL_ROW + 4)
    return Line(
        id=identifier,
        kind="loose",
        switch_type="",
        points=(foot, top),
        name=f"{said}, not connected",
        source=machine_id(child.path),
        cross=top,
    )
