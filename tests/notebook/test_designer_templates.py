"""Templates of the designer: each is a lab without findings that reaches the internet."""

from pathlib import Path

import pytest

import nestlab
from nestlab.model.topology import Topology
from nestlab.notebook.designer import TopologyDesigner
from nestlab.notebook.designer.parts import EditRefused
from nestlab.notebook.designer.templates import TEMPLATES
from nestlab.notebook.page_texts import DESIGNER
from nestlab.topology_file import load

EMPTY = "# mine\nname: mine\ndescription: for Monday\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "lab.yml"
    file.write_text(EMPTY, encoding="utf-8")
    return file


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_is_a_lab_without_errors_that_reaches_the_internet(
    name: str, path: Path
) -> None:
    designer = TopologyDesigner(path)
    designer.edit({"do": "template", "template": name})
    topology = load(path)
    assert (topology.name, topology.description) == ("mine", "for Monday")
    assert [finding for finding in nestlab.validate(topology) if finding.severity != "info"] == []
    vms = ["/".join(machine) for machine, _ in topology.machines() if machine]
    assert vms
    assert [vm for vm in vms if not nestlab.trace(topology, vm, "internet").reachable] == []
    assert topology.checks
    for check in topology.checks:
        assert nestlab.trace(topology, check.source, check.target).reachable == check.reachable
    designer.undo()
    assert path.read_text(encoding="utf-8") == EMPTY


def test_one_template_is_followed_by_another_but_own_work_is_kept(path: Path) -> None:
    designer = TopologyDesigner(path)
    for name in TEMPLATES:
        designer.edit({"do": "template", "template": name})
    assert [vm.name for vm in designer.topology.vms] == ["HV1"]
    designer.edit({"do": "add-vm", "into": "host"})
    with pytest.raises(EditRefused, match="has parts of its own"):
        designer.edit({"do": "template", "template": "nat"})
    with pytest.raises(EditRefused, match="no template"):
        designer.edit({"do": "template", "template": "other"})


@pytest.mark.parametrize(
    "own",
    [
        "images: {server: {path: 'D:\\images\\server.vhdx'}}\n",
        "routes: [{to: 10.9.0.0/24, via: 10.0.0.2}]\n",
        "forwarding: true\n",
        "answers_ping: false\n",
    ],
)
def test_a_template_does_not_remove_what_is_no_vm_or_switch(path: Path, own: str) -> None:
    path.write_text(EMPTY + own, encoding="utf-8")
    designer = TopologyDesigner(path)
    with pytest.raises(EditRefused, match="has parts of its own"):
        designer.edit({"do": "template", "template": "nat"})
    assert path.read_text(encoding="utf-8") == EMPTY + own


def test_the_page_has_the_texts_of_all_templates() -> None:
    assert set(TEMPLATES.values()) <= set(DESIGNER)
    designer = TopologyDesigner(Topology(name="lab"))
    assert designer.get_state("templates") == {"templates": [list(t) for t in TEMPLATES.items()]}


def test_an_empty_designer_says_how_to_begin_until_something_is_done() -> None:
    designer = TopologyDesigner(Topology(name="lab"))
    assert designer.message == "To begin, choose a template, or add a switch and a VM."
    designer.edit({"do": "add-vm", "into": "host"})
    assert designer.message == "Added vm1 to host."
    assert TopologyDesigner(designer.topology).message == ""
