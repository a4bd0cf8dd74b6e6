import errno
import io
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nestlab.drawing import layout, svg
from nestlab.drawing.svg import cloud_path
from nestlab.notebook.designer import TopologyDesigner
from nestlab.notebook.designer.parts import EditRefused
from nestlab.notebook.designer.picture import picture
from nestlab.topology_file import load, loads
from tests.drawing.embedded_images import image_in

TOPOLOGIES = Path(__file__).parents[2] / "notebooks" / "topologies"

FILE = """# a lab for one afternoon
name: lab
switches:
  - {name: Net, switch_type: Internal, ip_address: 10.0.0.1/24}  # no NAT yet
vms:
  - {name: web1, network_adapters: [{switch: Net, ip_address: 10.0.0.11/24, gateway: 10.9.9.9}]}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "lab.yml"
    file.write_text(FILE, encoding="utf-8")
    return file


def asked(designer: TopologyDesigner, **intent: object) -> str:
    """What the page would send, and what it would then read."""
    designer._on_message(designer, intent, [])
    return str(designer.message)


def test_an_edit_is_saved_and_keeps_the_comments(path: Path) -> None:
    designer = TopologyDesigner(path)
    designer.edit({"do": "add-vm", "into": "host"})
    assert [vm.name for vm in load(path).vms] == ["web1", "vm1"]
    assert "# no NAT yet" in path.read_text(encoding="utf-8")
    assert designer.topology == load(path)


def test_positions_lie_beside_the_file_and_come_back(path: Path) -> None:
    TopologyDesigner(path).edit({"do": "move", "id": "web1", "columns": 3})
    assert json.loads(Path(f"{path}.layout.json").read_text(encoding="utf-8")) == {
        "positions": {"web1": {"x": 60, "row": 0}}
    }
    again = TopologyDesigner(path)
    assert again.positions == {"web1": [60.0, 0]}
    again.edit({"do": "arrange"})
    assert not Path(f"{path}.layout.json").exists()


def test_a_value_is_designed_on_without_any_file(tmp_path: Path) -> None:
    designer = TopologyDesigner(loads(FILE))
    designer.edit({"do": "add-switch", "into": "host"})
    assert len(designer.topology.switches) == 2
    assert list(tmp_path.iterdir()) == []


def test_a_shipped_topology_is_worked_on_in_a_file_of_its_own(path: Path, tmp_path: Path) -> None:
    own = tmp_path / "my-lab.yml"
    designer = TopologyDesigner(load(path), path=own)
    assert not own.exists(), "nothing is written before the first edit"
    designer.edit({"do": "add-vm", "into": "host"})
    assert path.read_text(encoding="utf-8") == FILE
    assert "# no NAT yet" in own.read_text(encoding="utf-8")
    again = TopologyDesigner(load(path), path=own)
    assert again.topology == designer.topology, "after a restart, the work goes on"
    again.edit({"do": "add-vm", "into": "host"})
    assert len(load(own).vms) == 3


def test_undo_and_redo_walk_through_the_edits(path: Path) -> None:
    designer = TopologyDesigner(path)
    assert (designer.can_undo, designer.can_redo) == (False, False)
    asked(designer, do="add-vm", into="host")
    asked(designer, do="rename", id="vm1", name="db1")
    assert asked(designer, do="undo") == "Edit undone."
    assert [vm.name for vm in load(path).vms] == ["web1", "vm1"]
    asked(designer, do="redo")
    assert [vm.name for vm in load(path).vms] == ["web1", "db1"]
    assert (designer.can_undo, designer.can_redo) == (True, False)


def test_the_page_gets_picture_form_findings_and_a_sentence(path: Path) -> None:
    designer = TopologyDesigner(path)
    assert asked(designer, do="add-vm", into="host") == "Added vm1 to host."
    assert designer.selection == "vm1"
    assert "vm1" in [part["id"] for part in designer.picture["parts"]]
    assert [field["name"] for field in designer.fields][:2] == ["name", "generation"]
    assert ("gateway-outside-subnet", "adapter:web1/0") in [
        (finding["code"], finding["part"]) for finding in designer.findings
    ]


def test_selecting_on_the_page_brings_the_form_of_the_part(path: Path) -> None:
    designer = TopologyDesigner(path)
    designer.selection = "switch:host/Net"
    assert {field["label"]: field["value"] for field in designer.fields}[
        "Address of the machine's own adapter"
    ] == "10.0.0.1/24"
    designer.selection = "internet"
    assert designer.fields == []


def test_a_refusal_is_a_sentence_and_changes_nothing(path: Path) -> None:
    designer = TopologyDesigner(path)
    assert asked(designer, do="set", id="web1", field="memory_startup", value="lots").startswith(
        "✗ Memory must be a size"
    )
    assert path.read_text(encoding="utf-8") == FILE
    assert not designer.can_undo


def test_what_was_changed_or_refused_is_called_as_the_form_calls_it(path: Path) -> None:
    designer = TopologyDesigner(path)
    said = asked(designer, do="set", id="switch:host/Net", field="ip_address", value="nonsense")
    assert said.startswith("✗ Address of the machine's own adapter must be an IPv4 address")
    said = asked(designer, do="set", id="switch:host/Net", field="nat", value="10.0.0.0/24")
    assert said == "Switch Net of host: NAT network is 10.0.0.0/24 now."


def test_read_only_is_only_looked_at(path: Path) -> None:
    designer = TopologyDesigner(path, read_only=True)
    assert "read-only" in asked(designer, do="add-vm", into="host")
    with pytest.raises(EditRefused):
        designer.edit({"do": "add-vm", "into": "host"})
    assert path.read_text(encoding="utf-8") == FILE


def test_a_file_that_cannot_be_written_is_told_and_the_edit_is_kept(path: Path) -> None:
    designer = TopologyDesigner(path)
    path.unlink()
    path.mkdir()
    (path / "full").touch()
    assert asked(designer, do="add-vm", into="host").startswith("✗")
    assert len(designer.topology.vms) == 2


def test_a_file_that_somebody_else_changed_is_not_overwritten(path: Path) -> None:
    designer = TopologyDesigner(path)
    designer.edit({"do": "add-vm", "into": "host"})
    path.write_text(FILE, encoding="utf-8")
    assert "changed by another program" in asked(designer, do="add-vm", into="host")
    assert path.read_text(encoding="utf-8") == FILE


def test_an_edit_after_the_positions_could_not_be_saved_is_saved(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Before, the file counted as changed by another program from then on.
    designer = TopologyDesigner(path)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", refuse)
        assert "No space left" in asked(designer, do="add-vm", into="host")
    assert len(load(path).vms) == 2
    assert not asked(designer, do="add-vm", into="host").startswith("✗")
    assert len(load(path).vms) == 3


def refuse(file: Path, **_options: object) -> None:
    if file.suffix != ".tmp":  # that of the topology, which is written first
        raise OSError(errno.ENOSPC, "No space left")


def test_an_interrupt_while_the_picture_is_sent_leaves_nothing_out(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    designer = TopologyDesigner(path)

    class Interrupted(io.StringIO):
        def flush(self) -> None:
            raise KeyboardInterrupt

    monkeypatch.setattr(sys, "stdout", Interrupted())
    with pytest.raises(KeyboardInterrupt):
        designer.edit({"do": "add-vm", "into": "host"})
    assert designer.can_undo


def test_a_download_names_the_view_that_asked(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Before, each view of a designer downloaded it.
    designer = TopologyDesigner(path)
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(designer, "send", sent.append)
    asked(designer, do="export", format="yml", view="0.abc")
    assert sent == [{"export": {"name": "lab.yml", "text": FILE, "view": "0.abc"}}]


def test_a_saved_notebook_shows_picture_and_outline_without_kernel(path: Path) -> None:
    data, _ = TopologyDesigner(path)._repr_mimebundle_()
    assert 'alt="Network topology lab. 1 VM and 1 virtual switch."' in data["text/html"]
    kind, content = image_in(data["text/html"])
    assert (kind, content[:4]) == ("image/svg+xml", b"<svg")
    assert "web1, L1, 1 GB · 2 vCPU; 10.0.0.11/24" in data["text/plain"]


def test_the_figure_is_drawn_where_the_vms_were_put(path: Path) -> None:
    designer = TopologyDesigner(path)
    before = designer.figure().get_size_inches()[0]
    designer.edit({"do": "move", "id": "web1", "x": 900, "row": 0})
    assert designer.figure().get_size_inches()[0] > before


def test_front_end_is_small_and_asks_nobody() -> None:
    sources = f"{TopologyDesigner._esm}{TopologyDesigner._css}"
    assert len(sources) < 100_000
    assert "https://" not in sources
    assert "import " not in str(TopologyDesigner._esm)


def test_the_page_draws_what_the_svg_writer_draws() -> None:
    drawn = layout(load(TOPOLOGIES / "bridged-lab.yml"))
    data, document = picture(drawn), svg(drawn, "light")
    parts = {part["id"]: part for part in data["parts"]}
    for box in drawn.boxes:
        part = parts[box.id]
        if part["kind"] == "internet":
            assert part["outline"] == cloud_path(replace(box, x=0, y=0))
        else:
            assert f'rx="{part["radius"]}"' in document
        assert f'class="{part["classes"]}"' in document
    for line in drawn.lines:
        assert f'class="line {parts[line.id]["classes"]}"' in document
    written = [label for part in data["parts"] for label in part.get("labels", ())]
    assert len(written) == len(drawn.texts) + len(drawn.badges)
