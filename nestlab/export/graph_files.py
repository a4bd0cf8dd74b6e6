"""The graph of a topology as GraphML and as node-link JSON, for programs that read graphs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from nestlab.model.graph import topology_graph
from nestlab.model.machine_path import path_text
from nestlab.model.topology import SwitchType, Topology
from nestlab.visible import visible, visible_json

if TYPE_CHECKING:
    import networkx as nx

_Attributes = dict[str, Any]
_Nodes = list[tuple[str, _Attributes]]
_Edges = list[tuple[str, str, str, _Attributes]]


def graph_json(topology: Topology) -> str:
    """Return the graph as JSON in networkx's node-link form.

    ``networkx.node_link_graph(data, edges="edges")`` reads it. Nodes and edges have the attributes
    of `nestlab.model.graph.topology_graph`; what is not known is null.
    """
    nodes, edges = _identified(topology)
    document = {
        "directed": True,
        "multigraph": True,
        "graph": {"name": topology.name},
        "nodes": [{"id": node, **attributes} for node, attributes in nodes],
        "edges": [
            {"source": source, "target": target, "key": key, **attributes}
            for source, target, key, attributes in edges
        ],
    }
    return visible_json(json.dumps(document, ensure_ascii=False, indent=2)) + "\n"


def graphml(topology: Topology) -> str:
    """Return the graph as GraphML.

    Ids are ``n0``, ``n1``, … and ``e0``, ``e1``, …, since the schema allows no spaces in them
    (http://graphml.graphdrawing.org/specification.html). What is not known is left out. Characters
    that XML does not allow are written as escapes. Booleans are ``true`` and ``false``, as in
    `XML Schema <https://www.w3.org/TR/xmlschema-2/#boolean>`_: networkx 3.6 writes Python's
    ``True``, for which rustworkx 0.18 refuses the file.
    """
    import networkx as nx  # noqa: PLC0415  # loaded only where a graph is needed

    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(name=visible(topology.name))
    nodes, edges = _identified(topology)
    for node, attributes in nodes:
        graph.add_node(node, **_known(attributes))
    for source, target, key, attributes in edges:
        graph.add_edge(source, target, key=key, **_known(attributes))
    writer = nx.GraphMLWriter(graph, prettyprint=True)
    keys = {key.get("id") for key in writer.xml.iter("key") if key.get("attr.type") == "boolean"}
    for data in writer.xml.iter("data"):
        if data.get("key") in keys:
            data.text = str(data.text).lower()
    return f"{writer}\n"


def _identified(topology: Topology) -> tuple[_Nodes, _Edges]:
    """Return nodes and edges with ids that are unique within the graph, and plain attributes."""
    graph = topology_graph(topology)
    ids = {node: f"n{number}" for number, node in enumerate(graph.nodes)}
    nodes = [(ids[node], _plain(attributes)) for node, attributes in graph.nodes(data=True)]
    edges = [
        (ids[start], ids[end], f"e{number}", _plain(attributes))
        for number, (start, end, attributes) in enumerate(graph.edges(data=True))
    ]
    return nodes, edges


def _plain(attributes: _Attributes) -> _Attributes:
    """Return attributes as JSON values: machines as the text of their path, types by name."""
    return {name: _plain_value(value) for name, value in attributes.items()}


def _plain_value(value: object) -> object:
    if isinstance(value, SwitchType):
        return value.value
    return path_text(value) if isinstance(value, tuple) else value


def _known(attributes: _Attributes) -> _Attributes:
    return {
        name: visible(value) if isinstance(value, str) else value
        for name, value in attributes.items()
        if value is not None
    }
