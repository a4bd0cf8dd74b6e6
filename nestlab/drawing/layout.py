"""The layout: machines as nested boxes, switches as bars, links drawn straight up to their bar.

No two boxes, texts or badges overlap, and no line crosses a text. That follows from the
construction: every link has a different x, texts on switch bars are left of all links that cross
them, and uplinks of a machine pass through a zone on its right and a strip above its header.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from nestlab.drawing.block import Block
from nestlab.drawing.canvas import Canvas
from nestlab.drawing.dimensions import PAD
from nestlab.drawing.font_metrics import elide, wrap
from nestlab.drawing.geometry import Box, Layout, Line, Point, machine_id
from nestlab.drawing.known_blocks import KnownBlocks
from nestlab.drawing.labels import Row, Word, row_width
from nestlab.drawing.measuring import measure, stretch
from nestlab.drawing.network_row import (
    CLOUD_HEIGHT,
    CLOUD_WIDTH,
    INTERNET,
    NODE_GAP,
    NODE_ROW,
    NetworkNode,
    NetworkRow,
    network_row,
)
from nestlab.drawing.placing import place
from nestlab.model.topology import Topology
from nestlab.texts import tr

MARGIN = 20
_UPLINK_HEIGHT = 26  # from the host up to the networks, and from there to the internet
_TITLE, _SUBTITLE = 19, 12
_LINE = 17
_MIN_TITLE_WIDTH = 250  # with less space beside the networks, the title is placed above them
_MIN_WIDTH = 400
_MAX_LINE_WIDTH = 720

Positions = Mapping[str, tuple[float, int]]


def layout(
    topology: Topology,
    positions: Positions | None = None,
    folded: Collection[str] = (),
    known: KnownBlocks | None = None,
) -> Layout:
    """Return the layout of a topology.

    Args:
        topology: any topology, even an invalid one: adapters without a switch are drawn as not
            connected.
        positions: positions of VMs set by the user: machine path to (pixels from the left inside
            its host, row). The others are in the order of the file.
        folded: ids of nested hosts of which only the box is drawn, with the number of VMs inside.
        known: the nested hosts of the last picture, which are not measured again; it keeps those
            of this one.
    """
    networks = network_row(topology)
    zone = networks.width + (PAD if networks.nodes else 0)
    block = measure(topology, positions or {}, zone, folded, known)
    if known is not None:
        known.forget_others({path for path, _ in topology.machines()})
    stretch(block, max(block.width, _MIN_WIDTH))
    available_width = block.width - (networks.width + 2 * PAD + 10 if networks.nodes else 0)
    beside = available_width >= _MIN_TITLE_WIDTH
    title = _title_rows(topology, available_width if beside else block.width)
    cloud = CLOUD_HEIGHT + _UPLINK_HEIGHT if networks.cloud_above else 0
    above = (cloud + networks.height + _UPLINK_HEIGHT) if networks.nodes else 0
    title_height = 18 + len(title) * _LINE
    host_y = MARGIN + (max(above, title_height) if beside else above + title_height)
    width = block.width + 2 * MARGIN
    canvas = Canvas()
    place(canvas, block, (MARGIN, host_y))
    _place_networks(canvas, networks, block, MARGIN + block.width - PAD - networks.width, host_y)
    _place_title(canvas, title)
    return Layout(
        name=topology.name,
        description=topology.description,
        width=round(width),
        height=round(host_y + block.height + MARGIN),
        boxes=tuple(canvas.boxes),
        bars=tuple(canvas.bars),
        lines=tuple(canvas.lines),
        texts=tuple(canvas.texts),
        badges=tuple(canvas.badges),
        topology=topology,
    )


def _title_rows(topology: Topology, available_width: float) -> list[Row]:
    lines = wrap(topology.description, _SUBTITLE, min(available_width, _MAX_LINE_WIDTH))
    return [
        (
            Word(
                elide(topology.name, _TITLE, available_width, bold=True), _TITLE, "title", bold=True
            ),
        ),
        *((Word(line, _SUBTITLE, "subtitle"),) for line in lines),
    ]


def _place_title(canvas: Canvas, rows: list[Row]) -> None:
    for number, row in enumerate(rows):
        canvas.write(row, MARGIN, MARGIN + (18 if not number else 22 + number * _LINE), "")


def _place_networks(
    canvas: Canvas, networks: NetworkRow, block: Block, left: float, host_y: float
) -> None:
    y = host_y - _UPLINK_HEIGHT - networks.height
    cloud_x = left + networks.width / 2
    x = left
    for node in networks.nodes:
        top = y + networks.height - node.height
        _place_node(canvas, node, x, top)
        _place_uplinks(canvas, block, node, x, host_y)
        if networks.cloud_above:
            _wire_to_cloud(canvas, node, (x + node.width / 2, top), (cloud_x, y - _UPLINK_HEIGHT))
        x += node.width + NODE_GAP
    if networks.cloud_above:
        box_x = min(cloud_x - CLOUD_WIDTH / 2, MARGIN + block.width - CLOUD_WIDTH)
        _place_cloud(canvas, box_x, y - _UPLINK_HEIGHT - CLOUD_HEIGHT, CLOUD_WIDTH)


def _place_node(canvas: Canvas, node: NetworkNode, x: float, y: float) -> None:
    if node.id == INTERNET:
        _place_cloud(canvas, x, y, node.width)
        return
    name = " ".join(word.text for row in node.rows for word in row)
    canvas.boxes.append(
        Box(
            id=node.id,
            kind="network",
            x=x,
            y=y,
            width=node.width,
            height=node.height,
            name=tr("physical network {network}", network=name),
        )
    )
    for number, row in enumerate(node.rows):
        canvas.write(
            row, x + (node.width - row_width(row)) / 2, y + 18 + number * NODE_ROW, node.id
        )


def _place_cloud(canvas: Canvas, x: float, y: float, width: float) -> None:
    canvas.boxes.append(
        Box(
            id=INTERNET,
            kind="internet",
            x=x,
            y=y,
            width=width,
            height=CLOUD_HEIGHT,
            name=tr("the internet"),
        )
    )
    row: Row = (Word("Internet", 12, "outside", bold=True),)
    canvas.write(row, x + (width - row_width(row)) / 2, y + CLOUD_HEIGHT * 0.62, INTERNET)


def _wire_to_cloud(canvas: Canvas, node: NetworkNode, top: Point, cloud: Point) -> None:
    bend = cloud[1] + _UPLINK_HEIGHT / 2
    points = (top, cloud) if top[0] == cloud[0] else (top, (top[0], bend), (cloud[0], bend), cloud)
    canvas.lines.append(
        Line(
            id=f"wire:{node.id}",
            kind="wire",
            switch_type="",
            points=points,
            name=tr("to the internet"),
            source=node.id,
            target=INTERNET,
        )
    )


def _place_uplinks(
    canvas: Canvas, block: Block, node: NetworkNode, x: float, host_y: float
) -> None:
    """Draw each uplink, from the host's switch bars to a node above.

    The line of the host's own adapter ends at the edge of its box.
    """
    bars = {switch.name: index for index, switch in enumerate(block.bars)}
    for number, uplink in enumerate(node.uplinks):
        line_x = x + node.uplink_x(number)
        index = bars.get(uplink)
        if index is None:
            line = _own_adapter_line(uplink, node, line_x, host_y)
        else:
            line = canvas.uplink_line(
                block,
                index,
                node.id,
                ((line_x, host_y + block.bar_y(index)), (line_x, host_y - _UPLINK_HEIGHT)),
            )
        canvas.lines.append(line)


def _own_adapter_line(uplink: str, node: NetworkNode, line_x: float, host_y: float) -> Line:
    return Line(
        id=f"own:{uplink}", kind="wire", switch_type="", points=((line_x, host_y), (line_x, host_y - _UPLINK_HEIGHT)),
        name=tr("the host's adapter {adapter}", adapter=uplink), source=machine_id(()), target=node.id, dots=((line_x, host_y),),
    )  # fmt: skip
