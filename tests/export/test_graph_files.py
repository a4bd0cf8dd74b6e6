"""The graph of a topology as GraphML and JSON: networkx reads back what it was made from."""

import json
from xml.etree import ElementTree as ET

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nestlab
from nestlab.export.graph_files import graph_json, graphml
from nestlab.model.graph import topology_graph
from nestlab.model.topology import VM, NetworkAdapter, Switch, SwitchType, Topology
from nestlab.visible import visible
from tests.export.documents import TRICKY
from tests.strategies import topologies

XML = "{http://graphml.graphdrawing.org/xmlns}"


def read_json(text):
    return nx.node_link_graph(json.loads(text), edges="edges")


def read_graphml(text):
    return nx.parse_graphml(text, force_multigraph=True)


@pytest.mark.parametrize(("write", "read"), [(graph_json, read_json), (graphml, read_graphml)])
@given(topology=topologies)
def test_the_graph_that_is_read_is_the_graph_of_the_topology(write, read, topology):
    graph, found = topology_graph(topology), read(write(topology))
    assert found.is_directed()
    assert found.is_multigraph()
    assert [*labels(graph)] == [*labels(found)]
    assert sorted(ends(graph)) == sorted(ends(found))


def labels(graph):
    for _, attributes in graph.nodes(data=True):
        yield attributes["kind"], attributes["level"], visible(attributes["label"])


def ends(graph):
    names = {node: visible(data["label"]) for node, data in graph.nodes(data=True)}
    for start, end, data in graph.edges(data=True):
        yield names[start], names[end], data["kind"], visible(data.get("adapter") or "")


@given(st.sampled_from(TRICKY) | st.text(min_size=1, max_size=20))
def test_any_name_is_unharmed(name):
    topology = Topology(name=name, vms=(VM(name=name),))
    (vm,) = (data for _, data in read_json(graph_json(topology)).nodes(data=True) if data["level"])
    assert vm["label"] == vm["machine"] == name
    read = read_graphml(graphml(topology))
    (vm,) = (data for _, data in read.nodes(data=True) if data["level"])
    assert vm["label"] == visible(name)


def test_two_adapters_on_one_switch_are_two_edges_with_ids_of_their_own():
    adapters = tuple(NetworkAdapter(name=name, switch="Lab net") for name in ("LAN 1", "LAN 2"))
    switch = Switch(name="Lab net", switch_type=SwitchType.PRIVATE)
    text = graphml(
        Topology(name="lab", switches=(switch,), vms=(VM(name="web 1", network_adapters=adapters),))
    )
    edges = ET.fromstring(text).iter(f"{XML}edge")  # noqa: S314  # our own text
    assert len({edge.get("id") for edge in edges}) == 4
    links = [data for *_, data in read_graphml(text).edges(data=True) if data["kind"] == "link"]
    assert [link["adapter"] for link in links] == ["LAN 1", "LAN 2"]
    assert "address" not in links[0]


def test_truth_values_are_written_as_xml_schema_has_them():
    """networkx writes "True", which rustworkx 0.18.1 refuses with the whole file."""
    topology = nestlab.loads(
        "name: lab\n"
        "switches: [{name: Lan, switch_type: Private}]\n"
        "vms: [{name: 'True', network_adapters: "
        "[{name: A, switch: Lan, mac_address_spoofing: false}, "
        "{name: B, switch: Lan, mac_address_spoofing: true}]}]\n"
    )
    document = ET.fromstring(graphml(topology))  # noqa: S314  # our own text
    types = {key.get("id"): key.get("attr.type") for key in document.iter(f"{XML}key")}
    written = {
        data.text for data in document.iter(f"{XML}data") if types[data.get("key")] == "boolean"
    }
    assert written == {"true", "false"}
    assert "True" in {data.text for data in document.iter(f"{XML}data")}


def test_what_is_not_known_is_null_in_json_and_values_keep_their_type():
    topology = nestlab.loads(
        "name: lab\n"
        "switches: [{name: Lan, switch_type: Internal, ip_address: 10.0.0.1/24, nat: 10.0.0.0/24}]\n"
        "vms: [{name: web1, network_adapters: [{switch: Lan, vlan: {access: 30}, mac_address_spoofing: true}]}]\n"
    )
    graph = read_json(graph_json(topology))
    edges = {data["kind"]: data for *_, data in graph.edges(data=True)}
    assert edges["link"]["address"] is None
    assert edges["link"]["spoofing"] is True
    assert edges["link"]["vlan"] == "30"
    assert edges["management"]["address"] == "10.0.0.1/24"
    switches = [data for _, data in graph.nodes(data=True) if data["kind"] == "switch"]
    assert [(switch["switch_type"], switch["nat"]) for switch in switches] == [
        ("Internal", "10.0.0.0/24")
    ]
