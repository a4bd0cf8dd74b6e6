"""The list of journals, and undo, after the lab of a run was destroyed."""

import json

import pytest

from nestlab.cli import main

LAB = "name: lab\nswitches: [{name: S, switch_type: Internal, ip_address: 10.9.0.1/24}]\n"
HOST = "sim:ws2022-intel?state=host.json"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "home"))
    (tmp_path / "lab.yml").write_text(LAB, encoding="utf-8")
    return tmp_path


@pytest.fixture
def nestlab(capsys):
    def run(*words):
        code = main(list(words))
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture
def destroyed(nestlab, here):
    assert nestlab("apply", "lab.yml", "--host", HOST, "--yes")[0] == 0
    assert nestlab("destroy", "lab.yml", "--host", HOST, "--yes")[0] == 0
    (journal,) = (here / "home").glob("*.jsonl")
    return journal


def test_a_destroyed_lab_is_listed_as_such_with_the_time(nestlab, destroyed):
    (row,) = json.loads(nestlab("journals", "--json")[1])["journals"]
    assert row["steps_to_undo"] == 0
    assert row["destroyed"].startswith("20")
    out = nestlab("journals")[1]
    assert f"0, destroyed {row['destroyed']}" in out


def test_undo_says_that_the_lab_was_destroyed_and_when(nestlab, destroyed):
    (row,) = json.loads(nestlab("journals", "--json")[1])["journals"]
    for words in ((str(destroyed),), ("lab.yml", "--host", HOST)):
        code, out, _ = nestlab("undo", *words, "--yes")
        assert code == 0
        assert f"Nothing to undo: lab was destroyed at {row['destroyed']}" in out


def test_undo_finds_the_journals_of_a_host_with_a_language(nestlab):
    # Before, an address with another option before its state file had no journals.
    host = "sim:ws2022-intel?language=fr&state=host.json"
    assert nestlab("apply", "lab.yml", "--host", host, "--yes")[0] == 0
    assert nestlab("undo", "--host", host, "--yes")[0] == 0


def test_undo_without_a_name_passes_over_a_destroyed_lab(nestlab, destroyed):
    code, _, err = nestlab("undo", "--yes")
    assert code == 2
    assert "has steps to undo" in err


def test_a_run_that_was_undone_says_so(nestlab, here):
    nestlab("apply", "lab.yml", "--host", HOST, "--yes")
    nestlab("undo", "--yes")
    code, out, _ = nestlab("undo", "lab.yml", "--host", HOST, "--yes")
    assert code == 0
    assert "Nothing to undo: all steps of this journal are undone." in out
    (row,) = json.loads(nestlab("journals", "--json")[1])["journals"]
    assert (row["steps_to_undo"], row["destroyed"]) == (0, None)
