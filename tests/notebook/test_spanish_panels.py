"""The panels in Spanish: other texts, and the same steps, states and values."""

import re
from pathlib import Path

import pytest

import nestlab
from nestlab import texts
from nestlab.drawing.font_metrics import text_width
from nestlab.notebook import (
    CapabilityPanel,
    ConnectPanel,
    DocumentPanel,
    NestingPanel,
    PlanPanel,
    TopologyDesigner,
)
from nestlab.notebook.document_preview import DocumentView
from nestlab.notebook.findings_view import ReportView
from nestlab.notebook.page_texts import DESIGNER_TEMPLATES, TranslatedWidget
from nestlab.notebook.panel_labels import DELETE_OTHERS, with_panel_labels
from nestlab.notebook.status import StatusLine
from nestlab.notebook.steps import StepList
from nestlab.notebook.vm_table import VMTable
from nestlab.plan import DELETE_OTHERS_OPTION
from nestlab.simulator.scenarios import scenario_descriptions

LAB = Path(__file__).parents[2] / "notebooks" / "topologies" / "bridged-lab.yml"
WIDGETS = (DocumentView, ReportView, StatusLine, StepList, TopologyDesigner, VMTable)


@pytest.fixture(autouse=True)
def english_afterwards():
    yield
    texts.set_language("en")


@pytest.fixture
def spanish():
    nestlab.set_language("es")


@pytest.mark.parametrize("widget", WIDGETS, ids=lambda widget: widget.__name__)
def test_python_passes_every_text_of_the_page(widget):
    source = str(widget._esm)
    used = re.findall(r'\b(?:tr|marked)\(\s*"([^"]*)"', source)
    sent = DESIGNER_TEMPLATES.values() if widget is TopologyDesigner else ()  # in a trait
    assert sorted(widget.PAGE_TEXTS) == sorted({*used, *sent})


def test_every_widget_with_a_page_is_known_here():
    # By name: anywidget makes a class of the same name for each widget that other tests have open.
    found = {widget.__qualname__ for widget in _widgets(TranslatedWidget)}
    assert found == {widget.__qualname__ for widget in WIDGETS}


def _widgets(base):
    below = base.__subclasses__()
    return {base} if not below else {each for part in below for each in _widgets(part)}


@pytest.mark.parametrize("widget", [StatusLine, StepList, VMTable], ids=lambda w: w.__name__)
def test_a_widget_keeps_the_language_in_which_it_was_created(widget):
    assert widget().texts == {}
    nestlab.set_language("es")
    shown = widget()
    before = dict(shown.texts)
    assert set(before) == set(widget.PAGE_TEXTS)
    assert [text for text in before.values() if not text] == []
    nestlab.set_language("en")
    assert shown.texts == before


def test_the_connect_panel_changes_its_labels_and_the_language_of_later_panels():
    panel = ConnectPanel()
    assert (panel.connect_button.description, panel.password.description) == ("Connect", "Password")
    panel.connect()
    panel.job.join(60)
    assert "build" in panel.host_summary.value
    panel.language.value = "es"
    assert texts.language() == "es"
    assert panel.connect_button.description == "Conectar"
    assert panel.password.description == "Contraseña"
    assert "compilación" in panel.host_summary.value
    assert "hosts simulados" in panel.scenarios.value
    assert NestingPanel(panel.host).apply_button.description == "Aplicar"
    panel.language.value = "en"
    assert panel.connect_button.description == "Connect"
    assert ConnectPanel().language.value == "en"


def applied(language):
    nestlab.set_language(language)
    lab = nestlab.Lab(nestlab.load(LAB), nestlab.connect(prepared_for=nestlab.load(LAB)))
    panel = PlanPanel(lab)
    panel.job.join(60)
    panel.run_to_end(120)
    done = [(result.step.id, str(result.status)) for result in panel.results]
    status = panel.status.text
    panel.undo().join(120)
    return done, panel.steps.states, status, panel.status.text, panel.buttons.apply.description


def test_a_lab_is_applied_and_undone_with_the_same_steps(tmp_path, monkeypatch):
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path))
    english, spanish = applied("en"), applied("es")
    assert spanish[:2] == english[:2]
    assert len(english[0]) > 5
    assert english[2].endswith("steps applied: the host matches the topology.")
    assert spanish[2].endswith("pasos aplicados: el host coincide con la topología.")
    assert spanish[3].endswith("pasos deshechos: se restauraron los valores anteriores.")
    assert (english[4], spanish[4]) == ("Apply all", "Aplicar todo")


def edited():
    designer = TopologyDesigner(nestlab.load(LAB))
    designer.edit({"do": "add-vm", "into": "host"})
    chosen = f"adapter:{designer.selection}/0"
    designer.edit({"do": "set", "id": chosen, "field": "switch", "value": "(not connected)"})
    designer.selection = chosen
    values = [(field["name"], field["value"], field["options"]) for field in designer.fields]
    return designer.topology, values, designer.message


def test_edits_of_the_designer_have_the_same_values(spanish):
    in_spanish = edited()
    nestlab.set_language("en")
    in_english = edited()
    assert in_spanish[:2] == in_english[:2]
    assert in_english[2].endswith("is (not connected) now.")
    assert in_spanish[2].endswith("es ahora (no conectado).")


def test_an_option_of_the_command_line_is_named_by_its_box(spanish):
    box = texts.translate(DELETE_OTHERS)
    assert with_panel_labels(f"x {DELETE_OTHERS_OPTION} y") == f"x “{box}” arriba y"


def widgets(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from widgets(child)


@pytest.mark.parametrize("panel", [CapabilityPanel, ConnectPanel, DocumentPanel, NestingPanel])
def test_every_label_has_the_room_that_it_needs(spanish, panel):
    shown = panel() if panel is ConnectPanel else panel(nestlab.connect())
    given = {
        each.description: each.style.description_width
        for each in widgets(shown)
        if getattr(getattr(each, "style", None), "description_width", "")
    }
    labels = {text: int(width.removesuffix("px")) for text, width in given.items()}
    assert labels
    assert [text for text, width in labels.items() if text_width(text, 13) > width] == []


def test_states_of_vms_are_shown_in_spanish(spanish):
    host = nestlab.connect()
    table = NestingPanel(host).vms
    assert {row["state"] for row in table.rows} == {"Apagada", "En ejecución"}


def test_simulated_hosts_are_described_in_spanish(spanish):
    described = scenario_descriptions()
    nestlab.set_language("en")
    english = scenario_descriptions()
    assert described.keys() == english.keys()
    assert [name for name in english if english[name] == described[name]] == []
    nestlab.set_language("es")
    assert described["no-role"] in ConnectPanel().scenarios.value
    with pytest.raises(nestlab.NestlabError, match="No hay ningún host simulado 'nonsense'"):
        nestlab.connect("sim:nonsense")


def test_labels_of_the_form_begin_with_a_capital(spanish):
    designer = TopologyDesigner(nestlab.load(LAB))
    designer.selection = "adapter:HV1/web1/0"
    labels = [field["label"] for field in designer.fields]
    assert "Suplantación de direcciones MAC" in labels
    assert [label for label in labels if label[:1].islower()] == []
