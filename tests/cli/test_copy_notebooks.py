"""`nestlab notebooks`: a copy for the user, and what an update does to it."""

import json
import re
from pathlib import Path

import pytest

from nestlab.cli import copy_notebooks, main
from nestlab.cli.notebook_copy import RECORD, NotebookCopy
from nestlab.cli.shipped_files import START, shipped_files, source_folder
from nestlab.texts import set_language

ROOT = Path(__file__).parents[2]
LAB = "topologies/nat-lab.yml"
WORKSHOP = "es/workshops/find-and-fix-1.yml"
GUIDE = "workshops/bare-to-routed.md"


@pytest.fixture
def in_spanish():
    set_language("es")
    yield
    set_language("en")


@pytest.fixture
def comes_with_it(monkeypatch):
    """What comes with nestlab: a small set of files that a test can change."""
    cell = {"cell_type": "code", "source": ["1 + 1"], "outputs": []}
    files = {
        LAB: b"name: nat-lab\n",
        "docs/index.md": b"# nestlab\n",
        START: json.dumps({"cells": [cell]}).encode(),
    }
    monkeypatch.setattr(copy_notebooks, "shipped", lambda: files)
    return files


@pytest.fixture
def copied(comes_with_it, tmp_path, capsys):
    folder = tmp_path / "course"
    assert main(["notebooks", "--to", str(folder)]) == 0
    capsys.readouterr()
    return folder


def update(folder, capsys, *words):
    assert main(["notebooks", "--to", str(folder), "--update", "--json", *words]) == 0
    document = json.loads(capsys.readouterr().out)
    return {each["file"]: each["change"] for each in document["differences"]}, document["copied"]


def with_output(content):
    notebook = json.loads(content)
    notebook["cells"][0]["outputs"] = [{"output_type": "stream", "text": "2"}]
    return json.dumps(notebook).encode()


def test_copies_what_comes_with_it(tmp_path, capsys):
    assert main(["notebooks", "--to", str(tmp_path / "course")]) == 0
    there = {
        path.relative_to(tmp_path / "course").as_posix()
        for path in (tmp_path / "course").rglob("*")
        if path.is_file()
    }
    assert there == {*shipped_files(source_folder()), RECORD}
    assert {
        START,
        f"es/{START}",
        LAB,
        "topologies/broken/small-host.yml",
        WORKSHOP,
        GUIDE,
        "docs/plan.md",
    } <= there
    assert f"{len(there) - 1} files were copied" in capsys.readouterr().out


def test_what_someone_wrote_in_the_clone_is_not_part_of_it(tmp_path):
    for name in (
        f"notebooks/{START}",
        "notebooks/my-lab.yml",
        "notebooks/mine.ipynb",
        f"notebooks/.ipynb_checkpoints/{START}",
        "docs/.ipynb_checkpoints/index.md",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("{}", encoding="utf-8")
    assert list(shipped_files(tmp_path)) == [START]


def test_links_in_a_copy_lead_to_files(tmp_path):
    files = shipped_files(source_folder())
    wrong = []
    for name, content in files.items():
        if not name.endswith((".md", ".ipynb")):
            continue
        for link in re.findall(r"\]\(([\w./-]+\.(?:md|ipynb|yml|svg))[)#]", content.decode()):
            target = (tmp_path / name).parent / link
            if Path(target).resolve().relative_to(tmp_path.resolve()).as_posix() not in files:
                wrong.append((name, link))
    assert wrong == []


def test_what_is_there_is_kept(comes_with_it, tmp_path, capsys):
    (tmp_path / "topologies").mkdir()
    (tmp_path / LAB).write_text("mine", encoding="utf-8")
    assert main(["notebooks", "--to", str(tmp_path)]) == 0
    assert (tmp_path / LAB).read_text(encoding="utf-8") == "mine"
    assert (tmp_path / START).is_file()
    out = capsys.readouterr().out
    assert "2 files were copied" in out
    assert "1 file there differs" in out


def test_a_second_copy_changes_nothing(copied, capsys):
    assert main(["notebooks", "--to", str(copied)]) == 0
    assert "nothing was copied" in capsys.readouterr().out


def test_an_update_tells_what_differs_and_how(comes_with_it, copied, capsys):
    (copied / LAB).write_bytes(b"name: mine\n")
    (copied / START).write_bytes(with_output(comes_with_it[START]))
    comes_with_it["docs/index.md"] = b"# A newer page\n"
    comes_with_it["docs/plan.md"] = b"# Plans\n"
    changes, done = update(copied, capsys)
    assert changes == {
        LAB: "edited",
        START: "run",
        "docs/index.md": "newer",
        "docs/plan.md": "new",
    }
    assert done == []
    assert (copied / "docs/index.md").read_bytes() == b"# nestlab\n"


def test_an_update_writes_what_was_not_changed_and_nothing_else(comes_with_it, copied, capsys):
    mine = with_output(comes_with_it[START])
    (copied / START).write_bytes(mine)
    comes_with_it[START] = comes_with_it[START].replace(b"1 + 1", b"2 + 2")
    comes_with_it["docs/index.md"] = b"# A newer page\n"
    changes, done = update(copied, capsys, "--yes")
    assert changes == {START: "both", "docs/index.md": "newer"}
    assert done == ["docs/index.md"]
    assert (copied / START).read_bytes() == mine
    assert (copied / "docs/index.md").read_bytes() == b"# A newer page\n"
    assert update(copied, capsys, "--yes") == ({START: "both"}, [])


def test_deleting_a_file_is_the_way_to_the_new_one(comes_with_it, copied, capsys):
    (copied / LAB).write_bytes(b"name: mine\n")
    comes_with_it[LAB] = b"name: newer\n"
    assert update(copied, capsys, "--yes")[1] == []
    (copied / LAB).unlink()
    assert update(copied, capsys, "--yes")[1] == [LAB]
    assert (copied / LAB).read_bytes() == b"name: newer\n"


def test_a_file_that_is_gone_from_nestlab_is_kept(comes_with_it, copied, capsys):
    del comes_with_it["docs/index.md"]
    assert update(copied, capsys, "--yes") == ({"docs/index.md": "gone"}, [])
    assert (copied / "docs/index.md").is_file()


def test_an_update_asks_first(comes_with_it, copied, capsys, monkeypatch):
    comes_with_it[LAB] = b"name: newer\n"
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    for answer, expected in (("n\n", b"name: nat-lab\n"), ("y\n", b"name: newer\n")):
        monkeypatch.setattr("sys.stdin.readline", lambda answer=answer: answer, raising=False)
        assert main(["notebooks", "--to", str(copied), "--update"]) == 0
        assert (copied / LAB).read_bytes() == expected
    assert "Copy 1 file?" in capsys.readouterr().err


def test_an_interrupted_copy_is_continued(comes_with_it, copied, capsys):
    (copied / START).unlink()
    (copied / LAB).unlink()
    assert main(["notebooks", "--to", str(copied)]) == 0
    capsys.readouterr()
    assert update(copied, capsys) == ({}, [])


def test_a_record_that_cannot_be_read_counts_as_none(comes_with_it, copied, capsys):
    for text in ("", "[]", '{"files": 1}', '{"version": "1", "files": {"a": 1}}'):
        (copied / RECORD).write_text(text, encoding="utf-8")
        assert NotebookCopy.at(copied).version == ""
        comes_with_it[LAB] = b"name: newer\n"
        assert update(copied, capsys, "--yes") == ({LAB: "edited"}, [])


def test_the_folder_of_the_notebooks_is_no_copy(capsys):
    assert main(["notebooks", "--to", str(ROOT / "notebooks")]) == 2
    assert "is the folder that the notebooks are copied from" in capsys.readouterr().err


def test_a_file_is_no_folder(tmp_path, capsys):
    (tmp_path / "course").touch()
    assert main(["notebooks", "--to", str(tmp_path / "course")]) == 2
    assert "is not a folder" in capsys.readouterr().err


def test_a_package_without_notebooks_says_how_to_get_them(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(copy_notebooks, "source_folder", lambda: None)
    assert main(["notebooks", "--to", str(tmp_path)]) == 2
    assert "pip install" in capsys.readouterr().err


def test_in_spanish_the_same_is_copied(in_spanish, comes_with_it, copied, capsys):
    comes_with_it[LAB] = b"name: newer\n"
    assert main(["notebooks", "--to", str(copied), "--update", "--yes"]) == 0
    out = capsys.readouterr().out
    assert "más reciente que en su carpeta" in out
    assert (copied / LAB).read_bytes() == b"name: newer\n"
