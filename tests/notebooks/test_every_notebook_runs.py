"""Every notebook runs from top to bottom, without a browser, on the simulated host."""

import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = [*sorted(FOLDER.glob("*.ipynb")), *sorted(FOLDER.glob("??/*.ipynb"))]


def name_of(path):
    return path.relative_to(FOLDER).with_suffix("").as_posix()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name_of)
def test_runs_from_top_to_bottom(path, tmp_path):
    copy = tmp_path / "notebooks"  # what it writes stays out of the clone
    folder = copy / path.parent.relative_to(FOLDER)
    for files in ("topologies", "workshops"):
        shutil.copytree(path.parent / files, folder / files)
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(folder)}}).execute()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name_of)
def test_is_saved_clean(path):
    notebook = nbformat.read(path, as_version=4)
    assert "widgets" not in notebook.metadata, (
        "widget state is saved: it makes the file large and asks for a server elsewhere"
    )
    errors = [
        output.ename
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    ]
    assert errors == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name_of)
def test_reads_well_without_a_kernel(path):
    notebook = nbformat.read(path, as_version=4)
    shown = [
        (cell.source, output["data"])
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "data" in output
    ]
    assert shown
    for source, data in shown:
        assert "application/vnd.jupyter.widget-view+json" not in data, (
            "a widget shows nothing without its kernel"
        )
        if "Panel" in source or "Designer" in source:
            assert {"text/html", "image/png"} & data.keys(), source
        assert " object at 0x" not in str(data.get("text/plain")), source
