"""A measured machine of a picture: the size of its box, and the parts inside it."""

from __future__ import annotations

from nestlab.dataclass import dataclass, field
from nestlab.drawing.dimensions import (
    BAR_GAP,
    BAR_HEIGHT,
    HEADER_ROW,
    PAD,
    SPINE,
)
from nestlab.drawing.labels import (
    Row,
)
from nestlab.drawing.rows import RowItem
from nestlab.model.machine_path import MachinePath
from nestlab.model.topology import VM, NetworkAdapter, Switch, Topology


@dataclass(frozen=True)
class BlockPort:
    """An adapter of a VM: where it meets the top of the VM's box, and the text at its link."""

    index: int
    adapter: NetworkAdapter
    x: float  # from the left edge of the VM
    rows: tuple[Row, ...]
    bar: int | None  # index of the switch bar it joins; None: not connected


@dataclass(frozen=True)
class UplinkPath:
    """How packets leave a machine from a switch: through an adapter (External) or its NAT."""

    bar: int
    nat: bool
    port: int | None = None  # nested host: index of the port it leaves by


@dataclass
class Block:
    """One measured machine; not changed after `measure` and `stretch`."""

    path: MachinePath
    machine: Topology | VM
    level: int
    header: list[Row]
    bars: list[Switch]
    bar_rows: list[Row]
    ports: list[BlockPort]
    uplink_paths: list[UplinkPath]
    children: list[Block]
    vm_rows: list[list[RowItem]] = field(default_factory=list)
    label_heights: list[float] = field(default_factory=list)
    # Indices of the switch bars that are repeated above each row after the first.
    row_bars: list[list[int]] = field(default_factory=list)
    row_heights: list[float] = field(default_factory=list)
    uplink_strip_height: float = 0  # space above the header for the uplink lines
    # Space on the left of each row of VMs, for spines and for texts on bars that links cross.
    row_indents: list[float] = field(default_factory=list)
    spines: list[int] = field(default_factory=list)  # indices of the switch bars that are repeated
    uplink_zone_width: float = 0  # space on the right for the uplink lines
    width: float = 0
    height: float = 0

    @property
    def is_host(self) -> bool:
        """Whether it is the host or a nested host, even an empty one."""
        return not isinstance(self.machine, VM) or self.machine.nested is not None

    @property
    def bars_top(self) -> float:
        """The y of the first switch bar, from the top edge."""
        return (
            PAD + self.uplink_strip_height + HEADER_ROW * len(self.header) + (6 if self.bars else 0)
        )

    def bar_y(self, index: int) -> float:
        """The y of a switch bar, from the top edge."""
        return self.bars_top + index * (BAR_HEIGHT + BAR_GAP)

    @property
    def spine_space(self) -> float:
        """Space on the left of the switch bars for the lines that join their repetitions."""
        return SPINE * len(self.spines) + 7 if self.spines else 0

    @property
    def vms_top(self) -> float:
        """Where the first row of VMs begins, labels included, from the top edge."""
        count = len(self.bars)
        return self.bars_top + (count * (BAR_HEIGHT + BAR_GAP) - BAR_GAP if count else 0)
