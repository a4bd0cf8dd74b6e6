"""The graph of a topology: containment, and links.

Nodes are tuples that begin with their kind: ``("machine", "HV1", "web1")`` by its path,
``("switch", "HV1", "Bridge")``, ``("uplink", "Ethernet")`` (the physical network behind an adapter
of the host) and ``("internet",)``. Every node has ``level`` (0 the host and its switches, 1 its VMs
and their switches, ...; -1 external networks), ``kind``, ``machine`` and ``label``; every edge has
``kind``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from nestlab.model.machine_path import HOST, MachinePath
from nestlab.model.topology import (
    VM,
    ManagementAdapter,
    NetworkAdapter,
    Switch,
    SwitchType,
    Topology,
    Vlan,
)
from nestlab.model.vlan_ids import vlan_list_text

if TYPE_CHECKING:
    import networkx as nx

Node = tuple[str, ...]
Edge = tuple[Node, Node, str, dict[str, Any]]

INTERNET: Node = ("internet",)

OUTSIDE_LEVEL = -1


def topology_graph(topology: Topology) -> nx.MultiDiGraph[Node]:
    """Return the graph of a topology.

    Node kinds: ``host``, ``nested-host``, ``vm``, ``switch``, ``uplink``, ``internet``. Edge kinds:
    ``contains`` (machine to switch or VM), ``link`` (VM to switch, one for each adapter, keyed by
    its name), ``management`` (a machine to its own switch), ``uplink`` (an External switch to the
    switch or physical network that its adapter is on, one for each adapter of a team, keyed by its
    name), ``outside`` (a physical network to the internet).

    >>> switch = Switch(name="LabNet", switch_type=SwitchType.INTERNAL)
    >>> graph = topology_graph(Topology(name="t", switches=(switch,)))
    >>> list(graph.nodes), graph.nodes["switch", "LabNet"]["kind"]
    ([('machine',), ('switch', 'LabNet')], 'switch')
    """
    import networkx as nx  # noqa: PLC0415  # loaded only where a graph is needed

    graph: nx.MultiDiGraph[Node] = nx.MultiDiGraph(name=topology.name)
    for node, attributes in _nodes(topology):
        graph.add_node(node, **attributes)
    for start, end, key, attributes in _edges(topology):
        graph.add_edge(start, end, key=key, **attributes)
    return graph


def machine_node(machine: MachinePath) -> Node:
    """Return the node of a machine.

    >>> machine_node(("HV1", "web1")), machine_node(())
    (('machine', 'HV1', 'web1'), ('machine',))
    """
    return ("machine", *machine)


def switch_node(machine: MachinePath, name: str) -> Node:
    """Return the node of a switch of a machine.

    >>> switch_node(("HV1",), "Bridge")
    ('switch', 'HV1', 'Bridge')
    """
    return ("switch", *machine, name)


def uplink_node(net_adapter: str) -> Node:
    """Return the node of the physical network behind an adapter of the host."""
    return ("uplink", net_adapter)


def _nodes(topology: Topology) -> Iterator[tuple[Node, dict[str, Any]]]:
    for path, machine in topology.machines():
        kind = (
            "vm"
            if isinstance(machine, VM) and machine.nested is None
            else "nested-host"
            if isinstance(machine, VM)
            else "host"
        )
        label = machine.name if isinstance(machine, VM) else "host"
        yield (
            machine_node(path),
            {"level": len(path), "kind": kind, "machine": path, "label": label},
        )
        for switch in machine.switches:
            yield switch_node(path, switch.name), _switch(path, switch)
    names = _uplinks(topology)
    declared = {uplink.net_adapter: uplink for uplink in topology.uplinks}
    for name in names:
        known = declared.get(name)
        yield (
            uplink_node(name),
            {
                "level": OUTSIDE_LEVEL,
                "kind": "uplink",
                "machine": HOST,
                "label": name,
                "network": str(known.network) if known and known.network else None,
                "gateway": str(known.gateway) if known and known.gateway else None,
            },
        )
    if names:
        yield (
            INTERNET,
            {"level": OUTSIDE_LEVEL, "kind": "internet", "machine": None, "label": "internet"},
        )


def _switch(path: MachinePath, switch: Switch) -> dict[str, Any]:
    return {
        "level": len(path),
        "kind": "switch",
        "machine": path,
        "label": switch.name,
        "switch_type": switch.kind,
        "nat": str(switch.nat) if switch.nat is not None else None,
    }


def _uplinks(topology: Topology) -> tuple[str, ...]:
    """Return the host's adapters that lead outside, as declared or named by External switches.

    Names that differ only in case are one.
    """
    names = [uplink.net_adapter for uplink in topology.uplinks]
    names += (
        name
        for switch in topology.switches
        if switch.switch_type is SwitchType.EXTERNAL
        for name in switch.net_adapters
    )
    return tuple({name.casefold(): name for name in reversed(names)}.values())[::-1]


def _edges(topology: Topology) -> Iterator[Edge]:
    outside = {name.casefold(): name for name in _uplinks(topology)}
    switches: dict[MachinePath, dict[str, Node]] = defaultdict(dict)
    for path, machine in topology.machines():  # the rules report two machines of one path
        switches[path] |= {s.name.casefold(): switch_node(path, s.name) for s in machine.switches}
    for path, machine in topology.machines():
        here = machine_node(path)
        adapters = machine.network_adapters if isinstance(machine, VM) else ()
        if path:
            yield machine_node(path[:-1]), here, "contains", {"kind": "contains"}
            yield from _links(here, adapters, switches[path[:-1]])
        for switch in machine.switches:
            yield here, switch_node(path, switch.name), "contains", {"kind": "contains"}
            for each in switch.all_management_adapters:
                yield here, switch_node(path, switch.name), each.alias, _management(switch, each)
            if path == HOST:
                yield from _uplinks_of_host(switch, outside)
            else:
                yield from _uplinks_through(path, switch, adapters, switches[path[:-1]])
    yield from _to_internet(topology, outside)


def _links(
    here: Node, adapters: tuple[NetworkAdapter, ...], outer_switches: dict[str, Node]
) -> Iterator[Edge]:
    for adapter in adapters:
        node = outer_switches.get((adapter.switch or "").casefold())
        if node is not None:  # the rules report a switch that does not exist
            yield here, node, adapter.name, _link(adapter)


def _to_internet(topology: Topology, outside: dict[str, str]) -> Iterator[Edge]:
    for uplink in topology.uplinks:
        if uplink.gateway is not None:
            node = uplink_node(outside[uplink.net_adapter.casefold()])
            yield node, INTERNET, "outside", {"kind": "outside", "gateway": str(uplink.gateway)}


def _bound_to(switch: Switch) -> tuple[str, ...]:
    return switch.net_adapters if switch.switch_type is SwitchType.EXTERNAL else ()


def _uplinks_of_host(switch: Switch, outside: dict[str, str]) -> Iterator[Edge]:
    here = switch_node(HOST, switch.name)
    for name in _bound_to(switch):
        node = uplink_node(outside[name.casefold()])
        yield here, node, name, {"kind": "uplink", "adapter": name}


def _uplinks_through(
    path: MachinePath,
    switch: Switch,
    adapters: tuple[NetworkAdapter, ...],
    outer_switches: dict[str, Node],
) -> Iterator[Edge]:
    here = switch_node(path, switch.name)
    names = {name.casefold() for name in _bound_to(switch)}
    for adapter in adapters:
        node = outer_switches.get((adapter.switch or "").casefold())
        if adapter.name.casefold() in names and node is not None:
            yield here, node, adapter.name, {**_link(adapter), "kind": "uplink"}


def _link(adapter: NetworkAdapter) -> dict[str, Any]:
    return {
        "kind": "link",
        "adapter": adapter.name,
        "address": str(adapter.ip_address) if adapter.ip_address is not None else None,
        "spoofing": adapter.mac_address_spoofing,
        "vlan": vlan_label(adapter.vlan),
        "connected": adapter.connected,
    }


def _management(switch: Switch, adapter: ManagementAdapter) -> dict[str, Any]:
    nat = switch.nat if adapter.name == switch.name else None
    return {
        "kind": "management",
        "adapter": adapter.alias,
        "address": str(adapter.ip_address) if adapter.ip_address is not None else None,
        "nat": str(nat) if nat is not None else None,
    }


def vlan_label(vlan: Vlan | None) -> str | None:
    """Return the VLAN numbers of a setting as the label of an edge; None for untagged.

    >>> vlan_label(Vlan(access=30)), vlan_label(Vlan(trunk=(10, 20), native=1)), vlan_label(None)
    ('30', '10,20 (native 1)', None)
    """
    if vlan is None or (vlan.access is None and not vlan.trunk):
        return None
    if vlan.access is not None:
        return str(vlan.access)
    native = f" (native {vlan.native})" if vlan.native is not None else ""
    return vlan_list_text(vlan.trunk) + native
