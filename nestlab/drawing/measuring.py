"""Measures machines, the innermost first."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from nestlab.dataclass import replace
from nestlab.drawing.block import Block, BlockPort, UplinkPath
from nestlab.drawing.dimensions import (
    COLUMN_GAP,
    LABEL_PAD,
    LABEL_ROW,
    PAD,
    PORT_INSET,
    ROW_GAP,
    SHORT_BAR_GAP,
    SHORT_BAR_HEIGHT,
    STRIP,
    UPLINK_SLOT,
)
from nestlab.drawing.known_blocks import KnownBlocks, circumstances_of
from nestlab.drawing.labels import (
    adapter_rows,
    bar_row,
    folded_row,
    machine_rows,
    row_width,
    short_bar_row,
)
from nestlab.drawing.rows import RowItem, arrange
from nestlab.model.machine_path import HOST, MachinePath
from nestlab.model.spelling import same_name
from nestlab.model.topology import VM, Switch, SwitchType, Topology

_TEXT_FROM_LINE = 7

_WIDTH_TOLERANCE = 1.3  # VMs that are wider than the usual VM by more than this keep their width

_Chosen = tuple[Mapping[str, tuple[float, int]], Collection[str], KnownBlocks]
"""The positions of VMs, the folded hosts, and the hosts that are measured already."""
_BAR_ORDER = {"External": 0, "Unknown": 1, "Internal": 2, "Private": 3}


def measure(
    topology: Topology,
    positions: Mapping[str, tuple[float, int]],
    uplink_zone_width: float,
    folded: Collection[str] = (),
    known: KnownBlocks | None = None,
) -> Block:
    """Measure a topology; `uplink_zone_width` is that of the host, for its uplinks.

    Of nested hosts that are folded, nothing inside is measured. Those that are `known` are not
    measured again.
    """
    chosen = (positions, folded, known or KnownBlocks())
    return _measure(HOST, topology, [], chosen, uplink_zone_width)


def _child(path: MachinePath, vm: VM, ports: list[BlockPort], chosen: _Chosen) -> Block:
    """Return the block of a VM: of a nested host, the one that is known."""
    if vm.nested is None:
        return _measure(path, vm, ports, chosen)
    positions, folded, known = chosen
    circumstances = circumstances_of(path, ports, positions, folded)
    block = known.find(path, vm, circumstances)
    if block is None:
        block = _measure(path, vm, ports, chosen)
        known.keep(path, vm, circumstances, block)
    return block


def _measure(
    path: MachinePath,
    machine: Topology | VM,
    ports: list[BlockPort],
    chosen: _Chosen,
    uplink_zone_width: float = 0,
) -> Block:
    level, (positions, folded, _) = len(path), chosen
    is_folded = "/".join(path) in folded and isinstance(machine, VM) and machine.nested is not None
    bars = [] if is_folded else sorted(machine.switches, key=_bar_order)
    uplink_paths = _uplink_paths(machine, bars, ports)
    missing = {u.bar for u in uplink_paths if path and u.port is None and not u.nat}
    block = Block(
        path=path,
        machine=machine,
        level=level,
        header=[*machine_rows(machine, level), *([folded_row(machine)] if is_folded else ())],
        bars=bars,
        bar_rows=[
            bar_row(switch, missing_adapter=index in missing) for index, switch in enumerate(bars)
        ],
        ports=ports,
        uplink_paths=uplink_paths,
        children=[
            _child((*path, vm.name), vm, _ports(vm, bars), chosen)
            for vm in (() if is_folded else machine.vms)
        ],
        uplink_zone_width=uplink_zone_width,
    )
    if path and uplink_paths:
        block.uplink_strip_height = 4 + STRIP * len(uplink_paths)
        block.uplink_zone_width = 8 + UPLINK_SLOT * len(uplink_paths)
    _equalize_widths(block.children)
    _arrange_children(block, positions)
    _set_size(block)
    return block


def _bar_order(switch: Switch) -> int:
    # External switch bars on top: their uplink crosses no other switch bar.
    return (
        1
        if switch.nat and switch.switch_type is not SwitchType.EXTERNAL
        else _BAR_ORDER[switch.kind]
    )


def _uplink_paths(
    machine: Topology | VM, bars: list[Switch], ports: list[BlockPort]
) -> list[UplinkPath]:
    uplink_paths = []
    for index, switch in enumerate(bars):
        if switch.switch_type is SwitchType.EXTERNAL:
            through = next(
                (
                    number
                    for number, port in enumerate(ports)
                    if same_name(port.adapter.name, switch.net_adapter or "")
                ),
                None,
            )
            uplink_paths.append(UplinkPath(index, nat=False, port=through))
        elif switch.nat:
            uplink_paths.append(UplinkPath(index, nat=True, port=_default_route_port(ports)))
    return [
        uplink
        for uplink in uplink_paths
        if isinstance(machine, Topology) or uplink.port is not None or not uplink.nat
    ]


def _default_route_port(ports: list[BlockPort]) -> int | None:
    """Return the port that WinNAT uses: that of the default route, the adapter with a gateway."""
    with_gateway = [n for n, port in enumerate(ports) if port.adapter.gateway or port.adapter.dhcp]
    connected = [n for n, port in enumerate(ports) if port.bar is not None]
    return next(iter(with_gateway or connected), None)


def _ports(vm: VM, bars: list[Switch]) -> list[BlockPort]:
    by_name = {switch.name.casefold(): index for index, switch in reversed(list(enumerate(bars)))}
    ports = []
    for index, adapter in enumerate(vm.network_adapters):
        bar = by_name.get((adapter.switch or "").casefold()) if adapter.connected else None
        rows = tuple(adapter_rows(adapter, has_switch=bar is not None))
        ports.append(BlockPort(index, adapter, 0, rows, bar))
    return _side_by_side(ports)


def _side_by_side(ports: list[BlockPort]) -> list[BlockPort]:
    """Order ports so that those of lower switch bars come first.

    A link to an upper bar then runs right of the texts of the lower ones.
    """
    placed = []
    x = float(PORT_INSET)
    for port in sorted(ports, key=lambda port: -1 if port.bar is None else -port.bar):
        placed.append(replace(port, x=x))
        x += _TEXT_FROM_LINE + max(row_width(row) for row in port.rows) + PORT_INSET
    return placed


def _equalize_widths(children: list[Block]) -> None:
    """Give the plain VMs of a host the same width, except unusually wide ones."""
    plain_vms = [child for child in children if not child.is_host]
    if not plain_vms:
        return
    median = sorted(plain_vm.width for plain_vm in plain_vms)[len(plain_vms) // 2]
    widest = max(
        plain_vm.width for plain_vm in plain_vms if plain_vm.width <= _WIDTH_TOLERANCE * median
    )
    for plain_vm in plain_vms:
        plain_vm.width = max(plain_vm.width, widest)


def _arrange_children(block: Block, positions: Mapping[str, tuple[float, int]]) -> None:
    children = block.children
    wanted = {
        index: positions[key]
        for index, child in enumerate(children)
        if (key := "/".join(child.path)) in positions
    }
    label = max((_label_height(child) for child in children), default=0)
    sizes = [(child.width, child.height) for child in children]
    block.vm_rows = arrange(
        sizes,
        wanted,
        gap=COLUMN_GAP,
        row_overhead=label + ROW_GAP + SHORT_BAR_HEIGHT * len(block.bars),
    )
    for number, row in enumerate(block.vm_rows):
        members = [children[item.index] for item in row]
        block.label_heights.append(
            max((_label_height(child) for child in members), default=0) or (LABEL_PAD * 2)
        )
        block.row_heights.append(max(child.height for child in members))
        used = {port.bar for child in members for port in child.ports if port.bar is not None}
        block.row_bars.append(sorted(used) if number else [])
        for child in members:
            if child.is_host or not any(member.is_host for member in members):
                child.height = block.row_heights[-1]
    block.spines = sorted({bar for bars in block.row_bars for bar in bars})
    block.row_indents = [_row_indent(block, number) for number in range(len(block.vm_rows))]


def _label_height(child: Block) -> float:
    rows = max((len(port.rows) for port in child.ports), default=0)
    return rows * LABEL_ROW + 2 * LABEL_PAD if rows else 0


def _row_indent(block: Block, number: int) -> float:
    """Return how far a row has to move right so that no link crosses a text on a switch bar."""
    room = block.spine_space
    shown = block.row_bars[number] if number else list(range(len(block.bars)))
    for item in block.vm_rows[number]:
        for port in block.children[item.index].ports:
            for index in shown:
                if port.bar is not None and index > port.bar:
                    words = short_bar_row(block.bars[index]) if number else block.bar_rows[index]
                    room = max(room, 20 + block.spine_space + row_width(words) - item.x - port.x)
    return room


def _set_size(block: Block) -> None:
    inner = [row_width(row) + block.uplink_zone_width for row in block.header]
    inner += [
        block.spine_space + 20 + row_width(row) + block.uplink_zone_width for row in block.bar_rows
    ]
    inner += [
        left + block.children[row[-1].index].width + row[-1].x
        for left, row in zip(block.row_indents, block.vm_rows, strict=True)
    ]
    last = block.ports[-1] if block.ports else None
    ports = last.x + _TEXT_FROM_LINE + max(row_width(row) for row in last.rows) + PAD if last else 0
    block.width = round(max(2 * PAD + max(inner, default=0), ports, 124))
    y = block.vms_top
    for number, height in enumerate(block.row_heights):
        y += repeated_height(block, number) + block.label_heights[number] + height
    block.height = round(y + (PAD if block.vm_rows or block.bars else PAD - 5))


def stretch(block: Block, width: float) -> None:
    """Set the width of a machine; the nested hosts of a single row share the added width."""
    block.width = width
    row = block.vm_rows[0] if len(block.vm_rows) == 1 else []
    used = PAD + (
        block.row_indents[0] + row[-1].x + block.children[row[-1].index].width if row else 0
    )
    added = width - PAD - used
    hosts = sum(block.children[item.index].is_host for item in row)
    if added < 1 or not hosts:
        return
    shift = 0.0
    for number, item in enumerate(row):
        row[number] = RowItem(item.index, item.x + shift)
        child = block.children[item.index]
        if child.is_host:
            stretch(child, child.width + added / hosts)
            shift += added / hosts


def repeated_height(block: Block, row: int) -> float:
    """Return the height of the switch bars repeated above a row, with their gap, in pixels."""
    if not row:
        return 0
    return (
        ROW_GAP
        + len(block.row_bars[row]) * (SHORT_BAR_HEIGHT + SHORT_BAR_GAP)
        - (SHORT_BAR_GAP if block.row_bars[row] else 0)
    )
