"""`nestlab`: JupyterLab on the notebooks."""

import json
from pathlib import Path

import pytest

from nestlab.cli import notebooks
from nestlab.cli.notebooks import START, lab_arguments, notebook_folder
from nestlab.errors import UsageError
from nestlab.texts import set_language


@pytest.fixture
def in_spanish():
    set_language("es")
    yield
    set_language("en")


def test_opens_the_start_notebook_of_the_clone(tmp_path):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / START).touch()
    assert notebook_folder(tmp_path, tmp_path / "elsewhere") == tmp_path / "notebooks"


def test_without_notebooks_says_where_they_are(tmp_path):
    with pytest.raises(UsageError, match="are in the source repository"):
        notebook_folder(tmp_path, tmp_path)


def test_listens_on_this_computer_only(tmp_path):
    assert "--ServerApp.ip=127.0.0.1" in lab_arguments(tmp_path)


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
