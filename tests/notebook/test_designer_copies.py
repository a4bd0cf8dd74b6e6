"""Copies of parts in the designer, VMs that move to another host, and undoing all of it."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nestlab.drawing import layout
from nestlab.model.topology import VM
from nestlab.notebook.designer import TopologyDesigner
from nestlab.notebook.designer.draft import Draft, Intent
from nestlab.notebook.designer.edits import EDITS, edit
from nestlab.notebook.designer.parts import EditRefused
from nestlab.rules import validate
from nestlab.topology_file import load, loads

LAB = """# a lab with comments
name: lab   # its name
switches:
  - {name: Net, switch_type: Internal, ip_address: 10.1.0.1/24, nat: 10.1.0.0/24}  # outside
vms:
  # the nested host
  - name: HV1
    memory_startup: 8GB
    guest: {os: windows, credential: lab-admin, computer_name: ONE}
    disk: {path: 'D:\\one.vhdx'}
    network_adapters:
      - {name: Out, switch: Net, ip_address: 10.1.0.11/24, gateway: 10.1.0.1, mac_address: 00-15-5D-00-00-01}
    nested:
      switches:
        - {name: Inside, switch_type: Internal, ip_address: 10.2.0.1/24, nat: 10.2.0.0/24}
      vms:
        - {name: web1, network_adapters: [{switch: Inside, ip_address: 10.2.0.11/24, gateway: 10.2.0.1}]}  # inner
  - {name: db1, network_adapters: [{switch: Net, ip_address: 10.1.0.21/24, gateway: 10.1.0.1}]}
checks:
  - {from: HV1/web1, to: internet, expect: reachable}
  - {from: db1, to: HV1, expect: reachable}
"""


@pytest.fixture
def lab() -> Draft:
    return Draft(loads(LAB), {"HV1": (0, 0), "HV1/web1": (0, 0), "db1": (300, 0)})


def vm(draft: Draft, path: str) -> VM:
    found = draft.topology.machine(tuple(path.split("/")))
    assert isinstance(found, VM)
    return found


def addresses(draft: Draft, path: str) -> list[str]:
    return [str(adapter.ip_address) for adapter in vm(draft, path).network_adapters]


def test_a_duplicate_has_a_fresh_name_and_address_and_nothing_that_only_one_can_have(
    lab: Draft,
) -> None:
    after = edit(lab, {"do": "duplicate", "id": "HV1"})
    copy = vm(after, "HV2")
    assert after.message == "Added VM HV2, a copy of VM HV1."
    assert addresses(after, "HV2") == ["10.1.0.2/24"]
    assert addresses(after, "HV2/web1") == ["10.2.0.11/24"], "behind a NAT of its own"
    assert copy.network_adapters[0].mac_address is None
    assert str(copy.network_adapters[0].gateway) == "10.1.0.1"
    assert copy.guest.computer_name is None
    assert copy.disk is None
    errors = [f.code for f in validate(after.topology) if f.severity == "error"]
    assert errors == [f.code for f in validate(lab.topology) if f.severity == "error"]


def test_several_parts_are_duplicated_in_one_edit(lab: Draft) -> None:
    after = edit(lab, {"do": "duplicate", "ids": ["db1", "switch:host/Net", "HV1/web1"]})
    assert [each.name for each in after.topology.vms] == ["HV1", "db1", "db2"]
    assert [str(s.ip_address) for s in after.topology.switches] == [
        "10.1.0.1/24",
        "192.168.100.1/24",
    ]
    assert addresses(after, "HV1/web2") == ["10.2.0.2/24"]
    assert after.message == "Added copies of 3 parts."


def test_a_vm_is_pasted_into_another_host_with_an_address_there(lab: Draft) -> None:
    after = edit(lab, {"do": "paste", "ids": ["db1"], "into": "HV1"})
    assert after.selection == "HV1/db2"
    assert vm(after, "HV1/db2").network_adapters[0].switch == "Inside"
    assert addresses(after, "HV1/db2") == ["10.2.0.2/24"]
    assert str(vm(after, "HV1/db2").network_adapters[0].gateway) == "10.2.0.1"


def test_an_adapter_is_pasted_into_the_vm_that_is_selected(lab: Draft) -> None:
    after = edit(lab, {"do": "paste", "ids": ["adapter:HV1/0"], "into": "db1"})
    assert after.selection == "adapter:db1/1"
    assert addresses(after, "db1") == ["10.1.0.21/24", "10.1.0.2/24"]


def test_a_host_pasted_into_itself_has_the_content_that_it_had(lab: Draft) -> None:
    after = edit(lab, {"do": "paste", "ids": ["HV1"], "into": "HV1"})
    assert [each.name for each in vm(after, "HV1").vms] == ["web1", "HV2"]
    assert [each.name for each in vm(after, "HV1/HV2").vms] == ["web1"]


@pytest.mark.parametrize("part", ["host"])
def test_what_cannot_be_copied_is_refused(lab: Draft, part: str) -> None:
    with pytest.raises(EditRefused, match="cannot be copied"):
        edit(lab, {"do": "duplicate", "id": part})


def test_a_vm_moves_into_a_nested_host_and_checks_follow(lab: Draft) -> None:
    after = edit(lab, {"do": "move-into", "id": "db1", "into": "HV1"})
    assert (after.selection, after.message) == ("HV1/db1", "Moved VM db1 to HV1.")
    assert addresses(after, "HV1/db1") == ["10.2.0.2/24"]
    assert "db1" not in after.positions
    back = edit(after, {"do": "move-into", "id": "HV1/db1", "into": "host"})
    assert [each.name for each in back.topology.vms] == ["HV1", "db1"]
    out = edit(lab, {"do": "move-into", "id": "HV1/web1", "into": "db1"})
    assert out.topology.checks[0].source == "web1"
    assert vm(out, "web1").network_adapters[0].switch == "Net"


MOVES: list[tuple[Intent, str]] = [
    ({"id": "HV1", "into": "HV1"}, "VM HV1 cannot be moved into itself"),
    ({"id": "db1", "into": "host"}, "VM db1 runs on host already"),
    ({"id": "switch:host/Net", "into": "HV1"}, "Only VMs can be moved"),
]


@pytest.mark.parametrize(("intent", "says"), MOVES)
def test_a_move_without_sense_is_refused(lab: Draft, intent: Intent, says: str) -> None:
    with pytest.raises(EditRefused, match=says):
        edit(lab, {"do": "move-into", **intent})


# -- undo


def test_undoing_a_deletion_brings_back_the_comments(tmp_path: Path) -> None:
    path = tmp_path / "lab.yml"
    path.write_text(LAB, encoding="utf-8")
    designer = TopologyDesigner(path)
    designer.edit({"do": "delete", "id": "HV1"})
    assert "# inner" not in path.read_text(encoding="utf-8")
    without = path.read_bytes()
    designer.undo()
    assert path.read_text(encoding="utf-8") == LAB
    designer.redo()
    assert path.read_bytes() == without
    assert designer.topology == load(path)


def test_an_undo_does_not_replace_what_another_program_wrote(tmp_path: Path) -> None:
    path = tmp_path / "lab.yml"
    path.write_text(LAB, encoding="utf-8")
    designer = TopologyDesigner(path)
    designer.edit({"do": "delete", "id": "HV1"})
    path.write_text("name: other\n", encoding="utf-8")
    designer._on_message(designer, {"do": "undo"}, [])
    assert "was changed by another program" in designer.message
    assert path.read_text(encoding="utf-8") == "name: other\n"


def parts_of(designer: TopologyDesigner) -> list[str]:
    drawn = layout(designer.topology)
    parts = [*drawn.boxes, *drawn.bars, *drawn.lines]
    return [part.id for part in parts if part.id != "internet" and "@" not in part.id]


EVERY = st.tuples(st.sampled_from([*EDITS, "undo", "redo"]), st.integers(0, 99), st.integers(0, 99))


@settings(deadline=None, max_examples=25)
@given(st.lists(EVERY, max_size=10))
def test_undoing_all_gives_the_first_file(steps: list[tuple[str, int, int]]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "lab.yml"
        path.write_text(LAB, encoding="utf-8")
        designer = TopologyDesigner(path)
        for does, one, other in steps:
            ids = parts_of(designer)
            first, second = ids[one % len(ids)], ids[other % len(ids)]
            intent: dict[str, object] = {"do": does, "id": first, "into": second, "from": first}
            intent |= {"to": second, "name": f"new{other}", "rows": 1}
            intent |= {"field": "processor_count", "value": "3"}
            if does in ("paste", "move-into", "duplicate", "delete") and one % 2:
                intent["ids"] = [first, second]
            designer._on_message(designer, intent, [])
            assert designer.topology == load(path)
            assert designer.fields_of == designer.selection
        while designer.can_undo:
            designer.undo()
        assert path.read_bytes() == LAB.encode()
