"""The graph of a topology."""

from __future__ import annotations

import subprocess
import sys

from nestlab.model.graph import topology_graph
from nestlab.model.topology import VM, Topology
from nestlab.topology_file import loads

BRIDGED = """\
name: bridged
uplinks: [{net_adapter: Ethernet, network: 192.0.2.0/24, gateway: 192.0.2.1}]
switches: [{name: Uplink, switch_type: External, net_adapter: ethernet}]
vms:
  - name: HV1
    network_adapters: [{name: Ethernet, switch: Uplink, ip_address: 192.0.2.11/24, mac_address_spoofing: true, vlan: {access: 30}}]
    nested:
      switches:
        - {name: Bridge, switch_type: External, net_adapter: Ethernet}
        - {name: Nat, switch_type: Internal, ip_address: 10.0.0.1/24, nat: 10.0.0.0/24}
      vms: [{name: web1, network_adapters: [{switch: Bridge}, {name: Second, switch: Nat}, {name: Third, switch: Missing}]}]
"""


def test_nodes_know_their_level_kind_and_machine() -> None:
    graph = topology_graph(loads(BRIDGED))
    assert {node: (data["level"], data["kind"]) for node, data in graph.nodes(data=True)} == {
        ("machine",): (0, "host"),
        ("switch", "Uplink"): (0, "switch"),
        ("machine", "HV1"): (1, "nested-host"),
        ("switch", "HV1", "Bridge"): (1, "switch"),
        ("switch", "HV1", "Nat"): (1, "switch"),
        ("machine", "HV1", "web1"): (2, "vm"),
        ("uplink", "Ethernet"): (-1, "uplink"),
        ("internet",): (-1, "internet"),
    }
    assert graph.nodes["machine", "HV1", "web1"]["machine"] == ("HV1", "web1")
    assert graph.nodes["switch", "HV1", "Nat"]["nat"] == "10.0.0.0/24"


def test_containment_is_a_tree_from_the_host() -> None:
    graph = topology_graph(loads(BRIDGED))
    host, nested = ("machine",), ("machine", "HV1")
    assert {(a, b) for a, b, kind in graph.edges(data="kind") if kind == "contains"} == {
        (host, nested),
        (host, ("switch", "Uplink")),
        (nested, ("switch", "HV1", "Bridge")),
        (nested, ("switch", "HV1", "Nat")),
        (nested, ("machine", "HV1", "web1")),
    }


def test_links_carry_what_the_adapter_has() -> None:
    graph = topology_graph(loads(BRIDGED))
    link = graph.edges[("machine", "HV1"), ("switch", "Uplink"), "Ethernet"]
    assert (link["address"], link["spoofing"], link["vlan"]) == ("192.0.2.11/24", True, "30")
    assert set(graph["machine", "HV1", "web1"]) == {
        ("switch", "HV1", "Bridge"),
        ("switch", "HV1", "Nat"),
    }


def test_external_switches_lead_to_the_wire_of_their_adapter() -> None:
    graph = topology_graph(loads(BRIDGED))
    uplinks = {(a, b) for a, b, kind in graph.edges(data="kind") if kind in ("uplink", "outside")}
    assert uplinks == {
        (("switch", "HV1", "Bridge"), ("switch", "Uplink")),
        (("switch", "Uplink"), ("uplink", "Ethernet")),
        (("uplink", "Ethernet"), ("internet",)),
    }


def test_each_adapter_of_a_team_has_its_uplink() -> None:
    team = BRIDGED.replace("vlan: {access: 30}}", "vlan: {access: 30}}, {name: B, switch: Uplink}")
    graph = topology_graph(
        loads(team.replace("net_adapter: Ethernet}", "net_adapter: [Ethernet, B]}"))
    )
    uplinks = graph["switch", "HV1", "Bridge"]["switch", "Uplink"]
    assert [data["adapter"] for data in uplinks.values()] == ["Ethernet", "B"]


def test_names_of_switches_ignore_case() -> None:
    graph = topology_graph(loads(BRIDGED.replace("switch: Uplink", "switch: UPLINK")))
    assert graph.has_edge(("machine", "HV1"), ("switch", "Uplink"), "Ethernet")
    assert graph.has_edge(("switch", "HV1", "Bridge"), ("switch", "Uplink"))


def test_a_vm_may_be_called_host_or_internet() -> None:
    graph = topology_graph(Topology(name="t", vms=(VM(name="host"), VM(name="internet"))))
    assert sorted(data["kind"] for _, data in graph.nodes(data=True)) == ["host", "vm", "vm"]


def test_empty_topology_is_the_host_alone() -> None:
    assert list(topology_graph(Topology(name="empty")).nodes) == [("machine",)]


def test_importing_the_module_does_not_load_networkx() -> None:
    code = "import sys, nestlab.model.graph, nestlab.reachability; sys.exit('networkx' in sys.modules or 'yaml' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
