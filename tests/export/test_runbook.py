"""The runbook is a notebook that runs, by itself and with other parameters, and is the same each time."""

import ast
import json
from base64 import b64decode
from pathlib import Path
from types import SimpleNamespace

import nbformat
import papermill
import pytest
from hypothesis import HealthCheck, given, settings
from nbclient import NotebookClient

import nestlab
from nestlab.export import runbook
from nestlab.export.python_text import python_text, python_value
from nestlab.model.topology import with_credential_names
from tests.drawing.embedded_images import image_in
from tests.export.documents import TRICKY, texts
from tests.export.test_markdown import PARSER, shown
from tests.strategies import topologies

EXAMPLES = sorted((Path(__file__).parents[2] / "notebooks" / "topologies").glob("*.yml"))
NAT_LAB = next(path for path in EXAMPLES if path.stem == "nat-lab")


def read(text):
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    return notebook


def cell(notebook, identity):
    (found,) = (cell for cell in notebook.cells if cell.id == identity)
    return found


def printed(notebook, identity):
    return "".join(output.get("text", "") for output in cell(notebook, identity).outputs)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_it_is_what_jupyter_itself_would_save_and_the_same_each_time(path):
    text = runbook(nestlab.load(path))
    assert nbformat.writes(read(text)) + "\n" == text
    assert runbook(nestlab.load(path)) == text


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=40)
@given(topologies)
def test_any_topology_has_a_valid_runbook_whose_code_reads_as_its_file(topology):
    notebook = read(runbook(topology))
    for each in notebook.cells:
        if each.cell_type == "code":
            ast.parse(each.source)
    (assignment,) = ast.parse(cell(notebook, "topology").source).body
    assert nestlab.loads(ast.literal_eval(assignment.value)) == topology


@pytest.mark.parametrize("text", TRICKY)
def test_a_tricky_description_is_shown_literally(text):
    notebook = read(runbook(nestlab.Topology(name="lab", description=text)))
    inlines = [t for t in PARSER.parse(cell(notebook, "title").source) if t.type == "inline"]
    assert "".join(child.content for child in inlines[1].children) == shown(text)


@given(texts)
def test_a_text_in_code_reads_back_and_hides_nothing(text):
    literal = python_text(text)
    assert ast.literal_eval(literal) == text
    assert ast.literal_eval(python_value(text)) == text
    assert "\u202e" not in literal
    assert "\x1b" not in literal


def test_one_cell_has_the_parameters_and_they_are_constants():
    notebook = read(runbook(nestlab.load(NAT_LAB), host="winrms://hv01.contoso.com"))
    tagged = [each for each in notebook.cells if "parameters" in each.metadata.get("tags", ())]
    assert [each.id for each in tagged] == ["parameters"]
    values = {
        statement.targets[0].id: ast.literal_eval(statement.value)
        for statement in ast.parse(tagged[0].source).body
    }
    assert values == {
        "host": "winrms://hv01.contoso.com",
        "username": "",
        "credentials": {"lab-admin": "lab-admin"},
        "ask_before_each_step": False,
        "undo_at_end": False,
    }


def test_the_picture_is_in_it_with_an_alternative_text_and_follows_the_theme(tmp_path):
    notebook = read(runbook(nestlab.load(NAT_LAB)))
    assert "## Picture\n\n3 VMs, " in cell(notebook, "picture-text").source
    (output,) = cell(notebook, "picture").outputs
    assert set(output.data) == {"text/html", "text/plain", "image/png"}
    shown = output.data["text/html"]
    assert 'alt="Network topology nat-lab: One nested host with two L2 VMs' in shown
    kind, content = image_in(shown)
    assert kind == "image/svg+xml"
    assert b"prefers-color-scheme:" in content
    assert b64decode(output.data["image/png"]).startswith(b"\x89PNG")
    folder = {"metadata": {"path": str(tmp_path)}}
    first = [each for each in notebook.cells if each.id in ("topology", "picture")]
    ran = nbformat.v4.new_notebook(cells=first, metadata=notebook.metadata)
    NotebookClient(ran, timeout=120, resources=folder).execute()
    (again,) = cell(ran, "picture").outputs
    assert again.data["text/html"] == shown


def test_it_runs_from_top_to_bottom(tmp_path):
    notebook = read(runbook(nestlab.load(NAT_LAB)))
    resources = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, timeout=300, resources=resources).execute()
    assert "✓ HV1/web1: " in printed(notebook, "apply")
    assert "3 of 3 checks passed" in str(cell(notebook, "verify").outputs)
    assert "0 steps, 0 deferred" in str(cell(notebook, "verdict").outputs)
    assert "The lab stays as it is." in printed(notebook, "undo")


@pytest.mark.parametrize("name", ["two-node-cluster", "bridged-lab"])
def test_other_examples_run_too_and_what_is_not_known_does_not_stop_them(name, tmp_path):
    """On the build before, Linux guests that cannot send a ping stopped the runbook as failed."""
    topology = nestlab.load(NAT_LAB.with_stem(name))
    notebook = read(runbook(topology))
    resources = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, timeout=300, resources=resources).execute()
    assert f"of {len(topology.checks)} checks passed" in str(cell(notebook, "verify").outputs)
    assert "0 steps, 0 deferred" in str(cell(notebook, "verdict").outputs)


def test_it_runs_under_papermill_with_other_parameters(tmp_path):
    book, record = tmp_path / "lab.ipynb", tmp_path / "record.ipynb"
    nestlab.export_topology(nestlab.load(NAT_LAB), book, to="notebook")
    state = tmp_path / "host.json"
    parameters = {
        "host": f"sim:ws2022-spanish?state={state}",
        "credentials": {"lab-admin": "other"},
        "undo_at_end": True,
    }
    notebook = papermill.execute_notebook(
        book, record, parameters, cwd=str(tmp_path), progress_bar=False
    )
    assert "Undo: Create the Internal switch LabNet" in printed(notebook, "undo")
    assert book.read_text(encoding="utf-8") == runbook(nestlab.load(NAT_LAB))
    left = nestlab.capture(nestlab.connect(f"sim:ws2022-spanish?state={state}"))
    assert "HV1" not in {vm.name for vm in left.vms}


def test_errors_stop_it_before_anything_is_applied(tmp_path):
    text = "name: lab\nchecks: [{from: host, to: internet, expect: unreachable}]\n"
    nestlab.export_topology(nestlab.loads(text), tmp_path / "lab.ipynb", to="notebook")
    record = tmp_path / "record.ipynb"
    with pytest.raises(papermill.PapermillExecutionError, match="PlanRefused"):
        papermill.execute_notebook(
            tmp_path / "lab.ipynb", record, cwd=str(tmp_path), progress_bar=False
        )
    notebook = read(record.read_text(encoding="utf-8"))
    assert cell(notebook, "check").outputs
    assert cell(notebook, "apply").execution_count is None


def test_a_failed_check_stops_it():
    class Report(list):
        ok = is_unknown = False

    source = cell(read(runbook(nestlab.load(NAT_LAB))), "verdict").source
    results = Report([SimpleNamespace(passed=False), SimpleNamespace(passed=True)])
    with pytest.raises(RuntimeError, match=r"A check failed: namespace\(passed=False\)$"):
        exec(source, {"report": results})  # noqa: S102  # a cell of the notebook


def test_credentials_are_replaced_by_name_at_every_level():
    topology = with_credential_names(nestlab.load(NAT_LAB), {"lab-admin": "other", "x": "y"})
    found = {machine.guest.credential for path, machine in topology.machines() if path}
    assert found == {"other"}
    assert with_credential_names(topology, {}) == topology


def test_the_record_says_what_happened_when(tmp_path):
    topology = nestlab.load(NAT_LAB)
    journal = tmp_path / "run.jsonl"
    lab = nestlab.Lab(topology, nestlab.connect(), journal=journal)
    steps = [result.step for result in lab.apply()]
    undone = [result.step for result in lab.undo()]
    lab.export(tmp_path / "lab.ipynb", to="notebook", journal=journal)
    record = cell(read((tmp_path / "lab.ipynb").read_text(encoding="utf-8")), "record-0").source
    rows = [line for line in record.splitlines() if line.startswith("| 20")]
    assert len(rows) == len(steps) + record.count("| Undo: ")
    assert record.count("| Undo: ") >= len(undone)
    assert "| Create the Internal switch LabNet | done |" in record
    assert "not finished" not in record


def test_a_journal_that_cannot_be_read_is_one_error(tmp_path):
    (tmp_path / "x.jsonl").write_text(json.dumps({"record": "x"}) + "\n", encoding="utf-8")
    with pytest.raises(nestlab.JournalError):
        nestlab.export_topology(
            nestlab.load(NAT_LAB),
            tmp_path / "lab.ipynb",
            to="notebook",
            journal=tmp_path / "x.jsonl",
        )
    assert not (tmp_path / "lab.ipynb").exists()
