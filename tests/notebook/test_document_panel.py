"""The document panel without a browser: what it makes, shows, writes and refuses to overwrite."""

import json
import threading
from pathlib import Path

import pytest

import nestlab
from nestlab.constants.document_kinds import (
    DOCUMENT_FORMATS,
    DOCUMENT_KINDS,
    PICTURE_KINDS,
    ROLE_KIND,
)
from nestlab.notebook import DocumentPanel

NAT_LAB = Path(__file__).parents[2] / "notebooks" / "topologies" / "nat-lab.yml"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """The folder of the notebook, with a topology file."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nat-lab.yml").write_bytes(NAT_LAB.read_bytes())
    return tmp_path


@pytest.fixture
def panel():
    return DocumentPanel("nat-lab.yml")


@pytest.fixture
def lab(tmp_path):
    host = nestlab.connect("sim:ws2022-intel")
    return nestlab.Lab(nestlab.load(NAT_LAB), host, journal=tmp_path / "nat-lab.jsonl")


def press(button, panel):
    button.click()
    if panel.job is not None:
        assert panel.job.join(60)


def choose(panel, **choices):
    for name, value in choices.items():
        getattr(panel.form, name).value = value


def is_shown(widget):
    return widget.layout.display != "none"


def test_every_kind_of_the_command_line_is_offered_and_made(panel):
    assert [kind for _, kind in panel.form.kind.options] == list(DOCUMENT_KINDS)
    for kind in DOCUMENT_KINDS:
        choose(panel, kind=kind)
        press(panel.preview_button, panel)
        assert panel.status.state == "done", panel.status.text
        assert panel.view.preview["form"] in {"page", "picture", "text"}
        assert (panel.view.preview["form"] == "picture") == (kind in {"svg", "png", "pdf"})
        if kind != ROLE_KIND:
            name = f"nat-lab{DOCUMENT_FORMATS[kind].extension}"
            assert panel.view.files[0]["name"] == name
    assert not list(Path().glob("nat-lab.[!y]*"))


def test_what_is_written_is_what_the_preview_shows_and_what_the_command_writes(panel):
    press(panel.preview_button, panel)
    shown = panel.view.files[0]["content"]
    press(panel.write_button, panel)
    assert panel.status.text == "Wrote nat-lab.html"
    assert Path("nat-lab.html").read_bytes() == shown
    nestlab.export_topology(nestlab.load("nat-lab.yml"), "other.html", to="html")
    assert Path("other.html").read_bytes() == shown


def test_a_role_is_written_as_the_folder_that_the_command_writes(panel):
    choose(panel, kind=ROLE_KIND)
    assert panel.form.name.value == "nat-lab"
    press(panel.write_button, panel)
    nestlab.export_topology(nestlab.load("nat-lab.yml"), "other", to="jea")
    written, expected = (
        {
            path.relative_to(folder): path.read_bytes()
            for path in folder.rglob("*.*")
            if path.is_file()
        }
        for folder in (Path("nat-lab"), Path("other"))
    )
    assert written == expected
    assert len(written) == 6
    choose(panel, kind="html")
    assert panel.form.name.value == "nat-lab.html"


def test_writing_needs_no_preview_before(panel):
    choose(panel, kind="mermaid")
    press(panel.write_button, panel)
    assert panel.status.text == "Wrote nat-lab.mmd"
    assert panel.view.preview["text"] == Path("nat-lab.mmd").read_text(encoding="utf-8")


@pytest.mark.parametrize("answer", ["overwrite", "keep"])
def test_a_changed_file_is_overwritten_only_after_a_question(panel, answer):
    choose(panel, kind="dot")
    press(panel.write_button, panel)
    press(panel.write_button, panel)  # its own file, as it was written: no question
    assert not is_shown(panel.overwrite_question)
    file = Path("nat-lab.dot")
    written = file.read_bytes()
    file.write_text("// mine", encoding="utf-8")
    press(panel.write_button, panel)
    assert panel.status.state == "warning"
    assert "nat-lab.dot already exists" in panel.status.text
    assert is_shown(panel.overwrite_question)
    assert file.read_text(encoding="utf-8") == "// mine"
    question = panel.overwrite_question
    press(question.yes_button if answer == "overwrite" else question.no_button, panel)
    assert not is_shown(question)
    assert file.read_bytes() == (written if answer == "overwrite" else b"// mine")


def test_a_new_topology_replaces_the_document_that_this_panel_wrote(panel):
    choose(panel, kind="dot")
    press(panel.write_button, panel)
    before = Path("nat-lab.dot").read_bytes()
    text = NAT_LAB.read_text(encoding="utf-8").replace("db1", "sql1")
    Path("nat-lab.yml").write_text(text, encoding="utf-8")
    press(panel.write_button, panel)
    assert panel.status.text == "Wrote nat-lab.dot"
    assert b"sql1" in Path("nat-lab.dot").read_bytes()
    assert b"sql1" not in before


def test_the_file_name_follows_the_choices_until_it_is_typed(panel):
    choose(panel, kind="svg")
    assert panel.form.name.value == "nat-lab.svg"
    choose(panel, file="two-node.yml")
    assert panel.form.name.value == "two-node.svg"
    choose(panel, name="out/picture.svg")
    choose(panel, kind="png")
    assert panel.form.name.value == "out/picture.png"
    choose(panel, file="nat-lab.yml")
    assert panel.form.name.value == "out/picture.png"


def test_a_preview_goes_with_other_choices_and_stays_under_another_name(panel):
    choose(panel, kind="dot")
    press(panel.preview_button, panel)
    choose(panel, name="mine.dot")
    assert panel.view.files[0]["name"] == "mine.dot"
    job = panel.job
    press(panel.write_button, panel)
    assert panel.job is job  # nothing was made anew
    assert Path("mine.dot").is_file()
    choose(panel, kind="mermaid")
    assert panel.view.preview == {}
    assert panel.status.state == "idle"


@pytest.mark.parametrize(
    ("choices", "text"),
    [
        ({"file": "none.yml"}, "none.yml"),
        ({"file": ""}, "No topology file was given."),
        ({"name": " "}, "No file name was given."),
        ({"kind": "dot", "name": "missing/lab.dot"}, "cannot be written"),
        ({"kind": "dot", "name": "."}, "No file name was given."),
    ],
)
def test_an_error_is_one_sentence_in_the_status_line(panel, choices, text):
    choose(panel, **choices)
    press(panel.write_button, panel)
    assert panel.status.state == "failed"
    assert text in panel.status.text
    assert "Unexpected" not in panel.status.text
    assert not panel.write_button.disabled


def test_a_lab_has_the_plan_for_its_host_and_the_record_of_its_run(lab):
    panel = DocumentPanel(lab)
    assert not is_shown(panel.form.record)
    press(panel.preview_button, panel)
    assert "The plan for sim:ws2022-intel has 10 steps" in panel.view.preview["text"]
    list(lab.apply())
    panel = DocumentPanel(lab)
    assert is_shown(panel.form.record)
    choose(panel, record=True)
    press(panel.preview_button, panel)
    assert "The plan for sim:ws2022-intel has 0 steps" in panel.view.preview["text"]
    assert "Record" in panel.view.preview["text"]
    choose(panel, kind=PICTURE_KINDS[0])  # a picture has no place for a record
    assert not is_shown(panel.form.record)
    press(panel.preview_button, panel)
    assert panel.status.state == "done"


def test_a_host_is_captured_and_what_cannot_be_expressed_is_listed(lab):
    list(lab.apply())
    panel = DocumentPanel(lab.host)
    assert panel.form.name.value == "sim-ws2022-intel.html"
    press(panel.preview_button, panel)
    assert "dc-archive" in panel.view.preview["text"]  # a VM of others
    assert "HV1" in panel.missing.value  # its guest was not read
    choose(panel, of_topology="nat-lab", credential="lab-admin", kind="dot")
    assert panel.form.name.value == "nat-lab.dot"
    press(panel.preview_button, panel)
    assert "web1" in panel.view.preview["text"]
    assert "dc-archive" not in panel.view.preview["text"]


def test_reading_a_host_is_told_and_can_be_cancelled(lab, monkeypatch):
    panel = DocumentPanel(lab.host)
    asked, go_on = threading.Event(), threading.Event()
    run = lab.host.run

    def slowly(*cmdlets, **options):
        asked.set()
        assert go_on.wait(60)
        return run(*cmdlets, **options)

    monkeypatch.setattr(lab.host, "run", slowly)
    panel.preview_button.click()
    assert asked.wait(60)
    assert (panel.status.state, panel.status.text) == ("running", "Reading sim:ws2022-intel …")
    assert panel.write_button.disabled
    assert not panel.cancel_button.disabled
    panel.cancel_button.click()
    go_on.set()
    assert panel.job.join(60)
    assert (panel.status.state, panel.status.text) == ("cancelled", "Stopped. Nothing was written.")
    assert panel.view.preview == {}
    assert not panel.write_button.disabled


def test_a_host_without_hyper_v_says_so():
    panel = DocumentPanel(nestlab.connect("sim:no-role"))
    press(panel.preview_button, panel)
    assert panel.status.state == "failed"
    assert "Hyper-V does not answer" in panel.status.text


def test_the_text_of_a_notebook_is_its_cells(panel):
    choose(panel, kind="notebook")
    press(panel.preview_button, panel)
    text = panel.view.preview["text"]
    assert text.startswith("# %% [markdown]\n# nat-lab")
    assert "lab.apply" in text
    assert len(json.loads(panel.view.files[0]["content"])["cells"]) == text.count("# %%")


def test_a_topology_of_a_designer_is_documented_too():
    panel = DocumentPanel(nestlab.load("nat-lab.yml"))
    assert [source for _, source in panel.form.source.options] == ["topology", "file"]
    choose(panel, kind="svg")
    press(panel.write_button, panel)
    assert Path("nat-lab.svg").read_text(encoding="utf-8").startswith("<svg")


def test_without_a_subject_a_file_is_chosen_from_those_that_are_there():
    panel = DocumentPanel()
    assert "nat-lab.yml" in panel.form.file.options
    choose(panel, file="nat-lab.yml")
    press(panel.preview_button, panel)
    assert panel.status.state == "done"


def test_a_saved_notebook_shows_the_choices_and_the_preview(panel):
    choose(panel, kind="svg")
    assert "nat-lab.svg" in panel.snapshot()
    assert "<img" not in panel.snapshot()
    press(panel.preview_button, panel)
    assert 'alt="Network topology nat-lab: One nested host' in panel.snapshot()
    choose(panel, kind="mermaid")
    press(panel.preview_button, panel)
    assert "<details>" in panel.snapshot()
    assert "<script" not in panel.snapshot()


def test_a_document_of_several_files_is_shown_written_and_renamed_as_a_whole(panel):
    choose(panel, kind="powershell")
    press(panel.preview_button, panel)
    assert [file["name"] for file in panel.view.files] == ["nat-lab.ps1", "nat-lab.psd1"]
    assert "── nat-lab.psd1 ──" in panel.view.preview["text"]
    Path("other.psd1").write_text("# mine", encoding="utf-8")
    choose(panel, name="other.ps1")
    assert panel.view.preview == {}  # the script names its data file
    press(panel.write_button, panel)
    assert panel.status.text.startswith("other.psd1 already exists")
    assert not Path("other.ps1").exists()
    press(panel.overwrite_question.yes_button, panel)
    assert panel.status.text == "Wrote other.ps1, other.psd1"
    assert b"other.psd1" in Path("other.ps1").read_bytes()


@pytest.mark.parametrize("name", ["x" * 300 + ".html", "lab\0.html"])
def test_a_name_that_no_file_can_have_is_refused_with_the_reason(panel, name):
    press(panel.preview_button, panel)
    choose(panel, name=name)
    press(panel.write_button, panel)
    assert panel.status.state == "failed"
    assert "cannot be written" in panel.status.text
    assert "Unexpected" not in panel.status.text
