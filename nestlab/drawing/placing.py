"""Places measured machines on the canvas, the host first."""

from __future__ import annotations

from nestlab.dataclass import dataclass
from nestlab.drawing.block import Block, BlockPort
from nestlab.drawing.canvas import Canvas
from nestlab.drawing.dimensions import (
    BAR_HEIGHT,
    HEADER_ROW,
    LABEL_PAD,
    LABEL_ROW,
    PAD,
    ROW_GAP,
    SHORT_BAR_GAP,
    SHORT_BAR_HEIGHT,
    SPINE,
    STRIP,
    UPLINK_SLOT,
)
from nestlab.drawing.geometry import (
    Box,
    BoxKind,
    Line,
    Point,
    SwitchBar,
    adapter_id,
    machine_id,
    switch_id,
)
from nestlab.drawing.labels import short_bar_row
from nestlab.drawing.measuring import repeated_height
from nestlab.drawing.palette import drawn_type
from nestlab.model.machine_path import path_text
from nestlab.model.topology import VM, Switch, VMState
from nestlab.texts import mark, tr, translate

_SWITCH_TEXTS = {
    "External": mark("external switch {switch}"),
    "Internal": mark("internal switch {switch}"),
    "Private": mark("private switch {switch}"),
    "Unknown": mark("switch {switch} of unknown type"),
}


@dataclass(frozen=True)
class PlacedBlock:
    """A measured machine and the position of its top left corner."""

    block: Block
    x: float
    y: float
    id: str

    def bar_bottom(self, index: int) -> float:
        """Where links meet a switch bar from below."""
        return self.y + self.block.bar_y(index) + BAR_HEIGHT

    def spine_x(self, bar: int) -> float:
        """Where the line runs that joins a switch bar with its repetitions."""
        return self.x + PAD + 6 + SPINE * self.block.spines.index(bar)


def place(
    canvas: Canvas,
    block: Block,
    corner: Point,
    parent: str = "",
    in_row: tuple[int, float] = (0, 0),
) -> None:
    """Place a machine and everything inside it, with its top left corner at a point.

    `in_row` are the number of its row, and its offset in the row.
    """
    placed = PlacedBlock(block, *corner, canvas.unique(machine_id(block.path)))
    canvas.boxes.append(_box(placed, parent, *in_row))
    top = placed.y + PAD + block.uplink_strip_height + 10
    for number, row in enumerate(block.header):
        canvas.write(row, placed.x + PAD, top + number * HEADER_ROW, placed.id)
    _place_bars(canvas, placed)
    if isinstance(block.machine, VM):
        _place_uplink_lines(canvas, placed)
    _place_children(canvas, placed)


def _box(placed: PlacedBlock, parent: str, row: int, offset: float) -> Box:
    block = placed.block
    vm = block.machine if isinstance(block.machine, VM) else None
    kind: BoxKind = "host" if vm is None else "nested-host" if vm.nested is not None else "vm"
    return Box(
        id=placed.id,
        kind=kind,
        x=placed.x,
        y=placed.y,
        width=block.width,
        height=block.height,
        name=_box_text(kind, vm.name if vm else "", block.level),
        level=block.level,
        parent=parent,
        off=vm is not None and vm.state is VMState.OFF,
        row=row,
        offset=offset,
    )


def _box_text(kind: BoxKind, vm: str, level: int) -> str:
    """Return kind, name and level of a machine."""
    if kind == "host":
        return tr("Hyper-V host, level {level}", level=level)
    if kind == "nested-host":
        return tr("nested host {vm}, level {level}", vm=vm, level=level)
    return tr("VM {vm}, level {level}", vm=vm, level=level)


def _place_bars(canvas: Canvas, placed: PlacedBlock) -> None:
    block = placed.block
    for index, switch in enumerate(block.bars):
        bar = SwitchBar(
            id=canvas.unique(switch_id(block.path, switch.name)),
            machine=placed.id,
            switch_type=drawn_type(switch),
            x=placed.x + PAD,
            y=placed.y + block.bar_y(index),
            width=block.width - 2 * PAD,
            height=BAR_HEIGHT,
            name=_switch_text(switch),
        )
        canvas.bars.append(bar)
        canvas.write(block.bar_rows[index], bar.x + 10 + block.spine_space, bar.y + 17, bar.id)


def _switch_text(switch: Switch) -> str:
    """Return type, name and address of a switch."""
    text = translate(_SWITCH_TEXTS[switch.kind], switch=switch.name)
    return text + (f", {switch.ip_address}" if switch.ip_address else "")


def _place_uplink_lines(canvas: Canvas, placed: PlacedBlock) -> None:
    """Draw lines from switch bars through the zone on the right and the strip on top."""
    block = placed.block
    for number, uplink in enumerate(block.uplink_paths):
        if uplink.port is None:
            continue
        x = placed.x + block.width - PAD - 10 - UPLINK_SLOT * number
        strip_y = placed.y + 2 + STRIP * (number + 1)
        port = block.ports[uplink.port]
        port_x = placed.x + port.x
        bar_y = placed.y + block.bar_y(uplink.bar)
        points = ((x, bar_y), (x, strip_y), (port_x, strip_y), (port_x, placed.y))
        canvas.lines.append(
            canvas.uplink_line(block, uplink.bar, adapter_id(block.path, port.index), points)
        )


def _place_children(canvas: Canvas, placed: PlacedBlock) -> None:
    block = placed.block
    top = placed.y + block.vms_top
    bottoms = {index: placed.bar_bottom(index) for index in range(len(block.bars))}
    last_repeat: dict[int, float] = {}
    for number, row in enumerate(block.vm_rows):
        if number:
            bottoms = _repeat_bars(canvas, placed, number, top + ROW_GAP)
            last_repeat.update(bottoms)
            top += repeated_height(block, number)
        vm_top = top + block.label_heights[number]
        for item in row:
            child = block.children[item.index]
            corner = (placed.x + PAD + block.row_indents[number] + item.x, vm_top)
            place(canvas, child, corner, placed.id, (number, item.x))
            _place_links(canvas, block, child, corner, bottoms)
        top = vm_top + block.row_heights[number]
    for bar, bottom in last_repeat.items():
        canvas.lines.append(_spine(placed, bar, bottom))


def _spine(placed: PlacedBlock, bar: int, bottom: float) -> Line:
    """Return the line that joins a switch bar with its repetitions, down to the last one."""
    switch, x = placed.block.bars[bar], placed.spine_x(bar)
    points = ((x, placed.bar_bottom(bar)), (x, bottom - SHORT_BAR_HEIGHT / 2))
    identifier = f"spine:{switch_id(placed.block.path, switch.name)}"
    return Line(id=identifier, kind="spine", switch_type=drawn_type(switch), points=points)


def _repeat_bars(canvas: Canvas, placed: PlacedBlock, row: int, top: float) -> dict[int, float]:
    """Repeat the switch bars that a row uses; return the y at which links meet each of them."""
    block = placed.block
    bottoms = {}
    last = block.vm_rows[row][-1]
    right = placed.x + PAD + block.row_indents[row] + last.x + block.children[last.index].width
    for number, index in enumerate(block.row_bars[row]):
        switch = block.bars[index]
        left = placed.spine_x(index) - 3
        bar = SwitchBar(
            id=canvas.unique(f"{switch_id(block.path, switch.name)}@{row}"),
            machine=placed.id,
            switch_type=drawn_type(switch),
            x=left,
            y=top + number * (SHORT_BAR_HEIGHT + SHORT_BAR_GAP),
            width=right - left,
            height=SHORT_BAR_HEIGHT,
            name=tr("switch {switch}, continued", switch=switch.name),
            repeated=True,
        )
        canvas.bars.append(bar)
        canvas.write(
            short_bar_row(switch), placed.x + PAD + 10 + block.spine_space, bar.y + 11, bar.id
        )
        bottoms[index] = bar.y + SHORT_BAR_HEIGHT
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
        if port.bar is None:
            canvas.lines.append(_disconnected(child, port, identifier, foot))
            continue
        switch, end = host.bars[port.bar], (foot[0], bottoms[port.bar])
        link = Line(
            id=identifier,
            kind="adapter",
            switch_type=drawn_type(switch),
            points=(foot, end),
            name=tr(
                "{machine} adapter {adapter} to switch {switch}",
                machine=path_text(child.path),
                adapter=port.adapter.name,
                switch=switch.name,
            ),
            source=machine_id(child.path),
            target=switch_id(host.path, switch.name),
            adapter=port.adapter.name,
            dots=(end,),
        )
        canvas.lines.append(link)


def _disconnected(child: Block, port: BlockPort, identifier: str, foot: Point) -> Line:
    top = (foot[0], foot[1] - LABEL_PAD - len(port.rows) * LABEL_ROW + 4)
    return Line(
        id=identifier,
        kind="disconnected",
        switch_type="",
        points=(foot, top),
        name=tr(
            "{machine} adapter {adapter}, not connected",
            machine=path_text(child.path),
            adapter=port.adapter.name,
        ),
        source=machine_id(child.path),
        adapter=port.adapter.name,
        cross=top,
    )
