from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nestlab.drawing import alternative_text, layout, svg
from nestlab.model.topology import Topology
from nestlab.topology_file import loads
from tests.drawing.labs import bridged_lab, classroom, topologies
from tests.drawing.overlaps import faults

slow = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@slow
@given(topologies)
def test_nothing_overlaps_in_any_topology(topology: Topology) -> None:
    assert faults(layout(topology)) == []


TWINS = (
    """\
name: twins
vms:
"""
    + """\
  - name: HV
    nested:
      switches: [{name: Up, switch_type: Private}]
      vms:
        - {name: a}
        - {name: b, network_adapters: [{connected: false}, {switch: Up}]}
"""
    * 2
)


def test_switch_bars_of_hosts_with_one_name_have_their_own_texts():
    picture = layout(loads(TWINS))
    wide = layout(loads(TWINS), {"HV/b": (0.0, 1)})
    assert [faults(picture), faults(wide)] == [[], []]
    for found in (picture, wide):
        ids = [bar.id for bar in found.bars]
        assert len(set(ids)) == len(ids)


@slow
@given(topologies, st.lists(st.tuples(st.floats(-50, 900), st.integers(0, 4)), max_size=6))
def test_nothing_overlaps_wherever_vms_were_put(
    topology: Topology, wishes: list[tuple[float, int]]
) -> None:
    paths = ["/".join(path) for path, _ in topology.machines() if path]
    assert faults(layout(topology, dict(zip(paths, wishes, strict=False)))) == []


@slow
@given(topologies)
def test_same_topology_same_picture(topology: Topology) -> None:
    assert svg(topology) == svg(replace(topology))


def test_machines_lie_inside_their_hosts() -> None:
    picture = layout(bridged_lab())
    assert [
        (box.id, box.kind, box.parent, box.level)
        for box in picture.boxes
        if box.parent or box.kind == "host"
    ] == [
        ("host", "host", "", 0),
        ("HV1", "nested-host", "host", 1),
        ("HV1/web1", "vm", "HV1", 2),
    ]


def test_a_nested_external_switch_leads_out_through_its_adapter() -> None:
    lines = {line.id: line for line in layout(bridged_lab()).lines}
    way, adapter = lines["up:HV1/Bridge"], lines["adapter:HV1/0"]
    assert (way.kind, way.target) == ("uplink", "adapter:HV1/0")
    assert way.points[-1] == adapter.points[0]


def test_links_say_address_vlan_and_spoofing() -> None:
    words = layout(bridged_lab()).texts_by_part()
    assert words["adapter:HV1/0"] == ["192.0.2.11/24", "Ethernet", "MAC spoofing"]
    assert words["adapter:HV1/1"] == ["Storage", "VLAN 30"]


def test_a_switch_whose_type_is_not_known_is_named_so() -> None:
    switches = "[{name: Office, existing: true}, {name: Lab, switch_type: Private}]"
    bars = layout(loads(f"name: lab\nswitches: {switches}\n")).bars
    assert [bar.name for bar in bars] == ["switch Office of unknown type", "private switch Lab"]


def test_nat_without_known_uplink_leads_to_the_internet() -> None:
    lines = {line.id: line for line in layout(classroom(2)).lines}
    assert (lines["up:host/Lab"].kind, lines["up:host/Lab"].target) == ("nat", "internet")


def test_a_vm_stays_in_the_row_where_it_was_put() -> None:
    picture = layout(classroom(3), {"student1": (40, 1)})
    assert (picture.box("student1").row, picture.box("student1").offset) == (1, 40)
    assert picture.box("student0").row == 0


def test_many_vms_are_wrapped_into_a_readable_shape() -> None:
    picture = layout(classroom(200))
    assert 1 < picture.width / picture.height < 2.4
    assert faults(picture) == []


def test_names_of_switches_and_adapters_ignore_case() -> None:
    lab = """\
name: lab
uplinks: [{net_adapter: Ethernet, network: 192.0.2.0/24, gateway: 192.0.2.1}]
switches: [{name: LabNet, switch_type: External, net_adapter: ETHERNET}]
vms:
  - name: HV1
    network_adapters: [{name: Trunk, switch: labnet}]
    nested: {switches: [{name: Bridge, switch_type: External, net_adapter: trunk}]}
"""
    picture = layout(loads(lab))
    lines = {line.id: (line.kind, line.target) for line in picture.lines}
    assert lines["adapter:HV1/0"] == ("adapter", "switch:host/LabNet")
    assert lines["up:HV1/Bridge"] == ("uplink", "adapter:HV1/0")
    assert [box.id for box in picture.boxes if box.kind == "network"] == ["network:Ethernet"]
    assert lines["up:host/LabNet"] == ("uplink", "network:Ethernet")


@pytest.mark.parametrize(
    ("first_and_last", "shown"),
    [
        ("10.0.0.100-10.0.0.200", "DHCP 10.0.0.100–200"),
        ("10.0.0.100-10.0.1.50", "DHCP 10.0.0.100–10.0.1.50"),
    ],
)
def test_a_dhcp_range_is_shortened_where_only_its_last_number_differs(
    first_and_last: str, shown: str
) -> None:
    switch = f"{{name: A, switch_type: Internal, ip_address: 10.0.0.1/23, dhcp: {{range: {first_and_last}}}}}"
    words = layout(loads(f"name: lab\nswitches: [{switch}]\n")).texts_by_part()
    assert shown in words["switch:host/A"]


def test_the_alternative_text_counts_nested_hosts_as_vms() -> None:
    assert alternative_text(bridged_lab()).endswith("2 VMs and 2 virtual switches.")
