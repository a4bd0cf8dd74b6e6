"""The command line in Spanish: other texts, and the same codes, steps and exit codes."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from nestlab import texts
from nestlab.cli import app, main
from nestlab.cli.console import Console

LAB = Path(__file__).parents[2] / "notebooks" / "topologies" / "bridged-lab.yml"
KEPT = "sim:ws2022-intel?state=host.json"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Journals and state files go into the test's own folder."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def spanish():
    before = texts.language()
    texts.set_language("es")
    yield
    texts.set_language(before)


@pytest.fixture
def run(capsys):
    """Run a command line; returns exit code, standard output, standard error."""

    def start(*words):
        code = main([str(word) for word in words])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return start


@pytest.mark.parametrize("name", [command.name for command in app.commands()])
def test_the_help_of_each_command_is_in_spanish(name, run):
    code, out, _ = run("--language", "es", name, "--help")
    assert code == 0
    assert out.startswith(f"uso: nestlab {name} [-h]")
    assert out.count("\nopciones:\n") == 1
    assert "\nejemplos:\n" in out
    of_argparse = ("usage:", "options:", "show this help", "positional arguments", "examples:")
    assert [words for words in of_argparse if words in out] == []


def test_the_language_can_be_before_and_after_the_command(run):
    before = run("--language", "es", "validate", LAB)
    after = run("validate", LAB, "--language=es")
    assert before == after
    assert before[1] == "No hay hallazgos.\n"
    assert run("validate", LAB)[1] == "No findings.\n"
    assert texts.language() == "en"


def test_a_language_that_is_not_there_is_bad_usage(run):
    code, _, err = run("--language", "xx", "validate", LAB)
    assert code == 2
    assert "invalid value 'xx'. Choices: en, es." in err


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("tarce",), "comando desconocido 'tarce'. ¿Quiso decir trace?"),
        (("trace",), "faltan los siguientes argumentos, que son obligatorios: TOPOLOGY"),
        (("validate", "a.yml", "b.yml"), "argumentos no reconocidos: b.yml"),
        (("--port",), "argumento --port: se esperaba un argumento"),
        (("--port", "x"), "argumento --port: no es un número entero: 'x'"),
        (("simulate", "--port", "70000"), "'70000' no es un puerto (de 0 a 65535)"),
        (("check", "--host", "a", "--host", "b"), "se indicó dos veces, 'a' y 'b'"),
        (("nesting", "enable"), "No se indicó ninguna VM"),
    ],
)
def test_errors_of_usage_have_the_same_code(words, text, run):
    in_english = run(*words)
    in_spanish = run("--language", "es", *words)
    assert in_english[0] == in_spanish[0] == 2
    assert text in in_spanish[2]
    assert text not in in_english[2]


def steps(out):
    """What a program reads of a run: events with steps, without texts, times and files."""
    lines = [json.loads(line) for line in out.splitlines()]
    return [
        (line["event"], line.get("number"), line.get("status"), line.get("step", {}).get("id"))
        for line in lines
        if line["event"] in ("step-started", "step-finished", "finished")
    ]


def test_a_lab_is_applied_and_undone_in_the_same_steps(run):
    done = {}
    for language in texts.LANGUAGES:
        host = ("--host", f"sim:ws2022-intel?state={language}.json", "--language", language)
        applied = run("apply", LAB, *host, "--yes", "--json", "--journal", f"{language}.jsonl")
        undone = run("undo", f"{language}.jsonl", *host, "--yes", "--json")
        done[language] = (applied[0], steps(applied[1]), undone[0], steps(undone[1]))
    assert done["en"] == done["es"]
    assert done["es"][0] == 0
    assert len(done["es"][1]) > 5


def test_a_plan_and_a_run_are_shown_in_spanish(run):
    _, plan, _ = run("plan", LAB, "--language", "es")
    assert re.search(
        r"\n9 pasos, 1 de ellos peligroso; 2 máquinas que se planificarán más tarde\.\n$", plan
    )
    assert "\n   porque " in plan
    code, out, _ = run("apply", LAB, "--host", KEPT, "--yes", "--language", "es")
    assert code == 0
    assert "\nhecho: host: " in out
    assert "pasos, todos correctos.\nPara deshacer: nestlab undo " in out


@pytest.mark.usefixtures("spanish")
@pytest.mark.parametrize(
    ("answer", "consent"),
    [("s\n", True), ("Sí\n", True), ("si\n", True), ("y\n", True), ("\n", False), ("n\n", False)],
)
def test_a_question_is_answered_in_spanish(monkeypatch, capsys, answer, consent):
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    assert Console().ask("¿Seguir?", read=lambda: answer) is consent
    assert capsys.readouterr().err == "¿Seguir? [s/N] "


def test_spanish_yes_is_no_consent_in_english(monkeypatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    assert not Console().ask("Go on?", read=lambda: "s\n")


def test_the_variable_chooses_the_language():
    result = subprocess.run(
        [sys.executable, "-m", "nestlab", "journals", "--help"],
        capture_output=True,
        encoding="utf-8",
        check=True,
        env={**os.environ, texts.VARIABLE: "es", "PYTHONUTF8": "1"},
        cwd=Path(__file__).parents[2],
    )
    assert "muestra los diarios" in result.stdout.lower()
