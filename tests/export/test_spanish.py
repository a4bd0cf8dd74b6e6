"""Documents in Spanish: the same content, with the texts of the Spanish catalogue."""

from pathlib import Path
from types import SimpleNamespace

import nbformat
from nbclient import NotebookClient

import nestlab
from nestlab import texts
from nestlab.export import runbook
from nestlab.lab.simulated_run import simulated_run

NAT_LAB = Path(__file__).parents[2] / "notebooks" / "topologies" / "nat-lab.yml"


def test_a_handout_is_in_spanish(tmp_path, spanish):
    path = tmp_path / "lab.html"
    nestlab.export_topology(nestlab.load(NAT_LAB), path, to="html")
    text = path.read_text(encoding="utf-8")
    assert '<html lang="es">' in text
    assert "Conmutadores virtuales en el host" in text
    assert "Ir al contenido" in text
    assert "The lab at a glance" not in text


def test_the_help_of_a_script_is_in_spanish(tmp_path, spanish):
    path = tmp_path / "lab.ps1"
    nestlab.export_topology(nestlab.load(NAT_LAB), path, to="powershell")
    help_ = path.read_text(encoding="utf-8-sig").partition("#>")[0]
    assert "Crea el laboratorio nat-lab en este equipo" in help_
    assert "están en lab.psd1" in help_
    assert "The script" not in help_


def test_a_runbook_in_spanish_runs_as_the_english_one(tmp_path, spanish):
    book = nbformat.reads(runbook(nestlab.load(NAT_LAB)), as_version=4)
    titles = [cell.source.splitlines()[0] for cell in book.cells if cell.source.startswith("## ")]
    assert {"## Conectar", "## Planificar", "## Aplicar", "## Deshacer"} <= set(titles)
    NotebookClient(book, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    (verdict,) = (cell for cell in book.cells if cell.id == "verdict")
    assert "No hay nada que hacer" in str(verdict.outputs)
    (undo,) = (cell for cell in book.cells if cell.id == "undo")
    assert "El laboratorio se queda como está" in str(undo.outputs)
    (apply,) = (cell for cell in book.cells if cell.id == "apply")
    assert "Crear" in str(apply.outputs)


def test_the_texts_in_the_code_of_a_runbook_are_in_its_language(spanish):
    cells = {
        cell.id: cell.source for cell in nbformat.reads(runbook(nestlab.load(NAT_LAB)), 4).cells
    }
    assert "nestlab.set_language('es')" in cells["connect"]
    asked = []
    names = {"input": lambda text: asked.append(text) or "s"}
    exec(cells["apply"].split("\n\n\n")[0], names)  # noqa: S102  # a cell of the runbook
    assert names["confirm"](SimpleNamespace(title="Crear web1", why="falta"))
    assert asked == ["Crear web1, porque falta. ¿Ejecutar este paso? s/n "]
    texts.set_language("en")
    (connect,) = (
        cell.source
        for cell in nbformat.reads(runbook(nestlab.load(NAT_LAB)), 4).cells
        if cell.id == "connect"
    )
    assert "set_language" not in connect


def test_the_steps_are_the_same_in_every_language(spanish):
    topology = nestlab.load(NAT_LAB)
    in_spanish = simulated_run(topology, nestlab.Lab).steps
    texts.set_language("en")
    in_english = simulated_run(topology, nestlab.Lab).steps
    assert [step.id for step in in_spanish] == [step.id for step in in_english]
    assert [step.cmdlets for step in in_spanish] == [step.cmdlets for step in in_english]
