"""Documents in Spanish: the same content, with the texts of the Spanish catalogue."""

import re
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from nbclient import NotebookClient

import nestlab
from nestlab import texts
from nestlab.export import powershell as export_powershell
from nestlab.export import runbook
from nestlab.export.powershell.script_texts import script_texts
from nestlab.lab.simulated_run import simulated_run

pytest.importorskip(
    "tree_sitter_powershell", reason="the grammar of the engine: pip install -e .[test]"
)
from tests.export.engine import PsError, run_script  # it needs the grammar

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


def test_what_a_script_says_while_it_runs_is_in_spanish(tmp_path, spanish):
    path = tmp_path / "lab.ps1"
    nestlab.export_topology(nestlab.load(NAT_LAB), path, to="powershell")
    ran = run_script(path, nestlab.connect())
    assert set(ran.results.values()) == {"hecho", "no necesario"}
    assert ran.host.prompts == ["Cuenta de los invitados: lab-admin"]
    assert set(run_script(path, nestlab.connect()).results) == set(ran.results)
    assert {row["Machine"] for row in ran.rows if "/" not in row["Machine"]} == {
        "este equipo",
        "HV1",
    }
    tested = run_script(path, nestlab.connect(), what_if=True)
    assert set(tested.results.values()) == {"no hecho"}
    assert all(", porque " in each for each in tested.host.what_if)
    assert any("-WhatIf no la pide" in each for each in tested.host.verbose)
    with pytest.raises(
        PsError, match="HV1 no respondió a través de PowerShell Direct en 0 minutos"
    ):
        run_script(path, nestlab.connect(), timeout=0)
    with pytest.raises(PsError, match="No hay ninguna credencial"):
        run_script(path, nestlab.connect(), cancels=True)


def test_the_fixed_part_of_a_script_has_no_text_of_its_own_and_each_text_its_values():
    folder = Path(export_powershell.__file__).parent
    fixed = "".join(
        (folder / f"Lab{part}.ps1").read_text("utf-8") for part in ("Functions", "Steps")
    )
    code = re.sub(r"<#.*?#>|^\s*#[^\n]*$", "", fixed, flags=re.DOTALL | re.MULTILINE)
    sentences = [
        each
        for each in re.findall(r"\"[^\"\n]*\"|'[^'\n]*'", code)
        if re.search(r"[a-z]{2,} [a-z]{2,}", each)
    ]
    assert sentences == []
    known = script_texts()
    used = set(re.findall(r"\$lab\.Texts\.(\w+)", code))
    assert used == set(known)
    for name, given in re.findall(r"\$lab\.Texts\.(\w+) -f ((?:[^()\n;|]|\([^()\n]*\))+)", code):
        count = len(re.sub(r"\([^()]*\)", "", given).split(","))
        assert {int(number) for number in re.findall(r"\{(\d)\}", known[name])} == set(
            range(count)
        ), name


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
