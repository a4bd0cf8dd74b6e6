"""The row above the host: physical networks and the internet, and the uplinks to them."""

from __future__ import annotations

from nestlab.dataclass import dataclass
from nestlab.drawing.labels import Row, network_rows, row_width
from nestlab.model.topology import SwitchType, Topology

INTERNET = "internet"
NODE_PAD = 14
NODE_ROW = 15
NODE_GAP = 16
CLOUD_WIDTH = 128
CLOUD_HEIGHT = 62
_UPLINK_SLOT = 14


def network_id(net_adapter: str) -> str:
    """Return the id of the physical network behind one of the host's adapters."""
    return f"network:{net_adapter}"


@dataclass(frozen=True)
class NetworkNode:
    """A physical network, or the internet, with the switches or the adapter that lead to it.

    `rows` are the texts of a physical network; the internet has its own.
    """

    id: str
    rows: tuple[Row, ...]
    uplinks: tuple[str, ...]
    width: float
    height: float

    def uplink_x(self, number: int) -> float:
        """Where an uplink meets the node, from its left edge."""
        return self.width / 2 + (number - (len(self.uplinks) - 1) / 2) * _UPLINK_SLOT


@dataclass(frozen=True)
class NetworkRow:
    """The nodes above the host, from left to right, and whether the internet is above them."""

    nodes: tuple[NetworkNode, ...]
    cloud_above: bool

    @property
    def width(self) -> float:
        """The width of the nodes, in pixels."""
        return sum(node.width for node in self.nodes) + NODE_GAP * max(0, len(self.nodes) - 1)

    @property
    def height(self) -> float:
        """The height of the row of nodes, in pixels."""
        return max((node.height for node in self.nodes), default=0)


def network_row(topology: Topology) -> NetworkRow:
    """Return the nodes drawn above the host.

    Each External switch leads to the network behind its adapter. NAT uses the host's default
    route: the first known network with a gateway, or the first network, or directly the internet.
    """
    declared = {uplink.net_adapter: uplink for uplink in topology.uplinks}
    spellings = {name.casefold(): name for name in reversed(declared)}
    external = {
        s.name: _as_declared(s.net_adapter or s.name, spellings)
        for s in topology.switches
        if s.switch_type is SwitchType.EXTERNAL
    }
    nat_switches = [
        s.name for s in topology.switches if s.nat and s.switch_type is not SwitchType.EXTERNAL
    ]
    names = list(dict.fromkeys([*declared, *external.values()]))
    default = next(
        (name for name in names if name in declared and declared[name].gateway),
        names[0] if names else None,
    )
    if not names and nat_switches:
        return NetworkRow((_cloud(nat_switches),), cloud_above=False)
    nodes = []
    for name in names:
        uplinks = [switch for switch, adapter in external.items() if adapter == name]
        host_adapter = [] if uplinks or not declared[name].ip_address else [name]
        nat = nat_switches if name == default else []
        rows = network_rows(name, declared.get(name))
        nodes.append(_node(network_id(name), rows, [*uplinks, *host_adapter, *nat]))
    return NetworkRow(tuple(nodes), cloud_above=bool(nodes))


def _as_declared(name: str, spellings: dict[str, str]) -> str:
    """Return the name of an adapter as first written; names that differ only in case are one."""
    return spellings.setdefault(name.casefold(), name)


def _node(identifier: str, rows: list[Row], uplinks: list[str]) -> NetworkNode:
    width = max(
        max(row_width(row) for row in rows) + 2 * NODE_PAD, len(uplinks) * _UPLINK_SLOT + 24
    )
    return NetworkNode(
        identifier, tuple(rows), tuple(uplinks), round(width), NODE_ROW * len(rows) + 14
    )


def _cloud(uplinks: list[str]) -> NetworkNode:
    return NetworkNode(
        INTERNET,
        (),
        tuple(uplinks),
        max(CLOUD_WIDTH, len(uplinks) * _UPLINK_SLOT + 60),
        CLOUD_HEIGHT,
    )
