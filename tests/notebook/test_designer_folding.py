"""Folded nested hosts: only the box, with the number of VMs inside."""

from pathlib import Path

import pytest

from nestlab.drawing import layout
from nestlab.notebook.designer import TopologyDesigner
from nestlab.notebook.designer.parts import EditRefused
from nestlab.topology_file import loads

LAB = """name: lab
switches: [{name: Net, switch_type: Internal, ip_address: 10.0.0.1/24, nat: 10.0.0.0/24}]
vms:
  - name: HV1
    network_adapters: [{name: Out, switch: Net, ip_address: 10.0.0.11/24, gateway: 10.0.0.1}]
    nested:
      switches: [{name: Out, switch_type: External, net_adapter: Out}, {name: In, switch_type: Private}]
      vms:
        - {name: web1, network_adapters: [{switch: Out}]}
        - {name: HV2, network_adapters: [{switch: In}], nested: {vms: [{name: deep}]}}
  - {name: HV3, nested: {}}
  - {name: a, network_adapters: [{switch: Net, ip_address: 10.0.0.21/24}]}
"""


@pytest.fixture
def designer(tmp_path: Path) -> TopologyDesigner:
    path = tmp_path / "lab.yml"
    path.write_text(LAB, encoding="utf-8")
    return TopologyDesigner(path)


def drawn(designer: TopologyDesigner) -> set[str]:
    return {part["id"] for part in designer.picture["parts"]}


def test_only_the_box_of_a_folded_host_is_drawn_and_its_own_lines() -> None:
    topology = loads(LAB)
    whole, folded = layout(topology), layout(topology, folded={"HV1", "a", "HV3"})
    assert {box.id for box in whole.boxes} - {box.id for box in folded.boxes} == {
        "HV1/web1",
        "HV1/HV2",
        "HV1/HV2/deep",
    }
    assert not [line.id for line in folded.lines if "HV1/" in line.id and line.kind == "uplink"]
    (line,) = [line for line in folded.lines if line.source == "HV1"]
    box = folded.box("HV1")
    assert line.points[0][1] == box.y, "the line ends at the box"
    assert "3 VMs inside" in folded.texts_by_part()["HV1"]
    assert box.width < whole.box("HV1").width
    assert folded.width <= whole.width


def test_folding_is_kept_over_edits_undo_and_renaming_and_changes_no_file(
    designer: TopologyDesigner,
) -> None:
    before = designer._path.read_bytes() if designer._path else b""
    designer.selection = "HV1/HV2/deep"
    designer.edit({"do": "fold", "id": "HV1"})
    assert designer.selection == "HV1", "what is inside cannot be the current part"
    assert designer.message == "Folded HV1."
    assert not designer.can_undo
    assert designer._path
    assert designer._path.read_bytes() == before
    assert "HV1/web1" not in drawn(designer)
    designer.edit({"do": "add-vm", "into": "host"})
    designer.edit({"do": "rename", "id": "HV1", "name": "HOST1"})
    assert "HOST1/web1" not in drawn(designer)
    designer.undo()
    assert "HV1/web1" not in drawn(designer)
    designer.edit({"do": "move", "id": "a", "columns": 1})
    designer.edit({"do": "fold", "id": "HV1"})
    assert "HV1/web1" in drawn(designer)


def test_a_part_inside_that_is_selected_or_added_unfolds(designer: TopologyDesigner) -> None:
    designer.fold("HV1/HV2")
    designer.fold("HV1")
    designer.selection = "adapter:HV1/0"
    assert "HV1/web1" not in drawn(designer)
    designer.edit({"do": "add-vm", "into": "HV1"})
    assert {"HV1/web1", designer.selection} <= drawn(designer)
    assert "HV1/HV2/deep" not in drawn(designer)
    designer.selection = "HV1/HV2/deep"
    assert "HV1/HV2/deep" in drawn(designer)


def test_all_hosts_are_folded_at_the_host_also_where_nothing_can_be_edited() -> None:
    designer = TopologyDesigner(loads(LAB), read_only=True)
    designer.edit({"do": "fold", "id": "host"})
    assert designer.message == "Folded HV1, HV3."
    designer.fold("host")
    assert designer.message == "Unfolded HV1, HV3."
    with pytest.raises(EditRefused, match="no nested host to fold"):
        designer.fold("a")
