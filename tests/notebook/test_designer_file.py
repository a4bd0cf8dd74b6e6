"""The file beside the canvas: text and picture follow each other, errors have their lines."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nestlab.errors import TopologyFileError
from nestlab.model.topology import Topology
from nestlab.notebook.designer import TopologyDesigner
from nestlab.notebook.designer.differences import line_difference
from nestlab.notebook.designer.parts import EditRefused
from nestlab.topology_file import load, loads

FILE = """# for Monday
name: lab
switches:
  - {name: Net, switch_type: Internal, ip_address: 10.0.0.1/24}  # no NAT yet
vms:
  - {name: web1, network_adapters: [{switch: Net, ip_address: 10.0.0.11/24}]}
"""
LINES = st.lists(st.sampled_from("abc"), max_size=8).map("\n".join)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "lab.yml"
    file.write_bytes(FILE.encode())
    return file


def asked(designer: TopologyDesigner, **content: object) -> None:
    designer._on_message(designer, content, [])


@given(LINES, LINES)
def test_the_lines_that_changed_give_the_second_text(before: str, after: str) -> None:
    start, gone, lines = line_difference(before, after)
    old = before.split("\n")
    old[start : start + gone] = lines
    assert "\n".join(old) == after


def test_an_edit_on_the_canvas_changes_the_text_and_sends_its_lines(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    designer = TopologyDesigner(path)
    assert designer.file_text == ""
    asked(designer, do="file", open=True)
    assert designer.file_text == FILE
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(designer, "send", sent.append)
    designer.edit({"do": "add-vm", "into": "host"})
    assert designer.file_text == path.read_text(encoding="utf-8")
    assert "# no NAT yet" in designer.file_text
    lines = FILE.split("\n")
    for change in sent:
        start, gone, new = change["file"]
        lines[start : start + gone] = new
    assert "\n".join(lines) == designer.file_text
    assert "# for Monday" not in json.dumps(sent)
    asked(designer, do="file", open=False)
    assert designer.file_text == ""


def test_what_is_typed_is_the_topology_and_the_file_as_it_is(path: Path) -> None:
    designer = TopologyDesigner(path)
    asked(designer, do="file", open=True)
    designer.selection = "web1"
    typed = FILE.replace("web1", "db1").replace("# for Monday", "#   for   Tuesday")
    asked(designer, do="text", text=typed)
    assert path.read_text(encoding="utf-8") == typed
    assert [vm.name for vm in designer.topology.vms] == ["db1"]
    assert (designer.selection, designer.fields_of) == ("host", "host")
    assert "db1" in [part["id"] for part in designer.picture["parts"]]
    designer.edit({"do": "add-vm", "into": "host"})
    assert "#   for   Tuesday" in path.read_text(encoding="utf-8")
    designer.undo()
    designer.undo()
    assert path.read_text(encoding="utf-8") == FILE == designer.file_text
    designer.redo()
    assert path.read_text(encoding="utf-8") == typed


def test_errors_are_at_their_lines_and_change_nothing(path: Path) -> None:
    designer = TopologyDesigner(path)
    asked(designer, do="file", open=True)
    wrong = FILE.replace("Internal", "Inside").replace("10.0.0.11/24", "10.0.0.300/24")
    asked(designer, do="text", text=wrong)
    assert [error["line"] for error in designer.file_errors] == [4, 6]
    assert "Internal" in designer.file_errors[0]["text"]
    assert path.read_text(encoding="utf-8") == FILE == designer.file_text
    assert not designer.can_undo
    asked(designer, do="text", text="name: [")
    assert designer.file_errors[0]["line"] >= 1
    with pytest.raises(TopologyFileError):
        designer.set_text(wrong)
    asked(designer, do="text", text=FILE)
    assert designer.file_errors == []
    assert not designer.can_undo, "the same text is not an edit"


@pytest.mark.parametrize("text", [FILE, FILE.replace("web1", "db1"), "name: ["])
def test_the_page_is_told_that_a_text_was_read_also_if_nothing_changed(
    path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    designer = TopologyDesigner(path)
    asked(designer, do="file", open=True)
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(designer, "send", sent.append)
    asked(designer, do="text", text=text)
    assert sent[-1] == {"read": True, "unsaved": False}


def test_while_the_text_has_errors_the_picture_is_not_edited(path: Path) -> None:
    designer = TopologyDesigner(path)
    asked(designer, do="file", open=True)
    designer.edit({"do": "add-vm", "into": "host"})
    before, wrong = path.read_bytes(), FILE.replace("Internal", "Inside")
    asked(designer, do="text", text=wrong)
    for intent in ({"do": "add-vm", "into": "host"}, {"do": "undo"}, {"do": "redo"}):
        asked(designer, **intent)
        if intent["do"] != "redo":  # there is nothing to redo
            assert "The text of the file has errors" in designer.message
        assert path.read_bytes() == before
    with pytest.raises(EditRefused, match="has errors"):
        designer.edit({"do": "add-vm", "into": "host"})
    asked(designer, do="discard")
    assert designer.file_errors == []
    asked(designer, do="undo")
    assert path.read_bytes() == FILE.encode()
    asked(designer, do="text", text=wrong)
    asked(designer, do="redo")
    assert path.read_bytes() == FILE.encode()
    asked(designer, do="file", open=False)
    assert designer.file_errors == [], "a closed panel shows no errors"
    asked(designer, do="redo")
    assert path.read_bytes() == before


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_a_file_with_a_byte_order_mark_is_shown_and_edited(path: Path, encoding: str) -> None:
    path.write_bytes(FILE.replace("\n", "\r\n").encode(encoding))
    designer = TopologyDesigner(path)
    asked(designer, do="file", open=True)
    assert designer.file_text == FILE.replace("\n", "\r\n")
    designer.set_text(FILE.replace("web1", "db1"))
    assert path.read_bytes() == FILE.replace("web1", "db1").replace("\n", "\r\n").encode()
    designer.undo()
    assert load(path).vms[0].name == "web1"


def test_line_ends_of_windows_stay(path: Path) -> None:
    path.write_bytes(FILE.replace("\n", "\r\n").encode())
    designer = TopologyDesigner(path)
    designer.set_text(FILE.replace("web1", "db1"))
    assert path.read_bytes() == FILE.replace("web1", "db1").replace("\n", "\r\n").encode()
    assert load(path) == designer.topology


def test_without_a_file_and_read_only() -> None:
    designer = TopologyDesigner(load_text())
    designer.set_text(FILE.replace("web1", "db1"))
    assert designer.topology.vms[0].name == "db1"
    assert "# for Monday" in designer.text
    fixed = TopologyDesigner(load_text(), read_only=True)
    asked(fixed, do="text", text="name: other\n")
    assert "read-only" in fixed.message
    assert fixed.topology.name == "lab"


def load_text() -> Topology:

    return loads(FILE)


def test_findings_have_their_lines_while_the_file_is_shown(path: Path) -> None:
    designer = TopologyDesigner(path)
    designer.edit({"do": "set", "id": "web1", "field": "memory_startup", "value": "16MB"})
    assert all("line" not in finding for finding in designer.findings)
    asked(designer, do="file", open=True)
    (error,) = [each for each in designer.findings if each["severity"] == "error"]
    assert error["line"] == 6
    designer.set_text(designer.text.replace("vms:", "# one more line\nvms:"))
    (error,) = [each for each in designer.findings if each["severity"] == "error"]
    assert error["line"] == 7
    asked(designer, do="file", open=False)
    assert all("line" not in finding for finding in designer.findings)


def test_the_page_is_told_when_a_text_could_not_be_saved(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    designer = TopologyDesigner(path)
    asked(designer, do="file", open=True)
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(designer, "send", sent.append)
    path.write_text(FILE + "# by another program\n", encoding="utf-8")
    asked(designer, do="text", text=FILE.replace("web1", "web2"))
    (answer,) = [each for each in sent if "read" in each]
    assert answer == {"read": True, "unsaved": True}
    assert "was changed by another program" in designer.message
    assert designer.file_text == FILE
    assert all(not finding["line"] for finding in designer.findings)


def test_what_undo_writes_replaces_the_file_whole(tmp_path: Path) -> None:
    path, reader = tmp_path / "lab.yml", tmp_path / "reader.yml"
    path.write_text("# mine\nname: lab\n", encoding="utf-8")
    designer = TopologyDesigner(path)
    designer.edit({"do": "add-vm", "into": "host"})
    reader.hardlink_to(path)  # what somebody has open
    designer.undo()
    assert path.read_text(encoding="utf-8") == "# mine\nname: lab\n"
    assert "vm1" in reader.read_text(encoding="utf-8")
