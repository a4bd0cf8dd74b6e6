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
from nestlab.drawing.geometry import Box, BoxKind, Line, Pill, Point, Rail, Text, adapter_id, machine_id, switch_id
from nestlab.drawing.rows import Placed
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
                top = baseline - PILL_HEIGHT * 0.74
                self.pills.append(
                    Pill(x=x, y=top, width=width, height=PILL_HEIGHT, text=word.text, size=word.size, role=word.role, owner=owner)
                )
            else:
                self.texts.append(
                    Text(x=x, y=baseline, text=word.text, size=word.size, width=width, role=word.role, bold=word.bold, owner=owner)
                )
            x += width + GAP

    def way_up(self, block: Block, rail: int, target: str, points: tuple[Point, ...]) -> Line:
        """Return the line by which a switch leads out of its machine."""
        switch = block.rails[rail]
        nat = switch.switch_type is not SwitchType.EXTERNAL
        source = switch_id(block.path, switch.name)
        name = f"NAT of {switch.name}" if nat else f"{switch.name} through {switch.net_adapter or 'an adapter'}"
        return Line(
            id=f"up:{path_text(block.path)}/{switch.name}", kind="nat" if nat else "uplink", switch_type=str(switch.switch_type),
            points=points, name=name, source=source, target=target, dots=(points[0],),
        )  # fmt: skip


def place(canvas: Canvas, block: Block, x: float, y: float, parent: str = "", place_in_row: tuple[int, float] = (0, 0)) -> None:
    """Draw a machine with all that is inside it, its top left corner at (x, y)."""
    identifier = canvas.unique(machine_id(block.path))
    vm = block.machine if isinstance(block.machine, VM) else None
    kind: BoxKind = "host" if vm is None else "nested-host" if vm.nested is not None else "vm"
    off = vm is not None and vm.state is VMState.OFF
    name = f"{'VM' if kind == 'vm' else kind.replace('-', ' ')} {'' if vm is None else vm.name}, level {block.level}".replace(" ,", ",")
    canvas.boxes.append(
        Box(
            id=identifier, kind=kind, x=x, y=y, width=block.width, height=block.height, name=name, level=block.level,
            parent=parent, off=off, row=place_in_row[0], offset=place_in_row[1],
        )  # fmt: skip
    )
    for number, row in enumerate(block.header):
        canvas.write(row, x + PAD, y + PAD + block.strip + 10 + number * HEADER_ROW, identifier)
    _place_rails(canvas, block, x, y, identifier)
    if vm is not None:
        _place_ways_up(canvas, block, x, y, identifier)
    _place_children(canvas, block, x, y, identifier)


def _place_rails(canvas: Canvas, block: Block, x: float, y: float, owner: str) -> None:
    spines = SPINE * len(block.spines) + 7 if block.spines else 0
    for index, switch in enumerate(block.rails):
        top = y + block.rail_y(index)
        identifier = canvas.unique(switch_id(block.path, switch.name))
        name = f"{str(switch.switch_type).lower()} switch {switch.name}" + (f", {switch.ip_address}" if switch.ip_address else "")
        canvas.rails.append(
            Rail(
                id=identifier, machine=owner, switch_type=str(switch.switch_type), x=x + PAD, y=top,
                width=block.width - 2 * PAD, height=RAIL_HEIGHT, name=name,
            )  # fmt: skip
        )
        canvas.write(block.rail_rows[index], x + PAD + 10 + spines, top + 17, identifier)


def _place_ways_up(canvas: Canvas, block: Block, x: float, y: float, owner: str) -> None:
    """From a rail of a nested host, through the zone at its right and the strip above its header, to its adapter."""
    for number, up in enumerate(block.ups):
        at = x + block.width - PAD - 10 - UP_SLOT * number
        rail_top = y + block.rail_y(up.rail)
        strip = y + 2 + STRIP * (number + 1)
        if up.port is None:
            continue
        port = x + block.ports[up.port].x
        target = adapter_id(block.path, block.ports[up.port].index)
        line = canvas.way_up(block, up.rail, target, ((at, rail_top), (at, strip), (port, strip), (port, y)))
        canvas.lines.append(line)
    _ = owner


def _place_children(canvas: Canvas, block: Block, x: float, y: float, owner: str) -> None:
    top = y + block.vms_top
    last_repeat: dict[int, float] = {}
    for number, row in enumerate(block.placed):
        rail_bottoms = {index: y + block.rail_y(index) + RAIL_HEIGHT for index in range(len(block.rails))}
        if number:
            rail_bottoms = _place_repeated_rails(canvas, block, number, x, top + ROW_GAP, owner)
            last_repeat.update({index: bottom - SHORT_RAIL_HEIGHT / 2 for index, bottom in rail_bottoms.items()})
            top += repeated_height(block, number)
        vm_top = top + block.label_heights[number]
        for spot in row:
            child = block.children[spot.index]
            left = x + PAD + block.left + spot.x
            place(canvas, child, left, vm_top, owner, (number, spot.x))
            _place_links(canvas, block, child, (left, vm_top), rail_bottoms)
        top = vm_top + block.row_heights[number]
    for rail, bottom in last_repeat.items():
        at = _spine_x(block, rail, x)
        switch = block.rails[rail]
        points = ((at, y + block.rail_y(rail) + RAIL_HEIGHT), (at, bottom))
        canvas.lines.append(
            Line(id=f"spine:{switch_id(block.path, switch.name)}", kind="spine", switch_type=str(switch.switch_type), points=points)
        )


def _spine_x(block: Block, rail: int, x: float) -> float:
    return x + PAD + 6 + SPINE * block.spines.index(rail)


def _place_repeated_rails(canvas: Canvas, block: Block, row: int, x: float, top: float, owner: str) -> dict[int, float]:
    bottoms = {}
    text_x = x + PAD + SPINE * len(block.spines) + 11
    for number, rail in enumerate(block.row_rails[row]):
        switch = block.rails[rail]
        left = _spine_x(block, rail, x) - 3
        rail_y = top + number * (SHORT_RAIL_HEIGHT + SHORT_RAIL_GAP)
        right = x + PAD + block.left + _row_right(block, block.placed[row])
        identifier = f"{switch_id(block.path, switch.name)}@{row}"
        canvas.rails.append(
            Rail(
                id=identifier, machine=owner, switch_type=str(switch.switch_type), x=left, y=rail_y,
                width=right - left, height=SHORT_RAIL_HEIGHT, name=f"switch {switch.name}, continued", repeated=True,
            )  # fmt: skip
        )
        canvas.write(short_rail_row(switch), text_x, rail_y + 11, identifier)
        bottoms[rail] = rail_y + SHORT_RAIL_HEIGHT
    return bottoms


def _row_right(block: Block, row: list[Placed]) -> float:
    return row[-1].x + block.children[row[-1].index].width


def _place_links(canvas: Canvas, host: Block, child: Block, corner: Point, rail_bottoms: dict[int, float]) -> None:
    left, vm_top = corner
    for port in child.ports:
        identifier = canvas.unique(adapter_id(child.path, port.index))
        first = vm_top - LABEL_PAD - (len(port.rows) - 1) * LABEL_ROW - 4
        for number, row in enumerate(port.rows):
            canvas.write(row, left + port.x + 7, first + number * LABEL_ROW, identifier)
        canvas.lines.append(_link(host, child, port, identifier, (left + port.x, vm_top), rail_bottoms))


def _link(host: Block, child: Block, port: Port, identifier: str, foot: Point, rail_bottoms: dict[int, float]) -> Line:
    x, y = foot
    name = f"{path_text(child.path)} adapter {port.adapter.name}"
    if port.rail is None:
        top = (x, y - LABEL_PAD - len(port.rows) * LABEL_ROW + 4)
        return Line(
            id=identifier, kind="loose", switch_type="", points=(foot, top), name=f"{name}, not connected",
            source=machine_id(child.path), cross=top,
        )  # fmt: skip
    switch = host.rails[port.rail]
    end = (x, rail_bottoms[port.rail])
    return Line(
        id=identifier, kind="adapter", switch_type=str(switch.switch_type), points=(foot, end), name=f"{name} to switch {switch.name}",
        source=machine_id(child.path), target=switch_id(host.path, switch.name), dots=(end,),
    )  # fmt: skip
