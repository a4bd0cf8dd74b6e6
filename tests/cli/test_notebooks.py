"""`nestlab`: JupyterLab on the notebooks."""

import json
from pathlib import Path

import pytest

from nestlab.cli import copy_notebooks, main, notebooks
from nestlab.cli.copy_notebooks import FOLDER
from nestlab.cli.notebook_copy import RECORD
from nestlab.cli.notebooks import START, lab_arguments, notebook_folder
from nestlab.texts import set_language


@pytest.fixture
def in_spanish():
    set_language("es")
    yield
    set_language("en")


def test_there_may_be_no_notebooks(tmp_path):
    assert notebook_folder(tmp_path, tmp_path) is None


def test_opens_the_start_notebook_of_the_clone(tmp_path):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / START).touch()
    assert notebook_folder(tmp_path, tmp_path / "elsewhere") == tmp_path / "notebooks"


@pytest.fixture
def outside(tmp_path, monkeypatch):
    """An empty folder, an empty home, a nestlab that is not in a clone; and what JupyterLab gets."""
    started = []
    for name in ("here", "home"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr(copy_notebooks.Path, "home", lambda: tmp_path / "home")
    monkeypatch.setattr(notebooks, "ROOT", tmp_path / "site-packages")
    monkeypatch.setattr(notebooks, "launch", lambda _, arguments: started.append(arguments) or 0)
    return tmp_path, started


def test_outside_a_clone_the_first_start_copies_the_notebooks(outside, capsys):
    folder, started = outside
    assert main(["--no-browser"]) == 0
    assert f"--ServerApp.root_dir={folder / 'home' / FOLDER}" in started[0]
    copied = folder / "home" / FOLDER
    assert (copied / START).is_file()
    assert (copied / "es" / START).is_file()
    assert (copied / "topologies" / "nat-lab.yml").is_file()
    assert "were copied to" in capsys.readouterr().err
    assert list((folder / "here").iterdir()) == []


def test_later_starts_open_what_is_there_and_copy_nothing(outside, capsys):
    folder, started = outside
    main(["--no-browser"])
    (folder / "home" / FOLDER / "topologies" / "nat-lab.yml").unlink()
    capsys.readouterr()
    assert main(["--no-browser"]) == 0
    assert started[0] == started[1]
    assert not (folder / "home" / FOLDER / "topologies" / "nat-lab.yml").exists()
    assert "copied" not in capsys.readouterr().err


def test_a_copy_of_another_version_is_named(outside, capsys):
    folder, _ = outside
    main(["--no-browser"])
    record = folder / "home" / FOLDER / RECORD
    data = json.loads(record.read_text(encoding="utf-8"))
    record.write_text(json.dumps({**data, "version": "0.0.9"}), encoding="utf-8")
    capsys.readouterr()
    assert main(["--no-browser"]) == 0
    assert "these notebooks are from nestlab 0.0.9" in capsys.readouterr().err


def test_a_copy_in_the_current_folder_comes_before_that_at_home(outside):
    folder, started = outside
    main(["notebooks", "--to", FOLDER])
    assert main(["--no-browser"]) == 0
    assert f"--ServerApp.root_dir={folder / 'here' / FOLDER}" in started[0]
    assert list((folder / "home").iterdir()) == []


def test_a_home_that_cannot_be_written_to_is_one_clear_error(outside, capsys):
    folder, started = outside
    (folder / "home" / FOLDER).write_text("a file", encoding="utf-8")
    assert main(["--no-browser"]) == 2
    error = capsys.readouterr().err
    assert str(folder / "home" / FOLDER) in error
    assert "nestlab notebooks --to DIR" in error
    assert started == []


def test_listens_on_this_computer_only(tmp_path):
    assert "--ServerApp.ip=127.0.0.1" in lab_arguments(tmp_path)


def test_listens_on_the_address_that_is_given(outside):
    _, started = outside
    assert main(["--no-browser"]) == 0
    assert main(["--no-browser", "--ip", "localhost"]) == 0
    assert "--ServerApp.ip=127.0.0.1" in started[0]
    assert "--ServerApp.ip=localhost" in started[1]


def test_app_shows_one_document(tmp_path):
    assert f"--LabApp.default_url=/doc/tree/{START}" in lab_arguments(tmp_path, app=True)


def test_opens_the_start_notebook_in_the_chosen_language(in_spanish, tmp_path):
    assert f"--LabApp.default_url=/lab/tree/{START}" in lab_arguments(tmp_path)
    (tmp_path / "es").mkdir()
    (tmp_path / "es" / START).touch()
    assert f"--LabApp.default_url=/lab/tree/es/{START}" in lab_arguments(tmp_path)


def test_a_port_that_was_asked_for_is_taken_or_refused(tmp_path):
    assert {"--ServerApp.port=9999", "--ServerApp.port_retries=0"} <= set(
        lab_arguments(tmp_path, port=9999)
    )


def test_the_news_are_off():
    settings = json.loads(
        (Path(notebooks.__file__).parent / "jupyter" / "overrides.json").read_text(encoding="utf-8")
    )
    assert settings["@jupyterlab/apputils-extension:notification"]["fetchNews"] == "false"
