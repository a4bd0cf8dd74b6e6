"""A simulated host without a state file ends with its command, and the command says so."""

import re
from pathlib import Path

import pytest

from nestlab.cli import main

LAB = Path(__file__).parents[2] / "notebooks" / "topologies" / "nat-lab.yml"
KEPT = "sim:ws2022-intel?state=host.json"
NOTE = "A simulated host without a state file ends with its command, and the next command has a new one."


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "journals"))

    def command(*words):
        code = main([str(word) for word in words])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return command


@pytest.mark.parametrize(
    "words",
    [("apply", LAB, "--yes"), ("nesting", "enable", "dc-archive", "--yes")],
    ids=lambda words: words[0],
)
def test_a_run_says_how_to_keep_the_host_and_not_how_to_undo(run, words):
    code, out, _ = run(*words)
    assert code == 0
    assert "To undo" not in out
    assert out.splitlines()[-2:] == [
        NOTE,
        f'To keep one between commands: --host "{KEPT}"',
    ]
    code, out, _ = run(*words, "--host", KEPT)
    assert code == 0
    assert NOTE not in out
    assert "To undo: nestlab undo" in out


@pytest.mark.parametrize(
    ("words", "code"), [(("verify", LAB), 1), (("drift", LAB), 1), (("destroy", LAB), 0)]
)
def test_a_command_that_finds_no_lab_says_that_the_host_is_new(run, words, code):
    assert run("apply", LAB, "--yes")[0] == 0
    found, out, _ = run(*words, "--yes") if words[0] == "destroy" else run(*words)
    assert found == code
    assert NOTE in out
    assert NOTE not in run(*words, "--host", KEPT)[1]


def test_undo_of_a_run_on_such_a_host_says_why_it_undoes_nothing(run):
    assert run("apply", LAB, "--yes", "--journal", "run.jsonl")[0] == 0
    code, out, _ = run("undo", "run.jsonl", "--yes")
    assert code == 0
    assert "skipped" in out
    assert NOTE in out


def test_what_is_named_keeps_the_other_options_of_the_host(run):
    _, out, _ = run("apply", LAB, "--yes", "--host", "sim:ws2022-intel?language=es")
    (named,) = re.findall(r'--host "([^"]+)"', out)
    assert run("apply", LAB, "--yes", "--host", named)[0] == 0
    assert run("verify", LAB, "--host", named)[0] == 0


def test_with_json_the_output_is_only_json(run):
    _, out, _ = run("apply", LAB, "--yes", "--json")
    assert all(line.startswith("{") for line in out.splitlines())
